//! Connections: how many there are, and how long each may last.

mod by_address;

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::connect_info::ConnectInfo;
use axum::{Extension, Router};
use bpaf::Bpaf;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tracing::{info, warn};

use self::by_address::Counts;
use super::{at_least_one, time_limit};

/// Time to wait after a connection cannot be accepted, for example because there are no file descriptors.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);
/// Minimum time between two lines about connections above the bound by address, of all addresses together:
/// an attacker cannot fill the logs.
const WARN_AGAIN: Duration = Duration::from_secs(60);

/// The limits of the connections of a server.
#[derive(Bpaf, Clone, Debug)]
#[bpaf(generate(limits), ignore_rustdoc)]
pub struct Limits {
    /// Maximum number of connections; others wait until one ends
    #[bpaf(
        env("JWT_RING_MAX_CONNECTIONS"),
        argument("NUMBER"),
        fallback(1_000),
        display_fallback,
        parse(at_least_one)
    )]
    pub max_connections: usize,
    /// Maximum number of connections of an IPv4 address or IPv6 network of 64 bits; others are
    /// closed. Behind a proxy, whose address all connections have: that of --max-connections
    #[bpaf(
        env("JWT_RING_MAX_CONNECTIONS_BY_ADDRESS"),
        argument("NUMBER"),
        fallback(100),
        display_fallback,
        parse(at_least_one)
    )]
    pub max_connections_by_address: usize,
    /// Maximum time of a connection without a complete request header
    #[bpaf(
        env("JWT_RING_HEADER_TIME"),
        argument::<u64>("SECONDS"),
        fallback(10),
        display_fallback,
        parse(time_limit)
    )]
    pub header_time: Duration,
    /// Maximum time of a connection, in which it may have many requests; then a running one has
    /// --shutdown-time to end
    #[bpaf(
        env("JWT_RING_CONNECTION_TIME"),
        argument::<u64>("SECONDS"),
        fallback(60),
        display_fallback,
        parse(time_limit)
    )]
    pub connection_time: Duration,
    /// Maximum time of running requests after Ctrl-C, SIGTERM or --connection-time
    #[bpaf(
        env("JWT_RING_SHUTDOWN_TIME"),
        argument::<u64>("SECONDS"),
        fallback(10),
        display_fallback,
        parse(time_limit)
    )]
    pub shutdown_time: Duration,
}

/// Serves until the signal, and then until the running requests have ended or their time is over.
/// Requests have the extension [`ConnectInfo`] with the address of the peer.
pub(super) async fn serve_until(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    signal: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    // A connection that is idle between two requests waits for a header, too.
    http.timer(TokioTimer::new())
        .header_read_timeout(limits.header_time);
    let permits = limits.max_connections.min(Semaphore::MAX_PERMITS);
    let permits = Arc::new(Semaphore::new(permits));
    let counts = Counts::default();
    let mut warned: Option<Instant> = None;
    let stop = watch::Sender::new(());
    let mut signal = pin!(signal);
    loop {
        let (permit, stream, address) = tokio::select! {
            accepted = accept(&listener, &permits) => accepted,
            () = &mut signal => break,
        };
        let Some(counted) = counts.count(address.ip(), limits.max_connections_by_address) else {
            if warned.is_none_or(|at| at.elapsed() >= WARN_AGAIN) {
                warned = Some(Instant::now());
                let address = address.ip();
                warn!(%address, "more connections than --max-connections-by-address");
            }
            continue;
        };
        let router = router.clone().layer(Extension(ConnectInfo(address)));
        let connection =
            http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
        let stopping = stop.subscribe();
        let connection = serve_connection(connection, limits.connection_time, stopping);
        // Also of a peer that does not read its responses, for which a graceful shutdown would wait.
        let max_time = limits.connection_time.saturating_add(limits.shutdown_time);
        tokio::spawn(async move {
            let _ = tokio::time::timeout(max_time, connection).await;
            drop((permit, counted));
        });
    }
    drop(listener);
    info!("shutting down");
    let _ = stop.send(());
    let end = tokio::time::timeout(limits.shutdown_time, stop.closed());
    if end.await.is_err() {
        warn!("stopped with requests that have not ended");
    }
}

/// Accepts a connection when there are fewer than the maximum.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> (Option<OwnedSemaphorePermit>, TcpStream, SocketAddr) {
    let permit = Arc::clone(permits).acquire_owned().await.ok();
    loop {
        match listener.accept().await {
            Ok((stream, address)) => return (permit, stream, address),
            Err(error) => {
                warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

/// Serves a connection for this time or until the signal. Then the running request ends, and no other is
/// read.
async fn serve_connection(
    connection: http1::Connection<TokioIo<TcpStream>, TowerToHyperService<Router>>,
    time: Duration,
    mut stopping: watch::Receiver<()>,
) {
    let mut connection = pin!(connection);
    tokio::select! {
        // An error is one of the peer: it was too slow, for example, or sent no HTTP.
        _ = &mut connection => return,
        () = tokio::time::sleep(time) => {}
        _ = stopping.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

#[cfg(test)]
mod tests;
