//! An authorization server: `cargo run --example authorization_server [PORT]`.
//!
//! It has one user, `alice` with the password `wonderland`, and the example clients. Codes, refresh tokens
//! and keys are kept in memory only.

use std::sync::Arc;

use jwt_ring_oauth_examples::authorization_server::clients::EXAMPLE_CLIENTS;
use jwt_ring_oauth_examples::authorization_server::{Clients, Config, Server, Users, router};
use jwt_ring_oauth_examples::{program, store};
use tokio::net::TcpListener;

/// The audience of the tokens: the example `resource_server`.
const RESOURCE: &str = "http://127.0.0.1:8081";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::env::args()
        .nth(1)
        .map_or(Ok(8080), |port| port.parse())?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let issuer = format!("http://{}", listener.local_addr()?);

    let mut users = Users::default();
    users.add("alice", "wonderland");
    let clients = Clients::from_json(EXAMPLE_CLIENTS)?;
    let config = Config::new(&*issuer, [RESOURCE.to_owned()]);
    let server = Arc::new(Server::new(config, clients, users, store::open("memory")?)?);
    tokio::spawn(Arc::clone(&server).keep_keys());
    println!("issuer    {issuer}");
    println!("metadata  {issuer}/.well-known/oauth-authorization-server");
    println!("user      alice, wonderland");
    println!("client    shop, at http://127.0.0.1:8082/callback");
    Ok(program::serve(listener, router(server)).await?)
}
