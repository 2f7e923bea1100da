use super::{data, escape};
use crate::{draw::Drawing, tree::Tree};

/// Has the security policy, which allows this script and this style by their hashes, and nothing else.
const PAGE: &str = include_str!("page.html");
const STYLE: &str = concat!(
    include_str!("style/colors.css"),
    include_str!("style/page.css"),
    include_str!("style/rows.css"),
    include_str!("style/details.css"),
    include_str!("style/phone.css"),
    include_str!("style/low.css"),
);
/// The parts of the script share one scope, a block that keeps their names from those of the browser.
const SCRIPT: &str = concat!(
    "\"use strict\";\n{\n",
    include_str!("script/elements.js"),
    include_str!("script/model.js"),
    include_str!("script/filter.js"),
    include_str!("script/window.js"),
    include_str!("script/axis.js"),
    include_str!("script/overview.js"),
    include_str!("script/row.js"),
    include_str!("script/list.js"),
    include_str!("script/details.js"),
    include_str!("script/heading.js"),
    include_str!("script/commands.js"),
    include_str!("script/start.js"),
    "}\n",
);

/// The drawing for browsers without JavaScript is this wide.
const COLUMNS: usize = 140;

/// Writes a tree as a page for a browser: one HTML file that loads nothing else, neither from the network nor from the disk.
///
/// The page shows the same rows as [`Drawing`](crate::Drawing), and on demand all that is known of a span or a line. Text of a log is shown
/// as text, whatever it contains: a Content-Security-Policy forbids all scripts and styles but those of the page, and control characters and
/// invisible characters are written as escapes. Without JavaScript, the page shows the drawing.
#[must_use]
pub fn html(tree: &Tree<'_>) -> String {
    let drawing = Drawing::new().with_width(COLUMNS).draw(tree);
    fill(
        PAGE,
        &[
            ("id", &tree.trace().id().to_string()),
            ("style", STYLE),
            ("drawing", &escape::in_element(&drawing)),
            ("data", &escape::in_script(&data::of(tree).to_string())),
            ("script", SCRIPT),
        ],
    )
}

/// Replaces each `{{name}}` of a template. What is put in is not searched for names.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut pieces = template.split("{{");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let Some((name, text)) = piece.split_once("}}") else {
            continue;
        };
        let value = values.iter().find(|(known, _)| *known == name);
        out.push_str(value.map_or("", |(_, value)| value));
        out.push_str(text);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use sha2::{Digest as _, Sha256};

    #[test]
    fn the_policy_of_the_page_has_the_hashes_of_its_script_and_its_style() {
        for (directive, text) in [("script-src", SCRIPT), ("style-src", STYLE)] {
            let hash = BASE64_STANDARD.encode(Sha256::digest(text));
            let expected = format!("{directive} 'sha256-{hash}';");
            assert!(PAGE.contains(&expected), "page.html needs {expected}");
        }
    }

    #[test]
    fn the_script_creates_no_markup_from_text() {
        for name in [
            "innerHTML",
            "outerHTML",
            "insertAdjacentHTML",
            "document.write",
            "eval(",
            "href",
        ] {
            assert!(!SCRIPT.contains(name), "{name}");
        }
    }

    #[test]
    fn what_is_put_into_the_template_is_not_searched_for_names() {
        let values = [("a", "{{b}}"), ("b", "}} x {{a}}")];
        assert_eq!(fill("<{{a}}|{{b}}>", &values), "<{{b}}|}} x {{a}}>");
    }
}
