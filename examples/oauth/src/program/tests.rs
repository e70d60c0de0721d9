use std::cell::RefCell;
use std::io::Write;
use std::process::ExitCode;

use axum::body::Bytes;
use axum::routing::{get, post};
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::connections::{Limits, serve_until};
use super::*;

const MAX_TIME: Duration = Duration::from_millis(200);

fn router() -> Router {
    let wait = || async {
        tokio::time::sleep(Duration::from_secs(60)).await;
        "late"
    };
    let echo = |body: Bytes| async move { body };
    Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/wait", get(wait))
        .route("/echo", post(echo))
}

async fn bind() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    (listener, url)
}

fn record_logs() {
    let logs = tracing_subscriber::fmt().with_writer(|| Logs).json();
    let _ = logs.flatten_event(true).try_init();
}

/// Starts a server with the layers.
async fn start() -> String {
    record_logs();
    let (listener, url) = bind().await;
    let router = layers(router(), 1_000, MAX_TIME);
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

/// Sends a request, without a body as GET. Returns the status, the headers and the body.
async fn send(
    url: String,
    id: Option<&str>,
    body: Option<Vec<u8>>,
) -> Result<(u16, HeaderMap, String), ureq::Error> {
    let method = body.as_ref().map_or("GET", |_| "POST");
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    if let Some(id) = id {
        request = request.header(REQUEST_ID, id);
    }
    let request = request.body(body.unwrap_or_default()).expect("a request");
    let call = move || {
        let config = ureq::Agent::config_builder().http_status_as_error(false);
        let agent: ureq::Agent = config.build().into();
        let (head, mut body) = agent.run(request)?.into_parts();
        Ok((head.status.as_u16(), head.headers, body.read_to_string()?))
    };
    tokio::task::spawn_blocking(call).await.expect("no panic")
}

thread_local! {
    /// The logs of a test, whose servers run on its thread.
    static LOGS: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Logs;

impl Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGS.with_borrow_mut(|logs| logs.write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn lines() -> Vec<Value> {
    LOGS.with_borrow(|logs| {
        let lines = std::str::from_utf8(logs).expect("UTF-8").lines();
        let lines = lines.map(|line| serde_json::from_str(line).expect("JSON"));
        lines.collect()
    })
}

#[tokio::test]
async fn each_response_has_its_own_id_and_one_line_with_it() {
    let url = start().await;
    let code = format!("{url}/?code=SplxlOBeZQQYbYS6WxSbIA");
    let (status, first, body) = send(code, None, None).await.expect("a response");
    assert_eq!((status, &*body), (200, "hello"));
    let unknown = format!("{url}/unknown");
    let (status, second, _) = send(unknown, None, None).await.expect("a response");
    assert_eq!(status, 404);
    assert_eq!(first[REQUEST_ID].len(), 22, "128 bits");
    assert_ne!(first[REQUEST_ID], second[REQUEST_ID]);

    let logged = lines();
    assert_eq!(logged.len(), 2, "{logged:?}");
    for (line, id, path, status) in [
        (&logged[0], &first[REQUEST_ID], "/", 200),
        (&logged[1], &second[REQUEST_ID], "/unknown", 404),
    ] {
        assert_eq!(line["span"]["id"], id.to_str().expect("ASCII"), "{line}");
        assert_eq!(line["span"]["method"], "GET", "{line}");
        assert_eq!(line["span"]["path"], path, "without the query: {line}");
        assert_eq!(
            (&line["message"], &line["status"]),
            (&"response".into(), &status.into())
        );
        assert!(
            line["milliseconds"]
                .as_u64()
                .is_some_and(|time| time < 10_000),
            "{line}"
        );
    }
    assert!(!format!("{logged:?}").contains("SplxlOBeZQQYbYS6WxSbIA"));
}

#[tokio::test]
async fn the_id_of_a_sender_is_logged_if_it_is_short_and_visible_and_never_used() {
    let url = start().await;
    let longest = "x".repeat(MAX_SENT_ID);
    let too_long = "x".repeat(MAX_SENT_ID + 1);
    for (id, is_logged) in [
        ("trace-1", true),
        (&*longest, true),
        (&*too_long, false),
        ("", false),
        ("trace 1", false),
        ("trace\t1", false),
        ("비밀", false),
    ] {
        let before = lines().len();
        let (_, headers, _) = send(url.clone(), Some(id), None).await.expect("a response");
        assert_ne!(headers[REQUEST_ID], *id, "an own ID");
        let line = &lines()[before];
        let expected = if is_logged {
            Value::from(id)
        } else {
            Value::Null
        };
        assert_eq!(line["span"]["sent_id"], expected, "{id:?}");
    }
}

#[tokio::test]
async fn a_long_path_is_shortened_in_the_logs() {
    let url = start().await;
    let path = format!("/{}", "x".repeat(5_000));
    let (status, ..) = send(format!("{url}{path}"), None, None)
        .await
        .expect("a response");
    assert_eq!(status, 404);
    assert_eq!(lines()[0]["span"]["path"], path[..256]);
}

#[tokio::test]
async fn a_request_has_a_time_limit() {
    let url = start().await;
    let (status, headers, body) = send(format!("{url}/wait"), None, None)
        .await
        .expect("a response");
    let expected = r#"{"error":"temporarily_unavailable"}"#;
    assert_eq!((status, &*body), (503, expected));
    assert_eq!(headers[RETRY_AFTER], "5");
    assert_eq!(headers[CACHE_CONTROL], "no-store");
    assert!(headers.contains_key(REQUEST_ID));
    assert_eq!(lines()[0]["status"], 503);
}

#[tokio::test]
async fn a_request_that_is_cancelled_is_logged() {
    record_logs();
    let (listener, url) = bind().await;
    let (started, mut starts) = tokio::sync::mpsc::channel(1);
    let endless = get(async move || {
        let _ = started.send(()).await;
        std::future::pending::<&str>().await
    });
    let router = layers(
        Router::new().route("/", endless),
        1_000,
        Duration::from_secs(60),
    );
    tokio::spawn(async move { axum::serve(listener, router).await });
    let address = url.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).expect("a connection");
    let request = b"GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: gone\r\n\r\n";
    stream.write_all(request).expect("sent");
    starts.recv().await.expect("a running request");
    drop(stream);
    let until = Instant::now() + Duration::from_secs(10);
    while lines().is_empty() && Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let lines = lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert_eq!(lines[0]["message"], "cancelled");
    assert_eq!(lines[0]["span"]["sent_id"], "gone");
}

#[tokio::test]
async fn a_body_has_a_size_limit() {
    let url = format!("{}/echo", start().await);
    let (status, _, body) = send(url.clone(), None, Some(vec![b'x'; 1_000]))
        .await
        .expect("a response");
    assert_eq!((status, body.len()), (200, 1_000));
    let (status, ..) = send(url, None, Some(vec![b'x'; 1_001]))
        .await
        .expect("a response");
    assert_eq!(status, 413);
}

fn limits() -> Limits {
    Limits {
        max_connections: 10,
        max_connections_by_address: 10,
        header_time: Duration::from_secs(60),
        connection_time: Duration::from_secs(60),
        shutdown_time: Duration::from_secs(60),
    }
}

#[tokio::test]
async fn a_shutdown_waits_for_running_requests() {
    let (listener, url) = bind().await;
    let (started, mut starts) = tokio::sync::mpsc::channel(1);
    let slow = get(async move || {
        let _ = started.send(()).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        "done"
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let signal = async move { stopped.await.unwrap_or_default() };
    let router = Router::new().route("/", slow);
    let server = serve_until(listener, router, limits(), signal);
    let server = tokio::spawn(server);
    let running = tokio::spawn(send(url.clone(), None, None));
    starts.recv().await.expect("a running request");
    stop.send(()).expect("a running server");
    server.await.expect("no panic");
    let (status, _, body) = running.await.expect("no panic").expect("a response");
    assert_eq!((status, &*body), (200, "done"));
    send(url, None, None)
        .await
        .expect_err("no more connections");
}

#[tokio::test]
async fn a_shutdown_ends_at_its_limit() {
    let (listener, url) = bind().await;
    let (started, mut starts) = tokio::sync::mpsc::channel(1);
    let endless = get(async move || {
        let _ = started.send(()).await;
        std::future::pending::<&str>().await
    });
    let signal = async move { starts.recv().await.unwrap_or_default() };
    let limits = Limits {
        shutdown_time: Duration::from_millis(100),
        ..limits()
    };
    let router = Router::new().route("/", endless);
    let server = tokio::spawn(serve_until(listener, router, limits, signal));
    let request = tokio::spawn(send(url, None, None));
    let stopped = tokio::time::timeout(Duration::from_secs(10), server).await;
    stopped.expect("in time").expect("no panic");
    request.abort();
}

#[tokio::test]
async fn connections_above_the_bound_by_address_are_logged_once() {
    record_logs();
    let (listener, url) = bind().await;
    let limits = Limits {
        max_connections_by_address: 1,
        ..limits()
    };
    let signal = std::future::pending();
    tokio::spawn(serve_until(listener, Router::new(), limits, signal));
    let address = url.trim_start_matches("http://");
    let connect = || async { TcpStream::connect(address).await.expect("a connection") };
    let _first = connect().await;
    for _ in 0..5 {
        // Closed by the server.
        assert!(connect().await.read_u8().await.is_err());
    }
    let lines = lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let message = "more connections than --max-connections-by-address";
    assert_eq!(lines[0]["message"], message);
    assert_eq!(lines[0]["address"], "127.0.0.1");
}

#[test]
fn a_program_ends_without_its_blocking_threads() {
    let start = Instant::now();
    let (_running, ended) = std::sync::mpsc::channel::<()>();
    let program = async {
        tokio::task::spawn_blocking(move || ended.recv());
        Ok(())
    };
    let code = run(program);
    assert_eq!(format!("{code:?}"), format!("{:?}", ExitCode::SUCCESS));
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[test]
fn text_of_others_cannot_control_a_terminal() {
    let text = "\u{1b}[31m\u{9b}2J\r\u{7}tab\there, 비밀\nnext\u{7f}";
    let expected = "\\u{1b}[31m\\u{9b}2J\\r\\u{7}tab\there, 비밀\nnext\\u{7f}";
    assert_eq!(printable(text), expected);
}

#[test]
fn the_format_of_the_logs_has_a_name() {
    for format in [LogFormat::Text, LogFormat::Json] {
        assert_eq!(format.to_string().parse(), Ok(format));
    }
    assert_eq!("Json".parse::<LogFormat>(), Err(InvalidLogFormat));
}
