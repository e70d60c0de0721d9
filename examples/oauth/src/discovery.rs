//! The metadata of an issuer (RFC 8414, OpenID Connect Discovery 1.0).

use serde::Deserialize;
use url::{Position, Url};

use crate::http::{Agent, HttpError, secure_url};

/// What an issuer publishes of itself. The endpoints that a resource server does not need may be
/// absent.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Metadata {
    pub issuer: String,
    pub jwks_uri: Option<String>,
    pub authorization_endpoint: Option<String>,
    pub token_endpoint: Option<String>,
    pub revocation_endpoint: Option<String>,
    /// Whether authorization responses have `iss` (RFC 9207 §3).
    #[serde(default)]
    pub authorization_response_iss_parameter_supported: bool,
    pub token_endpoint_auth_methods_supported: Option<Vec<String>>,
    pub dpop_signing_alg_values_supported: Option<Vec<String>>,
}

/// Why an issuer has no metadata.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiscoveryError {
    #[error(transparent)]
    Http(#[from] HttpError),
    #[error("expected an issuer without query and fragment, found {issuer:?}")]
    IssuerUrl { issuer: String },
    #[error("expected the status 200 from {url}, found {status}")]
    Status { url: String, status: u16 },
    #[error("expected metadata from {url}: {source}")]
    Malformed {
        url: String,
        source: serde_json::Error,
    },
    #[error("expected metadata of {expected:?} from {url}, found those of {found:?}")]
    OtherIssuer {
        url: String,
        expected: String,
        found: String,
    },
}

impl DiscoveryError {
    /// Returns whether the issuer does not answer, so that other addresses are not tried.
    fn is_down(&self) -> bool {
        match self {
            Self::Http(HttpError::TooLarge { .. }) => false,
            Self::Http(_) => true,
            Self::Status { status, .. } => *status >= 500,
            _ => false,
        }
    }

    /// Returns how near the response was to metadata of the issuer.
    fn rank(&self) -> u8 {
        match self {
            Self::Status { .. } => 0,
            Self::OtherIssuer { .. } => 2,
            _ => 1,
        }
    }
}

/// Gets the metadata of an issuer from the first of its addresses that has them.
///
/// # Errors
///
/// - [`DiscoveryError::IssuerUrl`] or [`HttpError::Insecure`] if the issuer is not the URL of one, or
///   its `jwks_uri` is less secure than the issuer.
/// - The error of the first address at which the issuer is down: no response, or a status from 500.
/// - If no address has metadata of the issuer, the error of the one that was nearest to it.
pub fn discover(agent: &Agent, issuer: &str) -> Result<Metadata, DiscoveryError> {
    let mut errors = Vec::new();
    for url in addresses(issuer)? {
        match metadata_at(agent, &url, issuer) {
            Ok(metadata) => {
                check_keys(issuer, &metadata)?;
                return Ok(metadata);
            }
            Err(error) if error.is_down() => return Err(error),
            Err(error) => errors.push(error),
        }
    }
    let nearest = errors.into_iter().max_by_key(DiscoveryError::rank);
    Err(nearest.unwrap_or_else(|| DiscoveryError::IssuerUrl {
        issuer: issuer.into(),
    }))
}

/// Returns where the metadata of an issuer may be: RFC 8414 §3.1, OpenID Connect Discovery 1.0 §4, and
/// RFC 8414 §5.
fn addresses(issuer: &str) -> Result<Vec<String>, DiscoveryError> {
    let url = issuer_url(issuer)?;
    let origin = &url[..Position::BeforePath];
    let path = url.path().strip_suffix('/').unwrap_or(url.path());
    let mut addresses = vec![
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
        format!("{origin}{path}/.well-known/openid-configuration"),
    ];
    if !path.is_empty() {
        addresses.push(format!("{origin}/.well-known/openid-configuration{path}"));
    }
    Ok(addresses)
}

/// Parses the URL of an issuer (RFC 8414 §2).
///
/// # Errors
///
/// [`DiscoveryError::IssuerUrl`] if it has a query or a fragment, and [`HttpError::Insecure`].
pub fn issuer_url(issuer: &str) -> Result<Url, DiscoveryError> {
    let url = secure_url(issuer)?;
    match url.query().is_some() || url.fragment().is_some() {
        true => Err(DiscoveryError::IssuerUrl {
            issuer: issuer.into(),
        }),
        false => Ok(url),
    }
}

fn metadata_at(agent: &Agent, url: &str, issuer: &str) -> Result<Metadata, DiscoveryError> {
    let response = agent.get(url)?;
    let (url, status) = (url.to_owned(), response.status().as_u16());
    if status != 200 {
        return Err(DiscoveryError::Status { url, status });
    }
    let metadata: Metadata = match serde_json::from_slice(response.body()) {
        Ok(metadata) => metadata,
        Err(source) => return Err(DiscoveryError::Malformed { url, source }),
    };
    // Byte for byte (RFC 8414 §3.3): otherwise one tenant of a host could answer for another.
    if metadata.issuer != issuer {
        return Err(DiscoveryError::OtherIssuer {
            url,
            expected: issuer.into(),
            found: metadata.issuer,
        });
    }
    Ok(metadata)
}

/// Checks that the keys of an `https` issuer are fetched by `https`.
fn check_keys(issuer: &str, metadata: &Metadata) -> Result<(), DiscoveryError> {
    let Some(uri) = &metadata.jwks_uri else {
        return Ok(());
    };
    let is_https = secure_url(uri)?.scheme() == "https";
    match is_https || issuer_url(issuer)?.scheme() == "http" {
        true => Ok(()),
        false => Err(HttpError::Insecure { url: uri.clone() }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::{DiscoveryError, addresses};

    #[test]
    fn the_well_known_part_is_before_the_path_and_after_it() {
        let root = [
            "https://issuer.example/.well-known/oauth-authorization-server",
            "https://issuer.example/.well-known/openid-configuration",
        ];
        let tenant = [
            "https://issuer.example/.well-known/oauth-authorization-server/a/b",
            "https://issuer.example/a/b/.well-known/openid-configuration",
            "https://issuer.example/.well-known/openid-configuration/a/b",
        ];
        for (issuer, expected) in [
            ("https://issuer.example", &root[..]),
            ("https://issuer.example/", &root),
            ("https://issuer.example/a/b", &tenant),
            ("https://issuer.example/a/b/", &tenant),
        ] {
            assert_eq!(addresses(issuer).expect(issuer), expected, "{issuer}");
        }
    }

    #[test]
    fn an_issuer_has_no_query_or_fragment() {
        for issuer in ["https://issuer.example/?a", "https://issuer.example/#"] {
            let error = addresses(issuer).expect_err(issuer);
            assert!(matches!(error, DiscoveryError::IssuerUrl { .. }), "{error}");
        }
    }
}
