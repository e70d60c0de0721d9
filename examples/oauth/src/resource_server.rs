//! The resource server: verifies tokens of several issuers, without a request for each token.

mod access;
mod issuer;
mod keys;
mod orders;
mod profile;
mod rejection;
mod settings;
mod used_proofs;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE,
};
use axum::http::{HeaderName, HeaderValue, Method};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::routing::get;
use axum::{Json, Router};
use jwt_ring::oauth::bearer::Challenge;
use jwt_ring::oauth::dpop::ProofVerifier;
use jwt_ring::{Clock, Issuers, KeyError, NumericDate, Verifier};
use serde_json::{Value, json};
use tower_http::cors::{Any, CorsLayer};
use url::{Position, Url};

use access::DPOP;
use issuer::TrustedIssuer;
use orders::Scopes;
pub use profile::{Principal, Profile};
use rejection::Answers;
use settings::DEFAULT_ISSUER;
pub use settings::{DpopSettings, IssuerSettings, Settings, settings};
use used_proofs::UsedProofs;

use crate::discovery::{DiscoveryError, issuer_url};
use crate::http::{Agent, HttpError, is_loopback, secure_url};
use crate::program;
use crate::store::{self, Store, StoreError};

/// The path of the metadata of a resource (RFC 9728 §3).
const METADATA: &str = "/.well-known/oauth-protected-resource";
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
/// Maximum size of the body of a request, in bytes, for handlers that read it.
const MAX_BODY: usize = 16 * 1024;
/// How long a browser may use the answer to a CORS preflight request.
const PREFLIGHT_AGE: Duration = Duration::from_secs(600);

pub struct Server {
    settings: Settings,
    resource: String,
    /// The scheme, host and port of the resource.
    origin: String,
    /// The path of the resource, without a slash at its end.
    path: String,
    /// Where the metadata of the resource are.
    metadata: String,
    /// Selects the issuer of a token by its unverified `iss`. Only `select` is used: the verifiers are in
    /// `TrustedIssuer`, since they cache, so those in here are empty.
    issuers: Issuers<TrustedIssuer>,
    /// Makes nonces. The verifiers of the issuers have others with the same secret.
    proofs: ProofVerifier,
    used_proofs: UsedProofs,
    scopes: Scopes,
    answers: Answers,
    clock: Arc<dyn Clock>,
}

/// Why the server cannot be started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    #[error("the issuer {issuer}: {error}")]
    Issuer {
        issuer: String,
        error: DiscoveryError,
    },
    #[error("expected an `--issuer`, or flags in JWT_RING_ISSUERS, found none")]
    NoIssuer,
    #[error("expected each issuer once, found {issuer} again")]
    Duplicate { issuer: String },
    #[error("the resource: {0}")]
    Resource(HttpError),
    #[error("expected a resource without query and fragment, found {0:?}")]
    ResourceUrl(String),
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("cannot read the secret of the nonces in {}: {error}", .path.display())]
    SecretFile {
        path: PathBuf,
        error: std::io::Error,
    },
    #[error("the secret of the nonces: {0}")]
    Secret(KeyError),
}

impl Server {
    /// Makes a server for `resource`, the public URL of the API, which is also its default audience.
    ///
    /// # Errors
    ///
    /// [`StartError`] if a URL is not secure, an issuer is there twice, or a file cannot be read.
    pub fn new(
        resource: &str,
        mut settings: Settings,
        clock: impl Clock + 'static,
    ) -> Result<Self, StartError> {
        let url = secure_url(resource).map_err(StartError::Resource)?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(StartError::ResourceUrl(resource.into()));
        }
        if settings.issuers.is_empty() {
            // That server has a public password.
            if !is_loopback(&url) {
                return Err(StartError::NoIssuer);
            }
            settings.issuers = vec![IssuerSettings::new(DEFAULT_ISSUER)];
        }
        let origin = url[..Position::BeforePath].to_owned();
        let path = url.path().trim_end_matches('/').to_owned();
        let metadata = metadata_path(&url);

        let clock: Arc<dyn Clock> = Arc::new(clock);
        let store = store::open(&settings.store)?;
        let secret = nonce_secret(&settings, &*store, clock.now())?;
        let issuers = trusted_issuers(resource, &settings, secret.as_deref(), &clock)?;
        let proofs =
            issuer::proofs(&settings, secret.as_deref(), &clock).map_err(StartError::Secret)?;
        let challenge =
            Challenge::new(&*settings.realm).resource_metadata(format!("{origin}{metadata}"));
        let answers = Answers {
            dpop: challenge
                .clone()
                .dpop(proofs.supported_algorithms().iter().copied()),
            bearer: challenge,
            cooldown: settings.cooldown,
        };
        Ok(Self {
            settings,
            resource: resource.into(),
            origin,
            path,
            metadata,
            issuers,
            proofs,
            used_proofs: UsedProofs::new(store),
            scopes: Scopes::new(),
            answers,
            clock,
        })
    }

    /// The issuers that are trusted.
    pub fn issuers(&self) -> impl Iterator<Item = &str> {
        self.settings.issuers.iter().map(|one| &*one.issuer)
    }
}

fn trusted_issuers(
    resource: &str,
    settings: &Settings,
    secret: Option<&[u8]>,
    clock: &Arc<dyn Clock>,
) -> Result<Issuers<TrustedIssuer>, StartError> {
    let agent = Agent::new(&settings.http)?;
    let (mut issuers, mut names) = (Issuers::new(), HashSet::new());
    for one in &settings.issuers {
        check_issuer(one)?;
        if !names.insert(&one.issuer) {
            let issuer = one.issuer.clone();
            return Err(StartError::Duplicate { issuer });
        }
        let proofs = issuer::proofs(settings, secret, clock).map_err(StartError::Secret)?;
        let trusted = TrustedIssuer::new(one, resource, settings, proofs, &agent, clock);
        issuers = issuers.trust(&*one.issuer, Verifier::new(), trusted);
    }
    Ok(issuers)
}

fn check_issuer(one: &IssuerSettings) -> Result<(), StartError> {
    let error = |error| StartError::Issuer {
        issuer: one.issuer.clone(),
        error,
    };
    issuer_url(&one.issuer).map_err(error)?;
    if let Some(uri) = &one.jwks {
        secure_url(uri)?;
    }
    Ok(())
}

/// Returns the secret of the nonces, if they are required. Servers on one store share it.
fn nonce_secret(
    settings: &Settings,
    store: &dyn Store,
    now: NumericDate,
) -> Result<Option<Vec<u8>>, StartError> {
    let dpop = &settings.dpop_settings;
    Ok(match &dpop.nonce_secret_file {
        Some(path) => {
            let error = |error| StartError::SecretFile {
                path: path.clone(),
                error,
            };
            Some(std::fs::read(path).map_err(error)?)
        }
        None if dpop.nonces => Some(store::shared_secret(store, "dpop-nonces", now)?),
        None => None,
    })
}

/// Returns the path of the metadata of a resource, which keeps a slash at the end, but not one directly
/// after the host (RFC 9728 §3.1).
fn metadata_path(resource: &Url) -> String {
    match resource.path() {
        "/" => METADATA.to_owned(),
        path => format!("{METADATA}{path}"),
    }
}

pub fn router(server: Arc<Server>) -> Router {
    let orders = get(orders::read).post(orders::write).delete(orders::clear);
    let send_nonce = middleware::from_fn_with_state(Arc::clone(&server), send_nonce);
    let router = Router::new()
        // The path of the resource may have segments that begin with `:` or `*`.
        .without_v07_checks()
        .route(&format!("{}/orders", server.path), orders.layer(send_nonce))
        .route(&server.metadata, get(metadata));
    let router = program::limits(router, MAX_BODY, server.settings.max_time);
    // Outside the limits, so that a page can read the answer to a request that took too long.
    let router = router.layer(cors());
    program::logs(router).with_state(server)
}

/// Allows clients in browsers, of any origin: there are no cookies, so a page has only its own tokens.
fn cors() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST, Method::DELETE])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE, HeaderName::from_static(DPOP)])
        .expose_headers([
            WWW_AUTHENTICATE,
            DPOP_NONCE,
            RETRY_AFTER,
            program::REQUEST_ID,
        ])
        .max_age(PREFLIGHT_AGE)
}

/// Sends a new nonce with each response to a request with a proof, so that the client has the next one
/// before the last one expires (RFC 9449 §8.2).
async fn send_nonce(State(server): State<Arc<Server>>, request: Request, next: Next) -> Response {
    let has_proof = request.headers().contains_key(DPOP);
    let mut response = next.run(request).await;
    let nonce = server.proofs.new_nonce().filter(|_| has_proof);
    if let Some(Ok(nonce)) = nonce.map(HeaderValue::try_from) {
        response.headers_mut().insert(DPOP_NONCE, nonce);
        // A cached response would repeat an old nonce.
        let no_store = HeaderValue::from_static("no-store");
        response.headers_mut().insert(CACHE_CONTROL, no_store);
    }
    response
}

/// The metadata of the resource, which names its authorization servers (RFC 9728).
async fn metadata(State(server): State<Arc<Server>>) -> Json<Value> {
    let algorithms = server.proofs.supported_algorithms().iter();
    Json(json!({
        "resource": server.resource,
        "authorization_servers": server.issuers().collect::<Vec<_>>(),
        "scopes_supported": orders::SCOPES,
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": algorithms.map(|one| one.name()).collect::<Vec<_>>(),
        "dpop_bound_access_tokens_required": false,
    }))
}
