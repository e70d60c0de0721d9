//! Whether a point is on P-256 or P-384 (FIPS 186-4 D.1.2, SP 800-56A Rev. 3 §5.6.2.3.4).
//!
//! *ring* checks a point only when it is used. Its shortest use, a key agreement, takes 60 µs on P-256
//! and 600 µs on P-384, a hundred times as long as reading the key. Points are public, so nothing here
//! is constant-time. Both backends check the point again before they verify, so a mistake here cannot
//! make them accept an invalid signature.

use crate::algorithm::Curve;

/// A curve y² = x³ - 3x + b over the integers modulo p.
struct Equation<const N: usize> {
    p: [u64; N],
    b: [u64; N],
    /// -1/p modulo 2^64.
    negated_inverse: u64,
}

// Numbers begin with the least significant limb.
const P256: Equation<4> = Equation {
    p: [
        0xffff_ffff_ffff_ffff,
        0x0000_0000_ffff_ffff,
        0x0000_0000_0000_0000,
        0xffff_ffff_0000_0001,
    ],
    b: [
        0x3bce_3c3e_27d2_604b,
        0x651d_06b0_cc53_b0f6,
        0xb3eb_bd55_7698_86bc,
        0x5ac6_35d8_aa3a_93e7,
    ],
    negated_inverse: 1,
};
const P384: Equation<6> = Equation {
    p: [
        0x0000_0000_ffff_ffff,
        0xffff_ffff_0000_0000,
        0xffff_ffff_ffff_fffe,
        0xffff_ffff_ffff_ffff,
        0xffff_ffff_ffff_ffff,
        0xffff_ffff_ffff_ffff,
    ],
    b: [
        0x2a85_c8ed_d3ec_2aef,
        0xc656_398d_8a2e_d19d,
        0x0314_088f_5013_875a,
        0x181d_9c6e_fe81_4112,
        0x988e_056b_e3f8_2d19,
        0xb331_2fa7_e23e_e7e4,
    ],
    negated_inverse: 0x1_0000_0001,
};

/// Returns whether the coordinates, big-endian and of the size of the curve, are those of a point.
pub(super) fn contains(curve: Curve, x: &[u8], y: &[u8]) -> bool {
    match curve {
        Curve::P256 => P256.contains(limbs(x), limbs(y)),
        Curve::P384 => P384.contains(limbs(x), limbs(y)),
    }
}

fn limbs<const N: usize>(bytes: &[u8]) -> [u64; N] {
    let (_, chunks) = bytes.as_rchunks();
    let mut limbs = chunks.iter().rev().map(|chunk| u64::from_be_bytes(*chunk));
    std::array::from_fn(|_| limbs.next().unwrap_or_default())
}

impl<const N: usize> Equation<N> {
    fn contains(&self, x: [u64; N], y: [u64; N]) -> bool {
        let is_reduced = |number| subtract(number, &self.p).1;
        let minus = |number| subtract(self.p, number).0;
        let mut minus_3 = self.p;
        if let Some(low) = minus_3.first_mut() {
            *low -= 3;
        }
        // Modulo p and divided by 2^(64 N), and the last one by its square.
        let x_squared_minus_3 = self.multiply_add(&x, &x, minus_3);
        let y_squared_minus_b = self.multiply_add(&y, &y, minus(&self.b));
        let difference = self.multiply_add(&x_squared_minus_3, &x, minus(&y_squared_minus_b));
        is_reduced(x) && is_reduced(y) && difference == [0; N]
    }

    /// Returns (a b + c) / 2^(64 N) modulo p, by Montgomery's method.
    fn multiply_add(&self, a: &[u64; N], b: &[u64; N], c: [u64; N]) -> [u64; N] {
        let (mut sum, mut top) = (c, 0);
        for digit in b {
            let carry = add_product(&mut sum, a, *digit);
            let (high, overflow) = u64::overflowing_add(top, carry);
            // A multiple of p that makes the lowest limb 0, which is then shifted out.
            let multiple = sum
                .first()
                .map_or(0, |low| low.wrapping_mul(self.negated_inverse));
            let carry = add_product(&mut sum, &self.p, multiple);
            let (high, carried) = high.overflowing_add(carry);
            let mut limbs = sum.into_iter().skip(1);
            sum = std::array::from_fn(|_| limbs.next().unwrap_or(high));
            top = u64::from(overflow) + u64::from(carried);
        }
        // Less than 2 p.
        match subtract(sum, &self.p) {
            (_, true) if top == 0 => sum,
            (reduced, _) => reduced,
        }
    }
}

/// Adds a multiple, and returns what is carried out of the highest limb.
fn add_product<const N: usize>(sum: &mut [u64; N], number: &[u64; N], factor: u64) -> u64 {
    let mut carry = 0;
    for (limb, digit) in sum.iter_mut().zip(number) {
        // At most 2^128 - 1.
        let product = u128::from(*digit) * u128::from(factor);
        (*limb, carry) = halves(product + u128::from(*limb) + u128::from(carry));
    }
    carry
}

#[expect(clippy::cast_possible_truncation, reason = "the halves are wanted")]
fn halves(number: u128) -> (u64, u64) {
    (number as u64, (number >> 64) as u64)
}

/// Subtracts modulo 2^(64 N), and returns whether the result would be negative.
fn subtract<const N: usize>(mut a: [u64; N], b: &[u64; N]) -> ([u64; N], bool) {
    let mut borrow = false;
    for (limb, digit) in a.iter_mut().zip(b) {
        let (difference, one) = limb.overflowing_sub(*digit);
        let (difference, other) = difference.overflowing_sub(u64::from(borrow));
        (*limb, borrow) = (difference, one || other);
    }
    (a, borrow)
}
