use super::{ALL_ROWS, failing_page, page_of, support};
use serde_json::json;
use support::{GATEWAY, close, line};

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

#[test]
#[ignore = "needs Chromium"]
fn gridlines_meet_the_axis_and_the_bars_beside_a_scrollbar() {
    let mut lines = vec![close("gateway", GATEWAY, "root", 0, 50_000)];
    for number in 0..100 {
        lines.push(line(
            "gateway",
            GATEWAY,
            number * 500,
            "INFO",
            "one of many",
        ));
    }
    let browser = page_of(&lines);
    let is_scrolled =
        "document.getElementById('list').offsetWidth > document.getElementById('list').clientWidth";
    assert_eq!(browser.value(is_scrolled), json!(true));
    let places = |selector: &str| {
        let script = format!(
            "return [...document.querySelectorAll('{selector}')].map((found) => Math.round(found.getBoundingClientRect().left));"
        );
        serde_json::from_value::<Vec<i64>>(browser.run(&script)).expect("places")
    };
    let ticks = places(".tick:not(.last)");
    assert!(ticks.len() > 2, "{ticks:?}");
    assert_eq!(ticks[..], places(".gridline")[..ticks.len()]);
    // The span starts with the axis.
    assert_eq!(ticks[..1], places("#row-0 .bar"));
    browser.assert_innocent();
}

#[test]
#[ignore = "needs Chromium"]
fn the_duration_on_a_bar_has_a_background_that_it_can_be_read_on() {
    // Without a closing line, the bar is striped.
    let lines = [0, 50_000].map(|at| line("gateway", GATEWAY, at, "INFO", "one of two"));
    let browser = page_of(&lines);
    for scheme in ["light", "dark"] {
        browser.prefer(scheme);
        browser.wait("document.querySelector('.bar.inferred')");
        let contrast = browser.run(
            r"const style = getComputedStyle(document.querySelector('.duration.on'));
            const brightness = (color) => {
                const parts = color.match(/[\d.]+/g).map(Number);
                if (parts.length !== 3) return NaN;
                const [red, green, blue] = parts.map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
                return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
            };
            const [dark, light] = [style.color, style.backgroundColor].map(brightness).sort((a, b) => a - b);
            return (light + 0.05) / (dark + 0.05);",
        );
        let contrast = contrast.as_f64().expect("a background of one color");
        assert!(contrast >= 4.5, "{scheme}: {contrast}");
    }
    browser.assert_innocent();
}

#[test]
#[ignore = "needs Chromium"]
fn on_a_phone_a_long_message_is_cut_visibly_and_no_mark_of_a_time_is_over_a_text() {
    let long = "many words ".repeat(30);
    let levels = ["INFO", "ERROR", "WARN"];
    let mut lines = vec![close("gateway", GATEWAY, "root", 0, 9_000)];
    lines.extend(levels.map(|level| line("gateway", GATEWAY, 1_000, level, &long)));
    let browser = page_of(&lines);
    browser.resize(390, 844);
    browser.go_to("?phone");
    browser.wait("document.querySelectorAll('.row').length === 4");
    let rows = browser.run(
        r"return [...document.querySelectorAll('.row.line')].map((row) => {
            const content = row.querySelector('.content');
            const { textOverflow, whiteSpace } = getComputedStyle(content);
            const isCutVisibly = content.scrollWidth > content.clientWidth && textOverflow === 'ellipsis' && whiteSpace === 'pre';
            const [text, mark, box] = [content, row.querySelector('.moment'), row].map((found) => found.getBoundingClientRect());
            return isCutVisibly && text.bottom <= mark.top && mark.bottom <= box.bottom;
        });",
    );
    assert_eq!(rows, json!([true, true, true]));
    // On its side.
    browser.resize(844, 390);
    browser.wait("document.getElementById('list').clientHeight > 250");
    browser.assert_innocent();
}

#[test]
#[ignore = "needs Chromium"]
fn rows_of_a_service_that_is_switched_off_are_pale_with_their_bars() {
    let browser = failing_page();
    browser.wait_for_rows(&ALL_ROWS);
    browser.click(".chip");
    browser.wait("document.querySelector('#row-0.context')");
    let opacity = "Number(getComputedStyle(document.querySelector('#row-0 .track')).opacity)";
    assert_eq!(browser.value(&format!("{opacity} < 0.7")), json!(true));
    browser.assert_innocent();
}
