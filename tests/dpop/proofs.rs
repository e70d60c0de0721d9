//! The rules of RFC 9449 §4.3, each with a valid twin.

use std::time::Duration;

use jwt_ring::oauth::dpop::{DpopError, Request};
use jwt_ring::replay::{ReplayError, ReplayGuard};
use jwt_ring::{Algorithm, Claim, KeyError, NumericDate, SigningKey};
use serde_json::{Value, json};

use crate::support::{self, NOW, errors, forge};
use crate::{URI, claims, header, proof, proof_error, proofs, verify, with, without};

#[track_caller]
fn accepted(header: &Value, claims: &Value) {
    verify(&proofs(), &proof(header, claims)).expect("a valid proof");
}

#[track_caller]
fn rejected(header: &Value, claims: &Value) -> String {
    proof_error(verify(&proofs(), &proof(header, claims)))
}

fn mismatch(claim: Claim) -> String {
    errors::mismatch(claim, &[])
}

#[test]
fn there_is_exactly_one_proof() {
    let one = proof(&header(), &claims());
    let verify = |values: &[&str]| {
        let request = Request::new("GET", URI).dpop(values.iter().copied());
        proofs().verify(&request).map(drop)
    };
    assert_eq!(verify(&[&one]), Ok(()));
    assert_eq!(verify(&[]), Err(DpopError::NoProof));
    assert_eq!(verify(&[&one, &one]), Err(DpopError::SeveralProofs));
    // Two headers that were joined.
    let joined = format!("{one}, {one}");
    assert_eq!(proof_error(verify(&[&joined])), errors::segments(5));
    let request = Request::new("GET", URI).dpop([&[0xff][..]]);
    let result = proofs().verify(&request).map(drop);
    assert_eq!(result, Err(DpopError::InvalidRequest));
    let request = Request::new("GET", URI).dpop([&one]).dpop([&one]);
    let result = proofs().verify(&request).map(drop);
    assert_eq!(result, Err(DpopError::SeveralProofs));
}

#[test]
fn typ_must_be_that_of_proofs() {
    for typ in ["dpop+jwt", "DPoP+JWT", "application/dpop+jwt"] {
        accepted(&with(header(), "typ", typ), &claims());
    }
    for typ in ["JWT", "at+jwt", "dpop"] {
        let expected = errors::typ_mismatch(&["dpop+jwt"]);
        assert_eq!(rejected(&with(header(), "typ", typ), &claims()), expected);
    }
    let expected = errors::typ_mismatch(&["dpop+jwt"]);
    assert_eq!(rejected(&without(header(), "typ"), &claims()), expected);
}

#[test]
fn alg_must_be_asymmetric_and_allowed() {
    for algorithm in support::ALGORITHMS {
        let key = support::signing_key(algorithm);
        let mut header = json!({ "typ": "dpop+jwt", "alg": algorithm.name() });
        header["jwk"] = serde_json::to_value(key.verifying_key()).unwrap_or_default();
        let is_hmac = algorithm.name().starts_with("HS");
        if is_hmac {
            header["jwk"] = json!({ "kty": "oct", "k": support::encode([7; 64]) });
        }
        let proof = forge(&key, header.to_string(), claims().to_string());
        let result = verify(&proofs(), &proof);
        match is_hmac {
            true => assert_eq!(
                proof_error(result),
                errors::algorithm_not_allowed(algorithm)
            ),
            false => assert_eq!(result, Ok(()), "{algorithm}"),
        }
        // HMAC cannot be allowed.
        let all = proofs().algorithms(support::ALGORITHMS);
        assert_eq!(verify(&all, &proof).is_ok(), !is_hmac);
        let others = support::ALGORITHMS
            .into_iter()
            .filter(|one| *one != algorithm);
        let result = verify(&proofs().algorithms(others), &proof);
        assert_eq!(
            proof_error(result),
            errors::algorithm_not_allowed(algorithm)
        );
    }
    let none = forge(
        &crate::client_key(),
        r#"{"typ":"dpop+jwt","alg":"none"}"#,
        "{}",
    );
    let expected = errors::unsupported_algorithm();
    assert_eq!(proof_error(verify(&proofs(), &none)), expected);
}

#[test]
fn jwk_must_be_the_public_key_of_the_signature() {
    let verify = |header: &Value| verify(&proofs(), &proof(header, &claims()));
    assert_eq!(verify(&header()), Ok(()));
    assert_eq!(verify(&without(header(), "jwk")), Err(DpopError::NoKey));
    let wrong_kind = |result: Result<(), DpopError>| {
        let Err(DpopError::Key(KeyError::WrongKind { found, .. })) = result else {
            panic!("expected a wrong kind, found {result:?}");
        };
        found
    };
    for name in ["d", "p", "q", "dp", "dq", "qi", "k"] {
        let mut private = header();
        private["jwk"][name] = support::encode([7; 32]).into();
        assert_eq!(wrong_kind(verify(&private)), "a private or symmetric key");
    }
    let another = SigningKey::generate(Algorithm::ES256)
        .expect("a key")
        .verifying_key();
    let another = serde_json::to_value(another).expect("a JWK");
    let result = verify(&with(header(), "jwk", another));
    assert_eq!(proof_error(result), errors::invalid_signature());
    let ed25519 = SigningKey::generate(Algorithm::EdDSA)
        .expect("a key")
        .verifying_key();
    let ed25519 = serde_json::to_value(ed25519).expect("a JWK");
    let Err(DpopError::Key(KeyError::WrongAlgorithm { .. })) =
        verify(&with(header(), "jwk", ed25519))
    else {
        panic!("expected another algorithm");
    };
    for jwk in [
        json!("text"),
        json!(null),
        json!([]),
        json!({}),
        json!({ "kty": "EC" }),
    ] {
        let Err(DpopError::Key(_)) = verify(&with(header(), "jwk", jwk.clone())) else {
            panic!("expected an error of the key: {jwk}");
        };
    }
    // Twice in the header, and a member twice in the key.
    let text = header().to_string();
    let twice = text.replacen("{", r#"{"jwk":{},"#, 1);
    let twice = forge(&crate::client_key(), twice, claims().to_string());
    let expected = errors::malformed_header("has two members of the same name");
    assert_eq!(proof_error(crate::verify(&proofs(), &twice)), expected);
    let twice = text.replacen(r#""kty":"EC""#, r#""kty":"EC","kty":"EC""#, 1);
    let twice = forge(&crate::client_key(), twice, claims().to_string());
    let Err(DpopError::Key(KeyError::Malformed { reason, .. })) = crate::verify(&proofs(), &twice)
    else {
        panic!("expected a malformed key");
    };
    assert_eq!(reason, "has two members of the same name");
    // A pointer to a key is not followed.
    let jku = with(without(header(), "jwk"), "jku", "https://evil.example/jwks");
    assert_eq!(verify(&jku), Err(DpopError::NoKey));
}

#[test]
fn all_claims_are_required() {
    for claim in [Claim::IssuedAt, Claim::JwtId, Claim::Htm, Claim::Htu] {
        accepted(&header(), &claims());
        let result = rejected(&header(), &without(claims(), claim.name()));
        assert_eq!(result, errors::missing(claim));
        for value in [json!(null), json!(["1"]), json!({})] {
            let result = rejected(&header(), &with(claims(), claim.name(), value));
            assert_eq!(result, errors::wrong_type(claim));
        }
    }
    for claim in [Claim::Nonce, Claim::Ath] {
        accepted(&header(), &with(claims(), claim.name(), "text"));
        let result = rejected(&header(), &with(claims(), claim.name(), 1));
        assert_eq!(result, errors::wrong_type(claim));
    }
}

#[test]
fn other_claims_are_accepted_and_exp_and_nbf_honoured() {
    accepted(&header(), &with(claims(), "aud", "https://api.example"));
    accepted(&header(), &with(claims(), "bh", "Zm9v"));
    accepted(&header(), &with(claims(), "exp", NOW + 1));
    let result = rejected(&header(), &with(claims(), "exp", NOW));
    assert_eq!(result, errors::expired(NOW, NOW));
    accepted(&header(), &with(claims(), "nbf", NOW));
    let result = rejected(&header(), &with(claims(), "nbf", NOW + 1));
    assert_eq!(result, errors::not_yet_valid(NOW + 1, NOW));
}

#[test]
fn jti_has_1_to_256_bytes() {
    for length in [1, 256] {
        accepted(&header(), &with(claims(), "jti", "a".repeat(length)));
    }
    for length in [0, 257] {
        let result = rejected(&header(), &with(claims(), "jti", "a".repeat(length)));
        assert_eq!(result, mismatch(Claim::JwtId));
    }
    // Bytes, not characters.
    let result = rejected(&header(), &with(claims(), "jti", "é".repeat(129)));
    assert_eq!(result, mismatch(Claim::JwtId));
}

#[test]
fn htm_is_the_method_exactly() {
    for method in ["get", "POST", "GET ", ""] {
        let result = rejected(&header(), &with(claims(), "htm", method));
        assert_eq!(result, mismatch(Claim::Htm), "{method}");
    }
    let request = Request::new("PURGE", URI);
    let proof = proof(&header(), &with(claims(), "htm", "PURGE"));
    assert!(proofs().verify(&request.dpop([&proof])).is_ok());
}

#[test]
fn htu_is_the_uri_after_normalization() {
    for htu in [
        "https://api.example/orders?page=2#top",
        "HTTPS://API.EXAMPLE:443/%6frders",
        "https://api.example/a/../orders",
    ] {
        accepted(&header(), &with(claims(), "htu", htu));
    }
    for htu in [
        "",
        "/orders",
        "http://api.example/orders",
        "https://api.example:8443/orders",
        "https://api.example/orders/",
        "https://api.example/Orders",
        "https://api.example/",
        "https://me@api.example/orders",
        "https://api.example.evil.example/orders",
        "https://api.example/orders%2F",
    ] {
        let result = rejected(&header(), &with(claims(), "htu", htu));
        assert_eq!(result, mismatch(Claim::Htu), "{htu}");
    }
    let proof = proof(&header(), &claims());
    let verify = |uri| {
        proofs()
            .verify(&Request::new("GET", uri).dpop([&proof]))
            .map(drop)
    };
    assert_eq!(verify("https://API.example/orders?page=2"), Ok(()));
    for uri in [
        "/orders",
        "api.example/orders",
        "https://me@api.example/orders",
    ] {
        assert_eq!(verify(uri), Err(DpopError::InvalidUri), "{uri}");
    }
}

#[test]
fn iat_is_inside_the_window_on_both_sides() {
    for (window, proofs) in [
        (60, proofs()),
        (5, proofs().window(Duration::from_secs(5))),
        (0, proofs().window(Duration::ZERO)),
    ] {
        for offset in [-window, 0, window] {
            let proof = proof(&header(), &with(claims(), "iat", NOW + offset));
            assert_eq!(verify(&proofs, &proof), Ok(()), "{offset}");
        }
        let at = NOW + window + 1;
        let future = proof(&header(), &with(claims(), "iat", at));
        let found = proof_error(verify(&proofs, &future));
        assert_eq!(found, errors::issued_in_future(at, NOW));
        let at = NOW - window - 1;
        let past = proof(&header(), &with(claims(), "iat", at));
        let found = proof_error(verify(&proofs, &past));
        assert_eq!(found, errors::too_old(Claim::IssuedAt, at, NOW));
    }
}

#[test]
fn a_proof_is_used_once_until_the_end_of_its_window() {
    let guard = ReplayGuard::new(10);
    let clock = support::clock();
    let proofs = crate::ProofVerifier::new().clock(clock.clone());
    let first_use = |proof: &str| {
        let request = Request::new("GET", URI).dpop([proof]);
        let verified = proofs.verify(&request).expect("a valid proof");
        verified.first_use(&guard).map(drop)
    };
    let one = proof(&header(), &claims());
    assert_eq!(first_use(&one), Ok(()));
    assert_eq!(first_use(&one), Err(ReplayError::Replayed));
    // The same `jti` by another key is another proof.
    let key = SigningKey::generate(Algorithm::ES256).expect("a key");
    let jwk = serde_json::to_value(key.verifying_key()).expect("a JWK");
    let header_of_other = with(header(), "jwk", jwk).to_string();
    let other = forge(&key, header_of_other, claims().to_string());
    assert_eq!(first_use(&other), Ok(()));
    // The same `jti` again is the same proof, also with other claims.
    let resigned = proof(&header(), &with(claims(), "iat", NOW + 1));
    assert_eq!(first_use(&resigned), Err(ReplayError::Replayed));
    // At the last moment at which it is valid.
    clock.set(NumericDate::from_seconds(NOW + 60));
    assert_eq!(first_use(&one), Err(ReplayError::Replayed));
    let request = Request::new("GET", URI).dpop([&one]);
    let key = *proofs.verify(&request).expect("a valid proof").replay_key();
    assert_eq!(key.expiration(), NumericDate::from_seconds(NOW + 61));
    // Afterwards, the `jti` is free.
    clock.set(NumericDate::from_seconds(NOW + 61));
    assert_eq!(
        first_use(&proof(&header(), &with(claims(), "iat", NOW + 61))),
        Ok(())
    );
}

#[test]
fn the_window_is_exact_to_the_nanosecond() {
    let with_iat = |iat: String| {
        let text = claims().to_string().replace(&NOW.to_string(), &iat);
        forge(&crate::client_key(), header().to_string(), text)
    };
    let accepted = [
        format!("{}.0", NOW + 60),
        format!("{}.999999999", NOW - 61 + 1),
    ];
    for iat in accepted {
        assert_eq!(verify(&proofs(), &with_iat(iat)), Ok(()));
    }
    for iat in [
        format!("{}.000000001", NOW + 60),
        format!("{}.999999999", NOW - 61),
    ] {
        let error = proof_error(verify(&proofs(), &with_iat(iat)));
        assert!(
            error.starts_with("IssuedInFuture") || error.starts_with("TooOld"),
            "{error}"
        );
    }
}

#[test]
fn the_private_members_are_found_in_a_jwk_with_an_id_too() {
    let mut private = header();
    private["jwk"]["kid"] = "1".into();
    assert_eq!(verify(&proofs(), &proof(&private, &claims())), Ok(()));
    private["jwk"]["d"] = support::encode([7; 32]).into();
    let Err(DpopError::Key(KeyError::WrongKind { .. })) =
        verify(&proofs(), &proof(&private, &claims()))
    else {
        panic!("expected a wrong kind");
    };
}

#[test]
fn the_method_is_compared_for_every_method() {
    for method in ["GET", "POST", "OPTIONS"] {
        let verify = |htm: &str| {
            let proof = proof(&header(), &with(claims(), "htm", htm));
            proofs()
                .verify(&Request::new(method, URI).dpop([&proof]))
                .map(drop)
        };
        assert_eq!(verify(method), Ok(()));
        for htm in ["", "PUT", &method.to_lowercase()] {
            assert_eq!(proof_error(verify(htm)), mismatch(Claim::Htm));
        }
    }
}

#[test]
fn a_proof_has_at_most_8_kib() {
    let long = |length: usize| proof(&header(), &with(claims(), "x", "a".repeat(length)));
    let base = long(0).len();
    let length = (8 * 1024 - base) * 3 / 4 - 3;
    assert!(long(length).len() > 8 * 1024 - 8);
    assert_eq!(verify(&proofs(), &long(length)), Ok(()));
    let longer = long(length + 6);
    let expected = errors::too_large(8 * 1024, longer.len());
    assert_eq!(proof_error(verify(&proofs(), &longer)), expected);
}
