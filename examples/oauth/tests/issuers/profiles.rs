//! Access tokens of providers, in the shapes that their documentation shows (`tests/providers`).

use jwt_ring::NumericDate;
use serde_json::{Value, json};

use crate::support::{Answer, Api, Issuer, Scene};

/// The time of the tokens.
const NOW: i64 = 1_795_435_210;

fn profile(provider: &str) -> Option<&'static str> {
    Some(match provider {
        "Keycloak" => "keycloak",
        "Okta" => "okta",
        "Entra ID, version 1.0" | "Entra ID, version 2.0" => "entra",
        "Auth0" => "auth0",
        "Amazon Cognito" => "cognito",
        _ => return None,
    })
}

/// A provider whose keys are at a local address.
struct Provider {
    tokens: Value,
    profile: &'static str,
    issuer: Issuer,
}

impl Provider {
    fn all(scene: &Scene) -> Vec<Self> {
        scene.clock.set(NumericDate::from_seconds(NOW));
        let json = include_str!("../../../../tests/providers/tokens.json");
        let all: Vec<Value> = serde_json::from_str(json).expect("JSON");
        let found = all.into_iter().filter_map(|tokens| {
            let profile = profile(tokens["provider"].as_str().expect("a name"))?;
            let issuer = scene.issuer();
            Some(Self {
                tokens,
                profile,
                issuer,
            })
        });
        found.collect()
    }

    fn named(scene: &Scene, profile: &str) -> Self {
        let mut all = Self::all(scene).into_iter();
        all.find(|one| one.profile == profile).expect("a provider")
    }

    fn text(&self, name: &str) -> &str {
        self.tokens[name].as_str().unwrap_or_default()
    }

    /// The audience that is configured: Cognito's tokens name the client only.
    fn audience(&self) -> &str {
        match self.profile {
            "cognito" => self.text("client_id"),
            _ => self.text("audience"),
        }
    }

    fn api(&self, scene: &Scene, profile: &str, audience: &str) -> Api {
        scene.api(&[
            "--issuer",
            self.text("issuer"),
            "--jwks",
            &self.issuer.keys(),
            "--audience",
            audience,
            "--profile",
            profile,
        ])
    }

    /// Signs the claims of an access or ID token after a change.
    fn token(&self, kind: &str, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = self.tokens[kind]["payload"].clone();
        change(&mut claims);
        self.issuer.sign_value("JWT", &claims)
    }

    /// Makes an access token for `orders:read`.
    fn access_token(&self) -> String {
        self.token("access", |claims| {
            let name = if let "okta" | "entra" = self.profile {
                "scp"
            } else {
                "scope"
            };
            claims[name] = match self.profile {
                "okta" => json!(["openid", "orders:read"]),
                _ => "openid orders:read".into(),
            };
        })
    }
}

fn is_invalid(answer: &Answer) -> bool {
    (answer.status, answer.error("Bearer")) == (401, "invalid_token")
}

#[test]
fn tokens_of_providers_are_accepted_by_their_profile_only() {
    let scene = Scene::new();
    let providers = Provider::all(&scene);
    assert_eq!(providers.len(), 6);
    for one in &providers {
        let (name, audience) = (one.text("provider"), one.audience());
        let api = one.api(&scene, one.profile, audience);
        let token = one.access_token();
        for _ in 0..2 {
            let answer = api.bearer(&token);
            assert_eq!(answer.status, 200, "{name}: {answer:?}");
            let body: Value = serde_json::from_str(&answer.body).expect("JSON");
            assert_eq!(body["of"], one.tokens["access"]["payload"]["sub"], "{name}");
        }
        let strict = one.api(&scene, "rfc9068", audience);
        assert!(is_invalid(&strict.bearer(&token)), "{name}");
        let other = one.api(&scene, one.profile, "https://other.example");
        assert!(is_invalid(&other.bearer(&token)), "{name}");
    }
}

#[test]
fn id_tokens_of_providers_are_rejected() {
    let scene = Scene::new();
    for one in Provider::all(&scene) {
        let (name, client) = (one.text("provider"), one.text("client_id"));
        let api = one.api(&scene, one.profile, one.audience());
        assert!(is_invalid(&api.bearer(&one.token("id", |_| {}))), "{name}");
        // Of the code flow, with the client ID as audience of the API, and with roles.
        let api = one.api(&scene, one.profile, client);
        let id_token = |change: &dyn Fn(&mut Value)| {
            one.token("id", |claims| {
                let members = claims.as_object_mut().expect("an object");
                members.retain(|name, _| name != "nonce" && name != "at_hash");
                change(claims);
            })
        };
        let plain = api.bearer(&id_token(&|_| {}));
        let with_roles = api.bearer(&id_token(&|claims| {
            claims["roles"] = json!(["orders:read"]);
        }));
        assert!(is_invalid(&plain) && is_invalid(&with_roles), "{name}");
    }
}

#[test]
fn tokens_of_rfc_9068_are_accepted_without_a_profile() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url]);
    let claims = serde_json::to_value(issuer.claims(&api.url)).expect("claims");
    assert_eq!(api.status(&issuer.sign_value("at+jwt", &claims)), 200);
    assert_eq!(api.status(&issuer.sign_value("JWT", &claims)), 401);
}

#[test]
fn daemons_of_entra_id_have_roles() {
    let scene = Scene::new();
    let entra = Provider::named(&scene, "entra");
    let api = entra.api(&scene, "entra", entra.audience());
    let status = |changes: Value| {
        api.status(&entra.token("access", |claims| {
            let members = claims.as_object_mut().expect("an object");
            members.remove("scp");
            members.remove("roles");
            members.extend(changes.as_object().expect("an object").clone());
        }))
    };
    let roles = json!(["orders:read"]);
    for (changes, expected, what) in [
        (
            json!({ "roles": roles, "idtyp": "app" }),
            200,
            "an application",
        ),
        (
            json!({ "roles": roles, "oid": "o", "sub": "o" }),
            200,
            "without `idtyp`",
        ),
        (
            json!({ "roles": ["other"], "idtyp": "app" }),
            403,
            "another role",
        ),
        (
            json!({ "roles": roles, "scp": "other" }),
            403,
            "a user with a scope",
        ),
        (json!({ "roles": roles }), 401, "a user without a scope"),
        (json!({ "roles": roles, "idtyp": "user" }), 401, "a user"),
        (
            json!({ "roles": roles, "idtyp": "user", "oid": "o", "sub": "o" }),
            401,
            "a user",
        ),
        (
            json!({ "roles": "orders:read", "idtyp": "app" }),
            401,
            "no array",
        ),
        (
            json!({ "roles": ["two words\""], "idtyp": "app" }),
            401,
            "no name",
        ),
        (json!({ "idtyp": "app" }), 401, "neither"),
    ] {
        assert_eq!(status(changes), expected, "{what}");
    }
}

#[test]
fn tokens_of_keycloak_state_their_use() {
    let scene = Scene::new();
    let keycloak = Provider::named(&scene, "keycloak");
    let api = keycloak.api(&scene, "keycloak", keycloak.audience());
    for (typ, expected) in [
        (json!("Bearer"), 200),
        (json!("DPoP"), 200),
        (json!("ID"), 401),
        (json!("Refresh"), 401),
        (json!("bearer"), 401),
        (json!(["Bearer"]), 401),
        (Value::Null, 401),
    ] {
        let token = keycloak.token("access", |claims| {
            claims["scope"] = "orders:read".into();
            claims["typ"] = typ.clone();
            let members = claims.as_object_mut().expect("an object");
            members.retain(|_, value| !value.is_null());
        });
        assert_eq!(api.status(&token), expected, "{typ}");
    }
}

#[test]
fn an_audience_of_cognito_must_be_accepted() {
    let scene = Scene::new();
    let cognito = Provider::named(&scene, "cognito");
    let api = cognito.api(&scene, "cognito", cognito.audience());
    let status = |api: &Api, audience: Value| {
        api.status(&cognito.token("access", |claims| {
            claims["scope"] = "orders:read".into();
            claims["aud"] = audience;
        }))
    };
    let client = cognito.audience();
    let other = "https://other.example";
    for (audience, expected) in [
        (json!(client), 200),
        (json!([other, client]), 200),
        (json!(other), 401),
        (json!([other]), 401),
        (json!([]), 401),
    ] {
        assert_eq!(status(&api, audience.clone()), expected, "{audience}");
    }
    let jwks = cognito.issuer.keys();
    let flags = ["--issuer", cognito.text("issuer"), "--jwks", &jwks];
    let audiences = ["--audience", client, "--audience", "https://api.example"];
    let both = scene.api(&[&flags[..], &audiences, &["--profile", "cognito"]].concat());
    assert_eq!(status(&both, json!("https://api.example")), 200);
    assert_eq!(status(&both, json!(other)), 401);
}

#[test]
fn tokens_of_cognito_state_their_use() {
    let scene = Scene::new();
    let cognito = Provider::named(&scene, "cognito");
    let api = cognito.api(&scene, "cognito", cognito.audience());
    let status = |token_use: Option<&str>| {
        api.status(&cognito.token("access", |claims| {
            let members = claims.as_object_mut().expect("an object");
            members.insert("scope".into(), "orders:read".into());
            members.remove("token_use");
            members.extend(token_use.map(|one| ("token_use".into(), one.into())));
        }))
    };
    assert_eq!(
        [Some("access"), Some("id"), None].map(status),
        [200, 401, 401]
    );
}

#[test]
fn the_client_is_required() {
    let scene = Scene::new();
    for one in Provider::all(&scene) {
        let api = one.api(&scene, one.profile, one.audience());
        let token = one.token("access", |claims| {
            let members = claims.as_object_mut().expect("an object");
            let names = ["azp", "appid", "cid", "client_id"];
            members.retain(|name, _| !names.contains(&&**name));
        });
        assert!(is_invalid(&api.bearer(&token)), "{}", one.text("provider"));
    }
}
