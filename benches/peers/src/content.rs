//! Checks that the contenders of one event write the same content, since a shorter line costs less.

use crate::child;
use crate::contenders::Contender;

/// The message, the event's fields and the spans' fields.
const MEMBERS: [&str; 10] = [
    r#":"handled request""#,
    r#""method":"GET""#,
    r#""path":"/api/v1/orders/42""#,
    r#""status":200"#,
    r#""latency_ms":12.75"#,
    r#""cached":false"#,
    r#""user":"alice \"quoted\" \n""#,
    r#""request_id":"01J8ZK6V3Q""#,
    r#""tenant":"acme""#,
    r#""table":"orders""#,
];

/// Panics if a contender writes a line without one of the members. Some contenders write no line.
pub fn check(contenders: &[&Contender]) {
    for contender in contenders {
        let line = child::output(&["show", contender.name]);
        let missing = MEMBERS.iter().find(|member| !line.contains(**member));
        if let Some(member) = missing
            && !line.is_empty()
        {
            panic!("{} writes no {member}: {line}", contender.name);
        }
    }
}
