//! The settings of the server, as options of the command line and variables of the environment.

use std::path::PathBuf;
use std::time::Duration;

use bpaf::{Bpaf, ParseFailure, Parser};

use super::profile::Profile;
use crate::http;
use crate::program::{self, switch, time_limit};

/// The settings of a resource server.
#[derive(Bpaf, Clone, Debug)]
#[bpaf(ignore_rustdoc)]
pub struct Settings {
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

/// The settings of one issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerSettings {
    pub issuer: String,
    /// Its tokens must be for one of these. None: for the URL of the resource.
    pub audiences: Vec<String>,
    /// The address of its keys. `None`: that in its metadata.
    pub jwks: Option<String>,
    pub profile: Profile,
}

/// The flags that describe issuers, of which the order counts.
#[derive(Bpaf, Clone, Debug)]
#[bpaf(ignore_rustdoc)]
enum IssuerFlag {
    Issuer {
        /// Trust this issuer, byte for byte; the next three flags are for the issuer before them.
        /// Default: http://127.0.0.1:8080, or the flags in JWT_RING_ISSUERS
        #[bpaf(argument("URL"))]
        issuer: String,
    },
    Audience {
        /// Accept its tokens for this audience, or for another one if repeated; before all issuers:
        /// those of the issuers without. Default: the URL of the resource
        #[bpaf(argument("AUDIENCE"))]
        audience: String,
    },
    Jwks {
        /// Address of its keys. Default: that in its metadata
        #[bpaf(argument("URL"))]
        jwks: String,
    },
    Profile {
        /// Shape of its tokens: rfc9068, auth0, cognito, entra, keycloak or okta. Default: rfc9068
        #[bpaf(argument("NAME"))]
        profile: Profile,
    },
}

const ISSUERS: &str = "JWT_RING_ISSUERS";
const DEFAULT_ISSUER: &str = "http://127.0.0.1:8080";

fn issuers() -> impl Parser<Vec<IssuerSettings>> {
    issuer_flag().many().parse(|flags| match flags.is_empty() {
        true => by_issuer(flags_of_environment()?),
        false => by_issuer(flags),
    })
}

fn flags_of_environment() -> Result<Vec<IssuerFlag>, String> {
    let Ok(text) = std::env::var(ISSUERS) else {
        return Ok(Vec::new());
    };
    let words: Vec<_> = text.split_whitespace().collect();
    let parsed = issuer_flag().many().to_options().run_inner(&*words);
    parsed.map_err(|failure| format!("{ISSUERS}: {}", message(failure)))
}

fn message(failure: ParseFailure) -> String {
    match failure {
        ParseFailure::Stderr(message) => message.monochrome(true),
        _ => "expected flags with values".into(),
    }
}

/// Assigns each flag to the issuer before it.
fn by_issuer(flags: Vec<IssuerFlag>) -> Result<Vec<IssuerSettings>, String> {
    let (mut issuers, mut audiences) = (Vec::new(), Vec::new());
    for flag in flags {
        let current = issuers.last_mut();
        match (flag, current) {
            (IssuerFlag::Issuer { issuer }, _) => issuers.push(IssuerSettings::new(&issuer)),
            (IssuerFlag::Audience { audience }, None) => audiences.push(audience),
            (IssuerFlag::Audience { audience }, Some(current)) => current.audiences.push(audience),
            (IssuerFlag::Jwks { jwks }, Some(current)) => current.jwks = Some(jwks),
            (IssuerFlag::Profile { profile }, Some(current)) => current.profile = profile,
            (_, None) => {
                return Err("expected an `--issuer` before `--jwks` and `--profile`".into());
            }
        }
    }
    if issuers.is_empty() {
        issuers.push(IssuerSettings::new(DEFAULT_ISSUER));
    }
    for issuer in issuers.iter_mut().filter(|one| one.audiences.is_empty()) {
        issuer.audiences.clone_from(&audiences);
    }
    Ok(issuers)
}

impl IssuerSettings {
    pub fn new(issuer: &str) -> Self {
        Self {
            issuer: issuer.into(),
            audiences: Vec::new(),
            jwks: None,
            profile: Profile::Rfc9068,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::{IssuerSettings, Profile, Settings};

    fn issuers(flags: &str) -> Result<Vec<IssuerSettings>, String> {
        let flags: Vec<_> = flags.split_whitespace().collect();
        Settings::parse(&flags).map(|settings| settings.issuers)
    }

    #[test]
    fn flags_after_an_issuer_belong_to_it() {
        let found = issuers(
            "--audience x --issuer a --audience y --leeway 1 --audience z --profile okta \
             --issuer b --jwks k --issuer c --audience w",
        );
        let issuer = |issuer: &str, audiences: &[&str], jwks: Option<&str>, profile| {
            let audiences = audiences.iter().map(ToString::to_string).collect();
            let (issuer, jwks) = (issuer.to_owned(), jwks.map(str::to_owned));
            IssuerSettings {
                issuer,
                audiences,
                jwks,
                profile,
            }
        };
        let expected = vec![
            issuer("a", &["y", "z"], None, Profile::Okta),
            issuer("b", &["x"], Some("k"), Profile::Rfc9068),
            issuer("c", &["w"], None, Profile::Rfc9068),
        ];
        assert_eq!(found, Ok(expected));
    }

    #[test]
    fn the_default_issuer_is_the_example() {
        let expected = IssuerSettings::new("http://127.0.0.1:8080");
        assert_eq!(issuers(""), Ok(vec![expected.clone()]));
        let with_audience = IssuerSettings {
            audiences: vec!["x".into()],
            ..expected
        };
        assert_eq!(issuers("--audience x"), Ok(vec![with_audience]));
    }

    #[test]
    fn the_flags_of_an_issuer_need_one() {
        for flags in ["--jwks k --issuer a", "--profile okta --issuer a"] {
            let error = issuers(flags).expect_err(flags);
            assert!(error.contains("expected an `--issuer` before"), "{error}");
        }
        let error = issuers("--issuer a --profile other").expect_err("an unknown profile");
        assert!(error.contains("expected one of rfc9068, auth0"), "{error}");
    }
}
