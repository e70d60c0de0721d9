//! Writes an area as JSON, with one member of a case on a line.

use serde::Serialize;

use crate::case::{Case, Keys};

/// The length from which a token is written in parts.
const LONG: usize = 4096;
/// The fewest characters that a repetition must save.
const WORTH: usize = 64;

/// A text that is repeated.
#[derive(Debug, PartialEq, Serialize)]
struct Part<'a> {
    text: &'a str,
    repeat: usize,
}

/// Returns the id of a case.
pub(crate) fn id(area: &str, slug: &str) -> String {
    format!("{}-{slug}", area.replace('_', "-"))
}

/// Returns the text of a file.
pub(crate) fn file(area: &str, cases: &[Case]) -> String {
    let cases: Vec<_> = cases.iter().map(|case| object(area, case)).collect();
    let cases = cases.join(",\n");
    let area = json(area);
    format!("{{\n\"area\": {area},\n\"cases\": [\n{cases}\n]\n}}\n")
}

fn object(area: &str, case: &Case) -> String {
    let twin = case.twin.as_ref().map(|slug| id(area, slug));
    let expect = case.reason.map_or("accept", |_| "reject");
    let members = [
        ("id", json(&id(area, &case.slug))),
        ("area", json(area)),
        ("about", json(&case.about)),
        ("keys", keys(case)),
        token(&case.token()),
        ("policy", json(&case.policy)),
        ("now", case.now.to_owned()),
        ("expect", json(expect)),
        ("reason", json(&case.reason)),
        ("twin", json(&twin)),
        ("rfc", json(case.rule.rfc)),
        ("level", json(case.rule.level)),
    ];
    let members = members.map(|(name, value)| format!("  \"{name}\": {value}"));
    format!("{{\n{}\n}}", members.join(",\n"))
}

pub(crate) fn keys(case: &Case) -> String {
    match &case.keys {
        Keys::Set(json) => json.clone(),
        Keys::Text(text) => json(text),
    }
}

fn token(token: &str) -> (&'static str, String) {
    if token.len() < LONG {
        return ("token", json(token));
    }
    ("parts", json(&parts(token)))
}

/// Splits a text at its repetitions.
fn parts(text: &str) -> Vec<Part<'_>> {
    let (mut parts, mut plain, mut at) = (Vec::new(), 0, 0);
    while at < text.len() {
        let Some((length, repeat)) = repetition(&text.as_bytes()[at..]) else {
            at += 1;
            continue;
        };
        if plain < at {
            parts.push(Part {
                text: &text[plain..at],
                repeat: 1,
            });
        }
        let unit = &text[at..at + length];
        parts.push(Part { text: unit, repeat });
        at += length * repeat;
        plain = at;
    }
    if plain < text.len() {
        let text = &text[plain..];
        parts.push(Part { text, repeat: 1 });
    }
    parts
}

/// Returns the length of a text at the start that is repeated, and how often.
fn repetition(text: &[u8]) -> Option<(usize, usize)> {
    let repeats = |length: usize| {
        let unit = text.get(..length)?;
        let chunks = text.chunks_exact(length);
        let count = chunks.take_while(|chunk| *chunk == unit).count();
        (unit.is_ascii() && length * (count - 1) >= WORTH).then_some((length, count))
    };
    [1, 2, 4, 8, 12, 16, 20, 24, 28, 32]
        .into_iter()
        .find_map(repeats)
}

fn json(value: &(impl Serialize + ?Sized)) -> String {
    serde_json::to_string(value).expect("JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_make_the_text() {
        for (text, count) in [
            (String::new(), 0),
            ("ab".into(), 1),
            (format!("x{}y", "a".repeat(200)), 3),
            (format!("{}é{}", "abcd".repeat(50), "[".repeat(100)), 3),
            (format!("xyz.{}", "abcdefgh".repeat(20)), 2),
        ] {
            let parts = parts(&text);
            let whole: String = parts.iter().map(|p| p.text.repeat(p.repeat)).collect();
            assert_eq!(whole, text);
            assert_eq!(parts.len(), count, "{parts:?}");
        }
    }
}
