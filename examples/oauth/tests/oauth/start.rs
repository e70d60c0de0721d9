//! What the authorization server checks at its start.

use std::sync::Arc;
use std::time::Duration;

use jwt_ring::{FixedClock, NumericDate};
use jwt_ring_oauth_examples::authorization_server::{Client, Clients, Config, Server, Users};
use jwt_ring_oauth_examples::store::{self, Store};
use jwt_ring_oauth_examples::world::registered;
use serde_json::json;

/// Starts a server with a client and another configuration. Returns the error, empty if there is none.
fn start(client: Client, configure: impl FnOnce(&mut Config)) -> String {
    start_on(&store::open("memory").expect("a store"), client, configure)
}

fn start_on(store: &Arc<dyn Store>, client: Client, configure: impl FnOnce(&mut Config)) -> String {
    let mut config = Config::new("https://issuer.example", ["https://api.example".to_owned()]);
    config.clock = Arc::new(FixedClock::at(NumericDate::from_seconds(1_000)));
    configure(&mut config);
    let (mut clients, mut users) = (Clients::default(), Users::default());
    clients.add(client).expect("a client");
    users.add("alice", "wonderland");
    let started = Server::new(config, clients, users, Arc::clone(store));
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
fn the_issuer_is_a_normalised_url() {
    let with = |issuer: &str| start(shop(), |config| config.issuer = issuer.into());
    for issuer in [
        "http://i.example",
        "https://i.example",
        "https://i.example/",
        "https://i.example:8443/tenant",
        "https://i.example/tenant/",
        "https://[::1]:8080/a%20b",
    ] {
        assert_eq!(with(issuer), "");
    }
    for issuer in [
        "issuer.example",
        "ftp://issuer.example",
        "https://i.example/?a",
        "https://i.example?",
        "https://i.example/#a",
        "https://i.example/a b",
        " https://i.example",
        "https://i.example ",
        "https://i.exa\nmple/a",
        "http:i.example",
        "https:/i.example",
        "https:\\\\i.example",
        "https://user@i.example",
        "https://user:password@i.example",
        "https://:password@i.example",
        "https://i.example/a/../b",
        "https://i.example/%2e/b",
        "https://i.example:443",
        "HTTPS://i.example",
        "https://I.example",
        "https://i.example/비밀",
    ] {
        let expected = format!(
            "expected a normalised http or https URL without user, query and fragment as the \
             issuer, found {issuer:?}"
        );
        assert_eq!(with(issuer), expected);
    }
}

#[test]
fn times_that_depend_on_each_other() {
    let with = |configure: &dyn Fn(&mut Config)| start(shop(), configure);
    let seconds = Duration::from_secs;
    for (max_age, expected) in [
        (899, ""),
        (
            900,
            "expected a keys-max-age of less than publish-ahead, 900s, found 900s",
        ),
    ] {
        let error = with(&|config| config.keys_max_age = seconds(max_age));
        assert_eq!(error, expected);
    }
    for (within, expected) in [
        (9, ""),
        (
            10,
            "expected a confirm-within of less than max-time, 10s, found 10s",
        ),
    ] {
        let error = with(&|config| config.confirm_within = seconds(within));
        assert_eq!(error, expected);
    }
    for (every, expected) in [(1, ""), (0, "expected a sync-keys-every of more than 0s")] {
        let error = with(&|config| config.sync_keys_every = seconds(every));
        assert_eq!(error, expected);
    }
    for (guesses, expected) in [(1, ""), (0, "expected at least 1 guess at a password")] {
        let error = with(&|config| config.max_guesses = guesses);
        assert_eq!(error, expected);
    }
    for (wait, expected) in [(1_000, ""), (999, "expected a max-wait of at least 1s")] {
        let error = with(&|config| config.max_wait = Duration::from_millis(wait));
        assert_eq!(error, expected);
    }
}

#[test]
fn a_store_is_of_one_issuer() {
    let store = store::open("memory").expect("a store");
    let start = |issuer: &str| start_on(&store, shop(), |config| config.issuer = issuer.into());
    assert_eq!(start("https://one.example"), "");
    assert_eq!(start("https://one.example"), "", "a restart, or a replica");
    for other in ["https://two.example", "https://one.example/"] {
        let expected =
            format!("expected a store of the issuer {other}, found one of https://one.example");
        assert_eq!(start(other), expected);
    }
    assert_eq!(start("https://one.example"), "");
}
