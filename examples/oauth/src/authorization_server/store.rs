//! The state of the authorization server: clients, users, pending requests, codes and refresh tokens.
//!
//! Secrets, codes and tokens are stored as SHA-256 hashes, so a leaked store contains no credentials.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::NumericDate;
use jwt_ring::oauth::Scope;
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hmac, pbkdf2};

/// Lifetime of a sign-in page.
const REQUEST_LIFETIME: Duration = Duration::from_secs(600);
/// Lifetime of a code (RFC 6749 §4.1.2).
const CODE_LIFETIME: Duration = Duration::from_secs(60);
/// Lifetime of a grant, counted from the redemption of its code.
const FAMILY_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// Maximum number of passwords tried on one page.
const MAX_TRIES: u32 = 5;
/// Maximum number of pages, of codes and of grants: bounds the memory.
const MAX_ENTRIES: usize = 10_000;
/// PBKDF2 iterations. Use more in production.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(10_000).expect("not zero");

type Hash = [u8; 32];

fn random_bytes() -> Hash {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).expect("random bytes");
    bytes
}

fn sha256(text: &str) -> Hash {
    let digest = digest::digest(&digest::SHA256, text.as_bytes());
    digest.as_ref().try_into().expect("32 bytes")
}

/// Makes a random value of 256 bits for a code, a token or a cookie.
pub(crate) fn random() -> String {
    URL_SAFE_NO_PAD.encode(random_bytes())
}

/// Compares in constant time.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &random_bytes());
    hmac::verify(
        &key,
        one.as_bytes(),
        hmac::sign(&key, other.as_bytes()).as_ref(),
    )
    .is_ok()
}

/// A registered client.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) id: String,
    /// Shown to the user.
    pub(crate) name: String,
    /// Compared exactly, without prefixes or patterns.
    pub(crate) redirect_uris: Vec<String>,
    /// The scope that the client may request.
    pub(crate) scope: Scope,
    /// SHA-256 of the secret in base64url. `None` for a public client.
    secret: Option<String>,
}

impl Client {
    pub fn new(
        id: &str,
        name: &str,
        secret: Option<&str>,
        redirect_uri: &str,
        scope: &str,
    ) -> Self {
        Self {
            id: id.into(),
            name: name.into(),
            redirect_uris: vec![redirect_uri.into()],
            scope: scope.parse().expect("a scope"),
            secret: secret.map(|secret| URL_SAFE_NO_PAD.encode(sha256(secret))),
        }
    }

    pub(crate) fn is_secret(&self, presented: Option<&str>) -> bool {
        match (&self.secret, presented) {
            (None, None) => true,
            (Some(hash), Some(presented)) => {
                is_same(hash, &URL_SAFE_NO_PAD.encode(sha256(presented)))
            }
            _ => false,
        }
    }
}

struct User {
    salt: Hash,
    password: Hash,
}

impl User {
    fn new(password: &str) -> Self {
        let (salt, mut hash) = (random_bytes(), [0; 32]);
        let algorithm = pbkdf2::PBKDF2_HMAC_SHA256;
        pbkdf2::derive(algorithm, ITERATIONS, &salt, password.as_bytes(), &mut hash);
        Self {
            salt,
            password: hash,
        }
    }

    fn is_password(&self, presented: &str) -> bool {
        let algorithm = pbkdf2::PBKDF2_HMAC_SHA256;
        let presented = presented.as_bytes();
        pbkdf2::verify(algorithm, ITERATIONS, &self.salt, presented, &self.password).is_ok()
    }
}

/// A valid authorization request, before the user's decision.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) scope: Scope,
    /// The audience of the access tokens (RFC 8707).
    pub(crate) resource: String,
    /// The PKCE challenge (RFC 7636 §4.2).
    pub(crate) challenge: String,
}

/// What the user granted.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) client_id: String,
    pub(crate) user: String,
    pub(crate) scope: Scope,
    pub(crate) resource: String,
    pub(crate) auth_time: NumericDate,
}

struct Page {
    request: Request,
    /// Hash of the cookie of the browser that received the page.
    browser: Hash,
    tries_left: u32,
    expires: NumericDate,
}

struct Code {
    request: Request,
    grant: Grant,
    expires: NumericDate,
    /// The grant of the tokens issued for the code. Revoked if the code is presented again.
    redeemed: Option<Hash>,
}

/// The refresh tokens of one grant. Each is the family's name and a random value, so a used token
/// identifies its family and used tokens need not be stored.
struct Family {
    grant: Grant,
    /// Hash of the valid refresh token.
    current: Hash,
    expires: NumericDate,
}

/// Error of the token endpoint (RFC 6749 §5.2, RFC 8707 §2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Invalid {
    Grant,
    Scope,
    Target,
}

#[derive(Default)]
pub struct Store {
    clients: HashMap<String, Client>,
    users: HashMap<String, User>,
    pages: HashMap<Hash, Page>,
    codes: HashMap<Hash, Code>,
    /// Keyed by the hash of the family's name.
    families: HashMap<Hash, Family>,
}

impl Store {
    pub fn add_client(&mut self, client: Client) {
        self.clients.insert(client.id.clone(), client);
    }

    pub fn add_user(&mut self, name: &str, password: &str) {
        self.users.insert(name.into(), User::new(password));
    }

    pub(crate) fn client(&self, id: &str) -> Option<&Client> {
        self.clients.get(id)
    }

    /// Stores a request and returns its ticket. `None` if the store is full.
    pub(crate) fn open_page(
        &mut self,
        request: Request,
        cookie: &str,
        now: NumericDate,
    ) -> Option<String> {
        self.pages.retain(|_, page| now < page.expires);
        if self.pages.len() >= MAX_ENTRIES {
            return None;
        }
        let ticket = random();
        let page = Page {
            request,
            browser: sha256(cookie),
            tries_left: MAX_TRIES,
            expires: now.saturating_add(REQUEST_LIFETIME),
        };
        self.pages.insert(sha256(&ticket), page);
        Some(ticket)
    }

    /// Returns the request of a page if the page was sent to this browser and has not expired.
    pub(crate) fn page(&self, ticket: &str, cookie: &str, now: NumericDate) -> Option<&Request> {
        let page = self.pages.get(&sha256(ticket))?;
        let is_valid = page.browser == sha256(cookie) && now < page.expires && page.tries_left > 0;
        is_valid.then_some(&page.request)
    }

    pub(crate) fn close_page(&mut self, ticket: &str) -> Option<Request> {
        let page = self.pages.remove(&sha256(ticket))?;
        Some(page.request)
    }

    /// Checks a password and counts the attempt.
    pub(crate) fn sign_in(&mut self, ticket: &str, user: &str, password: &str) -> bool {
        let Some(page) = self.pages.get_mut(&sha256(ticket)) else {
            return false;
        };
        let Some(tries_left) = page.tries_left.checked_sub(1) else {
            return false;
        };
        page.tries_left = tries_left;
        match self.users.get(user) {
            Some(user) => user.is_password(password),
            // Takes as long as for a user, so that the time does not reveal which users exist.
            None => {
                User::new(password);
                false
            }
        }
    }

    /// Closes the page and makes a code for its request. `None` if the store is full or the page is
    /// already closed.
    pub(crate) fn make_code(
        &mut self,
        ticket: &str,
        user: &str,
        now: NumericDate,
    ) -> Option<String> {
        let request = self.close_page(ticket)?;
        self.codes.retain(|_, code| now < code.expires);
        if self.codes.len() >= MAX_ENTRIES {
            return None;
        }
        let code = random();
        let grant = Grant {
            client_id: request.client_id.clone(),
            user: user.into(),
            scope: request.scope.clone(),
            resource: request.resource.clone(),
            auth_time: NumericDate::from_seconds(now.seconds()),
        };
        let expires = now.saturating_add(CODE_LIFETIME);
        let redeemed = None;
        self.codes.insert(
            sha256(&code),
            Code {
                request,
                grant,
                expires,
                redeemed,
            },
        );
        Some(code)
    }

    /// Redeems a code once, if the client, the redirect URI and the PKCE verifier are those of its
    /// request. Returns the grant and the first refresh token.
    pub(crate) fn redeem(
        &mut self,
        code: &str,
        client_id: &str,
        redirect_uri: &str,
        verifier: &str,
        resource: Option<&str>,
        now: NumericDate,
    ) -> Result<(Grant, String), Invalid> {
        let hash = sha256(code);
        let code = self.codes.get(&hash).ok_or(Invalid::Grant)?;
        if code.request.client_id != client_id {
            return Err(Invalid::Grant);
        }
        if let Some(family) = code.redeemed {
            // The code was stolen: revoke the tokens issued for it (RFC 6749 §4.1.2).
            self.families.remove(&family);
            return Err(Invalid::Grant);
        }
        let challenge = URL_SAFE_NO_PAD.encode(sha256(verifier));
        if now >= code.expires
            || code.request.redirect_uri != redirect_uri
            || !is_same(&code.request.challenge, &challenge)
        {
            return Err(Invalid::Grant);
        }
        let grant = code.grant.clone();
        check_target(&grant, resource)?;
        let (family, token) = self
            .start_family(grant.clone(), now)
            .ok_or(Invalid::Grant)?;
        if let Some(code) = self.codes.get_mut(&hash) {
            code.redeemed = Some(family);
        }
        Ok((grant, token))
    }

    fn start_family(&mut self, grant: Grant, now: NumericDate) -> Option<(Hash, String)> {
        self.families.retain(|_, family| now < family.expires);
        if self.families.len() >= MAX_ENTRIES {
            return None;
        }
        let name = random();
        let token = format!("{name}.{}", random());
        let family = Family {
            grant,
            current: sha256(&token),
            expires: now.saturating_add(FAMILY_LIFETIME),
        };
        let hash = sha256(&name);
        self.families.insert(hash, family);
        Some((hash, token))
    }

    /// Exchanges a refresh token for the next one. A used token revokes its family, because one of
    /// the two parties that presented it stole it (RFC 9700 §4.14.2).
    pub(crate) fn refresh(
        &mut self,
        token: &str,
        client_id: &str,
        scope: Option<Scope>,
        resource: Option<&str>,
        now: NumericDate,
    ) -> Result<(Grant, String), Invalid> {
        let (name, _) = token.split_once('.').ok_or(Invalid::Grant)?;
        let hash = sha256(name);
        let family = self.families.get_mut(&hash).ok_or(Invalid::Grant)?;
        if family.grant.client_id != client_id || now >= family.expires {
            return Err(Invalid::Grant);
        }
        if family.current != sha256(token) {
            self.families.remove(&hash);
            return Err(Invalid::Grant);
        }
        let mut grant = family.grant.clone();
        check_target(&grant, resource)?;
        if let Some(scope) = scope {
            if !scope.is_subset(&grant.scope) {
                return Err(Invalid::Scope);
            }
            grant.scope = scope;
        }
        let next = format!("{name}.{}", random());
        family.current = sha256(&next);
        Ok((grant, next))
    }

    /// Revokes the family of a refresh token of the client (RFC 7009 §2.1).
    pub(crate) fn revoke(&mut self, token: &str, client_id: &str) {
        let hash = sha256(token.split('.').next().unwrap_or_default());
        if let Some(family) = self.families.get(&hash)
            && family.grant.client_id == client_id
        {
            self.families.remove(&hash);
        }
    }
}

/// Checks that a requested resource is that of the grant (RFC 8707 §2.2).
fn check_target(grant: &Grant, resource: Option<&str>) -> Result<(), Invalid> {
    match resource {
        Some(resource) if resource != grant.resource => Err(Invalid::Target),
        _ => Ok(()),
    }
}
