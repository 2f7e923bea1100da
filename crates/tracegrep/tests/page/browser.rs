//! A real browser: headless Chromium, driven by chromedriver.

use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use thirtyfour::{ChromiumLikeCapabilities as _, DesiredCapabilities, Key, WebDriver};
use tokio::runtime::Runtime;

/// How long to wait for what must happen, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs before the page, and records what it must not do.
const OBSERVER: &str = r#"
    window.violations = [];
    window.failures = [];
    document.addEventListener("securitypolicyviolation", (event) => {
        window.violations.push(event.effectiveDirective);
    });
    window.addEventListener("error", (event) => window.failures.push(String(event.message)));
    window.addEventListener("unhandledrejection", (event) => window.failures.push(String(event.reason)));
    for (const dialog of ["alert", "confirm", "prompt"]) {
        window[dialog] = () => window.failures.push(dialog);
    }
"#;

pub(crate) struct Browser {
    runtime: Runtime,
    driver: Option<WebDriver>,
    process: Child,
    folder: TempDir,
}

impl Browser {
    /// Opens a page from the disk, in a window of 1280 by 800.
    pub(crate) fn open(page: &str) -> Self {
        let folder = TempDir::new().expect("a folder");
        fs::write(folder.path().join("page.html"), page).expect("the page is written");
        let (process, port) = start_driver();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let mut browser = Self {
            runtime,
            driver: None,
            process,
            folder,
        };
        let driver = browser.runtime.block_on(async {
            let mut capabilities = DesiredCapabilities::chrome();
            for argument in [
                "--headless=new",
                // In a container, root has no sandbox.
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--disable-gpu",
                "--window-size=1280,800",
            ] {
                capabilities.add_arg(argument).expect("an argument");
            }
            let address = format!("http://127.0.0.1:{port}");
            let driver = WebDriver::new(address, capabilities)
                .await
                .expect("a session");
            let observer = json!({"source": OBSERVER});
            driver
                .cdp()
                .send_raw("Page.addScriptToEvaluateOnNewDocument", observer)
                .await
                .expect("the observer is added");
            driver
        });
        browser.driver = Some(driver);
        browser.resize(1280, 800);
        browser.go_to("");
        browser
    }

    fn driver(&self) -> &WebDriver {
        self.driver.as_ref().expect("it is open")
    }

    /// Opens the page with the end of an address, such as `#span=1`.
    pub(crate) fn go_to(&self, end: &str) {
        let page = self.folder.path().join("page.html");
        let address = format!("file://{}{end}", page.display());
        self.runtime
            .block_on(self.driver().goto(address))
            .expect("the page is loaded");
        self.wait("document.querySelectorAll('.row').length > 0");
    }

    /// The value of an expression of JavaScript.
    pub(crate) fn value(&self, expression: &str) -> Value {
        self.run(&format!("return {expression};"))
    }

    pub(crate) fn run(&self, script: &str) -> Value {
        let executed = self.driver().execute(script.to_owned(), Vec::new());
        let result = self.runtime.block_on(executed);
        result
            .unwrap_or_else(|error| panic!("{script}: {error}"))
            .json()
            .clone()
    }

    /// Waits until an expression is true.
    pub(crate) fn wait(&self, expression: &str) {
        let end = Instant::now() + PATIENCE;
        while self.value(&format!("!!({expression})")) != json!(true) {
            let rows = || self.texts(".row");
            assert!(Instant::now() < end, "{expression}\n{:#?}", rows());
        }
    }

    /// The texts of all elements for a selector, from the top to the bottom of the window.
    pub(crate) fn texts(&self, selector: &str) -> Vec<String> {
        let script = format!(
            r"const top = (found) => found.getBoundingClientRect().top;
            const all = [...document.querySelectorAll({})].sort((a, b) => top(a) - top(b));
            return all.map((found) => found.textContent);",
            json!(selector)
        );
        serde_json::from_value(self.run(&script)).expect("texts")
    }

    /// Waits until the rows in view have these names of spans and messages of lines.
    pub(crate) fn wait_for_rows(&self, expected: &[&str]) {
        let script = format!(
            r"(() => {{
                const top = (found) => parseFloat(found.style.top);
                const all = [...document.querySelectorAll('.row')].sort((a, b) => top(a) - top(b));
                const names = all.map((row) => row.querySelector('.title, .message').textContent);
                return JSON.stringify(names) === JSON.stringify({});
            }})()",
            json!(expected)
        );
        self.wait(&script);
    }

    /// Presses keys, as a user does.
    pub(crate) fn press(&self, keys: impl AsRef<str>) {
        let chain = self.driver().action_chain().send_keys(keys.as_ref());
        self.runtime.block_on(chain.perform()).expect("keys");
    }

    pub(crate) fn press_key(&self, key: Key) {
        self.press(char::from(key).to_string());
    }

    pub(crate) fn click(&self, selector: &str) {
        let (x, y) = self.place(selector, 0.5);
        let chain = self.driver().action_chain().move_to(x, y).click();
        self.runtime.block_on(chain.perform()).expect("a click");
    }

    /// Drags from one place of an element to another, both from 0 to 1.
    pub(crate) fn drag(&self, selector: &str, from: f64, to: f64) {
        let ((from, y), (to, _)) = (self.place(selector, from), self.place(selector, to));
        let chain = self.driver().action_chain().move_to(from, y);
        let chain = chain.click_and_hold().move_to(to, y).release();
        self.runtime.block_on(chain.perform()).expect("a drag");
    }

    fn place(&self, selector: &str, at: f64) -> (i64, i64) {
        let script = format!(
            r"const box = document.querySelector({}).getBoundingClientRect();
            return [box.left + box.width * {at}, box.top + box.height / 2].map(Math.round);",
            json!(selector)
        );
        serde_json::from_value(self.run(&script)).expect("a place")
    }

    /// Sets the size of the page, also to those that no window has.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700});
        self.command("Emulation.setDeviceMetricsOverride", size);
    }

    /// Sets what the user prefers: `light` or `dark`.
    pub(crate) fn prefer(&self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        self.command("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    pub(crate) fn command(&self, name: &str, parameters: Value) -> Value {
        let sent = self.driver().cdp();
        let sent = sent.send_raw(name, parameters);
        self.runtime.block_on(sent).expect("a command")
    }

    /// Checks that the page has done nothing that it must not do.
    pub(crate) fn assert_innocent(&self) {
        for (expression, expected) in [
            ("typeof window.hacked", json!("undefined")),
            ("window.violations", json!([])),
            ("window.failures", json!([])),
            (
                "performance.getEntriesByType('resource').map((entry) => entry.name)",
                json!([]),
            ),
        ] {
            assert_eq!(self.value(expression), expected, "{expression}");
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(driver) = self.driver.take() {
            let _ = self.runtime.block_on(driver.quit());
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts chromedriver on a free port, which it prints.
fn start_driver() -> (Child, u16) {
    let mut process = Command::new("chromedriver")
        .arg("--port=0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("chromedriver is installed, for example by tests/servers/chromium.sh");
    let mut output = BufReader::new(process.stdout.take().expect("a pipe"));
    let mut line = String::new();
    let port = loop {
        line.clear();
        let length = output.read_line(&mut line).expect("it can be read");
        assert!(length > 0, "chromedriver ended without a port");
        let port = line.trim_end().trim_end_matches('.').rsplit(' ').next();
        if line.contains("started successfully on port") {
            break port.expect("a word").parse().expect("a port");
        }
    };
    // The pipe must be read, or chromedriver would wait.
    std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
    (process, port)
}
