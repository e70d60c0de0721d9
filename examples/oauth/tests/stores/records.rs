//! The operations of each store.

use std::thread;
use std::time::Duration;

use jwt_ring::{Clock, NumericDate, SystemClock};
use jwt_ring_oauth_examples::store::{self, shared_secret};

use crate::{Directory, on_each, redis};

/// The time, and that of an hour later: Redis compares expirations with its own clock.
fn times() -> (NumericDate, NumericDate) {
    let now = SystemClock.now();
    (now, now.saturating_add(Duration::from_secs(3600)))
}

#[test]
fn a_record_is_inserted_once_replaced_by_comparison_and_removed() {
    on_each(|store| {
        let (now, later) = times();
        let insert = |value: &[u8]| store.insert("a", value, later, now).expect("a store");
        let replace =
            |old: &[u8], new: &[u8]| store.replace("a", old, new, later).expect("a store");
        let get = || store.get("a").expect("a store");
        assert_eq!(get(), None);
        assert!(!replace(b"", b"x"), "there is no record");
        assert_eq!(get(), None);
        assert!(insert(b"\x00\xff"));
        assert!(!insert(b"y"));
        assert_eq!(get().as_deref(), Some(&b"\x00\xff"[..]));
        assert!(!replace(b"\x00", b"x"));
        assert!(replace(b"\x00\xff", b"z"));
        assert_eq!(get().as_deref(), Some(&b"z"[..]));
        assert_eq!(store.get("b").expect("a store"), None);
        assert!(store.remove("a").expect("a store"));
        assert!(!store.remove("a").expect("a store"));
        assert!(insert(b"again"));
    });
}

#[test]
fn an_expired_record_does_not_prevent_another() {
    let directory = Directory::new();
    for address in ["memory", &directory.sqlite()] {
        let store = store::open(address).expect("a store");
        let (now, later) = times();
        let insert = |value: &[u8], expiration, now| {
            let inserted = store.insert("a", value, expiration, now);
            inserted.expect("a store")
        };
        let count = |expiration, now| store.count("n", expiration, now).expect("a store");
        assert!(insert(b"1", later, now));
        assert_eq!((count(later, now), count(later, now)), (1, 2));
        let much_later = later.saturating_add(Duration::from_secs(3600));
        assert!(insert(b"2", much_later, later));
        assert!(!insert(b"3", much_later, later));
        assert_eq!(count(much_later, later), 1);
    }
}

#[test]
fn many_expired_records_are_removed_in_turn() {
    let store = store::open("memory").expect("a store");
    let (now, later) = times();
    for n in 0..250 {
        let key = n.to_string();
        assert!(store.insert(&key, b"1", later, now).expect("a store"));
    }
    let left = || {
        let is_left = |n: &u32| store.get(&n.to_string()).expect("a store").is_some();
        (0..250).filter(is_left).count()
    };
    let much_later = later.saturating_add(Duration::from_secs(3600));
    for expected in [150, 50, 0] {
        store.count("n", much_later, later).expect("a store");
        assert_eq!(left(), expected);
    }
}

#[test]
fn redis_keeps_records_longer_than_clocks_differ() {
    let Some(redis) = redis::Server::start() else {
        return;
    };
    let (now, later) = times();
    let store = store::open(&redis.address).expect("a store");
    assert!(store.insert("a", b"1", later, now).expect("a store"));
    assert!(store.replace("a", b"1", b"2", later).expect("a store"));
    assert!(store.insert("b", b"1", later, now).expect("a store"));
    assert_eq!(store.count("n", later, now).expect("a store"), 1);
    assert_eq!(store.count("n", now, now).expect("a store"), 2);
    let client = ::redis::Client::open(&*redis.address).expect("a client");
    let mut connection = client.get_connection().expect("a connection");
    for key in ["a", "b", "n"] {
        let mut command = ::redis::cmd("PEXPIRETIME");
        let kept_until: i64 = command
            .arg(format!("jwt-ring:{key}"))
            .query(&mut connection)
            .expect("a time");
        assert_eq!(kept_until, (later.seconds() + 60) * 1000, "{key}");
    }
}

#[test]
#[cfg(unix)]
fn a_file_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (now, later) = times();
    let directory = Directory::new();
    let store = store::open(&directory.sqlite()).expect("a store");
    assert!(store.insert("a", b"1", later, now).expect("a store"));
    let files = std::fs::read_dir(&directory.0).expect("a directory");
    let modes: Vec<_> = files
        .map(|file| file.expect("a file").metadata().expect("a file"))
        .map(|metadata| metadata.permissions().mode() & 0o777)
        .collect();
    assert_eq!(modes, [0o600; 3], "the database, its log and its index");
}

#[test]
fn a_new_file_is_opened_by_many_at_once() {
    for _ in 0..20 {
        let directory = Directory::new();
        let address = directory.sqlite();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| store::open(&address).expect("a store"));
            }
        });
    }
}

#[test]
fn a_counter_counts_each_of_many() {
    on_each(|store| {
        let (now, later) = times();
        let mut sums: Vec<u64> = thread::scope(|scope| {
            let threads: Vec<_> = (0..50)
                .map(|_| scope.spawn(|| store.count("n", later, now).expect("a store")))
                .collect();
            let sums = threads
                .into_iter()
                .map(|thread| thread.join().expect("no panic"));
            sums.collect()
        });
        sums.sort_unstable();
        assert_eq!(sums, (1..=50).collect::<Vec<_>>());
    });
}

#[test]
fn one_of_many_inserts_or_replaces() {
    on_each(|store| {
        let (now, later) = times();
        let count = |work: &(dyn Fn(u32) -> bool + Sync)| {
            thread::scope(|scope| {
                let threads: Vec<_> = (0..50).map(|n| scope.spawn(move || work(n))).collect();
                let results = threads
                    .into_iter()
                    .map(|thread| thread.join().expect("no panic"));
                results.filter(|succeeded| *succeeded).count()
            })
        };
        let insert = |n: u32| store.insert("a", &n.to_be_bytes(), later, now);
        assert_eq!(count(&|n| insert(n).expect("a store")), 1);
        let old = store.get("a").expect("a store").expect("a record");
        let replace = |n: u32| store.replace("a", &old, &(n + 100).to_be_bytes(), later);
        assert_eq!(count(&|n| replace(n).expect("a store")), 1);
    });
}

#[test]
fn a_secret_is_shared_and_lasts() {
    on_each(|store| {
        let now = SystemClock.now();
        let secret = |name| shared_secret(&**store, name, now).expect("a store");
        assert_eq!(secret("a").len(), 32);
        assert_eq!(secret("a"), secret("a"));
        assert_ne!(secret("a"), secret("b"));
    });
}

#[test]
fn a_file_is_kept_and_shared() {
    let (now, later) = times();
    let directory = Directory::new();
    let open = || store::open(&directory.sqlite()).expect("a store");
    let (one, other) = (open(), open());
    assert!(one.insert("a", b"1", later, now).expect("a store"));
    assert!(!other.insert("a", b"2", later, now).expect("a store"));
    drop((one, other));
    assert_eq!(
        open().get("a").expect("a store").as_deref(),
        Some(&b"1"[..])
    );
}

#[test]
fn an_address_that_cannot_be_opened_is_an_error() {
    for (address, message) in [
        (
            "postgres://db",
            "expected memory, sqlite:PATH or redis://HOST:PORT",
        ),
        (
            "sqlite:/nonexistent/directory/store.db",
            "No such file or directory",
        ),
        ("redis://127.0.0.1:1", "refused"),
        ("redis:nonsense", "hostname"),
    ] {
        let error = store::open(address).err().expect("an error").to_string();
        assert!(error.contains(message), "{address}: {error}");
    }
    let directory = Directory::new();
    let path = directory.0.join("store.db");
    std::fs::write(
        &path,
        "this file is no database, but long enough".repeat(20),
    )
    .expect("a file");
    let error = store::open(&directory.sqlite()).err().expect("an error");
    assert!(error.to_string().contains("not a database"), "{error}");
}

#[test]
fn redis_that_stops_is_an_error_and_then_used_again() {
    let Some(mut redis) = redis::Server::start() else {
        return;
    };
    let (now, later) = times();
    let store = store::open(&redis.address).expect("a store");
    assert!(store.insert("a", b"1", later, now).expect("a store"));
    redis.stop();
    assert!(store.get("a").is_err());
    assert!(store.insert("a", b"1", later, now).is_err());
    redis.restart();
    assert!(store.insert("a", b"1", later, now).expect("a store"));
    // Several connections are idle at a restart, and fail at most once together.
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| store.get("a").expect("a store"));
        }
    });
    redis.restart();
    assert!(store.get("a").is_err());
    assert_eq!(store.get("a").expect("a store"), None);
}
