//! Generated keys, their export, and the `Debug` output of keys.

mod support;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jwt_ring::{Algorithm, Signer, SigningKey};
use support::encode;
use support::keys::{LOADS, RSA, assert_pair, generate, outcome, thumbprint};

use Algorithm::{ES256, ES384, Ed25519, EdDSA, HS256, HS384, HS512};

const NOT_EXPORTABLE: &str =
    "key cannot be exported: it was loaded, not generated, or has no export in this form";

#[test]
fn a_generated_key_is_new_and_exports_to_itself() {
    for algorithm in [ES256, ES384, EdDSA, Ed25519] {
        let (key, other) = (generate(algorithm), generate(algorithm));
        let public = key.verifying_key();
        assert_ne!(thumbprint(&public), thumbprint(&other.verifying_key()));
        assert_ne!(key.secret_pkcs8_der(), other.secret_pkcs8_der());
        assert_eq!(outcome(key.secret_bytes()), NOT_EXPORTABLE);

        let exported = key.secret_pkcs8_der().expect("DER");
        let loaded = SigningKey::from_der(algorithm, exported).expect("a key");
        assert_eq!(outcome(loaded.secret_pkcs8_der()), NOT_EXPORTABLE);
        #[cfg(feature = "pem")]
        {
            let pem = key.secret_pkcs8_pem().expect("PEM");
            assert!(pem.lines().all(|line| line.len() <= 64) && pem.ends_with("-----\n"));
            assert_eq!(outcome(loaded.secret_pkcs8_pem()), NOT_EXPORTABLE);
            assert_pair(
                SigningKey::from_pem(algorithm, pem).expect("a key"),
                &public,
            );
        }
        assert_pair(loaded, &public);
        // A key stays exportable if its id is set.
        let named = key.with_id("kid");
        assert_eq!(outcome(named.secret_pkcs8_der()), LOADS);
        assert_pair(named, &public);
    }
    for algorithm in [HS256, HS384, HS512] {
        let (key, other) = (generate(algorithm), generate(algorithm));
        assert_ne!(key.secret_bytes(), other.secret_bytes());
        assert_eq!(outcome(key.secret_pkcs8_der()), NOT_EXPORTABLE);
        #[cfg(feature = "pem")]
        assert_eq!(outcome(key.secret_pkcs8_pem()), NOT_EXPORTABLE);
        let secret = key.secret_bytes().expect("a secret");
        let loaded = SigningKey::from_secret(algorithm, secret).expect("a key");
        assert_eq!(outcome(loaded.secret_bytes()), NOT_EXPORTABLE);
        assert_pair(loaded, &key.verifying_key());
    }
    for &algorithm in RSA {
        let message = format!(
            "expected an algorithm that keys can be generated for, found {algorithm}: generate \
             one with `openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out key.pem`"
        );
        assert_eq!(outcome(SigningKey::generate(algorithm)), message);
    }
}

#[test]
fn debug_shows_the_id_and_no_key_material() {
    for algorithm in [HS256, ES256, EdDSA] {
        let key = generate(algorithm).with_id("the id");
        let secret = key.secret_bytes().or_else(|_| key.secret_pkcs8_der());
        let secret = secret.expect("a secret").to_vec();
        let signature = key.sign(b"message").expect("a signature");
        let printed = format!("{key:?} {key:#?} {:?} ", key.verifying_key());
        let printed = printed + &format!("{signature:?} {:?}", Signer::new(key));
        assert_eq!(printed.matches("the id").count(), 5, "{printed}");
        // The last bytes of each are key material.
        for bytes in [&secret, signature.as_ref()] {
            let end = &bytes[bytes.len() - 8..];
            let list = format!("{end:?}");
            for hidden in [
                list.trim_matches(['[', ']']),
                &end.iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect::<String>(),
                &encode(bytes)[encode(bytes).len() - 10..],
                &BASE64_STANDARD.encode(bytes)[..10],
            ] {
                assert!(!printed.contains(hidden), "{printed}");
            }
        }
    }
}
