//! Replays: each one-time token is accepted once, by a guard of a limited capacity.

#[path = "support/mod.rs"]
mod support;

use std::collections::HashSet;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

use jwt_ring::NumericDate;
use jwt_ring::replay::{ReplayError, ReplayGuard, ReplayKey};
use support::{NOW, decode};

const ISSUER: &str = "https://issuer.example";

fn at(seconds: i64) -> NumericDate {
    NumericDate::from_seconds(NOW + seconds)
}

/// The key of a token that expires this many seconds from now.
fn key(jwt_id: impl ToString, expires_in: i64) -> ReplayKey {
    ReplayKey::new("kind", ISSUER, &jwt_id.to_string(), at(expires_in))
}

#[test]
fn a_token_is_accepted_once_until_it_expires() {
    let guard = ReplayGuard::new(10);
    let one = key(1, 60);
    assert_eq!(guard.first_use(&one, at(0)), Ok(()));
    for seconds in [0, 1, 59] {
        let again = guard.first_use(&one, at(seconds));
        assert_eq!(again, Err(ReplayError::Replayed), "{seconds}");
        let later = guard.first_use(&key(1, 3600), at(seconds));
        assert_eq!(later, Err(ReplayError::Replayed), "another expiration");
    }
    assert_eq!(guard.first_use(&key(2, 60), at(59)), Ok(()));
    for seconds in [60, 61, 3600] {
        let late = guard.first_use(&one, at(seconds));
        assert_eq!(late, Err(ReplayError::Expired), "{seconds}");
        let never_used = guard.first_use(&key(3, 60), at(seconds));
        assert_eq!(never_used, Err(ReplayError::Expired), "{seconds}");
    }
}

#[test]
fn a_full_guard_rejects_until_a_token_has_expired() {
    let guard = ReplayGuard::new(3);
    for (jwt_id, expires_in) in [(1, 30), (2, 10), (3, 20)] {
        assert_eq!(guard.first_use(&key(jwt_id, expires_in), at(0)), Ok(()));
    }
    for seconds in [0, 9] {
        let full = guard.first_use(&key(4, 40), at(seconds));
        assert_eq!(full, Err(ReplayError::Full), "{seconds}");
        // No entry was removed for it, and a replay is found also if there is no room.
        for (jwt_id, expires_in) in [(1, 30), (2, 10), (3, 20)] {
            let again = guard.first_use(&key(jwt_id, expires_in), at(seconds));
            assert_eq!(again, Err(ReplayError::Replayed), "{jwt_id}");
        }
    }
    // One has expired, and makes room for one.
    assert_eq!(guard.first_use(&key(4, 40), at(10)), Ok(()));
    assert_eq!(guard.first_use(&key(5, 40), at(10)), Err(ReplayError::Full));
    for (jwt_id, expires_in) in [(1, 30), (3, 20), (4, 40)] {
        let again = guard.first_use(&key(jwt_id, expires_in), at(10));
        assert_eq!(again, Err(ReplayError::Replayed), "{jwt_id}");
    }
    let none = ReplayGuard::new(0);
    assert_eq!(none.first_use(&key(1, 30), at(0)), Err(ReplayError::Full));
    assert_eq!(none.first_use(&key(1, 0), at(0)), Err(ReplayError::Expired));
}

#[test]
fn a_clock_that_is_set_back_makes_no_replay_possible() {
    let guard = ReplayGuard::new(10);
    for (jwt_id, expires_in) in [(1, 10), (2, 20)] {
        assert_eq!(guard.first_use(&key(jwt_id, expires_in), at(0)), Ok(()));
    }
    // The first is removed.
    assert_eq!(guard.first_use(&key(3, 30), at(15)), Ok(()));
    // At a time at which it would be valid again.
    assert_eq!(
        guard.first_use(&key(1, 10), at(0)),
        Err(ReplayError::Expired)
    );
    // Others that expire until then cannot be told from it; those that expire later can.
    assert_eq!(
        guard.first_use(&key(4, 10), at(0)),
        Err(ReplayError::Expired)
    );
    assert_eq!(guard.first_use(&key(5, 11), at(0)), Ok(()));
    assert_eq!(
        guard.first_use(&key(2, 20), at(0)),
        Err(ReplayError::Replayed)
    );
}

/// A clock that jumps ahead once, with or without anything to remove, blocks no later token.
#[test]
fn a_clock_that_jumps_ahead_and_back_blocks_only_what_was_removed() {
    let guard = ReplayGuard::new(10);
    assert_eq!(
        guard.first_use(&key(1, 10), at(1_000_000)),
        Err(ReplayError::Expired)
    );
    assert_eq!(guard.first_use(&key(1, 10), at(0)), Ok(()));
    assert_eq!(guard.first_use(&key(2, 2_000_000), at(1_000_000)), Ok(()));
    assert_eq!(guard.first_use(&key(3, 11), at(0)), Ok(()));
}

#[test]
fn kind_issuer_and_jwt_id_identify_a_token() {
    let parts = [
        ["kind", ISSUER, "1"],
        ["other", ISSUER, "1"],
        ["kind", "https://other.example", "1"],
        ["kind", ISSUER, "2"],
        // The same characters, divided in another way.
        ["kin", &format!("d{ISSUER}"), "1"],
        ["kind", &format!("{ISSUER}1"), ""],
        ["kind", "", &format!("{ISSUER}1")],
        ["", &format!("kind{ISSUER}"), "1"],
        ["", "", &format!("kind{ISSUER}1")],
        [&format!("kind{ISSUER}1"), "", ""],
        ["kind", ISSUER, "1\0"],
        ["kind\0", ISSUER, "1"],
        ["", "", ""],
    ];
    let guard = ReplayGuard::new(parts.len());
    let mut hashes = HashSet::new();
    for [kind, issuer, jwt_id] in parts {
        let key = ReplayKey::new(kind, issuer, jwt_id, at(60));
        assert!(hashes.insert(*key.hash()), "{kind} {issuer} {jwt_id}");
        assert_eq!(guard.first_use(&key, at(0)), Ok(()));
        assert_eq!(guard.first_use(&key, at(0)), Err(ReplayError::Replayed));
    }
}

#[test]
fn a_key_is_the_same_in_each_process_and_prints_its_hash() {
    let key = ReplayKey::new("a", "bc", "", at(60));
    let hashed = b"\0\0\0\0\0\0\0\x01a\0\0\0\0\0\0\0\x02bc\0\0\0\0\0\0\0\0";
    let expected = ring::digest::digest(&ring::digest::SHA256, hashed);
    assert_eq!(key.hash(), expected.as_ref());
    let printed = key.to_string();
    assert_eq!((printed.len(), decode(&printed)), (43, key.hash().to_vec()));
    let debug = format!("{key:?}");
    assert!(
        debug.starts_with(&format!("ReplayKey {{ hash: {key}, expiration: ")),
        "{debug}"
    );
    let guard = format!("{:?}", ReplayGuard::new(2));
    assert_eq!(guard, "ReplayGuard { capacity: 2, .. }");
}

#[test]
fn the_expiration_is_rounded_up_to_seconds() {
    let half = Duration::from_millis(500);
    let nanosecond = Duration::from_nanos(1);
    for (expiration, expected) in [
        (at(60), at(60)),
        (at(60).saturating_add(nanosecond), at(61)),
        (at(60).saturating_add(half), at(61)),
        (at(60).saturating_sub(nanosecond), at(60)),
        (
            NumericDate::from_seconds(-1).saturating_sub(half),
            NumericDate::from_seconds(-1),
        ),
    ] {
        let key = ReplayKey::new("kind", ISSUER, "1", expiration);
        assert_eq!(key.expiration(), expected, "{expiration}");
    }
    let last = NumericDate::from_seconds(i64::MAX);
    let key = ReplayKey::new("kind", ISSUER, "1", last.saturating_add(half));
    assert_eq!(key.expiration(), last);
    // A token is not forgotten in the second in which it expires.
    let guard = ReplayGuard::new(1);
    let key = ReplayKey::new("kind", ISSUER, "1", at(60).saturating_add(half));
    assert_eq!(guard.first_use(&key, at(0)), Ok(()));
    let again = guard.first_use(&key, at(60).saturating_add(nanosecond));
    assert_eq!(again, Err(ReplayError::Replayed));
}

#[test]
fn of_16_threads_with_the_same_token_one_is_accepted() {
    let guard = ReplayGuard::new(100);
    let barrier = Barrier::new(16);
    let accepted = |jwt_id: usize| {
        barrier.wait();
        guard.first_use(&key(jwt_id, 60), at(0)).is_ok()
    };
    let run = || (0..100).map(accepted).collect::<Vec<_>>();
    let all: Vec<Vec<bool>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..16).map(|_| scope.spawn(run)).collect();
        threads.into_iter().map(|one| one.join().unwrap()).collect()
    });
    for jwt_id in 0..100 {
        let accepted = all.iter().filter(|thread| thread[jwt_id]).count();
        assert_eq!(accepted, 1, "{jwt_id}");
    }
    assert_eq!(
        guard.first_use(&key("new", 60), at(0)),
        Err(ReplayError::Full)
    );
}

#[test]
fn messages_and_codes() {
    for (error, code, message) in [
        (
            ReplayError::Replayed,
            "replayed",
            "the token was used before",
        ),
        (
            ReplayError::Expired,
            "replay_expired",
            "the token has expired",
        ),
        (ReplayError::Full, "replay_full", "the replay guard is full"),
    ] {
        assert_eq!((error.code(), &*error.to_string()), (code, message));
    }
}

/// A guard compared with a list of all uses, over pseudo-random keys and a clock that goes back as well.
#[test]
fn a_guard_has_the_results_of_a_list_of_all_uses() {
    const CAPACITY: usize = 8;
    let mut state = 1_u64;
    let mut random = |below: u64| {
        // An LCG (Knuth, MMIX).
        state = state.wrapping_mul(6_364_136_223_846_793_005);
        state = state.wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let guard = ReplayGuard::new(CAPACITY);
    // Each use with its expiration, and whether it is still held.
    let mut uses: Vec<(u64, i64, bool)> = Vec::new();
    let mut counts = [0; 4];
    let mut now = 0_i64;
    for _ in 0..20_000 {
        now += random(4).cast_signed() - 1;
        let jwt_id = random(40) + now.cast_unsigned() / 16 * 40;
        // A token has one expiration.
        let expiration = now / 16 * 16 + 1 + (jwt_id % 32).cast_signed();
        for (_, expiration, held) in &mut uses {
            *held &= *expiration > now;
        }
        let removed = uses.iter().filter(|(.., held)| !held);
        let removed_until = removed.map(|(_, expiration, _)| *expiration).max();
        let held = || uses.iter().filter(|(.., held)| *held);
        let expected = if held().any(|(used, ..)| *used == jwt_id) {
            counts[0] += 1;
            Err(ReplayError::Replayed)
        } else if expiration <= now || Some(expiration) <= removed_until {
            counts[1] += 1;
            Err(ReplayError::Expired)
        } else if held().count() == CAPACITY {
            counts[2] += 1;
            Err(ReplayError::Full)
        } else {
            counts[3] += 1;
            let is_first = uses.iter().all(|(used, ..)| *used != jwt_id);
            assert!(is_first, "no token is accepted twice");
            uses.push((jwt_id, expiration, true));
            Ok(())
        };
        let found = guard.first_use(&key(jwt_id, expiration), at(now));
        assert_eq!(found, expected, "{jwt_id} until {expiration} at {now}");
    }
    assert!(counts.iter().all(|count| *count > 100), "{counts:?}");
}

/// One call removes 64 expired entries at most, so that it takes a bounded time. The entries that it leaves
/// are as if they were removed.
#[test]
fn an_expired_entry_that_is_still_there_is_as_one_that_was_removed() {
    for jwt_id in 0..100 {
        let guard = ReplayGuard::new(200);
        for other in 0..100 {
            assert_eq!(guard.first_use(&key(other, 10), at(0)), Ok(()));
        }
        let again = || guard.first_use(&key(jwt_id, 60), at(10));
        assert_eq!(again(), Ok(()), "{jwt_id}");
        assert_eq!(again(), Err(ReplayError::Replayed), "{jwt_id}");
    }
}
