//! Serves metrics and the probes of a supervisor over HTTP.

use super::metrics::{Format, render};
use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};
use traceship::{Health, Stats};

/// Number of clients that are served at once. More clients wait.
const MAX_CLIENTS: usize = 8;
/// Maximum time for a client to send its request, and to receive the response.
const TIMEOUT: Duration = Duration::from_secs(2);
/// Maximum size of a request.
const MAX_REQUEST_BYTES: usize = 8 << 10;

/// The address at which metrics are served.
pub(crate) struct Server(Arc<TcpListener>);

impl Server {
    pub(crate) fn bind(address: SocketAddr) -> io::Result<Self> {
        TcpListener::bind(address).map(|listener| Self(Arc::new(listener)))
    }

    /// Serves requests until the process ends, on a fixed number of threads, so that a slow client does not delay others.
    pub(crate) fn serve(self, stats: &Stats, health: &Health) -> io::Result<()> {
        for number in 0..MAX_CLIENTS {
            let (listener, stats, health) = (Arc::clone(&self.0), stats.clone(), health.clone());
            thread::Builder::new()
                .name(format!("traceship-metrics-{number}"))
                .stack_size(128 << 10)
                .spawn(move || {
                    for stream in listener.incoming() {
                        match stream {
                            Ok(stream) => drop(respond(&stream, &stats, &health)),
                            // While no file descriptor is free, each attempt fails immediately.
                            Err(_) => thread::sleep(Duration::from_millis(100)),
                        }
                    }
                })?;
        }
        Ok(())
    }
}

struct Response {
    status: &'static str,
    content_type: &'static str,
    body: String,
}

fn respond(mut stream: &TcpStream, stats: &Stats, health: &Health) -> io::Result<()> {
    stream.set_write_timeout(Some(TIMEOUT))?;
    let request = read_head(stream)?;
    let Response {
        status,
        content_type,
        body,
    } = response(&request, stats, health);
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all((head + &body).as_bytes())
}

fn response(request: &str, stats: &Stats, health: &Health) -> Response {
    let target = request.split([' ', '\r', '\n']).nth(1).unwrap_or_default();
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

/// Reads the request line and the headers. The time limit is for all of them: with a limit for each read, a client that sends a byte a
/// second could stay connected.
fn read_head(mut stream: &TcpStream) -> io::Result<String> {
    let end = Instant::now() + TIMEOUT;
    let (mut head, mut buffer) = (Vec::new(), [0; 1_024]);
    while head.len() < MAX_REQUEST_BYTES && !is_whole(&head) {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut buffer)? {
            0 => break,
            read => head.extend_from_slice(&buffer[..read]),
        }
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
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
        let why = probe(Err("the last request failed".to_owned()));
        assert_eq!(why.status, "503 Service Unavailable");
        assert_eq!(why.body, "the last request failed\n");
    }
}
