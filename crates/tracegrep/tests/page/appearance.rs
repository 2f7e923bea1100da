use super::{ALL_ROWS, failing_page};
use serde_json::json;

#[test]
#[ignore = "needs Chromium"]
fn colors_are_light_or_dark_as_the_user_prefers() {
    let browser = failing_page();
    for (scheme, color) in [("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 23, 28)")] {
        browser.prefer(scheme);
        browser.wait(&format!(
            "getComputedStyle(document.body).backgroundColor === '{color}'"
        ));
    }
    browser.assert_innocent();
}

#[test]
#[ignore = "needs Chromium"]
fn a_phone_shows_all_without_scrolling_to_the_side() {
    let browser = failing_page();
    browser.resize(360, 740);
    browser.go_to("?phone");
    browser.wait("document.querySelectorAll('.row').length > 10");
    let check = || {
        let width = "Math.max(document.documentElement.scrollWidth, document.getElementById('list').scrollWidth)";
        assert_eq!(browser.value(width), json!(360));
        assert_eq!(
            browser.value("document.documentElement.scrollHeight <= innerHeight"),
            json!(true)
        );
    };
    check();
    // The name has the whole width, and the bar is below it.
    assert_eq!(
        browser.value("document.querySelector('#row-0 .name').clientWidth"),
        json!(360)
    );
    let is_below = "document.querySelector('#row-0 .bar').getBoundingClientRect().top >= document.querySelector('#row-0 .title').getBoundingClientRect().bottom";
    assert_eq!(browser.value(is_below), json!(true));
    browser.click("#row-1");
    browser.wait("!document.getElementById('details').hidden");
    check();
    browser.click("#details .close");
    browser.resize(1280, 800);
    browser.wait_for_rows(&ALL_ROWS);
    browser.assert_innocent();
}
