//! Reads the tables of `docs/migration.md`.

/// A row: its two cells as they are on the page, and the test that compares both sides.
pub(crate) type Row = (&'static str, &'static str, fn());

/// Checks that the table of a section has exactly these rows.
pub(crate) fn check(section: &str, rows: &[Row]) {
    let tested: Vec<(&str, &str)> = rows
        .iter()
        .map(|(before, after, _)| (*before, *after))
        .collect();
    assert_eq!(
        table(section),
        tested,
        "the rows of section {section:?} of docs/migration.md differ from those of its tests"
    );
}

/// The rows of the table in a section, without the header.
fn table(section: &str) -> Vec<(&'static str, &'static str)> {
    let page = include_str!("../../docs/migration.md");
    let heading = format!("\n## {section}\n");
    let start = page.find(&heading).expect("the page has the section") + heading.len();
    let text = &page[start..];
    let text = &text[..text.find("\n## ").unwrap_or(text.len())];
    let mut rows = text.lines().filter(|line| line.starts_with("| "));
    let _header = rows.next().expect("the section has a table");
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 2, "{row}");
        (cells[0].trim(), cells[1].trim())
    })
    .collect()
}
