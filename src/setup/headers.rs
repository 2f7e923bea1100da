//! Parses `OTEL_EXPORTER_OTLP_HEADERS`: `key=value` pairs with commas between them, values percent-encoded as in [W3C Baggage].
//!
//! [W3C Baggage]: https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specifying-headers-via-environment-variables

use super::{env::Env, resource::decoded};

/// The headers in a variable. A message about an invalid value has the variable's name alone, because headers may contain a password.
pub(super) fn headers(env: &Env<'_>, name: &str) -> Option<Vec<(String, String)>> {
    let value = env.text(name)?;
    let members = value.split(',').filter(|member| !member.trim().is_empty());
    let headers: Option<Vec<_>> = members.map(header).collect();
    if headers.is_none() {
        env.problem(format!(
            "{name} has an invalid member, expected `key=value` pairs with commas between them, where keys are names of HTTP headers \
             and values are percent-encoded"
        ));
    }
    headers
}

fn header(member: &str) -> Option<(String, String)> {
    let (key, value) = member.split_once('=')?;
    let key = key.trim().to_ascii_lowercase();
    let value = decoded(value.trim())?;
    // RFC 9110: the name is a token. Values are limited to printable ASCII.
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let is_header = !key.is_empty() && key.bytes().all(is_token);
    let is_text = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    (is_header && is_text).then_some((key, value))
}
