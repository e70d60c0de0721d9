//! The names of an object's members, to find duplicates.

use std::cmp::Ordering;

use super::string;
use super::value::Span;

/// How many names are kept without an allocation.
const FEW: usize = 32;

/// The names seen so far.
///
/// The first are compared with each other if a filter finds their hashes alike. With more, or if one
/// has escapes, all are sorted in the end, which an attacker cannot make slower by choosing names.
pub(super) struct Names<'t> {
    text: &'t str,
    few: [Span; FEW],
    count: usize,
    /// A bit for the hash of each of the few.
    filter: u64,
    /// The indices of the opening quotes of all names, unless they are few.
    many: Vec<u32>,
}

impl<'t> Names<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            few: [Span::NONE; FEW],
            count: 0,
            filter: 0,
            many: Vec::new(),
        }
    }

    /// Adds a name, given with its escapes resolved and with the number of bytes after the member.
    /// Returns `false` if it was found among the first few.
    #[inline(always)]
    pub(super) fn insert(&mut self, span: Span, name: &str, rest: usize) -> bool {
        let slot = self.few.get_mut(self.count);
        let (Some(slot), false, true) = (slot, span.has_escapes(), self.many.is_empty()) else {
            self.insert_into_many(span, rest);
            return true;
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
    fn insert_into_many(&mut self, span: Span, rest: usize) {
        if self.many.is_empty() {
            // A member has five bytes or more.
            self.many.reserve_exact(self.count + 1 + rest / 5);
            let few = self.few.iter().take(self.count);
            self.many.extend(few.map(|span| span.start));
        }
        self.many.push(span.start);
    }

    /// Returns whether there is a duplicate that [`insert`](Self::insert) did not find.
    pub(super) fn has_duplicate(&mut self) -> bool {
        let (text, many) = (self.text, &mut self.many);
        many.sort_unstable_by(|one, other| compare(text, *one, *other));
        let mut neighbours = many.windows(2);
        neighbours.any(|pair| matches!(pair, [one, other] if compare(text, *one, *other).is_eq()))
    }
}

#[cold]
fn padded(bytes: &[u8]) -> [u8; 8] {
    let mut bytes = bytes.iter().copied();
    std::array::from_fn(|_| bytes.next().unwrap_or_default())
}

/// Compares names, given the indices of their opening quotes, in the order of their characters.
fn compare(text: &str, one: u32, other: u32) -> Ordering {
    string::compare(quoted_at(text, one), quoted_at(text, other))
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

    /// Inserts the names in the quotes that begin at these places, and returns whether all differ.
    fn all_differ(text: &str, starts: impl IntoIterator<Item = usize>) -> bool {
        let mut names = Names::new(text);
        let mut are_new = true;
        for start in starts {
            let start = u32::try_from(start).unwrap();
            let quoted = quoted_at(text, start);
            let end = start + u32::try_from(quoted.len()).unwrap();
            let has_escapes = quoted.contains('\\');
            let name = string::unescape(quoted, has_escapes);
            let rest = text.len() - end as usize;
            are_new &= names.insert(Span::new(start, end, has_escapes), &name, rest);
        }
        are_new && !names.has_duplicate()
    }

    #[test]
    fn a_duplicate_is_found_however_many_names_there_are() {
        let count = 3 * FEW;
        let written: Vec<String> = (0..count).map(|n| format!("\"n{n}\":0")).collect();
        let text = format!("{{{}}}", written.join(","));
        let start = |n: usize| text.find(&format!("\"n{n}\"")).unwrap();
        let starts: Vec<usize> = (0..count).map(start).collect();
        // Miri is slow; it reads the last name of the few and the first of the many.
        let (totals, step) = if cfg!(miri) {
            (FEW..FEW + 2, 11)
        } else {
            (0..count, 1)
        };
        for total in totals {
            let known = || starts.iter().take(total).copied();
            assert!(all_differ(&text, known()), "{total}");
            for again in (0..total).step_by(step) {
                let starts = known().chain([starts[again]]);
                assert!(!all_differ(&text, starts), "{again} of {total}");
            }
        }
    }

    #[test]
    fn names_of_one_hash_are_told_apart() {
        let text = r#"{"seventhA":0,"seventhB":0,"sevent\u0068C":0,"seventhC":0,"ab":0}"#;
        let names = ["seventhA", "seventhB", r"sevent\u0068C", "seventhC", "ab"];
        let [a, b, escaped, c, ab] = names.map(|name| text.find(&format!("\"{name}\"")).unwrap());
        let mut filter = Names::new(text);
        for (start, name) in [(1, "seventhA"), (14, "seventhB")] {
            assert!(filter.insert(Span::new(start, start + 10, false), name, 0));
        }
        assert_eq!(filter.filter.count_ones(), 1);
        for (starts, expected) in [
            (&[a, b, ab][..], true),
            (&[a, b, a], false),
            (&[a, b, b], false),
            (&[a, b, escaped, ab], true),
            (&[a, escaped, c], false),
            (&[c, escaped], false),
            (&[escaped, b, escaped], false),
            (&[a, escaped, b, a], false),
        ] {
            assert_eq!(
                all_differ(text, starts.iter().copied()),
                expected,
                "{starts:?}"
            );
        }
    }
}
