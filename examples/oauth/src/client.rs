//! The client, built on the `oauth2` crate, to which tokens are opaque strings.

pub mod redirect;
mod send;

use jwt_ring::oauth::client_assertion;
use jwt_ring::oauth::dpop::Prover;
use oauth2::basic::{BasicClient, BasicTokenResponse};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    HttpRequest, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, Scope,
    TokenResponse, TokenUrl,
};
use ureq::http::Request;
use url::Url;

use crate::discovery::discover;
use crate::http::{Agent, secure_url};
use redirect::RedirectError;
pub use send::{Answer, answer, call, http};
use send::{SendError, Sender, default_agent};

type Error = Box<dyn std::error::Error>;

pub struct Client {
    oauth2:
        BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>,
    issuer: String,
    /// Only the code grant needs it.
    authorization_endpoint: Option<String>,
    /// Whether the issuer promises `iss` in its responses (RFC 9207 §3).
    sends_issuer: bool,
    sender: Sender,
}

/// How a client authenticates at the token endpoint.
pub enum Authentication {
    /// `none`: a public client, which cannot keep a secret.
    Public,
    /// `client_secret_basic`.
    Secret(String),
    /// `private_key_jwt`.
    Assertion(client_assertion::Signer),
}

impl From<&str> for Authentication {
    fn from(secret: &str) -> Self {
        Self::Secret(secret.into())
    }
}

/// An authorization request, against which the response is checked.
pub struct Pending {
    pub url: Url,
    state: CsrfToken,
    verifier: PkceCodeVerifier,
}

pub struct Tokens {
    pub access: String,
    /// Some issuers have none, or only for the scope `offline_access`.
    pub refresh: Option<String>,
}

impl Client {
    /// Makes a client with the default settings of requests.
    pub fn new(
        issuer: &str,
        id: &str,
        authentication: impl Into<Authentication>,
        redirect_uri: &str,
    ) -> Result<Self, Error> {
        let authentication = authentication.into();
        let agent = default_agent()?;
        Self::discover(agent, issuer, id, authentication, Some(redirect_uri))
    }

    /// Makes a client of an issuer, whose endpoints are in its metadata. The redirect URI is for the
    /// code grant.
    pub fn discover(
        agent: Agent,
        issuer: &str,
        id: &str,
        authentication: Authentication,
        redirect_uri: Option<&str>,
    ) -> Result<Self, Error> {
        let metadata = discover(&agent, issuer)?;
        let token = endpoint(issuer, "token_endpoint", metadata.token_endpoint.as_deref())?;
        let mut oauth2 =
            BasicClient::new(ClientId::new(id.into())).set_token_uri(TokenUrl::from_url(token));
        if let Some(uri) = redirect_uri {
            oauth2 = oauth2.set_redirect_uri(RedirectUrl::new(uri.into())?);
        }
        let mut sender = Sender::new(agent);
        match authentication {
            Authentication::Public => {}
            Authentication::Secret(secret) => {
                oauth2 = oauth2.set_client_secret(ClientSecret::new(secret));
            }
            Authentication::Assertion(signer) => sender.assertions = Some(signer),
        }
        Ok(Self {
            oauth2,
            issuer: issuer.into(),
            authorization_endpoint: metadata.authorization_endpoint,
            sends_issuer: metadata.authorization_response_iss_parameter_supported,
            sender,
        })
    }

    /// Binds the tokens to a key of the client (RFC 9449). Default: bearer tokens.
    #[must_use]
    pub fn dpop(mut self, prover: Prover) -> Self {
        self.sender.prover = Some(prover);
        self
    }

    /// Requests tokens for this resource only (RFC 8707). Default: the server decides.
    #[must_use]
    pub fn resource(mut self, url: &str) -> Self {
        self.sender.resource = Some(url.into());
        self
    }

    /// Makes an authorization request and the URL for the browser.
    ///
    /// # Errors
    ///
    /// Returns an error if the metadata have no `authorization_endpoint`, or an insecure one.
    pub fn authorize(&self, scope: &str) -> Result<Pending, Error> {
        let url = self.authorization_endpoint.as_deref();
        let url = endpoint(&self.issuer, "authorization_endpoint", url)?;
        let oauth2 = self.oauth2.clone().set_auth_uri(AuthUrl::from_url(url));
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = oauth2
            .authorize_url(CsrfToken::new_random)
            .add_scopes(scopes(scope))
            .set_pkce_challenge(challenge);
        if let Some(prover) = &self.sender.prover {
            // Binds the code, too: it is redeemed with this key only (RFC 9449 §10).
            request = request.add_extra_param("dpop_jkt", prover.thumbprint());
        }
        if let Some(resource) = &self.sender.resource {
            request = request.add_extra_param("resource", resource);
        }
        let (url, state) = request.url();
        Ok(Pending {
            url,
            state,
            verifier,
        })
    }

    /// Returns the code in the redirect URL.
    ///
    /// # Errors
    ///
    /// Returns an error if `state` is not that of the request, `iss` is another server (RFC 9207), or
    /// the response is an error.
    pub fn code(&self, pending: &Pending, callback: &Url) -> Result<String, RedirectError> {
        let parameter = |name: &str| {
            let mut pairs = callback.query_pairs().filter(|(key, _)| key == name);
            match (pairs.next(), pairs.next()) {
                (Some((_, value)), None) => Some(value.into_owned()),
                _ => None,
            }
        };
        if parameter("state").as_deref() != Some(pending.state.secret()) {
            return Err(RedirectError::State);
        }
        match parameter("iss") {
            None if !self.sends_issuer && !has(callback, "iss") => {}
            Some(issuer) if issuer == self.issuer => {}
            _ => return Err(RedirectError::Issuer),
        }
        match (parameter("code"), parameter("error")) {
            (Some(code), None) if !has(callback, "error") => Ok(code),
            (_, Some(error)) => Err(RedirectError::rejected(&error)),
            _ => Err(RedirectError::NoCode),
        }
    }

    pub fn redeem(&self, pending: Pending, code: String) -> Result<Tokens, Error> {
        let request = self.oauth2.exchange_code(AuthorizationCode::new(code));
        let request = request.set_pkce_verifier(pending.verifier);
        self.tokens(&request.request(&self.http())?)
    }

    pub fn refresh(&self, refresh_token: String) -> Result<Tokens, Error> {
        let refresh_token = RefreshToken::new(refresh_token);
        let request = self.oauth2.exchange_refresh_token(&refresh_token);
        let mut tokens = self.tokens(&request.request(&self.http())?)?;
        // Without a new one, the old one stays valid (RFC 6749 §6).
        tokens
            .refresh
            .get_or_insert_with(|| refresh_token.into_secret());
        Ok(tokens)
    }

    /// Returns an access token for the client itself, without a user (RFC 6749 §4.4).
    pub fn client_credentials(&self, scope: &str) -> Result<String, Error> {
        let request = self.oauth2.exchange_client_credentials();
        let request = request.add_scopes(scopes(scope));
        self.access_token(&request.request(&self.http())?)
    }

    /// Calls the API with a token, and with a proof if the token is bound.
    pub fn call(&self, url: &str, token: &str) -> Result<Answer, Error> {
        let request = Request::get(url).body(Vec::new())?;
        Ok(answer(&self.sender.send(&request, Some(token))?))
    }

    fn http(&self) -> impl Fn(HttpRequest) -> Result<oauth2::HttpResponse, SendError> {
        |request| self.sender.send(&request, None)
    }

    fn tokens(&self, response: &BasicTokenResponse) -> Result<Tokens, Error> {
        let refresh = response.refresh_token();
        Ok(Tokens {
            access: self.access_token(response)?,
            refresh: refresh.map(|token| token.secret().clone()),
        })
    }

    /// Returns the access token of a response. A bearer token would not be protected by the key.
    fn access_token(&self, response: &BasicTokenResponse) -> Result<String, Error> {
        let expected = self.sender.scheme();
        let found = response.token_type().as_ref();
        if !found.eq_ignore_ascii_case(expected) {
            return Err(format!("expected a token of type {expected}, found {found:?}").into());
        }
        Ok(response.access_token().secret().clone())
    }
}

/// Returns the URL of an endpoint in the metadata of an issuer.
fn endpoint(issuer: &str, name: &str, url: Option<&str>) -> Result<Url, Error> {
    let url = url.ok_or_else(|| format!("the metadata of {issuer} has no `{name}`"))?;
    let parsed = secure_url(url)?;
    // Otherwise an issuer could make the client send secrets to another program of this machine.
    if parsed.scheme() != "https" && secure_url(issuer)?.scheme() == "https" {
        return Err(
            format!("expected an https URL as the `{name}` of {issuer}, found {url:?}").into(),
        );
    }
    Ok(parsed)
}

fn scopes(scope: &str) -> impl Iterator<Item = Scope> {
    let names = scope.split(' ').filter(|name| !name.is_empty());
    names.map(|name| Scope::new(name.into()))
}

fn has(url: &Url, name: &str) -> bool {
    url.query_pairs().any(|(key, _)| key == name)
}

#[cfg(test)]
mod tests {
    use super::endpoint;

    #[test]
    fn the_endpoints_of_an_https_issuer_are_https() {
        let (secure, local) = ("https://issuer.example", "http://127.0.0.1:8080");
        for (issuer, url) in [(secure, secure), (local, secure), (local, local)] {
            let found = endpoint(issuer, "token_endpoint", Some(url)).expect(url);
            assert_eq!(found.as_str().trim_end_matches('/'), url);
        }
        let error = endpoint(secure, "token_endpoint", Some(local)).expect_err("less secure");
        assert_eq!(
            error.to_string(),
            "expected an https URL as the `token_endpoint` of https://issuer.example, \
             found \"http://127.0.0.1:8080\""
        );
    }
}
