//! Vulnerabilities of other libraries, one test each, with a token that was accepted there.

mod support;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jwt_ring::{
    Algorithm, Claim, KeyError, KeySet, SigningKey, Token, Verifier, VerifyError, VerifyingKey,
};
use ring::hmac;
use support::{NOW, clock, decode, encode, forge, key_file, rsa_key, signing_key};

fn verifier() -> Verifier {
    Verifier::new().clock(clock())
}

fn payload(members: &str) -> String {
    format!(r#"{{"exp":{}{members}}}"#, NOW + 1)
}

fn signed(key: &SigningKey, members: &str) -> String {
    forge(key, header(key.algorithm()), payload(members))
}

fn header(algorithm: Algorithm) -> String {
    format!(r#"{{"alg":"{algorithm}"}}"#)
}

/// Returns a token signed with HMAC, with these bytes as the secret.
fn with_hmac(header: &str, secret: &[u8]) -> String {
    let signing_input = format!("{}.{}", encode(header), encode(payload("")));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    let signature = hmac::sign(&key, signing_input.as_bytes());
    format!("{signing_input}.{}", encode(signature))
}

#[track_caller]
fn rejected(token: &str, key: &VerifyingKey) -> VerifyError {
    let result: Result<Token, _> = verifier().verify(token, key);
    result.expect_err("a bad token")
}

#[track_caller]
fn accepted(token: &str, key: &VerifyingKey) {
    let result: Result<Token, _> = verifier().verify(token, key);
    result.expect("a good token");
}

/// Returns the usual forms of an RSA or EC public key.
fn public_forms(stem: &str, key: &VerifyingKey) -> Vec<Vec<u8>> {
    let pem = key_file(&format!("{stem}.spki.pem"));
    let text = String::from_utf8(pem.clone()).expect("text");
    let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    vec![
        STANDARD.decode(body).expect("base64"),
        [b" \n", &pem[..]].concat(),
        pem.trim_ascii().to_vec(),
        pem,
        serde_json::to_vec(key).expect("a JWK"),
    ]
}

/// Node's jsonwebtoken (CVE-2015-9235), jwt-simple (CVE-2016-10555), authlib (CVE-2024-37568):
/// an RSA public key was used as an HMAC secret, because the token named HS256.
#[test]
fn cve_2015_9235_rsa_key_as_hmac_secret() {
    let key = rsa_key(Algorithm::RS256, "rsa2048.pkcs8.pem");
    let public = key.verifying_key();
    accepted(&signed(&key, ""), &public);
    for secret in public_forms("rsa2048", &public) {
        let error = rejected(&with_hmac(&header(Algorithm::HS256), &secret), &public);
        assert_eq!(error.code(), "algorithm_mismatch");
        let error = rejected(&with_hmac(&header(Algorithm::RS256), &secret), &public);
        assert_eq!(error.code(), "invalid_signature");
    }
}

/// python-jose (CVE-2024-33663): an ECDSA public key was used as an HMAC secret. The list of
/// forbidden secrets did not have its formats.
#[test]
fn cve_2024_33663_ecdsa_key_as_hmac_secret() {
    let pem = String::from_utf8(key_file("ecp256.pkcs8.pem")).expect("text");
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(body).expect("base64");
    let key = SigningKey::from_der(Algorithm::ES256, der).expect("a key");
    let public = key.verifying_key();
    accepted(&signed(&key, ""), &public);
    for secret in public_forms("ecp256", &public) {
        let error = rejected(&with_hmac(&header(Algorithm::HS256), &secret), &public);
        assert_eq!(error.code(), "algorithm_mismatch");
    }
}

/// PyJWT (CVE-2017-11424, CVE-2022-29217) and fast-jwt (CVE-2023-48223, CVE-2026-34950): the
/// check that a secret is no public key missed some formats.
#[test]
fn cve_2022_29217_public_key_as_secret() {
    let pem = String::from_utf8(key_file("rsa2048.spki.pem")).expect("text");
    let pkcs1 = String::from_utf8(key_file("rsa2048.pkcs1-public.pem")).expect("text");
    let x509 = String::from_utf8(key_file("ecp256.x509.pem")).expect("text");
    let ssh = "AAAAC3NzaC1lZDI1NTE5AAAAIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF me";
    let jwk = serde_json::to_string(&signing_key(Algorithm::EdDSA).verifying_key()).expect("a JWK");
    for text in [
        pem.clone(),
        format!("  \n{pem}"),
        format!("\u{feff}{pem}"),
        format!("# our key\n{pem}"),
        pem.replace('\n', "\r\n"),
        pkcs1,
        x509,
        format!("ssh-ed25519 {ssh}"),
        format!("\tecdsa-sha2-nistp256 {ssh}"),
        format!(" {jwk}"),
        format!(r#"{{"keys":[{jwk}]}}"#),
    ] {
        for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
            let signing = SigningKey::from_secret(algorithm, &text).expect_err("no secret");
            assert!(
                matches!(signing, KeyError::SecretIsKeyText { .. }),
                "{text}"
            );
            let verifying = VerifyingKey::from_secret(algorithm, &text).expect_err("no secret");
            assert_eq!(signing, verifying);
        }
    }
    let phrase = "a long passphrase that holds -----begin and {\"a\":1} but no key at all, as such";
    SigningKey::from_secret(Algorithm::HS512, phrase).expect("a secret that is long enough");
}

/// Many libraries, for instance node's jsonwebtoken (CVE-2022-23540): `none` was an algorithm.
#[test]
fn cve_2022_23540_none() {
    for algorithm in support::ALGORITHMS {
        let key = signing_key(algorithm);
        accepted(&signed(&key, ""), &key.verifying_key());
        for none in [
            "none",
            "None",
            "NONE",
            "nOnE",
            "NoNe",
            " none",
            "none\\u0000",
            "",
        ] {
            let token = forge(&key, format!(r#"{{"alg":"{none}"}}"#), payload(""));
            let bare = &token[..=token.rfind('.').expect("a dot")];
            for token in [&token, bare] {
                let error = rejected(token, &key.verifying_key());
                assert_eq!(error.code(), "unsupported_algorithm", "{none}");
            }
        }
    }
}

/// ServiceStack (CVE-2020-28042): an empty signature was compared up to its own length.
#[test]
fn cve_2020_28042_short_signature() {
    for algorithm in support::ALGORITHMS {
        let key = signing_key(algorithm);
        let token = signed(&key, "");
        let (signing_input, signature) = token.rsplit_once('.').expect("a dot");
        accepted(&token, &key.verifying_key());
        for length in [0, 1, 8, 16, 31] {
            let short = encode(&decode(signature)[..length]);
            let error = rejected(&format!("{signing_input}.{short}"), &key.verifying_key());
            assert_eq!(error.code(), "invalid_signature", "{algorithm}, {length}");
        }
    }
}

/// InfluxDB (CVE-2019-20933): if no secret was configured, the secret was empty.
#[test]
fn cve_2019_20933_empty_secret() {
    for secret in [&b""[..], b"secret", &[7; 31]] {
        let error = VerifyingKey::from_secret(Algorithm::HS256, secret).expect_err("too short");
        assert_eq!(error.code(), "short_secret");
    }
    VerifyingKey::from_secret(Algorithm::HS256, [7; 32]).expect("long enough");
    let jwk = r#"{"kty":"oct","k":""}"#;
    let error = VerifyingKey::from_jwk(Algorithm::HS256, jwk).expect_err("too short");
    assert_eq!(error.code(), "short_secret");
}

/// Java (CVE-2022-21449): an ECDSA signature of zeros was valid for every token.
#[test]
fn cve_2022_21449_psychic_signatures() {
    for (algorithm, size) in [(Algorithm::ES256, 32), (Algorithm::ES384, 48)] {
        let key = signing_key(algorithm);
        accepted(&signed(&key, ""), &key.verifying_key());
        let signing_input = format!("{}.{}", encode(header(algorithm)), encode(payload("")));
        let der = [0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x00];
        for signature in [&vec![0; 2 * size][..], &der, &[]] {
            let token = format!("{signing_input}.{}", encode(signature));
            assert_eq!(
                rejected(&token, &key.verifying_key()).code(),
                "invalid_signature"
            );
        }
    }
}

/// node-jose (CVE-2018-0114), authlib (CVE-2026-27962): tokens were verified with the key in
/// their own header.
#[test]
fn cve_2018_0114_embedded_key() {
    let (ours, theirs) = (signing_key(Algorithm::ES256), signing_key(Algorithm::ES256));
    let jwk = serde_json::to_string(&theirs.verifying_key()).expect("a JWK");
    let header = format!(r#"{{"alg":"ES256","jwk":{jwk}}}"#);
    let ours_set: KeySet = [ours.verifying_key()].into_iter().collect();
    accepted(&forge(&ours, &header, payload("")), &ours.verifying_key());
    let token = forge(&theirs, &header, payload(""));
    assert_eq!(
        rejected(&token, &ours.verifying_key()).code(),
        "invalid_signature"
    );
    let result: Result<Token, _> = verifier().verify(&token, &ours_set);
    assert_eq!(result.expect_err("a bad token").code(), "invalid_signature");
    let result: Result<Token, _> = verifier().verify(&token, &KeySet::default());
    assert_eq!(result.expect_err("a bad token").code(), "unknown_key");
}

/// golang-jwt (CVE-2025-30204), go-jose (CVE-2025-27144): a token of dots was split into millions
/// of strings. The allocations here are measured in `resources`.
#[test]
fn cve_2025_30204_dots() {
    let key = signing_key(Algorithm::HS256);
    let dots = ".".repeat(65_536);
    let error = rejected(&dots, &key.verifying_key());
    assert!(matches!(error, VerifyError::Segments { found: 65_537, .. }));
    let error = rejected(&dots.repeat(100), &key.verifying_key());
    assert!(matches!(error, VerifyError::TooLarge { .. }));
}

/// authlib (CVE-2025-61920): segments of hundreds of megabytes were decoded before any check.
#[test]
fn cve_2025_61920_long_segments() {
    let key = signing_key(Algorithm::HS256);
    let long = encode(format!(
        r#"{{"alg":"HS256","x":"{}"}}"#,
        "x".repeat(1_000_000)
    ));
    let signature = "A".repeat(1_000_000);
    for token in [
        format!("{long}.e30.AA"),
        format!("{}.e30.{signature}", encode(header(Algorithm::HS256))),
    ] {
        let error = rejected(&token, &key.verifying_key());
        assert!(matches!(error, VerifyError::TooLarge { limit: 65_536, .. }));
    }
}

/// Rust's jsonwebtoken (CVE-2026-25537): a claim of a wrong type was treated as absent, so
/// `"nbf": "99999999999"` had no effect.
#[test]
fn cve_2026_25537_type_confusion() {
    let key = signing_key(Algorithm::HS256);
    accepted(&signed(&key, r#","nbf":1"#), &key.verifying_key());
    for (claim, value) in [
        (Claim::NotBefore, "\"99999999999\""),
        (Claim::NotBefore, "[99999999999]"),
        (Claim::Issuer, "[\"someone else\"]"),
        (Claim::Audience, "{\"else\":1}"),
        (Claim::Subject, "42"),
    ] {
        let token = signed(&key, &format!(r#","{claim}":{value}"#));
        for verifier in [verifier(), verifier().allow_missing_expiration()] {
            let result: Result<Token, _> = verifier.verify(&token, &key.verifying_key());
            let error = result.expect_err("a wrong type");
            assert!(matches!(error, VerifyError::WrongType(found) if found == claim));
        }
    }
    let token = forge(&key, header(Algorithm::HS256), r#"{"exp":"99999999999"}"#);
    let lenient = verifier().allow_missing_expiration();
    let result: Result<Token, _> = lenient.verify(&token, &key.verifying_key());
    let error = result.expect_err("a wrong type");
    assert!(matches!(error, VerifyError::WrongType(Claim::Expiration)));
}

/// jwt-go (CVE-2020-26160): an array of audiences was treated as an absent claim.
#[test]
fn cve_2020_26160_audience() {
    let key = signing_key(Algorithm::HS256);
    let ours = verifier().audience("https://api.example");
    let check = |audience: &str| {
        let token = signed(&key, &format!(r#","aud":{audience}"#));
        let result: Result<Token, _> = ours.verify(&token, &key.verifying_key());
        result.err().map(|error| error.code())
    };
    assert_eq!(check(r#""https://api.example""#), None);
    assert_eq!(
        check(r#"["https://else.example","https://api.example"]"#),
        None
    );
    assert_eq!(check(r#"["https://else.example"]"#), Some("mismatch"));
    assert_eq!(check("[]"), Some("mismatch"));
    assert_eq!(check(r#"["https://api.example",1]"#), Some("wrong_type"));
}

/// PyJWT (CVE-2024-53861): a substring of the expected issuer was accepted.
#[test]
fn cve_2024_53861_part_of_an_issuer() {
    let key = signing_key(Algorithm::HS256);
    let ours = verifier().issuer("https://issuer.example");
    let check = |issuer: &str| {
        let token = signed(&key, &format!(r#","iss":"{issuer}""#));
        let result: Result<Token, _> = ours.verify(&token, &key.verifying_key());
        result.err().map(|error| error.code())
    };
    assert_eq!(check("https://issuer.example"), None);
    for other in [
        "",
        "issuer",
        "https://issuer.exampl",
        "https://issuer.example/",
        "https://issuer.example.evil.example",
        "HTTPS://issuer.example",
    ] {
        assert_eq!(check(other), Some("mismatch"), "{other}");
    }
}

/// authlib (CVE-2025-59420): `crit` was not checked.
#[test]
fn cve_2025_59420_crit() {
    let key = signing_key(Algorithm::HS256);
    accepted(&signed(&key, ""), &key.verifying_key());
    for members in [
        r#""crit":["bork"],"bork":"x""#,
        r#""crit":["cnf"],"cnf":{"jkt":"x"}"#,
        r#""crit":["b64"],"b64":false"#,
        r#""crit":[]"#,
    ] {
        let token = forge(&key, format!(r#"{{"alg":"HS256",{members}}}"#), payload(""));
        let error = rejected(&token, &key.verifying_key());
        assert!(matches!(
            error,
            VerifyError::UnsupportedExtension {
                parameter: "crit",
                ..
            }
        ));
    }
}

/// golang-jwt (CVE-2024-51744): an expired token with an invalid signature was reported as expired,
/// and callers that tolerated expiry accepted it.
#[test]
fn cve_2024_51744_two_errors() {
    let (ours, theirs) = (signing_key(Algorithm::ES256), signing_key(Algorithm::ES256));
    let expired = |key| forge(key, header(Algorithm::ES256), r#"{"exp":1}"#);
    let error = rejected(&expired(&ours), &ours.verifying_key());
    assert_eq!(error.code(), "expired");
    let error = rejected(&expired(&theirs), &ours.verifying_key());
    assert_eq!(error.code(), "invalid_signature");
}

/// lcobucci/jwt (CVE-2021-41106): the path of a key file was used as the secret.
#[test]
fn cve_2021_41106_path_as_secret() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/keys/rsa2048.spki.pem");
    for algorithm in [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
        let error = VerifyingKey::from_secret(algorithm, path).expect_err("no file is opened");
        assert_eq!(error.code(), "wrong_kind");
    }
}

/// Cross-JWT confusion (RFC 8725 §2.8): `typ` was not checked, so a token of one kind was accepted
/// as another. Reported many times, without a CVE.
#[test]
fn cross_jwt_confusion() {
    let key = signing_key(Algorithm::ES256);
    let typed = |typ: &str| {
        forge(
            &key,
            format!(r#"{{"alg":"ES256","typ":"{typ}"}}"#),
            payload(""),
        )
    };
    let types = [
        "JWT",
        "at+jwt",
        "dpop+jwt",
        "logout+jwt",
        "secevent+jwt",
        "client-authentication+jwt",
    ];
    for expected in types {
        let verifier = verifier().typ(expected).leeway(Duration::ZERO);
        for found in types {
            let result: Result<Token, _> = verifier.verify(&typed(found), &key.verifying_key());
            assert_eq!(result.is_ok(), expected == found, "{found} as {expected}");
        }
    }
}
