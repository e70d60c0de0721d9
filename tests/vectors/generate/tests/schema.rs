//! The files of the corpus are valid by its schema, which rejects other files, and are as many as the README
//! states.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::{Value, json};

fn schema() -> (Schemas, SchemaIndex) {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    let path = jwt_ring_vectors::directory().join("schema.json");
    let path = path.canonicalize().expect("the schema");
    let index = compiler.compile(path.to_str().expect("UTF-8"), &mut schemas);
    (schemas, index.expect("a schema"))
}

fn files() -> impl Iterator<Item = (String, Value)> {
    let files = jwt_ring_vectors::files().into_iter();
    files.map(|(name, text)| (name, serde_json::from_str(&text).expect("JSON")))
}

#[test]
fn the_files_are_valid() {
    let (schemas, index) = schema();
    for (name, file) in files() {
        let result = schemas.validate(&file, index);
        assert!(result.is_ok(), "{name}: {:#}", result.unwrap_err());
    }
}

#[test]
fn other_files_are_not_valid() {
    let (schemas, index) = schema();
    let (_, times) = files()
        .find(|(name, _)| name == "times.json")
        .expect("times");
    let is_valid = |change: &dyn Fn(&mut Value)| {
        let mut file = times.clone();
        change(&mut file);
        schemas.validate(&file, index).is_ok()
    };
    let rejected = |file: &Value| {
        let mut cases = file["cases"].as_array().expect("cases").iter();
        cases
            .position(|case| case["expect"] == "reject")
            .expect("a case")
    };
    let index_of = rejected(&times);
    let policy = |members: &Value| {
        let mut policy = json!({ "algorithms": ["HS256"] });
        let members = members.as_object().expect("an object").clone();
        policy.as_object_mut().expect("an object").extend(members);
        policy
    };
    assert!(is_valid(&|_| ()));
    for members in [
        json!({ "audience_mode": "sole", "audience": ["a"] }),
        json!({ "audience_mode": "not compared" }),
    ] {
        let policy = policy(&members);
        assert!(is_valid(
            &|file| file["cases"][index_of]["policy"] = policy.clone()
        ));
    }
    for (member, value) in [
        ("id", json!("UPPER CASE")),
        ("area", json!("other")),
        ("about", json!("two\nlines")),
        ("keys", json!([])),
        ("token", json!(1)),
        ("parts", json!([{ "text": "a", "repeat": 1 }])),
        ("policy", json!({ "algorithms": ["none"] })),
        ("policy", json!({ "algorithms": ["HS256"], "other": 1 })),
        ("policy", policy(&json!({ "audience_mode": "sole" }))),
        (
            "policy",
            policy(&json!({ "audience_mode": "sole", "audience": ["a", "b"] })),
        ),
        (
            "policy",
            policy(&json!({ "audience_mode": "not compared", "audience": ["a"] })),
        ),
        ("policy", policy(&json!({ "required": [] }))),
        ("now", json!("1800000000")),
        ("expect", json!("accept")),
        ("reason", json!("other")),
        ("reason", json!(null)),
        ("twin", json!(null)),
        ("rfc", json!([])),
        ("rfc", json!(["by experience"])),
        ("level", json!("may")),
        ("other", json!(1)),
    ] {
        let change = |file: &mut Value| file["cases"][index_of][member] = value.clone();
        assert!(!is_valid(&change), "{member}: {value}");
    }
    assert!(!is_valid(&|file| file["cases"] = json!([])));
    assert!(!is_valid(&|file| file["other"] = json!(1)));
}

#[test]
fn the_readme_states_the_number_of_cases() {
    let cases = files().map(|(_, file)| file["cases"].as_array().map_or(0, Vec::len));
    let count: usize = cases.sum();
    let path = jwt_ring_vectors::directory().join("README.md");
    let readme = std::fs::read_to_string(path).expect("the README");
    assert!(readme.contains(&format!("\n{count} tokens, ")), "{count}");
    assert!(
        readme.contains(&format!("| jwt-ring | {count} |")),
        "{count}"
    );
}
