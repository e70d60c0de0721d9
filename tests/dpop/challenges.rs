//! Answers to rejected requests (RFC 9449 §7.1, §9).

use jwt_ring::oauth::bearer::{Challenge, Rejection};
use jwt_ring::oauth::dpop::{DpopError, ProofVerifier, Request};
use jwt_ring::replay::ReplayError;
use jwt_ring::{Algorithm, Claim, VerifyError};

use crate::{URI, claims, header, proof};

#[test]
fn each_error_has_a_rejection_and_a_code() {
    let missing = VerifyError::Missing(Claim::Htu);
    let key = proofs_key_error();
    for (error, code, rejection) in [
        (DpopError::NoToken, "no_token", Rejection::NoToken),
        (
            DpopError::InvalidRequest,
            "invalid_request",
            Rejection::InvalidRequest,
        ),
        (DpopError::InvalidUri, "dpop_uri", Rejection::InvalidRequest),
        (
            DpopError::NoProof,
            "dpop_no_proof",
            Rejection::InvalidDpopProof,
        ),
        (
            DpopError::SeveralProofs,
            "dpop_several_proofs",
            Rejection::InvalidDpopProof,
        ),
        (DpopError::NoKey, "dpop_no_key", Rejection::InvalidDpopProof),
        (key, "dpop_key", Rejection::InvalidDpopProof),
        (
            DpopError::NonceRequired,
            "dpop_nonce_required",
            Rejection::UseDpopNonce,
        ),
        (
            DpopError::Proof(missing.clone()),
            "dpop_proof",
            Rejection::InvalidDpopProof,
        ),
        (
            DpopError::Token(missing),
            "missing",
            Rejection::InvalidToken { expired: false },
        ),
        (
            ReplayError::Replayed.into(),
            "replayed",
            Rejection::InvalidDpopProof,
        ),
        (
            ReplayError::Expired.into(),
            "replay_expired",
            Rejection::InvalidDpopProof,
        ),
        (
            ReplayError::Full.into(),
            "replay_full",
            Rejection::ReplayCheckUnavailable,
        ),
    ] {
        assert_eq!(error.code(), code);
        assert_eq!(Rejection::from(&error), rejection, "{error:?}");
        assert_eq!(Rejection::from(error), rejection);
    }
}

fn proofs_key_error() -> DpopError {
    let proof = proof(&crate::with(header(), "jwk", 1), &claims());
    let request = Request::new("GET", URI).dpop([&proof]);
    let result = crate::proofs().verify(&request).map(drop);
    result.expect_err("no key")
}

#[test]
fn a_challenge_names_the_scheme_the_algorithms_and_the_error() {
    let challenge = Challenge::new("api").dpop([Algorithm::ES256, Algorithm::PS256]);
    for (rejection, status, expected) in [
        (Rejection::NoToken, 401, ""),
        (
            Rejection::InvalidToken { expired: false },
            401,
            r#", error="invalid_token""#,
        ),
        (
            Rejection::InvalidDpopProof,
            401,
            r#", error="invalid_dpop_proof""#,
        ),
        (Rejection::UseDpopNonce, 401, r#", error="use_dpop_nonce""#),
    ] {
        assert_eq!(rejection.status(), status);
        let expected = format!(r#"DPoP realm="api", algs="ES256 PS256"{expected}"#);
        assert_eq!(challenge.header(&rejection), Some(expected));
    }
    assert_eq!(challenge.header(&Rejection::ReplayCheckUnavailable), None);
}

#[test]
fn the_default_algorithms_are_all_but_hmac() {
    let proofs = ProofVerifier::new();
    let names: Vec<_> = proofs
        .supported_algorithms()
        .iter()
        .map(|one| one.name())
        .collect();
    let expected = "ES256 ES384 Ed25519 EdDSA PS256 PS384 PS512 RS256 RS384 RS512";
    assert_eq!(names.join(" "), expected);
}

#[test]
fn hmac_is_not_advertised() {
    let proofs = ProofVerifier::new().algorithms([Algorithm::HS256, Algorithm::ES256]);
    assert_eq!(proofs.supported_algorithms(), [Algorithm::ES256]);
    assert_eq!(
        ProofVerifier::new().algorithms([]).supported_algorithms(),
        []
    );
}

#[test]
fn debug_shows_no_credentials() {
    let token = proof(&header(), &claims());
    let authorization = format!("DPoP {token}");
    let request = Request::new("GET", URI)
        .authorization([&authorization])
        .dpop([&token]);
    let debug = format!("{request:?}");
    assert_eq!(
        debug,
        format!("Request {{ method: \"GET\", uri: {URI:?}, .. }}")
    );
    let uri = format!("{URI}?access_token=secret");
    assert_eq!(format!("{:?}", Request::new("GET", &uri)), debug);
}
