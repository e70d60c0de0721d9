//! Rules of DPoP proofs (RFC 9449 §4.3), beside valid tokens.

use serde_json::{Value, json};

use super::{Rule, UNUSED};
use crate::base64url;
use crate::testing::draft::Draft;
use crate::testing::issuer::{Issuer, jwk, token_hash};
use crate::testing::token::{InvalidToken, Profile, TestToken};

/// An hour, in seconds: more than the window of any service.
const HOUR: i64 = 3_600;

/// The rules of one proof.
const RULES: &[Rule] = &[
    ("proof of another key", "RFC 9449 §4.3", |proof| {
        let key = proof.issuer.thief();
        proof.key(key).header("jwk", jwk(key)).sign()
    }),
    (
        "proof by another key than its `jwk`",
        "RFC 9449 §4.3",
        |proof| {
            let key = proof.issuer.thief();
            proof.key(key).sign()
        },
    ),
    ("proof changed", "RFC 9449 §4.3", |proof| {
        let signed = proof.sign();
        let (_, signature) = signed.rsplit_once('.').unwrap_or_default();
        let input = proof.claim(UNUSED, true).signing_input();
        format!("{input}.{signature}")
    }),
    ("proof without a signature", "RFC 9449 §4.3", |proof| {
        proof.header("alg", "none").signing_input() + "."
    }),
    (
        "proof signed with HMAC by its `jwk`",
        "RFC 9449 §4.3",
        |proof| {
            let secret = jwk(proof.key).to_string();
            proof.hmac(secret.as_bytes())
        },
    ),
    ("proof without `jwk`", "RFC 9449 §4.3", |proof| {
        proof.without_header("jwk").sign()
    }),
    ("proof with a private `jwk`", "RFC 9449 §4.3", |proof| {
        let mut key = jwk(proof.key);
        if let Some(members) = key.as_object_mut() {
            members.insert("d".into(), base64url::encode(&[7; 32]).into());
        }
        proof.header("jwk", key).sign()
    }),
    ("proof with the `typ` JWT", "RFC 9449 §4.3", |proof| {
        proof.header("typ", "JWT").sign()
    }),
    ("proof without `typ`", "RFC 9449 §4.3", |proof| {
        proof.without_header("typ").sign()
    }),
    ("proof with `crit`", "RFC 7515 §4.1.11", |proof| {
        let proof = proof.header("urn:example:limit", 1);
        let names = json!(["urn:example:limit"]);
        proof.header("crit", names).sign()
    }),
    ("proof of another method", "RFC 9449 §4.3", |proof| {
        let other = match proof.issuer.method.as_str() {
            "POST" => "GET",
            _ => "POST",
        };
        proof.claim("htm", other).sign()
    }),
    ("proof without `htm`", "RFC 9449 §4.3", |proof| {
        proof.without_claim("htm").sign()
    }),
    ("proof for another path", "RFC 9449 §4.3", |proof| {
        let htu = proof.claims.get("htu").and_then(Value::as_str);
        let other = format!("{}/other", htu.unwrap_or_default());
        proof.claim("htu", other).sign()
    }),
    ("proof for another host", "RFC 9449 §4.3", |proof| {
        let path = proof.issuer.uri.splitn(4, '/').nth(3).unwrap_or_default();
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let other = format!("https://attacker.example/{path}");
        proof.claim("htu", other).sign()
    }),
    ("proof without `htu`", "RFC 9449 §4.3", |proof| {
        proof.without_claim("htu").sign()
    }),
    ("proof of an hour ago", "RFC 9449 §4.3", |proof| {
        moved(proof, -HOUR)
    }),
    ("proof of the next hour", "RFC 9449 §4.3", |proof| {
        moved(proof, HOUR)
    }),
    ("proof without `iat`", "RFC 9449 §4.3", |proof| {
        proof.without_claim("iat").sign()
    }),
    ("proof with `iat` a string", "RFC 7519 §4.1.6", |proof| {
        let iat = proof.claims.get("iat").map(Value::to_string);
        proof.claim("iat", iat).sign()
    }),
    ("proof for another token", "RFC 9449 §4.3", |proof| {
        let other = proof.issuer.token(Profile::Dpop);
        proof.claim("ath", token_hash(other.as_str())).sign()
    }),
    ("proof without `ath`", "RFC 9449 §4.3", |proof| {
        proof.without_claim("ath").sign()
    }),
    ("proof without `jti`", "RFC 9449 §4.3", |proof| {
        proof.without_claim("jti").sign()
    }),
    ("access token as a proof", "RFC 9449 §4.3", |proof| {
        proof.issuer.draft(Profile::Dpop).sign()
    }),
];

/// The rules of a nonce, if proofs must have one.
const NONCE: &[Rule] = &[
    ("proof without the `nonce`", "RFC 9449 §4.3", |proof| {
        proof.without_claim("nonce").sign()
    }),
    ("proof with another `nonce`", "RFC 9449 §4.3", |proof| {
        proof.claim("nonce", "another").sign()
    }),
];

/// A name, the section, and how a request is made: its token, and the valid one before it if it is a replay.
type RequestRule = (
    &'static str,
    &'static str,
    fn(&Issuer) -> (TestToken, Option<TestToken>),
);

/// The rules of the scheme, of the number of proofs, and of their use.
const REQUESTS: &[RequestRule] = &[
    ("no proof", "RFC 9449 §7.1", |issuer| {
        let token = issuer.token(Profile::Dpop);
        (TestToken::dpop(token.text, Vec::new()), None)
    }),
    ("two proofs", "RFC 9449 §4.3", |issuer| {
        let mut token = issuer.token(Profile::Dpop);
        token.proofs.push(issuer.proof(&token.text).sign());
        (token, None)
    }),
    ("bound token as a bearer token", "RFC 9449 §7.2", |issuer| {
        (TestToken::bearer(issuer.token(Profile::Dpop).text), None)
    }),
    (
        "bound token as a bearer token, with a proof",
        "RFC 9449 §7.2",
        |issuer| {
            let mut token = issuer.token(Profile::Dpop);
            token.scheme = "Bearer";
            (token, None)
        },
    ),
    ("proof sent before", "RFC 9449 §11.1", |issuer| {
        let token = issuer.token(Profile::Dpop);
        (token.clone(), Some(token))
    }),
    (
        "proof with the `jti` of one sent before",
        "RFC 9449 §11.1",
        |issuer| {
            let text = issuer.draft(Profile::Dpop).sign();
            let proof = issuer.proof(&text);
            // The same claims, but not the same text.
            let again = proof.clone().claim(UNUSED, true).sign();
            let [first, again] =
                [proof.sign(), again].map(|proof| TestToken::dpop(text.clone(), vec![proof]));
            (again, Some(first))
        },
    ),
];

pub(super) fn invalid_tokens(issuer: &Issuer) -> impl Iterator<Item = InvalidToken> {
    let nonce = match issuer.nonce {
        None => &[],
        Some(_) => NONCE,
    };
    let of_proofs = RULES.iter().chain(nonce).map(|(name, rfc, change)| {
        let text = issuer.draft(Profile::Dpop).sign();
        let proof = change(issuer.proof(&text));
        InvalidToken {
            name,
            token: TestToken::dpop(text, vec![proof]),
            rfc,
            first: None,
        }
    });
    let of_requests = REQUESTS.iter().map(|(name, rfc, make)| {
        let (token, first) = make(issuer);
        InvalidToken {
            name,
            token,
            rfc,
            first,
        }
    });
    of_proofs.chain(of_requests)
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let of_proofs = RULES.iter().chain(NONCE).map(|(name, ..)| *name);
    of_proofs.chain(REQUESTS.iter().map(|(name, ..)| *name))
}

/// Moves `iat`, by seconds.
fn moved(proof: Draft<'_>, by: i64) -> String {
    let iat = proof.claims.get("iat").and_then(Value::as_i64);
    let iat = iat.unwrap_or_default().saturating_add(by);
    proof.claim("iat", iat).sign()
}
