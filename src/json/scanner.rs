//! The grammar of JSON (RFC 8259), read to the letter.

use super::names::{Name, Names};
use super::nesting::Nesting;
use super::string;
use super::value::{
    DUPLICATE_NAME, LONE_SURROGATE, Malformed, NOT_AN_OBJECT, NOT_JSON, TOO_DEEP, TOO_LONG, Value,
};

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
    /// The part that is not read yet.
    rest: &'t [u8],
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
            rest: text.as_bytes(),
            broken: None,
            has_duplicate: false,
            has_private_name: false,
        }
    }

    /// Reads a text that is one object, and shows every member of it to `visit`.
    pub(super) fn document(
        &mut self,
        visit: &mut dyn FnMut(&str, Value<'t>),
    ) -> Result<(), Malformed> {
        if u32::try_from(self.text.len()).is_err() {
            return Err(TOO_LONG);
        }
        self.skip_space();
        let is_object = self.peek() == b'{';
        if is_object {
            self.object(visit).ok_or(NOT_JSON)?;
        } else {
            self.value().ok_or(NOT_JSON)?;
        }
        self.skip_space();
        match (self.rest.is_empty(), is_object) {
            (false, _) => Err(NOT_JSON),
            (true, false) => Err(NOT_AN_OBJECT),
            (true, true) => Ok(()),
        }
    }

    fn object(&mut self, visit: &mut dyn FnMut(&str, Value<'t>)) -> Option<()> {
        let mut names = Names::new(self.text);
        self.next();
        self.skip_space();
        if self.peek() == b'}' {
            self.next();
            return Some(());
        }
        loop {
            let name_start = self.position();
            let name_has_escapes = self.string()?;
            let unescaped;
            let name = if name_has_escapes {
                unescaped = self.value_from(name_start, true).unquoted();
                &*unescaped
            } else {
                self.text.get(name_start + 1..self.position() - 1)?
            };
            self.skip_colon(name)?;
            let start = self.position();
            let has_escapes = self.value()?;
            let rest = self.rest.len();
            if names.insert(Name::new(name_start, name, name_has_escapes, rest)) {
                visit(name, self.value_from(start, has_escapes));
            } else {
                self.has_duplicate = true;
                self.note(DUPLICATE_NAME);
            }
            self.skip_space();
            match self.rest {
                [b',', after @ ..] => self.rest = after,
                [b'}', after @ ..] => {
                    self.rest = after;
                    return Some(());
                }
                _ => return None,
            }
            self.skip_space();
        }
    }

    /// Reads any value. Returns whether it is a string with escapes.
    #[inline(always)]
    pub(super) fn value(&mut self) -> Option<bool> {
        match self.peek() {
            b'"' => self.string(),
            b'{' | b'[' => self.nested().map(|()| false),
            _ => self.literal().map(|()| false),
        }
    }

    /// The value that was read from `start` on.
    #[inline(always)]
    pub(super) fn value_from(&self, start: usize, has_escapes: bool) -> Value<'t> {
        Value {
            text: self.text.get(start..self.position()).unwrap_or_default(),
            // No text that is longer is read.
            start: u32::try_from(start).unwrap_or(u32::MAX),
            has_escapes,
        }
    }

    /// Reads an array or object with all that is in it, without recursion.
    #[inline(never)]
    fn nested(&mut self) -> Option<()> {
        let mut open = Nesting::default();
        loop {
            // A value begins here.
            if let bracket @ (b'{' | b'[') = self.peek() {
                self.next();
                open.push(bracket == b'{');
                if open.depth() >= MAX_DEPTH {
                    self.note(TOO_DEEP);
                }
                self.skip_space();
                if self.peek() != closing(bracket) {
                    if bracket == b'{' {
                        self.inner_name()?;
                    }
                    continue;
                }
            } else {
                self.value()?;
            }
            // A value ended here, and with it perhaps what it was in.
            if self.close(&mut open)? {
                return Some(());
            }
        }
    }

    /// Reads what follows a value in an array or object: closing brackets, then a comma and, in an
    /// object, a name. Returns whether the outermost bracket was closed.
    fn close(&mut self, open: &mut Nesting) -> Option<bool> {
        while let Some(in_object) = open.innermost_is_object() {
            self.skip_space();
            match (self.next(), in_object) {
                (b'}', true) | (b']', false) => open.pop(),
                (b',', _) => {
                    self.skip_space();
                    if in_object {
                        self.inner_name()?;
                    }
                    return Some(false);
                }
                _ => return None,
            }
        }
        Some(true)
    }

    /// Reads the name of a member of a nested object, and the colon.
    fn inner_name(&mut self) -> Option<()> {
        let start = self.position();
        let has_escapes = self.string()?;
        let name = self.value_from(start, has_escapes).unquoted();
        self.skip_colon(&name)
    }

    #[inline(always)]
    fn skip_colon(&mut self, name: &str) -> Option<()> {
        self.has_private_name |= name.starts_with(PRIVATE);
        self.skip_space();
        let [b':', after @ ..] = self.rest else {
            return None;
        };
        self.rest = after;
        self.skip_space();
        Some(())
    }

    /// Reads a string. Returns whether it has escapes.
    #[inline(always)]
    fn string(&mut self) -> Option<bool> {
        let (after, escapes) = string::scan(self.rest)?;
        if escapes.lone_surrogate {
            self.note(LONE_SURROGATE);
        }
        self.rest = after;
        Some(escapes.any)
    }

    /// Reads a number, `true`, `false` or `null`.
    #[inline(always)]
    fn literal(&mut self) -> Option<()> {
        self.rest = match self.rest {
            [b'-' | b'0'..=b'9', ..] => return self.number(),
            [b't', b'r', b'u', b'e', after @ ..] => after,
            [b'n', b'u', b'l', b'l', after @ ..] => after,
            [b'f', b'a', b'l', b's', b'e', after @ ..] => after,
            _ => return None,
        };
        Some(())
    }

    /// Reads a number (RFC 8259 §6).
    fn number(&mut self) -> Option<()> {
        if self.peek() == b'-' {
            self.next();
        }
        match self.peek() {
            b'0' => _ = self.next(),
            _ => self.digits()?,
        }
        if self.peek() == b'.' {
            self.next();
            self.digits()?;
        }
        if let b'e' | b'E' = self.peek() {
            self.next();
            if let b'+' | b'-' = self.peek() {
                self.next();
            }
            self.digits()?;
        }
        Some(())
    }

    /// Reads one digit or more.
    #[inline(always)]
    fn digits(&mut self) -> Option<()> {
        let [b'0'..=b'9', ..] = self.rest else {
            return None;
        };
        while let [b'0'..=b'9', after @ ..] = self.rest {
            self.rest = after;
        }
        Some(())
    }

    #[inline(always)]
    pub(super) fn skip_space(&mut self) {
        if self.peek() <= b' ' {
            self.skip_some_space();
        }
    }

    #[cold]
    fn skip_some_space(&mut self) {
        while let [b' ' | b'\n' | b'\r' | b'\t', after @ ..] = self.rest {
            self.rest = after;
        }
    }

    /// Returns the index of the next byte.
    #[inline(always)]
    pub(super) fn position(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    /// Returns the next byte without reading it, and 0 at the end, which is in no JSON.
    #[inline(always)]
    pub(super) fn peek(&self) -> u8 {
        self.rest.first().copied().unwrap_or(0)
    }

    #[inline(always)]
    pub(super) fn next(&mut self) -> u8 {
        match self.rest {
            [byte, after @ ..] => {
                self.rest = after;
                *byte
            }
            [] => 0,
        }
    }

    #[cold]
    fn note(&mut self, broken: Malformed) {
        self.broken.get_or_insert(broken);
    }
}

fn closing(bracket: u8) -> u8 {
    if bracket == b'{' { b'}' } else { b']' }
}
