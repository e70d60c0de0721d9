//! The redirect URIs that a client may register, and those that a request may name.

use url::Url;

/// A redirect URI that a client registered.
#[derive(Clone, Debug)]
pub(super) struct RedirectUri {
    uri: String,
    /// Whether the URI has a loopback address, whose port may differ.
    any_port: bool,
}

impl RedirectUri {
    /// Checks a redirect URI: `https`, `http` on a loopback address, or, for a public client, a private-use
    /// scheme such as `com.example.app` (RFC 8252 §7). A fragment is an error (RFC 6749 §3.1.2).
    pub(super) fn new(uri: &str, is_public: bool) -> Result<Self, &'static str> {
        let url = Url::parse(uri).map_err(|_| "expected an absolute redirect URI")?;
        if url.fragment().is_some() {
            return Err("expected a redirect URI without a fragment");
        }
        let is_allowed = match url.scheme() {
            "https" => true,
            "http" => matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost")),
            scheme => is_public && scheme.contains('.'),
        };
        if !is_allowed {
            return Err(
                "expected a redirect URI with https, http on a loopback address, or, for a public client, a private-use scheme",
            );
        }
        let any_port = loopback(uri).is_some_and(|(_, port, _)| is_public || port.is_none());
        Ok(Self {
            uri: uri.to_owned(),
            any_port,
        })
    }

    /// Compares byte for byte, without prefixes or patterns (RFC 9700 §2.1). Only the port of a loopback
    /// address may differ: for public clients, because native apps listen on any free one (RFC 8252 §7.3),
    /// and for all clients if the URI was registered without a port.
    pub(super) fn matches(&self, uri: &str) -> bool {
        if self.uri == uri {
            return true;
        }
        match (self.any_port, loopback(&self.uri), loopback(uri)) {
            (true, Some((host, _, rest)), Some((other, _, other_rest))) => {
                host == other && rest == other_rest
            }
            _ => false,
        }
    }
}

/// Splits the URI of a loopback address into its host, its port and the rest. `localhost` is not one: it may
/// be resolved to another address (RFC 8252 §8.3).
fn loopback(uri: &str) -> Option<(&str, Option<u16>, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let host = ["127.0.0.1", "[::1]"]
        .into_iter()
        .find(|host| rest.starts_with(host))?;
    let rest = rest.strip_prefix(host)?;
    let Some(with_port) = rest.strip_prefix(':') else {
        return Some((host, None, rest));
    };
    let end = with_port.find(|digit: char| !digit.is_ascii_digit());
    let (port, rest) = with_port.split_at(end.unwrap_or(with_port.len()));
    Some((host, Some(port.parse().ok()?), rest))
}
