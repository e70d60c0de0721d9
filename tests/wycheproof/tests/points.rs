//! Wycheproof's public keys for key agreement on P-256 and P-384: among them are points that are not on
//! the curve, and keys of other curves.

use jwt_ring::{Algorithm, VerifyingKey};
use wycheproof::TestResult;
use wycheproof::ecdh::{EcdhEncoding, TestName, TestSet};

use Algorithm::{ES256, ES384};

#[test]
fn ecdh() {
    for (name, algorithm, loaded, rejected) in [
        (TestName::EcdhSecp256r1Ecpoint, ES256, 330, 25),
        (TestName::EcdhSecp256r1, ES256, 330, 282),
        (TestName::EcdhSecp384r1Ecpoint, ES384, 771, 19),
        (TestName::EcdhSecp384r1, ES384, 771, 276),
    ] {
        let set = TestSet::load(name).expect("the vectors");
        let mut found = (0, 0);
        for group in &set.test_groups {
            for test in &group.tests {
                let key = match group.encoding {
                    EcdhEncoding::Asn1 => VerifyingKey::from_der(algorithm, &test.public_key),
                    EcdhEncoding::EcPoint => VerifyingKey::from_raw(algorithm, &test.public_key),
                };
                match test.result {
                    TestResult::Valid => assert!(key.is_ok(), "{name:?} {}", test.tc_id),
                    TestResult::Invalid => assert!(key.is_err(), "{name:?} {}", test.tc_id),
                    TestResult::Acceptable => {}
                }
                match key {
                    Ok(_) => found.0 += 1,
                    Err(_) => found.1 += 1,
                }
            }
        }
        assert_eq!(found, (loaded, rejected), "{name:?}");
    }
}
