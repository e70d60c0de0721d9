//! The guide to the errors has each code once, in the section of its type, and no other code.

use std::collections::BTreeSet;

const GUIDE: &str = include_str!("../../src/guide/errors.md");

/// The types with the files that have their `code()`. Reading the text finds variants of later versions,
/// which a list of errors would lack.
const TYPES: [(&str, &str); 7] = [
    ("VerifyError", include_str!("../../src/error/verify.rs")),
    ("KeyLookupError", include_str!("../../src/error/lookup.rs")),
    ("KeyError", include_str!("../../src/error/key.rs")),
    ("SignError", include_str!("../../src/error/sign.rs")),
    ("ReplayError", include_str!("../../src/replay.rs")),
    ("DpopError", include_str!("../../src/oauth/dpop/error.rs")),
    (
        "DeliveryError",
        include_str!("../../src/oauth/security_event/delivery.rs"),
    ),
];

/// Returns the codes that the function `code` of the file returns.
fn codes(source: &'static str) -> BTreeSet<&'static str> {
    let (_, after) = source.split_once("fn code(&self)").expect("a function");
    let (body, _) = after.split_once("\n    }\n").expect("its end");
    let arms = body.lines().filter_map(|line| line.split_once("=> \""));
    arms.map(|(_, code)| code.trim_end_matches("\",")).collect()
}

/// Returns the codes in the first column of the table of the section.
fn documented(name: &str) -> Vec<&'static str> {
    let heading = format!("\n# `{name}`\n");
    let (_, after) = GUIDE.split_once(&heading).expect(name);
    let section = after.split("\n# ").next().unwrap_or(after);
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect()
}

#[test]
fn the_guide_has_each_code_in_the_section_of_its_type() {
    let lookup = codes(TYPES[1].1);
    for (name, source) in TYPES {
        let mut expected = codes(source);
        if name == "VerifyError" {
            expected.extend(&lookup);
        }
        let found = documented(name);
        let unique: BTreeSet<_> = found.iter().copied().collect();
        assert_eq!(unique, expected, "{name}");
        assert_eq!(found.len(), unique.len(), "{name}: a code is there twice");
    }
}

/// The texts that are read are those of the types: 81 codes, among them one of each type.
#[test]
fn the_codes_are_read_from_the_source() {
    use jwt_ring::replay::ReplayError;
    use jwt_ring::{KeyError, KeyLookupError, SignError, VerifyError};

    for (index, code) in [
        VerifyError::InvalidSignature.code(),
        KeyLookupError::Unknown.code(),
        KeyError::NoRandomness.code(),
        SignError::Failed.code(),
        ReplayError::Full.code(),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(codes(TYPES[index].1).contains(code), "{code}");
    }
    #[cfg(feature = "oauth")]
    assert!(codes(TYPES[5].1).contains(jwt_ring::oauth::dpop::DpopError::NoKey.code()));
    let count: usize = TYPES.iter().map(|(_, source)| codes(source).len()).sum();
    assert_eq!(count, 81);
}
