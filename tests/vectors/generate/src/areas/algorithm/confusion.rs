//! A public key as the secret of an HMAC (RFC 8725 §2.1).

use super::super::signed::rows;
use super::row_of;
use crate::case::{Case, Rule, must};

const CONFUSION: Rule = must(&["RFC 8725bis §3.1", "RFC 8725bis §2.1"]);

const SECRETS: &str = "
hmac-rsa-pem         | RS256 | RSA in PEM                    | The secret is the PEM of the RSA key.
hmac-rsa-pem-trimmed | RS256 | RSA in PEM, trimmed           | The secret is the PEM without its last line end.
hmac-rsa-pem-pkcs1   | RS256 | RSA in PEM of PKCS#1          | The secret is the PEM of PKCS#1.
hmac-rsa-der         | RS256 | RSA in SPKI                   | The secret is the SPKI of the RSA key.
hmac-rsa-pkcs1       | RS256 | RSA in PKCS#1                 | The secret is the PKCS#1 of the RSA key.
hmac-rsa-jwk         | RS256 | RSA as a JWK                  | The secret is the JWK of the RSA key.
hmac-rsa-set         | RS256 | RSA as a JWK Set              | The secret is the JWK Set.
hmac-rsa-modulus     | RS256 | modulus of RSA                | The secret is the modulus of the RSA key.
hmac-es256-pem       | ES256 | ES256 in PEM                  | The secret is the PEM of the EC key.
hmac-es256-point     | ES256 | point of ES256                | The secret is the point of the EC key.
hmac-ed25519-pem     | EdDSA | Ed25519 in PEM                | The secret is the PEM of the Ed25519 key.
hmac-ed25519-bytes   | EdDSA | bytes of Ed25519              | The secret is the Ed25519 key.
";

/// The policy allows HMAC, so that the key alone decides.
pub(super) fn cases() -> impl Iterator<Item = Case> {
    let named = rows(SECRETS).map(|[slug, algorithm, secret, about]| {
        let [_, key, ..] = row_of(algorithm);
        let case = CONFUSION
            .reject("algorithm_mismatch", slug, about)
            .by(key, algorithm);
        let case = case.names(r#""HS256""#, key).sign(secret, "HS256");
        let twin = TWINS.iter().find(|(_, of)| *of == algorithm);
        case.allow(&["HS256", algorithm])
            .twin(twin.expect("a twin").0)
    });
    let allowed = TWINS.map(|(slug, algorithm)| {
        let [_, key, ..] = row_of(algorithm);
        let case = CONFUSION
            .accept(slug, "HMAC is also allowed.")
            .by(key, algorithm);
        case.allow(&["HS256", algorithm])
    });
    allowed.into_iter().chain(named).chain([
        CONFUSION
            .reject(
                "unknown_key",
                "hmac-without-kid",
                "The secret is the PEM of the only key.",
            )
            .by("rsa", "RS256")
            .without_kid("HS256")
            .sign("RSA in PEM", "HS256")
            .allow(&["HS256", "RS256"])
            .twin("both-allowed-rs256"),
        CONFUSION
            .reject(
                "algorithm_not_allowed",
                "hmac-not-allowed",
                "The secret is the PEM, and HMAC is not allowed.",
            )
            .by("rsa", "RS256")
            .names(r#""HS256""#, "rsa")
            .sign("RSA in PEM", "HS256")
            .twin("rs256"),
    ])
}

const TWINS: [(&str, &str); 3] = [
    ("both-allowed-rs256", "RS256"),
    ("both-allowed-es256", "ES256"),
    ("both-allowed-eddsa", "EdDSA"),
];
