//! What PEM, DER and JWK are encodings of: the numbers of a key.

use crate::algorithm::{Algorithm, Curve, Family};
use crate::error::KeyError;

/// The numbers of a key, big-endian, before anybody looked at whether they make one.
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
        /// PKCS#8 and SEC1 allow it to be left out.
        point: Option<&'a [u8]>,
    },
    Ed25519Public {
        point: &'a [u8],
    },
    Ed25519Private {
        seed: &'a [u8],
        point: Option<&'a [u8]>,
    },
    /// A key that we know by name only, such as `an EC P-521`.
    Other {
        name: &'static str,
        half: Half,
    },
}

#[derive(Clone, Copy)]
pub(super) struct RsaPublic<'a> {
    pub(super) modulus: &'a [u8],
    pub(super) exponent: &'a [u8],
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

impl Half {
    fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
        }
    }
}

impl Material<'_> {
    /// The error for a key that is not of the kind wanted.
    pub(super) fn wrong_kind(&self, algorithm: Algorithm, half: Half) -> KeyError {
        let wanted = match algorithm.family() {
            Family::Hmac => "a symmetric key".into(),
            Family::Rsa => describe("an RSA", half),
            Family::Ecdsa(curve) => describe(ec_name(curve), half),
            Family::Ed25519 => describe("an Ed25519", half),
        };
        KeyError::WrongKind {
            found: self.describe(),
            wanted,
        }
    }

    fn describe(&self) -> String {
        match self {
            Self::Symmetric { .. } => "a symmetric key".into(),
            Self::RsaPublic(_) => describe("an RSA", Half::Public),
            Self::RsaPrivate(_) => describe("an RSA", Half::Private),
            Self::EcPublic { curve, .. } => describe(ec_name(*curve), Half::Public),
            Self::EcPrivate { curve, .. } => describe(ec_name(*curve), Half::Private),
            Self::Ed25519Public { .. } => describe("an Ed25519", Half::Public),
            Self::Ed25519Private { .. } => describe("an Ed25519", Half::Private),
            Self::Other { name, half } => describe(name, *half),
        }
    }
}

fn ec_name(curve: Curve) -> &'static str {
    match curve {
        Curve::P256 => "an EC P-256",
        Curve::P384 => "an EC P-384",
    }
}

fn describe(name: &str, half: Half) -> String {
    format!("{name} {} key", half.name())
}
