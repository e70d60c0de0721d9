//! A strict reader and a writer of DER (ITU-T X.690), for the structures of keys and signatures.

/// The tags that occur in keys and signatures.
pub(crate) mod tag {
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const SEQUENCE: u8 = 0x30;
    /// `[0]` and `[1]`, constructed.
    pub(crate) const CONTEXT_0: u8 = 0xa0;
    pub(crate) const CONTEXT_1: u8 = 0xa1;
}

/// Reads one value after the other. Every method returns `None` for what DER does not allow.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// Reads bytes that are one SEQUENCE and nothing after it.
    pub(crate) fn document(bytes: &'a [u8]) -> Option<Self> {
        let mut outer = Self::new(bytes);
        let inner = outer.sequence()?;
        outer.finish()?;
        Some(inner)
    }

    /// Returns the tag of the next value.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.first().copied()
    }

    /// Returns `None` unless everything was read.
    pub(crate) fn finish(&self) -> Option<()> {
        self.bytes.is_empty().then_some(())
    }

    /// Reads a value with the given tag and returns its contents.
    pub(crate) fn read(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (&found, rest) = self.bytes.split_first()?;
        let (length, rest) = length(rest)?;
        let (contents, rest) = rest.split_at_checked(length)?;
        if found != tag {
            return None;
        }
        self.bytes = rest;
        Some(contents)
    }

    /// Reads the next value if it has the given tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Option<Option<&'a [u8]>> {
        if self.peek() == Some(tag) {
            self.read(tag).map(Some)
        } else {
            Some(None)
        }
    }

    pub(crate) fn sequence(&mut self) -> Option<Self> {
        self.read(tag::SEQUENCE).map(Self::new)
    }

    /// Reads an INTEGER that is not negative, and returns it without leading zeros.
    pub(crate) fn unsigned(&mut self) -> Option<&'a [u8]> {
        match self.read(tag::INTEGER)? {
            [] => None,
            [0] => Some(&[]),
            [0, next, ..] if *next < 0x80 => None,
            [0, rest @ ..] => Some(rest),
            [first, ..] if *first >= 0x80 => None,
            all => Some(all),
        }
    }

    /// Reads a BIT STRING of whole bytes.
    pub(crate) fn bit_string(&mut self) -> Option<&'a [u8]> {
        let (unused_bits, bytes) = self.read(tag::BIT_STRING)?.split_first()?;
        (*unused_bits == 0).then_some(bytes)
    }
}

/// Writes values one after the other.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn value(mut self, tag: u8, contents: &[u8]) -> Self {
        self.0.push(tag);
        let length = contents.len().to_be_bytes();
        let zeros = length.iter().take_while(|byte| **byte == 0).count();
        match length.split_at(zeros).1 {
            [] => self.0.push(0),
            [short @ ..=0x7f] => self.0.push(*short),
            long => {
                // At most eight bytes.
                let [count, ..] = long.len().to_le_bytes();
                self.0.push(0x80 | count);
                self.0.extend_from_slice(long);
            }
        }
        self.0.extend_from_slice(contents);
        self
    }

    pub(crate) fn sequence(self, contents: Self) -> Self {
        self.value(tag::SEQUENCE, &contents.0)
    }

    /// Writes an INTEGER that is not negative, given without leading zeros.
    pub(crate) fn unsigned(self, number: &[u8]) -> Self {
        match number.first() {
            Some(..=0x7f) => self.value(tag::INTEGER, number),
            _ => self.value(tag::INTEGER, &[&[0], number].concat()),
        }
    }

    /// Writes a BIT STRING of whole bytes.
    pub(crate) fn bit_string(self, bytes: &[u8]) -> Self {
        self.value(tag::BIT_STRING, &[&[0], bytes].concat())
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads a length in its shortest form.
fn length(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    match first {
        0..=0x7f => Some((first.into(), rest)),
        0x81 => {
            let (&length, rest) = rest.split_first()?;
            (length >= 0x80).then_some((length.into(), rest))
        }
        0x82 => {
            let (length, rest) = rest.split_first_chunk::<2>()?;
            let length = u16::from_be_bytes(*length);
            (length > 0xff).then_some((length.into(), rest))
        }
        // Longer than any key, and 0x80, the indefinite length of BER.
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shortest_length_is_read() {
        let long = [vec![0x04, 0x81, 0x80], vec![7; 0x80]].concat();
        let longer = [vec![0x04, 0x82, 0x01, 0x00], vec![7; 0x100]].concat();
        assert_eq!(
            Reader::new(&long).read(tag::OCTET_STRING),
            Some(&[7; 0x80][..])
        );
        assert_eq!(
            Reader::new(&longer).read(tag::OCTET_STRING),
            Some(&[7; 0x100][..])
        );

        let padded = [vec![0x04, 0x81, 0x7f], vec![7; 0x7f]].concat();
        let padded_long = [vec![0x04, 0x82, 0x00, 0xff], vec![7; 0xff]].concat();
        let indefinite = [0x04, 0x80, 7, 0, 0];
        let short = [0x04, 0x02, 7];
        for bytes in [&padded[..], &padded_long, &indefinite, &short, &[0x04], &[]] {
            assert_eq!(Reader::new(bytes).read(tag::OCTET_STRING), None);
        }
    }

    #[test]
    fn what_is_written_is_read() {
        for length in [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff] {
            let contents = vec![7; length];
            let der = Writer::default()
                .value(tag::OCTET_STRING, &contents)
                .finish();
            let mut reader = Reader::new(&der);
            assert_eq!(reader.read(tag::OCTET_STRING), Some(&contents[..]));
            assert_eq!(reader.finish(), Some(()));
        }
        for number in [&[][..], &[1], &[0x7f], &[0x80], &[0xff, 0]] {
            let der = Writer::default().unsigned(number).finish();
            assert_eq!(Reader::new(&der).unsigned(), Some(number));
        }
    }

    #[test]
    fn integers_are_minimal_and_not_negative() {
        let cases: [(&[u8], Option<&[u8]>); 7] = [
            (&[2, 1, 0], Some(&[])),
            (&[2, 1, 0x7f], Some(&[0x7f])),
            (&[2, 2, 0, 0x80], Some(&[0x80])),
            (&[2, 2, 0, 0x7f], None),
            (&[2, 1, 0x80], None),
            (&[2, 0], None),
            (&[4, 1, 1], None),
        ];
        for (bytes, expected) in cases {
            assert_eq!(Reader::new(bytes).unsigned(), expected, "{bytes:?}");
        }
    }
}
