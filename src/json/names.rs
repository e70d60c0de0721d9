//! The names of an object's members, to find duplicates.

use std::hash::{BuildHasher, RandomState};

use super::string;
use super::value::Span;

/// How many names are kept without an allocation.
const FEW: usize = 16;

/// The names seen so far.
///
/// The first are compared with each other if a filter finds their hashes alike. With more, or if one
/// has escapes, all move into a hash table with a secret key, which keeps the work linear.
pub(super) struct Names<'t> {
    text: &'t str,
    few: [Span; FEW],
    count: usize,
    /// A bit for the hash of each of the few.
    filter: u64,
    many: Option<Table>,
}

impl<'t> Names<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            few: [Span::NONE; FEW],
            count: 0,
            filter: 0,
            many: None,
        }
    }

    /// Adds a name, given with its escapes resolved and with the number of bytes after the member.
    /// Returns `false` if it was there already.
    #[inline(always)]
    pub(super) fn insert(&mut self, span: Span, name: &str, rest: usize) -> bool {
        let slot = self.few.get_mut(self.count);
        let (Some(slot), false, None) = (slot, span.has_escapes(), &self.many) else {
            return self.insert_into_table(span, name, rest);
        };
        *slot = span;
        let bit = 1 << self.cheap_hash(span);
        let is_new = self.filter & bit == 0 || self.is_new(name);
        self.count += 1;
        self.filter |= bit;
        is_new
    }

    /// Returns six bits of the length and the first characters of a name.
    #[inline(always)]
    fn cheap_hash(&self, span: Span) -> u64 {
        let bytes = self.text.as_bytes();
        let quoted = bytes.get(span.start as usize..).unwrap_or_default();
        let word = u64::from_le_bytes(quoted.first_chunk().map_or_else(|| padded(quoted), |w| *w));
        let length = span.len();
        // What follows a short name is shifted out.
        let name = word << (64 - 8 * length.min(8));
        // A multiplier for which the hashes of the usual claims differ.
        (name ^ length as u64).wrapping_mul(0xa099_f1db_7725_b935) >> 58
    }

    #[cold]
    fn is_new(&self, name: &str) -> bool {
        let others = self.few.iter().take(self.count);
        others
            .map(|span| string::plain(span.of(self.text).text()))
            .all(|other| other != name)
    }

    #[cold]
    fn insert_into_table(&mut self, span: Span, name: &str, rest: usize) -> bool {
        if self.many.is_none() {
            // A member has five bytes or more.
            let mut table = Table::new(self.count + 1 + rest / 5);
            for span in self.few.iter().take(self.count) {
                let name = span.of(self.text).text();
                table.insert(self.text, span.start, string::plain(name));
            }
            self.many = Some(table);
        }
        let table = self.many.as_mut();
        table.is_some_and(|table| table.insert(self.text, span.start, name))
    }
}

#[cold]
fn padded(bytes: &[u8]) -> [u8; 8] {
    let mut bytes = bytes.iter().copied();
    std::array::from_fn(|_| bytes.next().unwrap_or_default())
}

/// A hash table with open addressing, of at most one byte for each byte of the text. A slot has the
/// index of the opening quote of a name; 0 is free, because a brace is before the first name.
struct Table {
    slots: Vec<u32>,
    hasher: RandomState,
}

impl Table {
    /// Makes a table for so many names, with a fifth of its slots free.
    fn new(names: usize) -> Self {
        Self {
            slots: vec![0; names + names / 4 + 1],
            hasher: RandomState::new(),
        }
    }

    /// Puts the name into the first free slot from its hash on, unless it is found on the way.
    fn insert(&mut self, text: &str, start: u32, name: &str) -> bool {
        let first = self.first_slot(name);
        let (before, after) = self.slots.split_at_mut(first);
        for slot in after.iter_mut().chain(before) {
            if *slot == 0 {
                *slot = start;
                return true;
            }
            if string::is(quoted_at(text, *slot), name) {
                return false;
            }
        }
        false
    }

    /// Maps the hash of a name to a slot, each with the same probability.
    fn first_slot(&self, name: &str) -> usize {
        let hash = u128::from(self.hasher.hash_one(name));
        let slot = (hash * self.slots.len() as u128) >> 64;
        usize::try_from(slot).unwrap_or_default()
    }
}

fn quoted_at(text: &str, start: u32) -> &str {
    let rest = text.get(start as usize..).unwrap_or_default();
    string::scan(rest.as_bytes())
        .and_then(|(after, _)| rest.get(..rest.len() - after.len()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name in the quotes that begin here, and whether it is new.
    fn insert(names: &mut Names<'_>, start: usize) -> bool {
        let quoted = quoted_at(names.text, u32::try_from(start).unwrap());
        let has_escapes = quoted.contains('\\');
        let end = u32::try_from(start + quoted.len()).unwrap();
        let span = Span::new(u32::try_from(start).unwrap(), end, has_escapes);
        let name = string::unescape(quoted, has_escapes);
        names.insert(span, &name, names.text.len() - start)
    }

    #[test]
    fn a_name_is_inserted_once_however_many_there_are() {
        let count = 3 * FEW;
        let written: Vec<String> = (0..count).map(|n| format!("\"n{n}\":0")).collect();
        let text = format!("{{{}}}", written.join(","));
        let start = |n: usize| text.find(&format!("\"n{n}\"")).unwrap();
        for total in 0..count {
            for again in 0..total {
                let mut names = Names::new(&text);
                for n in 0..total {
                    assert!(insert(&mut names, start(n)), "{n} of {total}");
                }
                assert!(!insert(&mut names, start(again)));
            }
        }
    }

    #[test]
    fn names_of_one_hash_are_told_apart() {
        let text = r#"{"seventhA":0,"seventhB":0,"sevent\u0068C":0,"seventhC":0,"ab":0}"#;
        let start = |name: &str| text.find(&format!("\"{name}\"")).unwrap();
        let mut names = Names::new(text);
        for name in ["seventhA", "seventhB"] {
            assert!(insert(&mut names, start(name)));
            assert!(!insert(&mut names, start(name)));
        }
        assert_eq!(names.filter.count_ones(), 1);
        assert!(insert(&mut names, start(r"sevent\u0068C")));
        assert!(!insert(&mut names, start("seventhC")));
        assert!(!insert(&mut names, start(r"sevent\u0068C")));
        assert!(!insert(&mut names, start("seventhB")));
        assert!(insert(&mut names, start("ab")));
    }
}
