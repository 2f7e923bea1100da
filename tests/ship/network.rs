//! A network between a shipper and its server. It can be cut, delay responses, and break them off.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

pub(crate) struct Network {
    port: u16,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// The connection is cut until then, in milliseconds since 1970.
    cut_until: AtomicU64,
    /// The delay of responses, in milliseconds.
    delay: AtomicU64,
    /// How many of the next responses break off.
    broken: AtomicU64,
}

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_millis() as u64)
}

impl Network {
    pub(crate) fn start(server: &str) -> Self {
        let server = server.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("the address is valid").port();
        let state = Arc::new(State::default());
        let of_thread = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if of_thread.is_cut() {
                    continue;
                }
                let Ok(server) = TcpStream::connect(&server) else {
                    continue;
                };
                let pair = |stream: &TcpStream| stream.try_clone().expect("the stream is cloned");
                let (from, to, state) = (pair(&client), pair(&server), Arc::clone(&of_thread));
                thread::spawn(move || state.pump(from, to, false));
                let state = Arc::clone(&of_thread);
                thread::spawn(move || state.pump(server, client, true));
            }
        });
        Self { port, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn cut(&self, time: Duration) {
        self.state
            .cut_until
            .store(now() + time.as_millis() as u64, SeqCst);
    }

    pub(crate) fn delay(&self, time: Duration) {
        self.state.delay.store(time.as_millis() as u64, SeqCst);
    }

    pub(crate) fn break_responses(&self, number: u64) {
        self.state.broken.store(number, SeqCst);
    }

    pub(crate) fn heal(&self) {
        self.state.cut_until.store(0, SeqCst);
        self.state.delay.store(0, SeqCst);
        self.state.broken.store(0, SeqCst);
    }
}

impl State {
    fn is_cut(&self) -> bool {
        self.cut_until.load(SeqCst) > now()
    }

    fn pump(&self, mut from: TcpStream, mut to: TcpStream, is_response: bool) {
        let mut buffer = [0; 16 << 10];
        while let Ok(length) = from.read(&mut buffer) {
            let is_broken = is_response && self.broken.load(SeqCst) > 0;
            if length == 0 || self.is_cut() {
                break;
            }
            if is_response {
                thread::sleep(Duration::from_millis(self.delay.load(SeqCst)));
            }
            let end = if is_broken { length / 2 } else { length };
            if to.write_all(&buffer[..end]).is_err() {
                break;
            }
            if is_broken {
                let _ = self
                    .broken
                    .fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1));
                break;
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }
}
