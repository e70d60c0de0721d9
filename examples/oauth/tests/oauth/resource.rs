//! The resource server: its responses, and how it fetches keys.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring_oauth_examples::client::{call, http};
use jwt_ring_oauth_examples::world::World;

use crate::{code, redeem, refresh, status, tokens};

#[test]
fn each_bearer_error_has_its_status_and_challenge() {
    let world = World::start();
    let read = code(&world, &[("scope", "orders:read")]);
    let (_, _, body) = redeem(&world, &read, &[]);
    let read = body["access_token"].as_str().expect("a token");
    let full = tokens(&world);
    let ask = |method: &str, authorization: &[&str]| {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(world.orders());
        for value in authorization {
            request = request.header("Authorization", *value);
        }
        let response = http(request.body(Vec::new()).expect("a request")).expect("an answer");
        let challenge = response.headers().get("WWW-Authenticate");
        let challenge = challenge.map(|value| value.to_str().expect("text").to_owned());
        (response.status().as_u16(), challenge.unwrap_or_default())
    };
    let bearer = |token: &str| format!("Bearer {token}");
    let realm = r#"Bearer realm="orders""#;
    let metadata = format!(
        r#", resource_metadata="{}/.well-known/oauth-protected-resource""#,
        world.resource
    );
    let expect = |status: u16, error: &str| (status, format!("{realm}{error}{metadata}"));
    let (read, full) = (bearer(read), bearer(&full.access));

    assert_eq!(ask("GET", &[]), expect(401, ""));
    assert_eq!(ask("GET", &["Basic c2hvcDpz"]), expect(401, ""));
    assert_eq!(
        ask("GET", &["Bearer"]),
        expect(400, r#", error="invalid_request""#)
    );
    assert_eq!(
        ask("GET", &[&read, &read]),
        expect(400, r#", error="invalid_request""#)
    );
    let invalid = expect(401, r#", error="invalid_token""#);
    assert_eq!(ask("GET", &["Bearer nonsense"]), invalid);
    assert_eq!(ask("GET", &[&format!("{read}A")]), invalid);
    assert_eq!(ask("GET", &[&read]), (200, String::new()));
    assert_eq!(
        ask("GET", &[&read.replace("Bearer", "bearer")]),
        (200, String::new())
    );
    let scope = r#", error="insufficient_scope", scope="orders:write""#;
    assert_eq!(ask("POST", &[&read]), expect(403, scope));
    assert_eq!(ask("POST", &[&full]), (201, String::new()));
    assert_eq!(ask("DELETE", &[&full]), (204, String::new()));
    world.clock.advance(Duration::from_secs(62));
    let again = r#", error="insufficient_user_authentication", max_age="60""#;
    assert_eq!(ask("DELETE", &[&full]), expect(401, again));
    world.clock.advance(Duration::from_secs(300));
    let expired = r#", error="invalid_token", error_description="expired""#;
    assert_eq!(ask("GET", &[&full]), expect(401, expired));
}

#[test]
fn concurrent_requests_cause_one_fetch() {
    let world = World::start();
    let tokens = tokens(&world);
    assert_eq!(world.network.key_fetches.load(Ordering::SeqCst), 0);
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                for _ in 0..25 {
                    assert_eq!(status(&world, &tokens.access), 200);
                }
            });
        }
    });
    assert_eq!(
        world.network.key_fetches.load(Ordering::SeqCst),
        1,
        "500 requests without cached keys"
    );

    // Unknown key IDs cause one fetch per cooldown.
    world.clock.advance(Duration::from_secs(31));
    for n in 0..200 {
        assert_eq!(status(&world, &with_unknown_kid(&world, n)), 401);
    }
    assert_eq!(world.network.key_fetches.load(Ordering::SeqCst), 2);
}

/// Makes a token of the issuer with an unknown `kid`.
fn with_unknown_kid(world: &World, n: u32) -> String {
    let header = format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"{n}"}}"#);
    let payload = format!(r#"{{"iss":"{}"}}"#, world.issuer);
    let [header, payload] = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part));
    format!("{header}.{payload}.AA")
}

#[test]
fn known_keys_do_not_wait_for_the_fetch_for_an_unknown_kid() {
    let world = World::start();
    let tokens = tokens(&world);
    assert_eq!(status(&world, &tokens.access), 200);
    world.clock.advance(Duration::from_secs(31));
    world.network.delays_keys.store(true, Ordering::SeqCst);
    thread::scope(|scope| {
        let unknown = scope.spawn(|| status(&world, &with_unknown_kid(&world, 1)));
        while world.network.key_fetches.load(Ordering::SeqCst) < 2 {
            thread::yield_now();
        }
        let known = status(&world, &tokens.access);
        assert!(!unknown.is_finished(), "the fetch is in progress");
        world.network.delays_keys.store(false, Ordering::SeqCst);
        assert_eq!(known, 200);
        assert_eq!(unknown.join().expect("no panic"), 401);
    });
}

#[test]
fn stale_keys_are_used_while_the_issuer_is_down_and_then_the_status_is_503() {
    let world = World::start();
    let first = tokens(&world);
    world.network.is_down.store(true, Ordering::SeqCst);
    assert_eq!(
        call(&world.orders(), &first.access).expect("an answer").0,
        503,
        "no keys"
    );
    assert_eq!(
        status(&world, &first.access),
        503,
        "not retried within the cooldown"
    );
    world.network.is_down.store(false, Ordering::SeqCst);
    assert_eq!(
        status(&world, &first.access),
        503,
        "still within the cooldown"
    );
    world.clock.advance(Duration::from_secs(30));
    assert_eq!(
        status(&world, &first.access),
        200,
        "fetched after the cooldown"
    );

    world.clock.advance(Duration::from_secs(600));
    let second = tokens_while_down(&world);
    assert_eq!(
        status(&world, &second),
        200,
        "keys of more than ten minutes are used as the fetch fails"
    );
    // Until they are an hour and ten minutes old.
    world.clock.advance(Duration::from_secs(3_300));
    let third = tokens_while_down(&world);
    world.clock.advance(Duration::from_secs(299));
    assert_eq!(status(&world, &third), 200);
    world.clock.advance(Duration::from_secs(1));
    let last = tokens_while_down(&world);
    let (code, challenge, _) = call(&world.orders(), &last).expect("an answer");
    assert_eq!((code, &*challenge), (503, ""), "the keys are too old");
    world.network.is_down.store(false, Ordering::SeqCst);
    world.clock.advance(Duration::from_secs(30));
    assert_eq!(status(&world, &last), 200);
}

/// Issues a token while the network is up, and takes it down again.
fn tokens_while_down(world: &World) -> String {
    world.network.is_down.store(false, Ordering::SeqCst);
    let tokens = tokens(world);
    world.network.is_down.store(true, Ordering::SeqCst);
    tokens.access
}

#[test]
fn a_key_rotates_while_verifiers_have_the_old_set() {
    let world = World::start();
    let kid = |token: &str| {
        let token = jwt_ring::Unverified::parse(token).expect("a token");
        token.key_id().expect("a kid").to_owned()
    };
    let before = tokens(&world);
    assert_eq!(status(&world, &before.access), 200);
    world.authorization_server.rotate();
    let (_, _, body) = refresh(&world, &before.refresh, &[]);
    let published = body["access_token"].as_str().expect("a token");
    assert_eq!(
        kid(published),
        kid(&before.access),
        "the new key is published first"
    );
    assert_eq!(status(&world, published), 200);
    world.clock.advance(Duration::from_secs(899));
    let last = tokens(&world);
    assert_eq!(kid(&last.access), kid(&before.access));
    world.clock.advance(Duration::from_secs(1));
    let after = tokens(&world);
    assert_ne!(kid(&after.access), kid(&before.access));
    for token in [&last.access, &after.access] {
        assert_eq!(
            status(&world, token),
            200,
            "both keys are published until the old key's tokens have expired"
        );
    }
    assert_eq!(status(&world, &before.access), 401, "expired");
}
