use super::{Browser, failing_page};

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
