//! The rules of the profiles, each on its own, over a payload that was parsed naively.

use std::collections::{BTreeSet, HashSet};

use crate::input::{LOGOUT, NOW};
use crate::mode::{CLIENT, Mode};
use crate::reference::date;
use crate::reference::json::{Json, text};
use crate::settings::Settings;

/// The types of claims.
#[derive(Clone, Copy)]
enum Type {
    String,
    Date,
    Strings,
    StringOrStrings,
    Array,
    Object,
}

fn has_type(value: &Json, expected: Type) -> bool {
    let is_string = |one: &Json| matches!(one, Json::String(_));
    match (expected, value) {
        (Type::String | Type::StringOrStrings, Json::String(_)) | (Type::Array, Json::Array(_)) => {
            true
        }
        (Type::Date, Json::Number(number)) => date::parse(number).is_some(),
        (Type::Strings | Type::StringOrStrings, Json::Array(all)) => all.iter().all(is_string),
        (Type::Object, Json::Object(_)) => true,
        _ => false,
    }
}

/// A payload that breaks no rule of any token, and the rules of the profile that it breaks.
pub(crate) struct Payload<'a> {
    members: &'a [(String, Json)],
    settings: &'a Settings,
    broken: Vec<String>,
}

/// Returns the codes of the rules of the profile that are broken.
pub(crate) fn broken(mode: Mode, settings: &Settings, members: &[(String, Json)]) -> Vec<String> {
    let mut payload = Payload {
        members,
        settings,
        broken: Vec::new(),
    };
    match mode {
        Mode::Access => payload.access_token(false),
        Mode::AccessBound => payload.access_token(true),
        Mode::OtherAccess => payload.other_access_token(),
        Mode::Id => payload.id_token(),
        Mode::IdRefreshed => payload.refreshed_id_token(),
        Mode::Logout => payload.logout_token(),
        Mode::Client => payload.client_assertion(),
        Mode::Identity => payload.identity_assertion(false),
        Mode::IdentityBound => payload.identity_assertion(true),
        Mode::Event => payload.security_event(),
    }
    payload.broken
}

impl Payload<'_> {
    fn get(&self, name: &str) -> Option<&Json> {
        let (_, value) = self.members.iter().find(|(one, _)| one == name)?;
        let is_absent = self.settings.null_as_missing && *value == Json::Null;
        (!is_absent).then_some(value)
    }

    fn string(&self, name: &str) -> Option<String> {
        self.get(name).and_then(Json::as_text)
    }

    /// In nanoseconds.
    fn date(&self, name: &str) -> Option<i128> {
        match self.get(name)? {
            Json::Number(number) => {
                let (seconds, nanoseconds) = date::parse(number)?;
                Some(i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds))
            }
            _ => None,
        }
    }

    fn seconds(setting: Option<u8>, default: u16) -> i128 {
        i128::from(setting.map_or(default, u16::from)) * 1_000_000_000
    }

    fn reject_if(&mut self, is_broken: bool, code: &str) {
        if is_broken {
            self.broken.push(code.to_owned());
        }
    }

    fn forbid(&mut self, name: &str) {
        self.reject_if(self.get(name).is_some(), &format!("unexpected {name}"));
    }

    fn require(&mut self, name: &str) {
        self.reject_if(self.get(name).is_none(), &format!("missing {name}"));
    }

    fn check_types(&mut self, expected: Type, names: &[&str]) {
        for name in names {
            let is_broken = self
                .get(name)
                .is_some_and(|value| !has_type(value, expected));
            self.reject_if(is_broken, &format!("wrong_type {name}"));
        }
    }

    /// An object whose names are unique, and which serde_json can hold.
    fn check_object(&mut self, name: &str) {
        self.check_types(Type::Object, &[name]);
        let Some(value @ Json::Object(all)) = self.get(name) else {
            return;
        };
        let (is_held, is_unique) = (value.to_value().is_some(), has_unique_names(all));
        self.reject_if(!is_held, &format!("wrong_type {name}"));
        self.reject_if(!is_unique, "malformed_payload");
    }

    fn check_bound(&mut self, is_bound: bool) {
        self.check_object("cnf");
        if !is_bound {
            self.forbid("cnf");
            return;
        }
        self.require("cnf");
        let key = match self.get("cnf") {
            Some(Json::Object(all)) => all
                .iter()
                .find(|(name, _)| text(name).as_deref() == Some("k")),
            _ => None,
        };
        let is_proven = key.is_some_and(|(_, value)| value.as_text().as_deref() == Some("n"));
        self.reject_if(self.get("cnf").is_some() && !is_proven, "mismatch cnf");
    }

    /// RFC 9068 §2.2 and §4.
    fn access_token(&mut self, is_bound: bool) {
        self.check_types(Type::String, &["client_id", "acr", "token_use"]);
        self.check_types(Type::Date, &["auth_time"]);
        self.check_types(Type::Strings, &["amr"]);
        self.check_types(Type::StringOrStrings, &["scope"]);
        self.check_types(Type::Array, &["roles", "groups", "entitlements"]);
        self.require("client_id");
        self.check_bound(is_bound);
    }

    fn other_access_token(&mut self) {
        self.check_types(Type::String, &["client_id", "token_use"]);
        self.check_types(Type::Date, &["auth_time"]);
        for name in ["nonce", "at_hash", "c_hash", "s_hash", "events"] {
            self.forbid(name);
        }
        let token_use = self.string("token_use");
        let is_other = token_use.is_some_and(|found| found != "access");
        self.reject_if(is_other, "mismatch token_use");
        let is_other = ["ID", "Refresh", "Offline", "Logout"]
            .iter()
            .any(|other| self.string("typ").as_deref() == Some(*other));
        self.reject_if(is_other, "mismatch typ");
        self.check_bound(false);
    }

    fn audiences(&self) -> BTreeSet<String> {
        match self.get("aud") {
            Some(Json::Array(all)) => all.iter().filter_map(Json::as_text).collect(),
            Some(one) => one.as_text().into_iter().collect(),
            None => BTreeSet::new(),
        }
    }

    /// OpenID Connect Core §2 and §3.1.3.7.
    fn any_id_token(&mut self) {
        self.check_types(Type::String, &["nonce", "azp", "at_hash", "acr"]);
        self.check_types(Type::Date, &["auth_time"]);
        self.check_types(Type::Strings, &["amr"]);
        self.forbid("events");
        let another_client = self.settings.another_client;
        let is_client = |one: &str| one == "a" || (another_client && one == "c2");
        let audiences = self.audiences();
        self.reject_if(!audiences.iter().any(|one| is_client(one)), "mismatch aud");
        let is_trusted = |one: &str| is_client(one) || (self.settings.trust_audience && one == "t");
        let is_broken = !audiences.iter().all(|one| is_trusted(one));
        self.reject_if(is_broken, "unexpected_audience");
        if audiences.len() > 1 {
            self.require("azp");
        }
        let is_party = |one: &str| is_client(one) || (self.settings.trust_party && one == "p");
        let is_broken = self.string("azp").is_some_and(|found| !is_party(&found));
        self.reject_if(is_broken, "mismatch azp");
    }

    fn id_token(&mut self) {
        self.any_id_token();
        match &self.settings.nonce {
            None => self.forbid("nonce"),
            Some(sent) => {
                self.require("nonce");
                let is_sent = self.string("nonce").as_deref() == Some(*sent);
                self.reject_if(self.get("nonce").is_some() && !is_sent, "mismatch nonce");
            }
        }
        if self.settings.auth_max_age.is_none() {
            return;
        }
        self.require("auth_time");
        if let Some(at) = self.date("auth_time") {
            let now = i128::from(NOW) * 1_000_000_000;
            let leeway = Self::seconds(self.settings.leeway, 0);
            let max_age = Self::seconds(self.settings.auth_max_age, 0);
            self.reject_if(at > now + leeway, "issued_in_future");
            self.reject_if(now > at + max_age + leeway, "too_old auth_time");
        }
    }

    /// OpenID Connect Core §12.2.
    fn refreshed_id_token(&mut self) {
        self.any_id_token();
        let first = &self.settings.first;
        let is = |name: &str, value: &str| self.string(name).as_deref() == Some(value);
        let audiences: BTreeSet<String> = first.audiences.iter().map(|one| (*one).into()).collect();
        let at = |offset: i8| i128::from(NOW + i64::from(offset)) * 1_000_000_000;
        let rules = [
            (is("iss", "i"), "mismatch iss"),
            (is("sub", first.subject), "mismatch sub"),
            (
                self.date("iat")
                    .is_some_and(|found| found >= at(first.issued)),
                "mismatch iat",
            ),
            (self.audiences() == audiences, "mismatch aud"),
            (
                match &first.party {
                    Some(party) => is("azp", party),
                    None => self.get("azp").is_none(),
                },
                "mismatch azp",
            ),
            (
                self.get("nonce").is_none()
                    || first.nonce.as_ref().is_some_and(|nonce| is("nonce", nonce)),
                "mismatch nonce",
            ),
            (
                self.get("auth_time").is_none()
                    || self.date("auth_time") == first.auth_time.map(at),
                "mismatch auth_time",
            ),
        ];
        for (is_same, code) in rules {
            self.reject_if(!is_same, code);
        }
    }

    /// RFC 8417 §2.2: an object of objects, which is not empty.
    fn check_events(&mut self) {
        self.require("events");
        self.check_types(Type::Object, &["events"]);
        let Some(Json::Object(all)) = self.get("events") else {
            return;
        };
        let (is_empty, is_unique) = (all.is_empty(), has_unique_names(all));
        let are_objects = all.iter().all(|(_, value)| has_type(value, Type::Object));
        self.reject_if(is_empty, "mismatch events");
        self.reject_if(!are_objects, "wrong_type events");
        self.reject_if(!is_unique, "malformed_payload");
    }

    fn check_jwt_id(&mut self) {
        let length = self.string("jti").map_or(0, |found| found.len());
        self.reject_if(length == 0 || length > 256, "mismatch jti");
    }

    /// OpenID Connect Back-Channel Logout §2.4 and §2.6.
    fn logout_token(&mut self) {
        self.check_types(Type::String, &["sid"]);
        self.check_events();
        let is_logout = match self.get("events") {
            Some(Json::Object(all)) => all
                .iter()
                .any(|(name, _)| text(name).as_deref() == Some(LOGOUT)),
            _ => false,
        };
        self.reject_if(!is_logout, "mismatch events");
        let names_none = self.get("sub").is_none() && self.get("sid").is_none();
        self.reject_if(names_none, "missing sub");
        self.forbid("nonce");
        self.check_jwt_id();
    }

    /// RFC 7523 §3 and draft-ietf-oauth-rfc7523bis-11 §4.
    fn client_assertion(&mut self) {
        for name in ["iss", "sub"] {
            let is_client = self.string(name).as_deref() == Some(CLIENT);
            self.reject_if(!is_client, &format!("mismatch {name}"));
        }
        let now = i128::from(NOW) * 1_000_000_000;
        let issued = self.date("iat").map_or(now, |at| at.min(now));
        let max = Self::seconds(self.settings.assertion_lifetime, 300);
        let latest = issued + max + Self::seconds(self.settings.leeway, 0);
        let is_too_long = self.date("exp").is_some_and(|at| at > latest);
        self.reject_if(is_too_long, "lifetime_too_long");
        self.check_jwt_id();
    }

    /// draft-ietf-oauth-identity-assertion-authz-grant §4.4.
    fn identity_assertion(&mut self, is_bound: bool) {
        self.check_types(Type::String, &["client_id", "acr"]);
        self.check_types(Type::Date, &["auth_time"]);
        self.check_types(Type::Strings, &["amr"]);
        self.check_types(Type::StringOrStrings, &["scope", "resource"]);
        self.require("client_id");
        let is_client = self.string("client_id").as_deref() == Some(CLIENT);
        self.reject_if(!is_client, "mismatch client_id");
        self.check_bound(is_bound);
        self.check_jwt_id();
    }

    /// RFC 8417 §2.2.
    fn security_event(&mut self) {
        self.check_types(Type::Date, &["toe"]);
        self.check_types(Type::String, &["txn"]);
        self.check_object("sub_id");
        self.check_events();
    }
}

fn has_unique_names(all: &[(Vec<u16>, Json)]) -> bool {
    let names: HashSet<_> = all.iter().map(|(name, _)| name).collect();
    names.len() == all.len()
}
