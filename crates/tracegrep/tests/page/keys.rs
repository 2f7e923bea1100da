use super::{
    ALL_ROWS, Browser, failing_page,
    support::{GATEWAY, ORDERS},
};
use serde_json::json;
use thirtyfour::Key;

fn assert_selected(browser: &Browser, name: &str) {
    browser.wait(&format!(
        "document.querySelector('.row[aria-selected=true] :is(.title, .message)')?.textContent === {} \
         && document.getElementById('list').getAttribute('aria-activedescendant') === document.querySelector('.row[aria-selected=true]').id",
        json!(name)
    ));
}

#[test]
#[ignore = "needs Chromium"]
fn keys_move_through_the_tree_and_collapse_and_expand_it() {
    let browser = failing_page();
    browser.press("jj");
    assert_selected(&browser, "request started");
    browser.press_key(Key::Down);
    assert_selected(&browser, "place order");
    assert!(browser.texts("#row-2 .failed").is_empty());
    browser.press_key(Key::Left);
    browser.wait("document.querySelectorAll('.row').length === 8");
    assert_selected(&browser, "place order");
    browser.wait("document.querySelector('.row[aria-selected=true]').ariaExpanded === 'false'");
    // One of the rows in it is an error.
    assert_eq!(browser.texts(".folded"), ["+5 rows"]);
    assert_eq!(browser.texts("#row-2 .failed"), ["✗"]);
    browser.press_key(Key::Right);
    browser.wait_for_rows(&ALL_ROWS);
    browser.press_key(Key::Enter);
    browser.wait("document.querySelectorAll('.row').length === 8");
    browser.press_key(Key::Enter);
    browser.press_key(Key::Right);
    assert_selected(&browser, "order received");
    browser.press_key(Key::Left);
    assert_selected(&browser, "place order");
    browser.press("k");
    browser.press_key(Key::Up);
    assert_selected(&browser, "POST /checkout/{id}");
    browser.press_key(Key::End);
    assert_selected(&browser, "outside of all spans");
    browser.press_key(Key::Home);
    assert_selected(&browser, "POST /checkout/{id}");
    browser.press("[");
    browser.wait_for_rows(&["POST /checkout/{id}", "outside of all spans"]);
    browser.press("]");
    browser.wait_for_rows(&ALL_ROWS);
    browser.assert_innocent();
}

#[test]
#[ignore = "needs Chromium"]
fn a_key_jumps_to_the_next_error_also_if_it_is_in_a_collapsed_span() {
    let browser = failing_page();
    browser.press("[");
    browser.wait("document.querySelectorAll('.row').length === 2");
    browser.press("e");
    assert_selected(&browser, "card declined");
    browser.press("E");
    assert_selected(&browser, "card declined");
    browser.click("#next-error");
    assert_selected(&browser, "card declined");
    browser.assert_innocent();
}

#[test]
#[ignore = "needs Chromium"]
fn keys_open_and_close_the_filter_the_details_and_the_help() {
    let browser = failing_page();
    browser.press("/");
    browser.wait("document.activeElement.id === 'text'");
    browser.press("jq?e");
    browser.wait("document.getElementById('text').value === 'jq?e'");
    browser.press_key(Key::Escape);
    browser.wait("document.activeElement.id === 'list'");
    browser.run("const text = document.getElementById('text'); text.value = ''; text.dispatchEvent(new Event('input'));");
    browser.wait_for_rows(&ALL_ROWS);
    browser.press("jj");
    browser.press_key(Key::Enter);
    browser.wait("!document.getElementById('details').hidden");
    browser.wait("document.querySelector('#details h2').textContent === 'INFO request started'");
    browser.press("j");
    browser.wait("document.querySelector('#details h2').textContent === 'place order'");
    browser.press_key(Key::Escape);
    browser.wait("document.getElementById('details').hidden");
    browser.press("?");
    browser.wait("document.getElementById('help').open");
    browser.press_key(Key::Escape);
    browser.wait("!document.getElementById('help').open");
    browser.click("#show-help");
    browser.wait("document.getElementById('help').open");
    browser.click("#help button");
    browser.wait("!document.getElementById('help').open");
    browser.assert_innocent();
}

#[test]
#[ignore = "needs Chromium"]
fn the_address_names_the_span_that_is_shown_alone() {
    let part = [
        "place order",
        "order received",
        "POST /charge",
        "connecting",
        "card declined",
        "注文は在庫が少ない 🙈",
    ];
    let browser = failing_page();
    browser.go_to(&format!("?#span={ORDERS}"));
    browser.wait_for_rows(&part);
    assert_eq!(browser.texts("#status"), ["2 spans, 4 lines"]);
    browser.wait("document.querySelector('.row .bar').style.width === '100%'");
    browser.wait("document.querySelector('.row').ariaLevel === '1'");
    browser.press_key(Key::Escape);
    browser.wait_for_rows(&ALL_ROWS);
    browser.wait("location.hash === ''");
    browser.press_key(Key::Home);
    browser.press("jjf");
    browser.wait_for_rows(&part);
    browser.wait(&format!("location.hash === '#span={ORDERS}'"));
    browser.run("history.back();");
    browser.wait_for_rows(&ALL_ROWS);
    browser.run(&format!("location.hash = '#span={GATEWAY}';"));
    browser.wait_for_rows(&ALL_ROWS[..12]);
    browser.click("#show-whole");
    browser.wait_for_rows(&ALL_ROWS);
    browser.run("location.hash = '#span=<script>';");
    browser.wait_for_rows(&ALL_ROWS);
    let unknown = "No span <script>, so the whole trace is shown: 4 spans, 8 lines";
    browser.wait(&format!(
        "document.getElementById('status').textContent === '{unknown}'"
    ));
    browser.run("location.hash = '#';");
    browser.wait("document.getElementById('status').textContent === '4 spans, 8 lines'");
    browser.assert_innocent();
}
