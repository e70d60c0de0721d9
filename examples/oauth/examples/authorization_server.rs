//! An authorization server: `cargo run --example authorization_server [PORT]`.
//!
//! It has one user, `alice` with the password `wonderland`, and one client, the example `client`.
//! Codes and refresh tokens are stored in memory only.

use std::sync::Arc;
use std::time::Duration;

use jwt_ring_oauth_examples::authorization_server::store::{Client, Store};
use jwt_ring_oauth_examples::authorization_server::{Server, router};
use tokio::net::TcpListener;

/// The audience of the tokens: the example `resource_server`.
const RESOURCE: &str = "http://127.0.0.1:8081";
/// The address on which the example `client` listens.
const REDIRECT_URI: &str = "http://127.0.0.1:8082/callback";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args()
        .nth(1)
        .map_or(Ok(8080), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let issuer = format!("http://{}", listener.local_addr()?);

    let mut store = Store::default();
    store.add_user("alice", "wonderland");
    store.add_client(Client::new(
        "shop",
        "The Web Shop",
        Some("s3cr:et%/+ 비밀"),
        REDIRECT_URI,
        "orders:read orders:write",
    ));
    println!("issuer    {issuer}");
    println!("metadata  {issuer}/.well-known/oauth-authorization-server");
    println!("user      alice, wonderland");
    println!("client    shop, at {REDIRECT_URI}");
    let server = Arc::new(Server::new(&issuer, &[RESOURCE], store));
    tokio::spawn(rotate(Arc::clone(&server)));
    Ok(axum::serve(listener, router(server)).await?)
}

/// Rotates the signing key every 30 days.
async fn rotate(server: Arc<Server>) {
    loop {
        tokio::time::sleep(Duration::from_secs(30 * 24 * 3600)).await;
        server.rotate();
    }
}
