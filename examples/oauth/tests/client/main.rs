//! The client against scripted servers: what it sends, and what it rejects.

mod redirect;
mod scripted;

use axum::Json;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use jwt_ring::oauth::client_assertion::Signer;
use jwt_ring::oauth::dpop::Prover;
use jwt_ring::{Algorithm, SigningKey};
use jwt_ring_oauth_examples::client::{Authentication, Client};
use serde_json::{Value, json};
use url::Url;

use scripted::Scripted;

const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";

fn prover() -> Prover {
    let key = SigningKey::generate(Algorithm::ES256).expect("a key");
    Prover::new(key).expect("a prover")
}

/// What a server answers to require a nonce: at the token endpoint, and at the API.
fn token_nonce(nonce: &'static str) -> impl IntoResponse {
    let body = Json(json!({ "error": "use_dpop_nonce" }));
    (StatusCode::BAD_REQUEST, [("DPoP-Nonce", nonce)], body)
}

fn api_nonce(nonce: &'static str) -> impl IntoResponse {
    let challenge = r#"DPoP error="use_dpop_nonce", algs="ES256""#;
    let headers = [("DPoP-Nonce", nonce), ("WWW-Authenticate", challenge)];
    (StatusCode::UNAUTHORIZED, headers)
}

#[test]
fn a_nonce_is_used_at_its_server_with_a_new_proof_and_a_new_assertion() {
    let (issuer, api) = (Scripted::start(), Scripted::start());
    let key = SigningKey::generate(Algorithm::ES256).expect("a key");
    let assertions = Signer::new(key, "shop", &*issuer.url);
    let client = issuer
        .client(Authentication::Assertion(assertions))
        .dpop(prover());

    issuer.answer(token_nonce("first"));
    issuer.answer_tokens("DPoP", None);
    assert_eq!(
        client.client_credentials("orders:read").expect("a token"),
        "access"
    );
    let [before, after] = &issuer.received()[..] else {
        panic!("expected two requests");
    };
    let proofs = [before.proof(&issuer), after.proof(&issuer)];
    assert_eq!(
        (&proofs[0]["nonce"], &proofs[1]["nonce"]),
        (&Value::Null, &"first".into())
    );
    assert_ne!(proofs[0]["jti"], proofs[1]["jti"]);
    assert_ne!(
        before.field("client_assertion"),
        after.field("client_assertion")
    );
    for request in [before, after] {
        assert_eq!(
            request.field("grant_type").as_deref(),
            Some("client_credentials")
        );
        assert_eq!(request.field("client_id").as_deref(), Some("shop"));
        let kind = request.field("client_assertion_type").expect("its type");
        assert_eq!(
            kind,
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        );
    }

    // The API has nonces of its own. One that comes with a success is used the next time.
    api.answer(api_nonce("second"));
    api.answer((StatusCode::OK, [("DPoP-Nonce", "third")], "orders"));
    api.answer("orders");
    let orders = format!("{}/orders", api.url);
    for _ in 0..2 {
        let answer = client.call(&orders, "access").expect("a response");
        assert_eq!(answer, (200, String::new(), "orders".into()));
    }
    let received = api.received();
    let nonces = received.iter().map(|request| {
        assert_eq!(request.header("Authorization"), "DPoP access");
        assert!(request.body.is_empty(), "no assertion");
        let proof = request.proof(&api);
        assert!(proof["ath"].is_string());
        proof["nonce"].clone()
    });
    assert_eq!(
        nonces.collect::<Vec<_>>(),
        [Value::Null, "second".into(), "third".into()]
    );
}

#[test]
fn a_server_that_always_requires_another_nonce_is_asked_twice() {
    let server = Scripted::start();
    let client = server.client("secret").dpop(prover());
    for nonce in ["one", "two", "three"] {
        server.answer(token_nonce(nonce));
    }
    let error = client.client_credentials("a").expect_err("no token");
    assert_eq!(server.received().len(), 2);
    assert!(error.to_string().contains("use_dpop_nonce"), "{error}");
}

#[test]
fn a_client_without_a_key_sends_no_proof_and_repeats_nothing() {
    let server = Scripted::start();
    let client = server.client("secret");
    server.answer(token_nonce("one"));
    client.client_credentials("a").expect_err("no token");
    server.answer(api_nonce("one"));
    let answer = client.call(&format!("{}/orders", server.url), "access");
    let (status, challenge, _) = answer.expect("a response");
    assert_eq!(
        (status, &*challenge),
        (401, r#"DPoP error="use_dpop_nonce", algs="ES256""#)
    );
    let [token, api] = &server.received()[..] else {
        panic!("expected two requests");
    };
    assert_eq!(token.header("Authorization"), "Basic c2hvcDpzZWNyZXQ=");
    assert_eq!(api.header("Authorization"), "Bearer access");
    assert_eq!((token.header("DPoP"), api.header("DPoP")), ("", ""));
}

#[test]
fn the_type_of_a_token_must_be_that_of_the_client() {
    let server = Scripted::start();
    let (bearer, bound) = (server.client("s"), server.client("s").dpop(prover()));
    for (client, kind, found) in [
        (&bearer, "Bearer", Ok("access")),
        (&bearer, "bearer", Ok("access")),
        (
            &bearer,
            "DPoP",
            Err(r#"expected a token of type Bearer, found "dpop""#),
        ),
        (&bound, "DPoP", Ok("access")),
        (
            &bound,
            "Bearer",
            Err(r#"expected a token of type DPoP, found "bearer""#),
        ),
    ] {
        server.answer_tokens(kind, None);
        let result = client
            .client_credentials("a")
            .map_err(|error| error.to_string());
        assert_eq!(result.as_deref().map_err(|error| &**error), found, "{kind}");
    }
}

#[test]
fn a_refresh_token_stays_if_there_is_no_new_one() {
    let server = Scripted::start();
    let client = server.client("s");
    for (answered, expected) in [(Some("new"), "new"), (None, "old")] {
        server.answer_tokens("Bearer", answered);
        let tokens = client.refresh("old".into()).expect("tokens");
        assert_eq!(tokens.refresh.as_deref(), Some(expected));
    }
}

#[test]
fn tokens_may_have_no_refresh_token() {
    let server = Scripted::start();
    let client = server.client("s");
    for refresh in [None, Some("refresh")] {
        server.answer_tokens("Bearer", refresh);
        let pending = client.authorize("a").expect("a URL");
        let tokens = client.redeem(pending, "code".into()).expect("tokens");
        assert_eq!(
            (&*tokens.access, tokens.refresh.as_deref()),
            ("access", refresh)
        );
    }
}

#[test]
fn endpoints_come_from_metadata_and_are_secure() {
    let server = Scripted::start();
    let new = || {
        let client = Client::new(&server.url, "shop", "s", REDIRECT_URI);
        let pending = client.and_then(|client| client.authorize("a"));
        pending.map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(new(), Ok(()));
    let secure = "expected an https URL, or an http URL of this machine, found";
    for (name, value, expected) in [
        (
            "authorization_endpoint",
            Value::Null,
            "has no `authorization_endpoint`",
        ),
        ("token_endpoint", Value::Null, "has no `token_endpoint`"),
        (
            "authorization_endpoint",
            json!("javascript:alert(1)"),
            secure,
        ),
        (
            "authorization_endpoint",
            json!("http://issuer.example/"),
            secure,
        ),
        (
            "token_endpoint",
            json!("http://issuer.example/token"),
            secure,
        ),
        (
            "issuer",
            json!("https://other.example"),
            "expected metadata of",
        ),
    ] {
        server.metadata(&[(name, value)]);
        let error = new().expect_err(name);
        assert!(error.contains(expected), "{name}: {error}");
    }
    // Paths are not assumed.
    let other = format!("{}/oauth/v2/token", server.url);
    server.metadata(&[("token_endpoint", other.into())]);
    server.answer_tokens("Bearer", None);
    server.client("s").client_credentials("a").expect("a token");
    assert_eq!(
        server.received().pop().expect("a request").path,
        "/oauth/v2/token"
    );
}

#[test]
fn client_credentials_need_no_authorization_endpoint() {
    let server = Scripted::start();
    for endpoint in [Value::Null, json!("http://issuer.example/")] {
        server.metadata(&[("authorization_endpoint", endpoint)]);
        let client = server.client("s");
        client.authorize("a").map(|_| ()).expect_err("no endpoint");
        server.answer_tokens("Bearer", None);
        client.client_credentials("a").expect("a token");
    }
}

#[test]
fn a_response_needs_the_state_and_the_issuer_of_its_request() {
    let server = Scripted::start();
    for promises in [false, true] {
        let name = "authorization_response_iss_parameter_supported";
        server.metadata(&[(name, promises.into())]);
        let client = server.client("s");
        let pending = client.authorize("a").expect("a URL");
        let state = query(&pending.url, "state");
        let iss = ("iss", &*server.url);
        let check = |parameters: &[(&str, &str)]| {
            let url = Url::parse_with_params(REDIRECT_URI, parameters).expect("a URL");
            client
                .code(&pending, &url)
                .map_err(|error| error.to_string())
        };
        let state = ("state", &*state);
        let code = ("code", "c");
        let found = |error: &str| Err(error.to_owned());
        let other_state = found("`state` is not that of the request");
        let other_issuer = found("`iss` is not the authorization server");
        let no_code = found("the response has no code");
        assert_eq!(check(&[state, iss, code]), Ok("c".into()));
        let without = if promises {
            other_issuer.clone()
        } else {
            Ok("c".into())
        };
        assert_eq!(check(&[state, code]), without, "{promises}");
        for (parameters, expected) in [
            (&[iss, code][..], &other_state),
            (&[("state", "x"), iss, code], &other_state),
            (&[state, state, iss, code], &other_state),
            (
                &[state, ("iss", "https://other.example"), code],
                &other_issuer,
            ),
            (&[state, iss, iss, code], &other_issuer),
            (&[state, iss], &no_code),
            (&[state, iss, code, code], &no_code),
            (
                &[state, iss, code, ("error", "a"), ("error", "b")],
                &no_code,
            ),
            (
                &[state, iss, ("error", "access_denied")],
                &found("access_denied"),
            ),
            (
                &[state, iss, code, ("error", "access_denied")],
                &found("access_denied"),
            ),
            (&[state, iss, ("error", "\u{1b}[2J")], &found("\\u{1b}[2J")),
            (
                &[state, iss, ("error", &"a".repeat(1_000))],
                &found(&"a".repeat(100)),
            ),
        ] {
            assert_eq!(&check(parameters), expected, "{parameters:?}");
        }
    }
}

#[test]
fn a_request_with_a_key_binds_its_code() {
    let server = Scripted::start();
    let prover = prover();
    let thumbprint = prover.thumbprint().to_owned();
    let pending = server
        .client("s")
        .dpop(prover)
        .authorize("a b")
        .expect("a URL");
    assert_eq!(query(&pending.url, "dpop_jkt"), thumbprint);
    assert_eq!(query(&pending.url, "scope"), "a b");
    assert_eq!(query(&pending.url, "code_challenge_method"), "S256");
    let pending = server.client("s").authorize("").expect("a URL");
    assert_eq!(query(&pending.url, "dpop_jkt"), "");
    assert_eq!(query(&pending.url, "scope"), "");
}

#[test]
fn a_resource_is_in_each_request_of_the_issuer() {
    let server = Scripted::start();
    let resource = "https://api.example/a";
    for (client, expected) in [
        (server.client("s").resource(resource), Some(resource)),
        (server.client("s"), None),
    ] {
        let pending = client.authorize("a").expect("a URL");
        let requested = query(&pending.url, "resource");
        assert_eq!(requested, expected.unwrap_or_default());
        for _ in 0..3 {
            server.answer_tokens("Bearer", None);
        }
        client.redeem(pending, "code".into()).expect("tokens");
        client.refresh("refresh".into()).expect("tokens");
        client.client_credentials("a").expect("a token");
        let _ = client.call(&format!("{}/orders", server.url), "access");
        let received = server.received();
        let found = received.iter().map(|request| request.field("resource"));
        let found: Vec<_> = found.collect();
        let token = expected.map(str::to_owned);
        assert_eq!(found, [token.clone(), token.clone(), token, None]);
    }
}

/// Returns a parameter of a URL. Empty if it is absent.
fn query(url: &Url, name: &str) -> String {
    let mut pairs = url.query_pairs();
    let pair = pairs.find(|(key, _)| key == name);
    pair.map_or_else(String::new, |(_, value)| value.into_owned())
}
