//! Issuers, clients and audiences.

use std::time::Duration;

use jwt_ring::Claim;
use jwt_ring::oauth::id_token;
use serde_json::{Value, json};

use crate::support::{NOW, clock, errors, forge};
use crate::{CLIENT, ISSUER, OTHER, error, key, missing, payload, verifier, verify, with};

#[test]
fn other_audiences_must_be_trusted_and_azp_must_be_this_client() {
    let trusting = verifier().trust_audience(OTHER);
    for (verifier, changes, expected) in [
        (verifier(), json!({ "aud": [CLIENT] }), Ok(())),
        (
            verifier(),
            json!({ "aud": [CLIENT], "azp": CLIENT }),
            Ok(()),
        ),
        (verifier(), json!({ "azp": CLIENT }), Ok(())),
        (
            verifier(),
            json!({ "azp": OTHER }),
            Err(errors::mismatch(Claim::AuthorizedParty, &[CLIENT])),
        ),
        (
            verifier(),
            json!({ "aud": OTHER }),
            Err(errors::mismatch(Claim::Audience, &[CLIENT])),
        ),
        (
            verifier(),
            json!({ "aud": [CLIENT, OTHER], "azp": CLIENT }),
            Err("UnexpectedAudience".into()),
        ),
        (
            trusting.clone(),
            json!({ "aud": [CLIENT, OTHER], "azp": CLIENT }),
            Ok(()),
        ),
        (
            trusting.clone(),
            json!({ "aud": [CLIENT, OTHER] }),
            Err(missing(Claim::AuthorizedParty)),
        ),
        (
            trusting.clone(),
            json!({ "aud": [CLIENT, OTHER], "azp": OTHER }),
            Err(errors::mismatch(Claim::AuthorizedParty, &[CLIENT])),
        ),
        (
            trusting.clone(),
            json!({ "aud": OTHER }),
            Err(errors::mismatch(Claim::Audience, &[CLIENT])),
        ),
        (
            trusting,
            json!({ "aud": [CLIENT, OTHER, "third"], "azp": CLIENT }),
            Err("UnexpectedAudience".into()),
        ),
    ] {
        let result = verify(&verifier, &with(changes.clone()), None);
        match expected {
            Ok(()) => assert!(result.is_ok(), "{changes}: {result:?}"),
            Err(reason) => assert_eq!(error(result), reason, "{changes}"),
        }
    }
}

/// The audience of an ID token is a client (OpenID Connect Core §3.1.3.7), also if the verifier that is
/// wrapped expects further audiences.
#[test]
fn an_audience_of_map_verifier_is_no_client() {
    let wider = verifier().map_verifier(|verifier| verifier.audience(OTHER));
    verify(&wider, &payload(), None).expect("the client is the audience");
    let other = verify(&wider, &with(json!({ "aud": OTHER })), None);
    assert_eq!(error(other), errors::mismatch(Claim::Audience, &[CLIENT]));
}

#[test]
fn map_verifier_cannot_weaken_the_profile() {
    let weak = verifier().map_verifier(|verifier| {
        verifier
            .typ("at+jwt")
            .allow_missing_expiration()
            .any_audience()
    });
    let fresh =
        verifier().map_verifier(|_| jwt_ring::Verifier::new().any_audience().clock(clock()));
    for weak in [weak, fresh] {
        assert!(verify(&weak, &payload(), None).is_ok());
        let token = forge(
            &key(),
            r#"{"alg":"HS256","typ":"at+jwt"}"#,
            payload().to_string(),
        );
        let found = weak.verify::<Value>(&token, &key().verifying_key(), None);
        assert_eq!(error(found), errors::typ_mismatch(&["JWT"]));
        for claim in [
            Claim::Expiration,
            Claim::IssuedAt,
            Claim::Issuer,
            Claim::Audience,
            Claim::Subject,
        ] {
            let payload = with(json!({ claim.name(): null }));
            assert_eq!(error(verify(&weak, &payload, None)), missing(claim));
        }
        // The client is among the audiences all the same.
        let found = verify(&weak, &with(json!({ "aud": OTHER })), None);
        assert_eq!(error(found), errors::mismatch(Claim::Audience, &[CLIENT]));
        let found = verify(
            &weak,
            &with(json!({ "aud": [CLIENT, OTHER], "azp": CLIENT })),
            None,
        );
        assert_eq!(error(found), "UnexpectedAudience");
    }
    let strict = verifier().map_verifier(|verifier| {
        verifier
            .issuer("accounts.example")
            .max_age(Duration::from_secs(5))
            .max_size(2_000)
    });
    assert!(verify(&strict, &with(json!({ "iss": "accounts.example" })), None).is_ok());
    let found = verify(&strict, &with(json!({ "iss": OTHER })), None);
    let issuers = errors::mismatch(Claim::Issuer, &[ISSUER, "accounts.example"]);
    assert_eq!(error(found), issuers);
    let old = verify(&strict, &with(json!({ "iat": NOW - 6 })), None);
    assert_eq!(old.expect_err("too old").code(), "too_old");
    let long = verify(&strict, &with(json!({ "x": "x".repeat(2_000) })), None);
    assert_eq!(long.expect_err("too long").code(), "too_large");
}

#[test]
fn another_authorized_party_can_be_trusted() {
    let trusting = verifier().trust_authorized_party("android");
    for azp in [CLIENT, "android"] {
        assert!(verify(&trusting, &with(json!({ "azp": azp })), None).is_ok());
    }
    let found = verify(&trusting, &with(json!({ "azp": "other" })), None);
    let expected = errors::mismatch(Claim::AuthorizedParty, &[CLIENT, "android"]);
    assert_eq!(error(found), expected);
    // It is no audience: the token must be for the client.
    let found = verify(
        &trusting,
        &with(json!({ "aud": "android", "azp": "android" })),
        None,
    );
    assert_eq!(error(found), errors::mismatch(Claim::Audience, &[CLIENT]));
    // An audience that is listed twice is one.
    let twice = with(json!({ "aud": [CLIENT, CLIENT] }));
    assert!(verify(&verifier(), &twice, None).is_ok());
}

#[test]
fn tokens_of_several_clients_of_an_application_are_accepted() {
    let several = verifier().client_id("ios");
    for (audience, azp) in [(CLIENT, CLIENT), ("ios", "ios"), (CLIENT, "ios")] {
        let payload = with(json!({ "aud": audience, "azp": azp }));
        let result = verify(&several, &payload, None);
        assert!(result.is_ok(), "{audience} {azp}: {result:?}");
    }
    let android = with(json!({ "aud": "android", "azp": "android" }));
    let found = error(verify(&several, &android, None));
    assert_eq!(found, errors::mismatch(Claim::Audience, &[CLIENT, "ios"]));
}

#[test]
fn all_clients_are_compared_if_the_wrapped_verifier_accepts_any_audience() {
    let any =
        |verifier: id_token::Verifier| verifier.map_verifier(jwt_ring::Verifier::any_audience);
    for several in [
        any(verifier().client_id("ios")),
        any(verifier()).client_id("ios"),
    ] {
        for audience in [CLIENT, "ios"] {
            let result = verify(&several, &with(json!({ "aud": audience })), None);
            assert!(result.is_ok(), "{audience}: {result:?}");
        }
        let android = with(json!({ "aud": "android" }));
        let found = error(verify(&several, &android, None));
        assert_eq!(found, errors::mismatch(Claim::Audience, &[CLIENT, "ios"]));
    }
    // A sole audience stays the only one.
    let sole = verifier().map_verifier(|verifier| verifier.sole_audience(CLIENT));
    let sole = sole.client_id("ios");
    assert!(verify(&sole, &payload(), None).is_ok());
    let found = error(verify(&sole, &with(json!({ "aud": "ios" })), None));
    assert_eq!(found, errors::mismatch(Claim::Audience, &[CLIENT]));
}

#[test]
fn the_issuer_and_the_client_are_compared_by_any_wrapped_verifier() {
    let fresh =
        verifier().map_verifier(|_| jwt_ring::Verifier::new().any_audience().clock(clock()));
    assert!(verify(&fresh, &payload(), None).is_ok());
    let found = error(verify(&fresh, &with(json!({ "iss": "evil" })), None));
    assert_eq!(found, errors::mismatch(Claim::Issuer, &[ISSUER]));
    let found = error(verify(&fresh, &with(json!({ "aud": "other" })), None));
    assert_eq!(found, errors::mismatch(Claim::Audience, &[CLIENT]));
}
