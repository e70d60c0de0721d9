//! Strings of JSON (RFC 8259 §7).

use std::borrow::Cow;
use std::cmp::Ordering;

/// What a string holds beside plain characters.
#[derive(Clone, Copy, Default)]
pub(super) struct Escapes {
    pub(super) any: bool,
    /// A `\u` escape names half of a surrogate pair and the other half is missing.
    pub(super) lone_surrogate: bool,
}

/// Reads the string that the text begins with. Returns what follows it, or `None` if there is none.
#[inline(always)]
pub(super) fn scan(text: &[u8]) -> Option<(&[u8], Escapes)> {
    let mut rest = text.strip_prefix(b"\"")?;
    let mut escapes = Escapes::default();
    loop {
        rest = skip_plain(rest);
        match rest.split_first()? {
            (b'"', after) => return Some((after, escapes)),
            (b'\\', _) => {
                let (after, is_lone) = skip_escape(rest)?;
                rest = after;
                escapes.any = true;
                escapes.lone_surrogate |= is_lone;
            }
            // A control character.
            _ => return None,
        }
    }
}

/// Returns the text of a string that [`scan`] found, given with its quotes.
#[inline(always)]
pub(super) fn unescape(quoted: &str, has_escapes: bool) -> Cow<'_, str> {
    if !has_escapes {
        return Cow::Borrowed(plain(quoted));
    }
    Cow::Owned(resolve(quoted))
}

#[cold]
fn resolve(quoted: &str) -> String {
    // Counted first, because memory before the signature is checked is limited.
    let length = characters(quoted).map(char::len_utf8).sum();
    let mut text = String::with_capacity(length);
    text.extend(characters(quoted));
    text
}

/// Compares two strings, given with their quotes, after their escapes are resolved. Nothing is
/// allocated.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
    if one.contains('\\') || other.contains('\\') {
        return characters(one).cmp(characters(other));
    }
    // The order of the bytes is that of the characters.
    plain(one).cmp(plain(other))
}

/// Returns the text between the quotes.
#[inline(always)]
pub(super) fn plain(quoted: &str) -> &str {
    quoted.get(1..quoted.len() - 1).unwrap_or_default()
}

/// Returns the characters of a string with escapes. A lone surrogate, for which the text is rejected,
/// is the replacement character.
fn characters(quoted: &str) -> impl Iterator<Item = char> {
    let mut rest = plain(quoted);
    std::iter::from_fn(move || {
        let mut after = rest.chars();
        let first = after.next()?;
        let character = if first == '\\' {
            let (character, length) = escape(rest.as_bytes())?;
            after = rest.get(length..)?.chars();
            character
        } else {
            first
        };
        rest = after.as_str();
        Some(character)
    })
}

/// Returns the character of an escape, and the length of the escape.
fn escape(text: &[u8]) -> Option<(char, usize)> {
    let character = match text.get(1)? {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => {
            let (high, after) = code_unit(text)?;
            let low = code_unit(after)
                .map(|(low, _)| low)
                .filter(|low| is_low(*low));
            return Some(match (high, low) {
                (0xd800..=0xdbff, Some(low)) => {
                    let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                    (
                        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
                        12,
                    )
                }
                _ => (
                    char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER),
                    6,
                ),
            });
        }
        itself => char::from(*itself),
    };
    Some((character, 2))
}

/// Skips to the first quote, backslash or control character.
#[inline(always)]
fn skip_plain(mut rest: &[u8]) -> &[u8] {
    while let Some((chunk, after)) = rest.split_first_chunk() {
        let flags = special(u64::from_le_bytes(*chunk));
        if flags != 0 {
            let plain = (flags.trailing_zeros() / 8) as usize;
            return rest.get(plain..).unwrap_or_default();
        }
        rest = after;
    }
    while let [b' '..=b'!' | b'#'..=b'[' | b']'.., after @ ..] = rest {
        rest = after;
    }
    rest
}

/// Flags the quotes, backslashes and control characters among eight bytes, in their highest bits.
///
/// The lowest flag is exact. Higher ones may be wrong, because the subtractions borrow upwards.
#[inline(always)]
const fn special(word: u64) -> u64 {
    const fn all(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }
    let control = word.wrapping_sub(all(b' '));
    let quote = (word ^ all(b'"')).wrapping_sub(all(1));
    let backslash = (word ^ all(b'\\')).wrapping_sub(all(1));
    (control | quote | backslash) & !word & all(0x80)
}

/// Reads an escape. Returns what follows it, and whether it is half of a surrogate pair.
#[cold]
fn skip_escape(text: &[u8]) -> Option<(&[u8], bool)> {
    match text {
        [
            _,
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
            after @ ..,
        ] => Some((after, false)),
        _ => {
            let (unit, after) = code_unit(text)?;
            match (unit, after) {
                (0xd800..=0xdbff, [b'\\', b'u', ..]) => match code_unit(after)? {
                    (low, after) if is_low(low) => Some((after, false)),
                    _ => Some((after, true)),
                },
                (0xd800..=0xdbff, _) => Some((after, true)),
                _ => Some((after, is_low(unit))),
            }
        }
    }
}

/// Reads a `\u` escape with its four digits.
fn code_unit(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, after) = text.strip_prefix(br"\u")?.split_first_chunk::<4>()?;
    let unit = digits.iter().try_fold(0, |unit, digit| {
        Some(unit * 16 + char::from(*digit).to_digit(16)?)
    })?;
    Some((unit, after))
}

fn is_low(unit: u32) -> bool {
    matches!(unit, 0xdc00..=0xdfff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved_as_serde_json_does() {
        for quoted in [
            r#""""#,
            r#""a""#,
            r#""\"\\\/\b\f\n\r\t""#,
            r#""\u0000\u0041\u00e9\uFFFF\ud83d\ude00\uD800\uDC00\uDBFF\uDFFF""#,
            r#""é\u20acé😀\n😀""#,
            r#""\\u0041\u005cn""#,
        ] {
            let expected: String = serde_json::from_str(quoted).expect(quoted);
            let text = unescape(quoted, true);
            assert_eq!(text, expected, "{quoted}");
            let same = serde_json::to_string(&expected).expect(quoted);
            assert!(compare(quoted, &same).is_eq(), "{quoted}");
            let longer = serde_json::to_string(&format!("{expected}x")).expect(quoted);
            assert!(compare(quoted, &longer).is_lt(), "{quoted}");
            assert!(compare(&longer, quoted).is_gt(), "{quoted}");
            if let Cow::Owned(text) = text {
                assert_eq!(text.capacity(), expected.len(), "{quoted}");
            }
        }
        assert_eq!(unescape(r#""a\ud83dx\ude00""#, true), "a\u{fffd}x\u{fffd}");
    }

    #[test]
    fn the_end_is_found_at_every_offset() {
        for before in 0..20 {
            for special in ['"', '\\', '\u{0}', '\n', '\u{1f}'] {
                let rest = format!("{special}{}", "x\"".repeat(6));
                let text = format!("{}{rest}", "é~".repeat(before));
                assert_eq!(skip_plain(text.as_bytes()), rest.as_bytes(), "{special:?}");
            }
            let plain = "é\u{7f} !#[]".repeat(before);
            assert_eq!(skip_plain(plain.as_bytes()), b"");
        }
    }

    #[test]
    fn surrogates_come_in_pairs() {
        for (text, is_lone) in [
            (r#""\ud83d\ude00""#, false),
            (r#""\uD83D\uDE00\uD83D\uDE00""#, false),
            (r#""\\ud83d""#, false),
            (r#""\ud83d""#, true),
            (r#""\ud83dx""#, true),
            (r#""\ud83d\n""#, true),
            (r#""\ud83d\u0041""#, true),
            (r#""\ud83d\ud83d\ude00""#, true),
            (r#""\ude00""#, true),
            (r#""\ude00\ud83d""#, true),
        ] {
            let (rest, escapes) = scan(text.as_bytes()).expect(text);
            assert_eq!(rest, b"", "{text}");
            assert_eq!(escapes.lone_surrogate, is_lone, "{text}");
            assert!(escapes.any);
        }
        for text in [
            r#""\u12""#,
            r#""\ud83d\u12""#,
            r#""\x""#,
            r#""\"#,
            r#"""#,
            "x\"",
        ] {
            assert!(scan(text.as_bytes()).is_none(), "{text}");
        }
    }
}
