//! EC points that are on their curves and that are not, compared with a key agreement of *ring*.

use jwt_ring::{Algorithm, VerifyingKey};
use ring::agreement::{self, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral};
use ring::rand::{SecureRandom, SystemRandom};

use Algorithm::{ES256, ES384};

struct Curve {
    algorithm: Algorithm,
    agreement: &'static agreement::Algorithm,
    /// The modulus.
    p: &'static str,
    /// Points with coordinates near 0 and p, as x and y.
    edges: &'static [[&'static str; 2]],
    /// A point of the twist, -y² = x³ - 3x + b.
    twist: [&'static str; 2],
}

const P256: Curve = Curve {
    algorithm: ES256,
    agreement: &agreement::ECDH_P256,
    p: "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff",
    edges: &[
        [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "66485c780e2f83d72433bd5d84a06bb6541c2af31dae871728bf856a174f93f4",
        ],
        [
            "0000000000000000000000000000000000000000000000000000000000000005",
            "459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc",
        ],
        [
            "ffffffff00000001000000000000000000000000fffffffffffffffffffffffb",
            "de998cb9ed8a12d7f706cf79349a0621142af47f9faba77e895e9177392eefb7",
        ],
        [
            "ffffffff00000001000000000000000000000000fffffffffffffffffffffffc",
            "19719bebf6aea13f25c96dfd7c71f5225d4c8fc09eb5a0ab9f39e9178e55c121",
        ],
        [
            "09e78d4ef60d05f750f6636209092bc43cbdd6b47e11a9de20a9feb2a50bb96c",
            "0000000000000000000000000000000000000000000000000000000000000001",
        ],
        [
            "b06686a59b4e8bbedd0e9275a9d9476d260626aa5367ec7b42f769a182121e22",
            "0000000000000000000000000000000000000000000000000000000000000004",
        ],
    ],
    twist: [
        "0000000000000000000000000000000000000000000000000000000000000001",
        "de17b2671045fe58740248c17a8bd2fb2ef7c3c49b01da9f903efa3dcda669c7",
    ],
};

const P384: Curve = Curve {
    algorithm: ES384,
    agreement: &agreement::ECDH_P384,
    p: "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe\
        ffffffff0000000000000000ffffffff",
    edges: &[
        [
            "0000000000000000000000000000000000000000000000000000000000000000\
             00000000000000000000000000000000",
            "c306610fb0ae5a159cf45c06069f22a6c5eb3641c602d42dea2c4b4f75550793\
             406d80d2b91ad54f9048bd487af1ade1",
        ],
        [
            "0000000000000000000000000000000000000000000000000000000000000000\
             00000000000000000000000000000002",
            "8cdeadbbd04911a3c1931e26df3fa6439dca9c7eb286fbd46fc319f0e2bb7802\
             32baf57825fc0c1912ada2fefe84024c",
        ],
        [
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe\
             ffffffff0000000000000000fffffffc",
            "2de9de09a95b74e6b2c430363e1afb8dff7164987a8cfe0a0d5139250ac02f79\
             7f81092a9bdc0e09b574a8f43bf80c17",
        ],
        [
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe\
             ffffffff0000000000000000fffffffe",
            "8cdeadbbd04911a3c1931e26df3fa6439dca9c7eb286fbd46fc319f0e2bb7802\
             32baf57825fc0c1912ada2fefe84024c",
        ],
        [
            "2261b2bf605c22f2f3aef6338719b2c486388ad5240719a5257315969ef01ba2\
             7f0a104c89704773a81fdabee6ab5c78",
            "0000000000000000000000000000000000000000000000000000000000000000\
             00000000000000000000000000000001",
        ],
        [
            "742b1363c46dbf7b0856f75f64c464dcbe246ff7966c1498faa711c4cf9c00f1\
             e800d93cc04a3455923800cf11c812f4",
            "0000000000000000000000000000000000000000000000000000000000000000\
             00000000000000000000000000000002",
        ],
    ],
    twist: [
        "0000000000000000000000000000000000000000000000000000000000000000\
         00000000000000000000000000000001",
        "ca8ac44c576b346eadf9cf11ea0631a2308ec26f3995dd8df80cc65a27acfafa\
         3ae28159287bb27e47255da706e8f011",
    ],
};

impl Curve {
    /// Returns whether the key loads, which must be whether *ring* agrees with it.
    fn loads(&self, x: &[u8], y: &[u8]) -> bool {
        let point = [&[4], x, y].concat();
        let key = VerifyingKey::from_raw(self.algorithm, &point);
        if let Err(error) = &key {
            assert_eq!(error.code(), "invalid");
            assert!(error.to_string().contains("a point on the curve"));
        }
        let private = EphemeralPrivateKey::generate(self.agreement, &SystemRandom::new());
        let public = UnparsedPublicKey::new(self.agreement, &point);
        let agreed = agree_ephemeral(private.expect("a key"), &public, |_| ());
        assert_eq!(key.is_ok(), agreed.is_ok(), "{point:02x?}");
        key.is_ok()
    }

    fn p(&self) -> Vec<u8> {
        hex(self.p)
    }

    /// Returns the coordinates of a random point.
    fn random(&self) -> (Vec<u8>, Vec<u8>) {
        let private = EphemeralPrivateKey::generate(self.agreement, &SystemRandom::new());
        let public = private.expect("a key").compute_public_key().expect("a key");
        let (_, xy) = public.as_ref().split_at(1);
        let (x, y) = xy.split_at(xy.len() / 2);
        (x.to_vec(), y.to_vec())
    }

    fn edges(&self) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
        self.edges.iter().map(|[x, y]| (hex(x), hex(y)))
    }
}

fn hex(text: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hex");
    (0..text.len() / 2).map(byte).collect()
}

fn one(length: usize) -> Vec<u8> {
    let mut number = vec![0; length];
    number[length - 1] = 1;
    number
}

/// Adds numbers of the same length. `None` if the sum is longer.
fn add(a: &[u8], b: &[u8]) -> Option<Vec<u8>> {
    let mut carry = 0;
    let mut sum: Vec<u8> = (a.iter().rev().zip(b.iter().rev()))
        .map(|(a, b)| {
            let [low, high] = (u16::from(*a) + u16::from(*b) + carry).to_le_bytes();
            carry = high.into();
            low
        })
        .collect();
    sum.reverse();
    (carry == 0).then_some(sum)
}

/// Returns p - number, which is the complement of the sum of the number and the complement of p.
fn negated(number: &[u8], p: &[u8]) -> Vec<u8> {
    let complement = |number: &[u8]| number.iter().map(|byte| !byte).collect::<Vec<_>>();
    complement(&add(number, &complement(p)).expect("less than p"))
}

#[test]
fn points_with_coordinates_near_the_ends_of_the_range_load() {
    for curve in [P256, P384] {
        for (x, y) in curve.edges() {
            assert!(curve.loads(&x, &y));
            assert!(curve.loads(&x, &negated(&y, &curve.p())));
        }
    }
}

#[test]
fn coordinates_that_are_not_reduced_are_rejected() {
    for curve in [P256, P384] {
        let p = curve.p();
        let mut tried = 0;
        for (x, y) in curve.edges() {
            for (x, y) in [(add(&x, &p), Some(y.clone())), (Some(x), add(&y, &p))] {
                let (Some(x), Some(y)) = (x, y) else { continue };
                tried += 1;
                assert!(!curve.loads(&x, &y));
            }
        }
        // Both for coordinates of 0 to 5, which fit.
        assert_eq!(tried, 4);
        let all_ones = vec![0xff; p.len()];
        for (x, y) in [(&p, &p), (&all_ones, &all_ones), (&p, &all_ones)] {
            assert!(!curve.loads(x, y));
        }
    }
}

#[test]
fn random_points_load_and_changed_ones_are_rejected() {
    for curve in [P256, P384] {
        let p = curve.p();
        let (zero, one) = (vec![0; p.len()], one(p.len()));
        for round in 0..40 {
            let (x, y) = curve.random();
            assert!(curve.loads(&x, &y));
            assert!(curve.loads(&x, &negated(&y, &p)));
            let mut changed = y.clone();
            changed[round % p.len()] ^= 1 << (round % 8);
            for (x, y) in [
                (&x, &changed),
                (&changed, &y),
                (&y, &x),
                (&x, &zero),
                (&zero, &y),
                (&x, &x),
                (&add(&x, &one).expect("less than p"), &y),
                (&x, &add(&y, &one).expect("less than p")),
                (&negated(&x, &p), &y),
            ] {
                assert!(!curve.loads(x, y));
            }
        }
    }
}

/// A random x is that of a point half of the time, but no random y belongs to it.
#[test]
fn random_coordinates_are_rejected() {
    for curve in [P256, P384] {
        for _ in 0..500 {
            let mut xy = [0; 96];
            SystemRandom::new().fill(&mut xy).expect("random bytes");
            let (x, y) = xy[..2 * curve.p().len()].split_at(curve.p().len());
            assert!(!curve.loads(x, y));
        }
    }
}

#[test]
fn the_neutral_element_and_points_of_other_curves_are_rejected() {
    let (short, long) = (P256.random(), P384.random());
    assert!(!P256.loads(&long.0[16..], &long.1[16..]));
    assert!(!P256.loads(&long.0[..32], &long.1[..32]));
    let padded = |number: &[u8]| [&[0; 16], number].concat();
    assert!(!P384.loads(&padded(&short.0), &padded(&short.1)));
    for curve in [P256, P384] {
        let zero = vec![0; curve.p().len()];
        assert!(!curve.loads(&zero, &zero));
        let [x, y] = curve.twist.map(hex);
        assert!(!curve.loads(&x, &y));
        assert!(!curve.loads(&x, &negated(&y, &curve.p())));
        // SEC 1 §2.3.3 encodes the neutral element as one byte.
        let neutral = VerifyingKey::from_raw(curve.algorithm, [0]);
        assert_eq!(
            neutral.expect_err("no point").to_string(),
            "expected an EC point of the size of its curve, found numbers that do not make one"
        );
    }
}
