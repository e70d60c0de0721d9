//! The names of claims (RFC 7519 §4.1).

use std::fmt;

/// A registered claim (RFC 7519 §4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Claim {
    /// `iss`, who issued the token (§4.1.1).
    Issuer,
    /// `sub`, whom the token is about (§4.1.2).
    Subject,
    /// `aud`, for whom the token is meant (§4.1.3).
    Audience,
    /// `exp`, from when on the token is refused (§4.1.4).
    Expiration,
    /// `nbf`, until when the token is refused (§4.1.5).
    NotBefore,
    /// `iat`, when the token was issued (§4.1.6).
    IssuedAt,
    /// `jti`, the token's own identifier (§4.1.7).
    JwtId,
}

impl Claim {
    /// Returns the name of the claim as it stands in a payload, for instance `iss`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Issuer => "iss",
            Self::Subject => "sub",
            Self::Audience => "aud",
            Self::Expiration => "exp",
            Self::NotBefore => "nbf",
            Self::IssuedAt => "iat",
            Self::JwtId => "jti",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "iss" => Self::Issuer,
            "sub" => Self::Subject,
            "aud" => Self::Audience,
            "exp" => Self::Expiration,
            "nbf" => Self::NotBefore,
            "iat" => Self::IssuedAt,
            "jti" => Self::JwtId,
            _ => return None,
        })
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
