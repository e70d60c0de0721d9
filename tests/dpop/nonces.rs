//! Nonces of the server (RFC 9449 §8, §9).

use std::time::Duration;

use jwt_ring::oauth::dpop::{DpopError, Nonces, ProofVerifier};
use jwt_ring::{FixedClock, KeyError, NumericDate};

use crate::support::{NOW, clock, decode, encode, errors};
use crate::{claims, header, proof, proof_error, verify, with};

fn proofs(secret: [u8; 32], clock: &FixedClock) -> ProofVerifier {
    let nonces = Nonces::new(secret).expect("a secret");
    crate::proofs().nonces(nonces).clock(clock.clone())
}

#[test]
fn a_nonce_is_required_and_must_be_current_and_ours() {
    let clock = clock();
    let proofs = proofs([7; 32], &clock);
    let nonce = proofs.new_nonce().expect("a nonce");
    let with_nonce = |nonce: &str| {
        let at = jwt_ring::Clock::now(&clock).seconds();
        proof(&header(), &with(with(claims(), "nonce", nonce), "iat", at))
    };
    assert_eq!(verify(&proofs, &with_nonce(&nonce)), Ok(()));
    let without = proof(&header(), &claims());
    assert_eq!(verify(&proofs, &without), Err(DpopError::NonceRequired));
    let wrong_type = proof(&header(), &with(claims(), "nonce", 1));
    let expected = errors::wrong_type(jwt_ring::Claim::Nonce);
    assert_eq!(proof_error(verify(&proofs, &wrong_type)), expected);

    // Each bit is checked.
    for bit in 0..8 * decode(&nonce).len() {
        let mut bytes = decode(&nonce);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let changed = with_nonce(&encode(bytes));
        assert_eq!(
            verify(&proofs, &changed),
            Err(DpopError::NonceRequired),
            "{bit}"
        );
    }
    let mut long = decode(&nonce);
    long.push(0);
    for other in [
        "",
        "x",
        &nonce[1..],
        &format!("{nonce}="),
        &encode(long),
        &encode([0; 7]),
    ] {
        assert_eq!(
            verify(&proofs, &with_nonce(other)),
            Err(DpopError::NonceRequired),
            "{other}"
        );
    }

    // Of another server with the same secret, and with another.
    let other = self::proofs([8; 32], &clock).new_nonce().expect("a nonce");
    assert_eq!(
        verify(&proofs, &with_nonce(&other)),
        Err(DpopError::NonceRequired)
    );
    let same = self::proofs([7; 32], &clock).new_nonce().expect("a nonce");
    assert_eq!(verify(&proofs, &with_nonce(&same)), Ok(()));

    // It is accepted for five minutes.
    for (seconds, is_current) in [(299, true), (300, false), (-300, true), (-301, false)] {
        clock.set(NumericDate::from_seconds(NOW + seconds));
        let result = verify(&proofs, &with_nonce(&nonce));
        let expected = if is_current {
            Ok(())
        } else {
            Err(DpopError::NonceRequired)
        };
        assert_eq!(result, expected, "{seconds}");
    }
}

#[test]
fn the_lifetime_can_be_set() {
    let clock = clock();
    let nonces = Nonces::new([7; 32])
        .expect("a secret")
        .lifetime(Duration::from_secs(10));
    let proofs = crate::proofs().nonces(nonces).clock(clock.clone());
    let nonce = proofs.new_nonce().expect("a nonce");
    let proof = proof(&header(), &with(claims(), "nonce", nonce));
    clock.set(NumericDate::from_seconds(NOW + 9));
    assert_eq!(verify(&proofs, &proof), Ok(()));
    clock.set(NumericDate::from_seconds(NOW + 10));
    assert_eq!(verify(&proofs, &proof), Err(DpopError::NonceRequired));
}

#[test]
fn without_nonces_none_is_made_or_compared() {
    let proofs = crate::proofs();
    assert_eq!(proofs.new_nonce(), None);
    let with_nonce = proof(&header(), &with(claims(), "nonce", "of another server"));
    assert_eq!(verify(&proofs, &with_nonce), Ok(()));
}

#[test]
fn the_secret_has_32_bytes_and_is_not_printed() {
    let Err(KeyError::ShortSecret { .. }) = Nonces::new([7; 31]) else {
        panic!("expected a secret that is too short");
    };
    let debug = format!("{:?}", Nonces::new("kitten-kitten-kitten-kitten-kitten"));
    assert!(
        !debug.contains("kitten") && !debug.contains("107"),
        "{debug}"
    );
}

#[test]
fn a_nonce_is_a_time_and_its_hmac() {
    let nonce = proofs([7; 32], &clock()).new_nonce().expect("a nonce");
    let (time, hmac) = (NOW.to_be_bytes(), decode(&nonce).split_off(8));
    assert_eq!(decode(&nonce)[..8], time);
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &[7; 32]);
    let signed = [&b"DPoP-Nonce"[..], &time].concat();
    assert_eq!(ring::hmac::verify(&key, &signed, &hmac), Ok(()));
}

#[test]
fn the_nonce_is_checked_before_the_other_values() {
    let proofs = proofs([7; 32], &clock());
    let proof = proof(&header(), &with(claims(), "htm", "POST"));
    assert_eq!(verify(&proofs, &proof), Err(DpopError::NonceRequired));
}

#[test]
fn a_verifier_of_tokens_makes_the_nonces_of_its_proofs() {
    let verifier = crate::verifier().proofs(proofs([7; 32], &clock()));
    assert!(verifier.proof_verifier().new_nonce().is_some());
    assert_eq!(crate::verifier().proof_verifier().new_nonce(), None);
}
