//! A certificate of any key, for the header parameter `x5c`.

use super::issuer::{generate, sign};
use crate::algorithm::Algorithm;
use crate::der::{Writer, tag};
use crate::key::SigningKey;

const UTC_TIME: u8 = 0x17;
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// Makes an X.509 certificate (RFC 5280 §4.1) of a key, in DER. It is signed by a new key, as an attacker
/// would sign it.
pub(super) fn certificate(key: &SigningKey) -> Vec<u8> {
    let sequence = |contents: &[&[u8]]| {
        let contents = contents.concat();
        Writer::default().value(tag::SEQUENCE, &contents).finish()
    };
    let algorithm = Writer::default().value(tag::OID, ED25519).finish();
    let algorithm = sequence(&[&algorithm]);
    let serial_number = Writer::default().unsigned(&[1]).finish();
    let validity = Writer::default()
        .value(UTC_TIME, b"200101000000Z")
        .value(UTC_TIME, b"491231235959Z")
        .finish();
    let no_name = sequence(&[]);
    let validity = sequence(&[&validity]);
    // A key that is not symmetric has this form.
    let public = key.verifying_key().to_spki_der().unwrap_or_default();
    let certificate = sequence(&[
        &serial_number,
        &algorithm,
        &no_name,
        &validity,
        &no_name,
        &public,
    ]);
    let signature = sign(&generate(Algorithm::EdDSA), &certificate);
    let signature = Writer::default().bit_string(&signature).finish();
    sequence(&[&certificate, &algorithm, &signature])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::VerifyingKey;

    #[test]
    fn a_certificate_has_the_key() {
        let key = generate(Algorithm::ES256);
        let read = VerifyingKey::from_der(Algorithm::ES256, certificate(&key)).expect("a key");
        assert_eq!(read.thumbprint(), key.verifying_key().thumbprint());
    }
}
