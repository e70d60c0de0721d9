//! The arguments of the program, and the keys that they name.

use std::error::Error;
use std::fmt::Display;
use std::fs;

use jwt_ring::{Algorithm, KeySet, Keys, Verifier, VerifyingKey};

pub(crate) const USAGE: &str = "\
usage: inspect [--jwks FILE | --pem FILE --alg ALG] [--issuer I] [--audience A] [--typ T]

Reads a token from standard input.

  --jwks FILE    verify with a JWK Set of public keys (not for HMAC)
  --pem FILE     verify with a public key or certificate in PEM ...
  --alg ALG      ... for this algorithm, for instance ES256
  --issuer I     expect this `iss`
  --audience A   expect this in `aud`
  --typ T        expect this `typ`, for instance at+jwt (default: absent or JWT)";

#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) help: bool,
    pub(crate) policy: Policy,
    jwks: Option<String>,
    pem: Option<String>,
    alg: Option<String>,
}

/// What a token must be.
#[derive(Debug, Default)]
pub(crate) struct Policy {
    pub(crate) issuer: Option<String>,
    pub(crate) audience: Option<String>,
    pub(crate) typ: Option<String>,
}

impl Policy {
    pub(crate) fn verifier(&self) -> Verifier {
        let mut verifier = Verifier::new();
        if let Some(issuer) = &self.issuer {
            verifier = verifier.issuer(issuer);
        }
        if let Some(audience) = &self.audience {
            verifier = verifier.audience(audience);
        }
        if let Some(typ) = &self.typ {
            verifier = verifier.typ(typ);
        }
        verifier
    }
}

/// The keys, and a line for each key of the set that was left out.
type Loaded = (Option<Box<dyn Keys>>, Vec<String>);

impl Options {
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        while let Some(name) = arguments.next() {
            let option = match &*name {
                "--help" | "-h" => {
                    options.help = true;
                    continue;
                }
                "--jwks" => &mut options.jwks,
                "--pem" => &mut options.pem,
                "--alg" => &mut options.alg,
                "--issuer" => &mut options.policy.issuer,
                "--audience" => &mut options.policy.audience,
                "--typ" => &mut options.policy.typ,
                // The argument is not repeated: it may be a token.
                _ => {
                    return Err(format!(
                        "expected an option, found another argument\n{USAGE}"
                    ));
                }
            };
            let value = arguments.next();
            *option =
                Some(value.ok_or_else(|| format!("expected a value after {name}, found none"))?);
        }
        match (&options.jwks, &options.pem, &options.alg) {
            (None, None, None) | (Some(_), None, None) | (None, Some(_), Some(_)) => Ok(options),
            _ => {
                Err("expected --jwks alone, or --pem with --alg, found another combination".into())
            }
        }
    }

    pub(crate) fn keys(&self) -> Result<Loaded, Box<dyn Error>> {
        if let (Some(file), Some(name)) = (&self.pem, &self.alg) {
            let algorithm: Algorithm = name.parse()?;
            let key = VerifyingKey::from_pem(algorithm, read(file)?).map_err(in_file(file))?;
            return Ok((Some(Box::new(key)), Vec::new()));
        }
        let Some(file) = &self.jwks else {
            return Ok((None, Vec::new()));
        };
        let keys = KeySet::from_json(&String::from_utf8(read(file)?).map_err(in_file(file))?)
            .map_err(in_file(file))?;
        let ignored = keys.ignored().iter();
        let ignored = ignored
            .map(|key| format!("key {} of the set is left out: {}", key.index, key.error))
            .collect();
        Ok((Some(Box::new(keys)), ignored))
    }
}

fn read(file: &str) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(in_file(file))
}

fn in_file<E: Display>(file: &str) -> impl FnOnce(E) -> String {
    move |error| format!("{file}: {error}")
}
