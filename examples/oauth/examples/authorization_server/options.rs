//! The options of the command line, each with an environment variable.

use std::fmt::Display;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use bpaf::{OptionParser, Parser, construct, long, pure};
use jwt_ring::{Clock, SystemClock};
use jwt_ring_oauth_examples::authorization_server::Config;
use jwt_ring_oauth_examples::authorization_server::keys::Schedule;
use jwt_ring_oauth_examples::program::{
    Limits, LogFormat, connection_limits, store, switch, time_limit,
};

/// The user of the examples.
pub(crate) const USER: &str = "alice:wonderland";
/// The URL of the example `resource_server`.
const RESOURCE: &str = "http://127.0.0.1:8081";

pub(crate) struct Options {
    pub(crate) host: IpAddr,
    pub(crate) port: u16,
    pub(crate) users: Vec<(String, String)>,
    pub(crate) clients: Option<PathBuf>,
    pub(crate) store: String,
    pub(crate) log_format: LogFormat,
    pub(crate) limits: Limits,
    /// The issuer is empty if it is the address.
    pub(crate) config: Config,
}

pub(crate) fn options() -> OptionParser<Options> {
    let host = IpAddr::from(Ipv4Addr::LOCALHOST);
    let host = value(
        "host",
        "JWT_RING_HOST",
        "ADDRESS",
        "Address to listen on",
        host,
    );
    let help = "Port to listen on; 0: any that is free";
    let port = value("port", "JWT_RING_PORT", "PORT", help, 8080);
    // Without `env`, as the help prints the values of variables.
    let users = long("user").argument::<String>("NAME:PASSWORD").help(
        "A user, several times; or several with spaces between in JWT_RING_USERS, as other users \
         of the machine can see arguments. Default: alice:wonderland",
    );
    let users = users.many().parse(users_of);
    let help = "JSON file with an array of clients, which have the names of RFC 7591. Default: the \
                clients of the examples";
    let clients = argument("clients", "JWT_RING_CLIENTS", "FILE", help).optional();
    let store = store("Where grants and public keys are kept");
    let help = "Format of the logs: text or json";
    let log_format = value(
        "log-format",
        "JWT_RING_LOG_FORMAT",
        "FORMAT",
        help,
        LogFormat::Text,
    );
    let limits = connection_limits();
    let config = config();
    construct!(Options {
        host,
        port,
        users,
        clients,
        store,
        log_format,
        limits,
        config
    })
    .to_options()
    .descr("An authorization server for OAuth 2.0 and OpenID Connect")
}

/// Parses the constants of the server. A new one does not compile until it has an option.
fn config() -> impl Parser<Config> {
    let default = Config::new("", []);
    let help = "Public URL of this server, which may have a path. Default: http://ADDRESS:PORT";
    let issuer = argument::<String>("issuer", "JWT_RING_ISSUER", "URL", help).optional();
    let issuer = issuer.map(Option::unwrap_or_default);
    let help = "Audience of the tokens, several times: the first is the default of clients. \
                Default: http://127.0.0.1:8081";
    let resources = argument::<String>("resource", "JWT_RING_RESOURCE", "URL", help).many();
    let resources = resources.map(|urls| words(&urls, RESOURCE));
    let help = "Scope for which clients may be registered";
    let scopes = value("scope", "JWT_RING_SCOPE", "SCOPE", help, default.scopes);
    let help = "Directory of the signing keys in PEM files. Default: PATH.keys for a store \
                sqlite:PATH; for others, the private keys are lost when the process ends";
    let keys = argument("keys", "JWT_RING_KEYS", "DIR", help).optional();
    let schedule = schedule(default.schedule);
    let help = "How often keys of other servers on the store are looked for";
    let sync_keys_every = seconds(
        "sync-keys-every",
        "JWT_RING_SYNC_KEYS_EVERY",
        help,
        default.sync_keys_every,
    );
    let help = "How long verifiers may cache the keys: less than --publish-ahead";
    let keys_max_age = seconds(
        "keys-max-age",
        "JWT_RING_KEYS_MAX_AGE",
        help,
        default.keys_max_age,
    );
    let help = "Lifetime of a code";
    let code_lifetime = seconds(
        "code-lifetime",
        "JWT_RING_CODE_LIFETIME",
        help,
        default.code_lifetime,
    );
    let help = "Lifetime of a grant and its refresh tokens";
    let grant_lifetime = seconds(
        "grant-lifetime",
        "JWT_RING_GRANT_LIFETIME",
        help,
        default.grant_lifetime,
    );
    let help = "How long the answer to a refresh may take to be sent";
    let confirm_within = seconds(
        "confirm-within",
        "JWT_RING_CONFIRM_WITHIN",
        help,
        default.confirm_within,
    );
    let help = "Lifetime of a sign-in page";
    let page_lifetime = seconds(
        "page-lifetime",
        "JWT_RING_PAGE_LIFETIME",
        help,
        default.page_lifetime,
    );
    let help = "Number of guesses at a password after which each further one must wait";
    let max_guesses = value(
        "max-guesses",
        "JWT_RING_MAX_GUESSES",
        "NUMBER",
        help,
        default.max_guesses,
    );
    let help = "Maximum wait before a guess, and the time after which one expires";
    let max_wait = seconds("max-wait", "JWT_RING_MAX_WAIT", help, default.max_wait);
    let help = "How long a browser is known after a user signed in";
    let browser_lifetime = seconds(
        "browser-lifetime",
        "JWT_RING_BROWSER_LIFETIME",
        help,
        default.browser_lifetime,
    );
    let help = "Trust the last address of X-Forwarded-For, which a proxy must have set";
    let trust_forwarded = switch("trust-forwarded", "JWT_RING_TRUST_FORWARDED", help);
    let help = "Maximum number of grants of a user to a client: then the oldest is revoked";
    let max_grants = value(
        "max-grants",
        "JWT_RING_MAX_GRANTS",
        "NUMBER",
        help,
        default.max_grants,
    );
    let help = "Maximum number of sign-ins that wait until their passwords are checked: of known \
                browsers, and as many of new ones";
    let max_waiting = value(
        "max-waiting",
        "JWT_RING_MAX_WAITING",
        "NUMBER",
        help,
        default.max_waiting,
    );
    let help = "Require a nonce of this server in DPoP proofs";
    let dpop_nonces = switch("dpop-nonces", "JWT_RING_DPOP_NONCES", help);
    let help = "How long a nonce is accepted";
    let dpop_nonce_lifetime = seconds(
        "dpop-nonce-lifetime",
        "JWT_RING_DPOP_NONCE_LIFETIME",
        help,
        default.dpop_nonce_lifetime,
    );
    let help = "Maximum difference between the time of a DPoP proof and now";
    let dpop_window = seconds(
        "dpop-window",
        "JWT_RING_DPOP_WINDOW",
        help,
        default.dpop_window,
    );
    let help = "Maximum difference between the clocks of clients and of this server";
    let leeway = seconds("leeway", "JWT_RING_LEEWAY", help, default.leeway);
    let help = "Maximum lifetime of the assertion by which a client authenticates";
    let max_assertion_lifetime = seconds(
        "max-assertion-lifetime",
        "JWT_RING_MAX_ASSERTION_LIFETIME",
        help,
        default.max_assertion_lifetime,
    );
    let help = "Maximum size of the body of a request";
    let max_body = value(
        "max-body",
        "JWT_RING_MAX_BODY",
        "BYTES",
        help,
        default.max_body,
    );
    let help = "Maximum time to answer a request: 1 to 3600";
    let max_time = default.max_time.as_secs();
    let max_time = value("max-time", "JWT_RING_MAX_TIME", "SECONDS", help, max_time);
    let max_time = max_time.parse(time_limit);
    let clock = pure(Arc::new(SystemClock) as Arc<dyn Clock>);
    construct!(Config {
        issuer,
        resources,
        scopes,
        keys,
        schedule,
        sync_keys_every,
        keys_max_age,
        code_lifetime,
        grant_lifetime,
        confirm_within,
        page_lifetime,
        max_guesses,
        max_wait,
        browser_lifetime,
        trust_forwarded,
        max_grants,
        max_waiting,
        dpop_nonces,
        dpop_nonce_lifetime,
        dpop_window,
        leeway,
        max_assertion_lifetime,
        max_body,
        max_time,
        clock
    })
}

fn schedule(default: Schedule) -> impl Parser<Schedule> {
    let help = "How long a key is published before it signs: longer than verifiers cache the keys";
    let publish_ahead = seconds(
        "publish-ahead",
        "JWT_RING_PUBLISH_AHEAD",
        help,
        default.publish_ahead,
    );
    let help = "Age of a signing key at which the next one is made";
    let rotate_after = seconds(
        "rotate-after",
        "JWT_RING_ROTATE_AFTER",
        help,
        default.rotate_after,
    );
    let help = "Lifetime of access tokens and ID tokens";
    let token_lifetime = seconds(
        "token-lifetime",
        "JWT_RING_TOKEN_LIFETIME",
        help,
        default.token_lifetime,
    );
    construct!(Schedule {
        publish_ahead,
        rotate_after,
        token_lifetime
    })
}

fn argument<T>(
    name: &'static str,
    env: &'static str,
    metavar: &'static str,
    help: &'static str,
) -> impl Parser<T>
where
    T: FromStr<Err: Display> + 'static,
{
    long(name).env(env).help(help).argument::<T>(metavar)
}

fn value<T>(
    name: &'static str,
    env: &'static str,
    metavar: &'static str,
    help: &'static str,
    default: T,
) -> impl Parser<T>
where
    T: FromStr<Err: Display> + Clone + Display + 'static,
{
    argument(name, env, metavar, help)
        .fallback(default)
        .display_fallback()
}

fn seconds(
    name: &'static str,
    env: &'static str,
    help: &'static str,
    default: Duration,
) -> impl Parser<Duration> {
    value(name, env, "SECONDS", help, default.as_secs()).map(Duration::from_secs)
}

/// Splits at spaces, with which an environment variable has several values.
fn words(values: &[String], default: &str) -> Vec<String> {
    let values = values.join(" ");
    let values = if values.is_empty() { default } else { &values };
    values.split_whitespace().map(str::to_owned).collect()
}

fn users_of(arguments: Vec<String>) -> Result<Vec<(String, String)>, &'static str> {
    let users = match arguments.is_empty() {
        true => words(&[std::env::var("JWT_RING_USERS").unwrap_or_default()], USER),
        false => arguments,
    };
    let split = |user: &String| {
        let (name, password) = user.split_once(':')?;
        let is_valid = !name.is_empty() && !password.is_empty();
        is_valid.then(|| (name.to_owned(), password.to_owned()))
    };
    let users = users.iter().map(split).collect::<Option<_>>();
    users.ok_or("expected NAME:PASSWORD for each user")
}
