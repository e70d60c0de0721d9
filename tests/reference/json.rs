//! JSON (RFC 8259), read by recursive descent over characters. Strings are kept as UTF-16 code units,
//! so that lone surrogates are values like any other, and numbers as text.

use std::collections::HashSet;

use serde_json::Value;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Number(String),
    String(Vec<u16>),
    Array(Vec<Json>),
    Object(Vec<(Vec<u16>, Json)>),
}

/// The deepest nesting of arrays and objects.
const MAX_DEPTH: usize = 127;

/// A rule beyond the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Rule {
    Object,
    UniqueNames,
    PairedSurrogates,
    Depth,
    NoPrivateNames,
}

impl Json {
    /// Parses a text that is one value. The recursion is as deep as the text is nested.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let characters: Vec<char> = text.chars().collect();
        let mut parser = Parser {
            characters: &characters,
            at: 0,
        };
        let json = parser.element()?;
        (parser.at == characters.len()).then_some(json)
    }

    /// Returns the rules that the text of a payload breaks.
    pub(crate) fn broken_rules(&self) -> HashSet<Rule> {
        let mut broken = HashSet::new();
        match self {
            Self::Object(members) => {
                let names: HashSet<_> = members.iter().map(|(name, _)| name).collect();
                if names.len() < members.len() {
                    broken.insert(Rule::UniqueNames);
                }
            }
            _ => _ = broken.insert(Rule::Object),
        }
        if self.depth() > MAX_DEPTH {
            broken.insert(Rule::Depth);
        }
        let strings = self.strings();
        if strings.iter().any(|(units, _)| text(units).is_none()) {
            broken.insert(Rule::PairedSurrogates);
        }
        if self.has_private_name() {
            broken.insert(Rule::NoPrivateNames);
        }
        broken
    }

    pub(crate) fn has_private_name(&self) -> bool {
        let prefix: Vec<u16> = "$serde_json::private::".encode_utf16().collect();
        let strings = self.strings();
        strings
            .iter()
            .any(|(units, is_name)| *is_name && units.starts_with(&prefix))
    }

    /// Returns all names and strings, and whether each is a name.
    fn strings(&self) -> Vec<(&[u16], bool)> {
        match self {
            Self::String(units) => vec![(units, false)],
            Self::Array(elements) => elements.iter().flat_map(Self::strings).collect(),
            Self::Object(members) => members
                .iter()
                .flat_map(|(name, value)| [vec![(&**name, true)], value.strings()].concat())
                .collect(),
            _ => Vec::new(),
        }
    }

    fn depth(&self) -> usize {
        match self {
            Self::Array(elements) => 1 + elements.iter().map(Self::depth).max().unwrap_or(0),
            Self::Object(members) => {
                1 + members
                    .iter()
                    .map(|(_, value)| value.depth())
                    .max()
                    .unwrap_or(0)
            }
            _ => 0,
        }
    }

    pub(crate) fn as_text(&self) -> Option<String> {
        match self {
            Self::String(units) => text(units),
            _ => None,
        }
    }

    /// Returns what `serde_json` holds, of two members of the same name the last one. `None` for
    /// numbers out of its range and for lone surrogates.
    pub(crate) fn to_value(&self) -> Option<Value> {
        Some(match self {
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(*bool),
            Self::Number(number) => serde_json::from_str(number).ok()?,
            Self::String(units) => Value::String(text(units)?),
            Self::Array(elements) => elements.iter().map(Self::to_value).collect::<Option<_>>()?,
            Self::Object(members) => {
                let member =
                    |(name, value): &(Vec<u16>, Self)| Some((text(name)?, value.to_value()?));
                Value::Object(members.iter().map(member).collect::<Option<_>>()?)
            }
        })
    }
}

/// Returns the text of code units without lone surrogates.
pub(crate) fn text(units: &[u16]) -> Option<String> {
    String::from_utf16(units).ok()
}

struct Parser<'c> {
    characters: &'c [char],
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<char> {
        self.characters.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += 1;
        Some(next)
    }

    /// Reads the character if it is next.
    fn take(&mut self, character: char) -> bool {
        let is_next = self.peek() == Some(character);
        self.at += usize::from(is_next);
        is_next
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(' ' | '\t' | '\n' | '\r')) {
            self.at += 1;
        }
    }

    /// Reads a value and the space around it.
    fn element(&mut self) -> Option<Json> {
        self.space();
        let value = match self.peek()? {
            '{' => self.object()?,
            '[' => self.array()?,
            '"' => Json::String(self.string()?),
            '-' | '0'..='9' => self.number()?,
            _ => self.literal()?,
        };
        self.space();
        Some(value)
    }

    fn object(&mut self) -> Option<Json> {
        self.at += 1;
        let mut members = Vec::new();
        self.space();
        if self.take('}') {
            return Some(Json::Object(members));
        }
        loop {
            self.space();
            let name = self.string()?;
            self.space();
            if !self.take(':') {
                return None;
            }
            members.push((name, self.element()?));
            match self.next()? {
                ',' => {}
                '}' => return Some(Json::Object(members)),
                _ => return None,
            }
        }
    }

    fn array(&mut self) -> Option<Json> {
        self.at += 1;
        let mut elements = Vec::new();
        self.space();
        if self.take(']') {
            return Some(Json::Array(elements));
        }
        loop {
            elements.push(self.element()?);
            match self.next()? {
                ',' => {}
                ']' => return Some(Json::Array(elements)),
                _ => return None,
            }
        }
    }

    fn string(&mut self) -> Option<Vec<u16>> {
        if !self.take('"') {
            return None;
        }
        let mut units = Vec::new();
        loop {
            match self.next()? {
                '"' => return Some(units),
                '\\' => units.push(self.escape()?),
                '\0'..='\u{1f}' => return None,
                character => units.extend_from_slice(character.encode_utf16(&mut [0; 2])),
            }
        }
    }

    fn escape(&mut self) -> Option<u16> {
        Some(match self.next()? {
            '"' => 0x22,
            '\\' => 0x5c,
            '/' => 0x2f,
            'b' => 0x08,
            'f' => 0x0c,
            'n' => 0x0a,
            'r' => 0x0d,
            't' => 0x09,
            'u' => {
                let mut unit = 0;
                for _ in 0..4 {
                    unit = unit * 16 + u16::try_from(self.next()?.to_digit(16)?).ok()?;
                }
                unit
            }
            _ => return None,
        })
    }

    fn number(&mut self) -> Option<Json> {
        let start = self.at;
        self.take('-');
        if !self.take('0') {
            self.digits()?;
        }
        if self.take('.') {
            self.digits()?;
        }
        if self.take('e') || self.take('E') {
            let _ = self.take('+') || self.take('-');
            self.digits()?;
        }
        Some(Json::Number(
            self.characters[start..self.at].iter().collect(),
        ))
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|c| c.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn literal(&mut self) -> Option<Json> {
        for (name, value) in [
            ("null", Json::Null),
            ("true", Json::Bool(true)),
            ("false", Json::Bool(false)),
        ] {
            let end = self.at + name.len();
            if self
                .characters
                .get(self.at..end)?
                .iter()
                .copied()
                .eq(name.chars())
            {
                self.at = end;
                return Some(value);
            }
            // `false` is longer than what may be left for the others, so it is tried last.
        }
        None
    }
}
