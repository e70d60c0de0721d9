//! The kit against a verifier with one check off.

use std::collections::HashSet;
use std::sync::Mutex;

use jwt_ring::testing::Profile::{self, AccessToken, Dpop, Plain};
use jwt_ring::testing::{InvalidToken, Issuer, TestToken, assert_rejects_all};
use jwt_ring::{Algorithm, SigningKey};

use crate::naive::{Check, Naive, Request};
use crate::{AUDIENCE, ISSUER, NOW, PROFILES, issuer, message_of};

fn naive(issuer: &Issuer, profile: Profile, off: Option<Check>) -> Naive {
    let keys = issuer.key_set();
    let entry = keys.iter().next().expect("a key");
    let algorithm = entry.algorithms()[0];
    Naive {
        profile,
        issuer: ISSUER.into(),
        audience: AUDIENCE.into(),
        key: entry.verifying_key(algorithm).expect("a key"),
        nonce: Some("n-1".into()),
        now: || NOW,
        off,
        used: Mutex::new(HashSet::new()),
    }
}

fn is_rejected(naive: &Naive, token: &TestToken) -> bool {
    let proofs: Vec<&str> = token.proofs().iter().map(String::as_str).collect();
    let request = Request {
        authorization: &token.authorization(),
        proofs: &proofs,
        method: "GET",
        uri: AUDIENCE,
    };
    naive.verify(&request).is_err()
}

/// Returns the names of the tokens that are accepted.
fn accepted(naive: &Naive, tokens: &[InvalidToken]) -> Vec<&'static str> {
    let is_accepted = |invalid: &&InvalidToken| {
        if let Some(first) = &invalid.first {
            assert!(!is_rejected(naive, first), "before {invalid}");
        }
        !is_rejected(naive, &invalid.token)
    };
    tokens
        .iter()
        .filter(is_accepted)
        .map(|invalid| invalid.name)
        .collect()
}

/// The tokens that each check alone rejects, in the first profile that has them.
const ALONE: &[(Profile, Check, &[&str])] = &[
    (
        Plain,
        Check::Segments,
        &["four segments", "five segments, as a JWE"],
    ),
    (
        Plain,
        Check::Base64,
        &[
            "padding in the header",
            "padding in the payload",
            "padding in the signature",
            "unused bits in the payload",
            "space in the payload",
            "standard base64 in the payload",
        ],
    ),
    (Plain, Check::Utf8, &["payload is not UTF-8"]),
    (
        Plain,
        Check::Object,
        &["header is an array", "payload is an array"],
    ),
    (Plain, Check::TextAfter, &["text after the payload"]),
    (
        Plain,
        Check::Duplicates,
        &[
            "`alg` twice",
            "`alg` twice, once with an escape",
            "`exp` twice, first expired",
            "`exp` twice, first expired and with an escape",
        ],
    ),
    (
        Plain,
        Check::DuplicatesFirst,
        &[
            "`alg` twice",
            "`alg` twice, once with an escape",
            "`exp` twice, last expired",
        ],
    ),
    (
        Plain,
        Check::Algorithm,
        &[
            "`alg` none",
            "`alg` nOnE",
            "`alg` none with a signature",
            "no `alg`",
            "`alg` in lower case",
            "`alg` unknown",
            "`alg` not that of the key",
            "HMAC by an empty secret",
            "HMAC by an empty secret, `kid` a path",
            "HMAC by the public key in PEM",
            "HMAC by the public key in PEM, without the last line break",
            "HMAC by the public key in DER",
        ],
    ),
    (
        Plain,
        Check::Signature,
        &[
            "signature changed",
            "signature of zeros",
            "signature shortened",
            "signature empty",
            "payload changed",
            "header changed",
            "another key with the same `kid`",
            "key in the header: `jwk`",
            "key at an address: `jku`",
            "key at an address: `x5u`",
            "key in the header: `x5c`",
        ],
    ),
    (Plain, Check::Jwk, &["key in the header: `jwk`"]),
    (Plain, Check::X5c, &["key in the header: `x5c`"]),
    (
        Plain,
        Check::Crit,
        &["`crit` with an unknown name", "`crit` empty"],
    ),
    (Plain, Check::B64, &["`b64` false"]),
    (Plain, Check::Cty, &["`cty` JWT: a nested token"]),
    (
        Plain,
        Check::Typ,
        &[
            "access token",
            "logout token",
            "security event token",
            "`typ` unknown",
        ],
    ),
    (
        Plain,
        Check::HeaderTypes,
        &["`typ` not a string", "`kid` not a string"],
    ),
    (
        Plain,
        Check::Expiration,
        &["expires now", "expired for a year"],
    ),
    (Plain, Check::ExpirationPresent, &["no `exp`"]),
    (Plain, Check::NotBefore, &["valid in 30 seconds"]),
    (
        Plain,
        Check::DateTypes,
        &[
            "`exp` null",
            "`exp` a string",
            "`nbf` null",
            "`nbf` a string",
            "`iat` a string",
        ],
    ),
    (
        Plain,
        Check::Issuer,
        &["another `iss`", "`iss` that differs by a slash"],
    ),
    (Plain, Check::IssuerPresent, &["no `iss`"]),
    (Plain, Check::IssuerType, &["`iss` null", "`iss` an array"]),
    (
        Plain,
        Check::Audience,
        &[
            "another `aud`",
            "`aud` an array of others",
            "`aud` that begins with the audience",
            "`aud` an empty array",
            "ID token for a client",
        ],
    ),
    (Plain, Check::AudiencePresent, &["no `aud`"]),
    (
        Plain,
        Check::AudienceType,
        &["`aud` an array with a number", "`aud` null"],
    ),
    (
        Plain,
        Check::StringTypes,
        &["`sub` a number", "`jti` a number"],
    ),
    (
        AccessToken,
        Check::Typ,
        &[
            "no `typ`",
            "`typ` JWT",
            "logout token",
            "security event token",
        ],
    ),
    (
        AccessToken,
        Check::Required,
        &["no `sub`", "no `client_id`", "no `iat`", "no `jti`"],
    ),
    (
        AccessToken,
        Check::ProfileTypes,
        &[
            "`client_id` a number",
            "`scope` a number",
            "`auth_time` a string",
        ],
    ),
    (
        AccessToken,
        Check::Unbound,
        &["bound to a DPoP key", "bound to a certificate"],
    ),
    (
        Dpop,
        Check::Scheme,
        &["bound token as a bearer token, with a proof"],
    ),
    (Dpop, Check::ProofPresent, &["no proof"]),
    (Dpop, Check::OneProof, &["two proofs"]),
    (
        Dpop,
        Check::ProofAlgorithm,
        &[
            "proof without a signature",
            "proof signed with HMAC by its `jwk`",
        ],
    ),
    (
        Dpop,
        Check::ProofSignature,
        &["proof by another key than its `jwk`", "proof changed"],
    ),
    (Dpop, Check::ProofKey, &["proof without `jwk`"]),
    (Dpop, Check::PrivateKey, &["proof with a private `jwk`"]),
    (
        Dpop,
        Check::ProofTyp,
        &["proof with the `typ` JWT", "proof without `typ`"],
    ),
    (
        Dpop,
        Check::Crit,
        &[
            "`crit` with an unknown name",
            "`crit` empty",
            "proof with `crit`",
        ],
    ),
    (
        Dpop,
        Check::Method,
        &["proof of another method", "proof without `htm`"],
    ),
    (
        Dpop,
        Check::Uri,
        &[
            "proof for another path",
            "proof for another host",
            "proof without `htu`",
        ],
    ),
    (
        Dpop,
        Check::Age,
        &["proof of an hour ago", "proof of the next hour"],
    ),
    (
        Dpop,
        Check::AgeType,
        &["proof without `iat`", "proof with `iat` a string"],
    ),
    (
        Dpop,
        Check::TokenHash,
        &["proof for another token", "proof without `ath`"],
    ),
    (Dpop, Check::Bound, &["no `cnf`", "bound to a certificate"]),
    (
        Dpop,
        Check::Binding,
        &["bound to another key", "proof of another key"],
    ),
    (Dpop, Check::ProofId, &["proof without `jti`"]),
    (
        Dpop,
        Check::Nonce,
        &["proof without the `nonce`", "proof with another `nonce`"],
    ),
    (
        Dpop,
        Check::Replay,
        &[
            "proof sent before",
            "proof with the `jti` of one sent before",
        ],
    ),
];

/// The tokens that two checks reject.
const TWICE: [&str; 10] = [
    "empty token",
    "no dots",
    "two segments",
    "JSON serialization",
    "another issuer with the same `kid`",
    "`b64` false and critical",
    "ID token with the audience of the service",
    "DPoP proof",
    "access token as a proof",
    "bound token as a bearer token",
];

#[test]
fn a_service_with_all_checks_passes() {
    let issuer = issuer().nonce("n-1");
    for profile in PROFILES {
        let naive = naive(&issuer, profile, None);
        assert_rejects_all(&issuer, profile, |token| is_rejected(&naive, token));
    }
}

#[test]
fn a_service_without_one_check_accepts_the_tokens_of_its_rule() {
    let issuer = issuer().nonce("n-1");
    for profile in PROFILES {
        let tokens: Vec<_> = issuer.invalid_tokens(profile).collect();
        for (_, off, expected) in ALONE.iter().filter(|(one, ..)| *one == profile) {
            let naive = naive(&issuer, profile, Some(*off));
            assert_eq!(accepted(&naive, &tokens), *expected, "{profile:?} {off:?}");
        }
    }
}

/// The attacker's key has the algorithm of the issuer's, also if it is one that is not generated.
#[test]
fn a_service_with_rsa_that_trusts_the_key_of_a_header_accepts_it() {
    let pem = include_str!("../keys/rsa2048.pkcs8.pem");
    for algorithm in [Algorithm::RS256, Algorithm::PS384] {
        let key = SigningKey::from_pem(algorithm, pem).expect("a key");
        let issuer = issuer().key(key);
        let tokens: Vec<_> = issuer.invalid_tokens(Plain).collect();
        for (off, name) in [
            (None, None),
            (Some(Check::Jwk), Some("key in the header: `jwk`")),
            (Some(Check::X5c), Some("key in the header: `x5c`")),
        ] {
            let naive = naive(&issuer, Plain, off);
            let expected: Vec<_> = name.into_iter().collect();
            assert_eq!(accepted(&naive, &tokens), expected, "{algorithm} {off:?}");
        }
    }
}

#[test]
fn the_assertion_names_all_tokens_that_are_accepted() {
    let issuer = issuer();
    let naive = naive(&issuer, Plain, Some(Check::Expiration));
    let message = message_of(|| {
        assert_rejects_all(&issuer, Plain, |token| is_rejected(&naive, token));
    });
    let count = issuer.invalid_tokens(Plain).count();
    let expected = format!(
        "Plain: 2 of {count} invalid tokens were accepted\n  \
           accepted: expires now (RFC 7519 §4.1.4)\n  \
           accepted: expired for a year (RFC 7519 §4.1.4)\n"
    );
    assert_eq!(message, Some(expected));
}

#[test]
fn every_check_has_a_token_and_every_token_a_check() {
    for check in Check::ALL {
        assert!(ALONE.iter().any(|(_, one, _)| *one == check), "{check:?}");
    }
    let issuer = issuer().nonce("n-1");
    let tokens = PROFILES
        .into_iter()
        .flat_map(|profile| issuer.invalid_tokens(profile));
    let names: HashSet<_> = tokens.map(|invalid| invalid.name).collect();
    let listed = ALONE.iter().flat_map(|(.., names)| *names).chain(&TWICE);
    let listed: HashSet<_> = listed.copied().collect();
    let differences: Vec<_> = names.symmetric_difference(&listed).collect();
    assert!(differences.is_empty(), "{differences:?}");
}
