//! Plants secrets in lines and texts of any bytes, and searches the redacted output for them.

#![no_main]

use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;
use log_redaction::{Redaction, Redactor};
use serde_json::{Map, Value};
use std::sync::LazyLock;

/// Has digits and letters, and no rule would take it for anything but a secret.
const SECRET: &str = "q7Zk1Wm9Xr4Tn6Vb2Hc8Jd3";

static REDACTOR: LazyLock<Redactor> = LazyLock::new(|| {
    let rules = Redaction::new().path("customer.*.street").secrets();
    rules.cards().emails().ips().build()
});

#[derive(Arbitrary, Debug)]
enum Input {
    /// The bytes of a line.
    Bytes(Vec<u8>),
    /// A text with a secret.
    Text {
        before: String,
        form: u8,
        after: String,
    },
    /// A JSON value with secrets.
    Json(Json),
}

#[derive(Arbitrary, Debug)]
enum Json {
    Null,
    Number(i64),
    Text(String),
    Secret { before: String, form: u8 },
    List(Vec<Json>),
    Object(Vec<(Key, Json)>),
}

#[derive(Arbitrary, Debug)]
enum Key {
    Other(String),
    /// The value has a secret, whatever else it is.
    Secret(u8),
}

/// Returns a secret in one of the forms that are found in any surroundings.
fn planted(form: u8) -> String {
    match form % 6 {
        0 => format!(" password={SECRET} "),
        1 => format!(" {{\"api_key\":\"{SECRET}\"}} "),
        2 => format!(" Bearer {SECRET} "),
        3 => format!(" https://user:{SECRET}@host/ "),
        4 => format!(" ghp_{SECRET}{SECRET} "),
        _ => format!(" GET /?x=1&sig={SECRET} "),
    }
}

fn value(json: Json) -> Value {
    match json {
        Json::Null => Value::Null,
        Json::Number(number) => number.into(),
        Json::Text(text) => text.into(),
        Json::Secret { before, form } => (before + &planted(form)).into(),
        Json::List(elements) => elements.into_iter().map(value).collect(),
        Json::Object(members) => {
            let members = members.into_iter().map(|(key, json)| match key {
                Key::Other(key) => (key, value(json)),
                Key::Secret(form) => {
                    let keys = ["password", "x-API-Key", "user.token", "Cookie"];
                    let key = keys[usize::from(form) % keys.len()].to_owned();
                    (key, vec![value(json), SECRET.into()].into())
                }
            });
            Value::Object(members.collect::<Map<_, _>>())
        }
    }
}

/// Returns the JSON with each letter of its strings as an escape.
fn escaped(json: &str) -> String {
    let letters = json.chars().map(|letter| match letter {
        'a'..='m' => format!("\\u{:04x}", u32::from(letter)),
        _ => letter.into(),
    });
    letters.collect()
}

fn check_line(json: &str, value: &Value) {
    let redacted = REDACTOR.line(json.as_bytes());
    let redacted = redacted.unwrap_or_else(|| json.as_bytes().to_vec());
    let after: Value = serde_json::from_slice(&redacted).expect("it is still JSON");
    assert!(!after.to_string().contains(SECRET), "{json} became {after}");
    assert_eq!(
        value.as_object().map(Map::len),
        after.as_object().map(Map::len)
    );
}

fuzz_target!(|input: Input| {
    match input {
        Input::Bytes(bytes) => {
            let _ = REDACTOR.json("customer", &bytes);
            let redacted = REDACTOR.line(&bytes);
            if let Ok(before) = serde_json::from_slice::<Map<String, Value>>(&bytes) {
                let after = redacted.as_deref().unwrap_or(&bytes);
                let after = serde_json::from_slice::<Map<String, Value>>(after);
                assert_eq!(before.len(), after.expect("it is still JSON").len());
            }
        }
        Input::Text {
            before,
            form,
            after,
        } => {
            let text = format!("{before}{}{after}", planted(form));
            let redacted = REDACTOR.text(&text).expect("the secret is found");
            assert!(!redacted.contains(SECRET), "{text:?} became {redacted:?}");
            let escaped = serde_json::to_string(&text).expect("a string");
            assert!(REDACTOR.may_match(escaped.as_bytes()), "{escaped}");
        }
        Input::Json(json) => {
            let value = value(Json::Object(vec![(Key::Other("a".to_owned()), json)]));
            let json = value.to_string();
            check_line(&json, &value);
            if !json.contains('\\') {
                let letters = escaped(&json).replace(&escaped("null"), "null");
                check_line(&letters, &value);
            }
        }
    }
});
