//! A server with Loki's push protocol. It keeps one entry of the same stream, time and text, and a test decides how it responds.

#[path = "http.rs"]
pub(crate) mod http;

use http::{Listener, Message, respond};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    io::Write as _,
    net::TcpStream,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

/// How a server treats a request.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Accept,
    /// Keeps nothing, and sends this response.
    Respond {
        status: u16,
        headers: String,
        body: String,
    },
    /// Keeps only these entries, and sends this response.
    AcceptSome {
        lines: Vec<Entry>,
        status: u16,
        body: String,
    },
    /// Keeps the entries, and closes the connection without a response.
    AcceptAndHangUp,
    /// Keeps the entries, and sends half of a response.
    AcceptAndBreakOff,
    /// Closes the connection without a response.
    HangUp,
}

/// Responds with a status and a body, and keeps nothing.
pub(crate) fn response(status: u16, body: &str) -> Action {
    Action::Respond {
        status,
        headers: String::new(),
        body: body.to_owned(),
    }
}

/// An entry that a server keeps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) labels: String,
    pub(crate) nanos: i64,
    pub(crate) line: String,
    pub(crate) metadata: BTreeMap<String, String>,
    /// Whether all metadata are strings. In protobuf they always are.
    pub(crate) has_only_text: bool,
}

/// A request that the server has received.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) head: String,
    pub(crate) lines: Vec<Entry>,
}

type Decide = Box<dyn FnMut(&Request) -> Action + Send>;

#[derive(Clone)]
pub(crate) struct Server {
    shared: Arc<Shared>,
    listener: Arc<Listener>,
}

struct Shared {
    entries: Mutex<Vec<Entry>>,
    requests: Mutex<Vec<Request>>,
    decide: Mutex<Decide>,
    connections: AtomicUsize,
}

impl Server {
    pub(crate) fn start(decide: impl FnMut(&Request) -> Action + Send + 'static) -> Self {
        let shared = Arc::new(Shared {
            entries: Mutex::default(),
            requests: Mutex::default(),
            decide: Mutex::new(Box::new(decide)),
            connections: AtomicUsize::new(0),
        });
        let of_threads = Arc::clone(&shared);
        let listener = Listener::start(move |stream| of_threads.serve(stream));
        let listener = Arc::new(listener);
        Self { shared, listener }
    }

    /// Starts a server that accepts everything.
    pub(crate) fn accepting() -> Self {
        Self::start(|_| Action::Accept)
    }

    pub(crate) fn url(&self) -> String {
        self.listener.url()
    }

    /// Sets how the server treats the next requests.
    pub(crate) fn decide(&self, decide: impl FnMut(&Request) -> Action + Send + 'static) {
        *self.shared.decide.lock().expect("no thread has panicked") = Box::new(decide);
    }

    /// Returns the entries that the server keeps, each once.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let mut entries = self
            .shared
            .entries
            .lock()
            .expect("no thread has panicked")
            .clone();
        entries.sort();
        entries.dedup_by(|one, other| {
            (&one.labels, one.nanos, &one.line) == (&other.labels, other.nanos, &other.line)
        });
        entries
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared
            .requests
            .lock()
            .expect("no thread has panicked")
            .clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.shared.connections.load(SeqCst)
    }

    /// Returns the sorted numbers of the lines that the server keeps.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        let number = |entry: Entry| {
            let line: Value = serde_json::from_str(&entry.line).ok()?;
            line["number"].as_u64()
        };
        let mut numbers: Vec<u64> = self.entries().into_iter().filter_map(number).collect();
        numbers.sort_unstable();
        numbers
    }
}

impl Shared {
    fn keep(&self, lines: Vec<Entry>) {
        self.entries
            .lock()
            .expect("no thread has panicked")
            .extend(lines);
    }

    fn serve(&self, stream: &TcpStream) {
        self.connections.fetch_add(1, SeqCst);
        for message in http::messages(stream) {
            let request = parse(message);
            let action = (self.decide.lock().expect("no thread has panicked"))(&request);
            self.requests
                .lock()
                .expect("no thread has panicked")
                .push(request.clone());
            match &action {
                Action::Accept | Action::AcceptAndHangUp | Action::AcceptAndBreakOff => {
                    self.keep(request.lines)
                }
                Action::AcceptSome { lines, .. } => self.keep(lines.clone()),
                Action::Respond { .. } | Action::HangUp => {}
            }
            let mut stream = stream;
            let done = match action {
                Action::Accept => stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n"),
                Action::Respond {
                    status,
                    headers,
                    body,
                } => respond(stream, status, &headers, &body),
                Action::AcceptSome { status, body, .. } => respond(stream, status, "", &body),
                Action::AcceptAndBreakOff => {
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
                    return;
                }
                Action::HangUp | Action::AcceptAndHangUp => return,
            };
            if done.is_err() {
                return;
            }
        }
    }
}

fn parse(Message { head, body }: Message) -> Request {
    let is_json = head
        .to_ascii_lowercase()
        .contains("content-type: application/json");
    let lines = if is_json {
        parse_json_push(&body)
    } else {
        let request = snap::raw::Decoder::new().decompress_vec(&body);
        parse_push(&request.unwrap_or_default())
    };
    Request { head, lines }
}

/// Parses a push in JSON, as agents send it.
fn parse_json_push(body: &[u8]) -> Vec<Entry> {
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
            all.push(Entry {
                labels: format!("{{{}}}", labels.join(", ")),
                nanos: text(&entry[0]).parse().expect("the time is a number"),
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

/// Parses a `PushRequest` in protobuf.
fn parse_push(request: &[u8]) -> Vec<Entry> {
    let mut all = Vec::new();
    for (_, stream) in fields(request) {
        let stream = fields(&stream);
        let labels = String::from_utf8(stream[0].1.clone()).expect("it is a string");
        for (_, entry) in &stream[1..] {
            let entry = fields(entry);
            let time = fields(&entry[0].1);
            let number = |at: usize| {
                i64::from_le_bytes(time[at].1[..8].try_into().expect("there are eight bytes"))
            };
            let pairs = entry[2..].iter().map(|(_, pair)| {
                let pair = fields(pair);
                let text =
                    |at: usize| String::from_utf8(pair[at].1.clone()).expect("it is a string");
                (text(0), text(1))
            });
            all.push(Entry {
                labels: labels.clone(),
                nanos: number(0) * 1_000_000_000 + number(1),
                line: String::from_utf8(entry[1].1.clone()).expect("it is a string"),
                metadata: pairs.collect(),
                has_only_text: true,
            });
        }
    }
    all
}

/// Returns the fields of a protobuf message: the number of each, and its bytes or its value.
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
        let (byte, rest) = message.split_first().expect("the message is complete");
        *message = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
    }
    value
}
