//! Values in a text that was scanned, and the rules that a text can break.

use std::borrow::Cow;
use std::ops::Range;

use super::{number, string};

/// The rule that a text breaks, as the end of a sentence that begins with what the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

pub(crate) const NOT_BASE64URL: Malformed = Malformed("is not base64url without padding");
pub(crate) const NOT_UTF8: Malformed = Malformed("is not valid UTF-8");
pub(super) const NOT_JSON: Malformed = Malformed("is not valid JSON");
pub(super) const NOT_AN_OBJECT: Malformed = Malformed("is not a JSON object");
pub(super) const DUPLICATE_NAME: Malformed = Malformed("has two members of the same name");
pub(super) const LONE_SURROGATE: Malformed =
    Malformed("has an escape for half of a surrogate pair");
pub(super) const TOO_DEEP: Malformed = Malformed("is nested more than 127 levels deep");
pub(super) const TOO_LONG: Malformed = Malformed("is 2 GiB or longer");
pub(super) const PRIVATE_NAME: Malformed =
    Malformed("has a name that serde_json reserves for itself");

/// Where a value is in a text of less than 2 GiB.
#[derive(Clone, Copy)]
pub(super) struct Span {
    pub(super) start: u32,
    /// The index after the last byte; the highest bit is set for a string with escapes. A field of
    /// its own would be copied together with its padding, which waits for the store to complete.
    end: u32,
}

impl Span {
    pub(super) const NONE: Self = Self { start: 0, end: 0 };

    /// The longest text whose values a span can point to.
    pub(super) const MAX_TEXT: usize = i32::MAX as usize;

    const HAS_ESCAPES: u32 = 1 << 31;

    #[inline(always)]
    pub(super) fn new(start: u32, end: u32, has_escapes: bool) -> Self {
        Self {
            start,
            end: end | u32::from(has_escapes) << 31,
        }
    }

    #[inline(always)]
    fn end(self) -> usize {
        (self.end & !Self::HAS_ESCAPES) as usize
    }

    /// Returns the length of the value in bytes.
    #[inline(always)]
    pub(super) fn len(self) -> usize {
        self.end() - self.start as usize
    }

    #[inline(always)]
    pub(super) fn has_escapes(self) -> bool {
        self.end & Self::HAS_ESCAPES != 0
    }

    /// Returns the value, given the text.
    #[inline(always)]
    pub(super) fn of(self, text: &str) -> Value<'_> {
        Value {
            text: text
                .get(self.start as usize..self.end())
                .unwrap_or_default(),
            start: self.start,
            has_escapes: self.has_escapes(),
        }
    }
}

/// A value in a text that was scanned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'t> {
    pub(super) text: &'t str,
    /// The index of its first byte in the text that was scanned.
    pub(super) start: u32,
    /// Whether it is a string with escapes.
    pub(super) has_escapes: bool,
}

impl<'t> Value<'t> {
    /// Returns the JSON text.
    #[inline(always)]
    pub(crate) fn text(self) -> &'t str {
        self.text
    }

    /// Returns where the value stands in the text that was scanned.
    pub(crate) fn range(self) -> Range<usize> {
        let start = self.start as usize;
        start..start + self.text.len()
    }

    /// Returns the range of the text between the quotes, if the value is a string without escapes.
    pub(crate) fn plain_range(self) -> Option<Range<usize>> {
        let Range { start, end } = self.range();
        (self.is_string() && !self.has_escapes).then_some(start + 1..end - 1)
    }

    #[inline(always)]
    pub(crate) fn is_null(self) -> bool {
        self.text == "null"
    }

    /// Returns the string, if the value is one without escapes.
    #[inline(always)]
    pub(crate) fn plain_string(self) -> Option<&'t str> {
        (self.is_string() && !self.has_escapes).then(|| string::plain(self.text))
    }

    #[inline(always)]
    pub(crate) fn is_string(self) -> bool {
        self.text.starts_with('"')
    }

    /// Returns the number, if the value is an integer that is not negative and has at most 16 digits,
    /// as nearly every date has.
    #[inline(always)]
    pub(crate) fn short_integer(self) -> Option<u64> {
        number::short_integer(self.text.as_bytes())
    }

    pub(crate) fn is_object(self) -> bool {
        self.text.starts_with('{')
    }

    /// Returns the string with its escapes resolved, if the value is one.
    #[inline(always)]
    pub(crate) fn string(self) -> Option<Cow<'t, str>> {
        self.is_string().then(|| self.unquoted())
    }

    /// Returns whether the value is this string.
    #[cfg(feature = "oauth")]
    pub(crate) fn is(self, string: &str) -> bool {
        self.string().is_some_and(|found| *found == *string)
    }

    /// Returns whether the value is one of these strings.
    pub(crate) fn is_one_of(self, strings: &[String]) -> bool {
        self.string()
            .is_some_and(|found| strings.iter().any(|one| *one == *found))
    }

    /// Returns the text of a string, with its escapes resolved.
    #[inline(always)]
    pub(crate) fn unquoted(self) -> Cow<'t, str> {
        string::unescape(self.text, self.has_escapes)
    }
}
