//! A server with Loki's push protocol: it keeps an entry of one stream, time and text once, and does what a test asks of it.

use serde_json::Value;
use std::{
    collections::BTreeMap,
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

/// What a server does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Take,
    /// Keeps nothing, and answers so.
    Answer {
        status: u16,
        headers: String,
        body: String,
    },
    /// Keeps only these lines, and says so in its response.
    Keep {
        lines: Vec<Kept>,
        status: u16,
        body: String,
    },
    /// Keeps it, and closes the connection without an answer.
    TakeAndHangUp,
    /// Keeps it, and answers half.
    TakeAndBreakOff,
    HangUp,
}

pub(crate) fn answer(status: u16, body: &str) -> Act {
    Act::Answer {
        status,
        headers: String::new(),
        body: body.to_owned(),
    }
}

/// An entry that a server keeps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kept {
    pub(crate) labels: String,
    pub(crate) nanos: i64,
    pub(crate) line: String,
    pub(crate) metadata: BTreeMap<String, String>,
    /// Whether all metadata came as strings; in protobuf there is nothing else.
    pub(crate) has_only_text: bool,
}

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Came {
    pub(crate) head: String,
    pub(crate) lines: Vec<Kept>,
}

type Decide = Box<dyn FnMut(&Came) -> Act + Send>;

#[derive(Clone)]
pub(crate) struct Server {
    shared: Arc<Shared>,
    port: u16,
}

struct Shared {
    kept: Mutex<Vec<Kept>>,
    came: Mutex<Vec<Came>>,
    decide: Mutex<Decide>,
    connections: AtomicUsize,
    is_over: AtomicBool,
}

impl Server {
    pub(crate) fn start(decide: impl FnMut(&Came) -> Act + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let shared = Arc::new(Shared {
            kept: Mutex::default(),
            came: Mutex::default(),
            decide: Mutex::new(Box::new(decide)),
            connections: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        });
        let of_thread = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if of_thread.is_over.load(SeqCst) {
                    return;
                }
                let shared = Arc::clone(&of_thread);
                shared.connections.fetch_add(1, SeqCst);
                if let Ok(stream) = stream {
                    thread::spawn(move || shared.serve(&stream));
                }
            }
        });
        Self { shared, port }
    }

    /// Takes everything.
    pub(crate) fn taking() -> Self {
        Self::start(|_| Act::Take)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn decide(&self, decide: impl FnMut(&Came) -> Act + Send + 'static) {
        *self.shared.decide.lock().expect("no panic") = Box::new(decide);
    }

    /// What is kept, each entry once.
    pub(crate) fn kept(&self) -> Vec<Kept> {
        let mut kept = self.shared.kept.lock().expect("no panic").clone();
        kept.sort();
        kept.dedup_by(|one, other| {
            (&one.labels, one.nanos, &one.line) == (&other.labels, other.nanos, &other.line)
        });
        kept
    }

    pub(crate) fn came(&self) -> Vec<Came> {
        self.shared.came.lock().expect("no panic").clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(SeqCst)
    }

    /// The numbers on the lines that are kept, in order.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        let number = |kept: Kept| {
            let line: Value = serde_json::from_str(&kept.line).ok()?;
            line["number"].as_u64()
        };
        let mut numbers: Vec<u64> = self.kept().into_iter().filter_map(number).collect();
        numbers.sort_unstable();
        numbers
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if Arc::strong_count(&self.shared) == 2 {
            self.shared.is_over.store(true, SeqCst);
            let _ = TcpStream::connect(("127.0.0.1", self.port));
        }
    }
}

impl Shared {
    fn keep(&self, lines: Vec<Kept>) {
        self.kept.lock().expect("no panic").extend(lines);
    }

    fn serve(&self, stream: &TcpStream) {
        let _ = stream.set_read_timeout(Some(Duration::from_secs(60)));
        let mut reader = BufReader::new(stream);
        while let Some(came) = read(&mut reader) {
            let act = (self.decide.lock().expect("no panic"))(&came);
            self.came.lock().expect("no panic").push(came.clone());
            match &act {
                Act::Take | Act::TakeAndHangUp | Act::TakeAndBreakOff => self.keep(came.lines),
                Act::Keep { lines, .. } => self.keep(lines.clone()),
                Act::Answer { .. } | Act::HangUp => {}
            }
            let mut stream = stream;
            let done = match act {
                Act::Take => stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n"),
                Act::Answer {
                    status,
                    headers,
                    body,
                } => respond(stream, status, &headers, &body),
                Act::Keep { status, body, .. } => respond(stream, status, "", &body),
                Act::TakeAndBreakOff => {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
                    return;
                }
                Act::HangUp | Act::TakeAndHangUp => return,
            };
            if done.is_err() {
                return;
            }
        }
    }
}

fn respond(mut stream: &TcpStream, status: u16, headers: &str, body: &str) -> io::Result<()> {
    let length = body.len();
    let head = format!("HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes())
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Came> {
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
    let is_json = head
        .to_ascii_lowercase()
        .contains("content-type: application/json");
    let lines = if is_json {
        entries_of_json(&body)
    } else {
        let request = snap::raw::Decoder::new().decompress_vec(&body);
        entries(&request.unwrap_or_default())
    };
    Some(Came { head, lines })
}

/// The entries of a push in JSON, which agents send.
fn entries_of_json(body: &[u8]) -> Vec<Kept> {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut all = Vec::new();
    for stream in list(&request["streams"]) {
        let labels: Vec<String> = object(&stream["stream"])
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        for entry in list(&stream["values"]) {
            let metadata = object(&entry[2]);
            all.push(Kept {
                labels: format!("{{{}}}", labels.join(", ")),
                nanos: text(&entry[0]).parse().expect("nanoseconds"),
                line: text(&entry[1]),
                has_only_text: metadata.values().all(Value::is_string),
                metadata: metadata
                    .iter()
                    .map(|(name, value)| (name.clone(), text(value)))
                    .collect(),
            });
        }
    }
    all
}

/// The entries of a `PushRequest`.
fn entries(request: &[u8]) -> Vec<Kept> {
    let mut all = Vec::new();
    for (_, stream) in fields(request) {
        let stream = fields(&stream);
        let labels = String::from_utf8(stream[0].1.clone()).expect("text");
        for (_, entry) in &stream[1..] {
            let entry = fields(entry);
            let time = fields(&entry[0].1);
            let number = |at: usize| i64::from_le_bytes(time[at].1[..8].try_into().expect("eight"));
            let pairs = entry[2..].iter().map(|(_, pair)| {
                let pair = fields(pair);
                let text = |at: usize| String::from_utf8(pair[at].1.clone()).expect("text");
                (text(0), text(1))
            });
            all.push(Kept {
                labels: labels.clone(),
                nanos: number(0) * 1_000_000_000 + number(1),
                line: String::from_utf8(entry[1].1.clone()).expect("text"),
                metadata: pairs.collect(),
                has_only_text: true,
            });
        }
    }
    all
}

/// The fields of a message of protobuf: their numbers, and their bytes or values.
fn fields(mut message: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let mut all = Vec::new();
    while !message.is_empty() {
        let tag = varint(&mut message);
        let value = varint(&mut message);
        if tag & 7 == 2 {
            let (bytes, rest) = message.split_at(value as usize);
            message = rest;
            all.push((tag >> 3, bytes.to_vec()));
        } else {
            all.push((tag >> 3, value.to_le_bytes().to_vec()));
        }
    }
    all
}

fn varint(message: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = message.split_first().expect("more");
        *message = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    value
}
