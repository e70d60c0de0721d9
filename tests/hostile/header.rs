//! What a header says, and what it cannot do.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jwt_ring::{Algorithm, KeySet, Keys, Signer, SigningKey, VerifyError, VerifyingKey};
use ring::hmac;
use serde_json::json;

use crate::support::{encode, forge, key_file};
use crate::{HEADER, check, check_defaults, header_fault, key, payload, verifier, with_header};

const NOT_A_STRING: &str = "has an `alg`, `typ` or `kid` that is not a string";

#[test]
fn alg_is_one_of_the_algorithms_and_the_keys() {
    let good = with_header(HEADER);
    let unknown = [
        "none",
        "None",
        "NONE",
        "nOnE",
        "none ",
        "",
        "hs256",
        "Hs256",
        " HS256",
        "HS256 ",
        r"HS256\u0000",
        "HS1",
        "HS2567",
        "SHA256",
        "ES256K",
        "ES512",
        "RS1",
        "RSA1_5",
        "dir",
        "ed25519",
        "Ed448",
        "ECDH-ES",
        "HS256,none",
        "../HS256",
    ];
    check_defaults(unknown.iter().flat_map(|name| {
        let signed = with_header(format!(r#"{{"alg":"{name}"}}"#));
        // The same with the signature taken off.
        let bare = signed[..=signed.rfind('.').expect("a dot")].to_owned();
        [signed, bare].map(|bad| (name, bad, good.clone(), VerifyError::UnsupportedAlgorithm))
    }));

    let values = ["5", "null", "true", r#"["HS256"]"#, r#"{"HS256":0}"#].map(|value| {
        let bad = with_header(format!(r#"{{"alg":{value}}}"#));
        (value, bad, good.clone(), header_fault(NOT_A_STRING))
    });
    check_defaults(values);
    let missing = [
        "{}",
        r#"{"typ":"JWT"}"#,
        r#"{"ALG":"HS256"}"#,
        r#"{"enc":"A128GCM"}"#,
    ];
    check_defaults(missing.map(|header| {
        (
            header,
            with_header(header),
            good.clone(),
            header_fault("has no `alg`"),
        )
    }));

    // One key, two names (RFC 9864).
    let key = SigningKey::generate(Algorithm::EdDSA).expect("a key");
    let token = |name| forge(&key, format!(r#"{{"alg":"{name}"}}"#), payload());
    check(
        &verifier(),
        &key.verifying_key(),
        ["EdDSA", "Ed25519"].map(|name| {
            (
                name,
                token("Ed448"),
                token(name),
                VerifyError::UnsupportedAlgorithm,
            )
        }),
    );
}

/// A public key is no secret, so whoever takes it for one lets everybody sign.
#[test]
fn a_public_key_is_never_taken_for_a_secret() {
    let der_of = |file: &str| {
        let pem = String::from_utf8(key_file(file)).expect("text");
        let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
        BASE64_STANDARD.decode(body).expect("base64")
    };
    for (algorithm, name) in [
        (Algorithm::RS256, "rsa2048"),
        (Algorithm::PS256, "rsa2048"),
        (Algorithm::ES256, "ecp256"),
        (Algorithm::ES384, "ecp384"),
        (Algorithm::EdDSA, "ed25519"),
    ] {
        let [private, spki] = ["pkcs8", "spki"].map(|form| format!("{name}.{form}.pem"));
        let key = SigningKey::from_der(algorithm, der_of(&private)).expect("a key");
        let public = VerifyingKey::from_der(algorithm, der_of(&spki)).expect("a key");
        let good = forge(&key, format!(r#"{{"alg":"{algorithm}"}}"#), payload());
        let secrets = [
            key_file(&spki),
            key_file(&spki).trim_ascii().to_vec(),
            der_of(&spki),
            serde_json::to_vec(&public).expect("a JWK"),
            Vec::new(),
        ];
        for secret in secrets {
            let forge = |alg: Algorithm| {
                let header = encode(format!(r#"{{"alg":"{alg}"}}"#));
                let message = format!("{header}.{}", encode(payload()));
                let secret = hmac::Key::new(hmac::HMAC_SHA256, &secret);
                let signature = encode(hmac::sign(&secret, message.as_bytes()));
                format!("{message}.{signature}")
            };
            let mismatch = VerifyError::AlgorithmMismatch {
                expected: algorithm,
                found: Algorithm::HS256,
            };
            check(
                &verifier(),
                &public,
                [
                    ("honest", forge(Algorithm::HS256), good.clone(), mismatch),
                    (
                        "lying",
                        forge(algorithm),
                        good.clone(),
                        VerifyError::InvalidSignature,
                    ),
                ],
            );
        }
    }
}

/// The headers that a key's own tokens have need not be read, but they are held to the same length.
#[test]
fn a_long_header_is_refused_though_it_is_known() {
    // `{"alg":"HS256","typ":"JWT","kid":"…"}`
    let length = 8 * 1024 - r#"{"alg":"HS256","typ":"JWT","kid":""}"#.len();
    for (length, expected) in [(length, None), (length + 1, Some("malformed_header"))] {
        let key = key().with_id("k".repeat(length));
        let public = key.verifying_key();
        let set: KeySet = [public.clone()].into_iter().collect();
        let token = Signer::new(key)
            .sign(&json!({ "exp": 9e9 }))
            .expect("a token");
        for keys in [&public as &dyn Keys, &set] {
            let verified = verifier().verify::<()>(&token, keys);
            assert_eq!(verified.err().map(|error| error.code()), expected);
        }
    }
}

#[test]
fn a_member_that_is_not_ours_says_what_it_likes() {
    for value in ["1e400", "[-1E+999]", "null", r#"{"b":"\ud83d\ude00"}"#] {
        let token = with_header(format!(r#"{{"alg":"HS256","a":{value}}}"#));
        let verified = verifier().verify::<()>(&token, &key().verifying_key());
        let verified = verified.expect("no rule is broken");
        let expected = serde_json::from_str::<serde_json::Value>(value).ok();
        assert_eq!(verified.header().member("a"), expected.as_ref(), "{value}");
    }
}

#[test]
fn no_extension_is_understood() {
    let good = with_header(r#"{"alg":"HS256","b64":true,"exp":1,"http://a":1}"#);
    let refused = |member| VerifyError::UnsupportedExtension { member };
    let crit = [
        "[]",
        r#"["exp"]"#,
        r#"["b64"],"b64":true"#,
        r#"["b64"],"b64":false"#,
        r#"["alg"]"#,
        r#"["http://a"],"http://a":1"#,
        r#""exp""#,
        "null",
        "{}",
        "false",
        "0",
    ];
    check_defaults(crit.map(|crit| {
        let bad = with_header(format!(r#"{{"alg":"HS256","crit":{crit}}}"#));
        (crit, bad, good.clone(), refused("crit"))
    }));
    let escaped = with_header(r#"{"\u0063rit":["a"],"alg":"HS256"}"#);
    check_defaults([("an escaped name", escaped, good.clone(), refused("crit"))]);
    check_defaults(["false", "null", "0", r#""true""#, "[true]"].map(|b64| {
        let bad = with_header(format!(r#"{{"b64":{b64},"alg":"HS256"}}"#));
        (b64, bad, good.clone(), refused("b64"))
    }));
}

#[test]
fn a_token_of_one_type_does_not_pass_for_another() {
    let typed = |typ: &str| with_header(format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#));
    let others = [
        "at+jwt",
        "dpop+jwt",
        "logout+jwt",
        "secevent+jwt",
        "application/at+jwt",
    ];
    let never = [
        "",
        "JW",
        "JWT ",
        "JWE",
        "jwt+at",
        "text/JWT",
        "application/",
        "a/application/JWT",
    ];
    let plain = ["JWT", "jwt", "application/jwt", "APPLICATION/JWT"];
    for good in plain.map(typed).into_iter().chain([with_header(HEADER)]) {
        let bad = others.iter().chain(&never);
        check_defaults(bad.map(|typ| (typ, typed(typ), good.clone(), VerifyError::TokenType)));
    }
    for good in [
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "Application/At+Jwt",
    ]
    .map(typed)
    {
        let bad = plain.iter().chain(&never).chain(&others[1..4]);
        let bad = bad.map(|typ| typed(typ)).chain([with_header(HEADER)]);
        let rows = bad.map(|bad| (bad.clone(), bad, good.clone(), VerifyError::TokenType));
        for asked in ["at+jwt", "application/at+jwt"] {
            let verifier = verifier().token_type(asked);
            check(
                &verifier,
                &key().verifying_key(),
                rows.clone().collect::<Vec<_>>(),
            );
        }
    }
    check_defaults(["typ", "kid"].into_iter().flat_map(|name| {
        ["5", "null", r#"["JWT"]"#, "{}", "false"].map(|value| {
            let bad = with_header(format!(r#"{{"alg":"HS256","{name}":{value}}}"#));
            (value, bad, typed("JWT"), header_fault(NOT_A_STRING))
        })
    }));
}

#[test]
fn a_key_that_the_token_brings_is_not_looked_at() {
    let ours = SigningKey::generate(Algorithm::EdDSA)
        .expect("a key")
        .with_id("ours");
    let theirs = SigningKey::generate(Algorithm::EdDSA)
        .expect("a key")
        .with_id("ours");
    let jwk = serde_json::to_string(&theirs.verifying_key()).expect("a JWK");
    let members = [
        format!(r#""jwk":{jwk}"#),
        format!(r#""jwk":{jwk},"kid":"ours""#),
        r#""jku":"https://evil.example/jwks.json""#.into(),
        r#""x5u":"https://evil.example/cert.pem""#.into(),
        r#""x5c":["MIIB","not even base64"]"#.into(),
        r#""jwk":5,"jku":null,"x5u":{},"x5c":true,"x5t":[]"#.into(),
    ];
    let public = ours.verifying_key();
    let set: KeySet = [public.clone()].into_iter().collect();
    for keys in [&public as &dyn Keys, &set] {
        check(
            &verifier(),
            keys,
            members.iter().map(|member| {
                let header = format!(r#"{{"alg":"EdDSA",{member}}}"#);
                let [bad, good] = [&theirs, &ours].map(|key| forge(key, &header, payload()));
                (member, bad, good, VerifyError::InvalidSignature)
            }),
        );
    }
}

#[test]
fn a_kid_is_a_name_and_nothing_else() {
    let [one, two] = ["one", "two"].map(|id| {
        SigningKey::generate(Algorithm::EdDSA)
            .expect("a key")
            .with_id(id)
    });
    let set: KeySet = [one.verifying_key(), two.verifying_key()]
        .into_iter()
        .collect();
    let token = |kid| forge(&one, format!(r#"{{"alg":"EdDSA","kid":{kid}}}"#), payload());
    let good = token(r#""one""#);
    let strangers = [
        r#""""#,
        r#""ONE""#,
        r#""one ""#,
        r#""one\u0000""#,
        r#""on""#,
        r#""onetwo""#,
        r#""../../../../dev/null""#,
        r#""' OR '1'='1""#,
        r#""x' UNION SELECT 'key""#,
        r#""*""#,
        r#""$(id)""#,
        r#""https://evil.example/key""#,
        r#""%6fne""#,
    ];
    let unknown = |kid| (kid, token(kid), good.clone(), VerifyError::UnknownKey);
    check(&verifier(), &set, strangers.map(unknown));
    check(
        &verifier(),
        &set,
        ["1", "null", "[\"one\"]", "{}", "true"]
            .map(|kid| (kid, token(kid), good.clone(), header_fault(NOT_A_STRING))),
    );
    let escaped = token(r#""\u006fne""#);
    let none = forge(&one, r#"{"alg":"EdDSA"}"#, payload());
    let other = token(r#""two""#);
    check(
        &verifier(),
        &set,
        [
            ("no kid", none, escaped, VerifyError::AmbiguousKey),
            (
                "the other key's",
                other,
                good,
                VerifyError::InvalidSignature,
            ),
        ],
    );
}
