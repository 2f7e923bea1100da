//! The texts for which a server is asked.

use super::{
    form::Form,
    trace_query::{TraceQuery, Wanted},
};

/// A text that is an id, or a part of one. It has only hexadecimal digits, dashes and `x`, so it needs no escapes in any query language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    pub(crate) text: String,
    pub(crate) place: Place,
}

/// Which part of an id a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Whole,
    Beginning,
    End,
}

/// Returns the texts by which a server finds all lines that a [`Finder`](super::Finder) finds. A server may find more.
pub(crate) fn terms(query: &TraceQuery) -> Vec<Term> {
    let forms = Form::all_of(&query.0).into_iter();
    let texts = forms.map(|form| String::from_utf8_lossy(&form.text).into_owned());
    let term = |text: String| Term {
        place: place(&query.0, &text),
        text,
    };
    texts.map(term).collect()
}

fn place(wanted: &Wanted, text: &str) -> Place {
    match wanted {
        Wanted::Whole(_) => Place::Whole,
        Wanted::Prefix(_) => Place::Beginning,
        Wanted::Lower(lower) if text.eq_ignore_ascii_case(&format!("{lower:016x}")) => Place::End,
        Wanted::Lower(_) => Place::Whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(query: &str) -> Vec<(String, Place)> {
        let terms = terms(&query.parse().expect("a query"));
        terms
            .into_iter()
            .map(|term| (term.text, term.place))
            .collect()
    }

    #[test]
    fn a_server_is_asked_for_each_form_of_an_id() {
        let whole = of("4bf92f3577b34da6a3ce929d0e0e4736");
        for text in [
            "4bf92f3577b34da6a3ce929d0e0e4736",
            "4BF92F3577B34DA6A3CE929D0E0E4736",
            "4bf92f35-77b3-4da6-a3ce-929d0e0e4736",
            "4bf92f35-77b34da6a3ce929d0e0e4736",
            "11803532876627986230",
        ] {
            let expected = (text.to_owned(), Place::Whole);
            assert!(whole.contains(&expected), "{text} in {whole:?}");
        }
        let prefix = of("4bf92f3577");
        assert!(prefix.contains(&("4bf92f35-77".to_owned(), Place::Beginning)));
        let decimal = of("11803532876627986230");
        assert!(decimal.contains(&("a3ce929d0e0e4736".to_owned(), Place::End)));
        assert!(decimal.contains(&("11803532876627986230".to_owned(), Place::Whole)));
    }

    #[test]
    fn no_term_needs_an_escape() {
        for query in [
            "4BF92F3577B34DA6A3CE929D0E0E4736",
            "4bf92f3577",
            "11803532876627986230",
        ] {
            for (text, _) in of(query) {
                let is_plain = |byte: u8| byte.is_ascii_hexdigit() || b"-x".contains(&byte);
                assert!(text.bytes().all(is_plain), "{text}");
            }
        }
    }
}
