//! What the settings change, and which the server rejects at its start.

use std::error::Error;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use bpaf::Parser;
use jwt_ring::SystemClock;
use jwt_ring_oauth_examples::resource_server::{Server, Settings, settings};

use crate::support::Scene;

/// Writes a file for a test.
fn file(name: &str, text: &[u8]) -> PathBuf {
    let path = std::env::temp_dir().join(format!("jwt-ring-{name}-{}", std::process::id()));
    std::fs::write(&path, text).expect("a file");
    path
}

/// Returns why a server is not started. Empty if it can be.
fn problem(resource: &str, flags: &[&str]) -> String {
    let settings = Settings::parse(flags).expect("settings");
    let started = Server::new(resource, settings, SystemClock);
    let Some(error) = started.err() else {
        return String::new();
    };
    assert!(error.source().is_none(), "{error} says its cause");
    error.to_string()
}

#[test]
fn a_server_with_unusable_settings_is_not_started() {
    let [short, long, text] = [
        file("short-secret", &[7; 31]),
        file("long-secret", &[7; 32]),
        file("no-pem", b"text"),
    ];
    let [short_secret, long_secret, no_pem] =
        [&short, &long, &text].map(|path| path.to_str().expect("a path"));
    let (api, issuer) = ("https://api.example", "https://issuer.example");
    let twice = ["--issuer", issuer, "--issuer", issuer];
    let slash = format!("{issuer}/");
    for (resource, flags, expected) in [
        (api, &["--issuer", issuer][..], ""),
        (
            "https://api.example/v1",
            &["--issuer", issuer, "--issuer", &slash],
            "",
        ),
        (
            api,
            &["--issuer", issuer, "--dpop-nonce-secret-file", long_secret],
            "",
        ),
        ("http://127.0.0.1:8081", &[], ""),
        (api, &[], "expected an `--issuer`"),
        (api, &twice, "expected each issuer once"),
        (
            api,
            &["--issuer", "http://issuer.example"],
            "the issuer http://issuer.example: ",
        ),
        (
            api,
            &["--issuer", "https://a.example?b"],
            "the issuer https://a.example?b: ",
        ),
        (
            api,
            &["--issuer", issuer, "--jwks", "http://a.example"],
            "expected an https URL",
        ),
        (
            "http://api.example",
            &[],
            "the resource: expected an https URL",
        ),
        (
            "https://api.example?a",
            &[],
            "expected a resource without query",
        ),
        (
            "https://api.example#a",
            &[],
            "expected a resource without query",
        ),
        (
            api,
            &["--issuer", issuer, "--dpop-nonce-secret-file", short_secret],
            "the secret of the nonces: ",
        ),
        (
            api,
            &["--issuer", issuer, "--dpop-nonce-secret-file", "/no/file"],
            "cannot read the secret of the nonces in /no/file: ",
        ),
        (
            api,
            &["--issuer", issuer, "--ca-file", "/no/file"],
            "cannot read the CA certificates in /no/file",
        ),
        (
            api,
            &["--issuer", issuer, "--ca-file", no_pem],
            "cannot read the CA certificates in ",
        ),
        (
            api,
            &["--issuer", issuer, "--store", "other"],
            "the store is unavailable",
        ),
    ] {
        let found = problem(resource, flags);
        assert!(found.starts_with(expected), "{flags:?}: {found}");
        assert_eq!(found.is_empty(), expected.is_empty(), "{flags:?}: {found}");
    }
    for path in [short, long, text] {
        let _ = std::fs::remove_file(path);
    }
}

#[test]
fn the_resource_can_have_any_path() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    for path in [
        "/",
        "/v1",
        "/v1/",
        "/:v/*all",
        "/%7Bid%7D",
        "/{id}",
        "/한국",
    ] {
        let api = scene.api_at(path, &["--issuer", &issuer.url]);
        let url = format!("{}/orders", api.url.trim_end_matches('/'));
        let authorization = format!("Bearer {}", issuer.token(&api.url));
        let answer = api.send("GET", &url, &[("Authorization", &authorization)]);
        assert_eq!(answer.status, 200, "{path}");
    }
}

#[test]
fn the_leeway_is_added_to_the_expiration() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let strict = scene.api(&["--issuer", &issuer.url]);
    let lenient = scene.api(&["--issuer", &issuer.url, "--leeway", "10"]);
    let [one, two] = [&strict, &lenient].map(|api| issuer.token(&api.url));
    let statuses = || [strict.status(&one), lenient.status(&two)];
    scene.clock.advance(Duration::from_secs(299));
    assert_eq!(statuses(), [200, 200]);
    scene.clock.advance(Duration::from_secs(10));
    assert_eq!(statuses(), [401, 200]);
    scene.clock.advance(Duration::from_secs(1));
    assert_eq!(statuses(), [401, 401]);
}

#[test]
fn keys_are_fetched_again_after_the_cooldown() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url, "--cooldown", "7"]);
    issuer.web.go_down(true);
    let status = || api.status(&issuer.token(&api.url));
    assert_eq!(status(), 503);
    issuer.web.go_down(false);
    scene.clock.advance(Duration::from_secs(6));
    assert_eq!(status(), 503);
    scene.clock.advance(Duration::from_secs(1));
    assert_eq!(status(), 200);
}

#[test]
fn the_keys_must_not_be_longer_than_a_response_may_be() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let status = |bytes| {
        let api = scene.api(&["--issuer", &issuer.url, "--max-response", bytes]);
        api.status(&issuer.token(&api.url))
    };
    assert_eq!(status("400"), 200);
    assert_eq!(status("150"), 503);
}

#[test]
fn requests_do_not_wait_longer_than_their_time() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    issuer.web.hold(true);
    let api = scene.api(&["--issuer", &issuer.url, "--fetch-timeout", "1"]);
    let answer = api.bearer(&issuer.token(&api.url));
    assert_eq!(answer.status, 503, "the time of the fetch");
    let api = scene.api(&["--issuer", &issuer.url, "--max-time", "1"]);
    let answer = api.bearer(&issuer.token(&api.url));
    let found = (answer.status, answer.header("Retry-After"));
    assert_eq!(found, (503, "5"), "the time of the request");
    let origin = answer.header("Access-Control-Allow-Origin");
    assert_eq!(origin, "*", "a page can read it");
    issuer.web.hold(false);
    // The fetch goes on without the request that started it.
    let in_time = || api.status(&issuer.token(&api.url)) == 200;
    assert!((0..100).any(|_| {
        thread::sleep(Duration::from_millis(20));
        in_time()
    }));
    assert_eq!(issuer.web.requests().len(), 3, "one fetch");
}

#[test]
fn the_age_of_the_sign_in_can_be_set() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url, "--max-sign-in-age", "5"]);
    let mut claims = issuer.claims(&api.url);
    claims.scope = "orders:write".parse().expect("a scope");
    let delete = |token: &str| {
        let authorization = format!("Bearer {token}");
        let answer = api.send(
            "DELETE",
            &api.orders(),
            &[("Authorization", &authorization)],
        );
        (answer.status, answer.error("Bearer").to_owned())
    };
    let again = (401, "insufficient_user_authentication".to_owned());
    assert_eq!(delete(&issuer.sign(&claims)), again, "without `auth_time`");
    claims.auth_time = Some(claims.issued_at);
    let token = issuer.sign(&claims);
    claims.auth_time = Some(claims.issued_at.saturating_add(Duration::from_secs(5)));
    assert_eq!(delete(&issuer.sign(&claims)), again, "in the future");
    scene.clock.advance(Duration::from_secs(4));
    assert_eq!(delete(&token), (204, String::new()));
    scene.clock.advance(Duration::from_secs(2));
    assert_eq!(delete(&token), again);
}

#[test]
fn a_sign_in_may_be_in_the_future_by_the_leeway() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url, "--leeway", "3"]);
    let status = |seconds| {
        let mut claims = issuer.claims(&api.url);
        claims.scope = "orders:write".parse().expect("a scope");
        claims.auth_time = Some(
            claims
                .issued_at
                .saturating_add(Duration::from_secs(seconds)),
        );
        let authorization = format!("Bearer {}", issuer.sign(&claims));
        let headers = [("Authorization", &*authorization)];
        api.send("DELETE", &api.orders(), &headers).status
    };
    assert_eq!([0, 3, 4].map(status), [204, 204, 401]);
}

#[test]
fn the_help_has_a_default_and_a_variable_for_each_setting() {
    let help = settings().to_options().run_inner(&["--help"]);
    let help = help.expect_err("the help").unwrap_stdout();
    let flags = help.split("\n        --").skip(1);
    let of_issuers = ["issuer=", "audience=", "jwks=", "profile="];
    let mut count = 0;
    for flag in flags.filter(|flag| !of_issuers.iter().any(|one| flag.starts_with(one))) {
        count += 1;
        let name = flag.split(['=', ' ']).next().unwrap_or_default();
        let variable = format!("JWT_RING_{}", name.replace('-', "_").to_uppercase());
        assert!(flag.contains(&variable), "{flag}");
        let has_none = ["ca-file", "dpop-nonces", "dpop-nonce-secret-file"].contains(&name);
        assert!(flag.contains("[default: ") != has_none, "{flag}");
    }
    assert_eq!(count, 17);
}
