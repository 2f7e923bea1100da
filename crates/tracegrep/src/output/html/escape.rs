//! Text in places of a page that have syntax of their own.

/// Writes JSON so that no text in it can end the element around it or begin another one. `</script>` and `<!--` would.
pub(super) fn in_script(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            // These are in strings only, where JSON allows escapes for all characters.
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => out.push(other),
        }
    }
    out
}

/// Writes text so that it has no markup.
pub(super) fn in_element(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn json_in_a_script_has_no_character_of_markup_and_still_the_same_value() {
        let value = json!({"</script><!--": "a & b ]]> \u{2028}\u{2029} \\u003c \" <script>"});
        let escaped = in_script(&value.to_string());
        assert!(!escaped.contains(['<', '>', '&', '\u{2028}', '\u{2029}']));
        let read: Value = serde_json::from_str(&escaped).expect("JSON");
        assert_eq!(read, value);
    }

    #[test]
    fn text_in_an_element_has_no_markup() {
        assert_eq!(
            in_element(r#"</pre><b id="x" class='y'>&amp;"#),
            "&lt;/pre&gt;&lt;b id=&quot;x&quot; class=&#39;y&#39;&gt;&amp;amp;"
        );
    }
}
