//! The grammar of JSON (RFC 8259), read to the letter.
//!
//! Functions take the part of the text that is not read yet, and return what follows. `None` is a
//! violation of the grammar.

use super::members::Member;
use super::names::Names;
use super::nesting::Nesting;
use super::value::{
    DUPLICATE_NAME, LONE_SURROGATE, Malformed, NOT_AN_OBJECT, NOT_JSON, Span, TOO_DEEP, TOO_LONG,
    Value,
};
use super::{number, string};

/// The deepest nesting of arrays and objects, the document included. As deep as serde_json reads, so
/// that what is accepted can be read.
const MAX_DEPTH: usize = 127;

/// The prefix of names that serde_json gives a meaning of its own.
pub(super) const PRIVATE: &str = "$serde_json::private::";

/// Walks over a text, once.
///
/// A violation of the grammar ends the walk. Violations of other rules are noted, so that a text that
/// is not JSON is always reported as that.
pub(super) struct Scanner<'t> {
    text: &'t str,
    /// The first rule beyond the grammar that the text breaks.
    pub(super) broken: Option<Malformed>,
    /// Whether the document has two members of the same name.
    pub(super) has_duplicate: bool,
    /// Whether a name begins as those that serde_json reserves for itself.
    pub(super) has_private_name: bool,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            broken: None,
            has_duplicate: false,
            has_private_name: false,
        }
    }

    /// Reads a text that is one object, and shows every member of it to `visit`.
    pub(super) fn document(
        &mut self,
        visit: &mut impl FnMut(&str, Member),
    ) -> Result<(), Malformed> {
        if self.text.len() > Span::MAX_TEXT {
            return Err(TOO_LONG);
        }
        let rest = skip_space(self.text.as_bytes());
        let (after, is_object) = match rest {
            [b'{', inside @ ..] => (self.object(inside, visit), true),
            _ => (self.value(rest).map(|(after, _)| after), false),
        };
        match (skip_space(after.ok_or(NOT_JSON)?), is_object) {
            ([], true) => Ok(()),
            ([], false) => Err(NOT_AN_OBJECT),
            _ => Err(NOT_JSON),
        }
    }

    /// Reads an object from its first member on.
    fn object(
        &mut self,
        inside: &'t [u8],
        visit: &mut impl FnMut(&str, Member),
    ) -> Option<&'t [u8]> {
        let mut names = Names::new(self.text);
        let mut rest = skip_space(inside);
        if let [b'}', after @ ..] = rest {
            return Some(after);
        }
        loop {
            let (after, has_escapes) = self.string(rest)?;
            let name = self.span(rest, after, has_escapes);
            let text = &*name.of(self.text).unquoted();
            let start = self.colon(after, text)?;
            let (after, has_escapes) = self.value(start)?;
            let value = self.span(start, after, has_escapes);
            if names.insert(name, text, after.len()) {
                visit(text, Member { name, value });
            } else {
                self.note_duplicate();
            }
            rest = match skip_space(after) {
                [b',', after @ ..] => skip_space(after),
                [b'}', after @ ..] => {
                    if names.has_duplicate() {
                        self.note_duplicate();
                    }
                    return Some(after);
                }
                _ => return None,
            };
        }
    }

    #[cold]
    fn note_duplicate(&mut self) {
        self.has_duplicate = true;
        self.note(DUPLICATE_NAME);
    }

    /// Reads any value. Returns also whether it is a string with escapes.
    #[inline(always)]
    pub(super) fn value(&mut self, rest: &'t [u8]) -> Option<(&'t [u8], bool)> {
        match rest.first()? {
            b'"' => self.string(rest),
            b'{' | b'[' => Some((self.nested(rest)?, false)),
            _ => Some((literal(rest)?, false)),
        }
    }

    /// Returns where the value is that begins at `start`, given what follows it.
    #[inline(always)]
    fn span(&self, start: &[u8], after: &[u8], has_escapes: bool) -> Span {
        #[expect(clippy::cast_possible_truncation, reason = "no text of 2 GiB is read")]
        let index = |rest: &[u8]| (self.text.len() - rest.len()) as u32;
        Span::new(index(start), index(after), has_escapes)
    }

    /// Returns the value that begins at `start`, given what follows it.
    pub(super) fn value_between(&self, start: &[u8], after: &[u8], has_escapes: bool) -> Value<'t> {
        self.span(start, after, has_escapes).of(self.text)
    }

    /// Reads an array or object with all that is in it, without recursion.
    #[inline(never)]
    fn nested(&mut self, mut rest: &'t [u8]) -> Option<&'t [u8]> {
        let mut open = Nesting::default();
        loop {
            // A value begins here.
            rest = match rest {
                [bracket @ (b'{' | b'['), inside @ ..] => {
                    open.push(*bracket == b'{');
                    if open.depth() >= MAX_DEPTH {
                        self.note(TOO_DEEP);
                    }
                    match skip_space(inside) {
                        inside @ [b'}' | b']', ..] => inside,
                        inside if *bracket == b'{' => {
                            rest = self.inner_name(inside)?;
                            continue;
                        }
                        inside => {
                            rest = inside;
                            continue;
                        }
                    }
                }
                _ => self.value(rest)?.0,
            };
            // A value ended here, and with it perhaps what it was in.
            match self.close(rest, &mut open)? {
                (after, true) => return Some(after),
                (after, false) => rest = after,
            }
        }
    }

    /// Reads what follows a value in an array or object: closing brackets, then a comma and, in an
    /// object, a name. Returns also whether the outermost bracket was closed.
    fn close(&mut self, mut rest: &'t [u8], open: &mut Nesting) -> Option<(&'t [u8], bool)> {
        while let Some(in_object) = open.innermost_is_object() {
            rest = match (skip_space(rest), in_object) {
                ([b'}', after @ ..], true) | ([b']', after @ ..], false) => after,
                ([b',', after @ ..], true) => {
                    return Some((self.inner_name(skip_space(after))?, false));
                }
                ([b',', after @ ..], false) => return Some((skip_space(after), false)),
                _ => return None,
            };
            open.pop();
        }
        Some((rest, true))
    }

    /// Reads the name of a member of a nested object, and the colon.
    fn inner_name(&mut self, rest: &'t [u8]) -> Option<&'t [u8]> {
        let (after, has_escapes) = self.string(rest)?;
        let name = self.value_between(rest, after, has_escapes).unquoted();
        self.colon(after, &name)
    }

    /// Reads the colon after a name.
    #[inline(always)]
    fn colon(&mut self, rest: &'t [u8], name: &str) -> Option<&'t [u8]> {
        self.has_private_name |= name.starts_with(PRIVATE);
        match skip_space(rest) {
            [b':', after @ ..] => Some(skip_space(after)),
            _ => None,
        }
    }

    /// Reads a string. Returns also whether it has escapes.
    #[inline(always)]
    fn string(&mut self, rest: &'t [u8]) -> Option<(&'t [u8], bool)> {
        let (after, escapes) = string::scan(rest)?;
        if escapes.lone_surrogate {
            self.note(LONE_SURROGATE);
        }
        Some((after, escapes.any))
    }

    #[cold]
    fn note(&mut self, broken: Malformed) {
        self.broken.get_or_insert(broken);
    }
}

/// Reads a number, `true`, `false` or `null`.
#[inline(always)]
fn literal(rest: &[u8]) -> Option<&[u8]> {
    match rest {
        [b'-' | b'0'..=b'9', ..] => number::scan(rest),
        [b't', b'r', b'u', b'e', after @ ..] => Some(after),
        [b'n', b'u', b'l', b'l', after @ ..] => Some(after),
        [b'f', b'a', b'l', b's', b'e', after @ ..] => Some(after),
        _ => None,
    }
}

/// Skips white space (RFC 8259 §2).
#[inline(always)]
pub(super) fn skip_space(rest: &[u8]) -> &[u8] {
    match rest {
        [b' ' | b'\n' | b'\r' | b'\t', ..] => skip_some_space(rest),
        _ => rest,
    }
}

#[cold]
fn skip_some_space(mut rest: &[u8]) -> &[u8] {
    while let [b' ' | b'\n' | b'\r' | b'\t', after @ ..] = rest {
        rest = after;
    }
    rest
}
