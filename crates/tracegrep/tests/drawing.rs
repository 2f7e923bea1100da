//! The drawing of a tree. The files in `drawings` are as a terminal shows it.

mod support;

use serde_json::json;
use std::{fs, path::Path};
use support::{
    GATEWAY, ORDERS, PAYMENTS, child_of, close, failing_request, line, moment, trace,
    trace_of_text, with,
};
use tracegrep::{Drawing, Tree};
use unicode_width::UnicodeWidthStr as _;

/// Compares a drawing with a file. `TRACEGREP_WRITE_DRAWINGS=1` writes the file.
fn assert_drawing(name: &str, drawing: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/drawings")
        .join(name);
    if std::env::var_os("TRACEGREP_WRITE_DRAWINGS").is_some() {
        fs::write(&path, drawing).expect("the file is written");
    }
    let expected = fs::read_to_string(&path).expect("the file can be read");
    assert!(
        drawing == expected,
        "{name} should be\n{expected}\nand is\n{drawing}"
    );
}

fn draw(lines: &[serde_json::Value], width: usize) -> String {
    Drawing::new()
        .with_width(width)
        .draw(&Tree::of(&trace(lines)))
}

#[test]
fn a_request_is_drawn_at_60_100_and_160_columns() {
    for width in [60, 100, 160] {
        let drawing = draw(&failing_request(), width);
        for row in drawing.lines() {
            assert!(row.width() <= width, "{row}");
        }
        assert_drawing(&format!("{width}-columns.txt"), &drawing);
    }
}

#[test]
fn colors_are_only_added_around_the_same_text() {
    let trace = trace(&failing_request());
    let tree = Tree::of(&trace);
    let plain = Drawing::new().draw(&tree);
    let colored = Drawing::new().with_colors(true).draw(&tree);
    let mut stripped = String::new();
    let mut rest = &*colored;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        stripped.push_str(before);
        rest = after
            .split_once('m')
            .expect("an escape that sets a color")
            .1;
    }
    stripped.push_str(rest);
    assert_eq!(stripped, plain);
    for style in [
        "\u{1b}[31mERROR",
        "\u{1b}[33mWARN ",
        "\u{1b}[36m gateway",
        "\u{1b}[32m orders",
    ] {
        assert!(colored.contains(style), "{style:?}");
    }
}

#[test]
fn a_wide_drawing_cuts_nothing() {
    let drawing = Drawing::new()
        .with_width(60)
        .with_whole_lines(true)
        .draw(&Tree::of(&trace(&failing_request())));
    assert!(drawing.contains("which the bank has blocked"));
}

#[test]
fn corrected_clocks_are_marked() {
    let lines = [
        close("gateway", GATEWAY, "POST /checkout", 10_000, 30_000),
        child_of(
            line("payments", PAYMENTS, 8_000, "INFO", "charging"),
            GATEWAY,
        ),
        child_of(
            close("payments", PAYMENTS, "POST /charge", 7_001, 15_001),
            GATEWAY,
        ),
    ];
    assert_drawing("corrected-clocks.txt", &draw(&lines, 80));
    let trace = trace(&lines);
    let raw = Drawing::new()
        .with_width(80)
        .draw(&Tree::with_raw_times(&trace));
    assert_drawing("raw-times.txt", &raw);
}

#[test]
fn fields_of_a_span_are_beside_its_name_and_not_repeated_on_its_lines() {
    let route = json!({"http.route": "/checkout"});
    let lines = [
        with(
            line("gateway", GATEWAY, 1_000, "INFO", "started"),
            json!({"http.route": "/checkout", "user": 8}),
        ),
        with(
            close("gateway", GATEWAY, "POST /checkout", 500, 3_000),
            route,
        ),
    ];
    assert_drawing("fields.txt", &draw(&lines, 100));
    let trace = trace(&lines);
    let wide = Drawing::new()
        .with_whole_lines(true)
        .draw(&Tree::of(&trace));
    assert!(
        wide.contains("started target=app http.route=/checkout user=8"),
        "{wide}"
    );
}

#[test]
fn a_line_shows_its_service_unless_the_row_of_its_span_does() {
    let mut outside = line("jobs", ORDERS, 3_000, "INFO", "of no span");
    outside
        .as_object_mut()
        .expect("an object")
        .remove("span_id");
    let lines = [
        line("gateway", GATEWAY, 1_000, "INFO", "of the client"),
        line("orders", GATEWAY, 2_000, "INFO", "of the server"),
        outside,
        with(
            line("x", ORDERS, 4_000, "INFO", "short"),
            json!({"service.name": "a-service-with-a-very-long-name"}),
        ),
        line("y", ORDERS, 5_000, "INFO", "same id"),
    ];
    let trace = trace(&lines);
    let tree = Tree::of(&trace);
    let drawing = Drawing::new().draw(&tree);
    for row in [
        " · 2 spans · 5 lines · 5 services\n",
        "INFO  of the client\n",
        "INFO  [orders] of the server\n",
        "INFO  [jobs] of no span\n",
        "INFO  short\n",
        "INFO  [y] same id\n",
    ] {
        assert!(drawing.contains(row), "{row}\n{drawing}");
    }
    let colored = Drawing::new().with_colors(true).draw(&tree);
    assert!(colored.contains("m[orders] \u{1b}[0m"), "{colored}");
}

#[test]
fn the_heading_counts_the_lines_that_are_drawn() {
    let lines = [
        moment("gateway", GATEWAY, "POST /checkout", 500, "new"),
        line("gateway", GATEWAY, 1_000, "INFO", "started"),
        close("gateway", GATEWAY, "POST /checkout", 500, 3_000),
    ];
    let drawing = draw(&lines, 100);
    assert!(drawing.contains(" · 1 span · 1 line · "), "{drawing}");
}

#[test]
fn a_line_of_another_trace_counts_neither_in_the_heading_nor_for_the_axis() {
    let other = json!({"trace_id": "0af7651916cd43dd8448eb211c80319c", "link": support::TRACE});
    let mention = |micros| {
        let line = line("jobs", ORDERS, micros, "ERROR", "retried");
        with(line, other.clone())
    };
    let lines = [
        mention(500),
        close("gateway", GATEWAY, "POST /checkout", 1_000, 3_000),
        line("gateway", GATEWAY, 2_000, "INFO", "started"),
        mention(40_000_000),
    ];
    let drawing = draw(&lines, 100);
    let heading = "2026-11-29T16:00:00.001Z · 2.00ms · 1 span · 1 line · 1 service\n";
    assert!(drawing.contains(heading), "{drawing}");
    assert!(drawing.contains("-500µs ERROR [jobs] retried"), "{drawing}");
}

#[test]
fn a_line_without_a_message_is_drawn_as_its_request_or_its_fields() {
    let mut request = json!({
        "msec": 1795968000.001, "remote_addr": "127.0.0.1", "method": "GET", "uri": "/checkout", "status": 502,
        "request_time": 0.012, "trace_id": support::TRACE
    });
    let fields = json!({"timestamp": support::time(2_000), "cart": 8, "trace_id": support::TRACE});
    let drawing = draw(&[request.clone(), fields], 100);
    for row in [
        "      GET /checkout 502 12.0ms remote_addr=127.0.0.1\n",
        " cart=8\n",
    ] {
        assert!(drawing.contains(row), "{drawing}");
    }
    assert!(!drawing.contains('{'), "{drawing}");
    request["message"] = "done".into();
    let drawing = draw(&[request], 100);
    assert!(drawing.contains("done remote_addr="), "{drawing}");
}

#[test]
fn fields_about_the_logger_are_only_drawn_if_the_drawing_is_wide() {
    let bookkeeping = json!({"v": 0, "ecs.version": "1.2.0", "process.pid": 8, "trace_sampled": true, "event.dataset": "gateway"});
    let of_request = json!({"cart": 8});
    let lines = [with(
        with(
            line("gateway", GATEWAY, 1_000, "INFO", "ready"),
            bookkeeping,
        ),
        of_request,
    )];
    let drawing = draw(&lines, 160);
    assert!(drawing.contains("INFO  ready cart=8\n"), "{drawing}");
    let trace = trace(&lines);
    let wide = Drawing::new()
        .with_whole_lines(true)
        .draw(&Tree::of(&trace));
    for field in ["v=0", "ecs.version=1.2.0", "process.pid=8", "target=app"] {
        assert!(wide.contains(field), "{wide}");
    }
}

#[test]
fn times_of_lines_keep_milliseconds_from_a_minute_on() {
    let late = with(
        line("gateway", GATEWAY, 0, "INFO", "late"),
        json!({"timestamp": "2026-11-29T16:01:00.123Z"}),
    );
    let drawing = draw(&[line("gateway", GATEWAY, 0, "INFO", "early"), late], 100);
    for row in [
        "\n         +0ms INFO  early\n",
        "\n   +1m00.123s INFO  late\n",
    ] {
        assert!(drawing.contains(row), "{drawing}");
    }
}

#[test]
fn the_prefix_of_a_container_is_not_drawn_on_the_lines_that_follow() {
    let text = format!(
        "shop-1  | 2026-11-29T16:00:00Z ERROR failed trace_id={}\nshop-1  |   at mine\n",
        support::TRACE
    );
    let trace = trace_of_text(text);
    let drawing = Drawing::new().draw(&Tree::of(&trace));
    assert!(
        drawing.contains("\n                  at mine\n"),
        "{drawing}"
    );
}

#[test]
fn stack_traces_are_below_their_line_and_long_ones_are_cut() {
    let mut text = format!(
        "2026-11-29 15:44:49,107 ERROR [trace_id={}] failed\n",
        support::TRACE
    );
    for number in 0..12 {
        text.push_str(&format!("\tat shop.Cart.load(Cart.java:{number})\n"));
    }
    let trace = trace_of_text(text);
    let tree = Tree::of(&trace);
    let drawing = Drawing::new().with_width(80).draw(&tree);
    for (row, is_shown) in [
        ("    at shop.Cart.load(Cart.java:7)\n", true),
        ("Cart.java:8", false),
        ("… 4 more, shown with --wide\n", true),
    ] {
        assert_eq!(drawing.contains(row), is_shown, "{row}\n{drawing}");
    }
    let whole = Drawing::new().with_whole_lines(true).draw(&tree);
    assert!(whole.contains("Cart.java:11"));
}

#[test]
fn text_of_a_log_neither_moves_the_cursor_nor_changes_a_color() {
    let hostile = "\u{1b}[2J\u{1b}]0;title\u{7}\r\n\u{8}\u{9b}31m\u{202e}gnp.exe\u{2066}\u{85}\u{7f}\u{200f}\u{200b}";
    let mut lines = vec![
        child_of(close(hostile, GATEWAY, hostile, 1_000, 2_000), hostile),
        line("a", ORDERS, 1_500, hostile, hostile),
    ];
    lines[1] = with(
        lines[1].clone(),
        json!({ hostile: hostile, "error": hostile }),
    );
    let text = support::text(&lines) + &format!("{} {hostile}\n", support::TRACE);
    let trace = trace_of_text(text);
    let tree = Tree::of(&trace);
    let drawing = Drawing::new().with_whole_lines(true).draw(&tree);
    let markdown = tracegrep::markdown(&tree);
    for text in [&drawing, &markdown] {
        assert!(text.chars().all(is_safe), "{text:?}");
    }
    let colored = Drawing::new().with_colors(true).draw(&tree);
    for escape in colored.split('\u{1b}').skip(1) {
        let parameter = escape
            .strip_prefix('[')
            .and_then(|rest| rest.split_once('m'));
        let parameter = parameter.expect("only colors are set").0;
        assert!(parameter.parse::<u8>().is_ok(), "{escape:?}");
    }
}

fn is_safe(character: char) -> bool {
    let is_hidden = matches!(
        character,
        '\u{200b}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    );
    character == '\n' || !(character.is_control() || is_hidden)
}

#[test]
fn raw_lines_of_a_ticket_keep_the_indentation_of_stack_traces() {
    let text = format!(
        "2026-11-29 15:44:49,107 ERROR [trace_id={}] failed\n\tat shop.Cart.load(Cart.java:3)\n",
        support::TRACE
    );
    let trace = trace_of_text(text);
    let markdown = tracegrep::markdown(&Tree::of(&trace));
    assert!(
        markdown.contains("failed\n    at shop.Cart.load(Cart.java:3)\n"),
        "{markdown}"
    );
}

#[test]
fn a_million_accents_on_one_letter_are_cut() {
    let zalgo = format!("a{}", "\u{301}".repeat(1_000_000));
    let drawing = draw(&[line("a", GATEWAY, 1, "INFO", &zalgo)], 80);
    assert!(drawing.len() < 5_000, "{}", drawing.len());
}

#[test]
fn an_edge_that_is_inferred_is_dashed_and_a_note_says_why() {
    let in_list = |span: &str, micros: u64, names: &[&str]| {
        let list: Vec<_> = names.iter().map(|name| json!({"name": name})).collect();
        with(
            line("orders", span, micros, "INFO", "x"),
            json!({"span_name": names.last(), "spans": list}),
        )
    };
    let drawing = draw(
        &[
            close("gateway", GATEWAY, "POST /checkout", 1_000, 30_001),
            in_list(ORDERS, 5_001, &["POST /orders"]),
            in_list(ORDERS, 9_001, &["POST /orders"]),
            in_list(PAYMENTS, 6_001, &["POST /orders", "query"]),
            child_of(
                close("mail", "dddddddddddddddd", "send", 20_001, 21_001),
                GATEWAY,
            ),
        ],
        100,
    );
    assert_drawing("inferred.txt", &drawing);
}
