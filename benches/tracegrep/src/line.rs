use std::fmt::Write as _;

const SERVICES: [&str; 4] = ["gateway", "orders", "payments", "stock"];
const TARGETS: [&str; 5] = [
    "http::server",
    "orders::store",
    "sqlx::query",
    "hyper::client",
    "queue::worker",
];
const ROUTES: [&str; 5] = ["checkout", "orders", "charges", "reservations", "health"];
const STATUSES: [u32; 5] = [200, 200, 200, 404, 502];
const MESSAGES: [(&str, &str); 8] = [
    ("INFO", "request started"),
    ("INFO", "request ended"),
    ("DEBUG", "cache lookup"),
    ("INFO", "query done"),
    ("WARN", "the upstream responds slowly"),
    ("DEBUG", "row decoded"),
    ("INFO", "message taken from the queue"),
    ("ERROR", "the upstream refused: 503 Service Unavailable"),
];

pub(crate) struct Ids {
    pub(crate) trace: u128,
    pub(crate) span: u64,
}

/// A line of about 250 bytes.
pub(crate) fn line(
    random: &mut fastrand::Rng,
    service: usize,
    micros: u64,
    ids: Option<Ids>,
) -> String {
    let (level, message) = MESSAGES[random.usize(..8)];
    let (target, route) = (TARGETS[random.usize(..5)], ROUTES[random.usize(..5)]);
    let status = STATUSES[random.usize(..5)];
    let (service, second) = (SERVICES[service], micros / 1_000_000 % 86_400);
    let (hour, minute) = (second / 3_600, second / 60 % 60);
    let mut line = format!(
        r#"{{"timestamp":"2026-11-29T{hour:02}:{minute:02}:{:02}.{:06}Z","level":"{level}","message":"{message}","target":"{target}""#,
        second % 60,
        micros % 1_000_000
    );
    // Writing to a `String` cannot fail.
    if let Some(Ids { trace, span }) = ids {
        let _ = write!(
            line,
            r#","trace_id":"{trace:032x}","span_id":"{span:016x}","trace_flags":"01""#
        );
    }
    let number = random.u32(..1 << 30);
    let duration = random.f64() * 250.0;
    let _ = write!(
        line,
        r#","service.name":"{service}","http.route":"/{route}/{}","customer":"c-{:07x}","status":{status},"duration_ms":{duration:.3},"attempt":{}"#,
        number >> 10,
        number >> 3,
        number & 3
    );
    if number.is_multiple_of(11) {
        let _ = write!(line, r#","note":"bank \"house\" said no\n{number:x}""#);
    }
    line.push_str("}\n");
    line
}
