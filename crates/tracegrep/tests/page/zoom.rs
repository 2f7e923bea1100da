use super::{Browser, failing_page, page_of, support};
use serde_json::json;
use support::{GATEWAY, ORDERS, TRACE, child_of, line};

/// Waits until the bar of the root has about this place and width, in percent of the axis.
fn wait_for_bar(browser: &Browser, left: f64, width: f64) {
    browser.wait(&format!(
        "(() => {{ const bar = document.querySelector('#row-0 .bar').style; \
         return Math.abs(parseFloat(bar.left) - {left}) < 1.5 && Math.abs(parseFloat(bar.width) - {width}) < 1.5; }})()"
    ));
}

#[test]
#[ignore = "needs Chromium"]
fn keys_zoom_and_move_the_shown_time() {
    let browser = failing_page();
    wait_for_bar(&browser, 0.0, 100.0);
    browser.press("+");
    // The bar is cut a little outside of the axis.
    wait_for_bar(&browser, -10.0, 120.0);
    browser.wait("document.querySelector('.tick').textContent === '10ms'");
    browser.press("aaaa");
    wait_for_bar(&browser, 0.0, 110.0);
    browser.press("dddddddd");
    wait_for_bar(&browser, -10.0, 110.0);
    browser.press("-");
    wait_for_bar(&browser, 0.0, 100.0);
    browser.press("+++0");
    wait_for_bar(&browser, 0.0, 100.0);
    // The mail was sent long after the time that is shown.
    browser.press("+++aaaaaaaaaaaaaaaa");
    browser.wait("document.querySelector('#row-9 .duration').textContent === '~1.50ms ›'");
    browser.press("0");
    browser.press("+".repeat(60));
    browser.wait("document.querySelectorAll('.tick').length > 1");
    browser.assert_innocent();
}

#[test]
#[ignore = "needs Chromium"]
fn dragging_over_the_axis_or_the_overview_zooms_in() {
    for selector in ["#axis", "#overview"] {
        let browser = failing_page();
        wait_for_bar(&browser, 0.0, 100.0);
        browser.drag(selector, 0.5, 0.95);
        wait_for_bar(&browser, -10.0, 120.0);
        browser.wait("Math.abs(parseFloat(document.getElementById('brush').style.left) - 50) < 2");
        browser.wait("Math.abs(parseFloat(document.getElementById('brush').style.width) - 45) < 2");
        browser.assert_innocent();
    }
}

#[test]
#[ignore = "needs Chromium"]
fn the_wheel_zooms_around_the_pointer_with_ctrl_only() {
    let browser = failing_page();
    let wheel = |options: &str| {
        browser.run(&format!(
            "const box = document.getElementById('axis').getBoundingClientRect(); \
             document.getElementById('list').dispatchEvent(new WheelEvent('wheel', {{ cancelable: true, clientX: box.left, {options} }}));"
        ));
    };
    wheel("deltaY: -50");
    wait_for_bar(&browser, 0.0, 100.0);
    wheel("deltaY: -50, ctrlKey: true");
    wait_for_bar(&browser, 0.0, 110.0);
    browser
        .wait("Math.abs(parseFloat(document.getElementById('brush').style.width) - 60.65) < 0.5");
    browser.assert_innocent();
}

#[test]
#[ignore = "needs Chromium"]
fn times_of_minutes_on_the_axis_are_written_as_in_the_rows() {
    let at = |time: &str| json!({"timestamp": time, "message": "x", "trace_id": TRACE, "span_id": GATEWAY});
    let browser = page_of(&[at("2026-11-29T16:00:00Z"), at("2026-11-29T17:10:00Z")]);
    let expect = |ticks: &[&str]| {
        browser.wait(&format!(
            "JSON.stringify([...document.querySelectorAll('.tick')].map((tick) => tick.textContent)) === JSON.stringify({})",
            json!(ticks)
        ));
    };
    expect(&["0s", "15m", "30m", "45m", "1h00m"]);
    browser.press("+++");
    expect(&["32m", "34m", "36m", "38m"]);
    browser.press("+++");
    expect(&["34m30s", "34m45s", "35m00s", "35m15s", "35m30s"]);
    browser.press("++++");
    expect(&["34m58s", "34m59s", "35m00s", "35m01s", "35m02s"]);
    browser.press("+++");
    expect(&["34m59.8s", "35m00.0s", "35m00.2s"]);
    browser.assert_innocent();
}

#[test]
#[ignore = "needs Chromium"]
fn a_span_without_length_at_the_end_of_the_trace_has_a_bar() {
    let lines = [
        line("gateway", GATEWAY, 0, "INFO", "first"),
        child_of(line("orders", ORDERS, 9_000, "INFO", "last"), GATEWAY),
    ];
    let browser = page_of(&lines);
    browser.wait("document.querySelectorAll('.bar').length === 2");
    let is_within = "[...document.querySelectorAll('.track > :is(.bar, .moment)')].every((found) => found.getBoundingClientRect().right <= found.parentElement.getBoundingClientRect().right + 0.5)";
    assert_eq!(browser.value(is_within), json!(true));
    browser.assert_innocent();
}
