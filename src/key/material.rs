//! The numbers of a key, as PEM, DER and JWK encode them.

use crate::algorithm::{Algorithm, Curve, Family};
use crate::error::KeyError;

/// The numbers of a key, big-endian, before they are checked.
#[derive(Clone, Copy)]
pub(super) enum Material<'a> {
    Symmetric {
        secret: &'a [u8],
    },
    RsaPublic(RsaPublic<'a>),
    RsaPrivate(RsaPrivate<'a>),
    EcPublic {
        curve: Curve,
        point: &'a [u8],
    },
    EcPrivate {
        curve: Curve,
        scalar: &'a [u8],
        /// Optional in PKCS#8 and SEC1.
        point: Option<&'a [u8]>,
    },
    Ed25519Public {
        point: &'a [u8],
    },
    Ed25519Private {
        seed: &'a [u8],
        point: Option<&'a [u8]>,
    },
    /// A key of a kind that is not supported, with its name, such as `an EC P-521 public key`.
    Other {
        name: &'static str,
    },
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RsaPublic<'a> {
    pub(super) modulus: &'a [u8],
    pub(super) exponent: &'a [u8],
}

/// What tells keys apart, regardless of their algorithms and ids.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Content<'a> {
    /// A hash that does not disclose the secret.
    Secret([u8; 32]),
    Rsa(RsaPublic<'a>),
    /// The uncompressed point.
    Ec(Curve, &'a [u8]),
    Ed25519(&'a [u8]),
}

/// The names are those of RFC 8017 §3.2.
#[derive(Clone, Copy)]
pub(super) struct RsaPrivate<'a> {
    pub(super) public: RsaPublic<'a>,
    pub(super) d: &'a [u8],
    pub(super) p: &'a [u8],
    pub(super) q: &'a [u8],
    pub(super) dp: &'a [u8],
    pub(super) dq: &'a [u8],
    pub(super) qinv: &'a [u8],
}

/// Which half of a key pair.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    Private,
    Public,
}

impl Material<'_> {
    /// Returns the error for a key that is not of the expected kind.
    pub(super) fn wrong_kind(&self, algorithm: Algorithm, half: Half) -> KeyError {
        KeyError::WrongKind {
            expected: kind(algorithm, half),
            found: self.name(),
        }
    }

    fn name(&self) -> &'static str {
        match self {
            Self::Symmetric { .. } => "a symmetric key",
            Self::RsaPublic(_) => kind(Algorithm::RS256, Half::Public),
            Self::RsaPrivate(_) => kind(Algorithm::RS256, Half::Private),
            Self::EcPublic { curve, .. } => kind(ecdsa(*curve), Half::Public),
            Self::EcPrivate { curve, .. } => kind(ecdsa(*curve), Half::Private),
            Self::Ed25519Public { .. } => kind(Algorithm::EdDSA, Half::Public),
            Self::Ed25519Private { .. } => kind(Algorithm::EdDSA, Half::Private),
            Self::Other { name } => name,
        }
    }
}

fn ecdsa(curve: Curve) -> Algorithm {
    match curve {
        Curve::P256 => Algorithm::ES256,
        Curve::P384 => Algorithm::ES384,
    }
}

/// Returns the name of the kind of key that the algorithm takes.
pub(super) fn kind(algorithm: Algorithm, half: Half) -> &'static str {
    match (algorithm.family(), half) {
        (Family::Hmac, _) => "a symmetric key",
        (Family::Rsa, Half::Private) => "an RSA private key",
        (Family::Rsa, Half::Public) => "an RSA public key",
        (Family::Ecdsa(Curve::P256), Half::Private) => "an EC P-256 private key",
        (Family::Ecdsa(Curve::P256), Half::Public) => "an EC P-256 public key",
        (Family::Ecdsa(Curve::P384), Half::Private) => "an EC P-384 private key",
        (Family::Ecdsa(Curve::P384), Half::Public) => "an EC P-384 public key",
        (Family::Ed25519, Half::Private) => "an Ed25519 private key",
        (Family::Ed25519, Half::Public) => "an Ed25519 public key",
    }
}
