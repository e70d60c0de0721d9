//! A resource server: `cargo run --example resource_server -- --help`.
//!
//! Serves `/orders` and accepts tokens of the example `authorization_server`, or of the issuers that
//! its options name.

use std::net::{IpAddr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;

use bpaf::Bpaf;
use jwt_ring::SystemClock;
use jwt_ring_oauth_examples::program::{self, LogFormat, print, serve, start_logs};
use jwt_ring_oauth_examples::resource_server::{Server, Settings, router, settings};
use tokio::net::TcpListener;

/// A resource server for access tokens of OAuth 2.0, bearer and DPoP
#[derive(Bpaf, Clone, Debug)]
#[bpaf(options)]
struct Options {
    /// Address to listen on
    #[bpaf(
        env("JWT_RING_HOST"), argument("ADDRESS"),
        fallback(IpAddr::from([127, 0, 0, 1])), display_fallback
    )]
    host: IpAddr,
    /// Port to listen on; 0: one that is free
    #[bpaf(
        env("JWT_RING_PORT"),
        argument("PORT"),
        fallback(8081),
        display_fallback
    )]
    port: u16,
    /// Public URL of the API, under which it has the path /orders. Default: http://ADDRESS:PORT, with
    /// an address of this machine
    #[bpaf(env("JWT_RING_RESOURCE"), argument("URL"))]
    resource: Option<String>,
    /// Format of the logs: text or json
    #[bpaf(
        env("JWT_RING_LOG_FORMAT"),
        argument("FORMAT"),
        fallback(LogFormat::Text),
        display_fallback
    )]
    log_format: LogFormat,
    #[bpaf(external(program::connection_limits))]
    limits: program::Limits,
    #[bpaf(external)]
    settings: Settings,
}

fn main() -> ExitCode {
    let options = options().run();
    start_logs(options.log_format);
    program::run(run(options))
}

async fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let address = SocketAddr::from((options.host, options.port));
    let error = |error| format!("cannot listen on {address}: {error}");
    let listener = TcpListener::bind(address).await.map_err(error)?;
    let resource = match options.resource {
        Some(resource) => resource,
        None if options.host.is_loopback() => format!("http://{}", listener.local_addr()?),
        None => {
            let expected = "expected `--resource`, the public URL of the API, with a `--host` that \
                            other machines can reach";
            return Err(expected.into());
        }
    };
    let server = Server::new(&resource, options.settings, SystemClock)?;
    print(format_args!(
        "resource  {}/orders",
        resource.trim_end_matches('/')
    ));
    for issuer in server.issuers() {
        print(format_args!("issuer    {issuer}"));
    }
    Ok(serve(listener, router(Arc::new(server)), options.limits).await?)
}
