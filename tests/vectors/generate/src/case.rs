//! A case, and how the modules of `areas` write it.
//!
//! A case begins with a [`Rule`], and changes one thing of a valid token:
//!
//! ```text
//! EXP.reject("expired", "exp-equals-now", "`exp` is the current time.")
//!     .payload(r#"{"exp":1800000000}"#)
//!     .twin("exp-after-now"),
//! ```

use crate::policy::Policy;
use crate::sign::{encode, key};

/// The time of the check, unless set: 2027-01-15 08:00 UTC.
pub(crate) const NOW: &str = "1800000000";
/// The header, unless set.
pub(crate) const HEADER: &str = r#"{"alg":"HS256","typ":"JWT","kid":"hs256"}"#;
/// The payload, unless set.
pub(crate) const PAYLOAD: &str = r#"{"exp":1800000900}"#;

/// The sections that decide a case, and whether an implementation that differs violates a MUST or a
/// SHOULD, or decided otherwise where they leave it open.
#[derive(Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) level: &'static str,
    pub(crate) rfc: &'static [&'static str],
}

pub(crate) const fn must(rfc: &'static [&'static str]) -> Rule {
    Rule { level: "must", rfc }
}

pub(crate) const fn should(rfc: &'static [&'static str]) -> Rule {
    let level = "should";
    Rule { level, rfc }
}

pub(crate) const fn choice(rfc: &'static [&'static str]) -> Rule {
    let level = "choice";
    Rule { level, rfc }
}

impl Rule {
    /// A token that is accepted. The id is the area and `slug`.
    pub(crate) fn accept(self, slug: impl Into<String>, about: impl Into<String>) -> Case {
        Case::new(self, None, slug.into(), about.into())
    }

    /// A token that is rejected with an error of this code.
    pub(crate) fn reject(
        self,
        reason: &'static str,
        slug: impl Into<String>,
        about: impl Into<String>,
    ) -> Case {
        Case::new(self, Some(reason), slug.into(), about.into())
    }
}

/// The value of `keys`.
#[derive(Clone)]
pub(crate) enum Keys {
    /// A JWK Set as JSON, which becomes an object of the file.
    Set(String),
    /// A text, which becomes a string of the file.
    Text(String),
}

#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) slug: String,
    pub(crate) about: String,
    pub(crate) rule: Rule,
    /// The code of the error, if the token is rejected.
    pub(crate) reason: Option<&'static str>,
    /// The slug of a token that is accepted, and differs in one thing.
    pub(crate) twin: Option<String>,
    pub(crate) policy: Policy,
    pub(crate) keys: Keys,
    pub(crate) now: &'static str,
    header: String,
    payload: String,
    signer: &'static str,
    algorithm: &'static str,
    change_signature: Option<fn(&str) -> String>,
    edit: Option<fn([&str; 3]) -> String>,
}

impl Case {
    fn new(rule: Rule, reason: Option<&'static str>, slug: String, about: String) -> Self {
        Self {
            slug,
            about,
            rule,
            reason,
            twin: None,
            policy: Policy::new(),
            keys: Keys::Set(set_of(&["hs256"])),
            now: NOW,
            header: encode(HEADER),
            payload: encode(PAYLOAD),
            signer: "hs256",
            algorithm: "HS256",
            change_signature: None,
            edit: None,
        }
    }

    /// Names the token that is accepted and differs in one thing.
    pub(crate) fn twin(mut self, slug: impl Into<String>) -> Self {
        self.twin = Some(slug.into());
        self
    }

    /// Sets the header, before it is encoded.
    pub(crate) fn header(self, header: impl AsRef<[u8]>) -> Self {
        self.header_segment(encode(header))
    }

    /// Adds header parameters to `alg`.
    pub(crate) fn parameters(self, members: impl AsRef<str>) -> Self {
        self.header(format!(r#"{{"alg":"HS256",{}}}"#, members.as_ref()))
    }

    /// Sets the first segment.
    pub(crate) fn header_segment(mut self, segment: impl Into<String>) -> Self {
        self.header = segment.into();
        self
    }

    /// Sets the payload, before it is encoded.
    pub(crate) fn payload(self, payload: impl AsRef<[u8]>) -> Self {
        self.payload_segment(encode(payload))
    }

    /// Adds claims to `exp`.
    pub(crate) fn claims(self, members: impl AsRef<str>) -> Self {
        self.payload(format!(r#"{{"exp":1800000900,{}}}"#, members.as_ref()))
    }

    /// Sets the second segment.
    pub(crate) fn payload_segment(mut self, segment: impl Into<String>) -> Self {
        self.payload = segment.into();
        self
    }

    /// Signs with a key of `tests/vectors/keys`. It does not change the header or `keys`.
    pub(crate) fn sign(mut self, key: &'static str, algorithm: &'static str) -> Self {
        self.signer = key;
        self.algorithm = algorithm;
        self
    }

    /// Changes the third segment.
    pub(crate) fn change_signature(mut self, change: fn(&str) -> String) -> Self {
        self.change_signature = Some(change);
        self
    }

    /// Makes the token of the segments after it was signed.
    pub(crate) fn edit(mut self, edit: fn([&str; 3]) -> String) -> Self {
        self.edit = Some(edit);
        self
    }

    /// Sets `keys` to a set of keys of `tests/vectors/keys`.
    pub(crate) fn keys(self, names: &[&str]) -> Self {
        self.key_set(set_of(names))
    }

    /// Sets `keys` to a JWK Set.
    pub(crate) fn key_set(mut self, json: impl Into<String>) -> Self {
        self.keys = Keys::Set(json.into());
        self
    }

    /// Sets `keys` to a text that is not a JWK Set.
    pub(crate) fn keys_text(mut self, text: impl Into<String>) -> Self {
        self.keys = Keys::Text(text.into());
        self
    }

    /// Sets the time of the check.
    pub(crate) fn now(mut self, now: &'static str) -> Self {
        self.now = now;
        self
    }

    /// Changes the policy.
    pub(crate) fn policy(mut self, change: impl FnOnce(&mut Policy)) -> Self {
        change(&mut self.policy);
        self
    }

    /// Returns the token.
    pub(crate) fn token(&self) -> String {
        let (header, payload) = (&self.header, &self.payload);
        let input = format!("{header}.{payload}");
        let signature = encode(key(self.signer).sign(self.algorithm, input.as_bytes()));
        let signature = match self.change_signature {
            Some(change) => change(&signature),
            None => signature,
        };
        match self.edit {
            Some(edit) => edit([header, payload, &signature]),
            None => format!("{input}.{signature}"),
        }
    }
}

/// Returns a JWK Set of keys of `tests/vectors/keys`, as JSON.
pub(crate) fn set_of(names: &[&str]) -> String {
    let keys: Vec<_> = names.iter().map(|name| key(name).public().json()).collect();
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}
