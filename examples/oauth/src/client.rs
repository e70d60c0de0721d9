//! The client, built on the `oauth2` crate, to which tokens are opaque strings.

use std::time::Duration;

use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken,
    Scope, TokenResponse, TokenUrl,
};
use url::Url;

type Error = Box<dyn std::error::Error>;

pub struct Client {
    oauth2: BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>,
    issuer: String,
}

/// An authorization request, against which the response is checked.
pub struct Pending {
    pub url: Url,
    state: CsrfToken,
    verifier: PkceCodeVerifier,
}

pub struct Tokens {
    pub access: String,
    pub refresh: String,
}

impl Client {
    pub fn new(issuer: &str, id: &str, secret: &str, redirect_uri: &str) -> Result<Self, Error> {
        let oauth2 = BasicClient::new(ClientId::new(id.into()))
            .set_client_secret(ClientSecret::new(secret.into()))
            .set_auth_uri(AuthUrl::new(format!("{issuer}/authorize"))?)
            .set_token_uri(TokenUrl::new(format!("{issuer}/token"))?)
            .set_redirect_uri(RedirectUrl::new(redirect_uri.into())?);
        Ok(Self {
            oauth2,
            issuer: issuer.into(),
        })
    }

    /// Makes an authorization request and the URL for the browser.
    pub fn authorize(&self, scope: &str) -> Pending {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state) = self
            .oauth2
            .authorize_url(CsrfToken::new_random)
            .add_scopes(scope.split(' ').map(|name| Scope::new(name.into())))
            .set_pkce_challenge(challenge)
            .url();
        Pending {
            url,
            state,
            verifier,
        }
    }

    /// Returns the code in the redirect URL.
    ///
    /// # Errors
    ///
    /// Returns an error if `state` is not that of the request, `iss` is another server (RFC 9207), or
    /// the response is an error.
    pub fn code(&self, pending: &Pending, callback: &Url) -> Result<String, Error> {
        let parameter = |name: &str| {
            let mut pairs = callback.query_pairs().filter(|(key, _)| key == name);
            match (pairs.next(), pairs.next()) {
                (Some((_, value)), None) => Some(value.into_owned()),
                _ => None,
            }
        };
        if parameter("state").as_deref() != Some(pending.state.secret()) {
            return Err("`state` is not that of the request".into());
        }
        if parameter("iss").as_deref() != Some(&*self.issuer) {
            return Err("`iss` is not the authorization server".into());
        }
        match (parameter("code"), parameter("error")) {
            (Some(code), None) => Ok(code),
            (_, error) => Err(error
                .unwrap_or_else(|| "the response has no code".into())
                .into()),
        }
    }

    pub fn redeem(&self, pending: Pending, code: String) -> Result<Tokens, Error> {
        let request = self.oauth2.exchange_code(AuthorizationCode::new(code));
        let request = request.set_pkce_verifier(pending.verifier);
        Self::tokens(&request.request(&http)?)
    }

    pub fn refresh(&self, refresh_token: String) -> Result<Tokens, Error> {
        let refresh_token = RefreshToken::new(refresh_token);
        let request = self.oauth2.exchange_refresh_token(&refresh_token);
        Self::tokens(&request.request(&http)?)
    }

    fn tokens(response: &impl TokenResponse) -> Result<Tokens, Error> {
        let refresh = response.refresh_token().ok_or("no refresh token")?;
        Ok(Tokens {
            access: response.access_token().secret().clone(),
            refresh: refresh.secret().clone(),
        })
    }
}

/// Sends a request without following redirects.
pub fn http(request: HttpRequest) -> Result<HttpResponse, ureq::Error> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(10)))
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .into();
    let (head, mut body) = agent.run(request)?.into_parts();
    Ok(HttpResponse::from_parts(head, body.read_to_vec()?))
}

/// Calls the API with a token. Returns the status, the challenge (empty if absent) and the body.
pub fn call(url: &str, token: &str) -> Result<(u16, String, String), ureq::Error> {
    let request = ureq::http::Request::get(url)
        .header("Authorization", format!("Bearer {token}"))
        .body(Vec::new())?;
    let response = http(request)?;
    let challenge = response.headers().get("WWW-Authenticate");
    let challenge = challenge
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let body = String::from_utf8_lossy(response.body()).into_owned();
    Ok((response.status().as_u16(), challenge.to_owned(), body))
}
