//! What the authorization server checks at its start.

use std::sync::Arc;

use jwt_ring::{FixedClock, NumericDate};
use jwt_ring_oauth_examples::authorization_server::{Client, Clients, Config, Server, Users};
use jwt_ring_oauth_examples::store;
use jwt_ring_oauth_examples::world::registered;
use serde_json::json;

/// Starts a server with a client and another configuration. Returns the error, empty if there is none.
fn start(client: Client, configure: impl FnOnce(&mut Config)) -> String {
    let mut config = Config::new("https://issuer.example", ["https://api.example".to_owned()]);
    config.clock = Arc::new(FixedClock::at(NumericDate::from_seconds(1_000)));
    configure(&mut config);
    let (mut clients, mut users) = (Clients::default(), Users::default());
    clients.add(client).expect("a client");
    users.add("alice", "wonderland");
    let store = store::open("memory").expect("a store");
    let started = Server::new(config, clients, users, store);
    started.map_or_else(|error| error.to_string(), |_| String::new())
}

fn shop() -> Client {
    registered("shop", json!({}))
}

#[test]
fn clients_fit_the_scopes_and_users_of_the_server() {
    let service = |id| {
        let changes = json!({ "grant_types": ["client_credentials"], "redirect_uris": [] });
        registered(id, changes)
    };
    let keep = |_: &mut Config| {};
    assert_eq!(start(shop(), keep), "");
    assert_eq!(start(service("service"), keep), "");
    assert!(start(service("alice"), keep).contains("the name of a user"));
    assert_eq!(start(registered("alice", json!({})), keep), "");
    let admin = registered("shop", json!({ "scope": "orders:read admin" }));
    assert!(start(admin, keep).contains("the client shop has a scope"));
    assert!(start(shop(), |config| config.resources.clear()).contains("expected a resource"));
}

#[test]
fn the_issuer_is_a_url() {
    for issuer in [
        "issuer.example",
        "ftp://issuer.example",
        "https://i.example/?a",
        "https://i.example/a b",
    ] {
        let error = start(shop(), |config| config.issuer = issuer.into());
        assert!(error.contains(issuer), "{error}");
    }
}
