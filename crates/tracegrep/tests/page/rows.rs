use super::{ALL_ROWS, failing_page, page_of, support};
use serde_json::{Value, json};
use support::{
    GATEWAY, ORDERS, TRACE, child_of, close, failing_request, line, moment, trace, with,
};
use tracegrep::{Drawing, Tree};

/// The words of the rows of a drawing, without guides and bars.
fn words_of_drawing(lines: &[Value]) -> Vec<String> {
    let trace = trace(lines);
    let drawing = Drawing::new().with_width(300).draw(&Tree::of(&trace));
    let rows = drawing.lines().skip(3).take_while(|row| !row.is_empty());
    // The page has its own marks for these.
    let rows = rows.map(|row| {
        row.replace("eeee:", "eeee")
            .replace("[of another trace]", "of another trace")
    });
    rows.map(|row| words(&row)).collect()
}

fn words(row: &str) -> String {
    let text = row.replace(
        [
            '│', '├', '└', '─', '╌', '▕', '▏', '█', '▒', '▌', '▐', '(', ')',
        ],
        " ",
    );
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}

#[test]
#[ignore = "needs Chromium"]
fn the_page_has_the_rows_of_the_drawing() {
    let corrected = [
        close("gateway", GATEWAY, "POST /checkout", 10_000, 30_000),
        child_of(
            close("orders", ORDERS, "POST /orders", 7_001, 15_001),
            GATEWAY,
        ),
        with(
            moment("jobs", "cccccccccccccccc", "job", 16_000, "new"),
            json!({"parent_span_id": ORDERS, "user": 8}),
        ),
        with(
            line("gateway", GATEWAY, 17_000, "WARN", "slow"),
            json!({"elapsed_ms": 100, "order": 1017, "ecs.version": "1.2.0"}),
        ),
        with(
            line("gateway", GATEWAY, 18_000, "INFO", "x"),
            json!({"trace_id": "0af7651916cd43dd8448eb211c80319c", "link": TRACE}),
        ),
    ];
    for lines in [&failing_request()[..], &corrected] {
        let browser = page_of(lines);
        let rows = browser.run(
            r"const top = (row) => parseFloat(row.style.top);
            const rows = [...document.querySelectorAll('.row')].sort((a, b) => top(a) - top(b));
            return rows.map((row) => {
                row.querySelector('.twist')?.remove();
                for (const service of row.querySelectorAll('.line .service')) service.textContent = `[${service.textContent}]`;
                const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
                const texts = [];
                while (walker.nextNode()) {
                    const node = walker.currentNode;
                    texts.push(node.parentElement.className === 'key' ? node.data : node.data + ' ');
                }
                // The drawing has the duration before the bar, and at the end of a row that is the same.
                return texts.join('');
            });",
        );
        let rows: Vec<String> = serde_json::from_value(rows).expect("texts");
        let rows: Vec<String> = rows.iter().map(|row| words(row)).collect();
        assert_eq!(rows, words_of_drawing(lines));
        browser.assert_innocent();
    }
}

#[test]
#[ignore = "needs Chromium"]
fn rows_are_items_of_a_tree_at_the_level_of_their_spans() {
    let browser = failing_page();
    browser.wait_for_rows(&ALL_ROWS);
    let levels = browser.run(
        r"const top = (row) => parseFloat(row.style.top);
        const rows = [...document.querySelectorAll('[role=tree] [role=treeitem]')].sort((a, b) => top(a) - top(b));
        return rows.map((row) => [Number(row.ariaLevel), Number(row.ariaPosInSet), Number(row.ariaSetSize)]);",
    );
    let expected = [
        [1, 1, 2],
        [2, 1, 3],
        [2, 2, 3],
        [3, 1, 3],
        [3, 2, 3],
        [4, 1, 2],
        [4, 2, 2],
        [3, 3, 3],
        [2, 3, 3],
        [3, 1, 1],
        [4, 1, 2],
        [4, 2, 2],
        [1, 2, 2],
    ];
    assert_eq!(levels, json!(expected));
    let heading = browser.texts("header").join(" ");
    for text in [
        TRACE,
        "2026-11-29 16:00:00.000 UTC",
        "29.5ms",
        "1 error",
        "4 spans",
        "8 lines",
        "4 services",
    ] {
        assert!(heading.contains(text), "{text}: {heading}");
    }
    let notes = browser.texts("#notes li").join(" ");
    assert!(
        notes.contains("The trace is incomplete: 1 parent span has no lines."),
        "{notes}"
    );
}

#[test]
#[ignore = "needs Chromium"]
fn bars_are_where_the_spans_are_on_the_axis() {
    let browser = failing_page();
    browser.wait_for_rows(&ALL_ROWS);
    let bars = browser.run(
        r"const top = (bar) => bar.getBoundingClientRect().top;
        const bars = [...document.querySelectorAll('.bar')].sort((a, b) => top(a) - top(b));
        return bars.map((bar) => [parseFloat(bar.style.left), parseFloat(bar.style.width)].map((part) => Math.round(part * 295) / 1000));",
    );
    // In milliseconds from the start, of 29.5.
    let bars: Vec<[f64; 2]> = serde_json::from_value(bars).expect("numbers");
    assert_eq!(bars, [[0.0, 29.5], [3.0, 16.5], [6.5, 8.0], [20.5, 1.5]]);
}

#[test]
#[ignore = "needs Chromium"]
fn the_details_of_a_line_have_all_that_is_known_of_it() {
    let mut lines = failing_request();
    let number = 12_345_678_901_234_567_890_u64;
    lines[4] = with(
        lines[4].clone(),
        json!({"card": {"number": number}, "price": 1.0}),
    );
    let browser = page_of(&lines);
    browser.click(".row .level.error");
    let details = browser.texts("#details").join("");
    let raw = lines[4].to_string();
    for text in [
        "card declined",
        "2026-11-29T16:00:00.012000000Z",
        "+11.5ms",
        "payments",
        "POST /charge",
        "limit of 129900 cents exceeded for this card",
        "card.number12345678901234567890",
        "price1.0",
        "test.log, byte ",
        &raw,
    ] {
        assert!(details.contains(text), "{text}: {details}");
    }
    browser.click(".row .title");
    let details = browser.texts("#details").join("");
    for text in [
        "POST /checkout/{id}",
        GATEWAY,
        "From the closing line of the span",
        "\"message\":\"close\"",
    ] {
        assert!(details.contains(text), "{text}: {details}");
    }
    browser.assert_innocent();
}

#[test]
#[ignore = "needs Chromium"]
fn a_trace_without_times_or_spans_is_shown() {
    let lines = [
        json!({"message": "first", "trace_id": TRACE}),
        json!({"message": "second", "trace_id": TRACE, "span_id": GATEWAY}),
    ];
    for lines in [
        &lines[..],
        &lines[..1],
        &[line("a", GATEWAY, 0, "INFO", "first")],
    ] {
        let browser = page_of(lines);
        browser.wait("[...document.querySelectorAll('.message')].some((message) => message.textContent === 'first')");
        for key in ["+", "-", "0", "a", "d", "e", "j", "f", "i"] {
            browser.press(key);
        }
        browser.drag("#axis", 0.2, 0.8);
        browser.assert_innocent();
    }
}

#[test]
#[ignore = "needs Chromium"]
fn a_message_of_any_length_leaves_room_for_the_other_details() {
    let message = format!("{}last word", "many words ".repeat(2_000));
    let lines = [
        close("gateway", GATEWAY, &message, 0, 9_000),
        with(
            line("gateway", GATEWAY, 1_000, "ERROR", &message),
            json!({"error.message": message, "note": message}),
        ),
    ];
    let browser = page_of(&lines);
    for row in ["#row-0", "#row-1"] {
        browser.click(row);
        browser.wait("document.getElementById('details').textContent.includes('Fields')");
        let heights = browser.run(
            "return [...document.querySelectorAll('#details > *')].map((found) => found.offsetHeight);",
        );
        let heights: Vec<u64> = serde_json::from_value(heights).expect("heights");
        assert!(heights.iter().all(|height| *height <= 900), "{heights:?}");
        let titles = browser.texts("#details h2");
        assert!(titles[0].ends_with('…'), "{titles:?}");
        let wholes = browser.texts("#details pre");
        assert!(wholes[0].contains(&message) && wholes[1].contains(&message));
        assert!(wholes[0].ends_with("last word"));
    }
    browser.assert_innocent();
}

#[test]
#[ignore = "needs Chromium"]
fn each_level_of_a_deep_tree_is_further_to_the_right_and_numbered() {
    let span = |depth: u64| format!("{:016x}", depth + 1);
    let mut lines = vec![line("a", &span(0), 0, "INFO", "root")];
    for depth in 1..20 {
        let entry = line("a", &span(depth), depth, "INFO", "deeper");
        lines.push(child_of(entry, &span(depth - 1)));
    }
    let browser = page_of(&lines);
    let places = browser.run(
        r"const top = (found) => found.getBoundingClientRect().top;
        const all = [...document.querySelectorAll('.span .twist')].sort((a, b) => top(a) - top(b));
        return all.map((found) => found.getBoundingClientRect().left);",
    );
    let places: Vec<f64> = serde_json::from_value(places).expect("places");
    assert!(places.len() > 14, "{places:?}");
    assert!(places.is_sorted_by(|a, b| a < b), "{places:?}");
    assert_eq!(browser.texts(".depth")[..2], ["13", "14"]);
    browser.assert_innocent();
}
