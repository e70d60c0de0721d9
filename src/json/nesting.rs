//! Which arrays and objects are open.

/// A stack of bits: whether each open bracket is that of an object.
#[derive(Default)]
pub(super) struct Nesting {
    /// The innermost bracket is the lowest bit.
    bits: u128,
    depth: usize,
    /// What did not fit, in groups of 128: nothing, unless the text is nested too deeply.
    outer: Vec<u128>,
}

impl Nesting {
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    pub(super) fn push(&mut self, is_object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(128) {
            self.outer.push(self.bits);
        }
        self.bits = self.bits << 1 | u128::from(is_object);
        self.depth += 1;
    }

    pub(super) fn pop(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.bits >>= 1;
        if self.depth > 0 && self.depth.is_multiple_of(128) {
            self.bits = self.outer.pop().unwrap_or_default();
        }
    }

    /// Returns `None` if nothing is open.
    pub(super) fn innermost_is_object(&self) -> Option<bool> {
        (self.depth > 0).then_some(self.bits & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_close_in_the_order_in_which_they_were_opened() {
        let is_object = |n: usize| n.is_multiple_of(3) || n.is_multiple_of(7);
        let mut open = Nesting::default();
        for n in 0..1_000 {
            open.push(is_object(n));
        }
        for n in (0..1_000).rev() {
            assert_eq!(open.depth(), n + 1);
            assert_eq!(open.innermost_is_object(), Some(is_object(n)));
            open.pop();
        }
        assert_eq!(open.innermost_is_object(), None);
    }
}
