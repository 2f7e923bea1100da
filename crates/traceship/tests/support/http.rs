//! The HTTP of the servers of tests.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

/// Accepts connections, each on its own thread, until it is dropped.
pub(crate) struct Listener {
    port: u16,
    is_stopped: Arc<AtomicBool>,
}

/// A request.
pub(crate) struct Message {
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Listener {
    pub(crate) fn start(serve: impl Fn(&TcpStream) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("the address is valid").port();
        let is_stopped = Arc::new(AtomicBool::new(false));
        let (of_thread, serve) = (Arc::clone(&is_stopped), Arc::new(serve));
        thread::spawn(move || {
            for stream in listener.incoming() {
                if of_thread.load(SeqCst) {
                    return;
                }
                let serve = Arc::clone(&serve);
                if let Ok(stream) = stream {
                    thread::spawn(move || serve(&stream));
                }
            }
        });
        Self { port, is_stopped }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.is_stopped.store(true, SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// Returns the requests of a connection, until it is closed or silent for a minute.
pub(crate) fn messages(stream: &TcpStream) -> impl Iterator<Item = Message> {
    let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
    let mut reader = BufReader::new(stream);
    std::iter::from_fn(move || read(&mut reader))
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Message> {
    let mut head = String::new();
    loop {
        let before = head.len();
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
        if &head[before..] == "\r\n" {
            break;
        }
    }
    let length = head.lines().find_map(|line| {
        line.to_ascii_lowercase()
            .strip_prefix("content-length: ")?
            .trim()
            .parse()
            .ok()
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Message { head, body })
}

pub(crate) fn respond(
    mut stream: &TcpStream,
    status: u16,
    headers: &str,
    body: &str,
) -> io::Result<()> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes())
}
