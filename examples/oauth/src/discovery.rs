//! The metadata of an issuer (RFC 8414, OpenID Connect Discovery 1.0).

use serde::{Deserialize, Deserializer};
use url::{Position, Url};

use crate::http::{Agent, HttpError, secure_url};

/// What the programs read of the metadata of an issuer. Other members are ignored, also malformed
/// ones.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Metadata {
    pub issuer: String,
    pub jwks_uri: Option<String>,
    pub authorization_endpoint: Option<String>,
    pub token_endpoint: Option<String>,
    /// Whether authorization responses have `iss` (RFC 9207 §3).
    #[serde(default, deserialize_with = "or_null")]
    pub authorization_response_iss_parameter_supported: bool,
}

/// Reads `null` as absent, as of the members that are an `Option`.
fn or_null<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
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
    #[error("expected metadata from {url}: {error}")]
    Malformed {
        url: String,
        error: serde_json::Error,
    },
    #[error("expected metadata of {expected:?} from {url}, found those of {found:?}")]
    OtherIssuer {
        url: String,
        expected: String,
        found: String,
    },
    #[error("expected `jwks_uri` in the metadata at {url}, found none")]
    NoKeys { url: String },
}

impl DiscoveryError {
    /// Returns whether the issuer cannot be reached, so that its other addresses are not tried.
    fn is_unreachable(&self) -> bool {
        match self {
            Self::Http(HttpError::TooLarge { .. }) => false,
            Self::Http(_) => true,
            _ => false,
        }
    }

    /// Returns how near the response was to the metadata that are needed.
    fn rank(&self) -> u8 {
        match self {
            // As of a gateway, of which another address may be that of the issuer.
            Self::Status { status, .. } if *status >= 500 => 1,
            Self::Status { .. } => 0,
            Self::OtherIssuer { .. } => 3,
            Self::NoKeys { .. } => 4,
            _ => 2,
        }
    }
}

/// Gets the metadata of an issuer from the first of its addresses that has them.
///
/// # Errors
///
/// - [`DiscoveryError::IssuerUrl`] or [`HttpError::Insecure`] if the issuer is not the URL of one, or
///   its `jwks_uri` is less secure than the issuer.
/// - [`HttpError::NoResponse`] of the first address that does not answer.
/// - If no address has metadata of the issuer, the error of the one that was nearest to it.
pub fn discover(agent: &Agent, issuer: &str) -> Result<Metadata, DiscoveryError> {
    first(agent, issuer, |_, metadata| Ok(metadata))
}

/// Gets the address of the keys of an issuer from the first metadata that have one.
///
/// # Errors
///
/// Those of [`discover`], and [`DiscoveryError::NoKeys`].
pub fn jwks_uri(agent: &Agent, issuer: &str) -> Result<String, DiscoveryError> {
    first(agent, issuer, |url, metadata| {
        let missing = || DiscoveryError::NoKeys { url: url.into() };
        metadata.jwks_uri.ok_or_else(missing)
    })
}

/// Returns what `read` returns of the first metadata for which it succeeds.
fn first<T>(
    agent: &Agent,
    issuer: &str,
    read: impl Fn(&str, Metadata) -> Result<T, DiscoveryError>,
) -> Result<T, DiscoveryError> {
    let mut errors = Vec::new();
    for url in addresses(issuer)? {
        let metadata = metadata_at(agent, &url, issuer);
        match metadata.and_then(|metadata| read(&url, metadata)) {
            Ok(found) => return Ok(found),
            Err(error) if error.is_unreachable() => return Err(error),
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
        Err(error) => return Err(DiscoveryError::Malformed { url, error }),
    };
    // Byte for byte (RFC 8414 §3.3): otherwise one tenant of a host could answer for another.
    if metadata.issuer != issuer {
        return Err(DiscoveryError::OtherIssuer {
            url,
            expected: issuer.into(),
            found: metadata.issuer,
        });
    }
    check_keys(issuer, &metadata)?;
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
