//! `aud`: `audience`, `sole_audience`, `any_audience`, none of these.

use jwt_ring::Claim;

use super::{Expected, check, error, lenient, mismatch, missing, wrong_type};

fn unexpected() -> Expected {
    error("UnexpectedAudience")
}

fn other(expected: &[&str]) -> Expected {
    mismatch(Claim::Audience, expected)
}

#[test]
fn an_unexpected_audience_is_rejected() {
    for (members, expected) in [
        ("", Ok(())),
        (r#""aud":"a""#, unexpected()),
        (r#""aud":"""#, unexpected()),
        (r#""aud":[]"#, unexpected()),
        (r#""aud":["a"]"#, unexpected()),
        (r#""aud":null"#, wrong_type(Claim::Audience)),
    ] {
        check(&lenient(), members, expected);
    }
    // To require an audience is not to expect one.
    let required = lenient().require(Claim::Audience);
    check(&required, r#""aud":"a""#, unexpected());
    check(&required, "", missing(Claim::Audience));
}

#[test]
fn audience_expects_one_of_the_audiences_of_the_token() {
    let one = || lenient().audience("a");
    let two = || one().audience("b");
    for (verifier, members, expected) in [
        (one(), "", missing(Claim::Audience)),
        (one(), r#""aud":"a""#, Ok(())),
        (one(), r#""aud":"b""#, other(&["a"])),
        (one(), r#""aud":"A""#, other(&["a"])),
        (one(), r#""aud":"""#, other(&["a"])),
        (one(), r#""aud":[]"#, other(&["a"])),
        (one(), r#""aud":["b"]"#, other(&["a"])),
        (one(), r#""aud":["a"]"#, Ok(())),
        (one(), r#""aud":["b","a"]"#, Ok(())),
        (one(), r#""aud":[ "b" , "\u0061" ]"#, Ok(())),
        (one(), r#""aud":["a",7]"#, wrong_type(Claim::Audience)),
        (one(), r#""aud":["a",null]"#, wrong_type(Claim::Audience)),
        (one(), r#""aud":[["a"]]"#, wrong_type(Claim::Audience)),
        (one(), r#""aud":{"a":"a"}"#, wrong_type(Claim::Audience)),
        (two(), r#""aud":"b""#, Ok(())),
        (two(), r#""aud":["c","b"]"#, Ok(())),
        (two(), r#""aud":["c","d"]"#, other(&["a", "b"])),
    ] {
        check(&verifier, members, expected);
    }
}

#[test]
fn sole_audience_expects_no_other_audience() {
    let sole = || lenient().sole_audience("a");
    for (members, expected) in [
        ("", missing(Claim::Audience)),
        (r#""aud":"a""#, Ok(())),
        (r#""aud":["a"]"#, Ok(())),
        (r#""aud":["\u0061"]"#, Ok(())),
        (r#""aud":"b""#, other(&["a"])),
        (r#""aud":["b"]"#, other(&["a"])),
        (r#""aud":[]"#, other(&["a"])),
        (r#""aud":["a","b"]"#, other(&["a"])),
        (r#""aud":["b","a"]"#, other(&["a"])),
        (r#""aud":["a","a"]"#, other(&["a"])),
        (r#""aud":["a",""]"#, other(&["a"])),
        (r#""aud":["a",7]"#, wrong_type(Claim::Audience)),
        (r#""aud":null"#, wrong_type(Claim::Audience)),
    ] {
        check(&sole(), members, expected);
    }
}

#[test]
fn any_audience_compares_none() {
    let any = || lenient().any_audience();
    for (members, expected) in [
        ("", Ok(())),
        (r#""aud":"a""#, Ok(())),
        (r#""aud":[]"#, Ok(())),
        (r#""aud":["a","b"]"#, Ok(())),
        (r#""aud":7"#, wrong_type(Claim::Audience)),
        (r#""aud":[7]"#, wrong_type(Claim::Audience)),
        (r#""aud":null"#, wrong_type(Claim::Audience)),
    ] {
        check(&any(), members, expected);
    }
    let required = any().require(Claim::Audience);
    check(&required, "", missing(Claim::Audience));
    check(&required, r#""aud":"a""#, Ok(()));
}

#[test]
fn the_last_call_about_audiences_decides_the_mode() {
    let (a, b, both) = (r#""aud":"a""#, r#""aud":"b""#, r#""aud":["a","b"]"#);
    for (verifier, members, expected) in [
        (lenient().audience("a").sole_audience("b"), b, Ok(())),
        (lenient().audience("a").sole_audience("b"), a, other(&["b"])),
        (
            lenient().audience("a").sole_audience("b"),
            both,
            other(&["b"]),
        ),
        (
            lenient().sole_audience("a").sole_audience("b"),
            a,
            other(&["b"]),
        ),
        (lenient().sole_audience("a").sole_audience("b"), b, Ok(())),
        (lenient().sole_audience("a").audience("b"), both, Ok(())),
        (lenient().sole_audience("a").audience("b"), a, other(&["b"])),
        (lenient().any_audience().audience("b"), a, other(&["b"])),
        (
            lenient().any_audience().audience("b"),
            "",
            missing(Claim::Audience),
        ),
        (lenient().any_audience().audience("b"), both, Ok(())),
        (
            lenient().any_audience().sole_audience("b"),
            both,
            other(&["b"]),
        ),
        (lenient().any_audience().sole_audience("b"), b, Ok(())),
        (lenient().audience("a").any_audience(), b, Ok(())),
        (lenient().audience("a").any_audience(), "", Ok(())),
        (lenient().sole_audience("a").any_audience(), both, Ok(())),
        (lenient().sole_audience("a").any_audience(), "", Ok(())),
    ] {
        check(&verifier, members, expected);
    }
}
