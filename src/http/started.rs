//! A request that is under way, from its span's start to its end.

use super::{access::Access, answer::AnswerHeader, grpc, outcome::Side, scope::Scope};
use http::{HeaderMap, Response, StatusCode};
use opentelemetry::{KeyValue, trace::Status};

/// How a request ended without an answer, or an answer before its end.
pub(super) const CANCELLED: &str = "cancelled";
pub(super) const BODY_DROPPED: &str = "body_dropped";

/// A request's scope, and what is known of it. Dropping it closes the span.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) scope: Scope,
    pub(super) facts: Facts,
}

impl Started {
    /// Runs something as a part of the request.
    pub(super) fn run<T>(&mut self, work: impl FnOnce(&Scope, &mut Facts) -> T) -> T {
        let Self { scope, facts } = self;
        scope.run(|| work(scope, facts))
    }
}

/// What is known of a request while it is served or sent. All that is noted is noted within its scope.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) side: Side,
    /// What is asked for, of a call of gRPC.
    pub(super) rpc_method: Option<String>,
    /// Its answer has no body, whatever its headers say.
    pub(super) is_head: bool,
    pub(super) answer: AnswerHeader,
    pub(super) has_random_ids: bool,
    pub(super) access: Option<Box<Access>>,
}

impl Facts {
    /// Takes note of an answer's head, and says in it which span answered.
    pub(super) fn note_answer<B>(&mut self, scope: &Scope, response: &mut Response<B>) {
        let status = response.status();
        if self.rpc_method.is_some() {
            // A failure without a message has its status here, in place of trailers.
            self.note_trailers(scope, response.headers());
        } else {
            self.note_status(scope, status);
        }
        if let Some(access) = &mut self.access {
            access.status = Some(status);
        }
        if self.side == Side::Server
            && let Some(own) = scope.own()
        {
            self.answer
                .write(own, self.has_random_ids, response.headers_mut());
        }
    }

    /// Whether a request has ended when the head of its answer is there: a client may never read on.
    pub(super) fn ends_with_head(&self) -> bool {
        self.side == Side::Client && self.rpc_method.is_none()
    }

    pub(super) fn note_status(&self, scope: &Scope, status: StatusCode) {
        // Signed, as OpenTelemetry's layer makes a string of what is not.
        scope
            .span()
            .record("http.response.status_code", i64::from(status.as_u16()));
        if self.side.is_error(status) {
            note_error_type(scope, status.as_str());
        }
    }

    /// Takes note of gRPC's status, where the headers or trailers have one.
    pub(super) fn note_trailers(&mut self, scope: &Scope, headers: &HeaderMap) {
        let Some((method, code)) = self.rpc_method.as_ref().zip(grpc::status(headers)) else {
            return;
        };
        let method =
            (self.side == Side::Server && code == grpc::UNIMPLEMENTED).then(|| method.clone());
        scope.span().record("rpc.status_code", code);
        if let Some(access) = &mut self.access {
            access.rpc_status = Some(code);
        }
        if self.side.is_rpc_error(code) {
            self.note_error(scope, code);
        }
        if let Some(original) = method {
            // Any word can be asked for; only methods that there are may name a span.
            scope.if_recording(|span| {
                span.update_name("grpc");
                span.set_attribute(KeyValue::new("rpc.method_original", original));
                span.set_attribute(KeyValue::new("rpc.method", "_OTHER"));
            });
        }
    }

    /// Takes note of an error, by its type.
    pub(super) fn note_error(&mut self, scope: &Scope, error_type: &'static str) {
        note_error_type(scope, error_type);
        if let Some(access) = &mut self.access {
            access.error_type = Some(error_type);
        }
    }

    /// Takes note of the end, with the bytes of the answer's body.
    pub(super) fn note_end(&self, body_bytes: u64) {
        if let Some(access) = &self.access {
            access.write(body_bytes);
        }
    }
}

fn note_error_type(scope: &Scope, error_type: &str) {
    scope.span().record("error.type", error_type);
    // No description: the conventions want none where the status says it.
    scope.if_recording(|span| span.set_status(Status::error("")));
}
