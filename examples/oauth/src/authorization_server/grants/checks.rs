//! The checks of a token request against its grant.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::oauth::Scope;

use super::{Expected, Grant, GrantError, Redemption, Refresh, sha256};

pub(super) fn check_code(expected: &Expected, request: &Redemption<'_>) -> Result<(), GrantError> {
    let challenge = URL_SAFE_NO_PAD.encode(sha256(request.verifier));
    // The challenge is no secret: it came through the browser.
    if request.redirect_uri != expected.redirect_uri || challenge != expected.challenge {
        return Err(GrantError::Unknown);
    }
    match &expected.thumbprint {
        Some(expected) if request.thumbprint != Some(expected) => Err(GrantError::WrongKey),
        _ => Ok(()),
    }
}

/// Checks the parameters of a refresh, and returns the scope of its access token.
pub(super) fn check_refresh(grant: &Grant, request: &Refresh<'_>) -> Result<Scope, GrantError> {
    check_target(grant, request.resource)?;
    if grant.thumbprint.is_some() && grant.thumbprint.as_deref() != request.thumbprint {
        return Err(GrantError::WrongKey);
    }
    let scope = request.scope.as_ref().unwrap_or(&grant.scope);
    match scope.is_subset(&grant.scope) {
        true => Ok(scope.clone()),
        false => Err(GrantError::Scope),
    }
}

/// Checks that a requested resource is that of the grant (RFC 8707 §2.2).
pub(super) fn check_target(grant: &Grant, resource: Option<&str>) -> Result<(), GrantError> {
    match resource {
        Some(resource) if resource != grant.resource => Err(GrantError::Target),
        _ => Ok(()),
    }
}
