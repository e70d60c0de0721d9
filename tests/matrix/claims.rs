//! Types of claims, and the policy.

use jwt_ring::{Claim, NumericDate, VerifyError};

use crate::support::{NOW, REGISTERED, errors};
use crate::{Maker, payload, under_every_algorithm};

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
        for claim in REGISTERED {
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
