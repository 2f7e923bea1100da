//! A stand-in for Elasticsearch and OpenSearch: it takes requests of `_bulk`, and refuses a document whose `_id` its backing index has.

use super::server::http::{Listener, Message, messages, respond};
use serde_json::{Value, json};
use std::{
    collections::HashSet,
    io::Read as _,
    net::TcpStream,
    sync::{Arc, Mutex, MutexGuard},
};

/// How the server treats a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mood {
    #[default]
    Accepts,
    /// Keeps the lines, and closes the connection without a response.
    LosesReplies,
    /// Keeps nothing, and responds with 503.
    IsDown,
}

#[derive(Clone)]
pub(crate) struct Bulk {
    state: Arc<Mutex<State>>,
    listener: Arc<Listener>,
}

#[derive(Default)]
struct State {
    mood: Mood,
    /// The ids of the present backing index.
    ids: HashSet<String>,
    documents: Vec<String>,
    requests: usize,
}

impl Bulk {
    pub(crate) fn start() -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let of_threads = Arc::clone(&state);
        let listener = Listener::start(move |stream| serve(&of_threads, stream));
        let listener = Arc::new(listener);
        Self { state, listener }
    }

    pub(crate) fn url(&self) -> String {
        self.listener.url()
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        self.state().mood = mood;
    }

    /// Begins a new backing index, as a data stream does when it rolls over.
    pub(crate) fn roll_over(&self) {
        self.state().ids.clear();
    }

    pub(crate) fn documents(&self) -> Vec<String> {
        self.state().documents.clone()
    }

    /// Returns the number of requests.
    pub(crate) fn requests(&self) -> usize {
        self.state().requests
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no thread has panicked")
    }
}

fn serve(state: &Mutex<State>, stream: &TcpStream) {
    for message in messages(stream) {
        let mut state = state.lock().expect("no thread has panicked");
        state.requests += 1;
        let (status, body) = match state.mood {
            Mood::IsDown => (503, "down".to_owned()),
            Mood::Accepts | Mood::LosesReplies => (200, state.take(&message).to_string()),
        };
        if state.mood == Mood::LosesReplies {
            return;
        }
        drop(state);
        let headers = "content-type: application/json\r\n";
        if respond(stream, status, headers, &body).is_err() {
            return;
        }
    }
}

impl State {
    /// Keeps the documents of a bulk request. Returns the response.
    fn take(&mut self, message: &Message) -> Value {
        let mut text = String::new();
        flate2::read::GzDecoder::new(message.body.as_slice())
            .read_to_string(&mut text)
            .expect("the body is compressed text");
        let mut lines = text.lines();
        let (mut items, mut has_errors) = (Vec::new(), false);
        while let (Some(action), Some(document)) = (lines.next(), lines.next()) {
            let action: Value = serde_json::from_str(action).expect("the action is JSON");
            let id = action["create"]["_id"].as_str().expect("it has an id");
            let is_new = self.ids.insert(id.to_owned());
            items.push(match is_new {
                true => json!({ "create": { "status": 201 } }),
                false => json!({ "create": { "status": 409, "error": { "type": "version_conflict_engine_exception" } } }),
            });
            has_errors |= !is_new;
            if is_new {
                self.documents.push(document.to_owned());
            }
        }
        json!({ "errors": has_errors, "items": items })
    }
}
