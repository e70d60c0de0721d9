//! The authorization server with a store in a file, ended and started again.

use jwt_ring::{KeySet, Keys, Unverified};
use serde_json::Value;

use crate::directory::Directory;
use crate::{Program, free_port};

fn token(issuer: &str) -> String {
    let body = "grant_type=client_credentials&client_id=service\
                &client_secret=service-secret-for-local-tests";
    let mut response = ureq::post(format!("{issuer}/token"))
        .content_type("application/x-www-form-urlencoded")
        .send(body)
        .expect("an answer");
    let body: Value = serde_json::from_reader(response.body_mut().as_reader()).expect("JSON");
    body["access_token"].as_str().expect("a token").to_owned()
}

#[test]
fn keys_are_kept_beside_a_store_in_a_file() {
    let directory = Directory::new();
    let port = free_port();
    let store = directory.sqlite();
    let arguments = ["--port", &port, "--store", &store];
    let (server, issuer) = Program::serve("authorization_server", "issuer", &arguments);
    let old = token(&issuer);
    drop(server);
    let (_server, issuer) = Program::serve("authorization_server", "issuer", &arguments);
    let mut jwks = ureq::get(format!("{issuer}/jwks.json"))
        .call()
        .expect("an answer");
    let jwks = jwks.body_mut().read_to_string().expect("JSON");
    let jwks = KeySet::from_json(&jwks).expect("a key set");
    let kid = |token: &str| {
        let token = Unverified::parse(token).expect("a token");
        token.key_id().expect("a kid").to_owned()
    };
    assert_eq!(jwks.iter().count(), 1);
    assert!(
        jwks.key(Unverified::parse(&old).expect("a token").header())
            .is_ok()
    );
    assert_eq!(kid(&token(&issuer)), kid(&old), "the same key signs");
    assert!(directory.0.join("store.db.keys").is_dir());
}
