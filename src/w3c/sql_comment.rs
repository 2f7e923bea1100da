//! Writes the current context into an SQL comment.

use super::inject;
use opentelemetry::propagation::Injector;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// Everything but the unreserved characters of RFC 3986, section 2.3. A `tracestate` may contain `*` and `/`, and must not end the comment.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Returns the current context as the comment of an SQL statement, in the [sqlcommenter] format. Append it to the statement, so that
/// the database's own log leads to the trace.
///
/// The comment is empty if there is no current trace. It does not contain baggage. It makes each statement's text unique, so do not
/// use it for statements that are prepared once or cached by their text.
///
/// [sqlcommenter]: https://google.github.io/sqlcommenter/spec/
///
/// ```
/// let statement = format!("SELECT price FROM orders WHERE id = $1{}", tracing_stamp::w3c::sql_comment());
/// // SELECT price FROM orders WHERE id = $1/*traceparent='00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'*/
/// # assert!(statement.ends_with("$1"), "there is no current trace");
/// ```
#[must_use]
pub fn sql_comment() -> String {
    let mut pairs = Pairs::default();
    inject(&mut pairs);
    if pairs.0.is_empty() {
        return String::new();
    }
    format!("/*{}*/", pairs.0.join(","))
}

/// Escaped pairs: `key='value'`.
#[derive(Default)]
struct Pairs(Vec<String>);

impl Injector for Pairs {
    fn set(&mut self, key: &str, value: String) {
        if key != "baggage" {
            let [key, value] = [key, &value].map(|text| utf8_percent_encode(text, ESCAPED));
            self.0.push(format!("{key}='{value}'"));
        }
    }
}
