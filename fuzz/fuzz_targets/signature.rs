//! Any bytes as an ECDSA signature in DER: only the canonical encoding is read.

#![no_main]

use jwt_ring::{Algorithm, Signature};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|der: &[u8]| {
    for (algorithm, size) in [(Algorithm::ES256, 32), (Algorithm::ES384, 48)] {
        let Ok(signature) = Signature::from_der(algorithm, der) else {
            continue;
        };
        let (r, s) = signature.as_ref().split_at(size);
        assert_eq!(s.len(), size);
        assert_eq!(sequence(r, s), der);
    }
    for algorithm in [Algorithm::HS256, Algorithm::RS256, Algorithm::EdDSA] {
        assert!(Signature::from_der(algorithm, der).is_err());
    }
});

/// `SEQUENCE { INTEGER r, INTEGER s }`, at most 104 bytes long.
fn sequence(r: &[u8], s: &[u8]) -> Vec<u8> {
    let content = [integer(r), integer(s)].concat();
    let length = u8::try_from(content.len()).expect("short");
    [&[0x30, length][..], &content].concat()
}

fn integer(number: &[u8]) -> Vec<u8> {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let mut digits = number[zeros.min(number.len() - 1)..].to_vec();
    if digits[0] >= 0x80 {
        digits.insert(0, 0);
    }
    let length = u8::try_from(digits.len()).expect("short");
    [&[0x02, length][..], &digits].concat()
}
