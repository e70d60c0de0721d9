//! JSON as tokens and keys have it, by rules that do not depend on who reads the values (RFC 8259,
//! RFC 7515 §4, RFC 7519 §4, RFC 8725 §2.6).

mod members;
mod names;
mod nesting;
mod number;
mod scanner;
mod string;
mod value;

pub(crate) use members::{Member, Members};
use scanner::{Scanner, skip_space};
use value::{DUPLICATE_NAME, PRIVATE_NAME};
pub(crate) use value::{Malformed, NOT_BASE64URL, NOT_UTF8, Value};

/// The prefix of names that serde_json gives a meaning of its own.
pub(crate) const PRIVATE: &str = scanner::PRIVATE;

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
    scanner.document(&mut |name, member| visit(name, member.value.of(text)))?;
    scanner.broken.map_or(Ok(()), Err)
}

/// Reads a payload: an [`object`] without names, at any depth, that serde_json reserves.
///
/// `serde_json::Value` reads the text beside such a name as JSON of its own, with no regard to how
/// deep it stands, and with other features of the crate on, a number or any value.
pub(crate) fn payload(text: &str, visit: &mut impl FnMut(&str, Member)) -> Result<(), Malformed> {
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
    scanner.document(&mut |name, member| visit(name, member.value.of(text)))?;
    if scanner.has_duplicate {
        return Err(DUPLICATE_NAME);
    }
    Ok(())
}

impl<'t> Value<'t> {
    /// Returns the elements, if the value is an array.
    pub(crate) fn elements(self) -> Option<Elements<'t>> {
        let rest = self.text.strip_prefix('[')?;
        Some(Elements {
            scanner: Scanner::new(rest),
            rest: rest.as_bytes(),
        })
    }

    /// Reads the value as serde_json does. `None` if it cannot hold it: a number that is out of the
    /// range of `f64`, or a name that it reserves.
    pub(crate) fn parse(self) -> Option<serde_json::Value> {
        let mut scanner = Scanner::new(self.text);
        scanner.value(self.text.as_bytes())?;
        if scanner.has_private_name {
            return None;
        }
        serde_json::from_str(self.text).ok()
    }
}

/// The elements of an array that was scanned.
pub(crate) struct Elements<'t> {
    scanner: Scanner<'t>,
    rest: &'t [u8],
}

impl<'t> Iterator for Elements<'t> {
    type Item = Value<'t>;

    fn next(&mut self) -> Option<Value<'t>> {
        let rest = skip_space(self.rest);
        let start = match rest {
            [b',', after @ ..] => skip_space(after),
            _ => rest,
        };
        // The closing bracket is no value.
        let (after, has_escapes) = self.scanner.value(start)?;
        self.rest = after;
        Some(self.scanner.value_between(start, after, has_escapes))
    }
}
