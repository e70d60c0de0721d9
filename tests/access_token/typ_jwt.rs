//! Access tokens that are not RFC 9068.

use jwt_ring::oauth::access_token::Verifier;
use jwt_ring::{Claim, Claims};
use serde_json::{Value, json};

use crate::support::{NOW, clock, errors};
use crate::{API, HEADER, ISSUER, JWT, RFC_9068, error, verifier, verify_as};

/// With `allow_typ_jwt`: what is required, what is not, and how other tokens are distinguished.
#[test]
fn allow_typ_jwt_accepts_other_access_tokens_and_no_others() {
    let verifier = verifier().allow_typ_jwt();
    let verify = |header, payload: &Value| verify_as::<Claims<Value>>(&verifier, header, payload);
    let least = json!({ "iss": ISSUER, "exp": NOW + 1, "aud": API, "sub": "user-42" });
    let plain = r#"{"alg":"HS256"}"#;
    for header in [HEADER, JWT, plain] {
        assert!(verify(header, &least).is_ok(), "{header}");
    }
    let with = |name: &str, value: Value| {
        let mut payload = least.clone();
        payload[name] = value;
        payload
    };
    let logout = r#"{"alg":"HS256","typ":"logout+jwt"}"#;
    let typ = errors::typ_mismatch(&["at+jwt", "JWT"]);
    assert_eq!(error(verify(logout, &least)), typ);
    for claim in [
        Claim::Expiration,
        Claim::Issuer,
        Claim::Audience,
        Claim::Subject,
    ] {
        let mut payload = least.clone();
        payload
            .as_object_mut()
            .expect("an object")
            .remove(claim.name());
        assert_eq!(error(verify(JWT, &payload)), errors::missing(claim));
    }
    for claim in [
        Claim::Nonce,
        Claim::AccessTokenHash,
        Claim::CodeHash,
        Claim::StateHash,
        Claim::Events,
    ] {
        for value in [json!("x"), json!({}), json!(7), json!(null)] {
            for header in [HEADER, JWT, plain] {
                let found = verify(header, &with(claim.name(), value.clone()));
                assert_eq!(error(found), format!("Unexpected({claim:?})"));
            }
        }
    }
    assert!(verify(JWT, &with("token_use", json!("access"))).is_ok());
    let of_id = verify(JWT, &with("token_use", json!("id")));
    assert_eq!(error(of_id), errors::mismatch(Claim::TokenUse, &["access"]));
    for typ in ["ID", "Refresh", "Offline", "Logout"] {
        let expected = errors::mismatch(Claim::Typ, &["Bearer"]);
        for header in [HEADER, JWT, plain] {
            assert_eq!(error(verify(header, &with("typ", json!(typ)))), expected);
        }
    }
    for typ in [
        json!("Bearer"),
        json!("DPoP"),
        json!("id"),
        json!(7),
        json!(["ID"]),
    ] {
        assert!(verify(JWT, &with("typ", typ.clone())).is_ok(), "{typ}");
    }
    // These may be claims of the issuer's own.
    for claim in RFC_9068 {
        for value in [json!(7), json!(null), json!({}), json!("a")] {
            assert!(verify(JWT, &with(claim.name(), value)).is_ok(), "{claim}");
        }
    }
    for claim in [
        Claim::ClientId,
        Claim::AuthTime,
        Claim::Confirmation,
        Claim::TokenUse,
    ] {
        let found = verify(JWT, &with(claim.name(), json!([])));
        assert_eq!(error(found), errors::wrong_type(claim));
    }
    assert_eq!(
        error(verify(JWT, &with("cnf", json!({})))),
        "Unexpected(Confirmation)"
    );

    // The order of `map_verifier` and `allow_typ_jwt` does not matter.
    let any = |verifier: Verifier| {
        verifier.map_verifier(|verifier| verifier.any_audience().clock(clock()))
    };
    let new = || Verifier::new(ISSUER, API);
    for verifier in [any(new()).allow_typ_jwt(), any(new().allow_typ_jwt())] {
        let mut payload = least.clone();
        payload.as_object_mut().expect("an object").remove("aud");
        for payload in [payload, with("aud", json!("x"))] {
            assert!(
                verify_as::<Value>(&verifier, JWT, &payload).is_ok(),
                "{payload}"
            );
        }
    }
}
