//! A server for unit tests. It understands no more of HTTP than they need.

use super::http::Http;
use collector_client::Endpoint;
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
};

pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Request {
    /// The value of a parameter in the path, as it is encoded there.
    pub(crate) fn parameter(&self, name: &str) -> &str {
        let path = self.head.split(' ').nth(1).unwrap_or_default();
        let parameters = path.split(['?', '&']);
        let mut pairs = parameters.filter_map(|parameter| parameter.split_once('='));
        let found = pairs.find(|(known, _)| *known == name);
        found.map_or("", |(_, value)| value)
    }
}

/// Returns status and body for a request. It is stopped on drop.
pub(crate) struct TestServer {
    port: u16,
    requests: Arc<AtomicUsize>,
    is_stopped: Arc<AtomicBool>,
}

impl TestServer {
    pub(crate) fn start(respond: impl Fn(&Request) -> (u16, String) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("an address").port();
        let (requests, is_stopped) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let (count, stop) = (Arc::clone(&requests), Arc::clone(&is_stopped));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stop.load(SeqCst) {
                    return;
                }
                let Some(request) = read(&stream) else {
                    continue;
                };
                count.fetch_add(1, SeqCst);
                let (status, body) = respond(&request);
                send(&stream, status, &body);
            }
        });
        Self {
            port,
            requests,
            is_stopped,
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(SeqCst)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.is_stopped.store(true, SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

pub(crate) fn http(url: &str) -> Http {
    Http::new(Endpoint::new(url).expect("a valid address"))
}

fn send(mut stream: &TcpStream, status: u16, body: &str) {
    let head = format!(
        "HTTP/1.1 {status} X\r\nconnection: close\r\nlocation: http://127.0.0.1:9/\r\ncontent-length: {}",
        body.len()
    );
    let _ = stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes());
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    let mut length = 0;
    loop {
        let before = head.len();
        if reader.read_line(&mut head).ok()? <= 2 {
            break;
        }
        let line = head.get(before..)?.to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length: ") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8_lossy(&body).into_owned();
    Some(Request { head, body })
}
