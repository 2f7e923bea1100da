//! Whole values and lines.

use crate::{
    bytes::Bytes,
    json::{Walk, Walked},
    redactor::Redactor,
};

impl Redactor {
    /// Returns the JSON value of the field `key` with all secrets in it replaced, and counts them: by the keys and paths within it, and by
    /// patterns in its strings. `None` if it has none. The value's own key is not looked up.
    #[must_use]
    pub fn json(&self, key: &str, json: &[u8]) -> Option<Vec<u8>> {
        let bytes = Bytes::new(json);
        let walked = Walk::of_value(self, key, bytes.text()).run();
        self.with_rest(&bytes, walked)
    }

    /// Returns a line of another program with all secrets in it replaced, and counts them. `None` if it has none.
    ///
    /// A line that is a JSON object is redacted by its keys, paths and patterns, except for its time, its level and its ids. If it is cut, or
    /// stops being JSON, the rest is redacted as a text, as is any other line. The line may end with a newline.
    #[must_use]
    pub fn line(&self, line: &[u8]) -> Option<Vec<u8>> {
        let bytes = Bytes::new(line);
        if line.trim_ascii_start().starts_with(b"{") {
            let walked = Walk::of_line(self, bytes.text()).run();
            return self.with_rest(&bytes, walked);
        }
        let text = self.text(bytes.text())?;
        Some(bytes.restored(text))
    }

    /// Returns the text that was walked and the rest after it, redacted as a text.
    fn with_rest(&self, bytes: &Bytes<'_>, walked: Walked) -> Option<Vec<u8>> {
        let (json, rest) = bytes.text().split_at_checked(walked.end)?;
        let redacted = self.text(rest);
        if walked.changed.is_none() && redacted.is_none() {
            return None;
        }
        let mut text = walked.changed.unwrap_or_else(|| json.to_owned());
        text.push_str(redacted.as_deref().unwrap_or(rest));
        Some(bytes.restored(text))
    }
}
