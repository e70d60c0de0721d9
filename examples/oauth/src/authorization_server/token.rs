//! The token endpoint, (D) and (E) of figure 3 and (G) and (H) of figure 2.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use jwt_ring::oauth::Scope;
use jwt_ring::oauth::dpop::Proof;

use super::Server;
use super::client_auth::authenticate;
use super::clients::{Client, GrantType};
use super::error::Error;
use super::grants::{Delivery, Issued, Redemption, Refresh, Refreshed};
use super::issue::{Access, Tokens};
use super::parameters::Parameters;
use super::proof;

/// How often a refresh looks again whether the previous one was delivered.
const POLL: Duration = Duration::from_millis(100);

/// Issues tokens for a code, a refresh token, or the client itself.
pub(super) async fn token(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Response {
    let response = exchange(&server, headers, parameters).await;
    let mut response = response.unwrap_or_else(IntoResponse::into_response);
    // A new nonce with each response, so that the client has one before the old one expires.
    if let Some(Ok(nonce)) = server.proofs.new_nonce().map(HeaderValue::try_from) {
        response.headers_mut().insert("DPoP-Nonce", nonce);
    }
    response
}

async fn exchange(
    server: &Arc<Server>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Error> {
    let request = server.blocking(move |server| TokenRequest::read(server, &headers, &parameters));
    let request = Arc::new(request.await?);
    loop {
        let attempt = Arc::clone(&request);
        let answer = server.blocking(move |server| attempt.answer(server));
        if let Some((tokens, delivery)) = answer.await? {
            return Ok(tokens.into_response(server, delivery));
        }
        tokio::time::sleep(POLL).await;
    }
}

/// A token request whose client and DPoP proof were verified.
struct TokenRequest {
    client: Arc<Client>,
    grant: Presented,
    resource: Option<String>,
    proof: Option<Proof>,
}

/// The grant that the client presents.
enum Presented {
    Code {
        code: String,
        redirect_uri: String,
        verifier: String,
    },
    RefreshToken {
        token: String,
        scope: Option<Scope>,
    },
    Client {
        scope: Option<Scope>,
    },
}

impl TokenRequest {
    fn read(server: &Server, headers: &HeaderMap, parameters: &Parameters) -> Result<Self, Error> {
        let authenticated = authenticate(server, headers, parameters)?;
        let proof = proof::proof(server, &authenticated.client, headers)?;
        let grant = Presented::of(&authenticated.client, parameters)?;
        let resource = parameters.resource()?.map(str::to_owned);
        // Last, so that a malformed request, or one without a nonce, may be repeated with the same
        // assertion and proof.
        Ok(Self {
            client: authenticated.use_up(server)?,
            grant,
            resource,
            proof: proof
                .map(|proof| proof::use_up(server, proof))
                .transpose()?,
        })
    }

    /// Issues the tokens. `None` if the previous answer of this grant may still be sent.
    fn answer(&self, server: &Server) -> Result<Option<(Tokens, Option<Delivery>)>, Error> {
        let (tokens, delivery) = match &self.grant {
            Presented::Code {
                code,
                redirect_uri,
                verifier,
            } => {
                let redemption = Redemption {
                    code,
                    client_id: &self.client.id,
                    redirect_uri,
                    verifier,
                    resource: self.resource.as_deref(),
                    thumbprint: self.thumbprint(),
                    is_bound: self.client.is_public(),
                };
                let issued = server.grants.redeem(&redemption, server.now())?;
                let nonce = issued.grant.nonce.clone();
                self.for_user(server, issued, nonce.as_deref())?
            }
            Presented::RefreshToken { token, scope } => {
                let refresh = Refresh {
                    token,
                    client_id: &self.client.id,
                    scope: scope.clone(),
                    resource: self.resource.as_deref(),
                    thumbprint: self.thumbprint(),
                    is_bound: self.client.is_public(),
                };
                match server.grants.refresh(&refresh, server.now())? {
                    // Without the nonce (OpenID Connect Core §12.2).
                    Refreshed::Issued(issued) => self.for_user(server, *issued, None)?,
                    Refreshed::Wait => return Ok(None),
                }
            }
            Presented::Client { scope } => (self.for_client(server, scope.as_ref())?, None),
        };
        tokens.log(&self.client.id, self.grant.grant_type());
        Ok(Some((tokens, delivery)))
    }

    fn thumbprint(&self) -> Option<&str> {
        self.proof.as_ref().map(|proof| &*proof.thumbprint)
    }

    fn for_user(
        &self,
        server: &Server,
        issued: Issued,
        nonce: Option<&str>,
    ) -> Result<(Tokens, Option<Delivery>), Error> {
        let grant = &issued.grant;
        // The grant may be older than the configuration.
        if !server.users.contains(&grant.user) {
            return Err(Error::new("invalid_grant", "").because("unknown user"));
        }
        let access = Access {
            subject: &grant.user,
            client_id: &grant.client_id,
            resource: server.resource(Some(&grant.resource))?,
            scope: &self.client.allowed(&grant.scope),
            auth_time: Some(grant.auth_time),
            proof: self.proof.as_ref(),
        };
        let mut tokens = Tokens::new(server, &access)?.with_id_token(server, grant, nonce)?;
        if self.client.allows_grant(GrantType::RefreshToken) {
            tokens = tokens.with_refresh_token(issued.refresh_token);
        }
        Ok((tokens, issued.delivery))
    }

    /// Issues a token without a user (RFC 6749 §4.4).
    fn for_client(&self, server: &Server, scope: Option<&Scope>) -> Result<Tokens, Error> {
        let access = Access {
            subject: &self.client.id,
            client_id: &self.client.id,
            resource: server.resource(self.resource.as_deref())?,
            scope: &self.client.scope(scope.cloned())?,
            auth_time: None,
            proof: self.proof.as_ref(),
        };
        Tokens::new(server, &access)
    }
}

impl Presented {
    /// Reads the parameters of a grant that the client may use.
    fn of(client: &Client, parameters: &Parameters) -> Result<Self, Error> {
        let grant_type = match parameters.require("grant_type")? {
            "authorization_code" => GrantType::AuthorizationCode,
            "refresh_token" => GrantType::RefreshToken,
            "client_credentials" => GrantType::ClientCredentials,
            _ => return Err(Error::new("unsupported_grant_type", "")),
        };
        if !client.allows_grant(grant_type) {
            return Err(Error::new(
                "unauthorized_client",
                "the client may not use this grant",
            ));
        }
        let required = |name| parameters.require(name).map(str::to_owned);
        Ok(match grant_type {
            GrantType::AuthorizationCode => Self::Code {
                code: required("code")?,
                redirect_uri: required("redirect_uri")?,
                verifier: verifier(parameters)?,
            },
            GrantType::RefreshToken => Self::RefreshToken {
                token: required("refresh_token")?,
                scope: parameters.scope()?,
            },
            GrantType::ClientCredentials => Self::Client {
                scope: parameters.scope()?,
            },
        })
    }

    fn grant_type(&self) -> GrantType {
        match self {
            Self::Code { .. } => GrantType::AuthorizationCode,
            Self::RefreshToken { .. } => GrantType::RefreshToken,
            Self::Client { .. } => GrantType::ClientCredentials,
        }
    }
}

/// Returns the PKCE verifier (RFC 7636 §4.1).
fn verifier(parameters: &Parameters) -> Result<String, Error> {
    let verifier = parameters.require("code_verifier")?;
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    match (43..=128).contains(&verifier.len()) && verifier.bytes().all(is_unreserved) {
        true => Ok(verifier.to_owned()),
        false => Err(Error::invalid_request(
            "expected a code_verifier of 43 to 128 unreserved characters",
        )),
    }
}
