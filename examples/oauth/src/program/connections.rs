//! Connections: how many there are, and how long they may be slow or idle.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::connect_info::ConnectInfo;
use axum::{Extension, Router};
use bpaf::Bpaf;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tracing::{info, warn};

use super::time_limit;

/// Time to wait after a connection cannot be accepted, for example because there are no file descriptors.
const ACCEPT_AGAIN: Duration = Duration::from_millis(100);

/// The limits of the connections of a server.
#[derive(Bpaf, Clone, Debug)]
#[bpaf(generate(limits), ignore_rustdoc)]
pub struct Limits {
    /// Maximum number of connections; others wait until one ends
    #[bpaf(
        env("JWT_RING_MAX_CONNECTIONS"),
        argument("NUMBER"),
        fallback(1_000),
        display_fallback
    )]
    pub max_connections: usize,
    /// Maximum time of a connection without a complete request header
    #[bpaf(
        env("JWT_RING_HEADER_TIME"),
        argument::<u64>("SECONDS"),
        fallback(10),
        display_fallback,
        parse(time_limit)
    )]
    pub header_time: Duration,
    /// Maximum time of running requests after Ctrl-C or SIGTERM
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
    let connections = GracefulShutdown::new();
    let mut signal = pin!(signal);
    loop {
        let accept = async {
            let permit = Arc::clone(&permits).acquire_owned().await;
            (permit, listener.accept().await)
        };
        let (permit, accepted) = tokio::select! {
            accepted = accept => accepted,
            () = &mut signal => break,
        };
        let (stream, address): (_, SocketAddr) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(ACCEPT_AGAIN).await;
                continue;
            }
        };
        let router = router.clone().layer(Extension(ConnectInfo(address)));
        let connection =
            http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            // An error is one of the peer: it was too slow, for example, or sent no HTTP.
            let _ = connection.await;
            drop(permit);
        });
    }
    drop(listener);
    info!("shutting down");
    let end = tokio::time::timeout(limits.shutdown_time, connections.shutdown());
    if end.await.is_err() {
        warn!("stopped with requests that have not ended");
    }
}

#[cfg(test)]
mod tests;
