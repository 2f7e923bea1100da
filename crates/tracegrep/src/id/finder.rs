use super::{TraceId, form::Form, hit::Hit, searcher::Searcher, trace_query::TraceQuery};
use aho_corasick::BuildError;
use log_files::trace_index::TraceKey;

/// Finds an id in a text, in any of its forms, with one scan.
#[derive(Clone, Debug)]
pub(crate) struct Finder {
    forms: Vec<Form>,
    searcher: Searcher,
    key: Option<TraceKey>,
}

impl Finder {
    pub(crate) fn new(query: &TraceQuery) -> Result<Self, BuildError> {
        let forms = Form::all_of(&query.0);
        let texts: Vec<&[u8]> = forms.iter().map(|form| &*form.text).collect();
        Ok(Self {
            searcher: Searcher::new(&texts)?,
            forms,
            key: query.whole().and_then(TraceId::key),
        })
    }

    /// The key by which an index says where the id may be, if it knows all that this finds.
    pub(crate) fn key(&self) -> Option<TraceKey> {
        self.key
    }

    /// Returns the first id that begins at `from` or after it. The text before `from` counts for whether the id is whole.
    pub(crate) fn find(&self, text: &[u8], from: usize) -> Option<Hit> {
        let mut from = from;
        loop {
            let (form, found) = self.searcher.find(text, from)?;
            from = found.start + 1;
            let hit = self.forms.get(form)?.check(text, found);
            if hit.is_some() {
                return hit;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn found(query: &str, text: &str) -> Vec<String> {
        let query = query.parse().expect("a query");
        let finder = Finder::new(&query).expect("a finder");
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(hit) = finder.find(text.as_bytes(), from) {
            found.push(hit.id.to_string());
            from = hit.end;
        }
        found
    }

    #[test]
    fn an_id_is_found_in_each_form() {
        for text in [
            r#"{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}"#,
            r#"{"trace_id":"4BF92F3577B34DA6A3CE929D0E0E4736"}"#,
            r#"{"trace_id":"4bf92f35-77b3-4da6-a3ce-929d0e0e4736"}"#,
            "trace=1-4bf92f35-77b34da6a3ce929d0e0e4736",
            "id=0x4bf92f3577b34da6a3ce929d0e0e4736,",
            r#"{"dd.trace_id":"11803532876627986230"}"#,
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "projects/shop/traces/4bf92f3577b34da6a3ce929d0e0e4736",
            "\u{1b}[3mtrace_id\u{1b}[0m\u{1b}[2m=\u{1b}[0m4bf92f3577b34da6a3ce929d0e0e4736\u{1b}[0m",
            r#"{"log":"{\"trace_id\":\"4bf92f3577b34da6a3ce929d0e0e4736\"}\n"}"#,
            r#"{\u0022trace_id\u0022:\u00224bf92f3577b34da6a3ce929d0e0e4736\u0022}"#,
            "[4bf92f3577b34da6a3ce929d0e0e4736]",
            ID,
        ] {
            assert_eq!(found(ID, text), [ID], "{text}");
        }
    }

    #[test]
    fn an_id_within_a_longer_number_is_not_found() {
        for text in [
            "4bf92f3577b34da6a3ce929d0e0e47360",
            "a4bf92f3577b34da6a3ce929d0e0e4736",
            "118035328766279862301",
            "211803532876627986230",
            "0.11803532876627986230",
            "11803532876627986230.5",
            "4bf92f35-77b3-4da6-a3ce-929d0e0e47361",
            "a3ce929d0e0e4736",
        ] {
            assert_eq!(found(ID, text), <[&str; 0]>::default(), "{text}");
        }
    }

    #[test]
    fn an_id_with_leading_zeros_is_found_without_them_after_0x_and_as_64_bits() {
        let id = "0000000000000000a3ce929d0e0e4736";
        for text in [
            id,
            "0xa3ce929d0e0e4736",
            "0xA3CE929D0E0E4736",
            "trace_id=a3ce929d0e0e4736",
        ] {
            assert_eq!(found(id, text), [id], "{text}");
        }
        let id = "000000003577b34da6a3ce929d0e0e47";
        assert_eq!(found(id, "0x3577b34da6a3ce929d0e0e47"), [id]);
        assert_eq!(
            found(id, "3577b34da6a3ce929d0e0e47"),
            <[&str; 0]>::default()
        );
    }

    #[test]
    fn a_prefix_finds_all_ids_that_begin_with_it() {
        let other = "4bf92f35aaaaaaaaaaaaaaaaaaaaaaaa";
        let text = format!("{ID} {other} 4BF92F35-77B3-4DA6-A3CE-929D0E0E4736 4bf92f35 x{ID}f");
        assert_eq!(found("4bf92f35", &text), [ID, other, ID]);
        assert_eq!(found("4bf92f3577b34", &text), [ID, ID]);
    }

    #[test]
    fn a_prefix_finds_ids_in_the_form_of_x_ray_and_may_have_it() {
        let text = "Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Sampled=1";
        for query in [
            "4bf92f35",
            "4bf92f3577b3",
            "4bf92f3577b34da",
            "1-4bf92f35",
            "1-4bf92f35-77b3",
            "Root=1-4bf92f35-77b34da6",
        ] {
            assert_eq!(found(query, text), [ID], "{query}");
            assert_eq!(found(query, ID), [ID], "{query}");
        }
        assert_eq!(
            found("4bf92f35", &text.replace("36;", "361;")),
            <[&str; 0]>::default()
        );
    }

    #[test]
    fn a_decimal_number_finds_ids_with_these_lower_64_bits() {
        let text = format!("{ID} 11803532876627986230 a3ce929d0e0e4736 1a3ce929d0e0e4736");
        let short = "0000000000000000a3ce929d0e0e4736";
        assert_eq!(found("11803532876627986230", &text), [ID, short, short]);
    }

    #[test]
    fn a_decimal_number_of_a_few_digits_is_not_searched_for() {
        let id = "0000000000000000000000000000002a";
        assert_eq!(found(id, "attempt=42"), <[&str; 0]>::default());
        assert_eq!(found(id, id), [id]);
    }
}
