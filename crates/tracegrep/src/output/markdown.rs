use crate::{draw::Drawing, printable::printable_line, tree::Tree};

/// A drawing in a ticket is this wide, so that it needs no scroll bar on most sites.
const COLUMNS: usize = 110;

/// Writes a tree for a ticket, as GitHub, GitLab and Jira's importer read Markdown: the drawing, and below it the raw lines, which GitHub
/// and GitLab fold up. Control characters of the lines are written as escapes, and tabs as spaces.
#[must_use]
pub fn markdown(tree: &Tree<'_>) -> String {
    let drawing = Drawing::new().with_width(COLUMNS).draw(tree);
    let mut raw = String::new();
    for line in tree.lines() {
        for part in std::iter::once(line.raw()).chain(line.following()) {
            raw.push_str(&printable_line(&String::from_utf8_lossy(part)));
            raw.push('\n');
        }
    }
    let (drawing_fence, raw_fence) = (fence(&drawing), fence(&raw));
    format!(
        "### Trace `{id}`\n\n{drawing_fence}text\n{drawing}{drawing_fence}\n\n<details>\n<summary>Raw lines</summary>\n\n\
         {raw_fence}text\n{raw}{raw_fence}\n\n</details>\n",
        id = tree.trace().id()
    )
}

/// Returns a fence that is longer than any run of backticks in the text, so that nothing in the text can end it.
fn fence(text: &str) -> String {
    let runs = text.split(|character| character != '`').map(str::len);
    "`".repeat(runs.max().unwrap_or(0).max(2) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_longer_than_any_run_of_backticks_in_the_text() {
        assert_eq!(fence("no code"), "```");
        assert_eq!(fence("a ```` b ` c"), "`````");
    }
}
