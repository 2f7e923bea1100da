//! Reads any bytes as the line of a logger, and draws the trace that it belongs to.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tracegrep::{Drawing, Outcome, Reader, Search, Tree, html, json, markdown};

const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

fuzz_target!(|bytes: &[u8]| {
    let _ = Reader::new().read(bytes);
    // The id makes a trace of the same bytes, before and after it.
    let text = [bytes, ID.as_bytes(), bytes, b"\n"].concat();
    let search = Search::new().with_reader("-", std::io::Cursor::new(text));
    let query = ID.parse().expect("an id");
    if let Outcome::Trace(trace) = search.find(&query).outcome {
        let tree = Tree::of(&trace);
        let drawing = Drawing::new().draw(&tree);
        let is_safe = |character: char| character == '\n' || !character.is_control();
        assert!(drawing.chars().all(is_safe), "{drawing:?}");
        serde_json::from_str::<serde_json::Value>(&json(&tree)).expect("it is JSON");
        let _ = markdown(&tree);
        let page = html(&tree);
        assert!(page.chars().all(is_safe), "{page:?}");
        assert_eq!(page.matches("<script").count(), 2, "{page}");
        assert_eq!(page.matches("</script").count(), 2, "{page}");
    }
});
