//! A valid token with changes: rejected, unless the changes restore a valid token.

#![no_main]

use jwt_ring::{Claims, Verifier};
use jwt_ring_fuzz::{KEYS, KINDS, PUBLIC, encode, forge_with};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

/// Two tokens for each kind of key, to exchange parts.
static TOKENS: LazyLock<[[String; 2]; 5]> = LazyLock::new(|| {
    KEYS.each_ref().map(|key| {
        let header = format!(r#"{{"alg":"{}","typ":"JWT"}}"#, key.algorithm());
        [
            forge_with(key, &header, r#"{"sub":"user-42","role":"reader"}"#),
            forge_with(key, &header, r#"{"sub":"user-43","role":"admin"}"#),
        ]
    })
});

#[derive(Arbitrary, Debug)]
enum Change<'a> {
    /// One character becomes another.
    Replace(u16, char),
    Insert(u16, &'a str),
    Remove(u16, u8),
    /// One segment becomes the encoding of these bytes.
    Segment(u8, &'a [u8]),
    /// One segment becomes this text.
    Text(u8, &'a str),
    /// One segment becomes that of another token, of the same key or another.
    Graft {
        to: u8,
        token: u8,
        from: u8,
    },
    Swap(u8, u8),
    Repeat(u8),
    Uppercase(u8),
    Pad(u8),
}

impl Change<'_> {
    fn apply(&self, token: &str) -> String {
        let mut segments: Vec<String> = token.split('.').map(str::to_owned).collect();
        let at = |index: u8| usize::from(index) % segments.len();
        match *self {
            Self::Replace(index, new) => return splice(token, index, 1, &new.to_string()),
            Self::Insert(index, new) => return splice(token, index, 0, new),
            Self::Remove(index, count) => return splice(token, index, count, ""),
            Self::Segment(index, bytes) => {
                let index = at(index);
                segments[index] = encode(bytes);
            }
            Self::Text(index, text) => {
                let index = at(index);
                segments[index] = text.to_owned();
            }
            Self::Graft { to, token, from } => {
                let to = at(to);
                let tokens = TOKENS.as_flattened();
                let donor = &tokens[usize::from(token) % tokens.len()];
                let donated = donor.split('.').nth(usize::from(from) % 3);
                segments[to] = donated.unwrap_or_default().to_owned();
            }
            Self::Swap(one, other) => {
                let (one, other) = (at(one), at(other));
                segments.swap(one, other);
            }
            Self::Repeat(index) => {
                let index = at(index);
                let segment = segments[index].clone();
                segments.insert(index, segment);
            }
            Self::Uppercase(index) => {
                let index = at(index);
                segments[index].make_ascii_uppercase();
            }
            Self::Pad(index) => {
                let index = at(index);
                segments[index].push('=');
            }
        }
        segments.join(".")
    }
}

/// Replaces some characters of a text.
fn splice(text: &str, index: u16, count: u8, new: &str) -> String {
    let length = text.chars().count().max(1);
    let index = usize::from(index) % length;
    text.chars()
        .take(index)
        .chain(new.chars())
        .chain(text.chars().skip(index + usize::from(count)))
        .collect()
}

fuzz_target!(|input: (u8, Vec<Change<'_>>)| {
    let (kind, changes) = input;
    let kind = usize::from(kind) % KINDS.len();
    let [original, other] = &TOKENS[kind];
    let changed = changes
        .iter()
        .take(8)
        .fold(original.clone(), |token, change| change.apply(&token));
    let verifier = Verifier::new().allow_missing_expiration();
    let outcome = verifier.verify::<Claims<serde_json::Value>>(&changed, &PUBLIC[kind]);
    let is_signed = changed == *original || changed == *other;
    assert_eq!(outcome.is_ok(), is_signed, "{changed}");
});
