//! The settings of the server, as options of the command line and environment variables.

mod issuers;

use std::path::PathBuf;
use std::time::Duration;

use bpaf::{Bpaf, ParseFailure, Parser};

pub(super) use issuers::DEFAULT_ISSUER;
pub use issuers::IssuerSettings;
use issuers::issuers;

use crate::http;
use crate::program::{self, switch, time_limit};

/// The settings of a resource server.
#[derive(Bpaf, Clone, Debug)]
#[bpaf(ignore_rustdoc)]
pub struct Settings {
    /// None: the example authorization server.
    #[bpaf(external)]
    pub issuers: Vec<IssuerSettings>,
    #[bpaf(external)]
    pub store: String,
    /// Name of what is protected, in challenges
    #[bpaf(
        env("JWT_RING_REALM"), argument("NAME"),
        fallback("orders".to_owned()), display_fallback
    )]
    pub realm: String,
    /// Maximum number of cached verified tokens, for each issuer and scheme
    #[bpaf(
        env("JWT_RING_CACHE"),
        argument("TOKENS"),
        fallback(1_000),
        display_fallback
    )]
    pub cache: usize,
    /// Maximum difference between the clocks of an issuer and of this server
    #[bpaf(
        env("JWT_RING_LEEWAY"),
        argument::<u64>("SECONDS"), fallback(0), display_fallback, map(Duration::from_secs)
    )]
    pub leeway: Duration,
    /// How long the keys of an issuer are used before they are fetched again. A removed key stays
    /// trusted for at most this time and --stale-if-error together
    #[bpaf(
        env("JWT_RING_MAX_AGE"),
        argument::<u64>("SECONDS"), fallback(600), display_fallback, map(Duration::from_secs)
    )]
    pub max_age: Duration,
    /// For how long more the keys are used while they cannot be fetched. With 0, a removed key stays
    /// trusted for at most --max-age
    #[bpaf(
        env("JWT_RING_STALE_IF_ERROR"),
        argument::<u64>("SECONDS"), fallback(3_600), display_fallback, map(Duration::from_secs)
    )]
    pub stale_if_error: Duration,
    /// How long requests wait for new keys before they use those of up to --stale-if-error
    #[bpaf(
        env("JWT_RING_MAX_KEY_WAIT"),
        argument::<u64>("SECONDS"), fallback(1), display_fallback, map(Duration::from_secs)
    )]
    pub max_key_wait: Duration,
    /// Time between two fetches of the keys of an issuer
    #[bpaf(
        env("JWT_RING_COOLDOWN"),
        argument::<u64>("SECONDS"), fallback(30), display_fallback, map(Duration::from_secs)
    )]
    pub cooldown: Duration,
    #[bpaf(external(http::options))]
    pub http: http::Options,
    #[bpaf(external)]
    pub dpop_settings: DpopSettings,
    /// Maximum time since the sign-in for deleting all orders
    #[bpaf(
        env("JWT_RING_MAX_SIGN_IN_AGE"),
        argument::<u64>("SECONDS"), fallback(60), display_fallback, map(Duration::from_secs)
    )]
    pub max_sign_in_age: Duration,
    /// Maximum time to answer a request: 1 to 3600
    #[bpaf(
        env("JWT_RING_MAX_TIME"),
        argument::<u64>("SECONDS"), fallback(10), display_fallback, parse(time_limit)
    )]
    pub max_time: Duration,
}

/// The settings of DPoP (RFC 9449).
#[derive(Bpaf, Clone, Debug)]
#[bpaf(ignore_rustdoc)]
pub struct DpopSettings {
    /// Maximum difference between the time of a DPoP proof and now
    #[bpaf(
        long("dpop-window"), env("JWT_RING_DPOP_WINDOW"),
        argument::<u64>("SECONDS"), fallback(60), display_fallback, map(Duration::from_secs)
    )]
    pub window: Duration,
    /// Whether proofs must have a nonce of this server.
    #[bpaf(external(nonces))]
    pub nonces: bool,
    /// Require nonces made by the secret in this file, of at least 32 random bytes. Default: one that
    /// the servers on a store share
    #[bpaf(
        long("dpop-nonce-secret-file"),
        env("JWT_RING_DPOP_NONCE_SECRET_FILE"),
        argument("FILE")
    )]
    pub nonce_secret_file: Option<PathBuf>,
    /// How long a nonce is accepted
    #[bpaf(
        long("dpop-nonce-lifetime"), env("JWT_RING_DPOP_NONCE_LIFETIME"),
        argument::<u64>("SECONDS"), fallback(300), display_fallback, map(Duration::from_secs)
    )]
    pub nonce_lifetime: Duration,
}

fn store() -> impl Parser<String> {
    program::store("Where the use of DPoP proofs is recorded")
}

fn nonces() -> impl Parser<bool> {
    let help = "Require a nonce of this server in DPoP proofs";
    switch("dpop-nonces", "JWT_RING_DPOP_NONCES", help)
}

impl Settings {
    /// Parses flags, for tests.
    ///
    /// # Errors
    ///
    /// The message for the user, if a flag is unknown or its value is malformed.
    pub fn parse(flags: &[&str]) -> Result<Self, String> {
        let parsed = settings().to_options().run_inner(flags);
        parsed.map_err(message)
    }
}

fn message(failure: ParseFailure) -> String {
    match failure {
        ParseFailure::Stderr(message) => message.monochrome(true),
        _ => "expected flags with values".into(),
    }
}
