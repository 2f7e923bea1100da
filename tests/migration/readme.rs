//! The tables of the README.

/// The two cells of a row, as the README has them, and the test that compares both sides.
pub(crate) type Row = (&'static str, &'static str, fn());

/// Checks that the README's section has these rows and no others.
pub(crate) fn check(section: &str, rows: &[Row]) {
    let tested: Vec<(&str, &str)> = rows.iter().map(|(old, here, _)| (*old, *here)).collect();
    assert_eq!(
        table(section),
        tested,
        "the rows of the README's section {section:?}, and those of its tests"
    );
}

/// The rows of the only table of two columns in a section, without its head.
fn table(section: &str) -> Vec<(&'static str, &'static str)> {
    let readme = include_str!("../../README.md");
    let heading = format!("\n## {section}\n");
    let start = readme.find(&heading).expect("the section") + heading.len();
    let text = &readme[start..];
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
