//! The rules of `KeyRotation`, over the list of all keys that were added and all times at which they
//! signed.

use std::time::Duration;

use jwt_ring::jwks::{KeyRotation, KeyTimes};
use jwt_ring::{Algorithm, KeyError, NumericDate, SigningKey};
use libfuzzer_sys::arbitrary::{self, Arbitrary};

#[derive(Arbitrary, Debug)]
pub(crate) struct Input {
    publish_ahead: u8,
    token_lifetime: u8,
    steps: Vec<Step>,
}

#[derive(Arbitrary, Debug)]
enum Step {
    Add(u8),
    AddSymmetric,
    Advance(u8),
    SetBack(u8),
    Sign,
    DropExpired,
    /// The process ends, and another one restores what was stored.
    Restart,
    /// The next call is that of a clone.
    Clone,
}

/// A key that was added.
#[derive(Debug)]
struct Added {
    id: u8,
    /// From when it signs.
    from: i64,
    /// The last time at which it signed.
    used: Option<i64>,
    is_dropped: bool,
    /// The earliest and the latest time since it was added, or since the clock was corrected.
    seen: [i64; 2],
    /// The latest time of before, if the clock was behind it when the key was added.
    behind: Option<i64>,
}

struct Model {
    publish_ahead: i64,
    token_lifetime: i64,
    /// In the order in which they sign. The first one signs at once.
    keys: Vec<Added>,
    now: i64,
    latest: i64,
    /// Whether the clock was ever set back.
    was_set_back: bool,
}

impl Model {
    fn active(&self) -> usize {
        let later = self.keys.iter().skip(1);
        later.take_while(|key| key.from <= self.now).count()
    }

    /// Notes the time. After a key was added while the clock was behind, only times of one clock count,
    /// the wrong one or the right one.
    fn see(&mut self) {
        self.latest = self.latest.max(self.now);
        for key in &mut self.keys {
            let [earliest, latest] = key.seen;
            let is_corrected = key.behind.is_some_and(|behind| self.now >= behind);
            if is_corrected {
                key.behind = None;
            }
            key.seen = if is_corrected && latest - earliest < self.publish_ahead {
                [self.now; 2]
            } else {
                [earliest.min(self.now), latest.max(self.now)]
            };
        }
    }

    /// Returns the key that was added last with this id.
    fn key(&mut self, id: u8) -> &mut Added {
        let key = self.keys.iter_mut().rfind(|key| key.id == id);
        key.expect("a key that was added")
    }

    /// Whether the tokens of a key have expired.
    fn is_expired(&self, index: usize) -> bool {
        let Some(successor) = self.keys.get(index + 1) else {
            return false;
        };
        let last = self.keys[index]
            .used
            .map_or(successor.from, |used| used.max(successor.from));
        last + self.token_lifetime <= self.now
    }

    fn published(&self) -> Vec<u8> {
        let is_published =
            |index: &usize| !self.keys[*index].is_dropped && !self.is_expired(*index);
        let indices = (0..self.keys.len()).filter(is_published);
        indices.map(|index| self.keys[index].id).collect()
    }
}

fn key(id: u8) -> SigningKey {
    let pem = include_bytes!("../../../tests/keys/ed25519.pkcs8.pem");
    let key = SigningKey::from_pem(Algorithm::EdDSA, pem).expect("a key");
    key.with_id(id.to_string())
}

fn id_of(key: &SigningKey) -> u8 {
    let id = key.id().expect("an id");
    id.parse().expect("a number")
}

fn date(seconds: i64) -> NumericDate {
    NumericDate::from_seconds(seconds)
}

fn published(rotation: &KeyRotation, now: i64) -> Vec<u8> {
    let set = rotation.published(date(now));
    let ids = set.iter().map(|key| key.key_id().expect("an id").parse());
    ids.collect::<Result<_, _>>().expect("numbers")
}

fn restart(rotation: &KeyRotation, ahead: Duration, lifetime: Duration) -> KeyRotation {
    let stored = rotation.keys().into_iter().map(|(key, times)| {
        let times = serde_json::to_string(&times).expect("an object");
        let times: KeyTimes = serde_json::from_str(&times).expect("what was written");
        (self::key(id_of(&key)), times)
    });
    KeyRotation::restore(stored, ahead, lifetime).expect("different keys")
}

pub(crate) fn check(input: &Input) {
    let seconds = |seconds: u8| Duration::from_secs(seconds.into());
    let (ahead, lifetime) = (seconds(input.publish_ahead), seconds(input.token_lifetime));
    let mut rotation = KeyRotation::new(key(0), ahead, lifetime).expect("a public key");
    let first = Added {
        id: 0,
        from: i64::MIN,
        used: None,
        is_dropped: false,
        seen: [i64::MIN, 1_000],
        behind: None,
    };
    let mut model = Model {
        publish_ahead: input.publish_ahead.into(),
        token_lifetime: input.token_lifetime.into(),
        keys: vec![first],
        now: 1_000,
        latest: i64::MIN,
        was_set_back: false,
    };
    for step in input.steps.iter().take(64) {
        let now = date(model.now);
        match step {
            Step::Advance(by) => model.now += i64::from(*by),
            Step::SetBack(by) => {
                model.now -= i64::from(*by);
                model.was_set_back |= *by > 0;
            }
            Step::Clone => rotation = rotation.clone(),
            Step::Restart => {
                let before = published(&rotation, model.now);
                rotation = restart(&rotation, ahead, lifetime);
                assert_eq!(published(&rotation, model.now), before);
                // Of the latest time, those at which a key signed are stored.
                let held = rotation.keys().into_iter();
                let used = held.filter_map(|(key, _)| model.key(id_of(&key)).used);
                model.latest = used.max().unwrap_or(i64::MIN);
            }
            Step::AddSymmetric => {
                let key = SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key");
                assert_eq!(rotation.add(key, now), Err(KeyError::NoPublicHalf));
            }
            Step::Add(id) => add(&rotation, &mut model, id % 8),
            Step::Sign => sign(&rotation, &mut model),
            Step::DropExpired => {
                rotation.drop_expired(now);
                for index in 0..model.keys.len() {
                    model.keys[index].is_dropped |= model.is_expired(index);
                }
            }
        }
        model.see();
        let found = published(&rotation, model.now);
        // All keys whose tokens have not expired, and no others.
        assert!(model.was_set_back || found == model.published());
        for (key, _) in rotation.keys() {
            let id = id_of(&key);
            let lifetime = model.token_lifetime;
            let expires = model.key(id).used.map(|used| used + lifetime);
            let has_valid = expires.is_some_and(|expires| model.now < expires);
            assert!(
                !has_valid || found.contains(&id),
                "tokens by {id} are valid"
            );
        }
    }
}

fn add(rotation: &KeyRotation, model: &mut Model, id: u8) {
    let held = rotation.keys();
    let is_held = held.iter().any(|(key, _)| id_of(key) == id);
    let result = rotation.add(key(id), date(model.now));
    if is_held {
        assert_eq!(result, Err(KeyError::DuplicateId));
        return;
    }
    assert_eq!(result, Ok(()));
    assert!(published(rotation, model.now).contains(&id));
    model.keys.push(Added {
        id,
        from: model.now + model.publish_ahead,
        used: None,
        is_dropped: false,
        seen: [model.now; 2],
        behind: Some(model.latest).filter(|latest| model.now < *latest),
    });
}

/// The key that signs is published before it signs, wherever the clock is.
fn sign(rotation: &KeyRotation, model: &mut Model) {
    let published = published(rotation, model.now);
    let found = id_of(&rotation.active(date(model.now)));
    assert!(
        published.contains(&found),
        "{found} signs and is not published"
    );
    let active = model.active();
    assert!(model.was_set_back || found == model.keys[active].id);
    let now = model.now;
    let key = model.key(found);
    key.used = key.used.max(Some(now));
    let [earliest, latest] = key.seen;
    let seen = latest.saturating_sub(earliest);
    assert!(
        seen >= model.publish_ahead,
        "{found} was not published ahead"
    );
}
