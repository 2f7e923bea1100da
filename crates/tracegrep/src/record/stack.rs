//! What a stack trace says about its error.

use super::error_details::ErrorDetails;

/// Begins each error in a stack trace of Python.
const TRACEBACK: &str = "Traceback (most recent call last):";

/// Returns the error whose stack trace a text is, or `None` if the text is none or does not name its error, as those of Go.
pub(super) fn error_of(text: &str) -> Option<ErrorDetails> {
    let errors = match text.contains(TRACEBACK) {
        true => of_python(text),
        false => of_java_or_node(text),
    };
    let mut errors = errors.into_iter();
    let (kind, message) = errors.next()?;
    Some(ErrorDetails {
        kind: Some(kind),
        message,
        stack: Some(text.to_owned()),
        causes: errors.filter_map(|(_, message)| message).collect(),
    })
}

/// The type and the message of an error.
type Named = (String, Option<String>);

/// Returns the errors of a stack trace of Java or Node.js: the outermost, and its causes. Frames follow each one.
fn of_java_or_node(text: &str) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    let mut is_message = false;
    for (index, line) in text.lines().enumerate() {
        let indented = line.trim_start();
        let is_frame = indented.len() < line.len() && indented.starts_with("at ");
        let cause = ["Caused by: ", "caused by: "];
        let cause = cause
            .iter()
            .find_map(|prefix| indented.strip_prefix(prefix));
        if let Some(headline) = cause.or((index == 0).then_some(line)) {
            let Some(error) = named(headline) else {
                break;
            };
            found.push(error);
            is_message = true;
        } else if is_frame || indented.starts_with("... ") {
            is_message = false;
        } else if is_message && let Some((_, Some(message))) = found.last_mut() {
            message.push('\n');
            message.push_str(line);
        }
    }
    let has_frames = text
        .lines()
        .skip(1)
        .any(|line| line.trim_start().starts_with("at "));
    if !has_frames {
        found.clear();
    }
    found
}

/// Returns the errors of a stack trace of Python, which prints the innermost cause first.
fn of_python(text: &str) -> Vec<Named> {
    let blocks = text.split(TRACEBACK).skip(1);
    let errors = blocks.filter_map(|block| {
        let lines = block
            .lines()
            .skip_while(|line| line.is_empty() || line.starts_with(' '));
        let headline: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
        named(&headline.join("\n"))
    });
    let mut errors: Vec<Named> = errors.collect();
    errors.reverse();
    errors
}

/// Splits `java.lang.IllegalStateException: card declined`, in which the message may be missing.
fn named(headline: &str) -> Option<Named> {
    let (kind, message) = match headline.split_once(": ") {
        Some((kind, message)) => (kind, Some(message.to_owned())),
        None => (headline.trim_end(), None),
    };
    let is_part = |part: &str| {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
        !part.is_empty() && part.chars().all(is_word)
    };
    // A type begins with a capital letter, perhaps after its module.
    let last = kind.rsplit('.').next()?;
    let is_type = last.starts_with(char::is_uppercase) && kind.split('.').all(is_part);
    is_type.then(|| (kind.to_owned(), message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> Option<(String, String, Vec<String>)> {
        let error = error_of(text)?;
        assert_eq!(error.stack.as_deref(), Some(text));
        Some((error.kind?, error.message.unwrap_or_default(), error.causes))
    }

    fn expected(
        kind: &str,
        message: &str,
        causes: &[&str],
    ) -> Option<(String, String, Vec<String>)> {
        let causes = causes.iter().map(|cause| (*cause).to_owned()).collect();
        Some((kind.to_owned(), message.to_owned(), causes))
    }

    #[test]
    fn a_stack_trace_of_java_has_causes() {
        let text = "java.lang.IllegalStateException: card\ndeclined\n\tat App.pay(App.java:10)\nCaused by: java.lang.NumberFormatException: For \"12x\"\n\tat java.base/java.lang.Integer.parseInt(Integer.java:668)\n\t... 2 more\n";
        let causes = ["For \"12x\""];
        assert_eq!(
            parts(text),
            expected("java.lang.IllegalStateException", "card\ndeclined", &causes)
        );
    }

    #[test]
    fn a_stack_trace_of_node_has_causes() {
        let text = "Error: card declined\n    at err (file:///app/app.mjs:8:31)\ncaused by: TypeError: bad \"bank\"\n    at err (file:///app/app.mjs:8:67)";
        assert_eq!(
            parts(text),
            expected("Error", "card declined", &["bad \"bank\""])
        );
    }

    #[test]
    fn a_stack_trace_of_python_ends_with_its_error() {
        let text = "Traceback (most recent call last):\n  File \"/app/a.py\", line 24, in pay\n    try: int(\"12x\")\nValueError: invalid literal: '12x'\n\nThe above exception was the direct cause of the following exception:\n\nTraceback (most recent call last):\n  File \"/app/b.py\", line 13, in <module>\n    try: pay()\n         ^^^^^\napp.errors.Declined: card declined\nat the till";
        let causes = ["invalid literal: '12x'"];
        assert_eq!(
            parts(text),
            expected("app.errors.Declined", "card declined\nat the till", &causes)
        );
        let bare = "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyboardInterrupt";
        assert_eq!(parts(bare), expected("KeyboardInterrupt", "", &[]));
    }

    #[test]
    fn other_texts_name_no_error() {
        for text in [
            "",
            "card declined",
            "Error: card declined",
            "main.main\n\tsample/main.go:54\nruntime.main\n\truntime/proc.go:290",
            "  File \"/app/a.py\", line 14, in <module>\n    try: pay()\n",
            "charge: card declined\n    at the till",
            "Traceback (most recent call last):",
        ] {
            assert_eq!(parts(text), None, "{text}");
        }
    }
}
