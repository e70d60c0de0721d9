//! Any JSON as a key set: every key is loaded or ignored, and a broken key does not affect others.

#![no_main]

use jwt_ring::{Claims, KeySet, Verifier};
use jwt_ring_fuzz::{KEYS, PUBLIC, forge_with};
use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

fuzz_target!(|json: &[u8]| {
    let Ok(set) = KeySet::from_json(json) else {
        return;
    };
    let text = std::str::from_utf8(json).expect("a set is text");
    let document: Document<'_> = serde_json::from_str(text).expect("a set has keys");
    let loads_alone = |key: &&&RawValue| {
        let set = KeySet::from_json(format!(r#"{{"keys":[{}]}}"#, key.get()));
        !set.expect("a set of one").is_empty()
    };
    let loaded = document.keys.iter().filter(loads_alone).count();
    assert_eq!(loaded + set.ignored_count(), document.keys.len());
    // Identical keys are one.
    assert!(set.len() <= loaded);
    assert_eq!(set.is_empty(), loaded == 0);
    assert_eq!(set.ignored().len(), set.ignored_count().min(100));
    for ignored in set.ignored() {
        assert!(ignored.index < document.keys.len());
        let _ = ignored.error.to_string();
    }
    check_published(&set);
    check_unbroken(&document);
});

fn check_published(set: &KeySet) {
    let json = serde_json::to_string(set).expect("JSON");
    let again = KeySet::from_json(&json).expect("a published set");
    assert_eq!((again.len(), again.ignored()), (set.len(), &[][..]));
    let value: Value = serde_json::from_str(&json).expect("JSON");
    for key in value["keys"].as_array().expect("keys") {
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(key.get(private).is_none(), "{private} is published");
        }
    }
}

/// Adds a valid key, which must be found.
fn check_unbroken(document: &Document<'_>) {
    const ID: &str = "a unique id";
    let valid = serde_json::to_string(&PUBLIC[4].clone().with_id(ID)).expect("JSON");
    if document.keys.iter().any(|key| key.get().contains("only")) {
        return;
    }
    let mut keys: Vec<_> = document.keys.iter().map(|key| key.get()).collect();
    keys.insert(keys.len() / 2, &valid);
    let json = format!(r#"{{"keys":[{}]}}"#, keys.join(","));
    let set = KeySet::from_json(&json).expect("a set");
    let token = forge_with(&KEYS[4], format!(r#"{{"alg":"EdDSA","kid":"{ID}"}}"#), "{}");
    let verifier = Verifier::new().allow_missing_expiration();
    verifier
        .verify::<Claims>(&token, &set)
        .expect("the valid key among the others");
}
