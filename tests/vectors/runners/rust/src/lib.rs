//! Runs the conformance corpus, and prints how often the results agree. With `--list`, prints the cases that
//! differ to standard error. The README of the corpus states how each crate's runner maps a policy.

use std::collections::HashMap;
use std::fs::{read_dir, read_to_string};
use std::panic::catch_unwind;

use serde_json::{Map, Value, from_str};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const COLUMNS: &str = "agree | accepts: must | accepts: should | rejects: must | rejects: should | \
                       choice | not expressible | crash";

/// A case, without what it is to result in.
pub struct Case {
    /// The text of the JWK Set.
    pub keys: String,
    /// Whether the text is what is tested.
    pub tests_text: bool,
    /// The token.
    pub token: String,
    /// The requirements.
    pub policy: Map<String, Value>,
    /// The time, in seconds.
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
            tests_text: keys.is_string(),
            token: token.unwrap_or_else(|| parts.collect()),
            policy: case["policy"].as_object().expect("an object").clone(),
            now: case["now"].as_f64().expect("a number"),
        }
    }

    /// Returns the leeway, in seconds.
    pub fn leeway(&self) -> u64 {
        self.policy
            .get("leeway")
            .and_then(Value::as_u64)
            .unwrap_or(0)
    }

    /// Returns each option with its value, and the strings if that is an array.
    pub fn options(&self) -> impl Iterator<Item = (&str, &Value, Vec<&str>)> {
        self.policy.iter().map(|(option, value)| {
            let elements = value.as_array().into_iter().flatten();
            (
                option.as_str(),
                value,
                elements.filter_map(Value::as_str).collect(),
            )
        })
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
    let mut names: Vec<_> = names.filter(|name| name.ends_with(".json")).collect();
    names.retain(|name| name != "schema.json");
    names.sort();
    let is_listed = std::env::args().any(|one| one == "--list");
    println!(
        "| area | {COLUMNS} |\n|---{}|",
        "|---".repeat(COLUMNS.split('|').count())
    );
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
        println!(
            "| {} | {} |",
            name.trim_end_matches(".json"),
            counts.join(" | ")
        );
    }
}
