//! Signatures, and keys that a token holds.

use jwt_ring::{Algorithm, SigningKey};

use crate::support::{decode, encode, errors, forge, rsa_key, signing_key};
use crate::{payload, under_every_algorithm};

/// Another key for the same algorithm.
fn other_key(algorithm: Algorithm) -> SigningKey {
    match algorithm.name().get(..2) {
        Some("RS" | "PS") => rsa_key(algorithm, "rsa3072.pkcs8.pem"),
        _ => signing_key(algorithm),
    }
}

#[test]
fn keys_in_the_token() {
    under_every_algorithm(|maker| {
        let other = other_key(maker.algorithm());
        // A secret has no public JWK; an attacker would write it as `oct`.
        let jwk = serde_json::to_string(&other.verifying_key()).unwrap_or_else(|_| {
            let secret = encode(other.secret_bytes().expect("generated"));
            format!(r#"{{"kty":"oct","k":"{secret}"}}"#)
        });
        for member in [
            format!(r#","jwk":{jwk}"#),
            format!(r#","jwk":{jwk},"kid":"me""#),
            r#","jku":"https://attacker.example/jwks.json""#.into(),
            r#","x5u":"https://attacker.example/cert.pem""#.into(),
            r#","x5c":["MIIB"]"#.into(),
            r#","kid":"../../dev/null""#.into(),
            r#","kid":"' UNION SELECT 'secret"#.to_owned() + "\"",
        ] {
            let header = maker.header(&member);
            let forged = forge(&other, &header, payload(""));
            maker.rejects(&forged, &errors::invalid_signature());
            maker.accepts(&maker.with_header(&header));
        }
    });
}

#[test]
fn signatures() {
    under_every_algorithm(|maker| {
        let good = maker.good();
        let (signing_input, signature) = good.rsplit_once('.').expect("a dot");
        let raw = decode(signature);
        let other = maker.with_payload(payload(r#","role":"admin""#));
        let other = decode(other.rsplit_once('.').expect("a dot").1);
        let half = raw.len() / 2;
        let bad = [
            Vec::new(),
            vec![0],
            vec![0; raw.len()],
            vec![0xff; raw.len()],
            raw[..raw.len() - 1].to_vec(),
            raw[1..].to_vec(),
            raw[..half].to_vec(),
            [&raw[..], &[0]].concat(),
            [&[0], &raw[..]].concat(),
            [&raw[..], &raw[..]].concat(),
            [&raw[half..], &raw[..half]].concat(),
            raw.iter().rev().copied().collect(),
            raw.iter().map(|byte| !byte).collect(),
            [&raw[..half], &other[half..]].concat(),
            other,
            other_key(maker.algorithm())
                .sign(signing_input.as_bytes())
                .expect("a signature")
                .as_ref()
                .to_vec(),
            vec![0xff; 2000],
        ];
        for bad in bad {
            let token = format!("{signing_input}.{}", encode(bad));
            maker.rejects(&token, &errors::invalid_signature());
        }
    });
}
