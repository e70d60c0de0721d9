//! The conformance corpus of `tests/vectors`: every case has the expected result and error.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use jwt_ring::{Claim, FixedClock, KeySet, NumericDate, Verifier};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

/// All files of the corpus, so that none can be missing.
const AREAS: &str =
    "structure base64url json algorithm header keys key_sets times claims types resources";

#[derive(Deserialize)]
struct File {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    keys: Box<RawValue>,
    token: Option<String>,
    #[serde(default)]
    parts: Vec<Part>,
    policy: BTreeMap<String, Value>,
    now: NumericDate,
    /// `None` if the token is accepted.
    reason: Option<String>,
}

#[derive(Deserialize)]
struct Part {
    text: String,
    repeat: usize,
}

impl Case {
    /// Returns the code of the error, if there is one.
    fn result(&self) -> Result<(), &'static str> {
        let keys = self.key_set()?;
        let parts = self.parts.iter().map(|part| part.text.repeat(part.repeat));
        let token = self.token.clone().unwrap_or_else(|| parts.collect());
        let verifier = Verifier::new().clock(FixedClock::at(self.now));
        let options = self.policy.iter();
        let verifier = options.fold(verifier, |to, option| self.set(to, option));
        match (verifier.verify::<IgnoredAny>(&token, &keys), keys.ignored()) {
            (Ok(_), _) => Ok(()),
            // Why the only key of the set was left out.
            (Err(error), [key]) if keys.is_empty() && error.code() == "unknown_key" => {
                Err(key.error.code())
            }
            (Err(error), _) => Err(error.code()),
        }
    }

    /// Sets what a member of the policy states.
    fn set(&self, verifier: Verifier, (name, value): (&String, &Value)) -> Verifier {
        let elements = value.as_array().into_iter().flatten();
        let strings = elements.map(|one| one.as_str().expect("a string"));
        let seconds = || Duration::from_secs(value.as_u64().expect("seconds"));
        match name.as_str() {
            "algorithms" => verifier.algorithms(strings.map(|one| one.parse().expect("a name"))),
            "issuer" => strings.fold(verifier, Verifier::issuer),
            "subject" => strings.fold(verifier, Verifier::subject),
            "typ" => strings.fold(verifier, Verifier::typ),
            "required" => strings.fold(verifier, |to, name| to.require(claim(name))),
            "audience" => strings.fold(verifier, Verifier::audience),
            "audience_mode" if value == "sole" => {
                let audience = &self.policy["audience"][0];
                verifier.sole_audience(audience.as_str().expect("a string"))
            }
            "audience_mode" if value == "not compared" => verifier.any_audience(),
            "leeway" => verifier.leeway(seconds()),
            "max_age" => verifier.max_age(seconds()),
            "max_lifetime" => verifier.max_lifetime(seconds()),
            "max_size" => verifier.max_size(serde_json::from_value(value.clone()).expect("bytes")),
            "allow_missing_expiration" => verifier.allow_missing_expiration(),
            "null_as_missing" => verifier.null_as_missing(),
            _ => panic!("no option {name}"),
        }
    }

    /// A set of nothing but symmetric keys is a secret, and any other one is public.
    fn key_set(&self) -> Result<KeySet, &'static str> {
        let text = serde_json::from_str(self.keys.get()).unwrap_or(self.keys.get().to_owned());
        let keys = match serde_json::from_str(&text) {
            Ok(set) if is_secret(&set) => KeySet::from_secret_json(text),
            _ => KeySet::from_json(text),
        };
        keys.map_err(|error| error.code())
    }
}

fn claim(name: &str) -> Claim {
    match name {
        "iss" => Claim::Issuer,
        "sub" => Claim::Subject,
        "aud" => Claim::Audience,
        "exp" => Claim::Expiration,
        "nbf" => Claim::NotBefore,
        "iat" => Claim::IssuedAt,
        "jti" => Claim::JwtId,
        "nonce" => Claim::Nonce,
        "auth_time" => Claim::AuthTime,
        "client_id" => Claim::ClientId,
        "cnf" => Claim::Confirmation,
        _ => panic!("no claim {name}"),
    }
}

fn is_secret(set: &Value) -> bool {
    let keys = set["keys"].as_array();
    keys.is_some_and(|keys| !keys.is_empty() && keys.iter().all(|key| key["kty"] == "oct"))
}

/// Returns the cases whose result is another than the expected one.
fn differences(file: &str) -> Vec<String> {
    let File { cases } = serde_json::from_str(file).expect("a file of the corpus");
    assert!(!cases.is_empty());
    let results = cases.iter().map(|case| (case, case.result().err()));
    results
        .filter(|(case, found)| case.reason.as_deref() != *found)
        .map(|(case, found)| format!("{}: {found:?}", case.id))
        .collect()
}

fn read(area: &str) -> String {
    let corpus = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors");
    fs::read_to_string(format!("{corpus}/{area}.json")).expect(area)
}

#[test]
fn every_case_has_the_expected_result() {
    let files = AREAS.split(' ').map(read);
    let all: Vec<_> = files.flat_map(|file| differences(&file)).collect();
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[test]
fn all_differences_are_listed() {
    let file = read("times").replace("\"reason\": \"expired\"", "\"reason\": \"missing\"");
    let differences = differences(&file);
    let are_expired = |one: &String| one.ends_with(": Some(\"expired\")");
    assert!(differences.len() > 1 && differences.iter().all(are_expired));
}
