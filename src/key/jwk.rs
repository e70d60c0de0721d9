//! Reads JSON Web Keys (RFC 7517, RFC 7518 §6, RFC 8037 §2).

use std::borrow::Cow;

use super::material::{Half, Material, RsaPrivate, RsaPublic};
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
    numbers: [Option<Value<'a>>; Number::COUNT],
}

/// A member that holds a number, or bytes, in base64url.
#[derive(Clone, Copy)]
enum Number {
    N,
    E,
    X,
    Y,
    K,
    D,
    P,
    Q,
    Dp,
    Dq,
    Qi,
}

impl Number {
    const COUNT: usize = Self::Qi as usize + 1;

    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "n" => Self::N,
            "e" => Self::E,
            "x" => Self::X,
            "y" => Self::Y,
            "k" => Self::K,
            "d" => Self::D,
            "p" => Self::P,
            "q" => Self::Q,
            "dp" => Self::Dp,
            "dq" => Self::Dq,
            "qi" => Self::Qi,
            _ => return None,
        })
    }

    /// Returns what is wrong if it is missing.
    fn missing(self) -> &'static str {
        match self {
            Self::N => "has no `n`, which its `kty` requires",
            Self::E => "has no `e`, which its `kty` requires",
            Self::X => "has no `x`, which its `kty` requires",
            Self::Y => "has no `y`, which its `kty` requires",
            Self::K => "has no `k`, which its `kty` requires",
            Self::D => "has no `d`, which a private key requires",
            Self::P => "has no `p`: an RSA private key requires its primes",
            Self::Q => "has no `q`: an RSA private key requires its primes",
            Self::Dp => "has no `dp`: an RSA private key requires its primes",
            Self::Dq => "has no `dq`: an RSA private key requires its primes",
            Self::Qi => "has no `qi`: an RSA private key requires its primes",
        }
    }
}

impl<'a> Jwk<'a> {
    pub(crate) fn parse(json: &'a str) -> Result<Self, KeyError> {
        let mut jwk = Self::default();
        let mut kty = None;
        let mut has_wrong_type = false;
        json::object(json, &mut |name, value| {
            if let Some(number) = Number::from_name(name) {
                has_wrong_type |= !value.is_string();
                if let Some(slot) = jwk.numbers.get_mut(number as usize) {
                    *slot = Some(value);
                }
                return;
            }
            let member = match name {
                "kty" => &mut kty,
                "kid" => &mut jwk.kid,
                "alg" => &mut jwk.alg,
                "use" => &mut jwk.usage,
                "crv" => &mut jwk.crv,
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

    /// Returns whether there is a member of a private or symmetric key.
    #[cfg(feature = "oauth")]
    pub(super) fn is_private(&self) -> bool {
        use Number::{D, Dp, Dq, K, P, Q, Qi};
        [K, D, P, Q, Dp, Dq, Qi]
            .into_iter()
            .any(|one| self.has(one))
    }

    /// Returns the algorithms that the key may serve: the one it names, or all that its type allows.
    pub(super) fn algorithms(&self) -> Result<&'static [Algorithm], KeyError> {
        self.check_kty()?;
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
            _ => return Err(KeyError::UnsupportedKeyType),
        };
        let Some(named) = &self.alg else {
            return Ok(by_type);
        };
        Algorithm::from_name(named)
            .and_then(|named| by_type.iter().position(|one| *one == named))
            .and_then(|position| by_type.get(position..=position))
            .ok_or(KeyError::UnsupportedAlgorithm)
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

    /// Decodes the numbers for `make`, and then overwrites them.
    pub(super) fn with_material<K>(
        &self,
        half: Half,
        make: impl FnOnce(Material<'_>) -> Result<K, KeyError>,
    ) -> Result<K, KeyError> {
        let private = half == Half::Private && self.has(Number::D);
        self.check_kty()?;
        match &*self.kty {
            "oct" => {
                let secret = self.bytes(Number::K)?;
                let secret = secret.as_ref();
                make(Material::Symmetric { secret })
            }
            "RSA" if private => self.with_rsa_private(make),
            "RSA" => {
                let (n, e) = (self.bytes(Number::N)?, self.bytes(Number::E)?);
                make(Material::RsaPublic(RsaPublic {
                    modulus: number(&n),
                    exponent: number(&e),
                }))
            }
            "EC" => self.with_ec(private, make),
            "OKP" => {
                self.require_ed25519()?;
                let x = self.bytes(Number::X)?;
                let point = x.as_ref();
                if !private {
                    return make(Material::Ed25519Public { point });
                }
                let d = self.bytes(Number::D)?;
                make(Material::Ed25519Private {
                    seed: d.as_ref(),
                    point: Some(point),
                })
            }
            _ => Err(KeyError::UnsupportedKeyType),
        }
    }

    fn with_ec<K>(
        &self,
        private: bool,
        make: impl FnOnce(Material<'_>) -> Result<K, KeyError>,
    ) -> Result<K, KeyError> {
        let curve = self.curve()?;
        // The first byte is that of an uncompressed point.
        let mut buffer = [4; 1 + 2 * Curve::MAX_SIZE];
        let (point, _) = buffer.split_at_mut(1 + 2 * curve.size());
        let (x, y) = point.split_at_mut(1).1.split_at_mut(curve.size());
        self.coordinate(Number::X, x)?;
        self.coordinate(Number::Y, y)?;
        if !private {
            return make(Material::EcPublic { curve, point });
        }
        let d = self.bytes(Number::D)?;
        make(Material::EcPrivate {
            curve,
            scalar: d.as_ref(),
            point: Some(point),
        })
    }

    fn with_rsa_private<K>(
        &self,
        make: impl FnOnce(Material<'_>) -> Result<K, KeyError>,
    ) -> Result<K, KeyError> {
        let (n, e, d) = (
            self.bytes(Number::N)?,
            self.bytes(Number::E)?,
            self.bytes(Number::D)?,
        );
        let (p, q) = (self.bytes(Number::P)?, self.bytes(Number::Q)?);
        let (dp, dq, qi) = (
            self.bytes(Number::Dp)?,
            self.bytes(Number::Dq)?,
            self.bytes(Number::Qi)?,
        );
        make(Material::RsaPrivate(RsaPrivate {
            public: RsaPublic {
                modulus: number(&n),
                exponent: number(&e),
            },
            d: number(&d),
            p: number(&p),
            q: number(&q),
            dp: number(&dp),
            dq: number(&dq),
            qinv: number(&qi),
        }))
    }

    fn curve(&self) -> Result<Curve, KeyError> {
        match self.crv.as_deref() {
            Some("P-256") => Ok(Curve::P256),
            Some("P-384") => Ok(Curve::P384),
            _ => Err(KeyError::UnsupportedCurve),
        }
    }

    fn require_ed25519(&self) -> Result<(), KeyError> {
        match self.crv.as_deref() {
            Some("Ed25519") => Ok(()),
            _ => Err(KeyError::UnsupportedCurve),
        }
    }

    /// Checks that the members are not those of a key of another type.
    fn check_kty(&self) -> Result<(), KeyError> {
        use Number::{K, N, X};
        let crv = self.crv.as_deref();
        let fits = match &*self.kty {
            "RSA" => self.has(N) || !(self.has(X) || self.has(K)),
            "oct" => self.has(K) || !(self.has(X) || self.has(N)),
            "EC" => crv != Some("Ed25519") && (self.has(X) || !(self.has(N) || self.has(K))),
            "OKP" => {
                !matches!(crv, Some("P-256" | "P-384"))
                    && (self.has(X) || !(self.has(N) || self.has(K)))
            }
            _ => true,
        };
        if !fits {
            return Err(malformed("has a `kty` that does not fit its other members"));
        }
        Ok(())
    }

    fn has(&self, number: Number) -> bool {
        self.get(number).is_some()
    }

    fn get(&self, number: Number) -> Option<Value<'a>> {
        *self.numbers.get(number as usize)?
    }

    /// Decodes a member that must be present.
    fn bytes(&self, number: Number) -> Result<Secret, KeyError> {
        let value = self.get(number).ok_or(malformed(number.missing()))?;
        decode(value.text()).ok_or(malformed(
            "has a number that is not base64url without padding",
        ))
    }

    /// Decodes a member that must be present and fill the buffer.
    fn coordinate(&self, number: Number, buffer: &mut [u8]) -> Result<(), KeyError> {
        let plain = self.get(number).and_then(Value::plain_string);
        let decoded = plain.and_then(|text| base64url::decode_slice(text, buffer));
        let length = decoded.map(<[u8]>::len);
        if length == Some(buffer.len()) {
            return Ok(());
        }
        let bytes = self.bytes(number)?;
        if bytes.as_ref().len() != buffer.len() {
            return Err(malformed(
                "has coordinates of another length than its curve",
            ));
        }
        buffer.copy_from_slice(bytes.as_ref());
        Ok(())
    }
}

/// Decodes the base64url in a JSON string, given with its quotes.
fn decode(quoted: &str) -> Option<Secret> {
    let text = quoted.strip_prefix('"')?.strip_suffix('"')?;
    if text.contains('\\') {
        return base64url::decode_secret(unescape(text)?);
    }
    base64url::decode_secret(text)
}

/// Resolves the `\u` escapes of a text in base64url, in memory that is overwritten.
#[cold]
fn unescape(text: &str) -> Option<Secret> {
    let mut plain = Secret::zeroed(text.len());
    let mut length = 0;
    let mut rest = text;
    for to in plain.as_mut() {
        let Some(mut next) = rest.chars().next() else {
            break;
        };
        rest = rest.split_at(next.len_utf8()).1;
        if next == '\\' {
            // All other escapes are of characters outside the alphabet.
            let (digits, after) = rest.strip_prefix('u')?.split_at_checked(4)?;
            next = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
            rest = after;
        }
        *to = next.try_into().ok()?;
        length += 1;
    }
    plain.truncate(length);
    Some(plain)
}

/// Returns the number without leading zeros, which some issuers write against RFC 7518 §2.
fn number(bytes: &Secret) -> &[u8] {
    let bytes = bytes.as_ref();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes.split_at(zeros).1
}

fn malformed(reason: &'static str) -> KeyError {
    KeyError::Malformed {
        encoding: "a JWK",
        reason,
    }
}
