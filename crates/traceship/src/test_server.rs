//! A server for unit tests. It understands no more of HTTP than they need.

use flate2::read::GzDecoder;
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

/// How the server responds to a request.
pub(super) enum Response {
    Status(u16, String),
    /// Not within the client's time.
    Stall,
}

impl Response {
    pub(super) fn new(status: u16, body: &str) -> Self {
        Self::Status(status, body.to_owned())
    }
}

pub(super) struct TestServer {
    port: u16,
    requests: Arc<AtomicUsize>,
    is_stopped: Arc<AtomicBool>,
}

impl TestServer {
    /// Starts a server. `respond` gets the uncompressed body of each request.
    pub(super) fn start(mut respond: impl FnMut(&str) -> Response + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let (requests, is_stopped) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let (count, stop) = (Arc::clone(&requests), Arc::clone(&is_stopped));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stop.load(SeqCst) {
                    return;
                }
                let Some(text) = read(&stream) else { continue };
                count.fetch_add(1, SeqCst);
                match respond(&text) {
                    Response::Status(status, body) => send(&stream, status, &body),
                    // The client closes the connection.
                    Response::Stall => drop((&stream).read(&mut [0])),
                }
            }
        });
        Self {
            port,
            requests,
            is_stopped,
        }
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(super) fn requests(&self) -> usize {
        self.requests.load(SeqCst)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.is_stopped.store(true, SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn send(mut stream: &TcpStream, status: u16, body: &str) {
    let head = format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}",
        body.len()
    );
    let _ = stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes());
}

fn read(stream: &TcpStream) -> Option<String> {
    stream
        .set_read_timeout(Some(Duration::from_secs(60)))
        .ok()?;
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).ok()? > 2 {
        let lower = line.to_ascii_lowercase();
        if let Some(value) = lower.strip_prefix("content-length: ") {
            length = value.trim().parse().ok()?;
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let mut plain = Vec::new();
    match GzDecoder::new(body.as_slice()).read_to_end(&mut plain) {
        Ok(_) => {}
        Err(_) => plain = snap::raw::Decoder::new().decompress_vec(&body).ok()?,
    }
    Some(String::from_utf8_lossy(&plain).into_owned())
}
