//! Header parameters.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jwt_ring::{
    Algorithm, Claims, KeyLookupError, KeySet, Keys, SigningKey, VerifyError, VerifyingKey,
};
use ring::hmac;

use crate::support::{encode, errors, forge, key_file};
use crate::{HEADER, check, check_defaults, key, payload, verifier, with_header};

fn not_a_string(parameter: &str) -> String {
    let article = if parameter == "alg" { "an" } else { "a" };
    errors::malformed_header(&format!("has {article} `{parameter}` that is not a string"))
}

#[test]
fn alg_must_be_supported_and_equal_that_of_the_key() {
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
        // The same without its signature.
        let bare = signed[..=signed.rfind('.').expect("a dot")].to_owned();
        [signed, bare].map(|bad| (name, bad, good.clone(), errors::unsupported_algorithm()))
    }));

    let values = ["5", "null", "true", r#"["HS256"]"#, r#"{"HS256":0}"#].map(|value| {
        let bad = with_header(format!(r#"{{"alg":{value}}}"#));
        (value, bad, good.clone(), not_a_string("alg"))
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
            errors::malformed_header("has no `alg`"),
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
                errors::unsupported_algorithm(),
            )
        }),
    );
}

/// If a public key served as a secret, every reader of the key could sign.
#[test]
fn a_public_key_is_never_used_as_a_secret() {
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
            let mismatch = errors::algorithm_mismatch(algorithm, Algorithm::HS256);
            check(
                &verifier(),
                &public,
                [
                    (
                        "the header names HS256",
                        forge(Algorithm::HS256),
                        good.clone(),
                        mismatch,
                    ),
                    (
                        "the header names the algorithm of the key",
                        forge(algorithm),
                        good.clone(),
                        errors::invalid_signature(),
                    ),
                ],
            );
        }
    }
}

#[test]
fn an_unknown_parameter_may_have_any_value() {
    for value in ["1e400", "[-1E+999]", "null", r#"{"b":"\ud83d\ude00"}"#] {
        let token = with_header(format!(r#"{{"alg":"HS256","a":{value}}}"#));
        let verified = verifier().verify::<Claims>(&token, &key().verifying_key());
        let verified = verified.expect("a valid token");
        let expected = serde_json::from_str::<serde_json::Value>(value).ok();
        assert_eq!(verified.header().parameter("a"), expected, "{value}");
    }
}

#[test]
fn crit_and_b64_are_rejected() {
    let good = with_header(r#"{"alg":"HS256","b64":true,"exp":1,"http://a":1}"#);
    let unsupported = errors::unsupported_extension;
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
        (crit, bad, good.clone(), unsupported("crit"))
    }));
    let escaped = with_header(r#"{"\u0063rit":["a"],"alg":"HS256"}"#);
    check_defaults([(
        "an escaped name",
        escaped,
        good.clone(),
        unsupported("crit"),
    )]);
    check_defaults(["false", "null", "0", r#""true""#, "[true]"].map(|b64| {
        let bad = with_header(format!(r#"{{"b64":{b64},"alg":"HS256"}}"#));
        (b64, bad, good.clone(), unsupported("b64"))
    }));
}

#[test]
fn typ_must_be_the_expected_one() {
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
        check_defaults(bad.map(|typ| (typ, typed(typ), good.clone(), errors::typ_mismatch(&[]))));
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
        let bad: Vec<_> = bad.collect();
        for expected in ["at+jwt", "application/at+jwt"] {
            let error = errors::typ_mismatch(&[expected]);
            let rows = bad
                .iter()
                .map(|bad| (bad, bad.clone(), good.clone(), error.clone()));
            check(&verifier().typ(expected), &key().verifying_key(), rows);
        }
    }
    check_defaults(["typ", "kid", "cty"].into_iter().flat_map(|name| {
        ["5", "null", r#"["JWT"]"#, "{}", "false"].map(|value| {
            let bad = with_header(format!(r#"{{"alg":"HS256","{name}":{value}}}"#));
            (value, bad, typed("JWT"), not_a_string(name))
        })
    }));
}

/// RFC 7519 §7.2 step 8.
#[test]
fn a_nested_token_is_rejected() {
    let with_cty = |cty: &str| with_header(format!(r#"{{"alg":"HS256","cty":"{cty}"}}"#));
    let good = [
        with_cty("json"),
        with_cty("JWTX"),
        with_cty(""),
        with_header(HEADER),
    ];
    for cty in ["JWT", "jwt", "application/jwt", r"J\u0057T"] {
        check_defaults(
            good.clone()
                .map(|good| (cty, with_cty(cty), good, errors::nested_token())),
        );
    }
    // Signature and `typ` are checked before `cty`, and `cty` before the payload is read.
    let header = r#"{"alg":"HS256","typ":"at+jwt","cty":"JWT"}"#;
    let inner = with_header(HEADER);
    let token = forge(&key(), header, &inner);
    let bare = &token[..=token.rfind('.').expect("a dot")];
    let good = || with_header(HEADER);
    check_defaults([
        (
            "signature",
            bare.into(),
            good(),
            errors::invalid_signature(),
        ),
        ("typ", token.clone(), good(), errors::typ_mismatch(&[])),
    ]);
    let typed = with_header(r#"{"alg":"HS256","typ":"at+jwt"}"#);
    let rows = [("cty", token, typed, errors::nested_token())];
    check(&verifier().typ("at+jwt"), &key().verifying_key(), rows);
}

#[test]
fn a_key_in_the_header_is_not_used() {
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
        r#""jku":"https://attacker.example/jwks.json""#.into(),
        r#""x5u":"https://attacker.example/cert.pem""#.into(),
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
                (member, bad, good, errors::invalid_signature())
            }),
        );
    }
}

#[test]
fn a_kid_is_compared_byte_for_byte() {
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
    let others = [
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
        r#""https://attacker.example/key""#,
        r#""%6fne""#,
    ];
    let unknown = |kid| {
        (
            kid,
            token(kid),
            good.clone(),
            errors::text(&VerifyError::KeyLookup(KeyLookupError::Unknown)),
        )
    };
    check(&verifier(), &set, others.map(unknown));
    check(
        &verifier(),
        &set,
        ["1", "null", "[\"one\"]", "{}", "true"]
            .map(|kid| (kid, token(kid), good.clone(), not_a_string("kid"))),
    );
    let escaped = token(r#""\u006fne""#);
    let none = forge(&one, r#"{"alg":"EdDSA"}"#, payload());
    let other = token(r#""two""#);
    check(
        &verifier(),
        &set,
        [
            (
                "no kid",
                none,
                escaped,
                errors::text(&VerifyError::KeyLookup(KeyLookupError::Ambiguous)),
            ),
            (
                "the kid of the other key",
                other,
                good,
                errors::invalid_signature(),
            ),
        ],
    );
}
