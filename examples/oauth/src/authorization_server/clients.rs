//! The registered clients, with the names of dynamic client registration (RFC 7591 §2).

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use jwt_ring::KeySet;
use jwt_ring::oauth::Scope;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use url::Url;

use super::crypto;
use super::error::Error;
use super::redirect_uri::RedirectUri;

/// How a client authenticates at the token endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    ClientSecretBasic,
    ClientSecretPost,
    PrivateKeyJwt,
    /// A public client, which has no secret.
    None,
}

/// A grant that a client may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
}

impl GrantType {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
        }
    }
}

/// A client in the file of clients.
#[derive(Deserialize)]
// A misspelled name must not silently leave a client without, for instance, DPoP.
#[serde(deny_unknown_fields)]
struct Registration {
    client_id: String,
    client_secret: Option<Secret>,
    client_name: Option<String>,
    #[serde(default)]
    redirect_uris: Vec<String>,
    #[serde(default)]
    scope: Scope,
    #[serde(default = "only_codes")]
    grant_types: Vec<GrantType>,
    token_endpoint_auth_method: Option<AuthMethod>,
    #[serde(default)]
    jwks: KeySet,
    #[serde(default)]
    dpop_bound_access_tokens: bool,
}

/// Returns the default of RFC 7591 §2.
fn only_codes() -> Vec<GrantType> {
    vec![GrantType::AuthorizationCode]
}

/// The SHA-256 hash of a secret. A short secret can be guessed from it, a random one of 128 bits cannot.
#[derive(Clone)]
struct Secret(String);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)? {
            secret if secret.is_empty() => Err(serde::de::Error::custom(
                "expected a client_secret, found an empty text",
            )),
            secret => Ok(Self(crypto::sha256(&secret))),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A registered client.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "Registration")]
pub struct Client {
    pub(super) id: String,
    /// Shown to the user.
    pub(super) name: String,
    redirect_uris: Vec<RedirectUri>,
    /// The scope that the client may request.
    pub(super) scope: Scope,
    grant_types: Vec<GrantType>,
    secret: Option<Secret>,
    methods: Vec<AuthMethod>,
    /// The keys of its assertions.
    pub(super) keys: KeySet,
    /// Whether all its access tokens must be bound to a key (RFC 9449 §5.2).
    pub(super) requires_dpop: bool,
}

impl Client {
    pub(super) fn is_public(&self) -> bool {
        self.methods == [AuthMethod::None]
    }

    pub(super) fn allows_method(&self, method: AuthMethod) -> bool {
        self.methods.contains(&method)
    }

    pub(super) fn allows_grant(&self, grant_type: GrantType) -> bool {
        self.grant_types.contains(&grant_type)
    }

    /// Returns the redirect URI as a URL if the client registered it (RFC 6749 §3.1.2.3).
    pub(super) fn redirect(&self, uri: &str) -> Option<Url> {
        self.redirect_uris.iter().find(|one| one.matches(uri))?;
        Url::parse(uri).ok()
    }

    /// Returns the requested scope if the client may request it, or all that it may request.
    pub(super) fn scope(&self, requested: Option<Scope>) -> Result<Scope, Error> {
        let scope = requested.unwrap_or_else(|| self.scope.clone());
        match scope.is_subset(&self.scope) {
            true => Ok(scope),
            false => Err(Error::new(
                "invalid_scope",
                "the client may not request this scope",
            )),
        }
    }

    /// Returns the part of a scope that the client may have.
    pub(super) fn allowed(&self, scope: &Scope) -> Scope {
        let allowed = scope.iter().filter(|name| self.scope.contains(name));
        let allowed = allowed.collect::<Vec<_>>().join(" ");
        // Names of a scope are one.
        allowed.parse().unwrap_or_default()
    }

    pub(super) fn is_secret(&self, presented: &str) -> bool {
        let hash = crypto::sha256(presented);
        let secret = self.secret.as_ref();
        secret.is_some_and(|Secret(secret)| crypto::is_same(secret, &hash))
    }
}

impl TryFrom<Registration> for Client {
    type Error = &'static str;

    fn try_from(client: Registration) -> Result<Self, &'static str> {
        let methods = methods(&client)?;
        let is_public = methods == [AuthMethod::None];
        let has = |grant_type| client.grant_types.contains(&grant_type);
        if client.client_id.is_empty() || client.client_id.len() > 255 {
            return Err("expected a client_id of 1 to 255 bytes");
        }
        if has(GrantType::ClientCredentials) && is_public {
            return Err("expected a confidential client for the grant type client_credentials");
        }
        if has(GrantType::AuthorizationCode) == client.redirect_uris.is_empty() {
            return Err(
                "expected redirect_uris for the grant type authorization_code, and only for it",
            );
        }
        let redirect_uris = client.redirect_uris.iter();
        let redirect_uris = redirect_uris.map(|uri| RedirectUri::new(uri, is_public));
        Ok(Self {
            redirect_uris: redirect_uris.collect::<Result<_, _>>()?,
            name: client
                .client_name
                .unwrap_or_else(|| client.client_id.clone()),
            id: client.client_id,
            scope: client.scope,
            grant_types: client.grant_types,
            secret: client.client_secret,
            methods,
            keys: client.jwks,
            requires_dpop: client.dpop_bound_access_tokens,
        })
    }
}

/// Returns the methods of a client. Without `token_endpoint_auth_method`, it must have a secret, so that a
/// missing secret does not make the client public.
fn methods(client: &Registration) -> Result<Vec<AuthMethod>, &'static str> {
    use AuthMethod::{ClientSecretBasic, ClientSecretPost, None as Public, PrivateKeyJwt};
    let (has_secret, has_keys) = (client.client_secret.is_some(), !client.jwks.is_empty());
    match (client.token_endpoint_auth_method, has_secret, has_keys) {
        (None, true, false) => Ok(vec![ClientSecretBasic, ClientSecretPost]),
        (Some(method @ (ClientSecretBasic | ClientSecretPost)), true, false)
        | (Some(method @ PrivateKeyJwt), false, true)
        | (Some(method @ Public), false, false) => Ok(vec![method]),
        (None, ..) => Err(
            "expected a client_secret, or the token_endpoint_auth_method none or private_key_jwt",
        ),
        (Some(ClientSecretBasic | ClientSecretPost), ..) => {
            Err("expected a client_secret and no jwks for this token_endpoint_auth_method")
        }
        (Some(PrivateKeyJwt), ..) => {
            Err("expected jwks with a public key, and no client_secret, for private_key_jwt")
        }
        (Some(Public), ..) => {
            Err("expected neither client_secret nor jwks for the token_endpoint_auth_method none")
        }
    }
}

/// The error of loading clients.
#[derive(Debug, thiserror::Error)]
pub enum ClientsError {
    #[error("expected a JSON array of clients: {0}")]
    Json(serde_json::Error),
    /// The client at this index, and its `client_id` if it has one.
    #[error("client {index} ({client_id}): {error}")]
    Client {
        index: usize,
        client_id: String,
        error: serde_json::Error,
    },
    #[error("two clients have the client_id {0}")]
    Duplicate(String),
}

/// The registered clients by their IDs.
#[derive(Clone, Debug, Default)]
pub struct Clients(HashMap<String, Arc<Client>>);

impl Clients {
    /// Reads a JSON array of clients.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is no such array, or a client is invalid or registered twice.
    pub fn from_json(json: &str) -> Result<Self, ClientsError> {
        let registrations: Vec<Value> = serde_json::from_str(json).map_err(ClientsError::Json)?;
        let mut clients = Self::default();
        for (index, registration) in registrations.into_iter().enumerate() {
            let client_id = registration["client_id"].as_str().unwrap_or("no client_id");
            let client_id = client_id.to_owned();
            let client =
                serde_json::from_value(registration).map_err(|error| ClientsError::Client {
                    index,
                    client_id,
                    error,
                })?;
            clients.add(client)?;
        }
        Ok(clients)
    }

    /// Adds a client.
    ///
    /// # Errors
    ///
    /// Returns [`ClientsError::Duplicate`] if there is a client with the same ID.
    pub fn add(&mut self, client: Client) -> Result<(), ClientsError> {
        match self.0.contains_key(&client.id) {
            true => Err(ClientsError::Duplicate(client.id)),
            false => {
                self.0.insert(client.id.clone(), Arc::new(client));
                Ok(())
            }
        }
    }

    pub(super) fn get(&self, id: &str) -> Option<&Arc<Client>> {
        self.0.get(id)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Client> {
        self.0.values().map(Arc::as_ref)
    }
}

/// The clients of the example: `shop` has a secret, `app` is a native app, `service` has no user.
pub const EXAMPLE_CLIENTS: &str = r#"[
    {
        "client_id": "shop",
        "client_secret": "shop-secret-for-local-tests",
        "client_name": "The Web Shop",
        "redirect_uris": ["http://127.0.0.1:8082/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "scope": "openid orders:read orders:write"
    },
    {
        "client_id": "app",
        "client_name": "The App",
        "redirect_uris": ["http://127.0.0.1/callback", "http://[::1]/callback"],
        "grant_types": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_method": "none",
        "scope": "openid orders:read orders:write"
    },
    {
        "client_id": "service",
        "client_secret": "service-secret-for-local-tests",
        "grant_types": ["client_credentials"],
        "scope": "orders:read"
    }
]"#;
