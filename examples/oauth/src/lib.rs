//! OAuth 2.0 (RFC 6749) over HTTP: an authorization server, a resource server and a client.
//!
//! The programs are in `examples/`: `cargo run --example oauth_flow` prints a whole flow.

#![allow(
    missing_docs,
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    reason = "code to read, not a published interface"
)]

pub mod authorization_server;
pub mod client;
pub mod discovery;
pub mod http;
pub mod program;
pub mod replay;
pub mod resource_server;
pub mod store;
pub mod world;
