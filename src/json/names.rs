//! The names of an object's members, to find duplicates.

use std::hash::{BuildHasher, RandomState};

use super::string;

/// How many names are kept without an allocation.
const FEW: usize = 16;

/// The names seen so far.
///
/// The first are compared with each other if a filter finds their hashes alike. With more, or if one
/// has escapes, all move into a hash table with a secret key, which keeps the work linear.
pub(super) struct Names<'t> {
    text: &'t str,
    few: [Place; FEW],
    count: usize,
    /// A bit for the hash of each of the few.
    filter: u64,
    many: Option<Table>,
}

/// Where a name begins and ends in the text, without its quotes.
#[derive(Clone, Copy, Default)]
struct Place {
    start: u32,
    end: u32,
}

/// A name in the text.
#[derive(Clone, Copy)]
pub(super) struct Name<'n> {
    /// The index of the opening quote.
    start: usize,
    text: &'n str,
    has_escapes: bool,
    /// The number of bytes after the member.
    rest: usize,
}

impl<'n> Name<'n> {
    #[inline(always)]
    pub(super) fn new(start: usize, text: &'n str, has_escapes: bool, rest: usize) -> Self {
        Self {
            start,
            text,
            has_escapes,
            rest,
        }
    }
}

impl<'t> Names<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            few: [Place::default(); FEW],
            count: 0,
            filter: 0,
            many: None,
        }
    }

    /// Adds a name. Returns `false` if it was there already.
    #[inline(always)]
    pub(super) fn insert(&mut self, name: Name<'_>) -> bool {
        let place = self.few.get_mut(self.count);
        let (Some(place), false, None) = (place, name.has_escapes, &self.many) else {
            return self.insert_into_table(name);
        };
        let start = name.start + 1;
        *place = Place {
            start: index(start),
            end: index(start + name.text.len()),
        };
        let bit = 1 << cheap_hash(name.text);
        let is_new = self.filter & bit == 0 || self.is_new(name.text);
        self.count += 1;
        self.filter |= bit;
        is_new
    }

    #[cold]
    fn is_new(&self, name: &str) -> bool {
        let others = self.few.iter().take(self.count);
        others
            .map(|place| self.text_at(*place))
            .all(|other| other != name)
    }

    fn text_at(&self, place: Place) -> &'t str {
        let range = place.start as usize..place.end as usize;
        self.text.get(range).unwrap_or_default()
    }

    #[cold]
    fn insert_into_table(&mut self, name: Name<'_>) -> bool {
        if self.many.is_none() {
            // A member has five bytes or more.
            let mut table = Table::new(self.count + 1 + name.rest / 5);
            for place in self.few.iter().take(self.count) {
                let start = place.start as usize - 1;
                table.insert(self.text, start, self.text_at(*place));
            }
            self.many = Some(table);
        }
        let table = self.many.as_mut();
        table.is_some_and(|table| table.insert(self.text, name.start, name.text))
    }
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
    fn insert(&mut self, text: &str, start: usize, name: &str) -> bool {
        let first = self.first_slot(name);
        let (before, after) = self.slots.split_at_mut(first);
        for slot in after.iter_mut().chain(before) {
            if *slot == 0 {
                *slot = index(start);
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

/// An index in the text. The scanner reads no text that is longer.
fn index(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

fn quoted_at(text: &str, start: u32) -> &str {
    let rest = text.get(start as usize..).unwrap_or_default();
    string::scan(rest.as_bytes())
        .and_then(|(after, _)| rest.get(..rest.len() - after.len()))
        .unwrap_or_default()
}

/// Returns six bits, different for most names that occur together.
#[inline(always)]
fn cheap_hash(name: &str) -> u32 {
    let bytes = name.as_bytes();
    let Some((first, last)) = bytes.first().zip(bytes.last()) else {
        return 0;
    };
    let middle = bytes.get(bytes.len() / 2).unwrap_or(first);
    let [length, ..] = bytes.len().to_le_bytes();
    u32::from_le_bytes([*first, *middle, *last, length]).wrapping_mul(0x9e37_79b1) >> 26
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_inserted_once_however_many_there_are() {
        let count = 3 * FEW;
        let written: Vec<String> = (0..count).map(|n| format!("\"n{n}\":0")).collect();
        let text = format!("{{{}}}", written.join(","));
        let start = |n: usize| text.find(&format!("\"n{n}\"")).unwrap();
        let texts: Vec<String> = (0..count).map(|n| format!("n{n}")).collect();
        let name = |n: usize| Name::new(start(n), &texts[n], false, text.len() - start(n));
        for total in 0..count {
            for again in 0..total {
                let mut names = Names::new(&text);
                for n in 0..total {
                    assert!(names.insert(name(n)), "{n} of {total}");
                }
                assert!(!names.insert(name(again)));
            }
        }
    }

    #[test]
    fn names_of_one_hash_are_told_apart() {
        let text = r#"{"axbyc":0,"aybyc":0,"a\u007abyc":0,"azbyc":0,"ab":0}"#;
        assert_eq!(cheap_hash("axbyc"), cheap_hash("aybyc"));
        let mut names = Names::new(text);
        assert!(names.insert(Name::new(1, "axbyc", false, 54)));
        assert!(names.insert(Name::new(11, "aybyc", false, 44)));
        assert!(!names.insert(Name::new(1, "axbyc", false, 54)));
        assert!(names.insert(Name::new(21, "azbyc", true, 34)));
        assert!(!names.insert(Name::new(36, "azbyc", false, 19)));
        assert!(!names.insert(Name::new(21, "azbyc", true, 34)));
        assert!(!names.insert(Name::new(11, "aybyc", false, 44)));
        assert!(names.insert(Name::new(46, "ab", false, 9)));
    }
}
