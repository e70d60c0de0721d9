//! Every rule, each way to break it, under every algorithm: made by code, where `hostile` has the
//! cases that are worth writing by hand. Beside each bad token stands its twin, which differs in
//! that one thing and is accepted.

mod support;

use std::sync::LazyLock;

use jwt_ring::{Algorithm, Claim, NumericDate, SigningKey, Verifier, VerifyError, VerifyingKey};
use serde_json::Value;
use support::{ALGORITHMS, NOW, clock, encode, forge, forge_segments, rsa_key, signing_key};

/// One key of each algorithm, made once.
static KEYS: LazyLock<Vec<SigningKey>> = LazyLock::new(|| ALGORITHMS.map(signing_key).into());

const CLAIMS: [Claim; 7] = [
    Claim::Issuer,
    Claim::Subject,
    Claim::Audience,
    Claim::Expiration,
    Claim::NotBefore,
    Claim::IssuedAt,
    Claim::JwtId,
];

/// What is signed, and what is not there.
struct Maker<'k> {
    key: &'k SigningKey,
    public: VerifyingKey,
    verifier: Verifier,
}

impl Maker<'_> {
    fn algorithm(&self) -> Algorithm {
        self.key.algorithm()
    }

    /// A header with further members.
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
        if let Err(error) = self.verifier.verify::<Value>(token, &self.public) {
            panic!("{}: {error:?}: {token}", self.algorithm());
        }
    }

    /// Checks the error, with a reader that looks at everything and one that looks at nothing.
    #[track_caller]
    fn refuses(&self, token: &str, expected: &VerifyError) {
        let expected = format!("{expected:?}");
        let all = self.verifier.verify::<Value>(token, &self.public);
        let error = all.expect_err("a bad token");
        assert_eq!(
            format!("{error:?}"),
            expected,
            "{}: {token}",
            self.algorithm()
        );
        let nothing = self.verifier.verify::<()>(token, &self.public);
        let error = nothing.expect_err("a bad token");
        assert_eq!(
            format!("{error:?}"),
            expected,
            "{}: {token}",
            self.algorithm()
        );
    }
}

/// A payload with further members.
fn payload(members: &str) -> String {
    format!(r#"{{"exp":{}{members}}}"#, NOW + 1)
}

fn malformed_header(reason: &'static str) -> VerifyError {
    VerifyError::MalformedHeader { reason }
}

fn malformed_payload(reason: &'static str) -> VerifyError {
    VerifyError::MalformedPayload { reason }
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
            limited(limit).refuses(&token, &VerifyError::TooLarge { limit, found });
        }
        // The header has a limit of its own.
        let filled = |length: usize| {
            let json = maker.header(&format!(r#","":"{}""#, "x".repeat(length)));
            assert!(json.len() <= 64 * 1024);
            (json.len(), maker.with_header(&json))
        };
        let room = 8 * 1024 - filled(0).0;
        maker.accepts(&filled(room).1);
        let long = malformed_header("is longer than 8 KiB");
        maker.refuses(&filled(room + 1).1, &long);
        maker.refuses(&filled(16 * 1024).1, &long);
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
            maker.refuses(&token, &VerifyError::Segments { found });
        }
        // The JSON serialization (RFC 7515 §7.2).
        let (header, payload, signature) = (parts[0], parts[1], parts[2]);
        let protected = format!(r#""protected":"{header}","signature":"{signature}""#);
        for token in [
            format!(r#"{{"payload":"{payload}",{protected}}}"#),
            format!(r#"{{"payload":"{payload}","signatures":[{{{protected}}}]}}"#),
        ] {
            maker.refuses(&token, &VerifyError::Segments { found: 1 });
        }
    });
}

/// Texts that are not the one way to write some bytes in base64url, given a text that is.
fn misspelt(segment: &str) -> Vec<String> {
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
    // One character alone holds no byte.
    let whole = segment.len() / 4 * 4;
    all.push(format!("{}A", &segment[..whole]));
    // What is left over of the last character must be zero.
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
        for bad in misspelt(header) {
            let token = forge_segments(maker.key, &bad, payload);
            maker.refuses(&token, &malformed_header(reason));
        }
        for bad in misspelt(payload) {
            let token = forge_segments(maker.key, header, &bad);
            maker.refuses(&token, &malformed_payload(reason));
        }
        for bad in misspelt(signature) {
            let token = format!("{header}.{payload}.{bad}");
            maker.refuses(&token, &VerifyError::InvalidSignature);
        }
    });
}

/// Ways to break an object, given as it is written without its closing brace.
fn broken(open: &str) -> Vec<(Vec<u8>, &'static str)> {
    let (not_json, not_object) = ("is not valid JSON", "is not a JSON object");
    let duplicate = "has two members of the same name";
    let half = "has an escape that is half a character";
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
            "is nested too deeply",
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
        for (json, reason) in broken(header.trim_end_matches('}')) {
            maker.refuses(&maker.with_header(json), &malformed_header(reason));
        }
        maker.accepts(&maker.with_header(maker.header(&fine)));
        for (json, reason) in broken(payload("").trim_end_matches('}')) {
            maker.refuses(&maker.with_payload(json), &malformed_payload(reason));
        }
        maker.accepts(&maker.with_payload(payload(&fine)));

        let duplicate = "has two members of the same name";
        for name in ["alg", "typ", "kid", "crit", "b64", "a\\u006cg"] {
            let header = format!(r#"{{"alg":"HS256","{name}":"JWT","{name}":"JWT"}}"#);
            maker.refuses(&maker.with_header(header), &malformed_header(duplicate));
        }
        for claim in CLAIMS {
            let payload = format!(r#"{{"{claim}":1,"{claim}":1}}"#);
            maker.refuses(&maker.with_payload(payload), &malformed_payload(duplicate));
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
            let mismatch = VerifyError::AlgorithmMismatch {
                expected: maker.algorithm(),
                found,
            };
            maker.refuses(&with_alg(&format!("\"{found}\"")), &mismatch);
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
            let unsupported = VerifyError::UnsupportedAlgorithm;
            let signed = with_alg(&format!("\"{name}\""));
            maker.refuses(&signed, &unsupported);
            let bare = &signed[..=signed.rfind('.').expect("a dot")];
            maker.refuses(bare, &unsupported);
        }
        for value in ["null", "1", "true", "[]", &format!("[\"{own}\"]"), "{}"] {
            let reason = "has an `alg`, `typ` or `kid` that is not a string";
            maker.refuses(&with_alg(value), &malformed_header(reason));
        }
        maker.refuses(&maker.with_header("{}"), &malformed_header("has no `alg`"));
        // An escape is the same name, and so is a member in another place.
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
            let member = VerifyError::UnsupportedExtension { member: "crit" };
            maker.refuses(
                &maker.with_header(maker.header(&format!(r#","crit":{crit}"#))),
                &member,
            );
            // With what it lists, too.
            let members = format!(r#","crit":{crit},"b64":true,"exp":1"#);
            maker.refuses(&maker.with_header(maker.header(&members)), &member);
        }
        for b64 in ["false", "null", "0", "\"true\"", "[]"] {
            let member = VerifyError::UnsupportedExtension { member: "b64" };
            maker.refuses(
                &maker.with_header(maker.header(&format!(r#","b64":{b64}"#))),
                &member,
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
        for typ in [
            "at+jwt",
            "application/at+jwt",
            "dpop+jwt",
            "logout+jwt",
            "JOSE",
            "",
            "JWT ",
        ] {
            maker.refuses(&with_typ(&format!("\"{typ}\"")), &VerifyError::TokenType);
        }
        for typ in ["null", "1", r#"["JWT"]"#] {
            let reason = "has an `alg`, `typ` or `kid` that is not a string";
            maker.refuses(&with_typ(typ), &malformed_header(reason));
        }
        for typ in ["JWT", "jwt", "application/jwt", "Application/JWT"] {
            maker.accepts(&with_typ(&format!("\"{typ}\"")));
        }
        let expecting = Maker {
            key: maker.key,
            public: maker.public.clone(),
            verifier: maker.verifier.clone().token_type("at+jwt"),
        };
        for typ in ["at+jwt", "application/at+jwt", "AT+JWT"] {
            expecting.accepts(&with_typ(&format!("\"{typ}\"")));
        }
        for typ in ["JWT", "at+jwt2", "text/at+jwt", "application/at+jwt/x"] {
            expecting.refuses(&with_typ(&format!("\"{typ}\"")), &VerifyError::TokenType);
        }
        expecting.refuses(&maker.good(), &VerifyError::TokenType);
    });
}

/// A token within a token (RFC 7519 §5.2) has a payload that is no JSON.
#[test]
fn nested() {
    under_every_algorithm(|maker| {
        let inner = maker.good();
        for members in ["", r#","cty":"JWT""#] {
            let token = forge(maker.key, maker.header(members), &inner);
            maker.refuses(&token, &malformed_payload("is not valid JSON"));
        }
        maker.accepts(&maker.with_header(maker.header(r#","cty":"JWT""#)));
    });
}

/// Another key for the same algorithm.
fn stranger(algorithm: Algorithm) -> SigningKey {
    match algorithm.name().get(..2) {
        Some("RS" | "PS") => rsa_key(algorithm, "rsa3072.pkcs8.pem"),
        _ => signing_key(algorithm),
    }
}

#[test]
fn keys_in_the_token() {
    under_every_algorithm(|maker| {
        let stranger = stranger(maker.algorithm());
        // A secret has no public JWK; a stranger would write it out.
        let jwk = serde_json::to_string(&stranger.verifying_key()).unwrap_or_else(|_| {
            let secret = encode(stranger.secret_bytes().expect("generated"));
            format!(r#"{{"kty":"oct","k":"{secret}"}}"#)
        });
        for member in [
            format!(r#","jwk":{jwk}"#),
            format!(r#","jwk":{jwk},"kid":"me""#),
            r#","jku":"https://stranger.example/jwks.json""#.into(),
            r#","x5u":"https://stranger.example/cert.pem""#.into(),
            r#","x5c":["MIIB"]"#.into(),
            r#","kid":"../../dev/null""#.into(),
            r#","kid":"' UNION SELECT 'secret"#.to_owned() + "\"",
        ] {
            let header = maker.header(&member);
            let forged = forge(&stranger, &header, payload(""));
            maker.refuses(&forged, &VerifyError::InvalidSignature);
            maker.accepts(&maker.with_header(&header));
        }
    });
}

#[test]
fn signatures() {
    under_every_algorithm(|maker| {
        let good = maker.good();
        let (message, signature) = good.rsplit_once('.').expect("a dot");
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
            stranger(maker.algorithm())
                .sign(message.as_bytes())
                .expect("a signature")
                .as_ref()
                .to_vec(),
            vec![0xff; 2000],
        ];
        for bad in bad {
            let token = format!("{message}.{}", encode(bad));
            maker.refuses(&token, &VerifyError::InvalidSignature);
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
                Claim::Expiration | Claim::NotBefore | Claim::IssuedAt => &date,
            };
            for (value, fits) in values {
                let json = format!(r#"{{"{claim}":{value}}}"#);
                let token = maker.with_payload(json);
                if !fits {
                    maker.refuses(&token, &VerifyError::WrongType(claim));
                } else if claim == Claim::Expiration {
                    let (seconds, now) = (value.starts_with("1.5"), NumericDate::from_seconds(NOW));
                    let at = NumericDate::from_seconds(1);
                    let half = std::time::Duration::from_millis(500 * u64::from(seconds));
                    let at = at.saturating_add(half);
                    maker.refuses(&token, &VerifyError::Expired { at, now });
                } else {
                    maker.refuses(&token, &VerifyError::Missing(Claim::Expiration));
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
        maker.refuses(&exp, &VerifyError::Expired { at, now });
        let at = NumericDate::from_seconds(NOW + 1);
        let nbf = maker.with_payload(payload(&format!(r#","nbf":{}"#, NOW + 1)));
        maker.refuses(&nbf, &VerifyError::NotYetValid { at, now });
        maker.accepts(&maker.with_payload(payload(&format!(r#","nbf":{NOW}"#))));
        let aud = maker.with_payload(payload(r#","aud":"a""#));
        maker.refuses(&aud, &VerifyError::UnexpectedAudience);
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
        for (index, claim) in [Claim::Issuer, Claim::Audience, Claim::Subject]
            .into_iter()
            .enumerate()
        {
            expecting.refuses(&token(index, None), &VerifyError::Missing(claim));
            for other in ["\"\"", "\"I\"", "\"i \"", "\"x\""] {
                expecting.refuses(&token(index, Some(other)), &VerifyError::Mismatch(claim));
            }
            expecting.refuses(&token(index, Some("[1]")), &VerifyError::WrongType(claim));
        }
        expecting.refuses(
            &token(1, Some("[]")),
            &VerifyError::Mismatch(Claim::Audience),
        );
    });
}
