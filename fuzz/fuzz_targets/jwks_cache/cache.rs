//! The rules of `JwksCache`, over the list of all fetches.

use std::sync::Arc;
use std::time::Duration;

use jwt_ring::jwks::{FetchTicket, JwksCache, KeysNeeded};
use jwt_ring::{Algorithm, Header, KeySet, NumericDate};
use jwt_ring_fuzz::KEYS;
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use serde_json::{Value, json};

#[derive(Arbitrary, Debug)]
pub(crate) struct Input {
    max_age: u8,
    cooldown: u8,
    stale_if_error: u8,
    fetch_timeout: u8,
    steps: Vec<Step>,
}

#[derive(Arbitrary, Debug)]
enum Step {
    /// A token with this `kid`, or without.
    Ask(Option<u8>),
    Advance(u8),
    SetBack(u8),
    /// A fetch ends, one of those that have not ended.
    End(u8, Response),
    /// A fetch of another cache ends.
    Foreign(Response),
}

#[derive(Arbitrary, Debug)]
enum Response {
    Set(Vec<Jwk>),
    /// A document that is no key set.
    Broken(u8),
    Failed,
}

/// A key in a document.
#[derive(Arbitrary, Debug)]
enum Jwk {
    Good(u8),
    Symmetric(u8),
    /// Of a curve that is not supported, or another `kty`.
    Unknown(u8, bool),
    /// With coordinates that are no point.
    Broken(u8),
    NoObject,
}

impl Jwk {
    fn json(&self) -> Value {
        let id = |id: &u8| (id % 4).to_string();
        match self {
            Self::Good(kid) => {
                let key = KEYS[4].verifying_key().with_id(id(kid));
                serde_json::to_value(&key).expect("a public key")
            }
            Self::Symmetric(kid) => json!({ "kty": "oct", "kid": id(kid), "k": "A".repeat(43) }),
            Self::Unknown(kid, true) => {
                json!({ "kty": "OKP", "crv": "X448", "kid": id(kid), "x": "AA" })
            }
            Self::Unknown(kid, false) => json!({ "kty": "x", "kid": id(kid) }),
            Self::Broken(kid) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": id(kid), "x": "A".repeat(43) })
            }
            Self::NoObject => json!(7),
        }
    }

    fn good_id(&self) -> Option<u8> {
        match self {
            Self::Good(kid) => Some(kid % 4),
            _ => None,
        }
    }
}

impl Response {
    /// Returns the key set and the ids of its keys. A broken key does not affect others.
    fn keys(&self) -> Option<(KeySet, Vec<u8>)> {
        match self {
            Self::Set(all) => {
                let keys: Vec<_> = all.iter().map(Jwk::json).collect();
                let keys = KeySet::from_json(json!({ "keys": keys }).to_string());
                let keys = keys.expect("a key set");
                let mut ids: Vec<u8> = Vec::new();
                for id in all.iter().filter_map(Jwk::good_id) {
                    if !ids.contains(&id) {
                        ids.push(id);
                    }
                }
                let found: Vec<_> = keys.iter().filter_map(|key| key.key_id()).collect();
                let expected: Vec<_> = ids.iter().map(u8::to_string).collect();
                assert_eq!(found, expected);
                Some((keys, ids))
            }
            Self::Broken(kind) => {
                let texts = ["", "{}", r#"{"keys":7}"#, "[]", r#"{"keys":[]"#, "<html>"];
                let text = texts[usize::from(*kind) % texts.len()];
                assert!(KeySet::from_json(text).is_err(), "{text}");
                None
            }
            Self::Failed => None,
        }
    }
}

/// A fetch, from its start.
struct Fetch {
    since: i64,
    /// When it ended, unless another one was started before. Then, it counts as failed.
    ended: Option<i64>,
    ticket: Option<FetchTicket>,
    /// Keys that count, with their ids.
    keys: Option<(Arc<KeySet>, Vec<u8>)>,
    /// From when their age counts.
    dated: i64,
}

/// What is expected of `ask`.
#[derive(Debug, PartialEq)]
enum Expected {
    Use(usize),
    Fetch,
    Wait,
    Unavailable,
}

struct Model {
    max_age: i64,
    cooldown: i64,
    stale_if_error: i64,
    fetch_timeout: i64,
    fetches: Vec<Fetch>,
    now: i64,
}

impl Model {
    fn is_set_back(&self, then: i64) -> bool {
        self.now + 60 < then
    }

    fn has_passed(&self, since: i64, duration: i64) -> bool {
        self.now >= since + duration || self.is_set_back(since)
    }

    /// Returns the index of the fetch whose keys are current, if they are not older than this.
    fn keys(&self, age: i64) -> Option<usize> {
        let index = self
            .fetches
            .iter()
            .rposition(|fetch| fetch.keys.is_some())?;
        let dated = self.fetches[index].dated;
        (self.now < dated + age && !self.is_set_back(dated)).then_some(index)
    }

    /// Whether the keys can have that of a token. Without `kid`, several may fit, which is no reason to
    /// fetch.
    fn has_key(&self, index: usize, kid: Option<u8>) -> bool {
        let ids = self.fetches[index].keys.as_ref().map(|(_, ids)| ids);
        ids.is_some_and(|ids| kid.map_or(!ids.is_empty(), |kid| ids.contains(&kid)))
    }

    /// Whether the last fetch that is over failed.
    fn has_failed(&self) -> bool {
        let mut over = self.fetches.as_slice();
        if let [before @ .., last] = over
            && last.ended.is_none()
        {
            over = before;
        }
        over.last().is_some_and(|last| last.keys.is_none())
    }

    fn usable(&self) -> Option<usize> {
        let stale = if self.has_failed() {
            self.stale_if_error
        } else {
            0
        };
        self.keys(self.max_age + stale)
    }

    fn known(&self, kid: Option<u8>) -> Option<usize> {
        self.keys(self.max_age)
            .filter(|index| self.has_key(*index, kid))
    }

    fn expected(&self, kid: Option<u8>) -> Expected {
        if let Some(index) = self.known(kid) {
            return Expected::Use(index);
        }
        let Some(last) = self.fetches.last() else {
            return Expected::Fetch;
        };
        match last.ended {
            None if self.has_passed(last.since, self.fetch_timeout) => Expected::Fetch,
            None => match self.usable() {
                Some(index) if self.has_key(index, kid) => Expected::Use(index),
                _ => Expected::Wait,
            },
            Some(at) => {
                let usable = self.usable();
                let are_too_old = last.keys.is_some() && usable.is_none();
                let is_over =
                    self.has_passed(at, self.cooldown) || (are_too_old && self.has_passed(at, 1));
                match usable {
                    _ if is_over => Expected::Fetch,
                    Some(index) => Expected::Use(index),
                    None => Expected::Unavailable,
                }
            }
        }
    }

    fn set_of(&self, index: usize) -> &Arc<KeySet> {
        let keys = self.fetches[index].keys.as_ref();
        keys.map(|(keys, _)| keys).expect("a fetch with keys")
    }

    fn is_set_of(&self, index: Option<usize>, found: Option<&Arc<KeySet>>) -> bool {
        match (index, found) {
            (Some(index), Some(found)) => Arc::ptr_eq(self.set_of(index), found),
            (index, found) => index.is_none() && found.is_none(),
        }
    }
}

fn seconds(seconds: u8) -> Duration {
    Duration::from_secs(seconds.into())
}

pub(crate) fn check(input: &Input) {
    let Input {
        max_age,
        cooldown,
        stale_if_error,
        fetch_timeout,
        ref steps,
    } = *input;
    let new = || {
        JwksCache::new()
            .max_age(seconds(max_age))
            .cooldown(seconds(cooldown))
            .stale_if_error(seconds(stale_if_error))
            .fetch_timeout(seconds(fetch_timeout))
    };
    let mut cache = new();
    // Each is at least a second.
    let at_least = |setting: u8| i64::from(setting.max(1));
    let mut model = Model {
        max_age: at_least(max_age),
        cooldown: at_least(cooldown),
        stale_if_error: stale_if_error.into(),
        fetch_timeout: at_least(fetch_timeout),
        fetches: Vec::new(),
        now: 1_000,
    };
    for step in steps.iter().take(64) {
        match step {
            Step::Advance(by) => model.now += i64::from(*by),
            Step::SetBack(by) => model.now -= i64::from(*by),
            Step::Ask(kid) => ask(&mut cache, &mut model, kid.map(|kid| kid % 5)),
            Step::End(index, response) => end(&mut cache, &mut model, *index, response),
            Step::Foreign(response) => {
                let KeysNeeded::Fetch(ticket) = new().ask(&header(None), date(model.now)) else {
                    panic!("an empty cache");
                };
                report(&mut cache, &model, ticket, response);
            }
        }
        for kid in [None, Some(0), Some(1)] {
            let found = cache.known(&header(kid), date(model.now));
            assert!(model.is_set_of(model.known(kid), found.as_ref()));
        }
    }
}

fn date(seconds: i64) -> NumericDate {
    NumericDate::from_seconds(seconds)
}

fn header(kid: Option<u8>) -> Header {
    let header = Header::new(Algorithm::EdDSA);
    match kid {
        Some(kid) => header.with_key_id(kid.to_string()),
        None => header,
    }
}

fn ask(cache: &mut JwksCache, model: &mut Model, kid: Option<u8>) {
    let expected = model.expected(kid);
    match cache.ask(&header(kid), date(model.now)) {
        KeysNeeded::Fetch(ticket) => {
            assert_eq!(expected, Expected::Fetch);
            if let Some(last) = model.fetches.last_mut() {
                last.ended.get_or_insert(model.now);
            }
            model.fetches.push(Fetch {
                since: model.now,
                ended: None,
                ticket: Some(ticket),
                keys: None,
                dated: model.now,
            });
        }
        KeysNeeded::Use(keys) => {
            let Expected::Use(index) = expected else {
                panic!("{expected:?}");
            };
            assert!(model.is_set_of(Some(index), Some(&keys)));
        }
        KeysNeeded::Wait => assert_eq!(expected, Expected::Wait),
        KeysNeeded::Unavailable => assert_eq!(expected, Expected::Unavailable),
    }
}

/// A fetch ends. Only the last one that was started counts.
fn end(cache: &mut JwksCache, model: &mut Model, index: u8, response: &Response) {
    let mut open: Vec<usize> = Vec::new();
    for (index, fetch) in model.fetches.iter().enumerate() {
        open.extend(fetch.ticket.is_some().then_some(index));
    }
    if open.is_empty() {
        return;
    }
    let index = open[usize::from(index) % open.len()];
    let ticket = model.fetches[index].ticket.take().expect("an open fetch");
    let is_last = index + 1 == model.fetches.len();
    let now = model.now;
    let Some((keys, ids)) = response.keys() else {
        if is_last {
            model.fetches[index].ended = Some(now);
        }
        let found = cache.failed(ticket, date(now));
        assert!(model.is_set_of(model.usable(), found.as_ref()));
        return;
    };
    let found = cache.fetched(ticket, keys, date(now));
    let newer = model.fetches.iter().rposition(|fetch| fetch.keys.is_some());
    if is_last {
        assert_eq!(found.len(), ids.len());
        let last = &mut model.fetches[index];
        last.ended = Some(now);
        last.keys = Some((found, ids));
        last.dated = last.since.min(now);
    } else if newer.is_some_and(|newer| newer > index) {
        assert!(model.is_set_of(newer, Some(&found)));
    }
}

/// Reports a fetch of another cache, which changes nothing.
fn report(cache: &mut JwksCache, model: &Model, ticket: FetchTicket, response: &Response) {
    match response.keys() {
        Some((keys, _)) => {
            let count = keys.len();
            assert_eq!(cache.fetched(ticket, keys, date(model.now)).len(), count);
        }
        None => {
            let found = cache.failed(ticket, date(model.now));
            assert!(model.is_set_of(model.usable(), found.as_ref()));
        }
    }
}
