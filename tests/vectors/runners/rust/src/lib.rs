//! Runs the conformance corpus, and prints how often the results agree. With `--list`, prints the cases that
//! differ to standard error. The README of the corpus states how each crate's runner maps a policy.

use std::collections::{BTreeSet, HashMap};
use std::fs::{read_dir, read_to_string};
use std::panic::catch_unwind;

use serde_json::{Value, from_str};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const COLUMNS: &str = "agree | accepts: must | accepts: should | rejects: must | rejects: should | \
                       choice | not expressible | crash";

fn strings(value: &Value) -> Vec<&str> {
    let elements = value.as_array().into_iter().flatten();
    elements.filter_map(Value::as_str).collect()
}

/// Returns one name for the two names of an algorithm.
fn base(name: &str) -> &str {
    match name {
        "Ed25519" => "EdDSA",
        name => name,
    }
}

/// A case, without the expected result.
pub struct Case {
    pub keys: String,
    /// Whether the set is what is tested, and not the key or the token.
    tests_set: bool,
    pub token: String,
    pub policy: Value,
    pub now: f64,
}

impl Case {
    fn new(case: &Value) -> Case {
        let keys = &case["keys"];
        let parts = case["parts"].as_array().into_iter().flatten();
        let text = |part: &Value| part["text"].as_str().expect("a text").to_owned();
        let repeat = |part: &Value| part["repeat"].as_u64().expect("a number") as usize;
        let parts = parts.map(|part| text(part).repeat(repeat(part)));
        let token = case["token"].as_str().map(str::to_owned);
        Case {
            keys: keys.as_str().map_or(keys.to_string(), str::to_owned),
            tests_set: case["area"] == "key_sets" || keys.is_string(),
            token: token.unwrap_or_else(|| parts.collect()),
            policy: case["policy"].clone(),
            now: case["now"].as_f64().expect("a number"),
        }
    }

    /// Returns the JWK that `kid` names, or the only one, for libraries that do not read sets. `Some(None)` if
    /// the set has no such key. `None` if the case tests a set, or if nothing selects one of several keys.
    pub fn jwk(&self, kid: Option<&str>) -> Option<Option<Value>> {
        let set: Value = from_str(&self.keys).ok().filter(|_| !self.tests_set)?;
        match (kid, set["keys"].as_array()?.as_slice()) {
            (Some(kid), keys) => Some(keys.iter().find(|key| key["kid"] == kid).cloned()),
            (None, keys) => (keys.len() < 2).then(|| keys.first().cloned()),
        }
    }

    /// Returns the allowed algorithms, or of these the one that the key names.
    pub fn algorithms(&self, alg: Option<&str>) -> Vec<&str> {
        let mut all = strings(&self.policy["algorithms"]);
        all.retain(|name| alg.is_none_or(|alg| base(alg) == base(name)));
        all
    }

    pub fn leeway(&self) -> u64 {
        self.policy["leeway"].as_u64().unwrap_or(0)
    }

    pub fn requires_expiration(&self) -> bool {
        self.policy["allow_missing_expiration"].is_null()
    }

    /// Returns each option with its value, and the strings if that is an array.
    pub fn options(&self) -> impl Iterator<Item = (&str, &Value, Vec<&str>)> {
        let all = self.policy.as_object().into_iter().flatten();
        all.map(|(option, value)| (option.as_str(), value, strings(value)))
    }
}

fn column(is_accepted: Option<bool>, case: &Value) -> String {
    let Some(is_accepted) = is_accepted else {
        return "not expressible".to_owned();
    };
    let outcome = if is_accepted { "accept" } else { "reject" };
    match case["level"].as_str().expect("a level") {
        _ if case["expect"] == outcome => "agree".to_owned(),
        "choice" => "choice".to_owned(),
        level => format!("{outcome}s: {level}"),
    }
}

/// Runs all cases. `accepts` returns whether the library accepts the token, or `None` if it lacks an option.
pub fn run(accepts: fn(&Case) -> Option<bool>) {
    let entries = read_dir(CORPUS).expect("the corpus").flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let is_area = |name: &String| name.ends_with(".json") && name != "schema.json";
    let names: BTreeSet<_> = names.filter(is_area).collect();
    let is_listed = std::env::args().any(|one| one == "--list");
    let line = "|---".repeat(COLUMNS.split('|').count());
    println!("| area | {COLUMNS} |\n|---{line}|");
    for name in names {
        let text = read_to_string(format!("{CORPUS}/{name}")).expect("a file");
        let file: Value = from_str(&text).expect("JSON");
        let mut counts = HashMap::new();
        for value in file["cases"].as_array().expect("cases") {
            let case = Case::new(value);
            let found = catch_unwind(|| accepts(&case))
                .map_or("crash".to_owned(), |is_accepted| column(is_accepted, value));
            if is_listed && found != "agree" {
                eprintln!("{found}: {}", value["id"].as_str().expect("an id"));
            }
            *counts.entry(found).or_insert(0) += 1;
        }
        let count = |name| counts.get(name).unwrap_or(&0).to_string();
        let counts: Vec<_> = COLUMNS.split(" | ").map(count).collect();
        let (area, row) = (name.trim_end_matches(".json"), counts.join(" | "));
        println!("| {area} | {row} |");
    }
}
