//! How the keys of several issuers are kept apart and fetched.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::{Algorithm, KeySet, SigningKey};
use serde_json::json;

use crate::logs;
use crate::support::{Api, Issuer, METADATA, Scene, metadata};

/// Makes a token with an invented issuer or `kid`.
fn forged(issuer: &str, kid: &str) -> String {
    let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": kid });
    let payload = json!({ "iss": issuer });
    let [header, payload] = [header, payload].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    format!("{header}.{payload}.AA")
}

/// Waits until the issuer has been asked.
fn wait_for_request(issuer: &Issuer) {
    let until = Instant::now() + Duration::from_secs(20);
    while issuer.web.count() == 0 {
        assert!(Instant::now() < until, "no request");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn an_issuer_cannot_sign_for_another() {
    let scene = Scene::new();
    let [first, second] = [scene.issuer(), scene.issuer()];
    let api = scene.api(&["--issuer", &first.url, "--issuer", &second.url]);
    // Both keys have the ID `k1`.
    for (issuer, other) in [(&first, &second), (&second, &first)] {
        assert_eq!(api.status(&issuer.token(&api.url)), 200);
        let claims = issuer.claims(&api.url);
        assert_eq!(api.status(&issuer.sign(&claims)), 200);
        let answer = api.bearer(&other.sign(&claims));
        assert_eq!(
            (answer.status, answer.error("Bearer")),
            (401, "invalid_token")
        );
    }
}

#[test]
fn each_issuer_has_its_audiences() {
    let scene = Scene::new();
    let [first, second, third] = [scene.issuer(), scene.issuer(), scene.issuer()];
    let api = scene.api(&[
        "--audience",
        "x",
        "--issuer",
        &first.url,
        "--issuer",
        &second.url,
        "--audience",
        "y",
        "--audience",
        "z",
        "--issuer",
        &third.url,
        "--audience",
        "w",
    ]);
    for (issuer, accepted) in [
        (&first, &["x"][..]),
        (&second, &["y", "z"]),
        (&third, &["w"]),
    ] {
        for audience in ["x", "y", "z", "w", &*api.url] {
            let status = if accepted.contains(&audience) {
                200
            } else {
                401
            };
            assert_eq!(api.status(&issuer.token(audience)), status, "{audience}");
        }
    }
}

#[test]
fn invented_issuers_cause_no_request_and_invented_keys_one_per_cooldown() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url]);
    for n in 0..50 {
        let invented = format!("{}/{n}", issuer.url);
        assert_eq!(api.status(&forged(&invented, "k1")), 401);
    }
    assert_eq!(issuer.web.requests(), [""; 0]);
    assert_eq!(api.status(&issuer.token(&api.url)), 200);
    assert_eq!(issuer.web.requests(), [METADATA, "/jwks.json"]);
    for _ in 0..3 {
        for n in 0..50 {
            assert_eq!(
                api.status(&forged(&issuer.url, &format!("invented-{n}"))),
                401
            );
        }
        scene.clock.advance(Duration::from_secs(30));
    }
    // Two cooldowns have ended.
    assert_eq!(issuer.web.requests().len(), 4);
}

#[test]
fn an_issuer_that_does_not_answer_delays_no_other() {
    let scene = Scene::new();
    let [slow, quick, down] = [scene.issuer(), scene.issuer(), scene.issuer()];
    let api = scene.api(&[
        "--issuer", &slow.url, "--issuer", &quick.url, "--issuer", &down.url,
    ]);
    slow.web.hold(true);
    down.web.go_down(true);
    thread::scope(|scope| {
        let delayed = scope.spawn(|| api.status(&slow.token(&api.url)));
        wait_for_request(&slow);
        assert_eq!(api.status(&quick.token(&api.url)), 200);
        let answer = api.bearer(&down.token(&api.url));
        assert_eq!((answer.status, answer.header("Retry-After")), (503, "30"));
        assert!(!delayed.is_finished());
        slow.web.hold(false);
        assert_eq!(delayed.join().expect("no panic"), 200);
    });
}

#[test]
fn stale_keys_are_used_while_the_issuer_is_down() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&[
        "--issuer",
        &issuer.url,
        "--max-age",
        "60",
        "--stale-if-error",
        "100",
    ]);
    let strict = scene.api(&[
        "--issuer",
        &issuer.url,
        "--max-age",
        "60",
        "--stale-if-error",
        "0",
    ]);
    let apis = [&api, &strict];
    let statuses = || apis.map(|api| api.status(&issuer.token(&api.url)));
    assert_eq!(statuses(), [200, 200]);
    issuer.web.go_down(true);
    scene.clock.advance(Duration::from_secs(59));
    assert_eq!(statuses(), [200, 200]);
    scene.clock.advance(Duration::from_secs(1));
    assert_eq!(statuses(), [200, 503]);
    scene.clock.advance(Duration::from_secs(99));
    assert_eq!(statuses(), [200, 503]);
    scene.clock.advance(Duration::from_secs(1));
    assert_eq!(statuses(), [503, 503]);
    issuer.web.go_down(false);
    scene.clock.advance(Duration::from_secs(30));
    assert_eq!(statuses(), [200, 200]);
}

#[test]
fn a_response_that_is_no_key_set_does_not_replace_the_keys() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url]);
    assert_eq!(api.status(&issuer.token(&api.url)), 200);
    let long = " ".repeat(300_000);
    let other = KeySet::from_iter([scene.issuer().key.verifying_key()]);
    let other = serde_json::to_string(&other).expect("JSON");
    for (status, text) in [
        (200, &*long),
        (200, r#"{"keys":{}}"#),
        (200, "<html>"),
        (404, &*other),
        (500, &*other),
        (302, "/"),
    ] {
        issuer.set_keys(status, text);
        scene.clock.advance(Duration::from_secs(600));
        issuer.web.requests();
        assert_eq!(
            api.status(&issuer.token(&api.url)),
            200,
            "{status} {text:.20}"
        );
        assert_eq!(issuer.web.requests(), [METADATA, "/jwks.json"]);
    }
}

#[test]
fn a_key_set_without_usable_keys_replaces_the_keys() {
    let scene = Scene::new();
    for text in [
        r#"{"keys":[]}"#,
        r#"{"keys":[{"kty":"future","kid":"k1"}]}"#,
    ] {
        let issuer = scene.issuer();
        let api = scene.api(&["--issuer", &issuer.url]);
        assert_eq!(api.status(&issuer.token(&api.url)), 200);
        issuer.set_keys(200, text);
        scene.clock.advance(Duration::from_secs(600));
        let answer = api.bearer(&issuer.token(&api.url));
        let found = (answer.status, answer.error("Bearer"));
        assert_eq!(found, (401, "invalid_token"), "{text}");
    }
}

#[test]
fn known_keys_do_not_wait_long_for_a_slow_issuer() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let wait = ["--max-key-wait", "1", "--max-age", "60"];
    let flags = [
        &["--issuer", &issuer.url, "--stale-if-error", "60"][..],
        &wait,
    ]
    .concat();
    let api = scene.api(&flags);
    let strict = [
        &["--issuer", &issuer.url, "--stale-if-error", "0"][..],
        &wait,
    ]
    .concat();
    let strict = scene.api(&[&strict[..], &["--max-time", "2"]].concat());
    for api in [&api, &strict] {
        assert_eq!(api.status(&issuer.token(&api.url)), 200);
    }
    let timed = |api: &Api, token: &str| {
        let start = Instant::now();
        (api.status(token), start.elapsed())
    };
    let second = Duration::from_secs(1);
    issuer.web.hold(true);
    scene.clock.advance(Duration::from_secs(60));
    let token = issuer.token(&api.url);
    let (status, time) = timed(&api, &token);
    assert_eq!(status, 200);
    assert!(time >= second, "new keys are better: {time:?}");
    // The same fetch, which has had its second.
    let (status, time) = timed(&api, &token);
    assert_eq!(status, 200);
    assert!(time < second, "{time:?}");
    assert_eq!(strict.status(&issuer.token(&strict.url)), 503);
    // A fetch that is not reported in time counts as failed, which changes nothing here.
    scene.clock.advance(Duration::from_secs(59));
    assert_eq!(api.status(&token), 200);
    scene.clock.advance(Duration::from_secs(1));
    let late = scene.clock.clone();
    thread::scope(|scope| {
        let delayed = scope.spawn(|| timed(&api, &issuer.token(&api.url)));
        thread::sleep(second + second / 2);
        assert!(!delayed.is_finished(), "the keys are too old at {late:?}");
        issuer.web.hold(false);
        assert_eq!(delayed.join().expect("no panic").0, 200);
    });
}

#[test]
fn a_fetch_that_does_not_end_is_followed_by_another() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url, "--fetch-timeout", "20"]);
    issuer.web.hold(true);
    thread::scope(|scope| {
        let first = scope.spawn(|| api.status(&issuer.token(&api.url)));
        wait_for_request(&issuer);
        scene.clock.advance(Duration::from_secs(20));
        let second = scope.spawn(|| api.status(&issuer.token(&api.url)));
        thread::sleep(Duration::from_millis(200));
        assert_eq!(issuer.web.requests().len(), 1, "the first may still end");
        scene.clock.advance(Duration::from_secs(1));
        let third = scope.spawn(|| api.status(&issuer.token(&api.url)));
        wait_for_request(&issuer);
        issuer.web.hold(false);
        for request in [first, second, third] {
            assert_eq!(request.join().expect("no panic"), 200);
        }
    });
}

#[test]
fn a_token_with_a_new_key_waits_for_a_slow_issuer() {
    let scene = Scene::new();
    let mut issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url]);
    assert_eq!(api.status(&issuer.token(&api.url)), 200);
    scene.clock.advance(Duration::from_secs(600));
    issuer.web.hold(true);
    let key = SigningKey::generate(Algorithm::ES256).expect("a key");
    issuer.key = key.with_id("k2").into();
    issuer.publish(&issuer.url);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| api.status(&issuer.token(&api.url)));
        thread::sleep(Duration::from_millis(1_500));
        assert!(!waiting.is_finished(), "the old keys do not have its key");
        issuer.web.hold(false);
        assert_eq!(waiting.join().expect("no panic"), 200);
    });
}

#[test]
fn all_requests_of_a_fetch_share_its_time() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    issuer.web.delay.store(700, Ordering::SeqCst);
    // Of the metadata and the keys.
    for (timeout, expected) in [("1", 503), ("5", 200)] {
        let api = scene.api(&["--issuer", &issuer.url, "--fetch-timeout", timeout]);
        assert_eq!(api.status(&issuer.token(&api.url)), expected, "{timeout}");
    }
}

#[test]
fn what_is_logged_of_a_failed_fetch_is_bounded() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let other = format!("https://{}.example", "x".repeat(10_000));
    issuer
        .web
        .set(METADATA, 200, metadata(&other, &issuer.keys()));
    let api = scene.api(&["--issuer", &issuer.url]);
    assert_eq!(api.status(&issuer.token(&api.url)), 503);
    let found = logs::with("cannot fetch the keys").into_iter();
    let found: Vec<_> = found.filter(|line| line["issuer"] == *issuer.url).collect();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["error"].as_str().expect("text").len(), 500);
}

#[test]
fn requests_of_a_slow_issuer_get_new_keys_if_they_arrive_in_time() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let longest = u64::MAX.to_string();
    let api = scene.api(&["--issuer", &issuer.url, "--max-key-wait", &longest]);
    assert_eq!(api.status(&issuer.token(&api.url)), 200);
    scene.clock.advance(Duration::from_secs(600));
    issuer.set_keys(200, r#"{"keys":[]}"#);
    issuer.web.requests();
    issuer.web.hold(true);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| api.status(&issuer.token(&api.url)));
        wait_for_request(&issuer);
        issuer.web.hold(false);
        assert_eq!(
            waiting.join().expect("no panic"),
            401,
            "the key was removed"
        );
    });
}

#[test]
fn stale_keys_do_not_wait_for_the_next_fetch() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url]);
    let status = || api.status(&issuer.token(&api.url));
    assert_eq!(status(), 200);
    issuer.web.go_down(true);
    scene.clock.advance(Duration::from_secs(600));
    assert_eq!(status(), 200, "the fetch fails");
    scene.clock.advance(Duration::from_secs(30));
    issuer.web.requests();
    issuer.web.hold(true);
    thread::scope(|scope| {
        let fetching = scope.spawn(status);
        wait_for_request(&issuer);
        assert_eq!(status(), 200);
        assert!(!fetching.is_finished(), "the fetch is in progress");
        issuer.web.hold(false);
        assert_eq!(fetching.join().expect("no panic"), 200);
    });
}

#[test]
fn the_address_of_the_keys_can_be_set() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url, "--jwks", &issuer.keys()]);
    assert_eq!(api.status(&issuer.token(&api.url)), 200);
    assert_eq!(issuer.web.requests(), ["/jwks.json"]);
}
