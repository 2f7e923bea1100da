//! Columns of a database key, as in `Key (user, token)=(ada, x) already exists.`

use super::{value::Value, words};
use crate::{key_rule::KeyRule, prepared::Prepared};

/// The longest list of columns that is looked at.
const LONGEST: usize = 256;

/// How far the end of the values is looked for.
const LONGEST_VALUES: usize = 1 << 12;

/// What follows the values in messages of PostgreSQL.
const ENDS: [&str; 4] = [
    ") already exists",
    ") is not present",
    ") is still referenced",
    ") conflicts with",
];

/// Returns all values if one of the columns before the separator has a rule.
pub(super) fn secret_after(
    rules: &Prepared,
    text: &str,
    separator: usize,
) -> Option<(Value, KeyRule)> {
    let before = text.get(..separator)?.strip_suffix(')')?;
    let values = text.get(separator..)?.strip_prefix("=(")?;
    let first = before.len().saturating_sub(LONGEST);
    let opening = before.as_bytes().get(first..)?;
    let opening = first + opening.iter().rposition(|byte| *byte == b'(')?;
    let columns = before.get(opening + 1..)?.split(',');
    let mut found = columns.map(|column| column.trim_matches([' ', '"', '\\']));
    let rule = found.find_map(|column| rules.named_key(column))?;
    if words::starts_replaced(values) {
        return None;
    }
    let near = values.as_bytes().get(..LONGEST_VALUES);
    let near = near.unwrap_or(values.as_bytes());
    let mut ends = near.iter().enumerate().filter(|(_, byte)| **byte == b')');
    let is_message = |at: usize| {
        let rest = values.get(at..).unwrap_or_default();
        ENDS.iter().any(|end| rest.starts_with(end))
    };
    let message = ends.clone().map(|(at, _)| at).find(|at| is_message(*at));
    let end = message.or_else(|| ends.next().map(|(at, _)| at));
    let start = separator + 2;
    let end = start + end.unwrap_or(values.len());
    Some((Value::bare(start..end), rule))
}
