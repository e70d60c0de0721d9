//! Any bytes as the DER of a key: a key that loads works, and has exactly the length that it states.

#![no_main]

use jwt_ring::{SigningKey, VerifyingKey};
use jwt_ring_fuzz::{KINDS, check_signing_key, check_verifying_key};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|der: &[u8]| {
    let longer = [der, &[0]].concat();
    let shorter = der.split_last().map_or(der, |(_, rest)| rest);
    for algorithm in KINDS {
        match VerifyingKey::from_der(algorithm, der) {
            Ok(key) => {
                check_verifying_key(&key);
                assert!(VerifyingKey::from_der(algorithm, &longer).is_err());
                assert!(VerifyingKey::from_der(algorithm, shorter).is_err());
            }
            Err(error) => drop(error.to_string()),
        }
        match SigningKey::from_der(algorithm, der) {
            Ok(key) => {
                check_signing_key(&key);
                assert!(SigningKey::from_der(algorithm, &longer).is_err());
                assert!(SigningKey::from_der(algorithm, shorter).is_err());
            }
            Err(error) => drop(error.to_string()),
        }
    }
});
