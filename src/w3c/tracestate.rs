//! Reads and writes `tracestate`: vendor-specific data about a trace.

use super::{
    OWS,
    cut::{cut_at, cut_at_each},
    plain_list::MAX_PART,
};
use crate::Error;
use std::{fmt, str::FromStr};

/// The maximum number of members in a list.
const MAX_MEMBERS: usize = 32;

/// The maximum number of bytes that are sent: four times the required 512, and a quarter of what servers commonly accept as headers.
const MAX_SENT: usize = 2_048;

/// Members longer than this are dropped first.
const LONG_MEMBER: usize = 128;

/// The maximum number of bytes that are read: twice the size of 32 members of maximum length. Longer lists are floods of empty members.
const MAX_READ: usize = 2 * MAX_MEMBERS * 514;

/// A `tracestate`: keys with opaque values, the most recent first, as [Trace Context Level 2, 3.3] specifies.
///
/// [`Tracestate::of`] returns the received list from an extracted [`Context`](opentelemetry::Context), from which it is also sent
/// on unchanged. `opentelemetry`'s `TraceState` is in that context too, but accepts fewer keys than Level 2 allows.
///
/// [Trace Context Level 2, 3.3]: https://www.w3.org/TR/trace-context-2/#tracestate-header
///
/// ```
/// use tracing_stamp::w3c::Tracestate;
///
/// let mut list: Tracestate = "rojo=00f067aa0ba902b7, congo=t61rcWkgMzE".parse()?;
/// list.insert("congo", "ucfJifl5GOE")?;
/// assert_eq!(list.to_string(), "congo=ucfJifl5GOE,rojo=00f067aa0ba902b7");
/// # Ok::<(), tracing_stamp::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Tracestate {
    /// The list, with single commas and no space around them.
    text: String,
}

impl Tracestate {
    /// Parses the values of all `tracestate` headers of a message, in order.
    ///
    /// # Errors
    ///
    /// If a member is invalid, or if there are more than 32. Such a list must not be sent on.
    ///
    /// ```
    /// use tracing_stamp::w3c::Tracestate;
    ///
    /// let list = Tracestate::from_lines(["foo=1,bar=2", "", "baz=3"])?;
    /// assert_eq!(list.iter().map(|(key, _)| key).collect::<Vec<_>>(), ["foo", "bar", "baz"]);
    /// assert!(Tracestate::from_lines(["foo=1,BAR=2"]).is_err());
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn from_lines<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Self, Error> {
        let mut list = Self::default();
        let mut members = 0;
        let mut read = 0;
        for line in lines {
            read += line.len() + 1;
            if read > MAX_READ {
                return Err(Error::invalid_input(format!(
                    "a tracestate can have at most {MAX_MEMBERS} members of 513 characters"
                )));
            }
            list.text.reserve(line.len().min(MAX_SENT));
            for member in cut_at_each(line, b',') {
                let member = member.trim_matches(OWS);
                if member.is_empty() {
                    continue;
                }
                members += 1;
                if members > MAX_MEMBERS {
                    return Err(Error::invalid_input(format!(
                        "a tracestate can have at most {MAX_MEMBERS} members"
                    )));
                }
                let Some((key, value)) = cut_at(member, b'=') else {
                    return Err(Error::invalid_input(format!(
                        "{member:?} is not a valid tracestate member: expected `key=value`"
                    )));
                };
                check(key, value)?;
                list.push(&[member]);
            }
        }
        Ok(list)
    }

    /// Returns the list that was received with the context's trace.
    ///
    /// ```
    /// use std::collections::HashMap;
    /// use tracing_stamp::w3c::{self, Tracestate};
    ///
    /// let headers = HashMap::from([
    ///     ("traceparent".to_owned(), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned()),
    ///     ("tracestate".to_owned(), "foo@@bar=1".to_owned()),
    /// ]);
    /// let caller = w3c::extract(&headers);
    /// assert_eq!(Tracestate::of(&caller).and_then(|list| list.get("foo@@bar")), Some("1"));
    /// ```
    #[must_use]
    pub fn of(context: &opentelemetry::Context) -> Option<&Self> {
        let list = super::received::Received::of(context)?.list();
        (!list.is_empty()).then_some(list)
    }

    /// Returns the value of a key.
    ///
    /// ```
    /// # use tracing_stamp::w3c::Tracestate;
    /// let list: Tracestate = "foo=1,bar=2".parse()?;
    /// assert_eq!(list.get("bar"), Some("2"));
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter()
            .find_map(|(known, value)| (known == key).then_some(value))
    }

    /// Returns an iterator over keys and values, from the left.
    ///
    /// ```
    /// # use tracing_stamp::w3c::Tracestate;
    /// let list: Tracestate = "foo=1,bar=2".parse()?;
    /// assert_eq!(list.iter().next(), Some(("foo", "1")));
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.members().filter_map(|member| cut_at(member, b'='))
    }

    /// Inserts a member at the left, and removes other members with the same key. If the list is full, the right-most member is removed.
    ///
    /// # Errors
    ///
    /// If the key or the value is invalid. The list does not change.
    ///
    /// ```
    /// # use tracing_stamp::w3c::Tracestate;
    /// let mut list = Tracestate::default();
    /// list.insert("tenant@vendor", "a b")?;
    /// assert!(list.insert("Tenant", "1").is_err());
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    pub fn insert(&mut self, key: &str, value: &str) -> Result<(), Error> {
        check(key, value)?;
        let others = self.iter().filter(|(known, _)| *known != key);
        *self = Self::of_members(std::iter::once((key, value)).chain(others));
        Ok(())
    }

    /// Returns whether the list has no members. An empty list is not sent.
    ///
    /// ```
    /// # use tracing_stamp::w3c::Tracestate;
    /// assert!(" , ,".parse::<Tracestate>()?.is_empty());
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Returns the header value to send, of at most 2,048 bytes, or `None` if the list is empty.
    ///
    /// From a longer list, members of more than 128 bytes are dropped first, from the right, and then others, as Trace Context specifies.
    ///
    /// ```
    /// # use tracing_stamp::w3c::Tracestate;
    /// let list: Tracestate = "foo=1 ,bar=2".parse()?;
    /// assert_eq!(list.to_header().as_deref(), Some("foo=1,bar=2"));
    /// # Ok::<(), tracing_stamp::Error>(())
    /// ```
    #[must_use]
    pub fn to_header(&self) -> Option<String> {
        if self.text.len() <= MAX_SENT {
            return (!self.is_empty()).then(|| self.text.clone());
        }
        let mut members: Vec<&str> = self.members().collect();
        let mut length = self.text.len();
        for at in (0..members.len()).rev() {
            if length > MAX_SENT && members[at].len() > LONG_MEMBER {
                length -= members.remove(at).len() + 1;
            }
        }
        while length > MAX_SENT {
            let Some(last) = members.pop() else { break };
            length -= last.len() + 1;
        }
        (!members.is_empty()).then(|| members.join(","))
    }

    /// Builds a list from valid members, from the left, up to the maximum number.
    pub(super) fn of_members<'a>(members: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut list = Self::default();
        for (key, value) in members.take(MAX_MEMBERS) {
            list.push(&[key, "=", value]);
        }
        list
    }

    /// Appends a valid member.
    fn push(&mut self, parts: &[&str]) {
        if !self.is_empty() {
            self.text.push(',');
        }
        self.text.extend(parts.iter().copied());
    }

    fn members(&self) -> impl Iterator<Item = &str> {
        cut_at_each(&self.text, b',').filter(|member| !member.is_empty())
    }
}

impl FromStr for Tracestate {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::from_lines([text])
    }
}

impl fmt::Display for Tracestate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Checks a member against the grammar of Level 2, 3.3.1.3.
pub(super) fn check(key: &str, value: &str) -> Result<(), Error> {
    let has_valid_start =
        key.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit());
    let is_key =
        |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@');
    if !has_valid_start || key.len() > MAX_PART || !key.bytes().all(is_key) {
        return Err(Error::invalid_input(format!(
            "{key:?} is not a valid tracestate key: expected 1 to 256 characters of a-z, 0-9 and _-*/@, starting with a letter or a digit"
        )));
    }
    let is_value = |byte| matches!(byte, b' '..=b'~') && byte != b',' && byte != b'=';
    if value.is_empty()
        || value.len() > MAX_PART
        || !value.bytes().all(is_value)
        || value.ends_with(' ')
    {
        return Err(Error::invalid_input(format!(
            "{value:?} is not a valid tracestate value: expected 1 to 256 printable ASCII characters other than `,` and `=`, not ending \
             with a space"
        )));
    }
    Ok(())
}
