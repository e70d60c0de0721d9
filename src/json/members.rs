//! The members of an object, in the order of the text.

use super::value::{Span, Value};

/// How many members are kept without an allocation.
const FEW: usize = 24;

/// Where a member of an object is in the text.
#[derive(Clone, Copy)]
pub(crate) struct Member {
    pub(super) name: Span,
    pub(super) value: Span,
}

impl Member {
    const NONE: Self = Self {
        name: Span::NONE,
        value: Span::NONE,
    };
}

/// A list of members that allocates only if it is long.
pub(crate) struct Members<'t> {
    text: &'t str,
    few: [Member; FEW],
    len: u32,
    /// The members after the first few.
    more: Vec<Member>,
}

impl<'t> Members<'t> {
    /// Makes an empty list of the members of a text.
    #[inline(always)]
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            few: [Member::NONE; FEW],
            len: 0,
            more: Vec::new(),
        }
    }

    /// Returns the text that the members are in.
    pub(crate) fn text(&self) -> &'t str {
        self.text
    }

    /// Returns the number of members, which is less than the length of the text.
    pub(crate) fn len(&self) -> u32 {
        self.len
    }

    #[inline(always)]
    pub(crate) fn push(&mut self, member: Member) {
        match self.few.get_mut(self.len as usize) {
            Some(slot) => *slot = member,
            None => self.more.push(member),
        }
        self.len += 1;
    }

    /// Returns the name of a member, which is a string.
    #[inline(always)]
    pub(crate) fn name(&self, index: u32) -> Option<Value<'t>> {
        Some(self.get(index)?.name.of(self.text))
    }

    #[inline(always)]
    pub(crate) fn value(&self, index: u32) -> Option<Value<'t>> {
        Some(self.get(index)?.value.of(self.text))
    }

    #[inline(always)]
    fn get(&self, index: u32) -> Option<&Member> {
        if index >= self.len {
            return None;
        }
        let index = index as usize;
        self.few.get(index).or_else(|| self.more.get(index - FEW))
    }
}
