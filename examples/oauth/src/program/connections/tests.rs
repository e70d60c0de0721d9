use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

fn limits() -> Limits {
    Limits {
        max_connections: 10,
        max_connections_by_address: 10,
        header_time: Duration::from_secs(60),
        connection_time: Duration::from_secs(60),
        shutdown_time: Duration::from_secs(60),
    }
}

const TIME: Duration = Duration::from_millis(200);
/// More than the buffers of two sockets.
const LARGE: usize = 64 << 20;

/// Starts a server that answers with the address of the peer, until the test ends.
async fn serve_with(limits: Limits) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let peer = get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() });
    let slow = get(async || {
        tokio::time::sleep(TIME * 3).await;
        "slow"
    });
    let router = Router::new()
        .route("/", peer)
        .route("/slow", slow)
        .route("/large", get(async || vec![0; LARGE]));
    tokio::spawn(serve_until(
        listener,
        router,
        limits,
        std::future::pending(),
    ));
    address
}

async fn connect(address: SocketAddr) -> TcpStream {
    TcpStream::connect(address).await.expect("a connection")
}

/// Sends text, and returns what the server sends until it closes the connection.
async fn read_all(stream: &mut TcpStream, text: &str) -> Vec<u8> {
    stream.write_all(text.as_bytes()).await.expect("sent");
    let mut response = Vec::new();
    let read = stream.read_to_end(&mut response);
    let read = tokio::time::timeout(Duration::from_secs(10), read).await;
    read.expect("in time").expect("a response");
    response
}

/// Sends a request, and returns the body of the response if there is one in time.
async fn ask(stream: &mut TcpStream) -> Option<String> {
    let request = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    stream.write_all(request).await.ok()?;
    let mut response = [0; 1024];
    let read = tokio::time::timeout(Duration::from_secs(1), stream.read(&mut response));
    let length = read.await.ok()?.ok()?;
    let response = String::from_utf8_lossy(response.get(..length)?).into_owned();
    Some(response.split_once("\r\n\r\n")?.1.to_owned())
}

#[tokio::test]
async fn a_connection_without_a_header_is_closed() {
    let limits = Limits {
        header_time: Duration::from_millis(200),
        ..limits()
    };
    let address = serve_with(limits).await;
    for sent in [&b""[..], b"GET / HTTP/1.1\r\nHo"] {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        stream.write_all(sent).await.expect("a connection");
        let mut rest = Vec::new();
        let closed = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut rest));
        assert!(closed.await.is_ok(), "{sent:?}");
    }
    // Idle after a request, and the valid twin.
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    let own = stream.local_addr().expect("an address").to_string();
    assert_eq!(ask(&mut stream).await, Some(own.clone()));
    assert_eq!(ask(&mut stream).await, Some(own));
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut rest));
    assert!(closed.await.is_ok(), "idle");
}

#[tokio::test]
async fn connections_over_the_maximum_wait_until_one_ends() {
    let limits = Limits {
        max_connections: 2,
        ..limits()
    };
    let address = serve_with(limits).await;
    let connect = || async { TcpStream::connect(address).await.expect("a connection") };
    let (mut one, mut two, mut three) = (connect().await, connect().await, connect().await);
    assert!(ask(&mut one).await.is_some());
    assert!(ask(&mut two).await.is_some());
    assert_eq!(ask(&mut three).await, None, "it waits");
    drop(one);
    let mut response = [0; 1024];
    let read = tokio::time::timeout(Duration::from_secs(10), three.read(&mut response));
    assert!(read.await.expect("in time").expect("a response") > 0);
}

#[tokio::test]
async fn a_connection_ends_after_its_time() {
    let start = Instant::now();
    let mut long = connect(serve_with(limits()).await).await;
    let limits = Limits {
        connection_time: TIME,
        ..limits()
    };
    let mut short = connect(serve_with(limits).await).await;
    let mut requests = 0;
    while ask(&mut short).await.is_some() {
        requests += 1;
        assert!(start.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(TIME / 10).await;
    }
    assert!(start.elapsed() >= TIME && requests > 1);
    assert!(ask(&mut long).await.is_some());
}

#[tokio::test]
async fn a_running_request_ends_after_the_time_of_its_connection_and_no_other_is_read() {
    let two = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n";
    for (connection_time, expected) in [(TIME, 1), (Duration::from_secs(60), 2)] {
        let limits = Limits {
            // Ends the second connection, when it is idle.
            header_time: TIME,
            connection_time,
            ..limits()
        };
        let mut stream = connect(serve_with(limits).await).await;
        let responses = read_all(&mut stream, two).await;
        let responses = String::from_utf8(responses).expect("UTF-8");
        assert_eq!(responses.matches("200 OK").count(), expected, "{responses}");
        assert!(responses.contains("\r\n\r\nslow"), "{responses}");
        let says_so = responses.contains("connection: close");
        assert_eq!(says_so, expected == 1, "{responses}");
    }
}

#[tokio::test]
async fn a_peer_that_does_not_read_or_send_loses_its_place() {
    let large = "GET /large HTTP/1.1\r\nHost: a\r\n\r\n";
    let limits = Limits {
        max_connections: 1,
        connection_time: TIME,
        shutdown_time: TIME,
        ..limits()
    };
    for (request, reads) in [
        (large, false),
        (large, true),
        (&large.repeat(100), false),
        ("GET / HTTP/1.1\r\nHo", false),
    ] {
        let start = Instant::now();
        let address = serve_with(limits.clone()).await;
        let mut slow = connect(address).await;
        slow.write_all(request.as_bytes()).await.expect("sent");
        let slow = tokio::spawn(async move {
            while reads && slow.read_u8().await.is_ok() {
                tokio::time::sleep(TIME / 100).await;
            }
            tokio::time::sleep(Duration::from_secs(60)).await;
            drop(slow);
        });
        let get = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        let response = read_all(&mut connect(address).await, get).await;
        assert!(response.starts_with(b"HTTP/1.1 200"), "{request}");
        assert!(start.elapsed() >= TIME * 2, "{:?}", start.elapsed());
        slow.abort();
    }
    // A peer that reads has the whole response.
    let mut stream = connect(serve_with(limits).await).await;
    let response = read_all(&mut stream, large).await;
    assert!(response.len() > LARGE, "{}", response.len());
}

#[tokio::test]
async fn connections_above_the_bound_by_address_are_closed_until_one_ends() {
    let limits = Limits {
        max_connections_by_address: 2,
        ..limits()
    };
    let address = serve_with(limits).await;
    let (mut one, mut two) = (connect(address).await, connect(address).await);
    assert!(ask(&mut one).await.is_some() && ask(&mut two).await.is_some());
    let mut three = connect(address).await;
    let read = tokio::time::timeout(Duration::from_secs(10), three.read_u8());
    assert!(matches!(read.await, Ok(Err(_))), "closed");
    // Other systems have one address of the loopback interface.
    #[cfg(target_os = "linux")]
    {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        let other = "127.0.0.2:0".parse().expect("an address");
        socket.bind(other).expect("an address");
        let mut other = socket.connect(address).await.expect("a connection");
        assert!(ask(&mut other).await.is_some());
    }
    assert!(ask(&mut one).await.is_some(), "still served");
    drop(two);
    let until = Instant::now() + Duration::from_secs(10);
    while ask(&mut connect(address).await).await.is_none() {
        assert!(Instant::now() < until, "served after one has ended");
    }
}

#[tokio::test]
async fn an_idle_connection_does_not_delay_a_shutdown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let router = Router::new().route("/", get(async || "hello"));
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let signal = async { stopped.await.unwrap_or_default() };
    let server = tokio::spawn(serve_until(listener, router, limits(), signal));
    let mut idle = connect(address).await;
    assert_eq!(ask(&mut idle).await.as_deref(), Some("hello"));
    assert_eq!(ask(&mut idle).await.as_deref(), Some("hello"), "kept");
    stop.send(()).expect("a running server");
    let ended = tokio::time::timeout(Duration::from_secs(10), server).await;
    ended.expect("in time").expect("no panic");
}
