//! A request that is under way, from its span's start to its end.

use super::{access::Access, answer::ResponseHeader, grpc, headers, outcome::Side, scope::Scope};
use http::{HeaderMap, Response, StatusCode};
use opentelemetry::{KeyValue, trace::Status};

/// How a request ended without an answer, or an answer before its end.
pub(super) const CANCELLED: &str = "cancelled";
pub(super) const BODY_DROPPED: &str = "body_dropped";
const PANIC: &str = "panic";

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
    /// Of such a call, once it is known.
    pub(super) rpc_status: Option<&'static str>,
    pub(super) status: Option<StatusCode>,
    /// Its answer has no body, whatever its headers say.
    pub(super) has_no_body: bool,
    /// The first error is the one that is told.
    pub(super) has_failed: bool,
    /// The service or its body is at work just now. If it still is when the request is dropped, it has panicked, also where somebody
    /// has caught that.
    pub(super) is_at_work: bool,
    /// It was gRPC that answered.
    pub(super) is_rpc_answer: bool,
    pub(super) answer: ResponseHeader,
    pub(super) has_random_ids: bool,
    pub(super) access: Option<Box<Access>>,
}

/// A request that is handed on, until the service has given its future.
struct HandedOn<'r> {
    scope: &'r Scope,
    facts: &'r mut Facts,
}

impl Drop for HandedOn<'_> {
    fn drop(&mut self) {
        self.facts.note_error(self.scope, PANIC);
        self.facts.note_end(self.scope, 0);
    }
}

impl Facts {
    /// Hands the request on, and takes note of a service that panics instead of giving a future.
    pub(super) fn hand_on<T>(&mut self, scope: &Scope, service: impl FnOnce() -> T) -> T {
        let handed_on = HandedOn { scope, facts: self };
        let future = service();
        std::mem::forget(handed_on);
        future
    }

    /// Lets the service or its body work.
    pub(super) fn work<T>(&mut self, work: impl FnOnce() -> T) -> T {
        self.is_at_work = true;
        let result = work();
        self.is_at_work = false;
        result
    }

    /// Takes note of an answer's head, and says in it which span answered.
    pub(super) fn note_answer<B>(&mut self, scope: &Scope, response: &mut Response<B>) {
        let status = response.status();
        self.status = Some(status);
        self.has_no_body |= status.is_informational()
            || status == StatusCode::NO_CONTENT
            || status == StatusCode::NOT_MODIFIED;
        if self.rpc_method.is_some() {
            self.is_rpc_answer = grpc::is_grpc(response.headers());
            // A failure without a message has its status here, in place of trailers.
            self.note_trailers(scope, response.headers());
        } else {
            self.note_status(scope, status);
        }
        if self.side == Side::Server {
            // A proxy may have passed them on: they are no business of a caller's.
            headers::remove_w3c(response.headers_mut());
            if let Some(own) = scope.own() {
                self.answer
                    .write(own, self.has_random_ids, response.headers_mut());
            }
        }
    }

    /// Whether a request has ended when the head of its answer is there: a client may never read on.
    pub(super) fn ends_with_head(&self) -> bool {
        self.side == Side::Client && self.rpc_method.is_none()
    }

    /// Whether the end brings anything to note.
    pub(super) fn is_open(&self) -> bool {
        self.access.is_some() || (self.rpc_method.is_some() && self.rpc_status.is_none())
    }

    pub(super) fn note_status(&mut self, scope: &Scope, status: StatusCode) {
        // Signed, as OpenTelemetry's layer makes a string of what is not.
        scope
            .span()
            .record("http.response.status_code", i64::from(status.as_u16()));
        if self.side.is_error(status) {
            self.note_error(scope, status.as_str());
        }
    }

    /// Takes note of gRPC's status, where the headers or trailers have one.
    pub(super) fn note_trailers(&mut self, scope: &Scope, headers: &HeaderMap) {
        if self.rpc_method.is_some()
            && let Some(code) = grpc::status(headers)
        {
            self.note_rpc_status(scope, code, code != grpc::UNIMPLEMENTED);
        }
    }

    /// Takes note of the status of a call that has ended, and of whether its method is one that there is: any word can be asked for,
    /// and only such a method may name a server's span.
    fn note_rpc_status(&mut self, scope: &Scope, code: &'static str, is_known: bool) {
        let Some(method) = self
            .rpc_method
            .as_ref()
            .filter(|_| self.rpc_status.is_none())
        else {
            return;
        };
        if self.side == Side::Server {
            scope
                .span()
                .record("rpc.method", if is_known { method } else { "_OTHER" });
        }
        if self.side == Side::Server && is_known {
            // Of the lines from now on; OpenTelemetry's layer renames no span that has started.
            scope.span().record("otel.name", method);
            scope.if_recording(|span| span.update_name(method.clone()));
        } else if self.side == Side::Server {
            let original = KeyValue::new("rpc.method_original", method.clone());
            scope.if_recording(|span| span.set_attribute(original));
        }
        scope.span().record("rpc.status_code", code);
        self.rpc_status = Some(code);
        if self.side.is_rpc_error(code) {
            self.note_error(scope, code);
        }
    }

    /// Takes note of an error, by its type, if there was none before.
    pub(super) fn note_error(&mut self, scope: &Scope, error_type: &str) {
        if std::mem::replace(&mut self.has_failed, true) {
            return;
        }
        scope.span().record("error.type", error_type);
        // No description: the conventions want none where the status says it.
        scope.if_recording(|span| span.set_status(Status::error("")));
        if let Some(access) = &mut self.access {
            access.error_type = Some(error_type.to_owned());
        }
    }

    /// Takes note that a request was given up, before it was answered or while it was.
    pub(super) fn note_given_up(&mut self, scope: &Scope, how: &'static str) {
        if self.is_at_work || std::thread::panicking() {
            self.note_error(scope, PANIC);
        } else if self.rpc_method.is_some() {
            // For a server CANCELLED is no error, and a client that has seen enough has none either.
            self.has_failed |= self.side == Side::Client;
            // A caller that hangs up has not learnt whether there is such a method, and neither has this.
            self.note_rpc_status(scope, grpc::CANCELLED, self.is_rpc_answer);
        } else if self.side == Side::Server {
            self.note_error(scope, how);
        }
    }

    /// Takes note of the end, with the bytes of the answer's body.
    pub(super) fn note_end(&mut self, scope: &Scope, body_bytes: u64) {
        if self.rpc_method.is_some() && self.rpc_status.is_none() {
            let code = self.status.map_or("UNKNOWN", grpc::status_of_http);
            if let Some(status) = self.status.filter(|_| !self.is_rpc_answer)
                && self.side == Side::Server
            {
                // Whoever calls can say that it is gRPC: what answers is HTTP, and so is what is an error.
                let number = i64::from(status.as_u16());
                scope.if_recording(|span| {
                    span.set_attribute(KeyValue::new("http.response.status_code", number));
                });
                if self.side.is_error(status) {
                    self.note_error(scope, status.as_str());
                }
                self.has_failed = true;
            }
            self.note_rpc_status(scope, code, false);
        }
        if let Some(access) = &mut self.access {
            access.status = self.status;
            access.rpc_status = self.rpc_status;
            access.write(body_bytes);
        }
    }
}
