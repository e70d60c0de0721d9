//! The configuration of the server.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jwt_ring::oauth::Scope;
use jwt_ring::{Clock, SystemClock};

use super::keys::Schedule;

/// The configuration of the server, with defaults for all but the issuer and its resources.
#[derive(Clone, Debug)]
pub struct Config {
    /// The issuer identifier: the URL of the server, which may have a path.
    pub issuer: String,
    /// Audiences for which tokens are issued. The first is the default.
    pub resources: Vec<String>,
    /// The scope that clients may be registered for.
    pub scopes: Scope,
    /// The directory of the signing keys. Without one, they are lost when the process ends.
    pub keys: Option<PathBuf>,
    /// The lifetime of access tokens and ID tokens, and when keys rotate.
    pub schedule: Schedule,
    /// Time between two loads of the keys of other servers: more than zero.
    pub sync_keys_every: Duration,
    /// Time for which verifiers may cache the key set: less than `schedule.publish_ahead`.
    pub keys_max_age: Duration,
    /// Lifetime of a code (RFC 6749 §4.1.2).
    pub code_lifetime: Duration,
    /// Lifetime of a grant, counted from the redemption of its code.
    pub grant_lifetime: Duration,
    /// Time within which the response to a refresh must be sent: less than `max_time`.
    pub confirm_within: Duration,
    /// Lifetime of a sign-in page.
    pub page_lifetime: Duration,
    /// Number of guesses at a password after which each further one must wait.
    pub max_guesses: u32,
    /// Maximum wait before a guess, and the time after which one expires. At least 1 second.
    pub max_wait: Duration,
    /// How long a browser is known after a user signed in.
    pub browser_lifetime: Duration,
    /// Whether `X-Forwarded-For` is that of a proxy. Otherwise clients can choose it.
    pub trust_forwarded: bool,
    /// Maximum number of grants of a user to a client, after which the oldest is revoked.
    pub max_grants: NonZeroUsize,
    /// Maximum number of sign-ins that wait until their passwords are checked: of known browsers, and as
    /// many of new ones.
    pub max_waiting: usize,
    /// Whether DPoP proofs must have a nonce of the server (RFC 9449 §8).
    pub dpop_nonces: bool,
    /// Lifetime of a nonce.
    pub dpop_nonce_lifetime: Duration,
    /// Maximum difference between the time of a DPoP proof and now.
    pub dpop_window: Duration,
    /// Maximum difference between the clocks of clients and of this server.
    pub leeway: Duration,
    /// Maximum lifetime of the assertions of clients, to which the leeway is added. Each use is recorded
    /// until the assertion expires.
    pub max_assertion_lifetime: Duration,
    /// Maximum size of the body of a request, in bytes.
    pub max_body: usize,
    /// Maximum time to answer a request.
    pub max_time: Duration,
    /// The source of the time.
    pub clock: Arc<dyn Clock>,
}

impl Config {
    /// Makes a configuration with the defaults.
    pub fn new(issuer: impl Into<String>, resources: impl IntoIterator<Item = String>) -> Self {
        let example = "openid orders:read orders:write";
        Self {
            issuer: issuer.into(),
            resources: resources.into_iter().collect(),
            scopes: example.parse().expect("a scope"),
            keys: None,
            schedule: Schedule {
                publish_ahead: Duration::from_secs(900),
                rotate_after: Duration::from_secs(30 * 24 * 3600),
                token_lifetime: Duration::from_secs(300),
            },
            sync_keys_every: Duration::from_secs(5),
            keys_max_age: Duration::from_secs(300),
            code_lifetime: Duration::from_secs(60),
            grant_lifetime: Duration::from_secs(30 * 24 * 3600),
            confirm_within: Duration::from_secs(5),
            page_lifetime: Duration::from_secs(600),
            max_guesses: 5,
            max_wait: Duration::from_secs(900),
            browser_lifetime: Duration::from_secs(90 * 24 * 3600),
            trust_forwarded: false,
            max_grants: const { NonZeroUsize::new(20).expect("not zero") },
            max_waiting: 64,
            dpop_nonces: false,
            dpop_nonce_lifetime: Duration::from_secs(300),
            dpop_window: Duration::from_secs(60),
            leeway: Duration::from_secs(5),
            max_assertion_lifetime: Duration::from_secs(3_600),
            max_body: 16 * 1024,
            max_time: Duration::from_secs(10),
            clock: Arc::new(SystemClock),
        }
    }
}
