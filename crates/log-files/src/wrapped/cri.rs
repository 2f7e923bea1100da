use super::{Part, Stream};
use memchr::memchr;
use std::borrow::Cow;

/// Unwraps a line: time, stream, tags and text, with a space between them.
///
/// The first tag is `F` for the last part of a line, or `P` for another one. Colons separate it from tags that future versions may add.
pub(super) fn part(line: &[u8]) -> Option<Part<'_>> {
    let (time, rest) = word(line)?;
    let (stream, rest) = word(rest)?;
    let stream = Stream::from_name(stream)?;
    // An editor may have removed the space before an empty text.
    let (tags, text) = word(rest).unwrap_or((rest, b""));
    let is_partial = match tags {
        [b'F'] | [b'F', b':', ..] => false,
        [b'P'] | [b'P', b':', ..] => true,
        _ => return None,
    };
    is_time(time).then_some(Part {
        time,
        stream,
        text: Cow::Borrowed(text),
        is_partial,
    })
}

/// Splits off the text before the first space.
fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr(b' ', text)?;
    Some((&text[..end], &text[end + 1..]))
}

/// Whether a text has the shape of a time in RFC 3339. The shortest one has 20 characters.
pub(super) fn is_time(text: &[u8]) -> bool {
    text.len() >= 20 && text[4] == b'-' && text[10] == b'T' && text[0].is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unwrapped(line: &str) -> Option<(&str, Stream, String, bool)> {
        let part = part(line.as_bytes())?;
        let text = String::from_utf8_lossy(&part.text).into_owned();
        let time = str::from_utf8(part.time).expect("a time is ASCII");
        Some((time, part.stream, text, part.is_partial))
    }

    #[test]
    fn time_stream_tag_and_text_are_separated() {
        let time = "2026-11-28T18:53:17.298748123Z";
        for (rest, stream, text, is_partial) in [
            ("stdout F a  text ", Stream::Stdout, "a  text ", false),
            ("stderr P begin", Stream::Stderr, "begin", true),
            ("stdout F:x:P tagged", Stream::Stdout, "tagged", false),
            ("stdout P:x tagged", Stream::Stdout, "tagged", true),
            ("stdout F ", Stream::Stdout, "", false),
            ("stdout F", Stream::Stdout, "", false),
        ] {
            let line = format!("{time} {rest}");
            let expected = Some((time, stream, text.to_owned(), is_partial));
            assert_eq!(unwrapped(&line), expected, "{line}");
        }
        let offset = "2026-11-28T19:53:17.298748123+01:00 stdout F text";
        assert!(unwrapped(offset).is_some());
    }
}
