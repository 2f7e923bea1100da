//! What the fields of a span say about whether its work has failed.

use std::fmt::{self, Write as _};
use tracing_core::{Field, Metadata, field::Visit};

/// The status of an HTTP response: OpenTelemetry's name, and its former one.
const HTTP_STATUS: [&str; 2] = ["http.response.status_code", "http.status_code"];

/// OpenTelemetry's layer takes the span's status from this field.
const SPAN_STATUS: &str = "otel.status_code";

/// "The type of error that the operation ended with", in OpenTelemetry's semantic conventions.
const ERROR_TYPE: &str = "error.type";

/// Whether spans of this call site can have such a field.
pub(crate) fn has_failure_fields(metadata: &Metadata<'_>) -> bool {
    let mut fields = metadata.fields().iter();
    fields.any(|field| {
        let name = field.name();
        HTTP_STATUS.contains(&name) || name == SPAN_STATUS || name == ERROR_TYPE
    })
}

/// Visits the fields of a span, and remembers what they say about its work. `None` if they say nothing.
#[derive(Clone, Copy, Default)]
pub(crate) struct FailureFields {
    /// Whether the status of the HTTP response is 500 or more.
    pub(super) is_http_error: Option<bool>,
    /// Whether the span's status is error, and not ok.
    pub(super) is_error: Option<bool>,
    pub(super) has_error_type: bool,
}

impl FailureFields {
    fn number(&mut self, field: &Field, number: u128) {
        if HTTP_STATUS.contains(&field.name()) {
            self.is_http_error = Some(number >= 500);
        }
    }

    fn text(&mut self, field: &Field, text: &str) {
        match field.name() {
            // As OpenTelemetry's layer reads it. `Debug` of OpenTelemetry's `Status` has more after it.
            SPAN_STATUS => {
                let begins_with = |word: &str| {
                    let start = text.get(..word.len());
                    start.is_some_and(|start| start.eq_ignore_ascii_case(word))
                };
                if begins_with("error") {
                    self.is_error = Some(true);
                } else if begins_with("ok") {
                    self.is_error = Some(false);
                }
            }
            ERROR_TYPE => self.has_error_type = true,
            name if HTTP_STATUS.contains(&name) => {
                if let Ok(number) = text.parse() {
                    self.number(field, number);
                }
            }
            _ => {}
        }
    }
}

impl Visit for FailureFields {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.number(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.number(field, value.try_into().unwrap_or_default());
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.number(field, value);
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.number(field, value.try_into().unwrap_or_default());
    }

    fn record_f64(&mut self, _: &Field, _: f64) {}

    fn record_bool(&mut self, _: &Field, _: bool) {}

    fn record_error(&mut self, field: &Field, _: &(dyn std::error::Error + 'static)) {
        self.has_error_type |= field.name() == ERROR_TYPE;
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.text(field, value);
    }

    /// Runs user code only for the fields that say something.
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let name = field.name();
        if HTTP_STATUS.contains(&name) || name == SPAN_STATUS {
            let mut start = Start::default();
            // Fails when the text is long enough.
            let _ = write!(start, "{value:?}");
            self.text(field, start.text.trim_matches('"'));
        } else if name == ERROR_TYPE {
            self.has_error_type = true;
        }
    }
}

/// The first characters of a text.
#[derive(Default)]
struct Start {
    text: String,
}

impl fmt::Write for Start {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.text.push_str(text);
        match self.text.len() {
            ..16 => Ok(()),
            _ => Err(fmt::Error),
        }
    }
}
