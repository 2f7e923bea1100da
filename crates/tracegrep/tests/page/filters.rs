use super::{ALL_ROWS, failing_page};
use thirtyfour::Key;

#[test]
#[ignore = "needs Chromium"]
fn rows_that_do_not_match_the_text_are_hidden_and_the_spans_around_stay() {
    let browser = failing_page();
    browser.wait_for_rows(&ALL_ROWS);
    browser.click("#text");
    browser.press("DECLINED");
    browser.wait_for_rows(&[
        "POST /checkout/{id}",
        "place order",
        "POST /charge",
        "card declined",
    ]);
    assert_eq!(browser.texts("#status"), ["0 of 4 spans, 1 of 8 lines"]);
    assert_eq!(browser.texts("mark"), ["declined"]);
    assert_eq!(
        browser.texts(".row.context .title"),
        ["POST /checkout/{id}", "place order", "POST /charge"]
    );
    // Fields and raw text are searched too.
    for (text, message) in [
        ("customer=c-0815", "order received"),
        ("\"order\":1017", "order received"),
    ] {
        browser.run("document.getElementById('text').select();");
        browser.press(text);
        browser.wait_for_rows(&["POST /checkout/{id}", "place order", message]);
    }
    // A match is shown even if it is in a collapsed span.
    browser.press_key(Key::Escape);
    browser.press("[");
    browser.run("document.getElementById('text').select();");
    browser.press("mail sent");
    browser.wait_for_rows(&[
        "POST /checkout/{id}",
        "missing parent eeeeeeeeeeeeeeee",
        "span dddddddddddddddd",
        "mail sent",
    ]);
    browser.run("document.getElementById('text').select();");
    browser.press("nothing has this text");
    browser.wait("!document.getElementById('empty').hidden");
    browser.assert_innocent();
}

#[test]
#[ignore = "needs Chromium"]
fn lines_below_the_level_are_hidden() {
    let browser = failing_page();
    for (level, rows) in [
        (
            "warn",
            &[
                "POST /checkout/{id}",
                "place order",
                "POST /charge",
                "card declined",
                "注文は在庫が少ない 🙈",
            ][..],
        ),
        (
            "error",
            &[
                "POST /checkout/{id}",
                "place order",
                "POST /charge",
                "card declined",
            ],
        ),
        ("", &ALL_ROWS),
    ] {
        browser.run(&format!(
            "const level = document.getElementById('level'); level.value = '{level}'; level.dispatchEvent(new Event('change'));"
        ));
        browser.wait_for_rows(rows);
    }
    browser.assert_innocent();
}

#[test]
#[ignore = "needs Chromium"]
fn a_service_is_hidden_and_shown_by_its_button() {
    let browser = failing_page();
    browser.click(".chip.service-1");
    browser.wait_for_rows(&[
        "POST /checkout/{id}",
        "request started",
        "place order",
        "POST /charge",
        "connecting",
        "card declined",
        "missing parent eeeeeeeeeeeeeeee",
        "span dddddddddddddddd",
        "mail queued",
        "mail sent",
        "outside of all spans",
    ]);
    browser.wait("document.querySelector('.chip.service-1').ariaPressed === 'false'");
    browser.click(".chip.service-2");
    browser.wait_for_rows(&[
        "POST /checkout/{id}",
        "request started",
        "missing parent eeeeeeeeeeeeeeee",
        "span dddddddddddddddd",
        "mail queued",
        "mail sent",
        "outside of all spans",
    ]);
    browser.click(".chip.service-1");
    browser.click(".chip.service-2");
    browser.wait_for_rows(&ALL_ROWS);
    browser.assert_innocent();
}
