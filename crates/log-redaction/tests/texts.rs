//! Texts: what is found in any surroundings, and what stands in its place.

#![cfg(feature = "patterns")]

use log_redaction::{Redaction, Redactor, Replacement};
use proptest::prelude::*;
use std::sync::LazyLock;

fn all_rules() -> Redactor {
    Redaction::new().secrets().cards().emails().ips().build()
}

/// Returns a text as it is within a JSON string.
fn escaped(text: &str) -> String {
    let json = serde_json::to_string(text).expect("a string");
    json[1..json.len() - 1].to_owned()
}

#[test]
fn own_patterns_replace_their_first_group() {
    let redactor = Redaction::new()
        .pattern("customer", r"customer (\w+)")
        .and_then(|rules| {
            rules
                .replaced_by(Replacement::Remove)
                .pattern("ticket", r"T-\d+")
        })
        .and_then(|rules| rules.pattern("pin", r"^\d{4}$"))
        .expect("the patterns are valid")
        .build();
    assert_eq!(
        redactor.text("customer ada of T-123 left").as_deref(),
        Some("customer [redacted] of  left")
    );
    assert_eq!(redactor.text("1234").as_deref(), Some(""));
    assert_eq!(redactor.text("12345"), None);
    let counts = redactor.counts();
    let counts: Vec<_> = counts
        .iter()
        .map(|count| (&*count.rule, count.count))
        .collect();
    assert_eq!(counts, [("customer", 1), ("ticket", 1), ("pin", 1)]);
}

#[test]
fn json_within_a_text_stays_valid() {
    for replacement in [
        Replacement::Redacted,
        Replacement::LastFour,
        Replacement::Remove,
    ] {
        let redactor = Redaction::new().replaced_by(replacement).secrets().build();
        for json in [
            r#"{"token":12345678,"x":1}"#,
            r#"{"token":{"a":[1,"b"]},"x":1}"#,
            r#"{"token":[1, 2],"x":1}"#,
            r#"{"token":"abc","x":1}"#,
        ] {
            let text = redactor.text(&format!("body={json}"));
            let text = text.expect("it has a secret");
            let json = text.strip_prefix("body=").expect("the key stays");
            serde_json::from_str::<serde_json::Value>(json).expect("valid JSON");
        }
        let nested = redactor.text(r#"body: "{\"token\":12345678}""#);
        let nested = nested.expect("it has a secret");
        let inside = nested.strip_prefix("body: ").expect("the key stays");
        let inside = serde_json::from_str::<String>(inside).expect("a string");
        serde_json::from_str::<serde_json::Value>(&inside).expect("valid JSON");
    }
}

#[test]
fn groups_after_an_own_key_are_replaced_as_one() {
    let redactor = Redaction::new().secrets().key("iban").key("phone").build();
    for (text, expected) in [
        ("iban=DE02 1203 0000 0000 2020 51 ok", "iban=[redacted] ok"),
        ("iban: DE02 1203 0000 0000 2020 51", "iban: [redacted]"),
        ("phone: +49 151 1234567, x", "phone: [redacted], x"),
        ("iban=DE02120300000000202051 200", "iban=[redacted] 200"),
        ("token=ab12 200 ok", "token=[redacted] 200 ok"),
    ] {
        assert_eq!(redactor.text(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn an_invalid_or_a_too_large_pattern_is_refused() {
    for regex in ["(", r"\w{60}"] {
        let error = Redaction::new()
            .pattern("mine", regex)
            .expect_err("it is invalid");
        assert!(
            error.to_string().starts_with("invalid pattern: "),
            "{error}"
        );
    }
}

#[test]
fn a_secret_in_a_percent_encoded_part_is_replaced_and_the_rest_stays_encoded() {
    let redactor = all_rules();
    for (text, redacted) in [
        (
            "GET /a?q=to%20ada%40example.com%26more&n=%20 200",
            "GET /a?q=to%20[redacted]%26more&n=%20 200",
        ),
        (
            "/a%20b/Bearer%20a1b2c3d4/c%20d",
            "/a%20b/Bearer%20[redacted]/c%20d",
        ),
        ("q=to+4111+1111+1111+1111&n=1+2", "q=to%20[redacted]&n=1+2"),
        (
            "n=1&next=%2Fcb%3Fcode%3Da1b2c3%26n%3D1",
            "n=1&next=%2Fcb%3Fcode%3D[redacted]%26n%3D1",
        ),
        (
            "n=1&data=%FF%22pwd%22%3A5",
            "n=1&data=%EF%BF%BD%22pwd%22:%22[redacted]%22",
        ),
    ] {
        assert_eq!(redactor.text(text).as_deref(), Some(redacted));
        assert_eq!(redactor.text(redacted), None, "{redacted}");
    }
    for text in ["100%25 sure: 5%", "/a%20b?q=1+1%3D2", "%zz=%4", "a=b+c"] {
        assert_eq!(redactor.text(text), None);
    }
}

#[test]
fn a_secret_in_json_with_escaped_letters_is_replaced() {
    let redactor = all_rules();
    for (text, redacted) in [
        (
            r#"got {"\u0070assword":"\u0068unter2","a":"\u0022"}"#,
            r#"got {"password":"[redacted]","a":"\""}"#,
        ),
        (
            r#"{\"url\":\"/a?n=1\\u0026sig=a1b2c3\u0026n=2\"}"#,
            r#"{\"url\":\"/a?n=1&sig=[redacted]&n=2\"}"#,
        ),
    ] {
        assert_eq!(redactor.text(text).as_deref(), Some(redacted));
    }
    assert_eq!(redactor.text(r#"{"\u0061":"\u0062 \u00e9 \u00"}"#), None);
}

#[test]
fn own_keys_are_found_in_texts_with_secrets() {
    let redactor = Redaction::new()
        .key("ssn")
        .key("card*")
        .key("*.iban")
        .secrets()
        .build();
    for (text, redacted) in [
        ("ssn=078-05-1120", "ssn=[redacted]"),
        ("user_ssn: 078-05-1120", "user_ssn: [redacted]"),
        ("card_number=5 x", "card_number=[redacted] x"),
        ("a.iban=5 ibans=5", "a.iban=[redacted] ibans=5"),
        ("GET /?ssn=5&x=1", "GET /?ssn=[redacted]&x=1"),
    ] {
        assert_eq!(redactor.text(text).as_deref(), Some(redacted));
    }
    let keys_alone = Redaction::new().secret_keys().key("ssn").build();
    assert!(!keys_alone.has_patterns());
    assert_eq!(keys_alone.text("ssn=5 password=x"), None);
}

#[test]
fn the_rule_that_was_added_first_replaces_a_key() {
    let last_four = Redaction::new()
        .replaced_by(Replacement::LastFour)
        .key("token");
    let redactor = last_four
        .replaced_by(Replacement::Redacted)
        .secrets()
        .build();
    assert_eq!(
        redactor
            .text("token=12345678, password=12345678")
            .as_deref(),
        Some("token=****5678, password=[redacted]")
    );
}

#[test]
fn secrets_that_overlap_are_replaced_as_one() {
    let redactor = all_rules();
    for (text, redacted) in [
        ("password=ada@example.com", "password=[redacted]"),
        ("http://ada:x@203.0.113.7/", "http://[redacted]@[redacted]/"),
        (
            "mail ada@example.com:4111111111111111",
            "mail [redacted]:[redacted]",
        ),
        ("token=Bearer", "token=[redacted]"),
        ("password: ada@example.com.au", "password: [redacted]"),
        (
            "mongodb://u:p@10.0.0.1/?x=https://a.b/@c",
            "mongodb://[redacted]@[redacted]/?x=https://a.b/@c",
        ),
        ("https://u:p?token=abc,x@host/", "https://[redacted]"),
        (
            "Authorization: Bearer a1b2c3d4e5, next",
            "Authorization: [redacted], next",
        ),
    ] {
        assert_eq!(redactor.text(text).as_deref(), Some(redacted));
    }
}

#[test]
fn a_long_part_of_a_secret_is_found_without_its_end() {
    let redactor = all_rules();
    let body = "aB3x".repeat(4 << 10);
    for start in [
        "eyJ",
        "eyJhbGciOiJIUzI1NiJ9.eyJ",
        "Bearer ",
        "ghp_",
        "github_pat_",
        "xoxb-",
        "glpat-",
        "npm_",
        "sk-",
        "hvs.",
        "-----BEGIN PRIVATE KEY-----\n",
        "https://a.example/?token=",
        "postgres://ada:",
        "postgres://ada:x/",
        "password=",
        "password: \"",
        "{\"password\":\"",
        "{\\\"password\\\":\\\"",
        "password: ",
        "the password: ",
        "login --token ",
        "Cookie: a=",
        "Authorization: Bearer ",
        "token: Some(\"",
        "hooks.slack.com/services/",
    ] {
        let text = format!("got {start}{body}");
        let redacted = redactor.text(&text).unwrap_or_default();
        assert!(
            !redacted.is_empty() && redacted.len() < 100,
            "{start}: {} left",
            redacted.len()
        );
        assert!(redactor.may_match(escaped(&text).as_bytes()), "{start}");
    }
}

#[cfg(feature = "pseudonyms")]
#[test]
fn pseudonyms_depend_on_key_and_value() {
    let build = |key: &str| {
        let rules = Redaction::new()
            .replaced_by(Replacement::Pseudonym)
            .key("user")
            .emails();
        rules.with_pseudonym_key(key).build()
    };
    let redactor = build("0123456789abcdef");
    // printf %s ada@example.com | openssl dgst -sha256 -hmac 0123456789abcdef
    assert_eq!(
        redactor.text("from ada@example.com").as_deref(),
        Some("from 512383176ce1")
    );
    let line = redactor
        .line(br#"{"user":"\u0061da@example.com","n":{"user":12}}"#)
        .expect("redacted");
    let line = String::from_utf8(line).expect("UTF-8");
    assert!(
        line.starts_with(r#"{"user":"512383176ce1","n":{"user":""#),
        "{line}"
    );
    let other = build("0123456789abcdeF");
    assert_ne!(
        other.text("from ada@example.com"),
        redactor.text("from ada@example.com")
    );
    let shown = format!(
        "{:?} {redactor:?}",
        Redaction::new().with_pseudonym_key("0123456789abcdef")
    );
    assert!(
        !shown.contains("0123456789abcdef") && !shown.contains("[48, 49"),
        "{shown}"
    );
}

#[cfg(feature = "pseudonyms")]
#[test]
fn without_a_key_pseudonyms_are_the_same_within_the_process() {
    let build = || {
        Redaction::new()
            .replaced_by(Replacement::Pseudonym)
            .emails()
            .build()
    };
    let pseudonym = build().text("ada@example.com");
    assert_eq!(build().text("ada@example.com"), pseudonym);
    assert_ne!(pseudonym.as_deref(), Some("[redacted]"));
    assert_eq!(pseudonym.map(|pseudonym| pseudonym.len()), Some(12));
}

/// Pieces of texts that matter to the rules.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 ]{0,6}",
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "password",
            "token",
            "Cookie",
            "Authorization",
            "api_key",
            "session",
            "=",
            ":",
            ": ",
            " = ",
            "=>",
            "\"",
            "'",
            "`",
            "\\",
            "\\\"",
            "\n",
            "\\n",
            "{",
            "}",
            "(",
            ")",
            "[",
            "]",
            ",",
            ";",
            "&",
            "?",
            "@",
            "%40",
            "%20",
            "%3A",
            "%25",
            "+",
            "\\u0070",
            "\\\\u0026",
            "\\t",
            "://",
            "/",
            ".",
            "..",
            "-",
            "--",
            "_",
            "::",
            "eyJ",
            "Bearer ",
            "basic ",
            "ghp_",
            "xoxb-",
            "AKIA",
            "-----BEGIN ",
            "PRIVATE KEY-----",
            "-----END ",
            "Some(\"",
            "a1b2c3d4e5f6g7h8i9j0k1l2",
            "4111 1111 1111 1111",
            "ada@example.com",
            "10.0.0.1",
            "2001:db8::1",
            "[redacted]",
            "REDACTED",
            "\u{1b}[3m",
            "é",
            "\u{202e}",
            "sig",
            "code",
            "unexpected ",
            "hunter2",
            "://a:b@c",
        ])
        .prop_map(str::to_owned),
    ]
}

static ALL_RULES: LazyLock<Redactor> = LazyLock::new(all_rules);

/// Also has a key that may end with anything.
static OPEN_RULES: LazyLock<Redactor> = LazyLock::new(|| {
    Redaction::new()
        .key("s*")
        .secrets()
        .cards()
        .emails()
        .ips()
        .build()
});

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_quick_search_finds_all_that_is_replaced(pieces in prop::collection::vec(piece(), 0..8)) {
        let text = pieces.concat();
        for redactor in [&*ALL_RULES, &*OPEN_RULES] {
            let redacted = redactor.text(&text);
            if redacted.is_some() {
                prop_assert!(redactor.may_match(text.as_bytes()));
                prop_assert!(redactor.may_match(escaped(&text).as_bytes()), "{}", escaped(&text));
                let json = format!("{{\"a\":1,\"note\":\"{}\"}}", escaped(&text));
                prop_assert!(redactor.may_match(json.as_bytes()), "{}", json);
                prop_assert!(redactor.line(json.as_bytes()).is_some());
            }
        }
    }

    #[test]
    fn a_planted_secret_is_absent_and_its_surroundings_stay(
        before in "[a-z ,.]{0,20}",
        after in "[a-z ,.]{0,20}",
        secret in "[A-Za-z0-9]{12,40}",
        form in 0..8_usize,
    ) {
        let secret = format!("{secret}7Zq");
        let (opening, closing) = [
            ("password=", " "),
            ("PASSWORD=\"", "\" "),
            ("{\"apiKey\": \"", "\"} "),
            ("{\\\"apiKey\\\":\\\"", "\\\"} "),
            ("Bearer ", " "),
            ("https://u:", "@host "),
            ("ghp_000000000000000000000000", " "),
            ("Login { token: Some(\"", "\") } "),
        ][form];
        let text = format!("{before} {opening}{secret}{closing} {after}");
        let redactor = &*ALL_RULES;
        let redacted = redactor.text(&text).expect("the secret is found");
        prop_assert!(!redacted.contains(&secret), "{}", redacted);
        prop_assert!(redacted.starts_with(&before), "{}", redacted);
        prop_assert!(redacted.ends_with(&after), "{}", redacted);
        prop_assert_eq!(redactor.text(&redacted), None, "{}", redacted);
        let all: String = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
        let line = redactor.line(format!("{{\"a\":\"{all}\"}}").as_bytes()).expect("it is found");
        prop_assert_eq!(line, format!("{{\"a\":\"{}\"}}", escaped(&redacted)).into_bytes());
    }

    #[test]
    fn redacting_twice_changes_nothing(words in prop::collection::vec(piece(), 0..12)) {
        // Without spaces, a replaced word can leave an address that was a part of it.
        let text = words.join(" ");
        let redactor = &*ALL_RULES;
        if let Some(once) = redactor.text(&text) {
            prop_assert_eq!(redactor.text(&once), None, "{}", once);
        }
    }
}
