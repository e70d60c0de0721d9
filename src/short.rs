//! Text that stands where it is used as long as it is short: no memory to ask for, and nothing that
//! threads share.

use std::fmt;

/// The longest text without memory of its own. A thumbprint has 43 bytes, a UUID 36.
const ROOM: usize = 46;

/// The text of a `kid`, which every token carries and which is copied out of the key's header.
#[derive(Clone)]
pub(crate) enum Short {
    Here { length: u8, bytes: [u8; ROOM] },
    There(Box<str>),
}

impl Short {
    pub(crate) fn as_str(&self) -> &str {
        match self {
            // It was text when it was put there.
            Self::Here { length, bytes } => bytes
                .get(..usize::from(*length))
                .and_then(|bytes| std::str::from_utf8(bytes).ok())
                .unwrap_or_default(),
            Self::There(text) => text,
        }
    }
}

impl From<&str> for Short {
    fn from(text: &str) -> Self {
        let mut bytes = [0; ROOM];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(room), Ok(length)) => {
                room.copy_from_slice(text.as_bytes());
                Self::Here { length, bytes }
            }
            _ => Self::There(text.into()),
        }
    }
}

impl PartialEq for Short {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Short {}

impl fmt::Debug for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_any_length_comes_back_as_it_was() {
        for length in 0..300 {
            let text: String = "\u{e9}x".chars().cycle().take(length).collect();
            let short = Short::from(text.as_str());
            assert_eq!(short.as_str(), text);
            assert_eq!(short, short.clone());
            assert_ne!(short, Short::from(format!("{text}y").as_str()));
            assert_eq!(format!("{short:?}"), format!("{text:?}"));
            assert_eq!(matches!(short, Short::Here { .. }), text.len() <= ROOM);
        }
    }
}
