//! JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037 §2) and their thumbprints (RFC 7638).

use std::borrow::Cow;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::digest;
use super::material::{Half, Material, RsaPrivate, RsaPublic};
use super::public::Public;
use crate::algorithm::{Algorithm, Curve};
use crate::base64url;
use crate::error::KeyError;
use crate::json::{self, Malformed, Value};
use crate::secret::Secret;

/// The members of a JWK that this library reads.
#[derive(Default)]
pub(crate) struct Jwk<'a> {
    kty: Cow<'a, str>,
    kid: Option<Cow<'a, str>>,
    alg: Option<Cow<'a, str>>,
    usage: Option<Cow<'a, str>>,
    key_ops: Option<Vec<Cow<'a, str>>>,
    crv: Option<Cow<'a, str>>,
    x: Option<Cow<'a, str>>,
    y: Option<Cow<'a, str>>,
    n: Option<Cow<'a, str>>,
    e: Option<Cow<'a, str>>,
    d: Option<Cow<'a, str>>,
    p: Option<Cow<'a, str>>,
    q: Option<Cow<'a, str>>,
    dp: Option<Cow<'a, str>>,
    dq: Option<Cow<'a, str>>,
    qi: Option<Cow<'a, str>>,
    k: Option<Cow<'a, str>>,
}

impl<'a> Jwk<'a> {
    pub(crate) fn parse(json: &'a str) -> Result<Self, KeyError> {
        let mut jwk = Self::default();
        let mut kty = None;
        let mut has_wrong_type = false;
        json::object(json, &mut |name, value| {
            let member = match name {
                "kty" => &mut kty,
                "kid" => &mut jwk.kid,
                "alg" => &mut jwk.alg,
                "use" => &mut jwk.usage,
                "crv" => &mut jwk.crv,
                "x" => &mut jwk.x,
                "y" => &mut jwk.y,
                "n" => &mut jwk.n,
                "e" => &mut jwk.e,
                "d" => &mut jwk.d,
                "p" => &mut jwk.p,
                "q" => &mut jwk.q,
                "dp" => &mut jwk.dp,
                "dq" => &mut jwk.dq,
                "qi" => &mut jwk.qi,
                "k" => &mut jwk.k,
                "key_ops" => {
                    jwk.key_ops = value
                        .elements()
                        .and_then(|all| all.map(Value::string).collect());
                    has_wrong_type |= jwk.key_ops.is_none();
                    return;
                }
                _ => return,
            };
            *member = value.string();
            has_wrong_type |= member.is_none();
        })
        .map_err(|Malformed(reason)| malformed(reason))?;
        if has_wrong_type {
            return Err(malformed("has a member of a wrong type"));
        }
        jwk.kty = kty.ok_or(malformed("has no `kty`"))?;
        Ok(jwk)
    }

    pub(crate) fn key_id(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    pub(crate) fn is_symmetric(&self) -> bool {
        self.kty == "oct"
    }

    /// The algorithms that the key may serve: the one it names, or all that its type allows.
    pub(crate) fn algorithms(&self) -> Result<&'static [Algorithm], KeyError> {
        let by_type: &[Algorithm] = match &*self.kty {
            "oct" => &[Algorithm::HS256, Algorithm::HS384, Algorithm::HS512],
            "RSA" => &Algorithm::RSA,
            "EC" => match self.curve()? {
                Curve::P256 => &[Algorithm::ES256],
                Curve::P384 => &[Algorithm::ES384],
            },
            "OKP" => {
                self.require_ed25519()?;
                match self.alg.as_deref() {
                    Some("Ed25519") => &[Algorithm::Ed25519],
                    _ => &[Algorithm::EdDSA],
                }
            }
            _ => return Err(unsupported("kty")),
        };
        let Some(named) = &self.alg else {
            return Ok(by_type);
        };
        Algorithm::from_name(named)
            .and_then(|named| by_type.iter().position(|one| *one == named))
            .and_then(|position| by_type.get(position..=position))
            .ok_or(unsupported("alg"))
    }

    /// Checks `alg`, `use` and `key_ops` against what the key is loaded for.
    pub(super) fn check_use(&self, algorithm: Algorithm, half: Half) -> Result<(), KeyError> {
        if let Some(named) = &self.alg
            && !Algorithm::from_name(named).is_some_and(|named| named.verifies(algorithm))
        {
            return Err(KeyError::WrongAlgorithm {
                expected: algorithm,
            });
        }
        let (operation, expected) = match half {
            Half::Private => ("sign", "for signing"),
            Half::Public => ("verify", "for verifying signatures"),
        };
        let usage = self.usage.as_ref();
        let operations = self.key_ops.as_ref();
        if usage.is_some_and(|usage| usage != "sig")
            || operations.is_some_and(|all| all.iter().all(|one| one != operation))
        {
            return Err(KeyError::WrongUse { expected });
        }
        Ok(())
    }

    /// Decodes the numbers and hands them to `make`; what was secret of them is overwritten then.
    pub(super) fn with_material<K>(
        &self,
        half: Half,
        make: impl FnOnce(Material<'_>) -> Result<K, KeyError>,
    ) -> Result<K, KeyError> {
        let private = half == Half::Private && self.d.is_some();
        match &*self.kty {
            "oct" => {
                let secret = bytes(self.k.as_ref())?;
                let secret = secret.as_ref();
                make(Material::Symmetric { secret })
            }
            "RSA" if private => self.with_rsa_private(make),
            "RSA" => {
                let (n, e) = (number(self.n.as_ref())?, number(self.e.as_ref())?);
                make(Material::RsaPublic(RsaPublic {
                    modulus: n.as_ref(),
                    exponent: e.as_ref(),
                }))
            }
            "EC" => self.with_ec(private, make),
            "OKP" => {
                self.require_ed25519()?;
                let x = bytes(self.x.as_ref())?;
                let point = x.as_ref();
                if !private {
                    return make(Material::Ed25519Public { point });
                }
                let d = bytes(self.d.as_ref())?;
                make(Material::Ed25519Private {
                    seed: d.as_ref(),
                    point: Some(point),
                })
            }
            _ => Err(unsupported("kty")),
        }
    }

    fn with_ec<K>(
        &self,
        private: bool,
        make: impl FnOnce(Material<'_>) -> Result<K, KeyError>,
    ) -> Result<K, KeyError> {
        let curve = self.curve()?;
        let (x, y) = (bytes(self.x.as_ref())?, bytes(self.y.as_ref())?);
        if x.as_ref().len() != curve.size() || y.as_ref().len() != curve.size() {
            return Err(malformed(
                "has coordinates of another length than its curve",
            ));
        }
        let point = [&[4], x.as_ref(), y.as_ref()].concat();
        if !private {
            let point = &point;
            return make(Material::EcPublic { curve, point });
        }
        let d = bytes(self.d.as_ref())?;
        make(Material::EcPrivate {
            curve,
            scalar: d.as_ref(),
            point: Some(&point),
        })
    }

    fn with_rsa_private<K>(
        &self,
        make: impl FnOnce(Material<'_>) -> Result<K, KeyError>,
    ) -> Result<K, KeyError> {
        let (n, e) = (number(self.n.as_ref())?, number(self.e.as_ref())?);
        let (d, p, q) = (
            number(self.d.as_ref())?,
            number(self.p.as_ref())?,
            number(self.q.as_ref())?,
        );
        let (dp, dq, qi) = (
            number(self.dp.as_ref())?,
            number(self.dq.as_ref())?,
            number(self.qi.as_ref())?,
        );
        make(Material::RsaPrivate(RsaPrivate {
            public: RsaPublic {
                modulus: n.as_ref(),
                exponent: e.as_ref(),
            },
            d: d.as_ref(),
            p: p.as_ref(),
            q: q.as_ref(),
            dp: dp.as_ref(),
            dq: dq.as_ref(),
            qinv: qi.as_ref(),
        }))
    }

    fn curve(&self) -> Result<Curve, KeyError> {
        match self.crv.as_deref() {
            Some("P-256") => Ok(Curve::P256),
            Some("P-384") => Ok(Curve::P384),
            _ => Err(unsupported("crv")),
        }
    }

    fn require_ed25519(&self) -> Result<(), KeyError> {
        match self.crv.as_deref() {
            Some("Ed25519") => Ok(()),
            _ => Err(unsupported("crv")),
        }
    }
}

/// Decodes a member that must be there.
fn bytes(member: Option<&Cow<'_, str>>) -> Result<Secret, KeyError> {
    let text = member.ok_or(malformed("lacks a number that its type has"))?;
    base64url::decode(text).map(Secret::from).ok_or(malformed(
        "has a number that is not base64url without padding",
    ))
}

/// The same for a number of any length. Some issuers write leading zeros against RFC 7518 §2,
/// which do no harm.
fn number(member: Option<&Cow<'_, str>>) -> Result<Secret, KeyError> {
    let bytes = bytes(member)?;
    let zeros = bytes.as_ref().iter().take_while(|byte| **byte == 0).count();
    Ok(bytes.as_ref().split_at(zeros).1.to_vec().into())
}

fn malformed(reason: &'static str) -> KeyError {
    KeyError::Malformed {
        encoding: "a JWK",
        reason,
    }
}

fn unsupported(member: &'static str) -> KeyError {
    KeyError::Unsupported { member }
}

/// The members that make the public key, in the order of RFC 7638 §3.2.
fn required_members(key: &Public) -> Result<Vec<(&'static str, String)>, KeyError> {
    let encode = base64url::encode;
    Ok(match key {
        Public::Hmac(_) => return Err(KeyError::NoPublicHalf),
        Public::Rsa(key) => vec![
            ("e", encode(key.exponent())),
            ("kty", "RSA".into()),
            ("n", encode(key.modulus())),
        ],
        Public::Ecdsa(key) => {
            let (x, y) = key.coordinates();
            vec![
                ("crv", key.curve().name().into()),
                ("kty", "EC".into()),
                ("x", encode(x)),
                ("y", encode(y)),
            ]
        }
        Public::Ed25519(key) => vec![
            ("crv", "Ed25519".into()),
            ("kty", "OKP".into()),
            ("x", encode(key.point())),
        ],
    })
}

/// The SHA-256 thumbprint of RFC 7638 §3.
pub(super) fn thumbprint(key: &Public) -> Result<String, KeyError> {
    // None of the values has a character that JSON would escape.
    let members: Vec<_> = required_members(key)?
        .iter()
        .map(|(name, value)| format!("\"{name}\":\"{value}\""))
        .collect();
    let json = format!("{{{}}}", members.join(","));
    Ok(base64url::encode(digest::sha256(json.as_bytes()).as_ref()))
}

/// A public key as a JWK.
pub(super) struct PublicJwk<'a> {
    pub(super) key: &'a Public,
    pub(super) id: Option<&'a str>,
    /// None for an RSA key that serves all algorithms of its type.
    pub(super) algorithm: Option<Algorithm>,
}

impl Serialize for PublicJwk<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let members = required_members(self.key).map_err(serde::ser::Error::custom)?;
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in members {
            map.serialize_entry(name, &value)?;
        }
        if let Some(id) = self.id {
            map.serialize_entry("kid", id)?;
        }
        if let Some(algorithm) = self.algorithm {
            map.serialize_entry("alg", &algorithm)?;
        }
        map.serialize_entry("use", "sig")?;
        map.end()
    }
}
