//! The names of an object's members, to find duplicates.

use std::borrow::Cow;
use std::hash::{BuildHasher, RandomState};

use super::string;

/// How many names are kept without an allocation.
const FEW: usize = 16;

/// The names seen so far, by the index of the opening quote of each.
///
/// The first are compared with each other, if a filter finds their hashes alike. With more, all move
/// into a hash table, which keeps the work linear.
pub(super) struct Names<'t> {
    text: &'t str,
    few: [u32; FEW],
    count: usize,
    /// A bit for the hash of each of the few.
    filter: u64,
    many: Option<Table>,
}

impl<'t> Names<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            few: [0; FEW],
            count: 0,
            filter: 0,
            many: None,
        }
    }

    /// Adds a name that begins at `start`. Returns `false` if it was there already.
    ///
    /// No name begins at 0, because the brace of the object comes before it.
    #[inline(always)]
    pub(super) fn insert(&mut self, start: usize, name: &str) -> bool {
        // The scanner reads no text that is longer.
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let Some(slot) = self.few.get_mut(self.count) else {
            return self.insert_into_table(start, name);
        };
        *slot = start;
        let bit = 1 << cheap_hash(name);
        let is_new = self.filter & bit == 0 || self.is_new(name);
        self.count += 1;
        self.filter |= bit;
        is_new
    }

    #[cold]
    fn is_new(&self, name: &str) -> bool {
        let mut others = self.few.iter().take(self.count);
        others.all(|start| *name_at(self.text, *start) != *name)
    }

    #[cold]
    fn insert_into_table(&mut self, start: u32, name: &str) -> bool {
        let (text, few) = (self.text, self.few);
        let table = self.many.get_or_insert_with(|| {
            let mut table = Table::new(text);
            for start in few {
                table.insert(text, start, &name_at(text, start));
            }
            table
        });
        table.insert(text, start, name)
    }
}

/// A hash table with open addressing, of one byte for each byte of the text.
struct Table {
    slots: Vec<u32>,
    hasher: RandomState,
}

impl Table {
    fn new(text: &str) -> Self {
        // A member has five bytes or more, so a fifth of the slots stays free.
        Self {
            slots: vec![0; text.len() / 4],
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
            if *name_at(text, *slot) == *name {
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

fn name_at(text: &str, start: u32) -> Cow<'_, str> {
    let rest = text.get(start as usize..).unwrap_or_default();
    string::scan(rest.as_bytes())
        .and_then(|(after, escapes)| {
            let quoted = rest.get(..rest.len() - after.len())?;
            Some(string::unescape(quoted, escapes.any))
        })
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_inserted_once_however_many_there_are() {
        let count = 4 * FEW;
        let written: Vec<String> = (0..count).map(|n| format!("\"n{n}\":0")).collect();
        let text = format!("{{{}}}", written.join(","));
        let start = |n: usize| text.find(&format!("\"n{n}\"")).unwrap();
        for total in 0..count {
            for again in 0..total {
                let mut names = Names::new(&text);
                for n in 0..total {
                    assert!(names.insert(start(n), &format!("n{n}")), "{n} of {total}");
                }
                assert!(!names.insert(start(again), &format!("n{again}")));
            }
        }
    }

    #[test]
    fn names_of_one_hash_are_told_apart() {
        let text = r#"{"axbyc":0,"aybyc":0,"a\u007abyc":0}"#;
        assert_eq!(cheap_hash("axbyc"), cheap_hash("aybyc"));
        let mut names = Names::new(text);
        assert!(names.insert(1, "axbyc"));
        assert!(names.insert(11, "aybyc"));
        assert!(names.insert(21, "azbyc"));
        assert!(!names.insert(1, "azbyc"));
        assert!(!names.insert(1, "aybyc"));
        assert!(names.insert(1, ""));
        assert!(!names.insert(1, "axbyc"));
    }
}
