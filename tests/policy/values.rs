//! `iss`, `sub`, required claims.

use jwt_ring::{Claim, Verifier};

use super::{check, lenient, mismatch, missing, verifier, wrong_type};

#[test]
fn an_expected_claim_must_be_present_and_equal() {
    let issuer = || lenient().issuer("a");
    for (verifier, members, expected) in [
        (lenient(), r#""iss":"a""#, Ok(())),
        (issuer(), r#""iss":"a""#, Ok(())),
        (issuer(), r#""iss":"A""#, mismatch(Claim::Issuer, &["a"])),
        (issuer(), r#""iss":"a/""#, mismatch(Claim::Issuer, &["a"])),
        (issuer(), r#""iss":"""#, mismatch(Claim::Issuer, &["a"])),
        (issuer(), r#""iss":["a"]"#, wrong_type(Claim::Issuer)),
        (issuer(), "", missing(Claim::Issuer)),
        (lenient().issuer(""), "", missing(Claim::Issuer)),
        (lenient().issuer(""), r#""iss":"""#, Ok(())),
        (lenient().issuer("b").issuer("a"), r#""iss":"a""#, Ok(())),
        (
            lenient().issuer("b").issuer("c"),
            r#""iss":"a""#,
            mismatch(Claim::Issuer, &["b", "c"]),
        ),
        // Strings are compared by their bytes, without Unicode normalization.
        (
            lenient().issuer("é"),
            r#""iss":"e\u0301""#,
            mismatch(Claim::Issuer, &["é"]),
        ),
        (lenient().issuer("é"), r#""iss":"\u00e9""#, Ok(())),
        (lenient(), r#""sub":"a""#, Ok(())),
        (lenient().subject("a"), r#""sub":"a""#, Ok(())),
        (
            lenient().subject("a"),
            r#""sub":"b""#,
            mismatch(Claim::Subject, &["a"]),
        ),
        (lenient().subject("a"), "", missing(Claim::Subject)),
        (lenient().subject("a").subject("b"), r#""sub":"b""#, Ok(())),
        (
            lenient().subject("a").subject("b"),
            r#""sub":"c""#,
            mismatch(Claim::Subject, &["a", "b"]),
        ),
    ] {
        check(&verifier, members, expected);
    }
}

#[test]
fn any_registered_claim_can_be_required() {
    for (claim, value) in [
        (Claim::Issuer, r#""a""#),
        (Claim::Subject, r#""""#),
        (Claim::Audience, r#""a""#),
        (Claim::Expiration, "9e9"),
        (Claim::NotBefore, "0"),
        (Claim::IssuedAt, "0"),
        (Claim::JwtId, r#""a""#),
    ] {
        let verifier = match claim {
            // An audience that is required and not expected is rejected.
            Claim::Audience => lenient().any_audience().require(claim),
            _ => lenient().require(claim),
        };
        check_required(&verifier, claim, value);
    }
}

#[test]
fn any_profile_claim_can_be_required() {
    for (claim, value, others) in [
        (Claim::Nonce, r#""""#, ["7", "[]"]),
        (Claim::AuthorizedParty, r#""a""#, ["{}", r#"["a"]"#]),
        (Claim::AuthTime, "0.5", [r#""1""#, "1e19"]),
        (Claim::AccessTokenHash, r#""a""#, ["true", "0"]),
        (Claim::Confirmation, "{}", [r#""a""#, "[{}]"]),
        (Claim::ClientId, r#""a""#, ["7", "{}"]),
    ] {
        check_required(&lenient().require(claim), claim, value);
        for other in others {
            let member = format!(r#""{claim}":{other}"#);
            check(&lenient().require(claim), &member, wrong_type(claim));
            // A profile claim that is not required is a custom claim, of any type.
            check(&lenient(), &member, Ok(()));
        }
    }
}

fn check_required(verifier: &Verifier, claim: Claim, value: &str) {
    let (name, member) = (claim.name(), format!(r#""{claim}":{value}"#));
    check(verifier, "", missing(claim));
    let upper_case = format!(r#""{}":{value}"#, name.to_uppercase());
    check(verifier, upper_case, missing(claim));
    check(verifier, &member, Ok(()));
    check(verifier, format!(r#""{name}":null"#), wrong_type(claim));
    let twice = verifier.clone().require(claim).require(claim);
    check(&twice, &member, Ok(()));
    // The first letter of the name as an escape.
    let (first, rest) = name.split_at(1);
    let code = first.as_bytes()[0];
    check(verifier, format!(r#""\u00{code:x}{rest}":{value}"#), Ok(()));
}

/// Design section 4: types, then presence, then values, of the profile's claims as of the registered
/// ones.
#[test]
fn types_of_required_profile_claims_are_checked_before_presence() {
    let verifier = lenient().require(Claim::Nonce).require(Claim::ClientId);
    check(&verifier, r#""client_id":7"#, wrong_type(Claim::ClientId));
    check(&verifier, r#""client_id":"a""#, missing(Claim::Nonce));
    check(&verifier, r#""client_id":"a","nonce":"b""#, Ok(()));
}

#[test]
fn a_verifier_without_settings_requires_exp_only() {
    check(&verifier(), "", missing(Claim::Expiration));
    check(&verifier(), r#""exp":9e9"#, Ok(()));
    let all = r#""exp":9e9,"nbf":0,"iat":9e9,"iss":"a","sub":"a","jti":"a","nonce":7"#;
    check(&verifier(), all, Ok(()));
}
