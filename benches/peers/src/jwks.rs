//! Loading JWK Sets: from the text of the document to keys that can verify.

use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use jwt_ring_benches::{compare, job};

use crate::{Algorithm, keys, peers};

/// An implementation, which returns the number of keys that it loaded.
pub(crate) type Load = (&'static str, fn(&str) -> usize);

/// Compares this library with each of the others, on documents of different keys with `kid`, `alg` and
/// `use`.
///
/// In pairs, because a document is loaded once in a batch, so that the slowest would leave cold caches
/// to the one after it.
pub(crate) fn run() {
    for (algorithm, count) in [(Algorithm::RS256, 100), (Algorithm::ES256, 1_000)] {
        let document = &document(algorithm, count);
        let size = document.len();
        let load = |(name, load): &Load| {
            let load = *load;
            assert_eq!(load(document), count, "{name}: {algorithm}");
            job(name, move || load(document))
        };
        for other in peers::OTHER_LOADS {
            compare(
                &format!("load a JWK Set of {count} keys for {algorithm}, {size} bytes"),
                vec![load(&peers::LOAD), load(other)],
            );
        }
    }
}

fn document(algorithm: Algorithm, count: usize) -> String {
    let keys: Vec<String> = (0..count)
        .map(|n| {
            let numbers = match algorithm {
                Algorithm::RS256 => rsa(),
                _ => p256(),
            };
            format!(r#"{{"kid":"2026-11-{n:04}","alg":"{algorithm}","use":"sig",{numbers}}}"#)
        })
        .collect();
    format!(r#"{{"keys":[{}]}}"#, keys.join(","))
}

fn rsa() -> String {
    let key = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
    let (n, e) = (key.public_key().modulus(), key.public_key().exponent());
    let [n, e] = [n, e].map(|number| keys::encode(number.big_endian_without_leading_zero()));
    format!(r#""kty":"RSA","n":"{n}","e":"{e}""#)
}

fn p256() -> String {
    let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect("a key");
    let (x, y) = key.public_key().as_ref()[1..].split_at(32);
    let [x, y] = [x, y].map(keys::encode);
    format!(r#""kty":"EC","crv":"P-256","x":"{x}","y":"{y}""#)
}
