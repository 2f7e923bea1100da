//! Serves metrics and the probes of a supervisor over HTTP.

use super::metrics::{Format, render};
use std::{
    io::{self, ErrorKind, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};
use traceship::{Health, Stats};

/// Maximum number of connected clients. If there are more, the oldest one is disconnected.
const MAX_CLIENTS: usize = 256;
/// Maximum time for a client to send its request and to receive the response.
const TIMEOUT: Duration = Duration::from_secs(2);
/// How often clients that have not sent all of their request are looked at.
const PAUSE: Duration = Duration::from_millis(5);
/// Maximum size of a request.
const MAX_REQUEST_BYTES: usize = 8 << 10;

/// The address at which metrics are served.
pub(crate) struct Server {
    listener: TcpListener,
    /// In the order in which they have connected.
    clients: Vec<Client>,
}

impl Server {
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        Ok(Self {
            listener,
            clients: Vec::new(),
        })
    }

    /// Serves requests until the process ends. One thread serves all clients and waits for none of them, so clients that send nothing do not
    /// delay others.
    pub(crate) fn serve(mut self, stats: &Stats, health: &Health) -> io::Result<()> {
        let (stats, health) = (stats.clone(), health.clone());
        let run = move || {
            loop {
                if self.accept().is_err() {
                    // While no file descriptor is free, each attempt fails immediately.
                    thread::sleep(Duration::from_millis(100));
                }
                self.clients.retain_mut(|client| {
                    client.since.elapsed() < TIMEOUT && client.advance(&stats, &health)
                });
                if !self.clients.is_empty() {
                    thread::sleep(PAUSE);
                }
            }
        };
        thread::Builder::new()
            .name("traceship-metrics".to_owned())
            .stack_size(256 << 10)
            .spawn(run)?;
        Ok(())
    }

    /// Accepts the clients that have connected. Waits for one if there is none.
    fn accept(&mut self) -> io::Result<()> {
        for _ in 0..MAX_CLIENTS {
            self.listener.set_nonblocking(!self.clients.is_empty())?;
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                // The client has gone already.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
                Err(error) => return Err(error),
            };
            stream.set_nonblocking(true)?;
            if self.clients.len() == MAX_CLIENTS {
                self.clients.remove(0);
            }
            self.clients.push(Client::new(stream));
        }
        Ok(())
    }
}

/// A connection, which is not blocking.
struct Client {
    stream: TcpStream,
    since: Instant,
    request: Vec<u8>,
    /// What is left of the response, once the request is complete.
    response: Option<Vec<u8>>,
}

impl Client {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            since: Instant::now(),
            request: Vec::new(),
            response: None,
        }
    }

    /// Reads and writes as much as is possible without waiting. Returns whether the client is still to be served.
    fn advance(&mut self, stats: &Stats, health: &Health) -> bool {
        match self.try_advance(stats, health) {
            Ok(()) => false,
            Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted),
        }
    }

    fn try_advance(&mut self, stats: &Stats, health: &Health) -> io::Result<()> {
        let response = match &mut self.response {
            Some(response) => response,
            None => {
                read_head(&mut self.stream, &mut self.request)?;
                let request = String::from_utf8_lossy(&self.request);
                let bytes = response(&request, stats, health).to_bytes();
                self.response.insert(bytes)
            }
        };
        while !response.is_empty() {
            let written = self.stream.write(response)?;
            if written == 0 {
                return Err(ErrorKind::WriteZero.into());
            }
            response.drain(..written);
        }
        Ok(())
    }
}

struct Response {
    status: &'static str,
    content_type: &'static str,
    body: String,
}

impl Response {
    fn to_bytes(&self) -> Vec<u8> {
        let Self {
            status,
            content_type,
            body,
        } = self;
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nallow: GET\r\nconnection: close\r\n\r\n"
        );
        (head + body).into_bytes()
    }
}

fn response(request: &str, stats: &Stats, health: &Health) -> Response {
    let mut words = request.split([' ', '\r', '\n']);
    let (method, target) = (words.next(), words.next().unwrap_or_default());
    if method != Some("GET") && target.starts_with('/') {
        return text(
            "405 Method Not Allowed",
            "the only method is GET\n".to_owned(),
        );
    }
    match target.split('?').next().unwrap_or_default() {
        "/metrics" => {
            let format = Format::accepted_by(header(request, "accept"));
            Response {
                status: "200 OK",
                content_type: format.content_type(),
                body: render(stats, format),
            }
        }
        "/health" => probe(health.alive()),
        "/ready" => probe(health.ready()),
        _ => text(
            "404 Not Found",
            "there are /metrics, /health and /ready\n".to_owned(),
        ),
    }
}

fn probe(result: Result<(), String>) -> Response {
    match result {
        Ok(()) => text("200 OK", "ok\n".to_owned()),
        Err(why) => text("503 Service Unavailable", format!("{why}\n")),
    }
}

fn text(status: &'static str, body: String) -> Response {
    Response {
        status,
        content_type: "text/plain; charset=utf-8",
        body,
    }
}

/// Returns the value of a header, or nothing.
fn header<'r>(request: &'r str, name: &str) -> &'r str {
    let mut headers = request.lines().filter_map(|line| line.split_once(':'));
    let value = headers.find(|(other, _)| other.trim().eq_ignore_ascii_case(name));
    value.map_or("", |(_, value)| value.trim())
}

/// Reads the request line and the headers.
fn read_head(stream: &mut TcpStream, head: &mut Vec<u8>) -> io::Result<()> {
    let mut buffer = [0; 1_024];
    while head.len() < MAX_REQUEST_BYTES && !is_whole(head) {
        match stream.read(&mut buffer)? {
            0 => break,
            read => head.extend_from_slice(&buffer[..read]),
        }
    }
    Ok(())
}

/// Whether the empty line after the headers was read.
fn is_whole(head: &[u8]) -> bool {
    head.windows(4).any(|bytes| bytes == b"\r\n\r\n")
        || head.windows(2).any(|bytes| bytes == b"\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_response_depends_on_the_path_and_the_accept_header() {
        let of = |request: &str| response(request, &Stats::default(), &Health::default());
        let metrics = of("GET /metrics?x=1 HTTP/1.1\r\nHost: a\r\nACCEPT: text/plain\r\n\r\n");
        assert_eq!(metrics.content_type, Format::Prometheus.content_type());
        for path in ["/health", "/ready"] {
            let probe = of(&format!("GET {path} HTTP/1.0\r\n\r\n"));
            assert_eq!((probe.status, probe.body.as_str()), ("200 OK", "ok\n"));
        }
        for request in [
            "",
            "GET",
            "GET / HTTP/1.1",
            "\r\n\r\n",
            "GET /metric HTTP/1.1",
        ] {
            assert_eq!(of(request).status, "404 Not Found", "{request:?}");
        }
        let post = of("POST /metrics HTTP/1.1\r\n\r\n");
        assert_eq!(post.status, "405 Method Not Allowed");
        let why = probe(Err("the last request failed".to_owned()));
        assert_eq!(why.status, "503 Service Unavailable");
        assert_eq!(why.body, "the last request failed\n");
    }
}
