//! EMSA-PSS with a salt of zeros, so that a signature is the same at each run (RFC 8017 §9.1.1).

use ring::digest;

/// Encodes for a modulus whose length in bits is a multiple of eight.
pub(super) fn encode(
    hash: &'static digest::Algorithm,
    mask_hash: &'static digest::Algorithm,
    salt_length: usize,
    length: usize,
    input: &[u8],
) -> Vec<u8> {
    let salt = vec![0; salt_length];
    let input = digest::digest(hash, input);
    let h = digest::digest(hash, &[&[0; 8], input.as_ref(), &salt].concat());
    let mut block = vec![0; length - hash.output_len() - 1];
    let one = block.len() - salt.len() - 1;
    block[one] = 1;
    for (byte, mask) in block.iter_mut().zip(mask(mask_hash, h.as_ref())) {
        *byte ^= mask;
    }
    // The number has one bit less than the modulus.
    block[0] &= 0x7f;
    [block, h.as_ref().to_vec(), vec![0xbc]].concat()
}

/// MGF1 (RFC 8017 §B.2.1), without an end.
fn mask(hash: &'static digest::Algorithm, seed: &[u8]) -> impl Iterator<Item = u8> {
    (0_u32..).flat_map(move |counter| {
        let block = digest::digest(hash, &[seed, &counter.to_be_bytes()].concat());
        block.as_ref().to_vec()
    })
}
