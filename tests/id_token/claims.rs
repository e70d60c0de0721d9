//! The claims of an ID token: presence, types and values.

use std::fmt::Debug;
use std::time::Duration;

use jwt_ring::oauth::id_token::{IdTokenClaims, Verifier};
use jwt_ring::{Claim, NumericDate, SignError, Signer, Token};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::support::{NOW, errors, forge};
use crate::{
    CLIENT, ISSUER, OTHER, does_not_fit, error, key, mismatch, missing, payload, sign, verifier,
    verify, with, with_leeway,
};

#[test]
fn the_claims_of_every_id_token_are_required() {
    for claim in [
        Claim::Issuer,
        Claim::Subject,
        Claim::Audience,
        Claim::Expiration,
        Claim::IssuedAt,
    ] {
        let payload = with(json!({ claim.name(): null }));
        assert_eq!(error(verify(&verifier(), &payload, None)), missing(claim));
    }
    for (changes, reason) in [
        (
            json!({ "iss": OTHER }),
            errors::mismatch(Claim::Issuer, &[ISSUER]),
        ),
        (json!({ "exp": NOW }), errors::expired(NOW, NOW)),
        (json!({ "sub": 7 }), errors::wrong_type(Claim::Subject)),
        (json!({ "amr": "pwd" }), errors::wrong_type(Claim::Amr)),
        (json!({ "amr": ["pwd", 1] }), errors::wrong_type(Claim::Amr)),
        (json!({ "acr": 1 }), errors::wrong_type(Claim::Acr)),
    ] {
        assert_eq!(error(verify(&verifier(), &with(changes), None)), reason);
    }
    let late = with(json!({ "exp": NOW - 1 }));
    let lenient = with_leeway(verifier(), 2);
    assert!(verify(&lenient, &late, None).is_ok());
    // An access token is not an ID token.
    let token = forge(
        &key(),
        r#"{"alg":"HS256","typ":"at+jwt"}"#,
        payload().to_string(),
    );
    let result = verifier().verify::<IdTokenClaims>(&token, &key().verifying_key(), None);
    assert_eq!(error(result), errors::typ_mismatch(&["JWT"]));
}

#[test]
fn a_claim_of_a_wrong_type_is_not_an_absent_claim() {
    for (name, claim) in [
        ("nonce", Claim::Nonce),
        ("azp", Claim::AuthorizedParty),
        ("auth_time", Claim::AuthTime),
        ("at_hash", Claim::AccessTokenHash),
        ("acr", Claim::Acr),
        ("amr", Claim::Amr),
    ] {
        for value in ["null", "[7]", "{}", "true", r#"["x",{}]"#] {
            let payload = payload().to_string();
            let payload = payload.strip_suffix('}').expect("an object");
            let token = forge(
                &key(),
                r#"{"alg":"HS256"}"#,
                format!(r#"{payload},"{name}":{value}}}"#),
            );
            for nonce in [None, Some("n-1")] {
                let result = verifier().verify::<Value>(&token, &key().verifying_key(), nonce);
                assert_eq!(error(result), errors::wrong_type(claim), "{name} {value}");
            }
        }
        let wrong = if claim == Claim::AuthTime {
            json!("1")
        } else {
            json!(1)
        };
        let result = verify(&verifier(), &with(json!({ name: wrong })), None);
        assert_eq!(error(result), errors::wrong_type(claim));
    }
}

/// Providers write claims of their own by these names, of any type.
#[test]
fn the_claims_of_access_tokens_may_have_any_type() {
    for name in [
        "scope",
        "roles",
        "groups",
        "entitlements",
        "typ",
        "cnf",
        "token_use",
    ] {
        for value in ["null", "7", r#""admins""#, r#"[7]"#] {
            let payload = payload().to_string();
            let payload = payload.strip_suffix('}').expect("an object");
            let token = format!(r#"{payload},"{name}":{value}}}"#);
            let token = forge(&key(), r#"{"alg":"HS256"}"#, token);
            let result = verifier().verify::<Value>(&token, &key().verifying_key(), None);
            assert!(result.is_ok(), "{name} {value}: {result:?}");
        }
    }
}

#[test]
fn null_as_missing_applies_to_the_claims_of_the_profile() {
    let lenient = verifier().map_verifier(jwt_ring::Verifier::null_as_missing);
    let payload = r#"{"iss":"https://issuer.example","sub":"user-42","aud":"web-shop",
        "exp":4e9,"iat":0,"nonce":null,"azp":null,"auth_time":null,"at_hash":null,"events":null,
        "acr":null,"amr":null,"jti":null,"nbf":null}"#;
    let token = forge(&key(), r#"{"alg":"HS256"}"#, payload);
    let verify = |verifier: &Verifier, nonce| {
        verifier.verify::<IdTokenClaims>(&token, &key().verifying_key(), nonce)
    };
    let token = verify(&lenient, None).expect("a valid token");
    let claims = token.claims();
    assert_eq!((&claims.nonce, &claims.authorized_party), (&None, &None));
    assert_eq!((&claims.auth_time, &claims.acr), (&None, &None));
    assert!(claims.amr.is_empty());
    assert_eq!(error(verify(&lenient, Some("n"))), missing(Claim::Nonce));
    let aged = lenient.max_age(Duration::MAX);
    assert_eq!(error(verify(&aged, None)), missing(Claim::AuthTime));
}

/// A logout token has `events`, of any value (OpenID Connect Back-Channel Logout §2.4).
#[test]
fn a_token_with_events_is_rejected() {
    let logout = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    for events in [logout, json!({}), json!(7), json!("x")] {
        let payload = with(json!({ "events": events }));
        assert_eq!(
            error(verify(&verifier(), &payload, None)),
            "Unexpected(Events)"
        );
        // The reason is not that it has no nonce.
        let found = verify(&verifier(), &payload, Some("n"));
        assert_eq!(error(found), "Unexpected(Events)");
    }
    assert!(verify(&verifier(), &with(json!({ "event": {} })), None).is_ok());
}

#[derive(Debug, Deserialize)]
struct Role {
    #[allow(dead_code, reason = "only its type counts")]
    role: String,
}

/// Each step corrects the first error.
#[test]
fn types_come_before_presence_before_values_before_the_type_of_the_claims() {
    let verifier = verifier()
        .trust_audience("third")
        .max_age(Duration::from_secs(9));
    let verify = |payload: &Value| {
        let token = sign(payload);
        verifier.verify::<IdTokenClaims<Role>>(&token, &key().verifying_key(), Some("n-1"))
    };
    let mut payload = json!({
        "exp": "x", "iss": OTHER, "aud": [OTHER], "nonce": 7, "azp": 7, "auth_time": "x",
        "at_hash": 7, "events": {}, "amr": 7, "role": 7,
    });
    let remove = || json!("(removed)");
    for (name, value, expected) in [
        ("exp", json!(NOW), errors::wrong_type(Claim::Expiration)),
        ("iat", json!(NOW), missing(Claim::IssuedAt)),
        ("sub", json!("user-42"), missing(Claim::Subject)),
        ("exp", json!(NOW + 1), errors::expired(NOW, NOW)),
        (
            "iss",
            json!(ISSUER),
            errors::mismatch(Claim::Issuer, &[ISSUER]),
        ),
        (
            "aud",
            json!([CLIENT, OTHER]),
            errors::mismatch(Claim::Audience, &[CLIENT]),
        ),
        ("nonce", remove(), errors::wrong_type(Claim::Nonce)),
        ("azp", remove(), errors::wrong_type(Claim::AuthorizedParty)),
        ("auth_time", remove(), errors::wrong_type(Claim::AuthTime)),
        (
            "at_hash",
            json!("x"),
            errors::wrong_type(Claim::AccessTokenHash),
        ),
        ("amr", json!([]), errors::wrong_type(Claim::Amr)),
        ("events", remove(), "Unexpected(Events)".into()),
        ("azp", json!(OTHER), missing(Claim::AuthorizedParty)),
        ("auth_time", json!(NOW - 10), missing(Claim::AuthTime)),
        ("nonce", json!("n-2"), missing(Claim::Nonce)),
        ("aud", json!([CLIENT, "third"]), "UnexpectedAudience".into()),
        (
            "azp",
            json!(CLIENT),
            errors::mismatch(Claim::AuthorizedParty, &[CLIENT]),
        ),
        ("auth_time", json!(NOW - 9), {
            let [at, now] = [NOW - 10, NOW].map(NumericDate::from_seconds);
            format!("TooOld {{ claim: AuthTime, at: {at:?}, now: {now:?} }}")
        }),
        ("nonce", json!("n-1"), mismatch(Claim::Nonce)),
        ("role", json!("a"), does_not_fit("role")),
    ] {
        assert_eq!(error(verify(&payload)), expected, "{payload}");
        let members = payload.as_object_mut().expect("an object");
        if value == remove() {
            members.remove(name);
        } else {
            members.insert(name.into(), value);
        }
    }
    assert!(verify(&payload).is_ok(), "{payload}");
}

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Profile {
    email: String,
}

#[test]
fn claims_are_read_into_any_type() {
    #[derive(Deserialize)]
    struct Whole {
        sub: String,
        email: String,
    }

    let payload = with(json!({ "email": "a@b.example", "acr": "2", "amr": ["pwd"] }));
    fn read<C: serde::de::DeserializeOwned>(payload: &Value) -> C {
        let token = verifier().verify(&sign(payload), &key().verifying_key(), None);
        token.expect("a valid token").into_claims()
    }
    let claims: IdTokenClaims<Profile> = read(&payload);
    assert_eq!(claims.custom.email, "a@b.example");
    assert_eq!(claims.acr.as_deref(), Some("2"));
    assert_eq!(claims.amr, ["pwd"]);
    let whole: Whole = read(&payload);
    assert_eq!((&*whole.sub, &*whole.email), ("user-42", "a@b.example"));
    assert_eq!(read::<Value>(&payload), payload);
    let custom = read::<IdTokenClaims<Value>>(&payload).custom;
    assert_eq!(custom, json!({ "email": "a@b.example" }));
}

#[test]
fn a_signed_id_token_reads_back_the_same_and_cannot_be_shadowed() {
    let [issued_at, expiration] = [NOW, NOW + 300].map(NumericDate::from_seconds);
    let least = IdTokenClaims::new(ISSUER, "user-42", CLIENT, issued_at, expiration);
    let written = serde_json::to_value(&least).expect("JSON");
    assert_eq!(written, payload());
    let mut claims = least.clone().custom(Profile {
        email: "a@b.example".into(),
    });
    claims.nonce = Some("n-1".into());
    claims.auth_time = Some(issued_at);
    claims.acr = Some("2".into());
    claims.amr = vec!["pwd".into()];
    claims.authorized_party = Some(CLIENT.into());
    claims.access_token_hash = Some("hash".into());
    claims.jwt_id = Some("1".into());
    claims.not_before = Some(issued_at);
    let signer = Signer::new(key());
    let jwt = signer.sign(&claims).expect("a token");
    let token = verifier().verify(&jwt, &key().verifying_key(), Some("n-1"));
    let token: Token<IdTokenClaims<Profile>> = token.expect("a valid token");
    assert_eq!(token.claims(), &claims);

    for name in [
        "iss",
        "sub",
        "aud",
        "exp",
        "iat",
        "nonce",
        "auth_time",
        "acr",
        "amr",
        "azp",
        "at_hash",
        "jti",
        "nbf",
    ] {
        let found = signer.sign(&least.clone().custom(json!({ name: "x" })));
        assert_eq!(found, Err(SignError::ShadowedClaim(name.into())));
    }
    #[derive(Debug, Deserialize)]
    struct Declares {
        #[allow(dead_code, reason = "only the declaration counts")]
        nonce: Option<String>,
    }
    let keys = key().verifying_key();
    let found = verifier().verify::<IdTokenClaims<Declares>>(&jwt, &keys, Some("n-1"));
    let problem = "does not fit, because the type of the custom claims declares a claim that is a \
                   field beside them: name the struct itself";
    assert_eq!(error(found), errors::custom_claims(None, problem));
    // The struct itself can be named.
    assert!(
        verifier()
            .verify::<Declares>(&jwt, &keys, Some("n-1"))
            .is_ok()
    );
}
