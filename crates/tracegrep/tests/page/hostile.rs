use super::{page_of, support};
use serde_json::json;
use std::io::Cursor;
use support::{GATEWAY, ORDERS, child_of, close, line, text, with};
use tracegrep::{Outcome, Search, Tree};

/// What a page must not take for markup, script or an address.
const HOSTILE: &str = concat!(
    "</script><script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=2>",
    "<svg onload=window.hacked=3>",
    "javascript:window.hacked=4 ",
    "</pre></noscript><script>window.hacked=5</script>",
    "\" onmouseover=\"window.hacked=6\" ' onfocus='window.hacked=7' autofocus ",
    "{{script}} ${window.hacked=8} \\u003cscript> &lt;b&gt; <!--<script> ]]> --> https://example.com/ ",
);

/// What a reader does not see.
const INVISIBLE: &str = "\u{202e}gnp.exe\u{2066}\u{200b}\u{2028}\u{1b}[2J";
const VISIBLE: &str = "\\u{202e}gnp.exe\\u{2066}\\u{200b}\\u{2028}\\u{1b}[2J";

#[test]
#[ignore = "needs Chromium"]
fn text_of_a_hostile_trace_stays_text() {
    let bad = &format!("{HOSTILE}{INVISIBLE}");
    let shown = format!("{HOSTILE}{VISIBLE}");
    let lines = [
        close(bad, GATEWAY, bad, 1_000, 9_000),
        with(
            child_of(line(bad, ORDERS, 2_000, bad, bad), GATEWAY),
            json!({ bad: bad, "nested": { bad: [bad] }, "error": bad, "error.type": bad, "stack_trace": bad }),
        ),
        with(
            line(bad, GATEWAY, 3_000, "ERROR", bad),
            json!({"span_name": bad}),
        ),
    ];
    let log = format!("{}{} {bad}\n  at {bad}\n", text(&lines), support::TRACE);
    let search = Search::new().with_reader(bad, Cursor::new(log));
    let found = search.find(&support::TRACE.parse().expect("an id"));
    let Outcome::Trace(trace) = found.outcome else {
        panic!("one trace was expected");
    };
    let browser = super::Browser::open(&tracegrep::html(&Tree::of(&trace)));
    browser.assert_innocent();
    let rows = browser.value("document.querySelectorAll('.row').length");
    assert_eq!(rows, json!(5));
    let mut fields = Vec::new();
    for row in 0..5 {
        browser.run(&format!("document.getElementById('row-{row}').click();"));
        browser.wait("!document.getElementById('details').hidden");
        let details = browser.texts("#details").join("");
        assert!(details.contains(&shown), "{row}: {details}");
        fields.extend(browser.texts("#details :is(th, td)"));
    }
    // The key, its value, and the nested value.
    assert!(fields.iter().filter(|text| text.contains(&shown)).count() >= 3);
    // Of each kind of text: names, services, messages, and in the details files, keys and values.
    for selector in [
        ".title",
        ".span .service",
        ".message",
        ".chip",
        "#details h2",
        "#details .place span",
        "#details .raw",
    ] {
        let texts = browser.texts(selector).join("\n");
        assert!(
            texts.contains("<img src=x onerror=window.hacked=2>"),
            "{selector}: {texts}"
        );
    }
    browser.press("/<script>");
    browser.wait("document.querySelectorAll('mark').length > 0");
    let elements = "[...document.querySelectorAll('script, img, svg, a, iframe, object, link, base, [onerror], [onload], [onmouseover], [onfocus]')].map((found) => found.tagName)";
    assert_eq!(browser.value(elements), json!(["SCRIPT", "SCRIPT"]));
    let invisible = r"/[\u202a-\u202e\u2066-\u2069\u200b\u2028\u001b]/.test(document.documentElement.textContent)";
    assert_eq!(browser.value(invisible), json!(false));
    browser.assert_innocent();
}

#[test]
#[ignore = "needs Chromium"]
fn markup_would_neither_run_nor_load_anything_if_it_came_into_the_page() {
    let trace = support::trace(&[line("a", GATEWAY, 1_000, "INFO", "x")]);
    let page = tracegrep::html(&Tree::of(&trace));
    for (markup, directive) in [
        ("<script>window.hacked = 1</script>", "script-src-elem"),
        (
            "<script src='http://127.0.0.1:9/x.js'></script>",
            "script-src-elem",
        ),
        ("<img src='http://127.0.0.1:9/x.png'>", "img-src"),
        (
            "<b onfocus='window.hacked = 1' tabindex=0 autofocus>",
            "script-src-attr",
        ),
        ("<b style='color: red'>", "style-src-attr"),
        ("<style>b { color: red }</style>", "style-src-elem"),
        (
            "<link rel=stylesheet href='http://127.0.0.1:9/x.css'>",
            "style-src-elem",
        ),
        ("<iframe src='http://127.0.0.1:9/'></iframe>", "frame-src"),
        ("<base href='http://127.0.0.1:9/'>", "base-uri"),
        ("<object data='http://127.0.0.1:9/'></object>", "object-src"),
    ] {
        let changed = page.replace("<main>", &format!("{markup}<main>"));
        assert_ne!(changed, page);
        let browser = super::Browser::open(&changed);
        browser.wait(&format!("window.violations.includes('{directive}')"));
        assert_eq!(browser.value("typeof window.hacked"), json!("undefined"));
    }
    let browser = super::Browser::open(&page);
    browser.run("try { document.body.innerHTML = '<b>'; } catch {}");
    browser.wait("window.violations.includes('require-trusted-types-for')");
    browser.run("fetch('http://127.0.0.1:9/').catch(() => {});");
    browser.wait("window.violations.includes('connect-src')");
}

#[test]
#[ignore = "needs Chromium"]
fn without_javascript_the_page_shows_the_drawing_as_text() {
    let bad = format!("{HOSTILE}{INVISIBLE}");
    let browser = page_of(&[
        line("a", GATEWAY, 1_000, "INFO", "calm"),
        line("a", GATEWAY, 2_000, "INFO", &bad),
    ]);
    browser.command(
        "Emulation.setScriptExecutionDisabled",
        json!({"value": true}),
    );
    browser.command("Page.reload", json!({}));
    let text = || {
        let snapshot =
            browser.command("DOMSnapshot.captureSnapshot", json!({"computedStyles": []}));
        snapshot["strings"].to_string()
    };
    let mut all = text();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while !all.contains("+1.00ms INFO  </script><script>") {
        assert!(std::time::Instant::now() < end, "{all}");
        all = text();
    }
    assert!(all.contains("+0ms INFO  calm"), "{all}");
}
