//! `tracestate`: what vendors have to say of a trace.

use super::{
    OWS,
    cut::{cut_at, cut_at_each},
};
use crate::Error;
use std::{fmt, str::FromStr};

/// The members that a list has at most.
const MAX_MEMBERS: usize = 32;

/// The bytes of a list that is sent: four times the 512 that have to be, and a quarter of what servers commonly take as headers.
const MAX_SENT: usize = 2_048;

/// Members that are longer go first.
const LONG_MEMBER: usize = 128;

/// The bytes of a list that are looked at: twice what 32 of the longest members have. Beyond it is a flood of empty ones.
const MAX_READ: usize = 2 * MAX_MEMBERS * 514;

/// A `tracestate`: keys and opaque values, the most recent first, by [Trace Context Level 2, 3.3].
///
/// What a request brought is in the [`Context`](opentelemetry::Context) that was extracted, and goes out as it came:
/// [`Tracestate::of`]. `opentelemetry`'s `TraceState`, which is there too, takes fewer keys than Level 2 has.
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
    /// With single commas, and no space around them.
    text: String,
}

impl Tracestate {
    /// Reads the values of all `tracestate` headers of a message, in their order.
    ///
    /// # Errors
    ///
    /// When a member is wrong, or there are more than 32: such a list is not to be sent on.
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
                return Err(Error::new(format!(
                    "a tracestate has at most {MAX_MEMBERS} members of 513 characters"
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
                    return Err(Error::new(format!(
                        "a tracestate has at most {MAX_MEMBERS} members"
                    )));
                }
                let Some((key, value)) = cut_at(member, b'=') else {
                    return Err(Error::new(format!(
                        "{member:?} is no member of a tracestate: those are `key=value`"
                    )));
                };
                check(key, value)?;
                list.push(&[member]);
            }
        }
        Ok(list)
    }

    /// The list that the context's trace came with.
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
        super::received::Received::of(context).and_then(super::received::Received::list)
    }

    /// The value of a key.
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

    /// Keys and values, from the left.
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

    /// Puts a member at the left, in place of any of its key. Of a full list the right-most member goes.
    ///
    /// # Errors
    ///
    /// When the key or the value is not by the grammar. The list stays what it was.
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

    /// Whether it has no members; such a list is not sent.
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

    /// What is sent: the list, if it has a member, in at most 2,048 bytes. Where it is longer, members of more than 128 go first, from
    /// the right, and then others, as Trace Context says.
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

    /// Of members that are known to be right, from the left, as many as a list has.
    pub(super) fn of_members<'a>(members: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut list = Self::default();
        for (key, value) in members.take(MAX_MEMBERS) {
            list.push(&[key, "=", value]);
        }
        list
    }

    /// Appends a member that is known to be right.
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

/// Holds a member against the grammar of Level 2, 3.3.1.3.
pub(super) fn check(key: &str, value: &str) -> Result<(), Error> {
    let starts_right =
        key.starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit());
    let is_key =
        |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'*' | b'/' | b'@');
    if !starts_right || key.len() > 256 || !key.bytes().all(is_key) {
        return Err(Error::new(format!(
            "{key:?} is no key of a tracestate: those have 1 to 256 of a-z, 0-9 and _-*/@, and begin with a letter or a digit"
        )));
    }
    let is_value = |byte| matches!(byte, b' '..=b'~') && byte != b',' && byte != b'=';
    if value.is_empty() || value.len() > 256 || !value.bytes().all(is_value) || value.ends_with(' ')
    {
        return Err(Error::new(format!(
            "{value:?} is no value of a tracestate: those have 1 to 256 printable ASCII characters but `,` and `=`, and do not end \
             with a space"
        )));
    }
    Ok(())
}
