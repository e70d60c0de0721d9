//! Headless Chromium, driven by chromedriver over the WebDriver protocol.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use url::Url;

/// Timeout of each browser operation.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(20);
/// The member name of element references (WebDriver §12.2).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A session of Chromium, and the chromedriver that runs it.
pub(crate) struct Browser {
    driver: Child,
    session: String,
    /// Kept open: chromedriver exits if its output is closed.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Browser {
    /// Returns `None` if chromedriver is missing.
    pub(crate) fn start() -> Option<Self> {
        let driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut driver = match driver {
            Ok(driver) => driver,
            Err(_) if std::env::var_os("REQUIRE_BROWSER").is_none() => {
                println!("skipped: chromedriver is missing");
                return None;
            }
            Err(error) => panic!("cannot start chromedriver: {error}"),
        };
        let output = BufReader::new(driver.stdout.take().expect("its output"));
        let mut output = output.lines();
        let port = output
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                let port = line.strip_prefix("ChromeDriver was started successfully on port ")?;
                Some(port.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver prints its port");
        let options = json!({ "args": [
            "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=800,900",
        ] });
        // `submit` waits for an element of the next page.
        let timeouts = json!({ "implicit": TIMEOUT.as_millis() / 2 });
        let capabilities = json!({ "goog:chromeOptions": options, "timeouts": timeouts });
        let server = format!("http://127.0.0.1:{port}");
        let mut browser = Self {
            driver,
            session: format!("{server}/session"),
            _output: output,
        };
        let body = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let session = browser.send("POST", "", Some(body));
        let id = session["sessionId"].as_str().expect("a session");
        browser.session = format!("{server}/session/{id}");
        Some(browser)
    }

    fn send(&self, method: &str, path: &str, body: Option<Value>) -> Value {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            .http_status_as_error(false)
            .build()
            .into();
        let request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.session))
            .header("Content-Type", "application/json")
            .body(body.map_or_else(String::new, |body| body.to_string()));
        let mut response = agent.run(request.expect("a request")).expect("an answer");
        let text = response
            .body_mut()
            .with_config()
            .limit(16 << 20)
            .read_to_string();
        let answer: Value = serde_json::from_str(&text.expect("text")).expect("JSON");
        assert_eq!(response.status(), 200, "{method} {path}: {answer}");
        answer["value"].clone()
    }

    pub(crate) fn open(&self, url: &Url) {
        self.send("POST", "/url", Some(json!({ "url": url.as_str() })));
    }

    fn element(&self, selector: &str) -> String {
        let body = json!({ "using": "css selector", "value": selector });
        let element = self.send("POST", "/element", Some(body));
        format!(
            "/element/{}",
            element[ELEMENT].as_str().expect("an element")
        )
    }

    pub(crate) fn fill(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.send("POST", &format!("{element}/clear"), Some(json!({})));
        self.send(
            "POST",
            &format!("{element}/value"),
            Some(json!({ "text": text })),
        );
    }

    pub(crate) fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.send("POST", &format!("{element}/click"), Some(json!({})));
    }

    /// Clicks a button and waits for the next page, for which a click alone does not always wait.
    pub(crate) fn submit(&self, selector: &str) {
        self.run("document.documentElement.id = 'previous'");
        self.click(selector);
        self.element("html:not(#previous)");
    }

    pub(crate) fn text(&self, selector: &str) -> String {
        let text = self.send("GET", &format!("{}/text", self.element(selector)), None);
        text.as_str().expect("text").to_owned()
    }

    pub(crate) fn title(&self) -> String {
        let title = self.send("GET", "/title", None);
        title.as_str().expect("text").to_owned()
    }

    pub(crate) fn value(&self, selector: &str) -> String {
        let value = self.send(
            "GET",
            &format!("{}/property/value", self.element(selector)),
            None,
        );
        value.as_str().expect("text").to_owned()
    }

    /// Runs the body of a function in the page. Returns its result, or that of its promise.
    pub(crate) fn run(&self, script: &str) -> Value {
        let body = json!({ "script": script, "args": [] });
        self.send("POST", "/execute/sync", Some(body))
    }

    /// Sets the width of the window in pixels, and the preferred colours: `light` or `dark`.
    pub(crate) fn set_media(&self, width: u32, colors: &str) {
        let size =
            json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": colors }] });
        for (command, parameters) in [
            ("Emulation.setDeviceMetricsOverride", size),
            ("Emulation.setEmulatedMedia", media),
        ] {
            let body = json!({ "cmd": command, "params": parameters });
            self.send("POST", "/goog/cdp/execute", Some(body));
        }
    }

    /// Saves a screenshot in the directory that `SCREENSHOTS` names, if it is set.
    pub(crate) fn screenshot(&self, name: &str) {
        let Some(directory) = std::env::var_os("SCREENSHOTS") else {
            return;
        };
        let screenshot = self.send("GET", "/screenshot", None);
        let bytes = STANDARD
            .decode(screenshot.as_str().expect("base64"))
            .expect("base64");
        let path = std::path::Path::new(&directory).join(format!("{name}.png"));
        std::fs::write(path, bytes).expect("a file");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Ends Chromium, too. Errors are ignored, as either may have ended already.
        let _ = ureq::delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
