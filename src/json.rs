//! JSON objects as tokens have them: no duplicate members, bounded nesting, nothing that depends on
//! who reads it (RFC 7515 §4, RFC 7519 §4, RFC 8725 §2.6).
//!
//! `read` takes an object apart in one pass. What a text must be, whoever reads it, stands here.

use serde::de::IgnoredAny;

mod read;

pub(crate) use read::{Reserved, Text, read, read_outermost};

/// How deep arrays and objects may be nested: as deep as serde_json goes without complaint, so that
/// the limit is the same for values that are read and for values that are skipped.
const MAX_DEPTH: usize = 127;

/// What is wrong with an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The text breaks a rule; the reason ends a sentence that begins with what the text is.
    Text(&'static str),
    /// The reader wants a member that is not there.
    Missing(&'static str),
    /// A member does not fit what the reader wants.
    Member(String),
    /// The object as a whole does not fit what the reader wants.
    Unfit,
}

pub(crate) const NOT_BASE64URL: Fault = Fault::Text("is not base64url without padding");
pub(crate) const NOT_UTF8: Fault = Fault::Text("is not valid UTF-8");
const NOT_JSON: Fault = Fault::Text("is not valid JSON");
const NOT_AN_OBJECT: Fault = Fault::Text("is not a JSON object");
pub(crate) const DUPLICATE: Fault = Fault::Text("has two members of the same name");
const TOO_DEEP: Fault = Fault::Text("is nested too deeply");
const LONE_SURROGATE: Fault = Fault::Text("has an escape that is half a character");
const PRIVATE_NAME: Fault = Fault::Text("has a name that serde_json keeps for itself");

/// How the names begin by which serde_json tells itself that an object is none: what stands beside
/// one is text to its `Value`, which is read again, with no regard to how deep it stands.
pub(crate) const PRIVATE: &str = "$serde_json::private::";

/// Checks what serde_json leaves unchecked in values that nobody reads, and what it does not take as
/// it stands.
///
/// Few texts hold what could break these rules, so most are not walked.
fn check_unread(text: &str) -> Result<(), Fault> {
    let (openings, is_suspect) = survey(text);
    if openings <= MAX_DEPTH && !is_suspect {
        return Ok(());
    }
    let mut depth: usize = 0;
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                let start = text.len() - bytes.len() - 1;
                check_string(&mut bytes)?;
                let end = text.len() - bytes.len();
                let (before, rest) = text.split_at_checked(end).unwrap_or_default();
                check_name(before.get(start..).unwrap_or_default(), rest)?;
            }
            b'[' | b'{' if depth == MAX_DEPTH => return Err(TOO_DEEP),
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Counts the openings of arrays and objects, and looks for escapes and for what private names begin
/// with, wherever they stand.
///
/// In pieces whose count fits a byte, which the compiler turns into a few wide instructions.
fn survey(text: &str) -> (usize, bool) {
    let mut openings = 0;
    let mut suspects = 0;
    for piece in text.as_bytes().chunks(u8::MAX.into()) {
        let count = |is: fn(u8) -> bool| piece.iter().map(|byte| u8::from(is(*byte))).sum::<u8>();
        // The two openings differ in one bit.
        openings += usize::from(count(|byte| byte | 0x20 == b'{'));
        suspects |= count(|byte| byte == b'\\' || byte == b'$');
    }
    (openings, suspects > 0)
}

/// Checks a string in its quotes, if it is a name: then a colon follows.
fn check_name(string: &str, rest: &str) -> Result<(), Fault> {
    let is_name = rest.trim_ascii_start().starts_with(':');
    if is_name && (string.contains('$') || string.contains('\\')) {
        let Text(name) = serde_json::from_str(string).map_err(|_| NOT_JSON)?;
        if name.starts_with(PRIVATE) {
            return Err(PRIVATE_NAME);
        }
    }
    Ok(())
}

/// Walks to the end of a string, and finds the surrogates in it that stand alone. What else may be
/// wrong with it, serde_json finds.
fn check_string(bytes: &mut std::str::Bytes<'_>) -> Result<(), Fault> {
    let mut high_pending = false;
    while let Some(byte) = bytes.next() {
        let unit = match byte {
            b'\\' if bytes.next() == Some(b'u') => code_unit(bytes),
            _ => None,
        };
        let is_low = matches!(unit, Some(0xdc00..=0xdfff));
        if high_pending != is_low {
            return Err(LONE_SURROGATE);
        }
        if byte == b'"' {
            return Ok(());
        }
        high_pending = matches!(unit, Some(0xd800..=0xdbff));
    }
    Ok(())
}

fn code_unit(bytes: &mut std::str::Bytes<'_>) -> Option<u32> {
    let mut unit = 0;
    for _ in 0..4 {
        unit = unit * 16 + char::from(bytes.next()?).to_digit(16)?;
    }
    Some(unit)
}

/// Tells the reasons apart for which serde_json refused a text, or the caller's type did.
///
/// A text that is no JSON is that first, whatever else was found before its flaw.
fn classify(text: &str, fault: Option<Fault>) -> Fault {
    if serde_json::from_str::<IgnoredAny>(text).is_err() {
        return NOT_JSON;
    }
    if !text.trim_ascii_start().starts_with('{') {
        return NOT_AN_OBJECT;
    }
    // Without a fault, the caller's type did not take the members.
    fault.unwrap_or(Fault::Unfit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surrogates_stand_in_pairs() {
        let good = [
            r#"{"a":"\ud83d\ude00"}"#,
            r#"{"a":"\\ud83d"}"#,
            r#"{"a":"\u0061\n\"x"}"#,
            r#"{"\uD83D\uDE00":1}"#,
        ];
        for text in good {
            assert_eq!(check_unread(text), Ok(()), "{text}");
        }
        let bad = [
            r#"{"a":"\ud83d"}"#,
            r#"{"a":"\ud83dx"}"#,
            r#"{"a":"\ud83d\n"}"#,
            r#"{"a":"\ud83d\ud83d\ude00"}"#,
            r#"{"a":"\ude00"}"#,
            r#"{"a":"\ude00\ud83d"}"#,
            r#"{"\ud83d":1}"#,
            r#"{"a":[{"b":"\\\udfff"}]}"#,
        ];
        for text in bad {
            assert_eq!(check_unread(text), Err(LONE_SURROGATE), "{text}");
        }
    }

    #[test]
    fn openings_and_escapes_are_found_wherever_they_stand() {
        assert_eq!(survey(""), (0, false));
        assert_eq!(survey("[{]}(;\u{db}"), (2, false));
        assert_eq!(survey("#%$"), (0, true));
        for length in [254, 255, 256, 600] {
            let fill = "x".repeat(length);
            assert_eq!(survey(&format!("{fill}[")), (1, false));
            assert_eq!(survey(&format!("{fill}\\")), (0, true));
            assert_eq!(survey(&"{".repeat(length)), (length, false));
            assert_eq!(survey(&"\\".repeat(length)), (0, true));
        }
    }

    #[test]
    fn depth_counts_only_what_is_open() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert_eq!(check_unread(&nested(MAX_DEPTH)), Ok(()));
        assert_eq!(check_unread(&nested(MAX_DEPTH + 1)), Err(TOO_DEEP));
        let wide = format!("[{}0]", "[],{},".repeat(MAX_DEPTH));
        assert_eq!(check_unread(&wide), Ok(()));
        let in_a_string = format!(r#"["\n{}"]"#, "[".repeat(MAX_DEPTH));
        assert_eq!(check_unread(&in_a_string), Ok(()));
    }
}
