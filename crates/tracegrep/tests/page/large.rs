use super::{page_of, support};
use serde_json::json;
use support::{GATEWAY, child_of, close, line};
use thirtyfour::Key;

/// So many elements are enough for the rows of a window.
const MAX_ROWS: u64 = 120;

#[test]
#[ignore = "needs Chromium"]
fn of_ten_thousand_lines_only_those_in_view_are_elements() {
    let mut lines = vec![close("gateway", GATEWAY, "root", 0, 50_000_000)];
    for number in 0..10_000_u64 {
        let span = format!("{:016x}", 0xa000 + number / 50);
        let entry = line(
            "worker",
            &span,
            number * 5_000,
            "INFO",
            &format!("line {number}"),
        );
        lines.push(child_of(entry, GATEWAY));
        if number == 8_888 {
            let failure = line("worker", &span, number * 5_000, "ERROR", "the only error");
            lines.push(child_of(failure, GATEWAY));
        }
    }
    let browser = page_of(&lines);
    let count = || {
        browser
            .value("document.querySelectorAll('.row').length")
            .as_u64()
            .expect("a number")
    };
    assert!(count() < MAX_ROWS);
    assert_eq!(browser.texts("#status"), ["201 spans, 10,001 lines"]);
    browser.press_key(Key::End);
    browser.wait("[...document.querySelectorAll('.message')].some((message) => message.textContent === 'line 9999')");
    assert!(count() < MAX_ROWS);
    browser.run("document.getElementById('list').scrollTop = 130000;");
    browser.wait("document.querySelector('.row .message').textContent !== 'line 9999' && document.querySelector('.row').style.top > '12'");
    assert!(count() < MAX_ROWS);
    browser.press("/line 7777");
    browser.wait_for_rows(&["root", "span 000000000000a09b", "line 7777"]);
    browser.press_key(Key::Escape);
    browser.run("const text = document.getElementById('text'); text.value = ''; text.dispatchEvent(new Event('input'));");
    browser.wait("document.getElementById('status').textContent === '201 spans, 10,001 lines'");
    browser.press("[");
    browser.wait_for_rows(&["root"]);
    browser.press("e");
    browser.wait(
        "[...document.querySelectorAll('.row[aria-selected=true]')].some((row) => {
            const [box, list] = [row, document.getElementById('list')].map((found) => found.getBoundingClientRect());
            return row.textContent.includes('the only error') && box.top >= list.top && box.bottom <= list.bottom;
        })",
    );
    browser.press("[");
    browser.wait_for_rows(&["root"]);
    assert_eq!(
        browser.value("document.querySelectorAll('.row').length"),
        json!(1)
    );
    browser.assert_innocent();
}
