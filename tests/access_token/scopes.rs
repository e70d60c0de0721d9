//! Scopes.

use jwt_ring::oauth::{InvalidScope, Scope};
use serde_json::{Value, json};

use crate::scope;

#[test]
fn scopes_are_sets_of_names() {
    let granted = scope("orders:read orders:write orders:read");
    assert_eq!(
        granted.iter().collect::<Vec<_>>(),
        ["orders:read", "orders:write"]
    );
    assert_eq!(granted.to_string(), "orders:read orders:write");
    assert!(granted.contains("orders:read"));
    for absent in [
        "orders",
        "read",
        "ORDERS:READ",
        "",
        "orders:read orders:write",
    ] {
        assert!(!granted.contains(absent), "{absent}");
    }
    assert!(scope("orders:write").is_subset(&granted));
    assert!(scope("").is_subset(&granted) && scope("").is_empty());
    assert!(!granted.is_subset(&scope("orders:write")));
    assert!(!granted.is_empty());
    for good in ["!", "#$%&'()*+,-./09:;<=>?@AZ[", "]^_`az{|}~"] {
        assert_eq!(scope(good).to_string(), good);
    }
    for bad in [
        " ", "a  b", " a", "a ", "a\tb", "a\nb", "\"", "a\\b", "\u{7f}", "é",
    ] {
        let error: InvalidScope = bad.parse::<Scope>().expect_err(bad);
        let expected =
            "expected names with one space between them, of ASCII characters other than \" and \\";
        assert_eq!(error.to_string(), expected);
    }
    let json = |value: Value| serde_json::from_value::<Scope>(value).ok();
    assert_eq!(json(json!("a b")), Some(scope("a b")));
    assert_eq!(json(json!(["a", "b"])), Some(scope("a b")));
    assert_eq!(json(json!([])), Some(Scope::default()));
    for bad in [
        json!(["a b"]),
        json!([""]),
        json!([1]),
        json!(null),
        json!({}),
    ] {
        assert_eq!(json(bad.clone()), None, "{bad}");
    }
    let error = serde_json::from_value::<Scope>(json!(5)).expect_err("no scope");
    let expected = "expected names with spaces between them, or an array of names";
    assert!(error.to_string().ends_with(expected), "{error}");
    assert_eq!(
        serde_json::to_value(scope("b a")).expect("JSON"),
        json!("a b")
    );
}
