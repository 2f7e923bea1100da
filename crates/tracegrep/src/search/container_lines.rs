use super::line_text::LineText;
use log_files::{Joined, Joiner, LineSplitter, RawLine, Wrapping};
use std::borrow::Cow;

/// Unwraps the lines that a container runtime has stored, and joins their parts.
pub(crate) struct ContainerLines {
    wrapping: Wrapping,
    splitter: LineSplitter,
    joiner: Joiner,
}

impl ContainerLines {
    /// Recognizes the form of a text by its first line, which is at this offset.
    pub(crate) fn detect(text: &[u8], offset: u64) -> Option<Self> {
        let mut lines = text.split(|byte| *byte == b'\n');
        let first = lines.find(|line| !line.is_empty()).unwrap_or_default();
        let first = first.strip_suffix(b"\r").unwrap_or(first);
        Some(Self {
            wrapping: Wrapping::detect(first)?,
            splitter: LineSplitter::new(offset),
            joiner: Joiner::new(),
        })
    }

    /// Continues at another offset, at which a line begins. No line is unfinished.
    pub(super) fn skip_to(&mut self, offset: u64) {
        self.splitter = LineSplitter::new(offset);
    }

    /// Whether no part of a line is waiting for the next part.
    pub(super) fn is_between_lines(&self) -> bool {
        self.joiner.unfinished_offset().is_none()
    }

    /// Calls a function with each line that ends in the next block of text.
    pub(crate) fn push(&mut self, block: &[u8], mut visit: impl FnMut(&LineText<'_>)) {
        for line in self.splitter.push(block) {
            if let Some(line) = unwrap(self.wrapping, &mut self.joiner, &line) {
                visit(&line);
            }
        }
    }

    /// Calls a function with each line that has not ended.
    pub(crate) fn finish(&mut self, mut visit: impl FnMut(&LineText<'_>)) {
        if let Some(line) = self.splitter.finish()
            && let Some(line) = unwrap(self.wrapping, &mut self.joiner, &line)
        {
            visit(&line);
        }
        while let Some(joined) = self.joiner.finish() {
            visit(&rewrapped(self.wrapping, joined));
        }
    }
}

/// Returns the line, or `None` while its last part is missing.
fn unwrap<'l>(
    wrapping: Wrapping,
    joiner: &mut Joiner,
    line: &'l RawLine<'_>,
) -> Option<LineText<'l>> {
    let Some(part) = wrapping.part(&line.text) else {
        return Some(LineText::plain(line.offset, &line.text));
    };
    let joined = joiner.push(line.offset, part)?;
    Some(match joined.offset == line.offset && !joined.is_cut {
        true => LineText {
            stream: joined.stream,
            offset: line.offset,
            raw: Cow::Borrowed(&line.text),
            text: joined.text,
            is_cut: false,
        },
        false => rewrapped(wrapping, joined),
    })
}

/// Writes a joined line as the container runtime would have written it without its limit.
fn rewrapped<'l>(wrapping: Wrapping, joined: Joined<'l>) -> LineText<'l> {
    let stream = joined.stream.as_str();
    let raw = match wrapping {
        Wrapping::Cri => {
            let between = format!(" {stream} F ");
            [&*joined.time, between.as_bytes(), &joined.text].concat()
        }
        Wrapping::Docker => {
            let text = String::from_utf8_lossy(&joined.text) + "\n";
            let time = String::from_utf8_lossy(&joined.time);
            let line = serde_json::json!({"log": text, "stream": stream, "time": time});
            line.to_string().into_bytes()
        }
    };
    LineText {
        stream: joined.stream,
        offset: joined.offset,
        raw: Cow::Owned(raw),
        text: joined.text,
        is_cut: joined.is_cut,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<(String, String)> {
        let mut found = Vec::new();
        let mut visit = |line: &LineText<'_>| {
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            found.push((text(&line.raw), text(&line.text)));
        };
        let mut lines = ContainerLines::detect(text.as_bytes(), 0).expect("container lines");
        lines.push(text.as_bytes(), &mut visit);
        lines.finish(&mut visit);
        found
    }

    fn pair(raw: &str, text: &str) -> (String, String) {
        (raw.to_owned(), text.to_owned())
    }

    #[test]
    fn parts_of_a_line_of_kubernetes_become_one_line() {
        let time = "2026-11-28T18:53:17.1Z";
        let text = format!("{time} stdout P be\n{time} stderr F other\n{time} stdout F gin\n");
        assert_eq!(
            lines(&text),
            [
                pair(&format!("{time} stderr F other"), "other"),
                pair(&format!("{time} stdout F begin"), "begin"),
            ]
        );
    }

    #[test]
    fn parts_of_a_line_of_docker_become_one_line() {
        let end = r#","stream":"stdout","time":"2026-11-28T18:53:17.1Z"}"#;
        let text = format!("{{\"log\":\"\\\"be\"{end}\n{{\"log\":\"gin\\n\"{end}\n");
        let joined = format!("{{\"log\":\"\\\"begin\\n\"{end}");
        assert_eq!(lines(&text), [pair(&joined, "\"begin")]);
    }
}
