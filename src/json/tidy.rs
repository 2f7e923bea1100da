use super::{escape::push_string, repeated_keys::without_repeated_keys};

/// The deepest nesting that is accepted. No index accepts more, and the stack is limited.
const MAX_DEPTH: usize = 128;

/// Rewrites a JSON value from another serializer by this crate's rules.
///
/// Removes spaces and repeated keys (the last stays), escapes strings as this crate does, and writes integers beyond 64 bits and
/// numbers beyond any float as strings. Returns `None` for invalid JSON: `serde_json` writes it if a `Serialize` states a wrong
/// length, and a line must be valid whatever the application logs.
pub(crate) fn tidy(json: &str) -> Option<String> {
    let mut tidy = Tidy::new(json);
    tidy.value(0)?;
    let is_complete = tidy.peek().is_none();
    let out = without_repeated_keys(tidy.out);
    String::from_utf8(out).ok().filter(|_| is_complete)
}

/// Returns the text of a JSON value that is one string.
#[cfg(feature = "log")]
pub(crate) fn text_of(json: &str) -> Option<String> {
    let mut tidy = Tidy::new(json);
    tidy.string()?;
    tidy.peek().is_none().then_some(tidy.text)
}

struct Tidy<'a> {
    json: &'a str,
    at: usize,
    /// The last string, unescaped.
    text: String,
    out: Vec<u8>,
}

impl<'a> Tidy<'a> {
    fn new(json: &'a str) -> Self {
        Self {
            json,
            at: 0,
            text: String::new(),
            out: Vec::with_capacity(json.len()),
        }
    }

    /// Skips spaces and returns the next byte.
    fn peek(&mut self) -> Option<u8> {
        let rest = &self.json.as_bytes()[self.at..];
        let spaces = rest.iter().take_while(|byte| b" \t\r\n".contains(byte));
        self.at += spaces.count();
        self.json.as_bytes().get(self.at).copied()
    }

    /// Consumes `byte` if it is the next byte.
    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        if depth == MAX_DEPTH {
            return None;
        }
        match self.peek()? {
            b'{' => self.values(b'{', b'}', |tidy| {
                tidy.string()?;
                tidy.take(b':')?;
                tidy.out.push(b':');
                tidy.value(depth + 1)
            }),
            b'[' => self.values(b'[', b']', |tidy| tidy.value(depth + 1)),
            b'"' => self.string(),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.number(),
        }
    }

    /// Reads the members of an object or the values of an array.
    fn values(&mut self, open: u8, close: u8, one: impl Fn(&mut Self) -> Option<()>) -> Option<()> {
        self.take(open)?;
        self.out.push(open);
        if self.take(close).is_none() {
            loop {
                one(self)?;
                if self.take(b',').is_none() {
                    break;
                }
                self.out.push(b',');
            }
            self.take(close)?;
        }
        self.out.push(close);
        Some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.json[self.at..].starts_with(word).then(|| {
            self.at += word.len();
            self.out.extend_from_slice(word.as_bytes());
        })
    }

    /// Reads a string, removes its escapes and writes it with this crate's escapes.
    fn string(&mut self) -> Option<()> {
        self.take(b'"')?;
        self.text.clear();
        loop {
            let rest = &self.json[self.at..];
            let special = rest.find(|c: char| c == '"' || c == '\\' || c < ' ')?;
            self.text.push_str(&rest[..special]);
            self.at += special + 1;
            match rest.as_bytes()[special] {
                b'"' => break,
                b'\\' => {
                    let unescaped = self.escape()?;
                    self.text.push(unescaped);
                }
                _ => return None,
            }
        }
        push_string(&mut self.out, &self.text);
        Some(())
    }

    /// Reads the character of an escape, after its backslash.
    fn escape(&mut self) -> Option<char> {
        let letter = *self.json.as_bytes().get(self.at)?;
        self.at += 1;
        Some(match letter {
            b'"' | b'\\' | b'/' => char::from(letter),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let first = self.hex()?;
                // A character beyond U+FFFF is a pair of escapes (RFC 8259, section 7).
                if (0xd800..0xdc00).contains(&first) && self.json[self.at..].starts_with("\\u") {
                    self.at += 2;
                    let second = self.hex()?;
                    char::decode_utf16([first, second]).next()?.ok()?
                } else {
                    char::from_u32(first.into())?
                }
            }
            _ => return None,
        })
    }

    fn hex(&mut self) -> Option<u16> {
        let digits = self.json.get(self.at..self.at + 4)?;
        self.at += 4;
        let are_digits = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        u16::from_str_radix(digits, 16).ok().filter(|_| are_digits)
    }

    fn number(&mut self) -> Option<()> {
        let rest = &self.json[self.at..];
        let end = rest.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c)));
        let number = &rest[..end.unwrap_or(rest.len())];
        // Rust accepts more than JSON does: `+1`, `01`, `.5`, `1.`.
        let unsigned = number.strip_prefix('-').unwrap_or(number);
        let (whole, after) =
            unsigned.split_at(unsigned.find(['.', 'e', 'E']).unwrap_or(unsigned.len()));
        let is_whole = whole.bytes().all(|digit| digit.is_ascii_digit())
            && (whole == "0" || !whole.starts_with('0'));
        let is_after = after.is_empty()
            || !after.starts_with('.')
            || after[1..].starts_with(|c: char| c.is_ascii_digit());
        if whole.is_empty() || !is_whole || !is_after {
            return None;
        }
        let float: f64 = number.parse().ok()?;
        let fits = if after.is_empty() {
            number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok()
        } else {
            float.is_finite()
        };
        self.at += number.len();
        if fits {
            self.out.extend_from_slice(number.as_bytes());
        } else {
            push_string(&mut self.out, number);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spaces_and_repeated_keys_are_removed() {
        let json = " { \"a\" : [ 1 , 2.5e3 , -0 ] , \"b\":{} ,\"\\u0061\": \"x\" , \"c\":[ ] } ";
        assert_eq!(tidy(json).as_deref(), Some(r#"{"b":{},"a":"x","c":[]}"#));
    }

    #[test]
    fn strings_are_escaped_by_this_crates_rules() {
        let json = r#"["\u009b\/\ud83d\ude00\"\\\b\f\n\r\t","é"]"#;
        let json = format!("[{json},\"\u{7f}\u{9b}\"]");
        assert_eq!(
            tidy(&json).as_deref(),
            Some("[[\"\\u009b/\u{1f600}\\\"\\\\\\b\\f\\n\\r\\t\",\"é\"],\"\\u007f\\u009b\"]")
        );
    }

    #[test]
    fn numbers_beyond_64_bits_or_any_float_are_strings() {
        let json = "[18446744073709551615,18446744073709551616,-9223372036854775809,1e999]";
        assert_eq!(
            tidy(json).as_deref(),
            Some(r#"[18446744073709551615,"18446744073709551616","-9223372036854775809","1e999"]"#)
        );
    }

    #[test]
    fn invalid_json_is_rejected() {
        for json in [
            "",
            " ",
            "[]1]",
            "[1,]",
            "{\"a\":1,}",
            "{\"a\"}",
            "{1:2}",
            "[",
            "\"",
            "\"\\x\"",
            "\"\n\"",
            "01",
            "+1",
            ".5",
            "1.",
            "-",
            "1e",
            "nul",
            "truex",
            "\"\\ud800\"",
            "\"\\u+123\"",
            "NaN",
            "[1 2]",
        ] {
            assert_eq!(tidy(json), None, "{json}");
        }
        let deep = "[".repeat(MAX_DEPTH + 1) + &"]".repeat(MAX_DEPTH + 1);
        assert_eq!(tidy(&deep), None);
    }

    proptest! {
        #[test]
        fn json_that_serde_json_reads_keeps_its_value(json in any_json(4)) {
            let text = serde_json::to_string_pretty(&json).expect("a JSON value serializes");
            let tidied = tidy(&text).expect("valid");
            prop_assert!(!tidied.contains(char::is_control));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&tidied).expect("valid"), json);
        }

        #[test]
        fn text_that_serde_json_reads_is_accepted_and_any_result_is_valid_json(text in "[\\[\\]{}\",:0-9a-z.+-eE \\\\u]{0,12}") {
            let theirs = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            let ours = tidy(&text);
            // `serde_json` rejects a number beyond any float, which is a string here.
            prop_assert!(ours.is_some() >= theirs, "{text}");
            if let Some(ours) = ours {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&ours).is_ok(), "{text} became {ours}");
            }
        }
    }

    fn any_json(depth: u32) -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<u64>().prop_map(Into::into),
            // `serde_json` reads only such floats back exactly.
            any::<i32>().prop_map(|number| (f64::from(number) / 4.0).into()),
            any::<String>().prop_map(Into::into),
        ];
        leaf.prop_recursive(depth, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::hash_map(any::<String>(), inner, 0..6)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }
}
