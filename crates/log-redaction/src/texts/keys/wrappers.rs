//! Values in a type whose name is that of a secret, such as `Password("x")`.

use super::{value::quoted, words};
use crate::{prepared::Prepared, texts::hits::Hits};

/// The longest name of a type that is looked at.
const LONGEST: usize = 64;

/// Finds the values in such types. A function is none: its name begins with a small letter.
pub(super) fn find(rules: &Prepared, text: &str, hits: &mut Hits<'_>) {
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find('(')) {
        let bracket = from + found;
        from = bracket + 1;
        let before = text.as_bytes().get(..bracket).unwrap_or_default();
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric();
        let length = before
            .iter()
            .rev()
            .take(LONGEST)
            .take_while(is_part)
            .count();
        let name = text.get(bracket - length..bracket).unwrap_or_default();
        if !name.starts_with(|first: char| first.is_ascii_uppercase()) {
            continue;
        }
        let Some(rule) = rules.named_key(name) else {
            continue;
        };
        if let Some(value) = quoted(text, from) {
            from = value.end;
            let secret = text.get(value.secret.clone()).unwrap_or_default();
            if !words::is_template(secret) {
                hits.push(value.secret, rule.rule as usize, rule.replacement);
            }
        }
    }
}
