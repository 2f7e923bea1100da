//! A proxy between shippers and their server. It loses replies of requests that the server has received, delays requests, and refuses them.

use super::dice::Dice;
use crate::server::http::{Listener, Message, messages, respond};
use std::{
    fmt,
    io::Write as _,
    net::TcpStream,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    },
    thread,
    time::{Duration, Instant},
};

pub(super) struct Proxy {
    listener: Listener,
    state: Arc<State>,
}

struct State {
    server: String,
    agent: ureq::Agent,
    dice: Mutex<Dice>,
    is_healed: AtomicBool,
    cut_until: Mutex<Instant>,
    counts: Counts,
}

/// How many requests had each fault.
#[derive(Default)]
struct Counts {
    requests: AtomicU64,
    lost_replies: AtomicU64,
    half_replies: AtomicU64,
    cut_before: AtomicU64,
    unavailable: AtomicU64,
    busy: AtomicU64,
    delayed: AtomicU64,
}

/// What happens to a request.
#[derive(PartialEq, Eq)]
enum Fault {
    None,
    /// The server gets it, and its reply is lost.
    LosesReply,
    /// The server gets it, and its reply breaks off.
    HalvesReply,
    /// The connection is cut before the server gets it.
    CutsBefore,
    Unavailable,
    Busy,
    Delays(Duration),
}

impl Proxy {
    pub(super) fn start(server: &str, dice: Dice) -> Self {
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(120)));
        let state = Arc::new(State {
            server: server.to_owned(),
            agent: config.build().into(),
            dice: Mutex::new(dice),
            is_healed: AtomicBool::new(false),
            cut_until: Mutex::new(Instant::now()),
            counts: Counts::default(),
        });
        let of_threads = Arc::clone(&state);
        let listener = Listener::start(move |stream| of_threads.serve(stream));
        Self { listener, state }
    }

    pub(super) fn url(&self) -> String {
        self.listener.url()
    }

    /// Cuts all connections at their next request, for some time.
    pub(super) fn cut(&self, time: Duration) {
        *self.state.cut_until.lock().expect("no thread has panicked") = Instant::now() + time;
    }

    /// From now on, everything is forwarded.
    pub(super) fn heal(&self) {
        self.state.is_healed.store(true, SeqCst);
        self.cut(Duration::ZERO);
    }

    pub(super) fn lost_replies(&self) -> u64 {
        let counts = &self.state.counts;
        counts.lost_replies.load(SeqCst) + counts.half_replies.load(SeqCst)
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = &self.state.counts;
        let of = |count: &AtomicU64| count.load(SeqCst);
        write!(
            f,
            "{} requests: {} replies lost and {} halved after forwarding, {} cut before, {} refused with 503 and {} with 429, {} delayed",
            of(&counts.requests),
            of(&counts.lost_replies),
            of(&counts.half_replies),
            of(&counts.cut_before),
            of(&counts.unavailable),
            of(&counts.busy),
            of(&counts.delayed)
        )
    }
}

impl State {
    fn serve(&self, stream: &TcpStream) {
        for message in messages(stream) {
            if !self.treat(message, stream) {
                return;
            }
        }
    }

    /// Treats a request. Returns whether the connection stays open.
    fn treat(&self, message: Message, stream: &TcpStream) -> bool {
        let number = self.counts.requests.fetch_add(1, SeqCst);
        let fault = self.next_fault(number);
        match fault {
            Fault::CutsBefore => return false,
            Fault::Unavailable => return respond(stream, 503, "", "down").is_ok(),
            Fault::Busy => return respond(stream, 429, "retry-after: 1\r\n", "busy").is_ok(),
            Fault::Delays(time) => thread::sleep(time),
            Fault::None | Fault::LosesReply | Fault::HalvesReply => {}
        }
        let Some((status, headers, body)) = self.forward(message) else {
            return false;
        };
        match fault {
            Fault::LosesReply => false,
            Fault::HalvesReply => {
                let length = body.len();
                let reply = format!(
                    "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n{body}"
                );
                let mut stream = stream;
                let _ = stream.write_all(&reply.as_bytes()[..reply.len() / 2]);
                false
            }
            _ => respond(stream, status, &headers, &body).is_ok(),
        }
    }

    fn next_fault(&self, number: u64) -> Fault {
        if self.is_healed.load(SeqCst) {
            return Fault::None;
        }
        let mut dice = self.dice.lock().expect("no thread has panicked");
        let is_cut = *self.cut_until.lock().expect("no thread has panicked") > Instant::now();
        let (fault, count) = match dice.below(100) {
            // A short test loses a reply too.
            _ if number == 3 => (Fault::LosesReply, &self.counts.lost_replies),
            _ if is_cut => (Fault::CutsBefore, &self.counts.cut_before),
            0..10 => (Fault::LosesReply, &self.counts.lost_replies),
            10..14 => (Fault::HalvesReply, &self.counts.half_replies),
            14..17 => (Fault::CutsBefore, &self.counts.cut_before),
            17..20 => (Fault::Unavailable, &self.counts.unavailable),
            20 => (Fault::Busy, &self.counts.busy),
            21..30 => {
                let time = Duration::from_millis(dice.below(500));
                (Fault::Delays(time), &self.counts.delayed)
            }
            _ => return Fault::None,
        };
        count.fetch_add(1, SeqCst);
        fault
    }

    /// Returns the status, the relevant headers and the body of the server's response, or `None` if it did not respond.
    fn forward(&self, message: Message) -> Option<(u16, String, String)> {
        let mut lines = message.head.lines();
        let mut words = lines.next()?.split(' ');
        let (method, path) = (words.next()?, words.next()?);
        let mut request = http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.server));
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            if !["host", "content-length", "connection"].contains(&&*name.to_ascii_lowercase()) {
                request = request.header(name, value);
            }
        }
        let mut response = self.agent.run(request.body(message.body).ok()?).ok()?;
        let status = response.status().as_u16();
        let mut headers = String::new();
        for name in ["content-type", "retry-after"] {
            if let Some(value) = response.headers().get(name) {
                headers += &format!("{name}: {}\r\n", value.to_str().ok()?);
            }
        }
        let body = response.body_mut().with_config().limit(1 << 30);
        Some((status, headers, body.read_to_string().ok()?))
    }
}
