//! The pages in headless Chromium, driven by chromedriver over the WebDriver protocol.
//!
//! Skipped if chromedriver is missing, unless `REQUIRE_BROWSER=1` is set.

use std::io::{BufRead, BufReader, Lines, Read, Write};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jwt_ring_oauth_examples::client::{self, Client};
use jwt_ring_oauth_examples::world::{PASSWORD, USER, World, registered};
use serde_json::{Value, json};
use url::Url;

/// Timeout of each browser operation.
const TIMEOUT: Duration = Duration::from_secs(20);
/// The member name of element references (WebDriver §12.2).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A session of Chromium, and the chromedriver that runs it.
struct Browser {
    driver: Child,
    session: String,
    /// Kept open: chromedriver exits if its output is closed.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Browser {
    /// Returns `None` if chromedriver is missing.
    fn start() -> Option<Self> {
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
        let capabilities = json!({ "goog:chromeOptions": options });
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

    fn open(&self, url: &Url) {
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

    fn fill(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.send("POST", &format!("{element}/clear"), Some(json!({})));
        self.send(
            "POST",
            &format!("{element}/value"),
            Some(json!({ "text": text })),
        );
    }

    fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.send("POST", &format!("{element}/click"), Some(json!({})));
    }

    fn text(&self, selector: &str) -> String {
        let text = self.send("GET", &format!("{}/text", self.element(selector)), None);
        text.as_str().expect("text").to_owned()
    }

    fn value(&self, selector: &str) -> String {
        let value = self.send(
            "GET",
            &format!("{}/property/value", self.element(selector)),
            None,
        );
        value.as_str().expect("text").to_owned()
    }

    /// Saves a screenshot in the directory that `SCREENSHOTS` names, if it is set.
    fn screenshot(&self, name: &str) {
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

/// Listens at this host for redirects to the client, and redirects on to this URL if there is one. Returns the redirect URI and the URLs received.
fn callback(host: &str, onward: Option<&str>) -> (String, Receiver<Url>) {
    let listener = TcpListener::bind(format!("{host}:0")).expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = match onward {
        None => "200 OK\r\nContent-Type: text/plain".to_owned(),
        Some(url) => format!("302 Found\r\nLocation: {url}"),
    };
    let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndone");
    let (sender, receiver) = channel();
    let origin = Url::parse(&base).expect("a URL");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut line = String::new();
            let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
            let _ = BufReader::new((&stream).take(8 * 1024)).read_line(&mut line);
            let _ = (&stream).write_all(answer.as_bytes());
            let url = line
                .split(' ')
                .nth(1)
                .and_then(|target| origin.join(target).ok());
            if let Some(url) = url.filter(|url| url.path() == "/callback")
                && sender.send(url).is_err()
            {
                return;
            }
        }
    });
    (format!("{base}/callback"), receiver)
}

#[test]
fn a_user_signs_in_allows_and_denies() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (redirect_uri, arrivals) = callback("127.0.0.1", None);
    let name = "비밀 <b>\"Shop\"</b> & 'Co'";
    let registration = json!({ "client_name": name, "redirect_uris": [redirect_uri] });
    let world = World::with_clients(&[registered("widget", registration)]);
    let client = Client::new(&world.issuer, "widget", "s", &redirect_uri).expect("a client");

    // A wrong password, with text that needs escaping in HTML and forms.
    let pending = client.authorize("orders:read").expect("a URL");
    browser.open(&pending.url);
    assert_eq!(browser.text("h1"), format!("Sign in to allow {name}"));
    browser.screenshot("form");
    let typed = "앨리스 \"<>&' alice";
    browser.fill("#user", typed);
    browser.fill("#password", "\"<>&' 비밀번호");
    browser.click("button.allow");
    assert_eq!(browser.text("[role=alert]"), "Wrong username or password.");
    assert_eq!(browser.value("#user"), typed, "the username is filled in");
    browser.screenshot("wrong");

    // The right password.
    browser.fill("#user", USER);
    browser.fill("#password", PASSWORD);
    browser.click("button.allow");
    let arrived = arrivals
        .recv_timeout(TIMEOUT)
        .expect("a redirect to the client");
    let code = client.code(&pending, &arrived).expect("a code");
    let tokens = client.redeem(pending, code).expect("tokens");
    let (status, ..) = client::call(&world.orders(), &tokens.access).expect("an answer");
    assert_eq!(status, 200);

    // Denied.
    let pending = client.authorize("orders:read").expect("a URL");
    browser.open(&pending.url);
    browser.click("button[value=deny]");
    let arrived = arrivals
        .recv_timeout(TIMEOUT)
        .expect("a redirect to the client");
    let error = client.code(&pending, &arrived).expect_err("denied");
    assert_eq!(error.to_string(), "access_denied");

    // An unregistered redirect URI shows a page.
    let mut unregistered = client.authorize("orders:read").expect("a URL").url;
    unregistered
        .query_pairs_mut()
        .append_pair("redirect_uri", "http://127.0.0.1:9/");
    browser.open(&unregistered);
    assert_eq!(browser.text("h1"), "This link does not work");
    browser.screenshot("problem");
}

#[test]
fn the_browser_follows_each_redirect_after_the_form() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let (final_url, ends) = callback("127.0.0.1", None);
    let (redirecting, _on_the_way) = callback("127.0.0.1", Some(&final_url));
    let (ipv6, arrivals) = callback("[::1]", None);
    for (redirect_uri, arrivals) in [(ipv6, arrivals), (redirecting, ends)] {
        let registration = json!({ "redirect_uris": [redirect_uri] });
        let world = World::with_clients(&[registered("widget", registration)]);
        let client = Client::new(&world.issuer, "widget", "s", &redirect_uri).expect("a client");
        browser.open(&client.authorize("orders:read").expect("a URL").url);
        browser.fill("#user", USER);
        browser.fill("#password", PASSWORD);
        browser.click("button.allow");
        let arrived = arrivals.recv_timeout(TIMEOUT);
        assert!(arrived.is_ok(), "{redirect_uri}");
    }
}
