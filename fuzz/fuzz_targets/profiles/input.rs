//! Tokens that are made from valid ones by changes.

use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};
use serde_json::{Value, json};

use crate::settings::Settings;

pub(crate) const NOW: i64 = 1_000;
pub(crate) const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// The kinds of tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Access,
    /// An access token that is not RFC 9068.
    OtherAccess,
    Id,
    Logout,
    Client,
    Identity,
    Event,
}

impl Kind {
    pub(crate) fn typ(self) -> &'static str {
        match self {
            Self::Access => "at+jwt",
            Self::OtherAccess | Self::Id => "JWT",
            Self::Logout => "logout+jwt",
            Self::Client => "client-authentication+jwt",
            Self::Identity => "oauth-id-jag+jwt",
            Self::Event => "secevent+jwt",
        }
    }

    /// Returns the claims of a valid token.
    fn claims(self) -> Value {
        let (exp, iat) = (NOW + 60, NOW - 10);
        match self {
            Self::Access | Self::Identity => json!({
                "iss": "i", "sub": "s", "aud": "a", "exp": exp, "iat": iat, "jti": "j",
                "client_id": "c",
            }),
            Self::OtherAccess | Self::Id => json!({
                "iss": "i", "sub": "s", "aud": "a", "exp": exp, "iat": iat,
            }),
            Self::Logout => json!({
                "iss": "i", "sub": "s", "aud": "a", "exp": exp, "iat": iat, "jti": "j",
                "events": { LOGOUT: {} },
            }),
            Self::Client => json!({
                "iss": "c", "sub": "c", "aud": "a", "exp": exp, "jti": "j",
            }),
            Self::Event => json!({
                "iss": "i", "aud": "a", "iat": iat, "jti": "j", "events": { "e": {} },
            }),
        }
    }
}

/// A token, and the settings of the verifiers that it is given to.
#[derive(Debug)]
pub(crate) struct Input<'a> {
    kind: Kind,
    typ: Typ<'a>,
    edits: Vec<Edit<'a>>,
    pub(crate) settings: Settings,
    /// Text after the last member.
    extra: &'a str,
}

#[derive(Debug)]
enum Typ<'a> {
    OfKind,
    Absent,
    Of(Kind),
    Text(&'a str),
}

#[derive(Debug)]
enum Edit<'a> {
    Remove(&'static str),
    Set(&'static str, Json<'a>),
    /// A member that may be there already.
    Add(&'static str, Json<'a>),
}

#[derive(Debug)]
enum Json<'a> {
    Null,
    Bool(bool),
    Word(&'static str),
    /// A time, from now.
    Seconds(i8),
    Words(Vec<&'static str>),
    Array(Vec<Json<'a>>),
    Object(Vec<(&'static str, Json<'a>)>),
    /// A long text.
    Long(u16),
    Text(&'a str),
}

const KINDS: [Kind; 7] = [
    Kind::Access,
    Kind::OtherAccess,
    Kind::Id,
    Kind::Logout,
    Kind::Client,
    Kind::Identity,
    Kind::Event,
];

/// Texts that mean something.
pub(crate) const WORDS: [&str; 22] = [
    "i", "s", "a", "j", "c", "n", "i2", "a2", "c2", "t", "p", "e", "", LOGOUT, "access", "ID",
    "Refresh", "Offline", "Logout", "x y", "value", "k",
];

const NAMES: [&str; 36] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "nonce",
    "azp",
    "auth_time",
    "at_hash",
    "c_hash",
    "s_hash",
    "cnf",
    "client_id",
    "events",
    "token_use",
    "typ",
    "scope",
    "acr",
    "amr",
    "roles",
    "groups",
    "entitlements",
    "sid",
    "toe",
    "txn",
    "sub_id",
    "resource",
    "authorization_details",
    "act",
    "tenant",
    "aud_tenant",
    "aud_sub",
    "email",
    "x",
];

// One byte for each choice, so that one change to the input is one to the token. Derived, a choice takes
// four, of which one counts.

pub(crate) fn pick<T: Copy>(u: &mut Unstructured<'_>, all: &[T]) -> Result<T> {
    Ok(all[usize::from(u8::arbitrary(u)?) % all.len()])
}

impl<'a> Arbitrary<'a> for Input<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        Ok(Self {
            kind: pick(u, &KINDS)?,
            typ: match u8::arbitrary(u)? % 8 {
                0..4 => Typ::OfKind,
                4 => Typ::Absent,
                5 | 6 => Typ::Of(pick(u, &KINDS)?),
                _ => Typ::Text(u.arbitrary()?),
            },
            settings: u.arbitrary()?,
            edits: several(u)?,
            extra: u.arbitrary()?,
        })
    }
}

fn several<'a, T: Arbitrary<'a>>(u: &mut Unstructured<'a>) -> Result<Vec<T>> {
    let length = u8::arbitrary(u)? % 8;
    (0..length).map(|_| u.arbitrary()).collect()
}

impl<'a> Arbitrary<'a> for Edit<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let kind = u8::arbitrary(u)? % 8;
        let name = pick(u, &NAMES)?;
        Ok(match kind {
            0 => Self::Remove(name),
            1 => Self::Add(name, u.arbitrary()?),
            _ => Self::Set(name, u.arbitrary()?),
        })
    }
}

impl<'a> Arbitrary<'a> for Json<'a> {
    fn arbitrary(u: &mut Unstructured<'a>) -> Result<Self> {
        let few = |u: &mut Unstructured<'a>| Ok(u8::arbitrary(u)? % 4);
        Ok(match u8::arbitrary(u)? % 16 {
            0..5 => Self::Word(pick(u, &WORDS)?),
            5..8 => Self::Seconds(u.arbitrary()?),
            8 => Self::Null,
            9 => Self::Bool(u.arbitrary()?),
            10 | 11 => {
                let words = (0..few(u)?).map(|_| pick(u, &WORDS[..12]));
                Self::Words(words.collect::<Result<_>>()?)
            }
            12 => {
                let elements = (0..few(u)?).map(|_| u.arbitrary());
                Self::Array(elements.collect::<Result<_>>()?)
            }
            13 => {
                let members = (0..few(u)?).map(|_| Ok((pick(u, &WORDS)?, u.arbitrary()?)));
                Self::Object(members.collect::<Result<_>>()?)
            }
            14 => Self::Long(u.arbitrary()?),
            _ => Self::Text(u.arbitrary()?),
        })
    }
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

impl Json<'_> {
    fn text(&self) -> String {
        match self {
            Self::Null => "null".into(),
            Self::Bool(bool) => bool.to_string(),
            Self::Word(word) => quoted(word),
            Self::Seconds(seconds) => (NOW + i64::from(*seconds)).to_string(),
            Self::Words(all) => Value::from(all.as_slice()).to_string(),
            Self::Array(all) => {
                let all: Vec<_> = all.iter().map(Self::text).collect();
                format!("[{}]", all.join(","))
            }
            Self::Object(all) => {
                let member =
                    |(name, value): &(&str, Self)| format!("{}:{}", quoted(name), value.text());
                let all: Vec<_> = all.iter().map(member).collect();
                format!("{{{}}}", all.join(","))
            }
            Self::Long(length) => quoted(&"x".repeat(usize::from(*length) % 600)),
            Self::Text(text) => (*text).into(),
        }
    }
}

impl Input<'_> {
    pub(crate) fn typ(&self) -> Option<&str> {
        match &self.typ {
            Typ::OfKind => Some(self.kind.typ()),
            Typ::Absent => None,
            Typ::Of(kind) => Some(kind.typ()),
            Typ::Text(text) => Some(text),
        }
    }

    pub(crate) fn payload(&self) -> String {
        let Value::Object(claims) = self.kind.claims() else {
            unreachable!("the claims are an object");
        };
        let claim = |(name, value): (String, Value)| (name, value.to_string());
        let mut members: Vec<(String, String)> = claims.into_iter().map(claim).collect();
        for edit in &self.edits {
            let (Edit::Remove(name) | Edit::Set(name, _) | Edit::Add(name, _)) = edit;
            if !matches!(edit, Edit::Add(..)) {
                members.retain(|(one, _)| one != name);
            }
            if let Edit::Set(_, value) | Edit::Add(_, value) = edit {
                members.push(((*name).into(), value.text()));
            }
        }
        let member = |(name, value): &(String, String)| format!("{}:{value}", quoted(name));
        let members: Vec<_> = members.iter().map(member).collect();
        format!("{{{}{}}}", members.join(","), self.extra)
    }
}
