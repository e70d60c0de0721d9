use std::collections::{HashMap, HashSet};
use std::fs;

use crate::areas;
use crate::write;

#[test]
fn the_files_are_those_of_the_program() {
    for (name, text) in crate::files() {
        let path = crate::directory().join(&name);
        let found = fs::read_to_string(path).expect(&name);
        assert!(
            found == text,
            "{name} differs: run `cargo run -p jwt-ring-vectors`"
        );
    }
}

#[test]
fn no_two_cases_are_alike() {
    let (mut ids, mut contents) = (HashSet::new(), HashMap::new());
    for (area, cases) in areas::all() {
        for case in cases {
            let id = write::id(area, &case.slug);
            let policy = serde_json::to_string(&case.policy).expect("JSON");
            let content = (case.token(), write::keys(&case), policy, case.now);
            if let Some(other) = contents.insert(content, id.clone()) {
                panic!("{id} and {other} are alike");
            }
            assert!(ids.insert(id.clone()), "two cases {id}");
        }
    }
}

#[test]
fn a_rejected_token_has_a_twin_that_is_accepted() {
    for (area, cases) in areas::all() {
        let accepted = cases.iter().filter(|case| case.reason.is_none());
        let accepted: HashSet<_> = accepted.map(|case| &*case.slug).collect();
        for case in &cases {
            let (is_rejected, slug) = (case.reason.is_some(), &case.slug);
            assert_eq!(case.twin.is_some(), is_rejected, "{area} {slug}");
            let is_known = case
                .twin
                .as_deref()
                .is_none_or(|twin| accepted.contains(twin));
            assert!(is_known, "{area} {slug}: no twin");
        }
    }
}

#[test]
fn a_case_names_its_sections_and_is_described() {
    for (area, cases) in areas::all() {
        for case in cases {
            let (rfc, slug) = (case.rule.rfc, &case.slug);
            assert!(!rfc.is_empty(), "{area} {slug}");
            for section in rfc {
                let is_ours = section.starts_with("jwt-ring: ");
                assert!(
                    is_ours || section.contains(" §"),
                    "{area} {slug}: {section}"
                );
                assert!(!is_ours || case.rule.level == "choice", "{area} {slug}");
            }
            let is_sentence = case.about.ends_with('.');
            assert!(is_sentence, "{area} {slug}: {}", case.about);
        }
    }
}
