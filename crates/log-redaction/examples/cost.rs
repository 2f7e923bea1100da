//! Does work whose cost `cost.sh` measures in instructions.

use log_redaction::Redaction;
use std::{env, hint::black_box};

/// Texts without secrets. The first two have 200 bytes.
const TEXTS: &[(&str, &str)] = &[
    (
        "members",
        r#","order_id":184467,"customer":"ada","total":99.5,"currency":"EUR","paid":true,"items":3,"path":"/checkout/confirm","method":"POST","status":201,"duration_ms":12.75,"region":"eu-central-1","retries":0"#,
    ),
    (
        "message",
        "order 184467 of customer ada was confirmed after 3 items were reserved in the warehouse of eu-central-1, and the payment of 99.50 EUR was captured by the provider within 12 ms, without any retries now",
    ),
    ("word", "captured"),
];

/// Texts that begin like secrets, over and over.
const NEAR_MISSES: &[(&str, &str)] = &[
    ("jwt", "eyJ"),
    ("jwt-parts", "eyJ."),
    ("digits", "4111111111111112 "),
    ("digit-groups", "4111-"),
    ("emails", "a@a@"),
    ("email-domains", "a@a.a."),
    ("equals", "===="),
    ("keys", "\"\":\"\":"),
    ("key-names", "token:"),
    ("key-clauses", "the token: x "),
    ("key-brackets", "the token: [( "),
    ("key-structures", "token: A(\"\\\""),
    ("key-headers", "Cookie: x "),
    ("key-credentials", "authorization: "),
    ("key-assignments", "authorization="),
    ("key-cookies", "cookie=;"),
    ("key-quotes", "\"token\": "),
    ("colons", "::::"),
    ("addresses", "1.1.1.1.1:"),
    ("bearer", "Bearer "),
    ("urls", "://a:b"),
    ("url-passwords", "a://b:c/"),
    ("pem", "-----BEGIN "),
    ("options", "--token --"),
    ("parameters", "?code="),
    ("slack", "xoxb-"),
    ("backslashes", "\\\""),
    ("spaces", "token :    "),
    ("plain", "nothing here "),
];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [mode, kind, number] = &*arguments else {
        panic!("usage: cost scan|text|line|nested KIND NUMBER");
    };
    let number: usize = number.parse().expect("a number");
    let find = |texts: &[(&str, &'static str)]| {
        let found = texts.iter().find(|(name, _)| name == kind);
        found.expect("a known kind").1
    };
    let all = || {
        Redaction::new()
            .secrets()
            .cards()
            .emails()
            .ips()
            .path("a.b.c")
            .build()
    };
    match &**mode {
        "scan" => {
            let redactor = Redaction::new().secrets().build();
            let text = find(TEXTS);
            for _ in 0..number {
                assert!(!redactor.may_match(black_box(text.as_bytes())));
            }
        }
        "text" => {
            let near_miss = find(NEAR_MISSES);
            let text = near_miss.repeat(number / near_miss.len());
            black_box(all().text(&text));
        }
        "line" => {
            let near_miss = find(NEAR_MISSES).replace('\\', "\\\\").replace('"', "\\\"");
            let text = near_miss.repeat(number / near_miss.len());
            black_box(all().line(format!(r#"{{"text":"{text}"}}"#).as_bytes()));
        }
        "nested" => {
            let open = if kind == "lists" { "[" } else { r#"{"a":"# };
            let text = format!(r#"{{"a":{}"#, open.repeat(number / open.len()));
            black_box(all().line(text.as_bytes()));
        }
        _ => panic!("unknown mode"),
    }
}
