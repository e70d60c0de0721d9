//! The responses to requests that are rejected, and what is logged of them.

use jwt_ring::{Algorithm, Signer, SigningKey};
use serde_json::{Value, json};

use crate::support::{Issuer, Scene};
use crate::{logs, support::Answer};

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).expect("JSON")
}

#[test]
fn a_request_without_a_token_gets_a_challenge_of_each_scheme() {
    let scene = Scene::new();
    let api = scene.api(&["--realm", "api"]);
    let metadata = format!("{}/.well-known/oauth-protected-resource", api.url);
    for headers in [&[][..], &[("Authorization", "Basic YTpi")]] {
        let answer = api.get(headers);
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("Cache-Control"), "no-store");
        assert_eq!(json(&answer), json!({}));
        let algorithms = "ES256 ES384 Ed25519 EdDSA PS256 PS384 PS512 RS256 RS384 RS512";
        assert_eq!(
            answer.challenges(),
            [
                format!(r#"Bearer realm="api", resource_metadata="{metadata}""#),
                format!(r#"DPoP realm="api", algs="{algorithms}", resource_metadata="{metadata}""#),
            ]
        );
    }
}

#[test]
fn two_authorization_headers_are_an_error() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url]);
    let bearer = format!("Bearer {}", issuer.token(&api.url));
    assert_eq!(api.get(&[("Authorization", &bearer)]).status, 200);
    for other in [&*bearer, "DPoP e30.e30.AA", "Basic YTpi"] {
        for pair in [[&*bearer, other], [other, &*bearer]] {
            let answer = api.get(&pair.map(|value| ("Authorization", value)));
            assert_eq!(answer.status, 400, "{other}");
            assert_eq!(json(&answer), json!({ "error": "invalid_request" }));
        }
    }
}

#[test]
fn errors_of_the_scope_are_in_the_challenge_of_the_scheme() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url]);
    let bearer = format!("Bearer {}", issuer.token(&api.url));
    let answer = api.send("POST", &api.orders(), &[("Authorization", &bearer)]);
    assert_eq!(answer.status, 403);
    let [bearer, dpop] = answer.challenges()[..] else {
        panic!("{answer:?}");
    };
    assert!(bearer.contains(r#"error="insufficient_scope", scope="orders:write""#));
    assert!(!dpop.contains("error"), "{dpop}");
}

#[test]
fn keys_that_are_unavailable_are_answered_without_a_challenge() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    issuer.web.go_down(true);
    let api = scene.api(&["--issuer", &issuer.url, "--cooldown", "7"]);
    let answer = api.bearer(&issuer.token(&api.url));
    assert_eq!((answer.status, answer.header("Retry-After")), (503, "7"));
    assert_eq!(answer.challenges(), [""; 0]);
    assert_eq!(answer.header("Cache-Control"), "no-store");
    let api = scene.api(&["--issuer", &issuer.url, "--cooldown", "0"]);
    let answer = api.bearer(&issuer.token(&api.url));
    assert_eq!((answer.status, answer.header("Retry-After")), (503, "1"));
}

#[test]
fn each_rejection_is_logged_without_the_token() {
    let scene = Scene::new();
    let (url, web) = scene.web();
    let key = SigningKey::generate(Algorithm::ES256).expect("a key");
    let kid = "logged-kid-5f0c";
    let mut issuer = Issuer::new(&url, web, scene.clock.clone());
    issuer.key = key.with_id(kid).into();
    issuer.publish(&url);
    let api = scene.api(&["--issuer", &issuer.url]);
    let mut claims = issuer.claims("https://an-audience-77c2.example");
    claims.subject = "a-subject-3a91".into();
    let token = issuer.sign(&claims);
    let answer = api.bearer(&token);
    assert_eq!(answer.status, 401);
    let small = issuer.token(&api.url);
    let authorization = format!("Bearer {small}");
    let forbidden = api.send("POST", &api.orders(), &[("Authorization", &authorization)]);
    assert_eq!(forbidden.status, 403);

    let found = logs::with(kid);
    let rejections = [(answer, "mismatch"), (forbidden, "insufficient_scope")];
    assert_eq!(found.len(), rejections.len());
    for (line, (answer, code)) in found.iter().zip(rejections) {
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["message"], "rejected");
        assert_eq!(line["code"], code);
        assert_eq!(line["issuer"], *issuer.url);
        assert_eq!(line["kid"], kid);
        assert_eq!(line["span"]["id"], answer.header("X-Request-Id"));
    }
    let segments = token.split('.').chain(small.split('.').skip(1));
    for secret in segments.chain(["a-subject-3a91", "an-audience-77c2"]) {
        assert_eq!(logs::with(secret), [Value::Null; 0], "{secret}");
    }
}

#[test]
fn what_is_logged_of_a_token_is_bounded() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url]);
    let invented = format!("{}/bounded-{}", issuer.url, "x".repeat(3_000));
    let long = SigningKey::generate(Algorithm::ES256).expect("a key");
    let long = Signer::new(long.with_id("k".repeat(3_000))).typ("at+jwt");
    let token = long.sign(&json!({ "iss": invented })).expect("a token");
    assert_eq!(api.status(&token), 401);
    let found = logs::with(&format!("{}/bounded-", issuer.url));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["code"], "unknown_issuer");
    for name in ["issuer", "kid"] {
        assert_eq!(found[0][name].as_str().expect("text").len(), 100, "{name}");
    }
}

#[test]
fn clients_in_browsers_can_send_tokens_and_read_challenges() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url]);
    let preflight = [
        ("Origin", "https://shop.example"),
        ("Access-Control-Request-Method", "DELETE"),
        (
            "Access-Control-Request-Headers",
            "authorization,content-type,dpop",
        ),
    ];
    let answer = api.send("OPTIONS", &api.orders(), &preflight);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("Access-Control-Allow-Origin"), "*");
    assert_eq!(
        answer.header("Access-Control-Allow-Headers"),
        "authorization,content-type,dpop"
    );
    assert_eq!(
        answer.header("Access-Control-Allow-Methods"),
        "GET,POST,DELETE"
    );
    assert_eq!(answer.header("Access-Control-Max-Age"), "600");
    let answer = api.get(&[("Origin", "https://shop.example")]);
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("Access-Control-Allow-Origin"), "*");
    let exposed = answer.header("Access-Control-Expose-Headers");
    let expected = "www-authenticate,dpop-nonce,retry-after,x-request-id";
    assert_eq!(exposed, expected);
}

#[test]
fn the_metadata_are_at_the_address_of_the_resource_alone() {
    let scene = Scene::new();
    let root = "/.well-known/oauth-protected-resource";
    let addresses = [
        root.to_owned(),
        format!("{root}/"),
        format!("{root}/v1"),
        format!("{root}/v1/"),
    ];
    for (path, expected) in [("", 0), ("/", 0), ("/v1", 2), ("/v1/", 3)] {
        let api = scene.api_at(path, &[]);
        let origin = api.url.strip_suffix(path).expect("a path");
        let challenge = format!(r#"resource_metadata="{origin}{}""#, addresses[expected]);
        let answer = api.send(
            "GET",
            &format!("{}/orders", api.url.trim_end_matches('/')),
            &[],
        );
        assert!(answer.challenges()[0].ends_with(&challenge), "{answer:?}");
        for (index, address) in addresses.iter().enumerate() {
            let answer = api.send("GET", &format!("{origin}{address}"), &[]);
            let status = if index == expected { 200 } else { 404 };
            assert_eq!(answer.status, status, "{path} {address}");
        }
    }
}

#[test]
fn the_metadata_are_before_the_path_of_the_resource() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api_at("/v1", &["--issuer", &issuer.url]);
    assert_eq!(api.status(&issuer.token(&api.url)), 200);
    let origin = api.url.strip_suffix("/v1").expect("a path");
    let address = format!("{origin}/.well-known/oauth-protected-resource/v1");
    let challenge = format!(r#"resource_metadata="{address}""#);
    assert!(api.get(&[]).challenges()[0].ends_with(&challenge));
    let answer = api.send("GET", &address, &[]);
    let metadata = json(&answer);
    assert_eq!(metadata["resource"], *api.url);
    assert_eq!(metadata["authorization_servers"], json!([issuer.url]));
    assert_eq!(
        metadata["scopes_supported"],
        json!(["orders:read", "orders:write"])
    );
    assert_eq!(metadata["bearer_methods_supported"], json!(["header"]));
    assert_eq!(metadata["dpop_signing_alg_values_supported"][0], "ES256");
}
