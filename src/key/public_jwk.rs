//! Writes public keys as JSON Web Keys (RFC 7517), and computes their thumbprints (RFC 7638).

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::digest;
use super::material::{Content, RsaPublic};
use crate::algorithm::Algorithm;
use crate::base64url;
use crate::error::KeyError;

/// A public key as a JWK.
pub(super) struct PublicJwk<'a> {
    pub(super) key: Content<'a>,
    pub(super) id: Option<&'a str>,
    /// `None` for an RSA key that serves all algorithms of its type.
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

/// Computes the SHA-256 thumbprint (RFC 7638 §3).
pub(super) fn thumbprint(key: Content<'_>) -> Result<String, KeyError> {
    // No value has a character that JSON escapes.
    let members: Vec<_> = required_members(key)?
        .iter()
        .map(|(name, value)| format!("\"{name}\":\"{value}\""))
        .collect();
    let json = format!("{{{}}}", members.join(","));
    Ok(base64url::encode(&digest::sha256(json.as_bytes())))
}

/// Returns the members that make the public key, in the order of RFC 7638 §3.2.
pub(super) fn required_members(key: Content<'_>) -> Result<Vec<(&'static str, String)>, KeyError> {
    let encode = base64url::encode;
    Ok(match key {
        Content::Secret(_) => return Err(KeyError::NoPublicHalf),
        Content::Rsa(RsaPublic { modulus, exponent }) => vec![
            ("e", encode(exponent)),
            ("kty", "RSA".into()),
            ("n", encode(modulus)),
        ],
        Content::Ec(curve, point) => {
            let coordinates = point.get(1..).unwrap_or_default();
            let (x, y) = coordinates.split_at(coordinates.len() / 2);
            vec![
                ("crv", curve.name().into()),
                ("kty", "EC".into()),
                ("x", encode(x)),
                ("y", encode(y)),
            ]
        }
        Content::Ed25519(point) => vec![
            ("crv", "Ed25519".into()),
            ("kty", "OKP".into()),
            ("x", encode(point)),
        ],
    })
}
