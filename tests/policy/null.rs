//! `null` as a claim, and `null_as_missing`.

use jwt_ring::{Claim, Verifier};

use super::support::REGISTERED;
use super::{MINUTE, check, lenient, missing, verifier, wrong_type};

fn tolerant() -> Verifier {
    lenient().null_as_missing()
}

#[test]
fn null_is_a_wrong_type_by_default() {
    for claim in REGISTERED {
        let member = format!(r#""{claim}":null"#);
        check(&lenient(), &member, wrong_type(claim));
        check(&lenient().any_audience(), &member, wrong_type(claim));
        check(&lenient().require(claim), &member, wrong_type(claim));
        check(&tolerant(), &member, Ok(()));
    }
}

#[test]
fn null_as_missing_treats_null_as_missing() {
    for claim in REGISTERED {
        let member = format!(r#""{claim}":null"#);
        check(&tolerant().require(claim), &member, missing(claim));
        check(&tolerant().require(claim), "", missing(claim));
    }
    for (verifier, claim) in [
        (verifier().null_as_missing(), Claim::Expiration),
        (tolerant().max_age(MINUTE), Claim::IssuedAt),
        (tolerant().issuer("null"), Claim::Issuer),
        (tolerant().audience("null"), Claim::Audience),
        (tolerant().sole_audience("null"), Claim::Audience),
        (tolerant().subject("null"), Claim::Subject),
    ] {
        check(&verifier, format!(r#""{claim}":null"#), missing(claim));
    }
    // Without an expected audience, one that is null is not an unexpected one.
    check(&tolerant(), r#""aud":null"#, Ok(()));
    check(&tolerant().any_audience(), r#""aud":null"#, Ok(()));
}

#[test]
fn null_as_missing_applies_to_profile_claims() {
    for claim in [
        Claim::Nonce,
        Claim::AuthorizedParty,
        Claim::AuthTime,
        Claim::AccessTokenHash,
        Claim::Confirmation,
        Claim::ClientId,
    ] {
        let member = format!(r#""{claim}":null"#);
        check(&lenient().require(claim), &member, wrong_type(claim));
        check(&tolerant().require(claim), &member, missing(claim));
        check(&tolerant(), &member, Ok(()));
        check(&lenient(), &member, Ok(()));
    }
}

#[test]
fn null_as_missing_changes_no_other_value() {
    for (claim, value) in [
        (Claim::Issuer, r#"[null]"#),
        (Claim::Subject, "0"),
        (Claim::Audience, r#"[null]"#),
        (Claim::Expiration, r#""null""#),
        (Claim::NotBefore, "false"),
        (Claim::IssuedAt, "[]"),
        (Claim::JwtId, "{}"),
    ] {
        let member = format!(r#""{claim}":{value}"#);
        check(&tolerant(), &member, wrong_type(claim));
    }
    check(&tolerant().issuer("null"), r#""iss":"null""#, Ok(()));
}
