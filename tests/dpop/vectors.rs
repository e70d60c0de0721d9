//! Proofs of RFC 9449, and of other implementations.

use jwt_ring::oauth::access_token::AccessTokenClaims;
use jwt_ring::oauth::dpop::{DpopError, ProofVerifier, Request};
use jwt_ring::{FixedClock, KeySet, NumericDate, VerifyError};
use serde_json::{Value, json};

use crate::{proofs, verifier};

/// RFC 9449 §4.1 and §7.1: the header, the key, and two payloads with their signatures.
const HEADER: &str = "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaH\
    gtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VE\
    RWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19";
const FOR_TOKEN_REQUEST: &str = "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8v\
    c2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUv\
    wnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg";
const FOR_RESOURCE: &str = "eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdX\
    JjZS5leGFtcGxlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc0\
    5yV0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9.2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnm\
    cw6Fy1dqd-jfxSYoMxhAJpLjA";
const ACCESS_TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
/// RFC 9449 §6.1.
const THUMBPRINT: &str = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I";

fn at(seconds: i64) -> FixedClock {
    FixedClock::at(NumericDate::from_seconds(seconds))
}

#[test]
fn the_proofs_of_rfc_9449_verify() {
    let proof = format!("{HEADER}.{FOR_TOKEN_REQUEST}");
    let request = Request::new("POST", "https://server.example.com/token").dpop([&proof]);
    let proofs = proofs().clock(at(1_562_262_616));
    let verified = proofs
        .verify(&request)
        .expect("a proof")
        .without_replay_check();
    assert_eq!(verified.thumbprint, THUMBPRINT);
    assert_eq!(verified.jwt_id, "-BwC3ESc6acc2lTc");

    // The access token of §7.1 is opaque, so what is rejected is the token and not the proof.
    let proof = format!("{HEADER}.{FOR_RESOURCE}");
    let uri = "https://resource.example.org/protectedresource";
    let key = jwt_ring::SigningKey::generate(jwt_ring::Algorithm::ES256).expect("a key");
    let verify = |token: &str| {
        let authorization = format!("DPoP {token}");
        let request = Request::new("GET", uri)
            .authorization([&authorization])
            .dpop([&proof]);
        let verifier = verifier().proofs(crate::proofs().clock(at(1_562_262_618)));
        let result = verifier.verify::<Value>(&request, &key.verifying_key());
        result.map(drop).expect_err("an opaque token")
    };
    let DpopError::Token(VerifyError::MalformedHeader { .. }) = verify(ACCESS_TOKEN) else {
        panic!("expected the proof to be valid");
    };
    let DpopError::Proof(VerifyError::Mismatch { .. }) = verify("another.token.x") else {
        panic!("expected a wrong ath");
    };
}

#[test]
fn proofs_of_npm_dpop_and_jose_verify() {
    let file: Value = serde_json::from_str(include_str!("npm.json")).expect("JSON");
    let keys = KeySet::from_json(file.to_string()).expect("keys");
    let text = |case: &Value, name: &str| case[name].as_str().expect(name).to_owned();
    let cases = file["cases"].as_array().expect("cases");
    assert_eq!(cases.len(), 4);
    for case in cases {
        let clock = at(case["time"].as_i64().expect("a time"));
        let (uri, token) = (text(case, "uri"), text(case, "token"));
        let authorization = format!("DPoP {token}");
        let proofs = || proofs().clock(clock.clone());
        for name in ["proof", "by_jose"] {
            let proof = text(case, name);
            let request = Request::new("GET", &uri)
                .authorization([&authorization])
                .dpop([&proof]);
            let access = crate::access_tokens().map_verifier(|one| one.clock(clock.clone()));
            let verifier = jwt_ring::oauth::dpop::Verifier::new(access).proofs(proofs());
            let verified = verifier.verify::<AccessTokenClaims>(&request, &keys);
            let token = verified.expect(name).without_replay_check();
            assert_eq!(token.claims().client_id, "web-shop");
        }
        let proof = text(case, "for_token_request");
        let request = Request::new("POST", "https://issuer.example/token").dpop([&proof]);
        let verified = proofs()
            .verify(&request)
            .expect("a proof")
            .without_replay_check();
        assert_eq!(verified.thumbprint, text(case, "jkt"));
        assert_eq!(verified.algorithm.name(), text(case, "alg"));
    }
}

#[test]
fn the_confirmation_is_that_of_rfc_9449() {
    let proof = format!("{HEADER}.{FOR_TOKEN_REQUEST}");
    let request = Request::new("POST", "https://server.example.com/token").dpop([&proof]);
    let verifier = ProofVerifier::default().clock(at(1_562_262_616));
    let verified = verifier.verify(&request).expect("a proof");
    let confirmation = verified.without_replay_check().confirmation();
    assert_eq!(Value::Object(confirmation), json!({ "jkt": THUMBPRINT }));
}
