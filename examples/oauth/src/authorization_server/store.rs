//! What the authorization server knows: who may ask, what was granted, and which codes and refresh
//! tokens are out.
//!
//! Whatever opens a door is kept as its SHA-256 only: whoever steals the store has no key to it.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::NumericDate;
use jwt_ring::oauth::Scope;
use ring::rand::{SecureRandom, SystemRandom};
use ring::{digest, hmac, pbkdf2};

/// How long a user may take over the page.
const REQUEST_LIFETIME: Duration = Duration::from_secs(600);
/// How long a client may take to redeem a code (RFC 6749 §4.1.2).
const CODE_LIFETIME: Duration = Duration::from_secs(60);
/// How long a client may stay away before the user must sign in again.
const FAMILY_LIFETIME: Duration = Duration::from_secs(30 * 24 * 3600);
/// How many passwords may be tried on one page.
const TRIES: u32 = 5;
/// How many things of one kind are kept, so that nobody fills the memory.
const ROOM: usize = 10_000;
/// What a stolen password costs to guess. More, where it is not an example.
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

/// Makes a code, a refresh token or the like: 256 random bits.
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

/// A client, as it was registered.
#[derive(Clone, Debug)]
pub struct Client {
    pub(crate) id: String,
    /// What the user reads.
    pub(crate) name: String,
    /// Compared as a whole: no prefix and no pattern is enough.
    pub(crate) redirect_uris: Vec<String>,
    /// The most that it can ask for.
    pub(crate) scope: Scope,
    /// Of its secret; none for a client that cannot keep one.
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

/// What a client asks for, once it was checked, and before the user decided.
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
    /// Of the cookie of the browser that the page was sent to.
    browser: Hash,
    tries: u32,
    expires: NumericDate,
}

struct Code {
    request: Request,
    grant: Grant,
    expires: NumericDate,
    /// The family that it was redeemed for: presented again, it kills that.
    redeemed: Option<Hash>,
}

/// The refresh tokens that came one after the other out of one grant. Each is the name of the
/// family and a secret of its own, so that those which were used before need not be kept to be known
/// again.
struct Family {
    grant: Grant,
    /// Of the one that is good.
    current: Hash,
    expires: NumericDate,
}

/// Why there are no tokens (RFC 6749 §5.2).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Refused {
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
    /// By the hash of their names.
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

    /// Keeps a request while the user reads the page. `None` if there is no room.
    pub(crate) fn open_page(
        &mut self,
        request: Request,
        cookie: &str,
        now: NumericDate,
    ) -> Option<String> {
        self.pages.retain(|_, page| now < page.expires);
        if self.pages.len() >= ROOM {
            return None;
        }
        let ticket = random();
        let page = Page {
            request,
            browser: sha256(cookie),
            tries: TRIES,
            expires: now.saturating_add(REQUEST_LIFETIME),
        };
        self.pages.insert(sha256(&ticket), page);
        Some(ticket)
    }

    /// The request of a page, if it was sent to this browser and is not too old.
    pub(crate) fn page(&self, ticket: &str, cookie: &str, now: NumericDate) -> Option<&Request> {
        let page = self.pages.get(&sha256(ticket))?;
        let is_good = page.browser == sha256(cookie) && now < page.expires && page.tries > 0;
        is_good.then_some(&page.request)
    }

    pub(crate) fn close_page(&mut self, ticket: &str) -> Option<Request> {
        let page = self.pages.remove(&sha256(ticket))?;
        Some(page.request)
    }

    /// Checks a password, and counts the tries.
    pub(crate) fn sign_in(&mut self, ticket: &str, user: &str, password: &str) -> bool {
        let Some(page) = self.pages.get_mut(&sha256(ticket)) else {
            return false;
        };
        let Some(tries) = page.tries.checked_sub(1) else {
            return false;
        };
        page.tries = tries;
        match self.users.get(user) {
            Some(user) => user.is_password(password),
            // As long as with a user, so that the time does not tell who is one.
            None => {
                User::new(password);
                false
            }
        }
    }

    /// Closes the page, and makes a code for what the user allowed. `None` if there is no room, or
    /// the page was closed in the meantime.
    pub(crate) fn make_code(
        &mut self,
        ticket: &str,
        user: &str,
        now: NumericDate,
    ) -> Option<String> {
        let request = self.close_page(ticket)?;
        self.codes.retain(|_, code| now < code.expires);
        if self.codes.len() >= ROOM {
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

    /// Redeems a code once, by the client that it was made for, with the redirect URI and the
    /// verifier of its request. Returns the grant and the first refresh token.
    pub(crate) fn redeem(
        &mut self,
        code: &str,
        client_id: &str,
        redirect_uri: &str,
        verifier: &str,
        resource: Option<&str>,
        now: NumericDate,
    ) -> Result<(Grant, String), Refused> {
        let hash = sha256(code);
        let code = self.codes.get(&hash).ok_or(Refused::Grant)?;
        if code.request.client_id != client_id {
            return Err(Refused::Grant);
        }
        if let Some(family) = code.redeemed {
            // Somebody has the code who should not, and nobody knows who (RFC 6749 §4.1.2).
            self.families.remove(&family);
            return Err(Refused::Grant);
        }
        let challenge = URL_SAFE_NO_PAD.encode(sha256(verifier));
        if now >= code.expires
            || code.request.redirect_uri != redirect_uri
            || !is_same(&code.request.challenge, &challenge)
        {
            return Err(Refused::Grant);
        }
        let grant = code.grant.clone();
        check_target(&grant, resource)?;
        let (family, token) = self
            .start_family(grant.clone(), now)
            .ok_or(Refused::Grant)?;
        if let Some(code) = self.codes.get_mut(&hash) {
            code.redeemed = Some(family);
        }
        Ok((grant, token))
    }

    fn start_family(&mut self, grant: Grant, now: NumericDate) -> Option<(Hash, String)> {
        self.families.retain(|_, family| now < family.expires);
        if self.families.len() >= ROOM {
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

    /// Exchanges a refresh token for the next one. One that was exchanged before was stolen, from
    /// the client or by it: the family dies (RFC 9700 §4.14.2).
    pub(crate) fn refresh(
        &mut self,
        token: &str,
        client_id: &str,
        scope: Option<Scope>,
        resource: Option<&str>,
        now: NumericDate,
    ) -> Result<(Grant, String), Refused> {
        let (name, _) = token.split_once('.').ok_or(Refused::Grant)?;
        let hash = sha256(name);
        let family = self.families.get_mut(&hash).ok_or(Refused::Grant)?;
        if family.grant.client_id != client_id || now >= family.expires {
            return Err(Refused::Grant);
        }
        if family.current != sha256(token) {
            self.families.remove(&hash);
            return Err(Refused::Grant);
        }
        let mut grant = family.grant.clone();
        check_target(&grant, resource)?;
        if let Some(scope) = scope {
            if !scope.is_subset(&grant.scope) {
                return Err(Refused::Scope);
            }
            grant.scope = scope;
        }
        let next = format!("{name}.{}", random());
        family.current = sha256(&next);
        Ok((grant, next))
    }

    /// Revokes a refresh token of the client, and its family (RFC 7009 §2.1).
    pub(crate) fn revoke(&mut self, token: &str, client_id: &str) {
        let hash = sha256(token.split('.').next().unwrap_or_default());
        if let Some(family) = self.families.get(&hash)
            && family.grant.client_id == client_id
        {
            self.families.remove(&hash);
        }
    }
}

/// A client may name the resource again, and no other (RFC 8707 §2.2).
fn check_target(grant: &Grant, resource: Option<&str>) -> Result<(), Refused> {
    match resource {
        Some(resource) if resource != grant.resource => Err(Refused::Target),
        _ => Ok(()),
    }
}
