//! Runs the conformance corpus with jsonwebtoken, and prints how often the results agree. With `--list`,
//! prints the cases that differ to standard error. The README of the corpus states how a policy is mapped.

use std::collections::HashMap;
use std::fs::{read_dir, read_to_string};
use std::panic::catch_unwind;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Map, Value, from_str};

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const COLUMNS: &str = "agree | accepts: must | accepts: should | rejects: must | rejects: should | \
                       choice | not expressible | crash";

/// Returns the options, unless one is missing.
fn validation(policy: &Map<String, Value>) -> Option<Validation> {
    let mut options = Validation::default();
    options.required_spec_claims.clear();
    let mut require = |claim: &str| options.required_spec_claims.insert(claim.to_owned());
    if !policy.contains_key("allow_missing_expiration") {
        require("exp");
    }
    for (option, claim) in [("issuer", "iss"), ("audience", "aud"), ("subject", "sub")] {
        let _ = policy.contains_key(option) && require(claim);
    }
    for (option, value) in policy {
        let elements = value.as_array().into_iter().flatten();
        let values: Vec<&str> = elements.filter_map(Value::as_str).collect();
        match (option.as_str(), &*values) {
            // The library accepts no algorithm whose name it does not know.
            ("algorithms", all) => {
                options.algorithms = all.iter().flat_map(|one| one.parse()).collect()
            }
            ("issuer", issuers) => options.set_issuer(issuers),
            ("audience", audiences) => options.set_audience(audiences),
            ("subject", [subject]) => options.sub = Some((*subject).to_owned()),
            ("audience_mode", _) if value == "not compared" => options.validate_aud = false,
            ("required", [claim @ ("exp" | "nbf" | "iss" | "aud" | "sub")]) => {
                options.required_spec_claims.insert((*claim).to_owned());
            }
            // `leeway` is set later, and null is treated as missing always.
            ("leeway" | "allow_missing_expiration" | "null_as_missing", _) => {}
            _ => return None,
        }
    }
    Some(options)
}

fn run(case: &Value) -> &'static str {
    let keys = case["keys"]
        .as_str()
        .map_or(case["keys"].to_string(), str::to_owned);
    let parts = case["parts"].as_array().into_iter().flatten();
    let text = |part: &Value| part["text"].as_str().expect("a text").to_owned();
    let repeat = |part: &Value| part["repeat"].as_u64().expect("a number") as usize;
    let parts = parts.map(|part| text(part).repeat(repeat(part)));
    let token = case["token"].as_str().map(str::to_owned);
    let token = token.unwrap_or_else(|| parts.collect());
    let now = case["now"].as_f64().expect("a number");
    let policy = case["policy"].as_object().expect("an object");
    let (Some(mut validation), true) = (validation(policy), now >= 0.0) else {
        return "not expressible";
    };
    let (Ok(set), Ok(header)) = (from_str::<JwkSet>(&keys), decode_header(&token)) else {
        return "reject";
    };
    // A set is searched by `kid` only.
    let jwk = match (&header.kid, &*set.keys) {
        (Some(kid), _) => set.find(kid),
        (None, [] | [_]) => set.keys.first(),
        (None, _) => return "not expressible",
    };
    let Some((jwk, key)) = jwk.and_then(|jwk| Some((jwk, DecodingKey::from_jwk(jwk).ok()?))) else {
        return "reject";
    };
    // `decode` takes algorithms of one family only, and does not read the `alg` of the JWK.
    let named = jwk.common.key_algorithm.map(Algorithm::try_from);
    let is_named = |one: &Algorithm| named.as_ref().is_none_or(|named| *named == Ok(*one));
    let algorithms = &mut validation.algorithms;
    algorithms.retain(|one| one.family() == key.family() && is_named(one));
    let leeway = case["policy"]["leeway"].as_u64().unwrap_or(0);
    let is_valid = decodes(&token, &key, validation, now as u64, leeway);
    ["reject", "accept"][usize::from(is_valid)]
}

/// Decodes once for `exp` and once for `nbf`. The only clock is that of the system, and the leeway that
/// moves it to the time of the case has another sign for each.
fn decodes(token: &str, key: &DecodingKey, all: Validation, now: u64, leeway: u64) -> bool {
    loop {
        let real = jsonwebtoken::get_current_timestamp();
        let exp = Validation {
            leeway: real.wrapping_sub(now).wrapping_add(leeway),
            ..all.clone()
        };
        let nbf = Validation {
            leeway: now.wrapping_sub(real).wrapping_add(leeway),
            validate_exp: false,
            validate_nbf: true,
            ..all.clone()
        };
        let is_valid = |with: &_| decode::<Map<String, Value>>(token, key, with).is_ok();
        let are_valid = is_valid(&exp) && is_valid(&nbf);
        if real == jsonwebtoken::get_current_timestamp() {
            return are_valid;
        }
    }
}

fn column(outcome: &str, case: &Value) -> String {
    match (outcome, case["level"].as_str().expect("a level")) {
        (outcome, _) if case["expect"] == outcome => "agree".to_owned(),
        ("crash" | "not expressible", _) => outcome.to_owned(),
        (_, "choice") => "choice".to_owned(),
        (outcome, level) => format!("{outcome}s: {level}"),
    }
}

fn main() {
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
        for case in file["cases"].as_array().expect("cases") {
            let found = column(catch_unwind(|| run(case)).unwrap_or("crash"), case);
            if is_listed && found != "agree" {
                eprintln!("{found}: {}", case["id"].as_str().expect("an id"));
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
