//! The test kit of the library against the resource server, over HTTP.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jwt_ring::testing::{Issuer, Profile, TestToken, assert_rejects_all};

use crate::support::{Answer, Api, Scene};

/// Starts a resource server for an issuer whose keys are those of the kit.
fn start(scene: &Scene, flags: &[&str]) -> (Issuer, Api) {
    let published = scene.issuer();
    let api = scene.api(&[&["--issuer", &published.url], flags].concat());
    let issuer = Issuer::new(scene.clock.clone(), &*published.url, &*api.url)
        .claim("scope", "orders:read")
        .request("GET", api.orders());
    published.set_keys(200, &issuer.jwks());
    (issuer, api)
}

fn send(api: &Api, token: &TestToken) -> Answer {
    let authorization = token.authorization();
    let mut headers = vec![("Authorization", &*authorization)];
    headers.extend(token.proofs().iter().map(|proof| ("DPoP", &**proof)));
    api.get(&headers)
}

fn is_rejected(api: &Api, token: &TestToken) -> bool {
    match send(api, token).status {
        200 => false,
        // A header that is malformed is an invalid request (RFC 6750 §3.1).
        400 | 401 => true,
        status => panic!("{status}"),
    }
}

/// Returns the tokens that the server accepts, each with its section.
fn accepted(issuer: &Issuer, api: &Api, profile: Profile) -> Vec<String> {
    let run = || assert_rejects_all(issuer, profile, |token| is_rejected(api, token));
    let Err(panic) = catch_unwind(AssertUnwindSafe(run)) else {
        return Vec::new();
    };
    let message = panic.downcast::<String>().expect("a message");
    let names = message.lines().skip(1);
    let names = names.map(|line| line.strip_prefix("  accepted: ").unwrap_or(line));
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_resource_server_passes() {
    let scene = Scene::new();
    let (issuer, api) = start(&scene, &[]);
    for profile in [Profile::AccessToken, Profile::Dpop] {
        assert_rejects_all(&issuer, profile, |token| is_rejected(&api, token));
    }
}

#[test]
fn the_resource_server_with_nonces_passes() {
    let scene = Scene::new();
    let (issuer, api) = start(&scene, &["--dpop-nonces"]);
    let answer = send(&api, &issuer.token(Profile::Dpop));
    assert_eq!(answer.error("DPoP"), "use_dpop_nonce");
    let issuer = issuer.nonce(answer.header("DPoP-Nonce"));
    assert_rejects_all(&issuer, Profile::Dpop, |token| is_rejected(&api, token));
}

/// The verifiers of the server cannot be replaced, but its settings relax some rules.
#[test]
fn the_kit_names_what_a_setting_allows() {
    let scene = Scene::new();
    let leeway = [
        "expires now (RFC 7519 §4.1.4)",
        "valid in 30 seconds (RFC 7519 §4.1.5)",
    ];
    let audience = [
        "another `aud` (RFC 7519 §4.1.3)",
        "`aud` an array of others (RFC 7519 §4.1.3)",
    ];
    let profile = [
        "no `typ` (RFC 9068 §4)",
        "`typ` JWT (RFC 9068 §4)",
        "no `client_id` (RFC 9068 §2.2)",
        "no `iat` (RFC 9068 §2.2)",
        "no `jti` (RFC 9068 §2.2)",
    ];
    let window = [
        "proof of an hour ago (RFC 9449 §4.3)",
        "proof of the next hour (RFC 9449 §4.3)",
    ];
    let cases: [(&[&str], Profile, &[&str]); 5] = [
        (&["--leeway", "60"], Profile::AccessToken, &leeway),
        (&["--leeway", "60"], Profile::Dpop, &leeway),
        (&["--profile", "auth0"], Profile::AccessToken, &profile),
        (&["--dpop-window", "7200"], Profile::Dpop, &window),
        (
            &["--audience", "https://other.example"],
            Profile::AccessToken,
            &audience,
        ),
    ];
    for (flags, kind, expected) in cases {
        // The flag replaces the default audience.
        let (issuer, api) = match flags.first() {
            Some(&"--audience") => {
                let (issuer, api) = start(&scene, flags);
                (issuer.claim("aud", "https://other.example"), api)
            }
            _ => start(&scene, flags),
        };
        let issuer = issuer.claim("azp", "web-shop");
        assert_eq!(accepted(&issuer, &api, kind), expected, "{flags:?}");
    }
}
