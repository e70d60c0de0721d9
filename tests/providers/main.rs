//! Tokens in the shapes of providers whose access tokens are not RFC 9068, after their public
//! documentation: `tokens.json`. The values are made up.

#[path = "../support/mod.rs"]
mod support;

use jwt_ring::oauth::Scope;
use jwt_ring::oauth::access_token::{self, AccessTokenClaims};
use jwt_ring::oauth::id_token::{self, IdTokenClaims};
use jwt_ring::{Algorithm, Claim, Claims, SigningKey, VerifyError, VerifyingKey};
use serde::Deserialize;
use serde_json::Value;
use support::{clock, errors, forge};

const ACCESS: &str = "access";
const ID: &str = "id";

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn keys() -> VerifyingKey {
    key().verifying_key()
}

struct Provider(Value);

fn providers() -> Vec<Provider> {
    let all: Vec<Value> = serde_json::from_str(include_str!("tokens.json")).expect("JSON");
    all.into_iter().map(Provider).collect()
}

fn provider(name: &str) -> Provider {
    let mut all = providers().into_iter();
    all.find(|one| one.name() == name).expect("a provider")
}

impl Provider {
    fn text(&self, name: &str) -> Option<&str> {
        self.0[name].as_str()
    }

    fn name(&self) -> &str {
        self.text("provider").expect("a name")
    }

    fn payload(&self, kind: &str) -> Option<&Value> {
        self.0.get(kind).map(|token| &token["payload"])
    }

    fn token(&self, kind: &str) -> Option<String> {
        let payload = self.payload(kind)?.to_string();
        Some(forge(&key(), self.0[kind]["header"].to_string(), payload))
    }

    /// The nonce of the ID token, if it has one.
    fn nonce(&self) -> Option<&str> {
        self.0[ID]["payload"]["nonce"].as_str()
    }

    fn client_id(&self) -> &str {
        self.text("client_id").expect("a client")
    }

    /// The verifier of an API, as the documentation of `access_token` shows it.
    fn strict(&self) -> access_token::Verifier {
        let issuer = self.text("issuer").expect("an issuer");
        let audience = self.text("audience");
        access_token::Verifier::new(issuer, audience.unwrap_or("unused")).map_verifier(|verifier| {
            let verifier = verifier.clock(clock());
            match audience {
                Some(_) => verifier,
                None => verifier.any_audience(),
            }
        })
    }

    fn access_tokens(&self) -> access_token::Verifier {
        self.strict().allow_typ_jwt()
    }

    /// The verifier of a client, as the documentation of `id_token::Verifier` shows it.
    fn id_tokens(&self) -> id_token::Verifier {
        let issuer = self.text("issuer").expect("an issuer");
        let verifier = id_token::Verifier::new(issuer, self.client_id())
            .map_verifier(|verifier| verifier.clock(clock()));
        match issuer {
            "https://accounts.google.com" => verifier
                .map_verifier(|verifier| verifier.issuer("accounts.google.com"))
                .trust_authorized_party("1234-android.apps.googleusercontent.com"),
            _ => verifier,
        }
    }
}

/// The error with all its fields.
#[track_caller]
fn error<T: std::fmt::Debug>(result: Result<T, VerifyError>) -> String {
    errors::text(&result.expect_err("a rejected token"))
}

#[test]
fn access_tokens_are_accepted_with_allow_typ_jwt_only() {
    let mut count = 0;
    for provider in providers() {
        let name = provider.name();
        let Some(token) = provider.token(ACCESS) else {
            continue;
        };
        count += 1;
        let verified = provider.access_tokens().verify::<Value>(&token, &keys());
        let token_claims = verified.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(
            Some(token_claims.claims()),
            provider.payload(ACCESS),
            "{name}"
        );
        let claims = provider
            .access_tokens()
            .verify::<Claims<Value>>(&token, &keys());
        let subject = claims.expect(name).into_claims().subject;
        assert_eq!(
            subject.as_deref(),
            token_claims.claims()["sub"].as_str(),
            "{name}"
        );
        // A cached verifier accepts it twice.
        let cached = provider.access_tokens().cached::<Value>(10);
        for _ in 0..2 {
            let again = cached.verify(&token, &keys()).expect(name);
            assert_eq!(again.claims(), token_claims.claims());
        }

        let strict = provider.strict().verify::<Value>(&token, &keys());
        assert_eq!(error(strict), errors::typ_mismatch(&["at+jwt"]), "{name}");
        // Nor is it an ID token, for the client that it was issued to.
        let as_id = provider.id_tokens().verify::<Value>(&token, &keys(), None);
        let expected = match provider.text("audience") {
            Some(_) => errors::mismatch(Claim::Audience, &[provider.client_id()]),
            None => errors::missing(Claim::Audience),
        };
        assert_eq!(error(as_id), expected, "{name}");
    }
    assert_eq!(count, 6);
}

#[test]
fn id_tokens_are_accepted_by_the_client_and_by_no_api() {
    for provider in providers() {
        let name = provider.name();
        let token = provider.token(ID).expect(name);
        let verifier = provider.id_tokens();
        let verified = verifier.verify::<IdTokenClaims<Value>>(&token, &keys(), provider.nonce());
        let verified = verified.unwrap_or_else(|error| panic!("{name}: {error}"));
        let payload = provider.payload(ID).expect("a payload");
        assert_eq!(payload["sub"], *verified.claims().subject, "{name}");
        assert_eq!(
            payload["email"],
            verified.claims().custom["email"],
            "{name}"
        );
        // With another nonce, or none for one that was sent.
        let other = verifier.verify::<Value>(&token, &keys(), Some("other"));
        let expected = match provider.nonce() {
            Some(_) => errors::mismatch(Claim::Nonce, &[]),
            None => errors::missing(Claim::Nonce),
        };
        assert_eq!(error(other), expected, "{name}");

        // For an API with its own audience, the audience differs.
        let api = provider
            .access_tokens()
            .map_verifier(|verifier| verifier.issuer("accounts.google.com"));
        let api = api.verify::<Value>(&token, &keys());
        let expected = match provider.text("audience") {
            Some(audience) => errors::mismatch(Claim::Audience, &[audience]),
            None => "Unexpected(Nonce)".into(),
        };
        assert_eq!(error(api), expected, "{name}");
        let strict = provider.strict().verify::<Value>(&token, &keys());
        assert_eq!(error(strict), errors::typ_mismatch(&["at+jwt"]), "{name}");
    }
}

/// If an API and its client share an ID, or any audience is accepted, claims distinguish ID tokens.
/// Firebase's ID tokens have none of these claims: only the audience distinguishes them.
#[test]
fn an_id_token_is_rejected_if_the_audience_does_not_distinguish_it() {
    for provider in providers() {
        let name = provider.name();
        let token = provider.token(ID).expect(name);
        let any = provider
            .access_tokens()
            .map_verifier(|verifier| verifier.issuer("accounts.google.com").any_audience());
        let found = any.verify::<Value>(&token, &keys());
        match name {
            "Firebase" => assert!(found.is_ok(), "{found:?}"),
            "Google, the other issuer" => {
                assert_eq!(error(found), "Unexpected(AccessTokenHash)", "{name}");
            }
            _ => assert_eq!(error(found), "Unexpected(Nonce)", "{name}"),
        }
        // Without `nonce` and `at_hash`, as in the code flow, Cognito's have `token_use`.
        if name == "Amazon Cognito" {
            let mut payload = provider.payload(ID).expect("a payload").clone();
            payload.as_object_mut().expect("an object").remove("nonce");
            let token = forge(&key(), r#"{"alg":"HS256"}"#, payload.to_string());
            let expected = errors::mismatch(Claim::TokenUse, &["access"]);
            assert_eq!(error(any.verify::<Value>(&token, &keys())), expected);
        }
    }
}

/// Keycloak's tokens have the claim `typ`, which distinguishes them without `nonce` and `at_hash`.
#[test]
fn other_tokens_of_keycloak_are_rejected_as_access_tokens() {
    let keycloak = provider("Keycloak");
    let any = keycloak
        .access_tokens()
        .map_verifier(jwt_ring::Verifier::any_audience);
    let verify = |kind, typ: &str| {
        let mut payload = keycloak.payload(kind).expect("a payload").clone();
        let members = payload.as_object_mut().expect("an object");
        members.retain(|name, _| name != "nonce" && name != "at_hash");
        members.insert("typ".into(), typ.into());
        let header = r#"{"alg":"HS256","typ":"JWT"}"#;
        any.verify::<Value>(&forge(&key(), header, payload.to_string()), &keys())
    };
    assert!(verify(ACCESS, "Bearer").is_ok());
    for (kind, typ) in [
        (ID, "ID"),
        (ACCESS, "Refresh"),
        (ACCESS, "Offline"),
        (ID, "Logout"),
    ] {
        let expected = errors::mismatch(Claim::Typ, &["Bearer"]);
        assert_eq!(error(verify(kind, typ)), expected, "{typ}");
    }
}

/// A logout token, which Keycloak signs with the same key, is no access token and no ID token.
#[test]
fn a_logout_token_is_rejected_by_both() {
    let keycloak = provider("Keycloak");
    for audience in ["orders-api", "web-shop"] {
        let mut payload = keycloak.payload(ID).expect("a payload").clone();
        let members = payload.as_object_mut().expect("an object");
        members.retain(|name, _| name != "nonce" && name != "at_hash");
        members.insert("aud".into(), audience.into());
        let event = "http://schemas.openid.net/event/backchannel-logout";
        members.insert("events".into(), serde_json::json!({ event: {} }));
        let token = forge(
            &key(),
            r#"{"alg":"HS256","typ":"JWT"}"#,
            payload.to_string(),
        );
        let found = match audience {
            "orders-api" => keycloak.access_tokens().verify::<Value>(&token, &keys()),
            _ => keycloak.id_tokens().verify::<Value>(&token, &keys(), None),
        };
        assert_eq!(error(found), "Unexpected(Events)");
    }
}

/// The claims of these access tokens are read into a struct with the provider's names.
#[test]
fn the_claims_of_a_provider_are_a_struct() {
    #[derive(Debug, Deserialize)]
    struct OktaClaims {
        cid: String,
        #[serde(rename = "scp")]
        scope: Scope,
    }

    #[derive(Debug, Deserialize)]
    struct Auth0Claims {
        azp: String,
        scope: Scope,
        #[serde(rename = "https://orders.example/roles")]
        roles: Vec<String>,
    }

    #[derive(Debug, Deserialize)]
    struct CognitoClaims {
        client_id: String,
        #[serde(rename = "cognito:groups")]
        groups: Vec<String>,
    }

    let okta = provider("Okta");
    let token = okta.token(ACCESS).expect("a token");
    let verified = okta.access_tokens().verify::<OktaClaims>(&token, &keys());
    let claims = verified.expect("a valid token").into_claims();
    assert_eq!(claims.cid, okta.client_id());
    assert!(claims.scope.contains("orders"));

    let auth0 = provider("Auth0");
    let token = auth0.token(ACCESS).expect("a token");
    let verified = auth0.access_tokens().verify::<Auth0Claims>(&token, &keys());
    let claims = verified.expect("a valid token").into_claims();
    assert_eq!(
        (&*claims.azp, &*claims.roles[0]),
        (auth0.client_id(), "admin")
    );
    assert!(claims.scope.contains("read:orders"));

    let cognito = provider("Amazon Cognito");
    let token = cognito.token(ACCESS).expect("a token");
    let verified = cognito
        .access_tokens()
        .verify::<CognitoClaims>(&token, &keys());
    let claims = verified.expect("a valid token").into_claims();
    assert_eq!(
        (&*claims.client_id, &*claims.groups[0]),
        (cognito.client_id(), "admin")
    );

    // RFC 9068's claims do not fit a token without them.
    let token = auth0.token(ACCESS).expect("a token");
    let found = auth0
        .access_tokens()
        .verify::<AccessTokenClaims>(&token, &keys());
    let problem = "is missing, and the expected type requires it";
    assert_eq!(
        error(found),
        errors::custom_claims(Some("client_id"), problem)
    );
}

/// Where the client ID of an API is also that of a client, the claim `scp`, which the struct requires,
/// distinguishes access tokens from ID tokens without `nonce`.
#[test]
fn one_verifier_accepts_both_versions_of_entra_id() {
    #[derive(Debug, Deserialize)]
    struct EntraClaims {
        oid: String,
        #[serde(rename = "scp")]
        scope: Scope,
        #[serde(default)]
        roles: Vec<String>,
        #[serde(alias = "appid")]
        azp: String,
    }

    let versions = ["Entra ID, version 1.0", "Entra ID, version 2.0"].map(provider);
    let [old, new] = &versions;
    let verifier = new.access_tokens().map_verifier(|verifier| {
        let (issuer, audience) = (old.text("issuer"), old.text("audience"));
        verifier
            .issuer(issuer.expect("an issuer"))
            .audience(audience.expect("an audience"))
    });
    let roles: [&[&str]; 2] = [&["Orders.Admin"], &[]];
    for (entra, roles) in versions.iter().zip(roles) {
        let token = entra.token(ACCESS).expect("a token");
        let claims = verifier.verify::<EntraClaims>(&token, &keys());
        let claims = claims.expect("a valid token").into_claims();
        assert_eq!(claims.azp, entra.client_id());
        assert_eq!(claims.roles, roles);
        assert!(claims.scope.contains("access_as_user") && !claims.oid.is_empty());

        let mut payload = entra.payload(ID).expect("a payload").clone();
        let members = payload.as_object_mut().expect("an object");
        members.remove("nonce");
        members.insert(
            "aud".into(),
            entra.text("audience").expect("an audience").into(),
        );
        let token = forge(
            &key(),
            r#"{"alg":"HS256","typ":"JWT"}"#,
            payload.to_string(),
        );
        let found = verifier.verify::<EntraClaims>(&token, &keys());
        let problem = "is missing, and the expected type requires it";
        assert_eq!(error(found), errors::custom_claims(Some("scp"), problem));
    }
    let mut payload = new.payload(ACCESS).expect("a payload").clone();
    payload["iss"] = "https://sts.windows.net/another/".into();
    let token = forge(
        &key(),
        r#"{"alg":"HS256","typ":"JWT"}"#,
        payload.to_string(),
    );
    let found = verifier.verify::<EntraClaims>(&token, &keys());
    let issuers = [new, old].map(|entra| entra.text("issuer").expect("an issuer"));
    assert_eq!(error(found), errors::mismatch(Claim::Issuer, &issuers));
}
