//! The keys of a set: what makes one valid, and for what. Each set has one key, which the token names.

mod members;
mod okp;
mod secrets;

use super::signed::rows;
use crate::case::{Case, Rule};
use crate::members::{Members, members as of};

/// In all payloads, so that no other area has the same tokens.
const CLAIMS: &str = r#""jti":"keys""#;

pub(crate) fn cases() -> Vec<Case> {
    let mut cases: Vec<_> = twins().collect();
    cases.extend(members::cases());
    cases.extend(okp::cases());
    cases.extend(secrets::cases());
    cases
}

/// One valid key of each type, and the algorithm of its tokens.
const VALID: &str = "
oct | hs256   | HS256 | must   | The key is symmetric, with 32 bytes.
rsa | rsa     | RS256 | should | The key is an RSA key of 2048 bits.
ec  | es256   | ES256 | should | The key is on P-256.
okp | ed25519 | EdDSA | choice | The key is an Ed25519 key.
";

fn twins() -> impl Iterator<Item = Case> {
    rows(VALID).map(|[slug, key, algorithm, level, about]| {
        let rfc = &["RFC 7517 §4"];
        let rule = Rule { level, rfc };
        rule.accept(slug, about).by(key, algorithm).claims(CLAIMS)
    })
}

/// Begins a case with the slug of a valid key.
fn case(
    rule: Rule,
    result: &'static str,
    slug: &'static str,
    about: &'static str,
    twin: &'static str,
) -> Case {
    let [_, key, algorithm, ..] = row_of(twin);
    let case = match result {
        "accept" => rule.accept(slug, about),
        reason => rule.reject(reason, slug, about).twin(twin),
    };
    case.by(key, algorithm).claims(CLAIMS)
}

/// Returns the valid key.
fn valid(twin: &str) -> Members {
    let [_, key, ..] = row_of(twin);
    of(key)
}

fn row_of(twin: &str) -> [&'static str; 5] {
    let row = rows(VALID).find(|[slug, ..]: &[_; 5]| *slug == twin);
    row.expect("a twin")
}

/// Decodes hexadecimal digits.
fn hex(digits: &str) -> Vec<u8> {
    let digit = |index| {
        digits
            .get(index..index + 2)
            .map(|byte| u8::from_str_radix(byte, 16))
    };
    let pairs = (0..digits.len()).step_by(2);
    pairs
        .map(|index| digit(index).expect("two digits").expect("a byte"))
        .collect()
}
