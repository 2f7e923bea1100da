//! The current context in a statement.

use super::inject;
use opentelemetry::propagation::Injector;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the unreserved characters of RFC 3986, section 2.3. A `tracestate` may have `*` and `/`, and must not end the comment.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The current context as the comment of an SQL statement, in the form of [sqlcommenter]: to be put behind the statement, so that a
/// database's own log leads to the trace. Empty where no trace is current. Baggage is not in it.
///
/// A statement with it is another text each time: it is not for what is prepared once, or cached by its text.
///
/// [sqlcommenter]: https://google.github.io/sqlcommenter/spec/
///
/// ```
/// let statement = format!("SELECT price FROM orders WHERE id = $1{}", tracing_stamp::w3c::sql_comment());
/// // SELECT price FROM orders WHERE id = $1/*traceparent='00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'*/
/// # assert!(statement.ends_with("$1"), "no trace is current");
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

/// `key='value'`, escaped.
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
