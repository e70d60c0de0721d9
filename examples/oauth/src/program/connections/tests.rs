use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

fn limits() -> Limits {
    Limits {
        max_connections: 10,
        header_time: Duration::from_secs(60),
        shutdown_time: Duration::from_secs(60),
    }
}

/// Starts a server that answers with the address of the peer, until the test ends.
async fn serve_with(limits: Limits) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let peer = get(|ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() });
    let router = Router::new().route("/", peer);
    tokio::spawn(serve_until(
        listener,
        router,
        limits,
        std::future::pending(),
    ));
    address
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
