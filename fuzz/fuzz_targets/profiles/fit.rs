//! What the claims of a profile hold of a payload that was parsed naively.

use serde_json::{Map, Value};

use crate::reference::date;
use crate::reference::json::Json;

/// The types of the fields.
#[derive(Clone, Copy)]
pub(crate) enum Type {
    String,
    Date,
    Audience,
    Strings,
    StringOrStrings,
    /// Names with one space between two, or an array of names (RFC 6749 §3.3).
    Scope,
    /// Strings, or objects with a string `value` (RFC 7643 §4.1.2).
    Scim,
    Array,
    Object,
}

/// A field: the name of its claim, its type, and whether it is required.
pub(crate) type Field = (&'static str, Type, bool);

use Type::{Array, Audience, Date, Object, Scim, Scope, String as Str, StringOrStrings, Strings};

pub(crate) const ACCESS_TOKEN: &[Field] = &[
    ("iss", Str, true),
    ("sub", Str, true),
    ("aud", Audience, true),
    ("client_id", Str, true),
    ("exp", Date, true),
    ("iat", Date, true),
    ("jti", Str, true),
    ("nbf", Date, false),
    ("scope", Scope, false),
    ("auth_time", Date, false),
    ("acr", Str, false),
    ("amr", Strings, false),
    ("roles", Scim, false),
    ("groups", Scim, false),
    ("entitlements", Scim, false),
    ("cnf", Object, false),
];

pub(crate) const ID_TOKEN: &[Field] = &[
    ("iss", Str, true),
    ("sub", Str, true),
    ("aud", Audience, true),
    ("exp", Date, true),
    ("iat", Date, true),
    ("nonce", Str, false),
    ("auth_time", Date, false),
    ("acr", Str, false),
    ("amr", Strings, false),
    ("azp", Str, false),
    ("at_hash", Str, false),
    ("jti", Str, false),
    ("nbf", Date, false),
];

pub(crate) const LOGOUT_TOKEN: &[Field] = &[
    ("iss", Str, true),
    ("sub", Str, false),
    ("aud", Audience, true),
    ("exp", Date, true),
    ("iat", Date, true),
    ("jti", Str, true),
    ("sid", Str, false),
    ("events", Object, true),
    ("nbf", Date, false),
];

pub(crate) const IDENTITY_ASSERTION: &[Field] = &[
    ("iss", Str, true),
    ("sub", Str, true),
    ("aud", Audience, true),
    ("client_id", Str, true),
    ("exp", Date, true),
    ("iat", Date, true),
    ("jti", Str, true),
    ("nbf", Date, false),
    ("scope", Scope, false),
    ("resource", StringOrStrings, false),
    ("authorization_details", Array, false),
    ("act", Object, false),
    ("tenant", Str, false),
    ("aud_tenant", Str, false),
    ("aud_sub", Str, false),
    ("email", Str, false),
    ("auth_time", Date, false),
    ("acr", Str, false),
    ("amr", Strings, false),
    ("cnf", Object, false),
];

pub(crate) const SECURITY_EVENT: &[Field] = &[
    ("iss", Str, true),
    ("iat", Date, true),
    ("jti", Str, true),
    ("events", Object, true),
    ("aud", Audience, false),
    ("sub", Str, false),
    ("sub_id", Object, false),
    ("txn", Str, false),
    ("toe", Date, false),
    ("exp", Date, false),
    ("nbf", Date, false),
];

/// Returns the members that the claims are written as, with all other members as custom claims. `None`
/// if the payload does not fit.
pub(crate) fn fit(fields: &[Field], members: &[(String, Json)]) -> Option<Map<String, Value>> {
    let mut written = Map::new();
    for (name, value) in members {
        let field = fields.iter().find(|(one, _, _)| one == name);
        let value = match field {
            Some((_, expected, is_required)) => match value {
                Json::Null if *is_required => return None,
                Json::Null => continue,
                value => write(*expected, value)?,
            },
            None => value.to_value()?,
        };
        let is_absent = match field {
            Some((_, Strings | StringOrStrings | Scim | Array, _)) => value == Value::Array(vec![]),
            Some((_, Scope, _)) => value == "",
            _ => false,
        };
        if !is_absent {
            written.insert(name.clone(), value);
        }
    }
    let has = |name: &str| members.iter().any(|(one, _)| one == name);
    let is_complete = fields
        .iter()
        .all(|(name, _, is_required)| !is_required || has(name));
    is_complete.then_some(written)
}

fn write(expected: Type, json: &Json) -> Option<Value> {
    let string = |one: &Json| one.as_text();
    Some(match (expected, json) {
        (Str, _) => string(json)?.into(),
        (Date, Json::Number(number)) => date::parse(number)?.0.into(),
        (Audience | StringOrStrings, Json::String(_)) => match expected {
            Audience => string(json)?.into(),
            _ => vec![string(json)?].into(),
        },
        (Audience, Json::Array(all)) if all.len() == 1 => string(&all[0])?.into(),
        (Audience | Strings | StringOrStrings, Json::Array(all)) => {
            all.iter().map(string).collect::<Option<Vec<_>>>()?.into()
        }
        (Scope, Json::String(_)) => match string(json)?.as_str() {
            "" => "".into(),
            text => scope(text.split(' ').map(str::to_owned).collect())?,
        },
        (Scope, Json::Array(all)) => scope(all.iter().map(string).collect::<Option<_>>()?)?,
        (Scim, Json::Array(all)) => all.iter().map(scim).collect::<Option<Vec<_>>>()?.into(),
        (Array, Json::Array(_)) | (Object, Json::Object(_)) => json.to_value()?,
        _ => return None,
    })
}

/// Returns the names sorted, each once.
fn scope(mut names: Vec<String>) -> Option<Value> {
    let is_valid = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
    if names
        .iter()
        .any(|name| name.is_empty() || !name.chars().all(is_valid))
    {
        return None;
    }
    names.sort();
    names.dedup();
    Some(names.join(" ").into())
}

fn scim(json: &Json) -> Option<Value> {
    match json {
        Json::Object(_) => {
            let Value::Object(all) = json.to_value()? else {
                return None;
            };
            all.get("value")?.as_str().map(Value::from)
        }
        _ => json.as_text().map(Value::from),
    }
}
