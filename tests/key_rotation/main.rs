//! The rotation of an issuer's signing keys.

#[path = "../support/mod.rs"]
mod support;
mod wrong_clocks;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jwt_ring::jwks::{KeyRotation, KeyTimes};
use jwt_ring::{Algorithm, KeyError, KeySet, NumericDate, Signer, SigningKey};
use support::NOW;

const AHEAD: Duration = Duration::from_secs(600);
const LIFETIME: Duration = Duration::from_secs(300);

fn key(id: &str) -> SigningKey {
    let key = SigningKey::generate(Algorithm::EdDSA).expect("a key");
    key.with_id(id)
}

fn at(seconds: i64) -> NumericDate {
    NumericDate::from_seconds(NOW + seconds)
}

fn rotation_of(first: &str) -> KeyRotation {
    KeyRotation::new(key(first), AHEAD, LIFETIME).expect("a rotation")
}

fn add(rotation: &KeyRotation, id: &str, now: i64) {
    rotation.add(key(id), at(now)).expect("a key");
}

fn ids(keys: &KeySet) -> String {
    let json = serde_json::to_value(keys).expect("JSON");
    let keys = json["keys"].as_array().expect("keys");
    let ids: Vec<_> = keys.iter().filter_map(|key| key["kid"].as_str()).collect();
    ids.join(" ")
}

/// The id of the key that signs, and of those that are published.
fn state(rotation: &KeyRotation, now: i64) -> (String, String) {
    let active = rotation.active(at(now)).id().expect("an id").to_owned();
    (active, ids(&rotation.published(at(now))))
}

#[track_caller]
fn expect(rotation: &KeyRotation, now: i64, active: &str, published: &str) {
    assert_eq!(
        state(rotation, now),
        (active.into(), published.into()),
        "at {now}"
    );
}

#[test]
fn keys_are_published_before_and_after_they_sign() {
    let rotation = rotation_of("a");
    expect(&rotation, -1 << 40, "a", "a");
    expect(&rotation, 0, "a", "a");
    add(&rotation, "b", 0);
    expect(&rotation, 0, "a", "a b");
    expect(&rotation, 599, "a", "a b");
    expect(&rotation, 600, "b", "a b");
    expect(&rotation, 899, "b", "a b");
    expect(&rotation, 900, "b", "b");
    // Keys sign in the order of their times.
    add(&rotation, "c", 1_000);
    add(&rotation, "d", 1_001);
    expect(&rotation, 1_001, "b", "b c d");
    expect(&rotation, 1_600, "c", "b c d");
    expect(&rotation, 1_601, "d", "b c d");
    expect(&rotation, 1_900, "d", "c d");
    expect(&rotation, 1_901, "d", "d");
    // Of two that were added at once, the later one signs.
    add(&rotation, "e", 2_000);
    add(&rotation, "f", 2_000);
    expect(&rotation, 2_600, "f", "d e f");
}

#[test]
fn clones_share_their_keys() {
    let rotation = rotation_of("a");
    let other = rotation.clone();
    add(&other, "b", 0);
    expect(&rotation, 600, "b", "a b");
    other.drop_expired(at(900));
    assert_eq!(rotation.keys().len(), 1);
    drop(other);
    expect(&rotation, 600, "b", "b");
}

#[cfg(feature = "oauth")]
#[test]
fn a_signer_of_access_tokens_signs_with_the_active_key() {
    use jwt_ring::oauth::access_token::{self, AccessTokenClaims, Verifier};

    let clock = support::clock();
    let rotation = rotation_of("a");
    let signer = access_token::Signer::new(rotation.clone(), "issuer").clock(clock.clone());
    let verifier = Verifier::new("issuer", "api").map_verifier(|v| v.clock(clock.clone()));
    let mut outstanding = Vec::new();
    for (now, active) in [
        (0, "a"),
        (299, "a"),
        (599, "a"),
        (600, "b"),
        (898, "b"),
        (1_599, "b"),
        (1_600, "c"),
    ] {
        if now == 0 {
            add(&rotation, "b", 0);
        } else if now == 599 {
            add(&rotation, "c", 1_000);
        }
        clock.set(at(now));
        let claims = signer.claims("user", "api", "client").expect("claims");
        let jwt = signer.sign(&claims).expect("a token");
        let header = jwt_ring::Unverified::parse(&jwt).expect("a token");
        assert_eq!(header.header().key_id(), Some(active), "at {now}");
        outstanding.push((now, jwt));
        let keys = rotation.published(at(now));
        for (signed, jwt) in &outstanding {
            // Until a token expires, its key is published.
            let result = verifier.verify::<AccessTokenClaims>(jwt, &keys);
            assert_eq!(result.is_ok(), now < signed + 300, "{result:?} at {now}");
        }
    }
}

/// A signing key, or a shared one, is a rotation of one key: as it is, and without others.
#[test]
fn a_single_key_signs_as_it_is_and_never_rotates() {
    let secret = || SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key");
    let generate = || SigningKey::generate(Algorithm::ES256).expect("a key");
    for (rotation, id, published) in [
        (KeyRotation::from(key("1")), Some("1"), 1),
        (KeyRotation::from(Arc::new(key("1"))), Some("1"), 1),
        (KeyRotation::from(generate()), None, 1),
        (KeyRotation::from(secret()), None, 0),
        (KeyRotation::from(secret().with_id("1")), Some("1"), 0),
    ] {
        for added in [key("1"), key("2"), generate(), secret()] {
            let error = rotation.add(added, at(0)).expect_err("a single key");
            assert_eq!(
                error.to_string(),
                "expected a rotation made by `KeyRotation::new` or `restore`, found a single key"
            );
        }
        for now in [i64::MIN, 0, i64::MAX] {
            let now = NumericDate::from_seconds(now);
            rotation.drop_expired(now);
            assert_eq!(rotation.active(now).id(), id);
            assert_eq!(rotation.published(now).len(), published);
        }
    }
}

#[test]
fn two_keys_cannot_have_one_id() {
    let rotation = rotation_of("a");
    let duplicate = |result: Result<(), KeyError>| {
        assert_eq!(result.expect_err("a duplicate").code(), "duplicate_id");
    };
    duplicate(rotation.add(key("a"), at(0)));
    add(&rotation, "b", 0);
    duplicate(rotation.add(key("a"), at(0)));
    duplicate(rotation.add(key("b"), at(9_999)));
    expect(&rotation, 600, "b", "a b");
    // The same key without an id has the same thumbprint.
    let der = key("x")
        .secret_pkcs8_der()
        .expect("a generated key")
        .to_vec();
    let load = || SigningKey::from_der(Algorithm::EdDSA, &der).expect("a key");
    rotation.add(load(), at(0)).expect("a key");
    duplicate(rotation.add(load(), at(1)));
    let (_, times) = rotation.keys()[0];
    let restored = KeyRotation::restore([(load(), times), (load(), times)], AHEAD, LIFETIME);
    duplicate(restored.map(drop));
    // An id that is dropped is free again.
    rotation.drop_expired(at(9_999));
    add(&rotation, "a", 9_999);
}

/// The ids and times that a caller stores. The keys are not needed: others serve as well here.
type Stored = Vec<(String, String)>;

fn store(rotation: &KeyRotation) -> Stored {
    let store = |(key, times): &(Arc<SigningKey>, KeyTimes)| {
        let id = key.id().expect("an id").to_owned();
        (id, serde_json::to_string(times).expect("JSON"))
    };
    rotation.keys().iter().map(store).collect()
}

fn load(stored: &Stored) -> KeyRotation {
    let keys = stored
        .iter()
        .map(|(id, times)| (key(id), serde_json::from_str(times).expect("times")));
    KeyRotation::restore(keys, AHEAD, LIFETIME).expect("a rotation")
}

/// The times from which the keys sign.
fn times(rotation: &KeyRotation) -> Vec<NumericDate> {
    let keys = store(rotation).into_iter().map(|(_, times)| {
        let times: serde_json::Value = serde_json::from_str(&times).expect("JSON");
        NumericDate::from_seconds(times["from"].as_i64().expect("a time"))
    });
    keys.collect()
}

#[test]
fn a_restored_rotation_equals_the_original_at_every_time() {
    let original = rotation_of("a");
    let mut early = store(&original);
    for now in (0..8_000).step_by(100) {
        if let Some(id) = match now {
            0 => Some("b"),
            1_000 => Some("c"),
            1_100 => Some("d"),
            5_000 => Some("e"),
            _ => None,
        } {
            add(&original, id, now);
        }
        let stored = store(&original);
        let restored = load(&stored);
        let ids_and_times =
            |(key, times): &(Arc<SigningKey>, KeyTimes)| (key.id().map(str::to_owned), *times);
        let (those, these) = (restored.keys(), original.keys());
        assert!(
            those
                .iter()
                .map(ids_and_times)
                .eq(these.iter().map(ids_and_times))
        );
        assert_eq!(state(&restored, now), state(&original, now), "at {now}");
        // One that was stored earlier restores the same, if the clock is right.
        if now % 1_000 == 0 {
            early = stored;
        }
        if now % 1_000 < 800 && !(1_100..2_000).contains(&now) {
            assert_eq!(state(&load(&early), now), state(&original, now), "at {now}");
        }
    }
    // In any order, if no two times are the same; and what is added then is as in the original.
    let shuffled = rotation_of("a");
    add(&shuffled, "b", 0);
    add(&shuffled, "c", 1_000);
    let mut times: Vec<_> = shuffled.keys().iter().map(|(_, times)| *times).collect();
    times.reverse();
    let keys = [key("c"), key("b"), key("a")].into_iter().zip(times);
    let restored = KeyRotation::restore(keys, AHEAD, LIFETIME).expect("a rotation");
    for rotation in [&restored, &shuffled] {
        add(rotation, "d", 2_000);
        expect(rotation, 2_599, "c", "c d");
        expect(rotation, 2_900, "d", "d");
    }
    let none = KeyRotation::restore([], AHEAD, LIFETIME);
    assert_eq!(none.expect_err("no keys").code(), "no_keys");
}

#[test]
fn expired_keys_are_dropped_on_request() {
    let rotation = rotation_of("a");
    for n in 0..50_i64 {
        add(&rotation, &n.to_string(), n * 1_000);
    }
    assert_eq!(rotation.keys().len(), 51);
    let published = ids(&rotation.published(at(30_000)));
    rotation.drop_expired(at(30_000));
    assert_eq!(ids(&rotation.published(at(30_000))), published);
    assert_eq!(rotation.keys().len(), 21, "one signs, and 20 will");
    rotation.drop_expired(at(30_000));
    rotation.drop_expired(at(0));
    assert_eq!(rotation.keys().len(), 21);
    rotation.drop_expired(NumericDate::from_seconds(i64::MAX));
    expect(&rotation, 0, "49", "49");
}

#[test]
fn every_key_of_the_rotation_has_an_id_and_a_public_key() {
    let generated = SigningKey::generate(Algorithm::EdDSA).expect("a key");
    let rotation = KeyRotation::new(generated, AHEAD, LIFETIME).expect("a rotation");
    let active = rotation.active(at(0));
    let thumbprint = active.verifying_key().thumbprint().expect("a thumbprint");
    assert_eq!(active.id(), Some(&*thumbprint));
    assert_eq!(Signer::new(active.clone()).key().id(), active.id());
    let secret = || SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key");
    for secret in [secret(), secret().with_id("1")] {
        let error = KeyRotation::new(secret, AHEAD, LIFETIME).expect_err("a symmetric key");
        assert_eq!(error.code(), "no_public_half");
    }
    let error = rotation.add(secret(), at(0)).expect_err("a symmetric key");
    assert_eq!(error.code(), "no_public_half");
    assert_eq!(rotation.published(at(0)).len(), 1);
}

#[test]
fn threads_add_and_sign_at_once() {
    let rotation = rotation_of("first");
    thread::scope(|scope| {
        for n in 0..20 {
            let rotation = rotation.clone();
            scope.spawn(move || {
                add(&rotation, &n.to_string(), n);
                for now in 0..100 {
                    let active = rotation.active(at(now));
                    let published = rotation.published(at(now));
                    let kid = active.id().expect("an id").to_owned();
                    assert!(ids(&published).split(' ').any(|id| id == kid));
                    if now % 10 == 0 {
                        rotation.drop_expired(at(0));
                    }
                }
            });
        }
    });
    assert_eq!(rotation.keys().len(), 21);
    // Times of threads differ, so a key may be dated from the time that another one has seen.
    let _ = rotation.active(at(100));
    let active = rotation.active(at(700));
    let keys = rotation.keys();
    assert_eq!(keys.last().expect("keys").0.id(), active.id());
    assert!(times(&rotation).is_sorted());
}

/// Of keys that were restored with the same time, the last one signs.
#[test]
fn keys_of_the_same_time_keep_their_order() {
    let times = |id| {
        let rotation = rotation_of(id);
        let (_, times) = rotation.keys().into_iter().next().expect("a key");
        times
    };
    let keys = ["a", "b", "c"].map(|id| (key(id), times(id)));
    let rotation = KeyRotation::restore(keys, AHEAD, LIFETIME).expect("a rotation");
    for now in 0..4 {
        assert_eq!(rotation.active(at(now)).id(), Some("c"));
        let order: Vec<_> = rotation.keys().into_iter().collect();
        let order: Vec<_> = order.iter().filter_map(|(key, _)| key.id()).collect();
        assert_eq!(order, ["a", "b", "c"], "{now}");
    }
}
