//! Forwards connections to a server, and can keep its responses back.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

/// What the proxy does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Mode {
    /// It forwards requests and responses.
    Forward,
    /// The server receives the first requests, but their responses are lost. After half a second, nothing is forwarded any more.
    LoseResponses,
    /// It closes each connection.
    Down,
}

/// A proxy on a port of its own. It stops when the test process ends.
pub(crate) struct CuttingProxy {
    port: u16,
    mode: Arc<AtomicU8>,
    has_cut: Arc<AtomicBool>,
}

impl CuttingProxy {
    pub(crate) fn new(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let mode = Arc::new(AtomicU8::new(Mode::Forward as u8));
        let has_cut = Arc::new(AtomicBool::new(false));
        let (accepting, cut) = (Arc::clone(&mode), Arc::clone(&has_cut));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let mode = accepting.load(SeqCst);
                if mode == Mode::Down as u8 {
                    continue;
                }
                let Ok(server) = TcpStream::connect(server) else {
                    continue;
                };
                forward(client, server, &accepting, &cut);
            }
        });
        Self {
            port,
            mode,
            has_cut,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn set(&self, mode: Mode) {
        self.mode.store(mode as u8, SeqCst);
    }

    /// Returns whether a response was lost.
    pub(crate) fn has_cut(&self) -> bool {
        self.has_cut.load(SeqCst)
    }
}

/// Forwards both directions in threads of their own.
fn forward(client: TcpStream, server: TcpStream, mode: &Arc<AtomicU8>, has_cut: &Arc<AtomicBool>) {
    let clone = |stream: &TcpStream| stream.try_clone().expect("a descriptor is free");
    // A request with lines, not a question after the server's health.
    let has_lines = Arc::new(AtomicBool::new(false));
    let (from, to) = (clone(&client), clone(&server));
    let (sent, sending) = (Arc::clone(&has_lines), Arc::clone(mode));
    thread::spawn(move || {
        pipe(from, to, |bytes| {
            if bytes.starts_with(b"POST ") {
                sent.store(true, SeqCst);
            } else if bytes.starts_with(b"GET ") || bytes.starts_with(b"HEAD ") {
                sent.store(false, SeqCst);
            }
            sending.load(SeqCst) != Mode::Down as u8
        });
    });
    let (receiving, cut) = (Arc::clone(mode), Arc::clone(has_cut));
    thread::spawn(move || {
        pipe(server, client, |_| {
            let mode = receiving.load(SeqCst);
            if mode != Mode::LoseResponses as u8 || !has_lines.load(SeqCst) {
                return mode != Mode::Down as u8;
            }
            if !cut.swap(true, SeqCst) {
                let mode = Arc::clone(&receiving);
                thread::spawn(move || {
                    thread::sleep(Duration::from_millis(500));
                    let (from, to) = (Mode::LoseResponses as u8, Mode::Down as u8);
                    let _ = mode.compare_exchange(from, to, SeqCst, SeqCst);
                });
            }
            false
        });
    });
}

/// Copies bytes until one side closes, or `may_pass` says no. Then it closes both.
fn pipe(mut from: TcpStream, mut to: TcpStream, mut may_pass: impl FnMut(&[u8]) -> bool) {
    let mut bytes = vec![0; 64 << 10];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        let bytes = bytes.get(..length).unwrap_or_default();
        if !may_pass(bytes) || to.write_all(bytes).is_err() {
            break;
        }
    }
    for stream in [from, to] {
        let _ = stream.shutdown(Shutdown::Both);
    }
}
