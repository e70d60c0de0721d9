//! Keys in DER: PKCS#8, PKCS#1, SEC1, SPKI, and the SPKI of an X.509 certificate.

use super::material::{Content, Half, Material, RsaPrivate, RsaPublic};
use crate::algorithm::Curve;
use crate::der::{Reader, Writer, tag};
use crate::error::KeyError;

/// The object identifiers of key types and curves.
mod oid {
    pub(super) const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    pub(super) const RSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
    pub(super) const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01];
    pub(super) const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
    pub(super) const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
    pub(super) const P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
    pub(super) const P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
    pub(super) const SECP256K1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x0a];
    pub(super) const X25519: &[u8] = &[0x2b, 0x65, 0x6e];
    pub(super) const X448: &[u8] = &[0x2b, 0x65, 0x6f];
    pub(super) const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
    pub(super) const ED448: &[u8] = &[0x2b, 0x65, 0x71];
}

/// Detects the encoding from the structure, and returns the numbers of the key.
pub(super) fn parse(der: &[u8]) -> Result<Material<'_>, KeyError> {
    let malformed = |reason| KeyError::Malformed {
        encoding: "a key in DER",
        reason,
    };
    let document = Reader::document(der).ok_or(malformed("is not one SEQUENCE"))?;
    let material = match tags_of_first_two(document) {
        Some((tag::INTEGER, tag::SEQUENCE)) => match pkcs8(document) {
            Some((key, Some(public))) => Some(with_public(key, public)?),
            Some((key, None)) => Some(key),
            None => None,
        },
        Some((tag::INTEGER, tag::INTEGER)) => pkcs1(document),
        Some((tag::INTEGER, tag::OCTET_STRING)) => sec1(document, None),
        Some((tag::SEQUENCE, tag::BIT_STRING)) => spki(document),
        Some((tag::SEQUENCE, tag::SEQUENCE)) => certificate(document),
        Some((tag::SEQUENCE, tag::OCTET_STRING)) if is_encrypted(document) => {
            return Err(KeyError::Encrypted);
        }
        _ => None,
    };
    material.ok_or(malformed(
        "does not have the structure of PKCS#8, PKCS#1, SEC1, SPKI or X.509",
    ))
}

fn tags_of_first_two(mut document: Reader<'_>) -> Option<(u8, u8)> {
    let first = document.peek()?;
    document.read(first)?;
    Some((first, document.peek()?))
}

/// Returns whether it is an `EncryptedPrivateKeyInfo` (RFC 5958 §3).
fn is_encrypted(mut key: Reader<'_>) -> bool {
    let mut read = || {
        AlgorithmIdentifier::read(&mut key)?;
        key.read(tag::OCTET_STRING)?;
        key.finish()
    };
    read().is_some()
}

/// `OneAsymmetricKey` (RFC 5958 §2), of which `PrivateKeyInfo` is version 1. Returns the public key of
/// version 2 too.
fn pkcs8(mut key: Reader<'_>) -> Option<(Material<'_>, Option<&[u8]>)> {
    let version = key.unsigned()?;
    let algorithm = AlgorithmIdentifier::read(&mut key)?;
    let private = key.read(tag::OCTET_STRING)?;
    let _attributes = key.optional(tag::CONTEXT_0)?;
    let public = match version {
        [] => None,
        [1] => embedded_public(&mut key)?,
        _ => return None,
    };
    key.finish()?;
    let key = match algorithm.kind()? {
        Kind::Rsa => match pkcs1(Reader::document(private)?)? {
            key @ Material::RsaPrivate(_) => key,
            _ => return None,
        },
        Kind::Ec(curve) => sec1(Reader::document(private)?, Some(curve))?,
        Kind::Ed25519 => {
            let mut private = Reader::new(private);
            let seed = private.read(tag::OCTET_STRING)?;
            private.finish()?;
            Material::Ed25519Private { seed, point: None }
        }
        Kind::Other(names) => names.material(Half::Private),
    };
    Some((key, public))
}

/// The public key of version 2: `[1] IMPLICIT BIT STRING`, or explicit, as older *ring* wrote it.
fn embedded_public<'a>(key: &mut Reader<'a>) -> Option<Option<&'a [u8]>> {
    const IMPLICIT_1: u8 = 0x81;
    if let Some(explicit) = key.optional(tag::CONTEXT_1)? {
        return single_bit_string(explicit).map(Some);
    }
    Some(match key.optional(IMPLICIT_1)? {
        Some([0, public @ ..]) => Some(public),
        Some(_) => return None,
        None => None,
    })
}

/// Adds the public key that PKCS#8 holds beside a private key. One inside the private key must be
/// equal. Whether it belongs to the private key is checked when the key is made.
fn with_public<'a>(key: Material<'a>, public: &'a [u8]) -> Result<Material<'a>, KeyError> {
    let invalid = |expected| Err(KeyError::Invalid { expected });
    match key {
        Material::RsaPrivate(private) => match Reader::document(public).and_then(pkcs1) {
            Some(Material::RsaPublic(public)) if public == private.public => Ok(key),
            _ => invalid("an RSA private key with the public key that belongs to it"),
        },
        Material::EcPrivate {
            point: Some(point), ..
        } if point != public => invalid("an EC private key with the public key that belongs to it"),
        Material::EcPrivate { curve, scalar, .. } => Ok(Material::EcPrivate {
            curve,
            scalar,
            point: Some(public),
        }),
        Material::Ed25519Private { seed, .. } => Ok(Material::Ed25519Private {
            seed,
            point: Some(public),
        }),
        _ => Ok(key),
    }
}

/// `RSAPublicKey` and `RSAPrivateKey` (RFC 8017 A.1).
fn pkcs1(mut key: Reader<'_>) -> Option<Material<'_>> {
    let first = key.unsigned()?;
    let second = key.unsigned()?;
    if key.finish().is_some() {
        return Some(Material::RsaPublic(RsaPublic {
            modulus: first,
            exponent: second,
        }));
    }
    // The version: 0 for two primes.
    if !first.is_empty() {
        return None;
    }
    let private = RsaPrivate {
        public: RsaPublic {
            modulus: second,
            exponent: key.unsigned()?,
        },
        d: key.unsigned()?,
        p: key.unsigned()?,
        q: key.unsigned()?,
        dp: key.unsigned()?,
        dq: key.unsigned()?,
        qinv: key.unsigned()?,
    };
    key.finish()?;
    Some(Material::RsaPrivate(private))
}

/// `ECPrivateKey` (RFC 5915 §3). In PKCS#8, the curve is in the outer structure.
fn sec1<'a>(mut key: Reader<'a>, outer: Option<Result<Curve, Names>>) -> Option<Material<'a>> {
    if key.unsigned()? != [1] {
        return None;
    }
    let scalar = key.read(tag::OCTET_STRING)?;
    let inner = match key.optional(tag::CONTEXT_0)? {
        Some(parameters) => Some(curve(&mut Reader::new(parameters))?),
        None => None,
    };
    let point = match key.optional(tag::CONTEXT_1)? {
        Some(point) => Some(single_bit_string(point)?),
        None => None,
    };
    key.finish()?;
    if let (Some(outer), Some(inner)) = (outer, inner)
        && outer != inner
    {
        return None;
    }
    Some(match outer.or(inner)? {
        Ok(curve) => Material::EcPrivate {
            curve,
            scalar,
            point,
        },
        Err(names) => names.material(Half::Private),
    })
}

/// `SubjectPublicKeyInfo` (RFC 5280 §4.1).
fn spki(mut key: Reader<'_>) -> Option<Material<'_>> {
    let algorithm = AlgorithmIdentifier::read(&mut key)?;
    let public = key.bit_string()?;
    key.finish()?;
    match algorithm.kind()? {
        Kind::Rsa => match pkcs1(Reader::document(public)?)? {
            key @ Material::RsaPublic(_) => Some(key),
            _ => None,
        },
        Kind::Ec(Ok(curve)) => Some(Material::EcPublic {
            curve,
            point: public,
        }),
        Kind::Ed25519 => Some(Material::Ed25519Public { point: public }),
        Kind::Ec(Err(names)) | Kind::Other(names) => Some(names.material(Half::Public)),
    }
}

/// The public key of an X.509 certificate (RFC 5280 §4.1). Nothing else of it is checked.
fn certificate(mut certificate: Reader<'_>) -> Option<Material<'_>> {
    let mut tbs = certificate.sequence()?;
    let _signature_algorithm = certificate.sequence()?;
    let _signature = certificate.bit_string()?;
    certificate.finish()?;

    let _version = tbs.optional(tag::CONTEXT_0)?;
    let _serial_number = tbs.read(tag::INTEGER)?;
    let _signature_algorithm = tbs.sequence()?;
    let _issuer = tbs.sequence()?;
    let _validity = tbs.sequence()?;
    let _subject = tbs.sequence()?;
    spki(tbs.sequence()?)
}

fn single_bit_string(contents: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(contents);
    let bytes = reader.bit_string()?;
    reader.finish()?;
    Some(bytes)
}

/// `AlgorithmIdentifier` (RFC 5280 §4.1.1.2).
struct AlgorithmIdentifier<'a> {
    oid: &'a [u8],
    parameters: Reader<'a>,
}

/// The kind of a key: one that is supported, or the names of another.
enum Kind {
    Rsa,
    Ec(Result<Curve, Names>),
    Ed25519,
    Other(Names),
}

/// The names of a private and a public key of a kind that is not supported.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Names {
    private: &'static str,
    public: &'static str,
}

macro_rules! names {
    ($kind:literal) => {
        Names {
            private: concat!($kind, " private key"),
            public: concat!($kind, " public key"),
        }
    };
}

impl Names {
    fn material<'a>(self, half: Half) -> Material<'a> {
        let name = match half {
            Half::Private => self.private,
            Half::Public => self.public,
        };
        Material::Other { name }
    }
}

impl<'a> AlgorithmIdentifier<'a> {
    fn read(outer: &mut Reader<'a>) -> Option<Self> {
        let mut parameters = outer.sequence()?;
        let oid = parameters.read(tag::OID)?;
        Some(Self { oid, parameters })
    }

    fn kind(mut self) -> Option<Kind> {
        Some(match self.oid {
            oid::RSA => {
                // A NULL has no content.
                if let Some([_, ..]) = self.parameters.optional(tag::NULL)? {
                    return None;
                }
                self.parameters.finish()?;
                Kind::Rsa
            }
            oid::EC => Kind::Ec(curve(&mut self.parameters)?),
            oid::ED25519 => {
                self.parameters.finish()?;
                Kind::Ed25519
            }
            oid::RSA_PSS => Kind::Other(names!("an RSASSA-PSS (not plain RSA)")),
            oid::DSA => Kind::Other(names!("a DSA")),
            oid::X25519 => Kind::Other(names!("an X25519")),
            oid::X448 => Kind::Other(names!("an X448")),
            oid::ED448 => Kind::Other(names!("an Ed448")),
            _ => Kind::Other(names!("an unknown kind of")),
        })
    }
}

/// `ECParameters` (RFC 5480 §2.1.1): the curve, or the names of keys on another.
fn curve(parameters: &mut Reader<'_>) -> Option<Result<Curve, Names>> {
    if parameters.peek() == Some(tag::SEQUENCE) {
        return Some(Err(names!("an EC (on a curve without a name)")));
    }
    let oid = parameters.read(tag::OID)?;
    parameters.finish()?;
    Some(match oid {
        oid::P256 => Ok(Curve::P256),
        oid::P384 => Ok(Curve::P384),
        oid::P521 => Err(names!("an EC P-521")),
        oid::SECP256K1 => Err(names!("an EC secp256k1")),
        _ => Err(names!("an EC (on an unknown curve)")),
    })
}

/// Writes a public key as SPKI (RFC 5280 §4.1).
pub(super) fn write_spki(key: Content<'_>) -> Result<Vec<u8>, KeyError> {
    let identifier = |oid| Writer::default().value(tag::OID, oid);
    Ok(match key {
        Content::Secret(_) => return Err(KeyError::NoPublicHalf),
        // RFC 8017 A.1.
        Content::Rsa(RsaPublic { modulus, exponent }) => {
            let numbers = Writer::default().unsigned(modulus).unsigned(exponent);
            let numbers = Writer::default().sequence(numbers).finish();
            spki_of(identifier(oid::RSA).value(tag::NULL, &[]), &numbers)
        }
        // RFC 5480 §2.
        Content::Ec(curve, point) => {
            let curve = match curve {
                Curve::P256 => oid::P256,
                Curve::P384 => oid::P384,
            };
            spki_of(identifier(oid::EC).value(tag::OID, curve), point)
        }
        // RFC 8410 §4.
        Content::Ed25519(point) => spki_of(identifier(oid::ED25519), point),
    })
}

fn spki_of(algorithm: Writer, public: &[u8]) -> Vec<u8> {
    let contents = Writer::default().sequence(algorithm).bit_string(public);
    Writer::default().sequence(contents).finish()
}
