//! JSON as tokens and keys hold it, by rules that do not depend on who reads the values (RFC 8259,
//! RFC 7515 §4, RFC 7519 §4, RFC 8725 §2.6).

mod names;
mod nesting;
mod scanner;
mod string;

use std::borrow::Cow;
use std::ops::Range;

use scanner::Scanner;

/// The rule that a text breaks, as the end of a sentence that begins with what the text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed(pub(crate) &'static str);

/// The deepest nesting of arrays and objects, the document included. As deep as serde_json reads, so
/// that what is accepted can be read.
const MAX_DEPTH: usize = 127;

/// The prefix of names that serde_json gives a meaning of its own.
pub(crate) const PRIVATE: &str = "$serde_json::private::";

pub(crate) const NOT_BASE64URL: Malformed = Malformed("is not base64url without padding");
pub(crate) const NOT_UTF8: Malformed = Malformed("is not valid UTF-8");
pub(crate) const NOT_JSON: Malformed = Malformed("is not valid JSON");
pub(crate) const NOT_AN_OBJECT: Malformed = Malformed("is not a JSON object");
const DUPLICATE_NAME: Malformed = Malformed("has two members of the same name");
const LONE_SURROGATE: Malformed = Malformed("has an escape for half of a surrogate pair");
const TOO_DEEP: Malformed = Malformed("is nested more than 127 levels deep");
const TOO_LONG: Malformed = Malformed("is longer than 4 GiB");
const PRIVATE_NAME: Malformed = Malformed("has a name that serde_json reserves for itself");

/// Reads a text that is one object, and shows the name and value of each member to `visit`.
///
/// Names are compared after their escapes are resolved. Nothing is allocated unless a name has
/// escapes, there are more than 32 members, or the text is malformed.
///
/// # Errors
///
/// The text is not JSON, not an object, has a duplicate name at its top level, a lone surrogate, or
/// is nested too deeply. What was shown to `visit` must then be dropped.
pub(crate) fn object<'t>(
    text: &'t str,
    visit: &mut dyn FnMut(&str, Value<'t>),
) -> Result<(), Malformed> {
    let mut scanner = Scanner::new(text);
    scanner.document(visit)?;
    scanner.broken.map_or(Ok(()), Err)
}

/// Reads a payload: an [`object`] without names, at any depth, that serde_json reserves.
///
/// `serde_json::Value` reads the text beside such a name as JSON of its own, with no regard to how
/// deep it stands, and with other features of the crate on, a number or any value.
pub(crate) fn payload<'t>(
    text: &'t str,
    visit: &mut dyn FnMut(&str, Value<'t>),
) -> Result<(), Malformed> {
    let mut scanner = Scanner::new(text);
    scanner.document(visit)?;
    match scanner.broken {
        None if scanner.has_private_name => Err(PRIVATE_NAME),
        broken => broken.map_or(Ok(()), Err),
    }
}

/// Reads an [`object`] whose values are read again on their own, so that a value which breaks a rule
/// beyond the grammar does not break the others.
pub(crate) fn outline<'t>(
    text: &'t str,
    visit: &mut dyn FnMut(&str, Value<'t>),
) -> Result<(), Malformed> {
    let mut scanner = Scanner::new(text);
    scanner.document(visit)?;
    if scanner.has_duplicate {
        return Err(DUPLICATE_NAME);
    }
    Ok(())
}

/// A value in a text that was scanned.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'t> {
    text: &'t str,
    /// The index of its first byte in the text that was scanned.
    start: u32,
    /// Whether it is a string with escapes.
    has_escapes: bool,
}

impl<'t> Value<'t> {
    /// Returns the JSON text.
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

    pub(crate) fn is_null(self) -> bool {
        self.text == "null"
    }

    pub(crate) fn is_string(self) -> bool {
        self.text.starts_with('"')
    }

    pub(crate) fn is_object(self) -> bool {
        self.text.starts_with('{')
    }

    /// Returns the string with its escapes resolved, if the value is one.
    pub(crate) fn string(self) -> Option<Cow<'t, str>> {
        self.is_string().then(|| self.unquoted())
    }

    /// Returns whether the value is one of these strings.
    pub(crate) fn is_one_of(self, strings: &[String]) -> bool {
        self.string()
            .is_some_and(|found| strings.iter().any(|one| *one == *found))
    }

    fn unquoted(self) -> Cow<'t, str> {
        string::unescape(self.text, self.has_escapes)
    }

    /// Returns the elements, if the value is an array.
    pub(crate) fn elements(self) -> Option<Elements<'t>> {
        let array = self.text.strip_prefix('[')?;
        Some(Elements(Scanner::new(array)))
    }

    /// Reads the value as serde_json does. `None` if it cannot hold it: a number that is out of the
    /// range of `f64`, or a name that it reserves.
    pub(crate) fn parse(self) -> Option<serde_json::Value> {
        let mut scanner = Scanner::new(self.text);
        scanner.value()?;
        if scanner.has_private_name {
            return None;
        }
        serde_json::from_str(self.text).ok()
    }
}

/// The elements of an array that was scanned.
pub(crate) struct Elements<'t>(Scanner<'t>);

impl<'t> Iterator for Elements<'t> {
    type Item = Value<'t>;

    fn next(&mut self) -> Option<Value<'t>> {
        self.0.skip_space();
        if self.0.peek() == b',' {
            self.0.next();
            self.0.skip_space();
        }
        let start = self.0.position();
        // The closing bracket is no value.
        let has_escapes = self.0.value()?;
        Some(self.0.value_from(start, has_escapes))
    }
}
