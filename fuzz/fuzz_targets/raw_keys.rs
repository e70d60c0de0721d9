//! Raw public keys, and the signatures that they verify.

#![no_main]

use arbitrary::Arbitrary;
use jwt_ring::{Algorithm, Header, Keys, VerifyingKey};
use libfuzzer_sys::{arbitrary, fuzz_target};
use num_bigint::BigUint;

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    curve: u8,
    key: &'a [u8],
    message: &'a [u8],
    signature: &'a [u8],
}

fuzz_target!(|input: Input<'_>| {
    let algorithm =
        [Algorithm::EdDSA, Algorithm::ES256, Algorithm::ES384][usize::from(input.curve) % 3];
    let loaded = VerifyingKey::from_raw(algorithm, input.key);
    if let (Algorithm::EdDSA, Ok(key)) = (algorithm, input.key.try_into()) {
        // 32 bytes are a key unless it is of small order or not reduced.
        assert_eq!(loaded.is_ok(), !is_small_order(key) && is_reduced(key));
    }
    let Ok(key) = loaded else { return };
    // The key is the same in every form.
    let spki = key.to_spki_der().expect("a public key");
    let from_spki = VerifyingKey::from_der(algorithm, &spki).expect("our own SPKI");
    let jwk = serde_json::to_string(&key).expect("a public key");
    let from_jwk = VerifyingKey::from_jwk(algorithm, &jwk).expect("our own JWK");
    let thumbprint = key.thumbprint().expect("a public key");
    assert_eq!(from_spki.thumbprint().as_ref(), Ok(&thumbprint));
    assert_eq!(from_jwk.thumbprint().as_ref(), Ok(&thumbprint));
    let same = [key.clone(), from_spki, from_jwk];
    assert!(
        same.key(&Header::new(algorithm)).is_ok(),
        "identical keys are one"
    );
    // A valid signature of these lengths cannot occur by chance.
    assert!(key.verify(input.message, input.signature).is_err());
});

/// The y coordinate, without the sign of x.
fn y(key: [u8; 32]) -> BigUint {
    let mut key = key;
    key[31] &= 0x7f;
    BigUint::from_bytes_le(&key)
}

fn modulus() -> BigUint {
    (BigUint::from(1_u8) << 255_u16) - BigUint::from(19_u8)
}

fn is_reduced(key: [u8; 32]) -> bool {
    y(key) < modulus()
}

/// The y coordinates of the points of order 1, 2, 4 and 8.
fn is_small_order(key: [u8; 32]) -> bool {
    let (p, y) = (modulus(), y(key) % modulus());
    let one = BigUint::from(1_u8);
    let zero = BigUint::from(0_u8);
    if [&zero, &one, &(&p - &one)].contains(&&y) {
        return true;
    }
    // Order 8: doubling gives a point of order 4, whose y is 0, so -x^2 = y^2, and the curve
    // -x^2 + y^2 = 1 + d x^2 y^2 leaves 2 y^2 = 1 - d y^4.
    let d = {
        let inverse = BigUint::from(121_666_u32).modpow(&(&p - BigUint::from(2_u8)), &p);
        (&p - BigUint::from(121_665_u32)) * inverse % &p
    };
    let y2 = &y * &y % &p;
    let y4 = &y2 * &y2 % &p;
    (BigUint::from(2_u8) * &y2 + d * y4) % &p == one
}
