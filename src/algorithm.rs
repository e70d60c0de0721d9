//! The names of the signature algorithms (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A signature algorithm: the value of the `alg` header parameter.
///
/// These are the JOSE algorithms that both backends implement. `none` is not one of them (RFC 8725 §3.2).
///
/// Names are compared exactly (RFC 7515 §4.1.1): `hs256` is not an algorithm.
///
/// ```
/// use jwt_ring::Algorithm;
///
/// assert_eq!("ES256".parse::<Algorithm>()?, Algorithm::ES256);
/// assert_eq!(Algorithm::ES256.to_string(), "ES256");
/// assert!("none".parse::<Algorithm>().is_err());
/// # Ok::<(), jwt_ring::UnknownAlgorithm>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize, Serialize)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC with SHA-256: one secret of 32 bytes or more, shared by issuer and verifier.
    HS256,
    /// HMAC with SHA-384: one secret of 48 bytes or more.
    HS384,
    /// HMAC with SHA-512: one secret of 64 bytes or more.
    HS512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RS384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RS512,
    /// RSASSA-PSS with SHA-256.
    PS256,
    /// RSASSA-PSS with SHA-384.
    PS384,
    /// RSASSA-PSS with SHA-512.
    PS512,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
    /// EdDSA with Ed25519, by its name in RFC 8037.
    ///
    /// A key for it verifies tokens that name [`Ed25519`](Self::Ed25519) as well, and the other way
    /// round: both names stand for the same signatures.
    EdDSA,
    /// EdDSA with Ed25519, by its name in RFC 9864.
    Ed25519,
}

/// The kind of key that an algorithm requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    Hmac,
    Rsa,
    Ecdsa(Curve),
    Ed25519,
}

/// The curves of ECDSA that both backends implement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Curve {
    P256,
    P384,
}

impl Curve {
    /// The largest [`size`](Self::size).
    pub(crate) const MAX_SIZE: usize = 48;

    /// The length of a coordinate, a private key, and half a signature.
    pub(crate) fn size(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }

    /// The `crv` of RFC 7518 §6.2.1.1.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
        }
    }
}

impl Algorithm {
    /// The algorithms that one RSA key can serve.
    pub(crate) const RSA: [Self; 6] = [
        Self::RS256,
        Self::RS384,
        Self::RS512,
        Self::PS256,
        Self::PS384,
        Self::PS512,
    ];

    /// Returns the name as it stands in a token's header, for instance `ES256`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::HS256 => "HS256",
            Self::HS384 => "HS384",
            Self::HS512 => "HS512",
            Self::RS256 => "RS256",
            Self::RS384 => "RS384",
            Self::RS512 => "RS512",
            Self::PS256 => "PS256",
            Self::PS384 => "PS384",
            Self::PS512 => "PS512",
            Self::ES256 => "ES256",
            Self::ES384 => "ES384",
            Self::EdDSA => "EdDSA",
            Self::Ed25519 => "Ed25519",
        }
    }

    /// Reads a name as it stands in a token's header.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "HS256" => Self::HS256,
            "HS384" => Self::HS384,
            "HS512" => Self::HS512,
            "RS256" => Self::RS256,
            "RS384" => Self::RS384,
            "RS512" => Self::RS512,
            "PS256" => Self::PS256,
            "PS384" => Self::PS384,
            "PS512" => Self::PS512,
            "ES256" => Self::ES256,
            "ES384" => Self::ES384,
            "EdDSA" => Self::EdDSA,
            "Ed25519" => Self::Ed25519,
            _ => return None,
        })
    }

    #[inline]
    pub(crate) fn family(self) -> Family {
        match self {
            Self::HS256 | Self::HS384 | Self::HS512 => Family::Hmac,
            Self::RS256 | Self::RS384 | Self::RS512 | Self::PS256 | Self::PS384 | Self::PS512 => {
                Family::Rsa
            }
            Self::ES256 => Family::Ecdsa(Curve::P256),
            Self::ES384 => Family::Ecdsa(Curve::P384),
            Self::EdDSA | Self::Ed25519 => Family::Ed25519,
        }
    }

    /// Returns whether a key for this algorithm verifies signatures of the other.
    pub(crate) fn verifies(self, other: Self) -> bool {
        self == other || (self.family(), other.family()) == (Family::Ed25519, Family::Ed25519)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = UnknownAlgorithm;

    /// Reads the name of an algorithm, for instance from a configuration file.
    ///
    /// # Errors
    ///
    /// [`UnknownAlgorithm`] for any other text, `none` in every spelling included.
    fn from_str(name: &str) -> Result<Self, UnknownAlgorithm> {
        Self::from_name(name).ok_or(UnknownAlgorithm)
    }
}

/// The text is not the name of an [`Algorithm`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected one of HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, \
     EdDSA and Ed25519, found another name"
)]
#[non_exhaustive]
pub struct UnknownAlgorithm;
