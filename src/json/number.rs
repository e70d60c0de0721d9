//! Numbers of JSON (RFC 8259 §6).

/// Reads the number that the text begins with. Returns what follows it, or `None` if there is none.
#[inline(always)]
pub(super) fn scan(text: &[u8]) -> Option<&[u8]> {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let rest = match unsigned {
        [b'0', after @ ..] => after,
        _ => digits(unsigned)?,
    };
    match rest {
        [b'.' | b'e' | b'E', ..] => scan_fraction(rest),
        _ => Some(rest),
    }
}

/// Reads the fraction and the exponent, either of which may be absent.
#[cold]
fn scan_fraction(mut rest: &[u8]) -> Option<&[u8]> {
    if let [b'.', after @ ..] = rest {
        rest = digits(after)?;
    }
    if let [b'e' | b'E', after @ ..] = rest {
        rest = match after {
            [b'+' | b'-', after @ ..] => digits(after)?,
            _ => digits(after)?,
        };
    }
    Some(rest)
}

/// Reads one digit or more.
#[inline(always)]
fn digits(rest: &[u8]) -> Option<&[u8]> {
    let [b'0'..=b'9', after @ ..] = rest else {
        return None;
    };
    let mut rest = after;
    while let Some((eight, after)) = rest.split_first_chunk()
        && are_digits(u64::from_le_bytes(*eight))
    {
        rest = after;
    }
    while let [b'0'..=b'9', after @ ..] = rest {
        rest = after;
    }
    Some(rest)
}

/// Returns the number, if the text is an integer that is not negative and has at most 16 digits, as
/// nearly every date has.
#[inline(always)]
pub(super) fn short_integer(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 16 {
        return None;
    }
    let (head, eight) = match text.split_last_chunk() {
        Some((head, eight)) => (head, Some(u64::from_le_bytes(*eight))),
        None => (text, None),
    };
    let mut number = 0;
    for byte in head {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + u64::from(digit);
    }
    match eight {
        Some(eight) if are_digits(eight) => Some(number * 100_000_000 + eight_digits(eight)),
        Some(_) => None,
        None => Some(number),
    }
}

const fn all(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Returns whether all eight bytes are digits: their high nibbles are 3, also with 6 added.
#[inline(always)]
const fn are_digits(word: u64) -> bool {
    const HIGH: u64 = all(0xf0);
    word & HIGH == all(0x30) && word.wrapping_add(all(6)) & HIGH == all(0x30)
}

/// Returns the number that eight digits are, of which the lowest byte is the first. Each step joins
/// neighbours, which leaves half as many numbers of twice as many digits.
#[inline(always)]
const fn eight_digits(word: u64) -> u64 {
    let ones = word & all(0x0f);
    let pairs = (ones.wrapping_mul(10 << 8 | 1) >> 8) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs.wrapping_mul(100 << 16 | 1) >> 16) & 0x0000_ffff_0000_ffff;
    fours.wrapping_mul(10_000 << 32 | 1) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All bytes. A few under Miri, which is slow: one is below the digits.
    fn bytes() -> impl Iterator<Item = u8> {
        (0..=255).step_by(if cfg!(miri) { usize::from(b'0') - 1 } else { 1 })
    }

    #[test]
    fn short_integers_are_read_as_std_does() {
        for length in 0..=17 {
            let digits = &"12345678901234567"[..length];
            let expected = digits.parse().ok().filter(|_| length <= 16);
            assert_eq!(short_integer(digits.as_bytes()), expected, "{digits}");
            for (index, other) in (0..length).flat_map(|index| bytes().map(move |b| (index, b))) {
                let mut bytes = digits.as_bytes().to_vec();
                bytes[index] = other;
                let text = str::from_utf8(&bytes).ok();
                let text = text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
                let expected = text.and_then(|text| text.parse().ok());
                let expected = expected.filter(|_| length <= 16);
                assert_eq!(short_integer(&bytes), expected, "{bytes:?}");
            }
        }
        assert_eq!(
            short_integer(b"9999999999999999"),
            Some(9_999_999_999_999_999)
        );
        assert_eq!(short_integer(b"0000000000000000"), Some(0));
    }

    #[test]
    fn the_end_of_digits_is_found_at_every_offset() {
        for length in 1..40 {
            for other in bytes().filter(|byte| !byte.is_ascii_digit()) {
                let mut text = vec![b'7'; length];
                text.extend([other; 9]);
                assert_eq!(digits(&text), Some(&text[length..]), "{length} {other}");
            }
        }
        assert_eq!(digits(b""), None);
        assert_eq!(digits(b"x1"), None);
    }
}
