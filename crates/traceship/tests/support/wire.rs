//! A server that keeps the bytes of all requests, of any target, and accepts everything.

use super::server::http::{Listener, Message, messages, respond};
use serde_json::json;
use std::{
    io::Read as _,
    net::TcpStream,
    sync::{Arc, Mutex},
};

pub(crate) struct Wire {
    bodies: Arc<Mutex<Vec<u8>>>,
    listener: Listener,
}

impl Wire {
    pub(crate) fn start() -> Self {
        let bodies: Arc<Mutex<Vec<u8>>> = Arc::default();
        let of_threads = Arc::clone(&bodies);
        let listener = Listener::start(move |stream| serve(&of_threads, stream));
        Self { bodies, listener }
    }

    pub(crate) fn url(&self) -> String {
        self.listener.url()
    }

    /// Returns the uncompressed bodies, one after the other.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.bodies.lock().expect("no thread has panicked").clone()
    }
}

fn serve(bodies: &Mutex<Vec<u8>>, stream: &TcpStream) {
    for message in messages(stream) {
        let body = uncompressed(&message);
        let items = body.split(|byte| *byte == b'\n').count() / 2;
        let is_bulk = message
            .head
            .lines()
            .next()
            .is_some_and(|line| line.contains("_bulk"));
        let response = match is_bulk {
            true => {
                let created = json!({ "create": { "status": 201 } });
                json!({ "errors": false, "items": vec![created; items] }).to_string()
            }
            false => String::new(),
        };
        bodies.lock().expect("no thread has panicked").extend(body);
        if respond(stream, 200, "content-type: application/json\r\n", &response).is_err() {
            return;
        }
    }
}

/// Loki's protocol compresses without saying so.
fn uncompressed(message: &Message) -> Vec<u8> {
    let mut body = Vec::new();
    let is_gzip = message
        .head
        .to_ascii_lowercase()
        .contains("content-encoding: gzip");
    if is_gzip {
        flate2::read::GzDecoder::new(&*message.body)
            .read_to_end(&mut body)
            .expect("the body is compressed");
        return body;
    }
    snap::raw::Decoder::new()
        .decompress_vec(&message.body)
        .expect("the body is compressed")
}
