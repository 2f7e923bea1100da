//! The forms of an id, as the bytes to search for and the rule that a hit must satisfy.

use super::{
    TraceId,
    hit::Hit,
    neighbours::{hex_run, is_decimal, is_end, is_hex, is_start},
    trace_query::Wanted,
};
use std::ops::Range;

/// A decimal number with fewer digits is not searched for, because too much else has it.
const MIN_DECIMAL: u64 = 1_000_000_000;

/// Where dashes divide the digits of a UUID.
const DASHES: [usize; 4] = [8, 12, 16, 20];

/// A text that can be an id.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) text: Vec<u8>,
    rule: Rule,
}

/// What must be around the text of a form.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// No other hexadecimal digit.
    Hex(TraceId),
    /// No other digit, and no point.
    Decimal(TraceId),
    /// The text is the beginning of 32 hexadecimal digits. 16 digits can be a short id too.
    Prefix,
    /// The text is the beginning of a UUID, or of an id of X-Ray without its version.
    DashedPrefix,
    /// The text is the end of 32 hexadecimal digits, or all of a short id.
    Lower,
}

impl Form {
    /// All forms of what is looked for. No two have the same text.
    pub(super) fn all_of(wanted: &Wanted) -> Vec<Self> {
        let mut forms = Vec::new();
        match wanted {
            Wanted::Whole(id) => whole(*id, &mut forms),
            Wanted::Prefix(digits) => {
                both_cases(digits, Rule::Prefix, &mut forms);
                if digits.len() > 8 {
                    both_cases(&dashed(digits), Rule::DashedPrefix, &mut forms);
                    both_cases(&of_xray(digits), Rule::DashedPrefix, &mut forms);
                }
            }
            Wanted::Lower(lower) => {
                both_cases(&format!("{lower:016x}"), Rule::Lower, &mut forms);
                if let Some(id) = TraceId::new((*lower).into()) {
                    decimal(id, &mut forms);
                    short_number(id, &mut forms);
                }
            }
        }
        forms
    }

    /// Returns the id at this range of the text, if it is whole.
    pub(super) fn check(&self, text: &[u8], found: Range<usize>) -> Option<Hit> {
        let Range { start, end } = found;
        let certain = |start, end, id| Hit {
            start,
            end,
            id,
            is_certain: true,
        };
        match self.rule {
            Rule::Hex(id) => {
                let is_whole = is_start(text, start, is_hex) && is_end(text, end, is_hex);
                is_whole.then(|| certain(start, end, id))
            }
            Rule::Decimal(id) => {
                let is_fraction =
                    || text.get(end) == Some(&b'.') && !is_end(text, end + 1, is_decimal);
                let is_whole = is_start(text, start, is_decimal)
                    && is_end(text, end, is_hex)
                    && !is_fraction();
                is_whole.then(|| certain(start, end, id))
            }
            Rule::Prefix | Rule::DashedPrefix if !is_start(text, start, is_hex) => None,
            Rule::Prefix => {
                let length = hex_run(text, start);
                let id = || TraceId::from_hex(text_at(text, start, length)?);
                match length {
                    32 => Some(certain(start, start + 32, id()?)),
                    16 => Some(Hit {
                        is_certain: false,
                        ..certain(start, start + 16, id()?)
                    }),
                    8 => with_dashes(text, start),
                    _ => None,
                }
            }
            Rule::DashedPrefix => with_dashes(text, start),
            Rule::Lower => {
                let before = text.get(..start).unwrap_or_default().iter().rev().take(17);
                let before = before.take_while(|byte| is_hex(byte)).count();
                let length = match before {
                    16 => 32,
                    _ if is_start(text, start, is_hex) => 16,
                    _ => return None,
                };
                let start = end.checked_sub(length)?;
                let id = TraceId::from_hex(text_at(text, start, length)?)?;
                is_end(text, end, is_hex).then(|| certain(start, end, id))
            }
        }
    }
}

fn whole(id: TraceId, forms: &mut Vec<Form>) {
    let digits = id.to_string();
    both_cases(&digits, Rule::Hex(id), forms);
    both_cases(&dashed(&digits), Rule::Hex(id), forms);
    both_cases(&of_xray(&digits), Rule::Hex(id), forms);
    decimal(id, forms);
    short_number(id, forms);
    if id.is_short() {
        both_cases(&format!("{:016x}", id.lower()), Rule::Hex(id), forms);
    }
}

fn decimal(id: TraceId, forms: &mut Vec<Form>) {
    if id.lower() >= MIN_DECIMAL {
        add(id.lower().to_string(), Rule::Decimal(id), forms);
    }
}

/// Adds `0x` and the digits without leading zeros. With 32 or 16 digits they are found without `0x`.
fn short_number(id: TraceId, forms: &mut Vec<Form>) {
    let digits = id.to_string();
    let digits = digits.trim_start_matches('0');
    both_cases(&format!("0x{digits}"), Rule::Hex(id), forms);
}

fn both_cases(text: &str, rule: Rule, forms: &mut Vec<Form>) {
    add(text.to_owned(), rule, forms);
    // The `x` of `0x` keeps its case.
    add(text.to_ascii_uppercase().replace("0X", "0x"), rule, forms);
}

/// Adds a form, unless one that is there finds all that it finds.
fn add(text: String, rule: Rule, forms: &mut Vec<Form>) {
    let text = text.into_bytes();
    let is_known = |form: &Form| form.text == text || text.strip_prefix(b"0x") == Some(&form.text);
    if !forms.iter().any(is_known) {
        forms.push(Form { text, rule });
    }
}

/// Puts dashes between digits as in a UUID.
fn dashed(digits: &str) -> String {
    let mut dashed = String::with_capacity(36);
    for (at, digit) in digits.char_indices() {
        if DASHES.contains(&at) {
            dashed.push('-');
        }
        dashed.push(digit);
    }
    dashed
}

/// Puts a dash between digits as X-Ray does.
fn of_xray(digits: &str) -> String {
    match digits.split_at_checked(8) {
        Some((time, rest)) => format!("{time}-{rest}"),
        None => digits.to_owned(),
    }
}

/// Reads the id with dashes that begins at an index.
fn with_dashes(text: &[u8], start: usize) -> Option<Hit> {
    let read = |length, with_dashes: fn(&str) -> String| {
        let written = text_at(text, start, length)?;
        let digits = written.replace('-', "");
        let is_id = digits.len() == 32 && with_dashes(&digits).eq_ignore_ascii_case(written);
        (is_id && is_end(text, start + length, is_hex)).then_some(Hit {
            start,
            end: start + length,
            id: TraceId::from_hex(&digits)?,
            is_certain: true,
        })
    };
    read(36, dashed).or_else(|| read(33, of_xray))
}

fn text_at(text: &[u8], start: usize, length: usize) -> Option<&str> {
    str::from_utf8(text.get(start..start + length)?).ok()
}
