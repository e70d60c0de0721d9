//! Every rule under every algorithm. Each rejected token has a valid twin that differs in that one
//! thing. The cases are generated; `hostile` has those written by hand.

mod support;

use std::sync::LazyLock;

use jwt_ring::{
    Algorithm, Claim, Claims, NumericDate, SigningKey, Verifier, VerifyError, VerifyingKey,
};
use serde::de::DeserializeOwned;
use serde_json::Value;
use support::{
    ALGORITHMS, NOW, clock, encode, errors, forge, forge_segments, rsa_key, signing_key,
};

/// One key of each algorithm, made once.
static KEYS: LazyLock<Vec<SigningKey>> = LazyLock::new(|| ALGORITHMS.map(signing_key).into());

const ED25519: [Algorithm; 2] = [Algorithm::EdDSA, Algorithm::Ed25519];

const CLAIMS: [Claim; 7] = [
    Claim::Issuer,
    Claim::Subject,
    Claim::Audience,
    Claim::Expiration,
    Claim::NotBefore,
    Claim::IssuedAt,
    Claim::JwtId,
];

/// A key with a verifier for its tokens.
struct Maker<'k> {
    key: &'k SigningKey,
    public: VerifyingKey,
    verifier: Verifier,
}

impl Maker<'_> {
    fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    /// Returns a header with further parameters.
    fn header(&self, members: &str) -> String {
        format!(r#"{{"alg":"{}"{members}}}"#, self.algorithm())
    }

    fn with_header(&self, json: impl AsRef<[u8]>) -> String {
        forge(self.key, json, payload(""))
    }

    fn with_payload(&self, json: impl AsRef<[u8]>) -> String {
        forge(self.key, self.header(""), json)
    }

    fn good(&self) -> String {
        self.with_payload(payload(""))
    }

    #[track_caller]
    fn accepts(&self, token: &str) {
        if let Err(error) = self.verifier.verify::<Claims<Value>>(token, &self.public) {
            panic!("{}: {error:?}: {token}", self.algorithm());
        }
    }

    /// Checks the error, with types that read all members, some members, and none.
    #[track_caller]
    fn rejects(&self, token: &str, expected: &str) {
        self.rejects_for::<Value>(token, expected);
        self.rejects_for::<Claims<Value>>(token, expected);
        self.rejects_for::<Claims>(token, expected);
        self.rejects_for::<()>(token, expected);
    }

    #[track_caller]
    fn rejects_for<C: DeserializeOwned>(&self, token: &str, expected: &str) {
        let result = self.verifier.verify::<C>(token, &self.public);
        let error = result.map(drop).expect_err("a token to reject");
        let message = format!("{}: {token}", self.algorithm());
        assert_eq!(errors::text(&error), expected, "{message}");
    }
}

/// Returns a payload with further members.
fn payload(members: &str) -> String {
    format!(r#"{{"exp":{}{members}}}"#, NOW + 1)
}

/// Runs the checks of one rule under every algorithm.
fn under_every_algorithm(check: impl Fn(&Maker<'_>)) {
    for key in &*KEYS {
        let maker = Maker {
            key,
            public: key.verifying_key(),
            verifier: Verifier::new().clock(clock()),
        };
        maker.accepts(&maker.good());
        check(&maker);
    }
}

#[test]
fn size() {
    under_every_algorithm(|maker| {
        let token = maker.good();
        let found = token.len();
        let limited = |limit| Maker {
            key: maker.key,
            public: maker.public.clone(),
            verifier: maker.verifier.clone().max_size(limit),
        };
        limited(found).accepts(&token);
        for limit in [found - 1, 1, 0] {
            limited(limit).rejects(&token, &errors::too_large(limit, found));
        }
        // The header has a limit of its own.
        let filled = |length: usize| {
            let json = maker.header(&format!(r#","":"{}""#, "x".repeat(length)));
            assert!(json.len() <= 64 * 1024);
            (json.len(), maker.with_header(&json))
        };
        let room = 8 * 1024 - filled(0).0;
        maker.accepts(&filled(room).1);
        let long = errors::malformed_header("is longer than 8 KiB");
        maker.rejects(&filled(room + 1).1, &long);
        maker.rejects(&filled(16 * 1024).1, &long);
    });
}

#[test]
fn segments() {
    under_every_algorithm(|maker| {
        let good = maker.good();
        let parts: Vec<_> = good.split('.').collect();
        for take in [0, 1, 2, 4, 5, 6] {
            let token = parts
                .iter()
                .cycle()
                .take(take)
                .copied()
                .collect::<Vec<_>>()
                .join(".");
            let found = token.split('.').count();
            maker.rejects(&token, &errors::segments(found));
        }
        // The JSON serialization (RFC 7515 §7.2).
        let (header, payload, signature) = (parts[0], parts[1], parts[2]);
        let protected = format!(r#""protected":"{header}","signature":"{signature}""#);
        for token in [
            format!(r#"{{"payload":"{payload}",{protected}}}"#),
            format!(r#"{{"payload":"{payload}","signatures":[{{{protected}}}]}}"#),
        ] {
            maker.rejects(&token, &errors::segments(1));
        }
    });
}

/// Returns texts that are not canonical base64url, given one that is.
fn not_canonical(segment: &str) -> Vec<String> {
    let (first, rest) = segment.split_at(1);
    let mut all: Vec<_> = [
        "=", "==", " ", "\n", "\r\n", "\0", "+", "/", "é", "%3D", "*", ":",
    ]
    .iter()
    .flat_map(|wrong| {
        [
            format!("{segment}{wrong}"),
            format!("{wrong}{segment}"),
            format!("{first}{wrong}{rest}"),
        ]
    })
    .collect();
    // A last group of one character.
    let whole = segment.len() / 4 * 4;
    all.push(format!("{}A", &segment[..whole]));
    // Unused bits that are not zero.
    all.push(format!("{}AB", &segment[..whole]));
    all.push(format!("{}AAB", &segment[..whole]));
    all
}

#[test]
fn base64url() {
    under_every_algorithm(|maker| {
        let good = maker.good();
        let parts: Vec<_> = good.split('.').collect();
        let &[header, payload, signature] = &*parts else {
            panic!("three segments");
        };
        let reason = "is not base64url without padding";
        for bad in not_canonical(header) {
            let token = forge_segments(maker.key, &bad, payload);
            maker.rejects(&token, &errors::malformed_header(reason));
        }
        for bad in not_canonical(payload) {
            let token = forge_segments(maker.key, header, &bad);
            maker.rejects(&token, &errors::malformed_payload(reason));
        }
        // White space at the start: see `hostile`.
        let starts = |bad: &String| bad.starts_with([' ', '\n', '\r']);
        for bad in not_canonical(signature)
            .into_iter()
            .filter(|bad| !starts(bad))
        {
            let reason = match bad.ends_with([' ', '\n']) {
                true => "has white space at its end: trim the token",
                false => reason,
            };
            let token = format!("{header}.{payload}.{bad}");
            maker.rejects(&token, &errors::malformed_signature(reason));
        }
    });
}

/// Returns malformed variants of an object, given without its closing brace.
fn malformed(open: &str) -> Vec<(Vec<u8>, &'static str)> {
    let (not_json, not_object) = ("is not valid JSON", "is not a JSON object");
    let duplicate = "has two members of the same name";
    let half = "has an escape for half of a surrogate pair";
    let texts = [
        (String::new(), not_json),
        (open.into(), not_json),
        (format!("{open},}}"), not_json),
        (format!("{open}}}}}"), not_json),
        (format!("{open}}}{{}}"), not_json),
        (format!("{open}}}\0"), not_json),
        (format!("\u{feff}{open}}}"), not_json),
        (format!("{open},'x':1}}"), not_json),
        (format!("{open},x:1}}"), not_json),
        (format!("{open},\"x\":NaN}}"), not_json),
        (format!("{open},\"x\":Infinity}}"), not_json),
        (format!("{open},\"x\":01}}"), not_json),
        (format!("{open},\"x\":+1}}"), not_json),
        (format!("{open},\"x\":1.}}"), not_json),
        (format!("{open},\"x\":undefined}}"), not_json),
        (format!("{open},\"x\":\"\n\"}}"), not_json),
        (format!("{open},\"x\":\"\\x41\"}}"), not_json),
        (format!("{open},\"x\"}}"), not_json),
        (format!("{open},\"x\":1/**/}}"), not_json),
        ("[]".into(), not_object),
        (format!("[{open}}}]"), not_object),
        ("\"{}\"".into(), not_object),
        ("null".into(), not_object),
        ("1".into(), not_object),
        ("true".into(), not_object),
        (format!("{open},\"x\":1,\"x\":1}}"), duplicate),
        (format!("{open},\"x\":1,\"\\u0078\":2}}"), duplicate),
        (format!("{open},\"\":1,\"\":1}}"), duplicate),
        (format!("{open},\"x\":\"\\ud800\"}}"), half),
        (format!("{open},\"x\":\"\\udc00\\ud800\"}}"), half),
        (format!("{open},\"x\":[{{\"\\ud800x\":1}}]}}"), half),
        (
            format!("{open},\"x\":{}{}}}", "[".repeat(127), "]".repeat(127)),
            "is nested more than 127 levels deep",
        ),
    ];
    let bytes = [
        (
            format!("{open},\"x\":\"\u{e9}\"}}"),
            &b"\xc3\xa9"[..],
            &b"\xe9"[..],
        ),
        (
            format!("{open},\"x\":\"\u{800}\"}}"),
            b"\xe0\xa0\x80",
            b"\xed\xa0\x80",
        ),
        (
            format!("{open},\"x\":\"\u{80}\"}}"),
            b"\xc2\x80",
            b"\xc0\x80",
        ),
    ]
    .map(|(text, good, bad)| {
        let mut text = text.into_bytes();
        let place = text.windows(good.len()).position(|window| window == good);
        let place = place.expect("it is there");
        text.splice(place..place + good.len(), bad.iter().copied());
        (text, "is not valid UTF-8")
    });
    let texts = texts
        .into_iter()
        .map(|(text, reason)| (text.into_bytes(), reason));
    texts.chain(bytes).collect()
}

#[test]
fn json() {
    under_every_algorithm(|maker| {
        let fine = format!(
            ",\"x\":{}{},\"y\":\"\\ud83d\\ude00\u{e9}\",\"Y\":{{\"x\":1,\"x\":2}} \n",
            "[".repeat(126),
            "]".repeat(126)
        );
        let header = maker.header("");
        for (json, reason) in malformed(header.trim_end_matches('}')) {
            maker.rejects(&maker.with_header(json), &errors::malformed_header(reason));
        }
        maker.accepts(&maker.with_header(maker.header(&fine)));
        for (json, reason) in malformed(payload("").trim_end_matches('}')) {
            maker.rejects(
                &maker.with_payload(json),
                &errors::malformed_payload(reason),
            );
        }
        maker.accepts(&maker.with_payload(payload(&fine)));

        let duplicate = "has two members of the same name";
        for name in ["alg", "typ", "kid", "crit", "b64", "a\\u006cg"] {
            let header = format!(r#"{{"alg":"HS256","{name}":"JWT","{name}":"JWT"}}"#);
            maker.rejects(
                &maker.with_header(header),
                &errors::malformed_header(duplicate),
            );
        }
        for claim in CLAIMS {
            let payload = format!(r#"{{"{claim}":1,"{claim}":1}}"#);
            maker.rejects(
                &maker.with_payload(payload),
                &errors::malformed_payload(duplicate),
            );
        }
    });
}

#[test]
fn alg() {
    under_every_algorithm(|maker| {
        let with_alg = |json: &str| maker.with_header(format!(r#"{{"alg":{json}}}"#));
        for found in ALGORITHMS
            .into_iter()
            .filter(|one| *one != maker.algorithm())
        {
            // `EdDSA` and `Ed25519` name the same signatures.
            if [maker.algorithm(), found]
                .iter()
                .all(|one| ED25519.contains(one))
            {
                maker.accepts(&with_alg(&format!("\"{found}\"")));
                continue;
            }
            let mismatch = errors::algorithm_mismatch(maker.algorithm(), found);
            maker.rejects(&with_alg(&format!("\"{found}\"")), &mismatch);
        }
        let own = maker.algorithm().name();
        let mut names: Vec<_> = ["none", "None", "NONE", "nOnE", "", "ES512", "ES256K", "HS1"]
            .map(str::to_owned)
            .into();
        names.extend([
            own.to_ascii_lowercase(),
            own.to_ascii_uppercase()
                .replace("HS", "hS")
                .replace("S", "s"),
            format!("{own} "),
            format!(" {own}"),
            format!("{own}\\u0000"),
            format!("{own},none"),
        ]);
        for name in names {
            let unsupported = errors::unsupported_algorithm();
            let signed = with_alg(&format!("\"{name}\""));
            maker.rejects(&signed, &unsupported);
            let bare = &signed[..=signed.rfind('.').expect("a dot")];
            maker.rejects(bare, &unsupported);
        }
        for value in ["null", "1", "true", "[]", &format!("[\"{own}\"]"), "{}"] {
            let reason = "has an `alg` that is not a string";
            maker.rejects(&with_alg(value), &errors::malformed_header(reason));
        }
        maker.rejects(
            &maker.with_header("{}"),
            &errors::malformed_header("has no `alg`"),
        );
        // Names may be written with escapes, and in any order.
        let escaped = format!(r#"{{"typ":"JWT","\u0061lg":"{own}"}}"#);
        maker.accepts(&maker.with_header(escaped));
    });
}

#[test]
fn extensions() {
    under_every_algorithm(|maker| {
        for crit in [
            "[]",
            r#"["exp"]"#,
            r#"["b64"]"#,
            r#"["alg"]"#,
            "null",
            "{}",
            "false",
            "\"\"",
        ] {
            let error = errors::unsupported_extension("crit");
            maker.rejects(
                &maker.with_header(maker.header(&format!(r#","crit":{crit}"#))),
                &error,
            );
            // Also if the parameters that it lists are present.
            let members = format!(r#","crit":{crit},"b64":true,"exp":1"#);
            maker.rejects(&maker.with_header(maker.header(&members)), &error);
        }
        for b64 in ["false", "null", "0", "\"true\"", "[]"] {
            let error = errors::unsupported_extension("b64");
            maker.rejects(
                &maker.with_header(maker.header(&format!(r#","b64":{b64}"#))),
                &error,
            );
        }
        for fine in [
            r#","b64":true"#,
            r#","Crit":["exp"]"#,
            r#","x":{"crit":["exp"]}"#,
        ] {
            maker.accepts(&maker.with_header(maker.header(fine)));
        }
    });
}

#[test]
fn typ() {
    under_every_algorithm(|maker| {
        let with_typ = |typ: &str| maker.with_header(maker.header(&format!(r#","typ":{typ}"#)));
        let unexpected = errors::typ_mismatch(&[]);
        for typ in [
            "at+jwt",
            "application/at+jwt",
            "dpop+jwt",
            "logout+jwt",
            "JOSE",
            "",
            "JWT ",
        ] {
            maker.rejects(&with_typ(&format!("\"{typ}\"")), &unexpected);
        }
        for typ in ["null", "1", r#"["JWT"]"#] {
            let reason = "has a `typ` that is not a string";
            maker.rejects(&with_typ(typ), &errors::malformed_header(reason));
        }
        for typ in ["JWT", "jwt", "application/jwt", "Application/JWT"] {
            maker.accepts(&with_typ(&format!("\"{typ}\"")));
        }
        let expecting = Maker {
            key: maker.key,
            public: maker.public.clone(),
            verifier: maker.verifier.clone().typ("at+jwt"),
        };
        for typ in ["at+jwt", "application/at+jwt", "AT+JWT"] {
            expecting.accepts(&with_typ(&format!("\"{typ}\"")));
        }
        let mismatch = errors::typ_mismatch(&["at+jwt"]);
        for typ in ["JWT", "at+jwt2", "text/at+jwt", "application/at+jwt/x"] {
            expecting.rejects(&with_typ(&format!("\"{typ}\"")), &mismatch);
        }
        expecting.rejects(&maker.good(), &mismatch);
    });
}

/// RFC 7519 §7.2 step 8.
#[test]
fn nested() {
    under_every_algorithm(|maker| {
        let inner = maker.good();
        let with_inner = |members: &str| forge(maker.key, maker.header(members), &inner);
        maker.rejects(
            &with_inner(""),
            &errors::malformed_payload("is not valid JSON"),
        );
        for cty in ["JWT", "jwt", "application/jwt"] {
            let member = format!(r#","cty":"{cty}""#);
            maker.rejects(&with_inner(&member), &errors::nested_token());
            maker.rejects(
                &maker.with_header(maker.header(&member)),
                &errors::nested_token(),
            );
        }
        maker.accepts(&maker.with_header(maker.header(r#","cty":"json""#)));
        for cty in ["null", "1", r#"["JWT"]"#] {
            let reason = "has a `cty` that is not a string";
            let token = maker.with_header(maker.header(&format!(r#","cty":{cty}"#)));
            maker.rejects(&token, &errors::malformed_header(reason));
        }
    });
}

/// Another key for the same algorithm.
fn other_key(algorithm: Algorithm) -> SigningKey {
    match algorithm.name().get(..2) {
        Some("RS" | "PS") => rsa_key(algorithm, "rsa3072.pkcs8.pem"),
        _ => signing_key(algorithm),
    }
}

#[test]
fn keys_in_the_token() {
    under_every_algorithm(|maker| {
        let other = other_key(maker.algorithm());
        // A secret has no public JWK; an attacker would write it as `oct`.
        let jwk = serde_json::to_string(&other.verifying_key()).unwrap_or_else(|_| {
            let secret = encode(other.secret_bytes().expect("generated"));
            format!(r#"{{"kty":"oct","k":"{secret}"}}"#)
        });
        for member in [
            format!(r#","jwk":{jwk}"#),
            format!(r#","jwk":{jwk},"kid":"me""#),
            r#","jku":"https://attacker.example/jwks.json""#.into(),
            r#","x5u":"https://attacker.example/cert.pem""#.into(),
            r#","x5c":["MIIB"]"#.into(),
            r#","kid":"../../dev/null""#.into(),
            r#","kid":"' UNION SELECT 'secret"#.to_owned() + "\"",
        ] {
            let header = maker.header(&member);
            let forged = forge(&other, &header, payload(""));
            maker.rejects(&forged, &errors::invalid_signature());
            maker.accepts(&maker.with_header(&header));
        }
    });
}

#[test]
fn signatures() {
    under_every_algorithm(|maker| {
        let good = maker.good();
        let (signing_input, signature) = good.rsplit_once('.').expect("a dot");
        let raw = support::decode(signature);
        let other = maker.with_payload(payload(r#","role":"admin""#));
        let other = support::decode(other.rsplit_once('.').expect("a dot").1);
        let half = raw.len() / 2;
        let bad = [
            Vec::new(),
            vec![0],
            vec![0; raw.len()],
            vec![0xff; raw.len()],
            raw[..raw.len() - 1].to_vec(),
            raw[1..].to_vec(),
            raw[..half].to_vec(),
            [&raw[..], &[0]].concat(),
            [&[0], &raw[..]].concat(),
            [&raw[..], &raw[..]].concat(),
            [&raw[half..], &raw[..half]].concat(),
            raw.iter().rev().copied().collect(),
            raw.iter().map(|byte| !byte).collect(),
            [&raw[..half], &other[half..]].concat(),
            other,
            other_key(maker.algorithm())
                .sign(signing_input.as_bytes())
                .expect("a signature")
                .as_ref()
                .to_vec(),
            vec![0xff; 2000],
        ];
        for bad in bad {
            let token = format!("{signing_input}.{}", encode(bad));
            maker.rejects(&token, &errors::invalid_signature());
        }
    });
}

#[test]
fn claims() {
    under_every_algorithm(|maker| {
        let text = [
            ("\"a\"", true),
            ("1", false),
            ("null", false),
            ("[\"a\"]", false),
            ("{}", false),
        ];
        let date = [
            ("1", true),
            ("1.5e0", true),
            ("\"1\"", false),
            ("null", false),
            ("true", false),
            ("[1]", false),
            ("1e300", false),
            ("9223372036854775808", false),
        ];
        let audience = [
            ("5", false),
            ("null", false),
            ("[\"a\",{}]", false),
            ("[\"a\",null]", false),
            ("[[\"a\"]]", false),
            ("{\"a\":1}", false),
        ];
        for claim in CLAIMS {
            let values = match claim {
                Claim::Issuer | Claim::Subject | Claim::JwtId => &text[..],
                Claim::Audience => &audience,
                _ => &date,
            };
            for (value, fits) in values {
                let json = format!(r#"{{"{claim}":{value}}}"#);
                let token = maker.with_payload(json);
                if !fits {
                    maker.rejects(&token, &errors::wrong_type(claim));
                } else if claim == Claim::Expiration {
                    let (seconds, now) = (value.starts_with("1.5"), NumericDate::from_seconds(NOW));
                    let at = NumericDate::from_seconds(1);
                    let half = std::time::Duration::from_millis(500 * u64::from(seconds));
                    let at = at.saturating_add(half);
                    maker.rejects(&token, &errors::expired(at, now));
                } else {
                    maker.rejects(&token, &errors::missing(Claim::Expiration));
                    let json = payload(&format!(r#","{claim}":{value}"#));
                    maker.accepts(&maker.with_payload(json));
                }
            }
        }
        let (at, now) = (
            NumericDate::from_seconds(NOW),
            NumericDate::from_seconds(NOW),
        );
        let exp = maker.with_payload(format!(r#"{{"exp":{NOW}}}"#));
        maker.rejects(&exp, &errors::expired(at, now));
        let at = NumericDate::from_seconds(NOW + 1);
        let nbf = maker.with_payload(payload(&format!(r#","nbf":{}"#, NOW + 1)));
        maker.rejects(&nbf, &errors::not_yet_valid(at, now));
        maker.accepts(&maker.with_payload(payload(&format!(r#","nbf":{NOW}"#))));
        let aud = maker.with_payload(payload(r#","aud":"a""#));
        maker.rejects(&aud, &errors::text(&VerifyError::UnexpectedAudience));
    });
}

#[test]
fn policy() {
    under_every_algorithm(|maker| {
        let expecting = Maker {
            key: maker.key,
            public: maker.public.clone(),
            verifier: maker
                .verifier
                .clone()
                .issuer("i")
                .audience("a")
                .subject("s"),
        };
        let all = [("iss", "\"i\""), ("aud", "[\"b\",\"a\"]"), ("sub", "\"s\"")];
        let token = |changed: usize, value: Option<&str>| {
            let members: String = all
                .iter()
                .enumerate()
                .filter_map(|(index, (name, json))| {
                    let json = if index == changed { value? } else { json };
                    Some(format!(r#","{name}":{json}"#))
                })
                .collect();
            maker.with_payload(payload(&members))
        };
        expecting.accepts(&token(all.len(), None));
        let expected = [
            (Claim::Issuer, "i"),
            (Claim::Audience, "a"),
            (Claim::Subject, "s"),
        ];
        for (index, (claim, value)) in expected.into_iter().enumerate() {
            let mismatch = errors::mismatch(claim, &[value]);
            expecting.rejects(&token(index, None), &errors::missing(claim));
            for other in ["\"\"", "\"I\"", "\"i \"", "\"x\""] {
                expecting.rejects(&token(index, Some(other)), &mismatch);
            }
            expecting.rejects(&token(index, Some("[1]")), &errors::wrong_type(claim));
        }
        let mismatch = errors::mismatch(Claim::Audience, &["a"]);
        expecting.rejects(&token(1, Some("[]")), &mismatch);
    });
}
