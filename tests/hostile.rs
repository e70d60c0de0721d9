//! One row for each bad token: its name, the token, a good twin that differs in that one thing and
//! is accepted, and the exact error.
//!
//! All are signed with the right key unless the signature is the point: what a signature does not
//! cure must be found without it.

mod support;

use std::fmt::Display;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jwt_ring::{
    Algorithm, Claim, KeySet, Keys, NumericDate, SigningKey, Verifier, VerifyError, VerifyingKey,
};
use ring::rand::SystemRandom;
use ring::{hmac, signature};
use serde::de::DeserializeOwned;
use serde_json::Value;
use support::{NOW, clock, decode, encode, forge, forge_segments, key_file};

const HEADER: &str = r#"{"alg":"HS256"}"#;
const NOT_BASE64URL: &str = "is not base64url without padding";
const NOT_JSON: &str = "is not valid JSON";
const NOT_AN_OBJECT: &str = "is not a JSON object";
const DUPLICATE: &str = "has two members of the same name";
const TOO_DEEP: &str = "is nested too deeply";
const LONE_SURROGATE: &str = "has an escape that is half a character";
const NOT_A_STRING: &str = "has an `alg`, `typ` or `kid` that is not a string";

fn verifier() -> Verifier {
    Verifier::new().clock(clock())
}

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn payload() -> String {
    format!(r#"{{"exp":{}}}"#, NOW + 1)
}

fn with_header(header: impl AsRef<[u8]>) -> String {
    forge(&key(), header, payload())
}

fn with_payload(payload: impl AsRef<[u8]>) -> String {
    forge(&key(), HEADER, payload)
}

fn header_fault(reason: &'static str) -> VerifyError {
    VerifyError::MalformedHeader { reason }
}

fn payload_fault(reason: &'static str) -> VerifyError {
    VerifyError::MalformedPayload { reason }
}

fn verdict<T: DeserializeOwned>(verifier: &Verifier, keys: &dyn Keys, token: &str) -> String {
    match verifier.verify::<T>(token, keys) {
        Ok(_) => "accepted".into(),
        Err(error) => format!("{error:?}"),
    }
}

type Row<N> = (N, String, String, VerifyError);

/// Checks the rows with a type that reads every member and with one that reads none: what a token
/// is must not depend on who reads it.
#[track_caller]
fn check<N: Display>(verifier: &Verifier, keys: &dyn Keys, rows: impl IntoIterator<Item = Row<N>>) {
    for (name, bad, good, expected) in rows {
        let expected = format!("{expected:?}");
        assert_eq!(verdict::<Value>(verifier, keys, &bad), expected, "{name}");
        assert_eq!(verdict::<()>(verifier, keys, &bad), expected, "{name}");
        let twin = verdict::<Value>(verifier, keys, &good);
        assert_eq!(twin, "accepted", "the good twin of: {name}");
        assert_eq!(verdict::<()>(verifier, keys, &good), "accepted", "{name}");
    }
}

#[track_caller]
fn check_defaults<N: Display>(rows: impl IntoIterator<Item = Row<N>>) {
    check(&verifier(), &key().verifying_key(), rows);
}

#[test]
fn a_token_has_three_segments() {
    let good = with_payload(payload());
    let [header, payload, signature] = three(&good);
    let many = ".".repeat(1_000_000);
    let rows = [
        ("nothing", String::new(), 1),
        ("no dot", header.into(), 1),
        ("no signature", format!("{header}.{payload}"), 2),
        ("a dot behind", format!("{good}."), 4),
        ("a dot in front", format!(".{good}"), 4),
        ("four", format!("{good}.{signature}"), 4),
        ("five", format!("{good}.{payload}.{signature}"), 5),
        ("a million dots", many.clone(), 1_000_001),
    ]
    .map(|(name, bad, found)| (name, bad, good.clone(), VerifyError::Segments { found }));
    let patient = verifier().max_size(2_000_000);
    check(&patient, &key().verifying_key(), rows);

    let (limit, found) = (64 * 1024, 1_000_000);
    let by_default = ("dots", many, good, VerifyError::TooLarge { limit, found });
    check_defaults([by_default]);
}

#[test]
fn no_segment_is_empty() {
    let good = with_payload(payload());
    let [header, payload, signature] = three(&good);
    check_defaults(
        [
            ("all", "..".into(), header_fault(NOT_JSON)),
            ("header", forge(&key(), "", payload), header_fault(NOT_JSON)),
            ("payload", with_payload(""), payload_fault(NOT_JSON)),
            (
                "signature",
                format!("{header}.{payload}."),
                VerifyError::InvalidSignature,
            ),
            (
                "payload, and the signature for another",
                format!("{header}..{signature}"),
                VerifyError::InvalidSignature,
            ),
        ]
        .map(|(name, bad, error)| (name, bad, good.clone(), error)),
    );
}

#[test]
fn what_is_too_long_is_not_read() {
    let filled = |length: usize| format!(r#"{{"exp":{},"":"{}"}}"#, NOW + 1, "x".repeat(length));
    // 20 characters of header, 43 of signature, two dots; the rest is three quarters payload.
    let fit = (64 * 1024 - 65) * 3 / 4 - filled(0).len();
    let (limit, found) = (64 * 1024, 64 * 1024 + 1);
    let [bad, good] = [fit + 1, fit].map(|length| with_payload(filled(length)));
    assert_eq!([bad.len(), good.len()], [found, limit]);
    check_defaults([("token", bad, good, VerifyError::TooLarge { limit, found })]);

    let good = with_payload(payload());
    let (limit, found) = (good.len(), good.len() + 1);
    let bad = format!("{good}A");
    let strict = verifier().max_size(limit);
    let error = VerifyError::TooLarge { limit, found };
    check(&strict, &key().verifying_key(), [("set", bad, good, error)]);

    let header = |length: usize| format!(r#"{{"alg":"HS256","":"{}"}}"#, "x".repeat(length));
    let fit = 8 * 1024 - header(0).len();
    let rows = [1, 2, 3, 4, 1000].map(|more| {
        let [bad, good] = [fit + more, fit].map(|length| with_header(header(length)));
        let error = header_fault("is longer than 8 KiB");
        (format!("header {more} over"), bad, good, error)
    });
    check_defaults(rows);
}

/// Were two names compared with each other, each with each, this would take a minute.
#[test]
fn the_work_is_linear_in_the_number_of_members() {
    for escape in ["", "\\u0061"] {
        let members = |count: usize| -> String {
            (0..count).map(|n| format!(r#","{escape}{n}":0"#)).collect()
        };
        let members = members(40_000);
        let bad = with_payload(format!(r#"{{"exp":{}{members},"{escape}7":0}}"#, NOW + 1));
        let good = with_payload(format!(r#"{{"exp":{}{members}}}"#, NOW + 1));
        let rows = [(escape, bad, good, payload_fault(DUPLICATE))];
        let patient = verifier().max_size(usize::MAX);
        check(&patient, &key().verifying_key(), rows);
    }
}

#[test]
fn base64url_has_one_spelling() {
    type Spoil = fn(&str) -> String;
    let spoil: [(&str, Spoil); 13] = [
        ("one padding character", |text| format!("{text}=")),
        ("two padding characters", |text| format!("{text}==")),
        ("padding in front", |text| format!("={text}")),
        ("a space behind", |text| format!("{text} ")),
        ("a space in front", |text| format!(" {text}")),
        ("a new line behind", |text| format!("{text}\n")),
        ("a line break within", |text| text.replacen('_', "_\r\n", 1)),
        ("a zero byte", |text| format!("{text}\0")),
        ("a letter beyond ASCII", |text| format!("{text}é")),
        ("the slash of the standard alphabet", |text| {
            text.replacen('_', "/", 1)
        }),
        ("the plus of the standard alphabet", |text| {
            text.replacen('-', "+", 1)
        }),
        ("a character that adds no byte", |text| {
            format!("{text}{}", &"AAA"[..(5 - text.len() % 4) % 4])
        }),
        ("unused bits that are not zero", |text| {
            // The twins' last characters stand for bits of which the lowest are unused.
            let (rest, last) = text.split_at(text.len() - 1);
            format!("{rest}{}", char::from(last.as_bytes()[0] + 1))
        }),
    ];
    // Both special characters stand in each segment, and no length is a multiple of four.
    let header = encode(r#"{"alg":"HS256","":"?????>>>>>"}"#);
    let (payload, good) = (0..10_000)
        .map(|n| encode(format!(r#"{{"exp":9000000000,"":"?????>>>>>{n:04}"}}"#)))
        .map(|payload| (payload.clone(), forge_segments(&key(), &header, &payload)))
        .find(|(_, token)| three(token)[2].contains('-') && three(token)[2].contains('_'))
        .expect("a signature with both");
    let [_, _, signature] = three(&good);
    for (name, spoil) in spoil {
        let rows = [
            (
                forge_segments(&key(), &spoil(&header), &payload),
                header_fault(NOT_BASE64URL),
            ),
            (
                forge_segments(&key(), &header, &spoil(&payload)),
                payload_fault(NOT_BASE64URL),
            ),
            (
                format!("{header}.{payload}.{}", spoil(signature)),
                VerifyError::InvalidSignature,
            ),
        ];
        check_defaults(rows.map(|(bad, error)| {
            assert_ne!(bad, good, "{name}");
            (name, bad, good.clone(), error)
        }));
    }
}

fn three(token: &str) -> [&str; 3] {
    let segments: Vec<_> = token.split('.').collect();
    segments.try_into().expect("three segments")
}

/// The rules of JSON are the same in header and payload. `@` stands for the member that has to be
/// there, and `#` for the same with an escape in its name.
#[track_caller]
fn check_json<N: Display + Clone>(
    rows: impl IntoIterator<Item = (N, String, String, &'static str)>,
) {
    let in_header = |text: &str| {
        let text = text.replace('#', r#""\u0061lg":"HS256""#);
        with_header(text.replace('@', r#""alg":"HS256""#))
    };
    let in_payload = |text: &str| {
        let text = text.replace('#', r#""ex\u0070":9e9"#);
        with_payload(text.replace('@', r#""exp":9e9"#))
    };
    for (name, bad, good, reason) in rows {
        check_defaults([
            (
                format!("{name}, in the header"),
                in_header(&bad),
                in_header(&good),
                header_fault(reason),
            ),
            (
                format!("{name}, in the payload"),
                in_payload(&bad),
                in_payload(&good),
                payload_fault(reason),
            ),
        ]);
    }
}

#[test]
fn header_and_payload_are_one_json_object_and_nothing_else() {
    let objects = [
        (
            "an array of what a struct's fields hold",
            r#"["HS256","JWT","kid"]"#,
            NOT_AN_OBJECT,
        ),
        ("an array of the object", "[{@}]", NOT_AN_OBJECT),
        ("an empty array", "[]", NOT_AN_OBJECT),
        ("a string that holds JSON", r#""{}""#, NOT_AN_OBJECT),
        ("a number", "5", NOT_AN_OBJECT),
        ("null", "null", NOT_AN_OBJECT),
        ("true", " true", NOT_AN_OBJECT),
        ("white space", " ", NOT_JSON),
        ("a byte order mark", "\u{feff}{@}", NOT_JSON),
        ("no end", "{@", NOT_JSON),
        ("no end of a string", "{@,\"", NOT_JSON),
        ("two objects", "{@}{@}", NOT_JSON),
        ("a word behind", "{@} x", NOT_JSON),
        ("a zero byte behind", "{@}\0", NOT_JSON),
        ("a brace behind", "{@}}", NOT_JSON),
        ("a trailing comma", "{@,}", NOT_JSON),
        ("a leading comma", "{,@}", NOT_JSON),
        ("a name without a value", r#"{@,"a"}"#, NOT_JSON),
        ("a name without quotes", "{@,a:1}", NOT_JSON),
        ("single quotes", "{@,'a':1}", NOT_JSON),
        ("a comment", "{@/**/}", NOT_JSON),
        ("a leading zero", r#"{@,"a":01}"#, NOT_JSON),
        ("a plus sign", r#"{@,"a":+1}"#, NOT_JSON),
        ("no number", r#"{@,"a":NaN}"#, NOT_JSON),
        ("an escape that is none", r#"{@,"a":"\x41"}"#, NOT_JSON),
        ("half an escape", r#"{@,"a":"\u00"}"#, NOT_JSON),
        ("a raw control character", "{@,\"a\":\"\n\"}", NOT_JSON),
        ("white space that JSON has not", "\u{a0}{@}", NOT_JSON),
    ];
    check_json(objects.map(|(name, bad, reason)| (name, bad.into(), "\n\t {@} \r".into(), reason)));
}

#[test]
fn a_name_stands_once() {
    let rows = [
        ("the registered one", "{@,@}", "{@}"),
        ("the registered one, escaped", "{@,#}", "{#}"),
        ("the registered one, escaped first", "{#,@}", "{#}"),
        ("another one", r#"{"a":1,@,"a":1}"#, r#"{"a":1,@,"A":1}"#),
        (
            "escaped",
            r#"{"a":1,@,"\u0061":1}"#,
            r#"{"a":1,@,"\u0062":1}"#,
        ),
        (
            "escaped first",
            r#"{"\u0061":1,@,"a":1}"#,
            r#"{"\u0061":1,@,"b":1}"#,
        ),
        (
            "escaped twice",
            r#"{@,"\u0061":1,"\u0061":1}"#,
            r#"{@,"\u0061":1,"\u0041":1}"#,
        ),
        (
            "with a slash",
            r#"{@,"\/":1,"/":1}"#,
            r#"{@,"\/":1,"//":1}"#,
        ),
        ("empty", r#"{"":1,"":1,@}"#, r#"{"":1," ":1,@}"#),
        (
            "beyond ASCII",
            r#"{@,"é":1,"\u00e9":1}"#,
            r#"{@,"é":1,"e\u0301":1}"#,
        ),
        (
            "beyond 16 bits",
            r#"{@,"😀":1,"\ud83d\ude00":1}"#,
            r#"{@,"😀":1,"\ud83d\ude01":1}"#,
        ),
    ];
    check_json(rows.map(|(name, bad, good)| (name, bad.into(), good.into(), DUPLICATE)));

    // With many members the names go from a row into a set; twins may stand anywhere in both.
    for count in [15, 16, 17, 40] {
        let members: String = (0..count).map(|n| format!(r#""{n}":[],"#)).collect();
        check_json([0, 14, count - 1].into_iter().flat_map(|n| {
            [
                format!("{n}"),
                format!(
                    "\\u{:04x}{}",
                    n.to_string().as_bytes()[0],
                    &n.to_string()[1..]
                ),
            ]
            .map(|twin| {
                let bad = format!(r#"{{{members}@,"{twin}":[]}}"#);
                let good = format!(r#"{{{members}@,"{twin}.":[]}}"#);
                (format!("{twin} of {count}"), bad, good, DUPLICATE)
            })
        }));
    }

    // Every registered name counts, also where its value is never looked at.
    for (members, name) in [(r#""alg":"HS256""#, "kid"), (r#""alg":"HS256""#, "typ")] {
        let header = |last: &str| with_header(format!(r#"{{{members},"{name}":"JWT"{last}}}"#));
        let bad = header(&format!(r#","{name}":"JWT""#));
        check_defaults([(name, bad, header(""), header_fault(DUPLICATE))]);
    }
    for (name, value) in [
        ("iss", "\"a\""),
        ("sub", "\"a\""),
        ("nbf", "0"),
        ("iat", "0"),
        ("jti", "\"a\""),
    ] {
        let payload = |last: &str| with_payload(format!(r#"{{"exp":9e9,"{name}":{value}{last}}}"#));
        let bad = payload(&format!(r#","{name}":{value}"#));
        check_defaults([(name, bad, payload(""), payload_fault(DUPLICATE))]);
    }
}

#[test]
fn escapes_make_whole_characters() {
    let rows = [
        ("high", r#""\ud83d""#, r#""\ud83d\ude00""#),
        ("low", r#""\ude00""#, r#""\ud83d\ude00""#),
        (
            "the wrong way round",
            r#""\ude00\ud83d""#,
            r#""\ud83d\ude00""#,
        ),
        ("two high", r#""\ud83d\ud83d""#, r#""\\ud83d""#),
        ("deep", r#"[{"a":["\uDEAD"]}]"#, r#"[{"a":["\\uDEAD"]}]"#),
        (
            "in the name of a member within",
            r#"{"\ud800":1}"#,
            r#"{"\\ud800":1}"#,
        ),
    ];
    check_json(rows.map(|(name, bad, good)| {
        let [bad, good] = [bad, good].map(|value| format!(r#"{{@,"a":{value}}}"#));
        (name, bad, good, LONE_SURROGATE)
    }));
    let in_a_name = r#"{@,"\ud800":1}"#.into();
    check_json([(
        "in a name",
        in_a_name,
        r#"{@,"\ud7ff":1}"#.into(),
        LONE_SURROGATE,
    )]);
    for name in ["iss", "sub", "aud", "jti"] {
        let payload = |value| with_payload(format!(r#"{{"exp":9e9,"aud":"ab","{name}":{value}}}"#));
        let payload = |value| match name {
            "aud" => with_payload(format!(r#"{{"exp":9e9,"aud":{value}}}"#)),
            _ => payload(value),
        };
        let [bad, good] = [payload(r#""\udc00""#), payload(r#""a\u0062""#)];
        let rows = [(name, bad, good, payload_fault(LONE_SURROGATE))];
        check(&verifier().audience("ab"), &key().verifying_key(), rows);
    }
}

#[test]
fn text_is_utf_8() {
    let bad: [(&str, &[u8]); 6] = [
        ("a byte that is never used", b"\xff"),
        ("a character cut off", b"\xc3"),
        ("an overlong zero", b"\xc0\x80"),
        ("a surrogate", b"\xed\xa0\x80"),
        ("beyond the last character", b"\xf4\x90\x80\x80"),
        ("Latin-1", b"\xe9t\xe9"),
    ];
    for (name, bytes) in bad {
        let text = |bytes: &[u8], member: &str| {
            [b"{\"a\":\"", bytes, b"\",", member.as_bytes(), b"}"].concat()
        };
        let header = |bytes: &[u8]| with_header(text(bytes, r#""alg":"HS256""#));
        let payload = |bytes: &[u8]| with_payload(text(bytes, r#""exp":9e9"#));
        let good = "é".as_bytes();
        let reason = "is not valid UTF-8";
        check_defaults([
            (name, header(bytes), header(good), header_fault(reason)),
            (name, payload(bytes), payload(good), payload_fault(reason)),
        ]);
    }
}

#[test]
fn nesting_is_bounded_whoever_reads() {
    // The object itself is the first of 127 levels.
    for (name, open, close) in [("arrays", "[", "]"), ("objects", r#"{"":"#, "}")] {
        let nested = |depth: usize| {
            let value = format!("{}0{}", open.repeat(depth), close.repeat(depth));
            format!(r#"{{@,"a":{value}}}"#)
        };
        check_json([
            (name, nested(127), nested(126), TOO_DEEP),
            (name, nested(1_000), "{@}".into(), TOO_DEEP),
        ]);
    }
    let unclosed = with_payload("[".repeat(40_000));
    let good = with_payload(format!(r#"{{"exp":9e9,"a":"{}"}}"#, "[".repeat(40_000)));
    check_defaults([("only brackets", unclosed, good, payload_fault(TOO_DEEP))]);
}

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

fn signed_by(key: &SigningKey) -> String {
    forge(
        key,
        format!(r#"{{"alg":"{}"}}"#, key.algorithm()),
        payload(),
    )
}

/// Rows of a good token with other signatures.
#[track_caller]
fn check_signatures<N: Display>(
    key: &SigningKey,
    good: &str,
    bad: impl IntoIterator<Item = (N, Vec<u8>)>,
) {
    let [header, payload, _] = three(good);
    check(
        &verifier(),
        &key.verifying_key(),
        bad.into_iter().map(|(name, signature)| {
            let bad = format!("{header}.{payload}.{}", encode(signature));
            (name, bad, good.to_owned(), VerifyError::InvalidSignature)
        }),
    );
}

#[test]
fn a_signature_has_its_length_and_its_message() {
    for algorithm in [
        Algorithm::HS256,
        Algorithm::HS384,
        Algorithm::HS512,
        Algorithm::ES256,
        Algorithm::ES384,
        Algorithm::EdDSA,
    ] {
        let key = SigningKey::generate(algorithm).expect("a key");
        let good = signed_by(&key);
        let other = forge(
            &key,
            format!(r#"{{"alg":"{algorithm}"}}"#),
            r#"{"exp":9e9}"#,
        );
        let raw = decode(three(&good)[2]);
        check_signatures(
            &key,
            &good,
            [
                ("empty", Vec::new()),
                ("one byte", vec![0]),
                ("without its first byte", raw[1..].to_vec()),
                ("without its last byte", raw[..raw.len() - 1].to_vec()),
                ("its first half", raw[..raw.len() / 2].to_vec()),
                ("with a byte behind", [&raw[..], &[0]].concat()),
                ("with a byte in front", [&[0], &raw[..]].concat()),
                ("twice", raw.repeat(2)),
                ("longer than any", vec![1; 40_000]),
                ("zeros", vec![0; raw.len()]),
                ("ones", vec![0xff; raw.len()]),
                ("of another token", decode(three(&other)[2])),
            ],
        );
    }
}

/// CVE-2022-21449, and its neighbours: numbers that are zero modulo the order of the curve.
#[test]
fn psychic_signatures_do_not_hold() {
    let orders = [
        (
            Algorithm::ES256,
            "_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE",
        ),
        (
            Algorithm::ES384,
            "________________________________x2NNgfQ3Ld9YGg2ySLCneuzsGWrMxSlz",
        ),
    ];
    for (algorithm, order) in orders {
        let key = SigningKey::generate(algorithm).expect("a key");
        let good = signed_by(&key);
        let (order, raw) = (decode(order), decode(three(&good)[2]));
        let zero = vec![0; order.len()];
        let (r, s) = raw.split_at(order.len());
        let numbers = [&zero, &order];
        let both = numbers
            .iter()
            .flat_map(|r| numbers.map(|s| [&r[..], s].concat()));
        let one = numbers
            .iter()
            .flat_map(|n| [[n, s].concat(), [r, n].concat()]);
        check_signatures(
            &key,
            &good,
            both.chain(one).map(|bad| (format!("{bad:x?}"), bad)),
        );
    }
}

#[test]
fn an_ecdsa_signature_in_der_does_not_hold() {
    for (algorithm, in_der) in [
        (Algorithm::ES256, &signature::ECDSA_P256_SHA256_ASN1_SIGNING),
        (Algorithm::ES384, &signature::ECDSA_P384_SHA384_ASN1_SIGNING),
    ] {
        let key = SigningKey::generate(algorithm).expect("a key");
        let good = signed_by(&key);
        let (message, _) = good.rsplit_once('.').expect("a dot");
        let pkcs8 = key.secret_pkcs8_der().expect("its export");
        let random = SystemRandom::new();
        let pair = signature::EcdsaKeyPair::from_pkcs8(in_der, pkcs8, &random).expect("a key");
        let der = pair.sign(&random, message.as_bytes()).expect("a signature");
        check_signatures(&key, &good, [("DER", der.as_ref().to_vec())]);
    }
}

#[test]
fn a_registered_claim_has_its_type_whether_expected_or_not() {
    let dates_bad = [
        r#""9999999999""#,
        r#""""#,
        "null",
        "true",
        "[9999999999]",
        "{}",
        "1e300",
        "-1e300",
        "1e400",
        "9223372036854775808",
        "-9223372036854775809",
        r#"{"$date":9999999999}"#,
    ];
    let past = [
        "0",
        "-1",
        "-0.5e1",
        "1e-999999999999",
        "-9223372036854775808",
        "1795435200",
    ];
    let future = [
        "9999999999",
        "9999999999.5",
        "1e10",
        "99999.99999E5",
        "9223372036854775807.9",
    ];
    let texts_bad = ["7", "null", "true", r#"["a"]"#, "{}", "[]", r#"{"a":"a"}"#];
    let audiences_bad = [
        "5",
        "{}",
        r#"["a",{}]"#,
        r#"["a",null]"#,
        r#"[["a"]]"#,
        "[5]",
        "null",
        "true",
        r#"{"a":"a"}"#,
        "[5,\"a\"]",
    ];
    let texts = [r#""a""#, r#""\u0061""#];
    let audiences = [r#""a""#, r#"["a"]"#, r#"["b","a","a"]"#];
    let iat = [&past[..], &future].concat();
    let any = verifier().allow_missing_expiry();
    let table: [(Claim, Verifier, &[&str], &[&str]); 10] = [
        (Claim::Expiration, verifier(), &dates_bad, &future),
        (Claim::Expiration, any.clone(), &dates_bad, &future),
        (Claim::NotBefore, any.clone(), &dates_bad, &past),
        (Claim::IssuedAt, any.clone(), &dates_bad, &iat),
        (Claim::Issuer, any.clone(), &texts_bad, &texts),
        (Claim::Issuer, any.clone().issuer("a"), &texts_bad, &texts),
        (Claim::Subject, any.clone(), &texts_bad, &texts),
        (Claim::Subject, any.clone().subject("a"), &texts_bad, &texts),
        (Claim::JwtId, any.clone(), &texts_bad, &texts),
        (
            Claim::Audience,
            any.clone().audience("a"),
            &audiences_bad,
            &audiences,
        ),
    ];
    for (claim, verifier, bad, good) in table {
        let token = |value: &str| with_payload(format!(r#"{{"{claim}":{value}}}"#));
        let token = &token;
        let rows = bad.iter().flat_map(|bad| {
            good.iter().map(move |good| {
                let name = format!("{claim}: {bad} and {good}");
                (name, token(bad), token(good), VerifyError::WrongType(claim))
            })
        });
        check(&verifier, &key().verifying_key(), rows);
    }

    let good = with_payload(r#"{"exp":9e9}"#);
    let no_numbers = [
        "09e9", "+9e9", ".9e10", "9.e9", "0x9", "NaN", "Infinity", "9e", "9e9.0",
    ];
    check_defaults(no_numbers.map(|value| {
        let bad = with_payload(format!(r#"{{"exp":{value}}}"#));
        (value, bad, good.clone(), payload_fault(NOT_JSON))
    }));
    let (at, now) = (
        NumericDate::from_seconds(-1),
        NumericDate::from_seconds(NOW),
    );
    let past = with_payload(r#"{"exp":-1}"#);
    check_defaults([(
        "long ago",
        past,
        good.clone(),
        VerifyError::Expired { at, now },
    )]);
    let audience = |value| with_payload(format!(r#"{{"exp":9e9,"aud":{value}}}"#));
    check(
        &verifier().audience("a"),
        &key().verifying_key(),
        [
            (
                "nobody",
                audience("[]"),
                audience(r#"["a"]"#),
                VerifyError::Mismatch(Claim::Audience),
            ),
            (
                "case",
                audience(r#""A""#),
                audience(r#""a""#),
                VerifyError::Mismatch(Claim::Audience),
            ),
        ],
    );
    check_defaults(["[]", "[\"\"]", "\"\""].map(|value| {
        (
            value,
            audience(value),
            good.clone(),
            VerifyError::UnexpectedAudience,
        )
    }));
}
