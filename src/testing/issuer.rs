//! The issuer of the tokens.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::draft::Draft;
use super::rules;
use super::token::{InvalidToken, Profile, TestToken};
use crate::algorithm::Algorithm;
use crate::base64url;
use crate::clock::Clock;
use crate::key::SigningKey;
use crate::key_set::KeySet;

/// The lifetime of valid tokens, in seconds.
const LIFETIME: i64 = 300;

/// The time until a token becomes valid that is not valid yet.
const NOT_YET: Duration = Duration::from_secs(30);

/// The RSA key of an attacker, which *ring* cannot generate. It is published with the sources.
///
/// `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 | openssl pkcs8 -topk8 -nocrypt -outform DER`
const ATTACKER_RSA: &[u8] = include_bytes!("attacker_rsa.pkcs8.der");

/// An issuer for tests, with keys of its own.
///
/// The key that signs is generated for ES256, and has the `kid` `test-1`. Valid tokens have `iss`, `sub`
/// (`user-42`), `aud`, `exp` (in 5 minutes), `iat`, `jti` and, for the OAuth profiles, `client_id`
/// (`web-shop`).
///
/// Clones share the keys, so a clone with other claims is the same issuer to the service.
///
/// # Panics
///
/// Methods that return tokens panic if the operating system returns no random bytes.
#[derive(Clone, Debug)]
pub struct Issuer {
    clock: Arc<dyn Clock>,
    pub(super) issuer: String,
    pub(super) audience: String,
    keys: Arc<Keys>,
    claims: Map<String, Value>,
    pub(super) typ: Option<String>,
    pub(super) leeway: Duration,
    pub(super) method: String,
    pub(super) uri: String,
    pub(super) nonce: Option<String>,
    except: Vec<String>,
}

#[derive(Debug)]
struct Keys {
    issuer: SigningKey,
    /// A key that no service trusts, with the same algorithm and `kid`.
    other: SigningKey,
    /// The key that tokens are bound to.
    client: SigningKey,
    /// The key of a client that no token is bound to.
    thief: SigningKey,
    /// The number of tokens, for `jti`.
    count: AtomicU64,
}

/// Setting up.
impl Issuer {
    /// Makes an issuer of tokens for an audience. The service must use the same clock.
    ///
    /// A [`SystemClock`](crate::SystemClock) serves as well, if each token is presented within 30 seconds.
    ///
    /// # Panics
    ///
    /// Panics if the operating system returns no random bytes.
    #[must_use]
    pub fn new(
        clock: impl Clock + 'static,
        issuer: impl Into<String>,
        audience: impl Into<String>,
    ) -> Self {
        let audience = audience.into();
        Self {
            clock: Arc::new(clock),
            issuer: issuer.into(),
            keys: Arc::new(Keys::new(generate(Algorithm::ES256))),
            claims: Map::new(),
            typ: None,
            leeway: Duration::ZERO,
            method: "GET".into(),
            uri: audience.clone(),
            audience,
            nonce: None,
            except: Vec::new(),
        }
    }

    /// Replaces the key that signs, for services that accept other algorithms than ES256, or that need the
    /// public key itself. *ring* does not generate RSA keys: load one that only tests use. A key without an
    /// id gets `test-1`.
    ///
    /// ```
    /// use jwt_ring::testing::Issuer;
    /// use jwt_ring::{Algorithm, SigningKey, SystemClock};
    ///
    /// let key = SigningKey::generate(Algorithm::EdDSA)?;
    /// let public_key = key.verifying_key().to_spki_pem()?; // for the configuration of the service
    /// let issuer = Issuer::new(SystemClock, "https://issuer.example", "https://api.example").key(key);
    /// # Ok::<(), jwt_ring::KeyError>(())
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the operating system returns no random bytes.
    #[must_use]
    pub fn key(mut self, key: SigningKey) -> Self {
        self.keys = Arc::new(Keys::new(key));
        self
    }

    /// Sets a claim of all tokens, for instance the scope that the service requires. `null` leaves out one
    /// of the default claims; a rule that requires it must then be left out, too, with
    /// [`except`](Self::except).
    ///
    /// For a token with several audiences, set `aud` to an array that has the audience of the service.
    #[must_use]
    pub fn claim(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.claims.insert(name.into(), value.into());
        self
    }

    /// Sets the `typ` of valid tokens, for a service that expects its own (RFC 8725 §3.11). Default: `JWT`
    /// for [`Profile::Plain`], else `at+jwt`.
    ///
    /// With it, tokens of [`Profile::Plain`] without `typ` and with `JWT` are among the invalid ones. If it
    /// is that of an invalid token, leave that out with [`except`](Self::except).
    #[must_use]
    pub fn typ(mut self, typ: impl Into<String>) -> Self {
        self.typ = Some(typ.into());
        self
    }

    /// Sets the leeway of the service, by which tokens at the edge are expired, or not yet valid. Default:
    /// 0.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    /// Sets the request that proofs are for. Default: `GET`, and the audience as the URI.
    #[must_use]
    pub fn request(mut self, method: impl Into<String>, uri: impl Into<String>) -> Self {
        self.method = method.into();
        self.uri = uri.into();
        self
    }

    /// Sets the `nonce` of proofs, for a service that requires one (RFC 9449 §8).
    #[must_use]
    pub fn nonce(mut self, nonce: impl Into<String>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// Leaves out an invalid token by its name, for a rule that the service does not follow on purpose.
    ///
    /// # Panics
    ///
    /// Panics if no profile has a token of this name.
    #[must_use]
    #[track_caller]
    pub fn except(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        assert!(
            rules::is_name(&name),
            "expected the name of an invalid token, found {name:?}"
        );
        self.except.push(name);
        self
    }
}

/// Keys and tokens.
impl Issuer {
    /// Returns the key of the issuer as a key set.
    #[must_use]
    pub fn key_set(&self) -> KeySet {
        KeySet::from_iter([self.keys.issuer.verifying_key()])
    }

    /// Returns the text of the key set: what the issuer publishes at its `jwks_uri`. It leaves out a
    /// symmetric key.
    #[must_use]
    pub fn jwks(&self) -> String {
        json!(self.key_set()).to_string()
    }

    /// Makes a valid token. For [`Profile::Dpop`] it has a proof, which the service may accept once.
    #[must_use]
    pub fn token(&self, profile: Profile) -> TestToken {
        self.present(profile, self.draft(profile).sign())
    }

    /// Makes a valid ID token for a client (OpenID Connect Core §2).
    #[must_use]
    pub fn id_token(&self, client_id: &str) -> String {
        let draft = self.draft(Profile::Plain);
        draft.header("typ", "JWT").claim("aud", client_id).sign()
    }

    /// Makes one invalid token for each rule of the profile. Each is made when the iterator gets to it.
    ///
    /// [`assert_rejects_all`](super::assert_rejects_all) presents them all. To present them yourself,
    /// present [`InvalidToken::first`] before the token if there is one, and valid tokens
    /// ([`token`](Self::token)) before and after all: they show that the service does not reject
    /// everything.
    pub fn invalid_tokens(&self, profile: Profile) -> impl Iterator<Item = InvalidToken> {
        let is_wanted = |invalid: &InvalidToken| !self.except.iter().any(|one| one == invalid.name);
        rules::invalid_tokens(self, profile).filter(is_wanted)
    }
}

/// The parts of tokens.
impl Issuer {
    pub(super) fn draft(&self, profile: Profile) -> Draft<'_> {
        let key = &self.keys.issuer;
        let now = self.clock.now().seconds();
        let typ = match profile {
            Profile::Plain => "JWT",
            Profile::AccessToken | Profile::Dpop => "at+jwt",
        };
        let typ = self.typ.as_deref().unwrap_or(typ);
        let header = json!({ "alg": key.algorithm().name(), "kid": key.id(), "typ": typ });
        let claims = json!({
            "iss": self.issuer, "sub": "user-42", "aud": self.audience, "jti": self.jwt_id(),
            "iat": now, "exp": now.saturating_add(LIFETIME),
        });
        let draft = Draft {
            issuer: self,
            key,
            header: members(header),
            claims: members(claims),
        };
        let draft = match profile {
            Profile::Plain => draft,
            Profile::AccessToken => draft.claim("client_id", "web-shop"),
            Profile::Dpop => draft
                .claim("client_id", "web-shop")
                .claim("cnf", json!({ "jkt": thumbprint(&self.keys.client) })),
        };
        self.with_own_claims(draft)
    }

    /// Adds the scheme of the profile, and a valid proof if it requires one.
    pub(super) fn present(&self, profile: Profile, text: String) -> TestToken {
        match profile {
            Profile::Plain | Profile::AccessToken => TestToken::bearer(text),
            Profile::Dpop => {
                let proof = self.proof(&text).sign();
                TestToken::dpop(text, vec![proof])
            }
        }
    }

    fn with_own_claims<'a>(&self, draft: Draft<'a>) -> Draft<'a> {
        self.claims
            .iter()
            .fold(draft, |draft, (name, value)| match value {
                Value::Null => draft.without_claim(name),
                _ => draft.claim(name, value.clone()),
            })
    }

    /// Makes a proof of the client for a token.
    pub(super) fn proof(&self, token: &str) -> Draft<'_> {
        let key = &self.keys.client;
        let uri = self.uri.split(['?', '#']).next().unwrap_or_default();
        let header = json!({
            "alg": key.algorithm().name(), "typ": "dpop+jwt", "jwk": jwk(key),
        });
        let claims = json!({
            "jti": self.jwt_id(), "htm": self.method, "htu": uri, "ath": token_hash(token),
            "iat": self.clock.now().seconds(),
        });
        let draft = Draft {
            issuer: self,
            key,
            header: members(header),
            claims: members(claims),
        };
        match &self.nonce {
            None => draft,
            Some(nonce) => draft.claim("nonce", nonce.as_str()),
        }
    }

    /// Returns a key that no service trusts, with the `kid` of the issuer's.
    pub(super) fn other_key(&self) -> &SigningKey {
        &self.keys.other
    }

    /// Returns the key of a client that no token is bound to.
    pub(super) fn thief(&self) -> &SigningKey {
        &self.keys.thief
    }

    pub(super) fn is_symmetric(&self) -> bool {
        self.keys.issuer.verifying_key().is_symmetric()
    }

    /// Returns the latest `exp` of a token that has expired, in seconds.
    pub(super) fn expired(&self) -> i64 {
        self.clock.now().saturating_sub(self.leeway).seconds()
    }

    /// Returns the `nbf` of a token that is not valid yet, in seconds. It is not the next second: a slow
    /// test may present the token later, by a clock that runs.
    pub(super) fn not_yet(&self) -> i64 {
        let ahead = NOT_YET.saturating_add(self.leeway);
        self.clock.now().saturating_add(ahead).seconds()
    }

    /// Returns a `jti` that no token had.
    fn jwt_id(&self) -> String {
        let number = self.keys.count.fetch_add(1, Ordering::Relaxed);
        format!("{number}-{}", thumbprint(&self.keys.client))
    }
}

impl Keys {
    fn new(key: SigningKey) -> Self {
        let issuer = match key.id() {
            Some(_) => key,
            None => key.with_id("test-1"),
        };
        let other = SigningKey::from_der(issuer.algorithm(), ATTACKER_RSA)
            .unwrap_or_else(|_| generate(issuer.algorithm()));
        Self {
            other: other.with_id(issuer.id().unwrap_or_default()),
            issuer,
            client: generate(Algorithm::ES256),
            thief: generate(Algorithm::ES256),
            count: AtomicU64::new(1),
        }
    }
}

#[expect(clippy::expect_used, reason = "a test cannot go on without keys")]
pub(super) fn generate(algorithm: Algorithm) -> SigningKey {
    SigningKey::generate(algorithm).expect("random bytes")
}

#[expect(clippy::expect_used, reason = "a test cannot go on without tokens")]
pub(super) fn sign(key: &SigningKey, message: &[u8]) -> Vec<u8> {
    let signature = key.sign(message).expect("random bytes");
    signature.as_ref().to_vec()
}

/// Returns the thumbprint of a key that is not symmetric.
pub(super) fn thumbprint(key: &SigningKey) -> String {
    key.verifying_key().thumbprint().unwrap_or_default()
}

/// Returns the JWK of a generated key, public unless it is symmetric.
pub(super) fn jwk(key: &SigningKey) -> Value {
    match key.secret_bytes() {
        Ok(secret) => json!({ "kty": "oct", "k": base64url::encode(secret) }),
        Err(_) => json!(key.verifying_key()),
    }
}

/// Returns the `ath` of a token (RFC 9449 §4.2).
pub(super) fn token_hash(token: &str) -> String {
    base64url::encode(&crate::key::sha256(token.as_bytes()))
}

/// Returns the members of an object.
fn members(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
