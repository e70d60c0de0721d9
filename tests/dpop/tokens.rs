//! Access tokens with their proofs (RFC 9449 §7).

use jwt_ring::oauth::access_token::AccessTokenClaims;
use jwt_ring::oauth::bearer::{self, Rejection};
use jwt_ring::oauth::dpop::{DpopError, Request, Verifier};
use jwt_ring::replay::{ReplayError, ReplayGuard};
use jwt_ring::{Algorithm, Claim, SigningKey, VerifyError};
use serde_json::{Value, json};

use crate::support::{NOW, clock, errors, forge};
use crate::{API, ISSUER, URI, access_tokens, claims, header, prover, verifier, with};

fn issuer_key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

/// An access token with this `cnf`.
fn token(confirmation: Value) -> String {
    let mut payload = json!({
        "iss": ISSUER, "exp": NOW + 60, "aud": API, "sub": "user-42", "client_id": "web-shop",
        "iat": NOW, "jti": "1",
    });
    if !confirmation.is_null() {
        payload["cnf"] = confirmation;
    }
    forge(
        &issuer_key(),
        r#"{"alg":"HS256","typ":"at+jwt"}"#,
        payload.to_string(),
    )
}

fn bound_token() -> String {
    token(json!({ "jkt": prover().thumbprint() }))
}

fn verify_with(scheme: &str, token: &str, proof: &str) -> Result<String, DpopError> {
    let authorization = format!("{scheme} {token}");
    let request = Request::new("GET", URI)
        .authorization([&authorization])
        .dpop([proof]);
    let result = verifier().verify::<AccessTokenClaims>(&request, &issuer_key().verifying_key());
    result.map(|token| token.without_replay_check().into_claims().subject)
}

fn verify(token: &str) -> Result<String, DpopError> {
    let proof = prover()
        .proof("GET", URI, Some(token), None)
        .expect("a proof");
    verify_with("DPoP", token, &proof)
}

#[test]
fn a_token_is_accepted_with_a_proof_by_its_key() {
    assert_eq!(verify(&bound_token()).as_deref(), Ok("user-42"));
    let mismatch = errors::mismatch(Claim::Confirmation, &[]);
    let error = |result: Result<String, DpopError>| match result {
        Err(DpopError::Token(error)) => errors::text(&error),
        other => panic!("expected an error of the token, found {other:?}"),
    };
    // Members that are not understood are ignored.
    let with_others = json!({ "jkt": prover().thumbprint(), "other": 1 });
    assert_eq!(verify(&token(with_others)).as_deref(), Ok("user-42"));
    let other = SigningKey::generate(Algorithm::ES256).expect("a key");
    let other = other.verifying_key().thumbprint().expect("a thumbprint");
    for confirmation in [
        json!({ "jkt": other }),
        json!({ "x5t#S256": prover().thumbprint() }),
        json!({ "jkt": [prover().thumbprint()] }),
        json!({ "jkt": "" }),
        // Bound to a certificate as well, which is not checked.
        json!({ "jkt": prover().thumbprint(), "x5t#S256": prover().thumbprint() }),
        json!({}),
    ] {
        assert_eq!(
            error(verify(&token(confirmation.clone()))),
            mismatch,
            "{confirmation}"
        );
    }
    assert_eq!(
        error(verify(&token(Value::Null))),
        errors::missing(Claim::Confirmation)
    );
    assert_eq!(
        error(verify(&token(json!("jkt")))),
        errors::wrong_type(Claim::Confirmation)
    );
}

#[test]
fn the_scheme_is_dpop_and_a_bound_token_is_no_bearer_token() {
    let token = bound_token();
    let proof = prover()
        .proof("GET", URI, Some(&token), None)
        .expect("a proof");
    assert!(verify_with("DPoP", &token, &proof).is_ok());
    assert!(verify_with("dpop", &token, &proof).is_ok());
    for scheme in ["Bearer", "Basic", "DPoP,"] {
        assert_eq!(
            verify_with(scheme, &token, &proof),
            Err(DpopError::NoToken),
            "{scheme}"
        );
    }
    let keys = issuer_key().verifying_key();
    let result = access_tokens().verify::<Value>(&token, &keys);
    let expected = VerifyError::Unexpected(Claim::Confirmation);
    assert_eq!(result.map(drop), Err(expected));
    let value = format!("DPoP {token}");
    assert_eq!(bearer::token([&value]), Err(Rejection::NoToken));

    let request = Request::new("GET", URI).dpop([&proof]);
    let result = verifier().verify::<Value>(&request, &keys).map(drop);
    assert_eq!(result, Err(DpopError::NoToken));
    let both = [value.clone(), value];
    let [one, other] = &both;
    let twice = Request::new("GET", URI)
        .authorization([one])
        .authorization([other])
        .dpop([&proof]);
    let result = verifier().verify::<Value>(&twice, &keys).map(drop);
    assert_eq!(result, Err(DpopError::InvalidRequest));
    let request = Request::new("GET", URI).authorization(&both).dpop([&proof]);
    let result = verifier().verify::<Value>(&request, &keys).map(drop);
    assert_eq!(result, Err(DpopError::InvalidRequest));
}

#[test]
fn ath_is_the_hash_of_the_token() {
    let token = bound_token();
    let verify = |claims: Value| {
        let proof = crate::proof(&header(), &claims);
        verify_with("DPoP", &token, &proof).map(drop)
    };
    let other = prover()
        .proof("GET", URI, Some("other"), None)
        .expect("a proof");
    let mismatch = errors::mismatch(Claim::Ath, &[]);
    assert_eq!(
        crate::proof_error(verify_with("DPoP", &token, &other).map(drop)),
        mismatch
    );
    assert_eq!(
        crate::proof_error(verify(claims())),
        errors::missing(Claim::Ath)
    );
    let result = verify(with(claims(), "ath", token.as_str()));
    assert_eq!(crate::proof_error(result), mismatch);
}

#[test]
fn the_token_is_verified_like_any_access_token() {
    let token = bound_token();
    let expired = access_tokens().map_verifier(|verifier| {
        let clock = clock();
        clock.advance(std::time::Duration::from_secs(60));
        verifier.clock(clock)
    });
    let proof = prover()
        .proof("GET", URI, Some(&token), None)
        .expect("a proof");
    let authorization = format!("DPoP {token}");
    let request = Request::new("GET", URI)
        .authorization([&authorization])
        .dpop([&proof]);
    let verifier = Verifier::new(expired).proofs(crate::proofs());
    let keys = issuer_key().verifying_key();
    let error = verifier
        .verify::<Value>(&request, &keys)
        .map(drop)
        .expect_err("an expired token");
    let DpopError::Token(VerifyError::Expired { .. }) = &error else {
        panic!("expected an expired token, found {error:?}");
    };
    assert_eq!(
        Rejection::from(&error),
        Rejection::InvalidToken { expired: true }
    );
    // An invalid proof is reported before the token.
    let request = Request::new("POST", URI)
        .authorization([&authorization])
        .dpop([&proof]);
    let result = verifier.verify::<Value>(&request, &keys).map(drop);
    assert_eq!(
        crate::proof_error(result),
        errors::mismatch(Claim::Htm, &[])
    );
}

#[test]
fn replay_is_checked_last_and_a_rejected_request_uses_nothing_up() {
    let guard = ReplayGuard::new(1);
    let (token, keys) = (bound_token(), issuer_key().verifying_key());
    let proof = prover()
        .proof("GET", URI, Some(&token), None)
        .expect("a proof");
    let authorization = format!("DPoP {token}");
    let request = Request::new("GET", URI)
        .authorization([&authorization])
        .dpop([&proof]);
    let use_once = |verifier: &Verifier| {
        let token = verifier.verify::<Value>(&request, &keys)?;
        Ok::<_, DpopError>(token.first_use(&guard).map(drop)?)
    };
    let elsewhere = jwt_ring::oauth::access_token::Verifier::new(ISSUER, "https://other.example")
        .map_verifier(|verifier| verifier.clock(clock()));
    let elsewhere = Verifier::new(elsewhere).proofs(crate::proofs());
    assert!(matches!(use_once(&elsewhere), Err(DpopError::Token(_))));
    assert_eq!(use_once(&verifier()), Ok(()));
    assert_eq!(
        use_once(&verifier()),
        Err(DpopError::Replay(ReplayError::Replayed))
    );
}

#[test]
fn a_cached_token_needs_a_proof_each_time() {
    let verifier =
        Verifier::new(access_tokens().cached::<AccessTokenClaims>(10)).proofs(crate::proofs());
    let (token, keys) = (bound_token(), issuer_key().verifying_key());
    let authorization = format!("DPoP {token}");
    let verify = |proof: &str| {
        let request = Request::new("GET", URI)
            .authorization([&authorization])
            .dpop([proof]);
        verifier
            .verify(&request, &keys)
            .map(jwt_ring::replay::OneTime::without_replay_check)
    };
    let prove = || {
        prover()
            .proof("GET", URI, Some(&token), None)
            .expect("a proof")
    };
    let first = verify(&prove()).expect("a valid token");
    let again = verify(&prove()).expect("a valid token");
    assert!(std::sync::Arc::ptr_eq(&first, &again));
    let thief =
        jwt_ring::oauth::dpop::Prover::new(SigningKey::generate(Algorithm::ES256).expect("a key"));
    let thief = thief.expect("a prover").clock(clock());
    let stolen = thief
        .proof("GET", URI, Some(&token), None)
        .expect("a proof");
    let error = verify(&stolen).map(drop).expect_err("another key");
    let DpopError::Token(VerifyError::Mismatch {
        claim: Claim::Confirmation,
        ..
    }) = error
    else {
        panic!("expected another key, found {error:?}");
    };
}

#[test]
fn a_proof_is_no_other_token_and_no_other_token_is_a_proof() {
    use jwt_ring::Verifier as Core;
    use jwt_ring::oauth::{
        client_assertion, id_token, identity_assertion, logout_token, security_event,
    };

    // One key signs all kinds, and each has the claims and the `jwk` of a proof and of the others.
    let key = crate::client_key();
    let keys = key.verifying_key();
    let make = |typ: &str| {
        let mut payload = claims();
        for (name, value) in [
            ("iss", json!(ISSUER)),
            ("sub", json!(ISSUER)),
            ("aud", json!(API)),
            ("exp", json!(NOW + 60)),
            ("client_id", json!(ISSUER)),
            ("htu", json!(URI)),
        ] {
            payload[name] = value;
        }
        crate::proof(&with(header(), "typ", typ), &payload)
    };
    let kinds = [
        "dpop+jwt",
        "at+jwt",
        "JWT",
        "oauth-id-jag+jwt",
        "secevent+jwt",
        "client-authentication+jwt",
    ];
    for typ in kinds {
        let result = crate::verify(&crate::proofs(), &make(typ));
        match typ {
            "dpop+jwt" => assert_eq!(result, Ok(())),
            _ => assert_eq!(
                crate::proof_error(result),
                errors::typ_mismatch(&["dpop+jwt"])
            ),
        }
    }
    let proof = make("dpop+jwt");
    let at = |verifier: Core| verifier.clock(clock());
    for (kind, result) in [
        (
            "plain",
            at(Core::new())
                .audience(API)
                .verify::<Value>(&proof, &keys)
                .map(drop),
        ),
        (
            "access",
            access_tokens().verify::<Value>(&proof, &keys).map(drop),
        ),
        (
            "id",
            id_token::Verifier::new(ISSUER, API)
                .map_verifier(at)
                .verify::<Value>(&proof, &keys, None)
                .map(drop),
        ),
        (
            "logout",
            logout_token::Verifier::new(ISSUER, API)
                .map_verifier(at)
                .verify::<Value>(&proof, &keys)
                .map(drop),
        ),
        (
            "event",
            security_event::Verifier::new(ISSUER, API)
                .map_verifier(at)
                .verify::<Value>(&proof, &keys)
                .map(drop),
        ),
        (
            "client",
            client_assertion::Verifier::new(API)
                .map_verifier(at)
                .verify::<Value>(&proof, ISSUER, &keys)
                .map(drop),
        ),
        (
            "identity",
            identity_assertion::Verifier::new(ISSUER, API)
                .map_verifier(at)
                .verify::<Value>(&proof, ISSUER, &keys)
                .map(drop),
        ),
    ] {
        let Err(VerifyError::TypMismatch { .. }) = result else {
            panic!("expected another typ: {kind} {result:?}");
        };
    }
}

#[test]
fn bound_tokens_of_several_issuers() {
    let verifier = |audience: &str| {
        let access = jwt_ring::oauth::access_token::Verifier::new("replaced", audience);
        let access = access.map_verifier(|verifier| verifier.clock(clock()));
        Verifier::new(access).proofs(crate::proofs())
    };
    let keys = issuer_key().verifying_key();
    let other_key = SigningKey::from_secret(Algorithm::HS256, [8; 32]).expect("a key");
    let issuers = jwt_ring::Issuers::new()
        .trust(ISSUER, verifier(API), keys)
        .trust(
            "https://other.example",
            verifier(API),
            other_key.verifying_key(),
        );
    let verify = |token: &str| {
        let authorization = format!("DPoP {token}");
        let proof = prover()
            .proof("GET", URI, Some(token), None)
            .expect("a proof");
        let request = Request::new("GET", URI)
            .authorization([&authorization])
            .dpop([&proof]);
        let (verifier, keys) = issuers
            .select(request.access_token()?)
            .map_err(DpopError::Token)?;
        verifier.verify::<Value>(&request, keys).map(drop)
    };
    assert_eq!(verify(&bound_token()), Ok(()));
    let [header, payload, _] =
        [0, 1, 2].map(|n| bound_token().split('.').nth(n).map(str::to_owned));
    let (header, payload) = (header.expect("a header"), payload.expect("a payload"));
    let forged = crate::support::forge_segments(&other_key, &header, &payload);
    assert_eq!(
        verify(&forged),
        Err(DpopError::Token(VerifyError::InvalidSignature))
    );
}
