//! JSON values and lines.

use log_redaction::{Redaction, Redactor, Replacement};
use proptest::prelude::*;
use serde_json::Value;

fn line(redactor: &Redactor, line: &str) -> Option<String> {
    let redacted = redactor.line(line.as_bytes());
    redacted.map(|line| String::from_utf8(line).expect("UTF-8"))
}

fn secret_keys() -> Redactor {
    Redaction::new().secret_keys().build()
}

#[test]
fn a_key_with_colors_around_it_is_found() {
    let redactor = Redaction::new().secret_keys().build();
    for (line, redacted) in [
        (
            "{\"\u{1b}[36mtoken\u{1b}[0m\":\"\u{1b}[32mhunter2\u{1b}[0m\"}",
            "{\"\u{1b}[36mtoken\u{1b}[0m\":\"[redacted]\"}",
        ),
        (
            r#"{"\u001b[1;36mtoken\u001b[0m":"hunter2"}"#,
            r#"{"\u001b[1;36mtoken\u001b[0m":"[redacted]"}"#,
        ),
    ] {
        let text = redactor.line(line.as_bytes());
        let text = text.map(|line| String::from_utf8(line).expect("UTF-8"));
        assert_eq!(text.as_deref(), Some(redacted));
    }
}

#[test]
fn a_value_of_any_type_is_replaced_by_a_string() {
    let redactor = secret_keys();
    for value in [
        r#""x""#,
        "5",
        "-1.5e3",
        "null",
        r#"{"a":[1,"}"]}"#,
        "[]",
        r#""\"\\""#,
    ] {
        let before = format!("{{ \"a\" : 1 ,\t\"password\" : {value} , \"b\": [ ] }}\n");
        let after = "{ \"a\" : 1 ,\t\"password\" : \"[redacted]\" , \"b\": [ ] }\n";
        assert_eq!(line(&redactor, &before).as_deref(), Some(after));
    }
}

#[test]
fn booleans_are_kept_by_the_set_and_not_by_own_keys() {
    let text = r#"{"password":true,"pin":false}"#;
    assert_eq!(line(&secret_keys(), text), None);
    let own = Redaction::new().key("pin").build();
    let redacted = r#"{"password":true,"pin":"[redacted]"}"#;
    assert_eq!(line(&own, text).as_deref(), Some(redacted));
}

#[test]
fn removed_members_leave_valid_json() {
    let remove = Redaction::new().replaced_by(Replacement::Remove);
    let redactor = remove.key("x").path("a.b").build();
    for (before, after) in [
        (r#"{"x":1}"#, "{}"),
        (r#"{"x":1,"y":2}"#, r#"{"y":2}"#),
        (r#"{"y":2,"x":1}"#, r#"{"y":2}"#),
        (r#"{"x":1,"x":[2],"y":2,"x":{}}"#, r#"{"y":2}"#),
        (r#"{"y":2, "x":1, "z":3}"#, r#"{"y":2, "z":3}"#),
        (r#"{ "x":1 }"#, "{  }"),
        (
            r#"{"a":[{"x":1},{"b":1,"c":2},{"b":1}]}"#,
            r#"{"a":[{},{"c":2},{}]}"#,
        ),
        (r#"{"y":{"x":1},"x":2}"#, r#"{"y":{}}"#),
    ] {
        assert_eq!(line(&redactor, before).as_deref(), Some(after), "{before}");
    }
}

#[test]
fn a_value_has_the_rule_of_the_name_beside_it() {
    let redactor = secret_keys();
    for (before, after) in [
        (
            r#"{"a":[{"name":"Authorization","value":"x"},{"name":"Host","value":"y"}]}"#,
            r#"{"a":[{"name":"Authorization","value":"[redacted]"},{"name":"Host","value":"y"}]}"#,
        ),
        (
            r#"{"a":[["password","x"],["user","y"]]}"#,
            r#"{"a":[["password","[redacted]"],["user","y"]]}"#,
        ),
    ] {
        assert_eq!(line(&redactor, before).as_deref(), Some(after));
    }
    for text in [
        r#"{"name":"token","value":5}"#,
        r#"{"a":["password","token"]}"#,
        r#"{"a":["user","password","email"]}"#,
    ] {
        assert_eq!(line(&redactor, text), None);
    }
}

#[test]
fn escaped_keys_are_read() {
    let redactor = secret_keys();
    assert_eq!(
        line(&redactor, r#"{"\u0070assword":1,"pass\u0077\u006Frd":2}"#).as_deref(),
        Some(r#"{"\u0070assword":"[redacted]","pass\u0077\u006Frd":"[redacted]"}"#),
    );
}

#[test]
fn paths_are_followed_through_objects_and_lists() {
    let redactor = Redaction::new()
        .path("customer.address.street")
        .path("items.*.price")
        .path("customer.phones")
        .build();
    let text = r#"{"customer":{"name":"Ada","address":[{"street":1,"zip":2},{"Street":3}],"phones":["1"]},"street":4,"items":{"a":{"price":5},"price":6},"customer.address.street":7}"#;
    let redacted = r#"{"customer":{"name":"Ada","address":[{"street":"[redacted]","zip":2},{"Street":"[redacted]"}],"phones":"[redacted]"},"street":4,"items":{"a":{"price":"[redacted]"},"price":6},"customer.address.street":"[redacted]"}"#;
    assert_eq!(line(&redactor, text).as_deref(), Some(redacted));
    let value = redactor.json("customer", br#"{"address":{"street":1}}"#);
    assert_eq!(
        value.as_deref(),
        Some(br#"{"address":{"street":"[redacted]"}}"#.as_slice())
    );
    assert_eq!(
        redactor.json("client", br#"{"address":{"street":1}}"#),
        None
    );
    assert!(redactor.key("customer.phones").is_some());
    assert!(redactor.key("phones").is_none());
}

#[test]
fn time_level_and_ids_stay() {
    let redactor = Redaction::new().key("*").build();
    let fixed = r#"{"timestamp":1,"@timestamp":2,"level":"INFO","severity":"INFO","trace_id":"a","traceId":"b","span_id":"c","trace":{"id":"d"},"span":{"id":"e"},"log":{"level":"f"},"dd":{"trace_id":5},"log.record.uid":"g""#;
    let redacted = redactor.line(format!("{fixed},\"x\":1}}").as_bytes());
    let redacted = String::from_utf8(redacted.expect("x is redacted")).expect("UTF-8");
    // The members below `trace` are fixed, but not `trace` itself if it is an object.
    let value: Value = serde_json::from_str(&redacted).expect("JSON");
    for key in [
        "timestamp",
        "@timestamp",
        "level",
        "severity",
        "trace_id",
        "traceId",
        "span_id",
        "log.record.uid",
    ] {
        assert_ne!(value[key], "[redacted]", "{key}");
    }
    assert_eq!(value["x"], "[redacted]");
    let keys = Redaction::new().key("id").key("level").build();
    assert_eq!(line(&keys, &format!("{fixed}}}")), None);
    let nested = keys.json("a", br#"{"trace_id":1}"#);
    assert_eq!(
        nested.as_deref(),
        Some(br#"{"trace_id":"[redacted]"}"#.as_slice())
    );
}

#[test]
fn the_sources_of_an_error_have_its_rule() {
    let text = r#"{"token":"a","token.sources":["b","c"],"x.sources":["d"]}"#;
    let redacted = r#"{"token":"[redacted]","token.sources":"[redacted]","x.sources":["d"]}"#;
    assert_eq!(line(&secret_keys(), text).as_deref(), Some(redacted));
}

#[test]
fn a_line_that_is_cut_within_a_secret_shows_nothing_of_it() {
    let redactor = secret_keys();
    for value in [
        r#""hunter"#,
        r#"{"a":"hunter"#,
        r#"["hunter",{"b":1}"#,
        r#""hunter\"#,
    ] {
        let cut = format!(r#"{{"a":1,"password":{value}"#);
        let redacted = line(&redactor, &cut).expect("it is redacted");
        assert!(!redacted.contains("hunter"), "{redacted}");
        assert!(
            redacted.starts_with(r#"{"a":1,"password":"[redacted]""#),
            "{redacted}"
        );
    }
}

#[test]
fn replacing_twice_changes_nothing() {
    for replacement in [
        Replacement::Redacted,
        Replacement::LastFour,
        Replacement::Remove,
    ] {
        let redactor = Redaction::new()
            .replaced_by(replacement)
            .secret_keys()
            .build();
        let text = r#"{"password":"12345678 and 1234","token":5,"a":{"cookie":"x"}}"#;
        let once = line(&redactor, text).expect("it is redacted");
        assert_eq!(line(&redactor, &once), None, "{once}");
    }
}

#[test]
fn nesting_of_any_depth_is_walked() {
    let redactor = Redaction::new().secret_keys().path("a.b.c").build();
    let depth = 100_000;
    for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
        let nested = format!(
            r#"{{"a":{}{{"password":1}}{},"token":2}}"#,
            open.repeat(depth),
            close.repeat(depth)
        );
        let redacted = line(&redactor, &nested).expect("it is redacted");
        assert_eq!(redacted.matches(r#""[redacted]""#).count(), 2);
        assert_eq!(
            redacted.len(),
            nested.len() + 2 * (r#""[redacted]""#.len() - 1)
        );
        let cut = &nested[..nested.len() / 2 + 10];
        let _ = redactor.line(cut.as_bytes());
    }
}

#[test]
fn bytes_that_are_not_utf_8_stay() {
    let redactor = secret_keys();
    let redacted = redactor.line(b"{\"a\":\"\xff\xc3\",\"password\":\"\xfe\"}");
    let expected = b"{\"a\":\"\xff\xc3\",\"password\":\"[redacted]\"}";
    assert_eq!(redacted.as_deref(), Some(expected.as_slice()));
}

#[test]
fn what_is_no_json_object_has_no_keys() {
    let redactor = secret_keys();
    for text in [
        "",
        "\n",
        "password",
        "[1]",
        "{",
        "}",
        "{}",
        "{\"a\"",
        "null",
        "{\"a\":1}}",
        "{a}",
    ] {
        assert_eq!(line(&redactor, text), None, "{text}");
    }
}

/// A JSON value as text, with spaces here and there.
fn json() -> impl Strategy<Value = String> {
    let string = any::<String>().prop_map(|text| serde_json::to_string(&text).expect("a string"));
    let key = prop_oneof![
        "[a-z]{1,3}".prop_map(|key| format!("\"{key}\"")),
        Just(r#""password""#.to_owned()),
        Just(r#""x_\u0074oken""#.to_owned()),
        string.clone(),
    ];
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(|number| format!("{number:?}")),
        string,
    ];
    scalar.prop_recursive(6, 40, 6, move |value| {
        let space = prop_oneof![Just(""), Just(" "), Just("\t")];
        let member = (key.clone(), space.clone(), value.clone())
            .prop_map(|(key, space, value)| format!("{key}{space}:{space}{value}"));
        prop_oneof![
            (prop::collection::vec(value, 0..5), space.clone())
                .prop_map(|(values, space)| format!("[{space}{}{space}]", values.join(","))),
            (prop::collection::vec(member, 0..5), space).prop_map(|(members, space)| {
                // No key twice, since readers differ in which value they take.
                let members = members.iter().enumerate();
                let members = members.map(|(index, member)| format!("\"{index}_{}", &member[1..]));
                let members: Vec<_> = members.collect();
                format!("{{{space}{}{space}}}", members.join(&format!(",{space}")))
            }),
        ]
    })
}

/// Returns a value as it should be after redaction.
fn expected(value: Value, removes: bool) -> Value {
    match value {
        Value::Array(values) => values
            .into_iter()
            .map(|value| expected(value, removes))
            .collect(),
        Value::Object(members) => {
            let members = members.into_iter().filter_map(|(key, value)| {
                let is_secret = secret_keys().key(&key).is_some() && !value.is_boolean();
                match (is_secret, removes) {
                    (true, true) => None,
                    (true, false) => Some((key, "[redacted]".into())),
                    _ => Some((key, expected(value, removes))),
                }
            });
            Value::Object(members.collect())
        }
        other => other,
    }
}

proptest! {
    #[test]
    fn only_secrets_change(text in json(), removes in any::<bool>()) {
        let replacement = if removes { Replacement::Remove } else { Replacement::Redacted };
        let redactor = Redaction::new().replaced_by(replacement).secret_keys().build();
        let before: Value = serde_json::from_str(&text).expect("JSON");
        let redacted = redactor.json("a", text.as_bytes());
        let after: Value = match &redacted {
            Some(redacted) => serde_json::from_slice(redacted).expect("it is still JSON"),
            None => before.clone(),
        };
        prop_assert_eq!(&after, &expected(before.clone(), removes));
        prop_assert_eq!(redacted.is_some(), after != before);
    }

    #[test]
    fn cut_and_garbled_lines_are_redacted_without_a_panic(
        text in json(),
        cut in any::<prop::sample::Index>(),
        garbage in "[\\[\\]{},:\"\\\\a-c ]{0,4}",
    ) {
        let mut line = format!("{{\"password\":\"hunter2\",\"a\":{text}}}").into_bytes();
        let at = cut.index(line.len());
        line.splice(at..at, garbage.bytes());
        for redactor in [secret_keys(), Redaction::new().secret_keys().path("a.b").key("*c*").build()] {
            let _ = redactor.line(&line);
            if let Some(redacted) = redactor.line(&line[..at]) {
                prop_assert!(!String::from_utf8_lossy(&redacted).contains("hunter2"));
            }
        }
    }
}
