//! A resource server: `cargo run --example resource_server [PORT [ISSUER]]`.
//!
//! Serves `/orders` and accepts tokens of the example `authorization_server`.

use std::sync::Arc;

use jwt_ring_oauth_examples::resource_server::{Server, router};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let port = arguments.next().map_or(Ok(8081), |port| port.parse())?;
    let issuer = arguments
        .next()
        .unwrap_or_else(|| "http://127.0.0.1:8080".into());
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let resource = format!("http://{}", listener.local_addr()?);
    println!("resource  {resource}/orders");
    println!("issuer    {issuer}");
    let server = Arc::new(Server::new(&issuer, &resource));
    Ok(axum::serve(listener, router(server)).await?)
}
