//! The tables of `docs/migration.md`.

/// The two cells of a row, as the page has them, and the test that compares both sides.
pub(crate) type Row = (&'static str, &'static str, fn());

/// Checks that a section of the page has these rows and no others.
pub(crate) fn check(section: &str, rows: &[Row]) {
    let tested: Vec<(&str, &str)> = rows.iter().map(|(old, here, _)| (*old, *here)).collect();
    assert_eq!(
        table(section),
        tested,
        "the rows of the section {section:?} of docs/migration.md, and those of its tests"
    );
}

/// The rows of the only table of two columns in a section, without its head.
fn table(section: &str) -> Vec<(&'static str, &'static str)> {
    let page = include_str!("../../docs/migration.md");
    let heading = format!("\n## {section}\n");
    let start = page.find(&heading).expect("the section") + heading.len();
    let text = &page[start..];
    let text = &text[..text.find("\n## ").unwrap_or(text.len())];
    let mut rows = text.lines().filter(|line| line.starts_with("| "));
    let _head = rows.next().expect("a table");
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 2, "{row}");
        (cells[0].trim(), cells[1].trim())
    })
    .collect()
}
