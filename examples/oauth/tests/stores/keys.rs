//! Signing keys: files, restarts, replicas and rotation.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jwt_ring::oauth::access_token::{AccessTokenClaims, Verifier};
use jwt_ring::{Algorithm, Clock, FixedClock, KeySet, SigningKey, SystemClock, VerifyError};
use jwt_ring_oauth_examples::authorization_server::keys::{Keys, KeysError, Schedule};
use jwt_ring_oauth_examples::store::{self, Store};

use crate::{Directory, on_each};

const ISSUER: &str = "https://issuer.example";
const DAY: Duration = Duration::from_secs(24 * 3600);
const AHEAD: Duration = Duration::from_secs(900);
const LIFETIME: Duration = Duration::from_secs(300);

fn open(store: &Arc<dyn Store>, directory: Option<PathBuf>, clock: &FixedClock) -> Keys {
    try_open(store, directory, clock).expect("keys")
}

fn try_open(
    store: &Arc<dyn Store>,
    directory: Option<PathBuf>,
    clock: &FixedClock,
) -> Result<Keys, KeysError> {
    let schedule = Schedule {
        publish_ahead: AHEAD,
        rotate_after: DAY * 30,
        token_lifetime: LIFETIME,
    };
    let clock = Arc::new(clock.clone());
    Keys::open(ISSUER, directory, Arc::clone(store), schedule, clock)
}

fn sign(keys: &Keys) -> String {
    let signer = &keys.signers().access_tokens;
    let claims = signer.claims("alice", "https://api.example", "shop");
    signer.sign(&claims.expect("claims")).expect("a token")
}

fn verify(keys: &Keys, token: &str, clock: &FixedClock) -> Result<(), VerifyError> {
    let jwks = keys.jwks().expect("JSON").to_string();
    let jwks = KeySet::from_json(&jwks).expect("a key set");
    assert_eq!(jwks.ignored().len(), 0);
    let verifier = Verifier::new(ISSUER, "https://api.example")
        .map_verifier(|verifier| verifier.clock(clock.clone()));
    verifier.verify::<AccessTokenClaims>(token, &jwks).map(drop)
}

fn kid(token: &str) -> String {
    let token = jwt_ring::Unverified::parse(token).expect("a token");
    token.key_id().expect("a kid").to_owned()
}

fn names(directory: &Path) -> Vec<String> {
    let files = fs::read_dir(directory).expect("a directory");
    let names = files.map(|file| file.expect("a file").file_name());
    names
        .map(|name| name.into_string().expect("UTF-8"))
        .collect()
}

fn published(keys: &Keys) -> usize {
    let jwks = keys.jwks().expect("JSON");
    jwks["keys"].as_array().map_or(0, Vec::len)
}

#[test]
fn old_tokens_verify_after_a_restart_and_the_key_still_signs() {
    on_each(|store| {
        let (directory, clock) = (Directory::new(), FixedClock::at(SystemClock.now()));
        let path = directory.0.join("keys");
        let keys = open(store, Some(path.clone()), &clock);
        let token = sign(&keys);
        drop(keys);
        let keys = open(store, Some(path), &clock);
        assert_eq!(verify(&keys, &token, &clock), Ok(()));
        assert_eq!(kid(&sign(&keys)), kid(&token));
        assert_eq!(published(&keys), 1);
    });
}

#[test]
fn a_rotation_survives_restarts() {
    on_each(|store| {
        let (directory, clock) = (Directory::new(), FixedClock::at(SystemClock.now()));
        let path = directory.0.join("keys");
        let restart = || open(store, Some(path.clone()), &clock);
        let first = kid(&sign(&restart()));
        restart().rotate().expect("a key");
        assert_eq!(published(&restart()), 2);
        clock.advance(AHEAD - Duration::from_secs(1));
        let last = sign(&restart());
        assert_eq!(kid(&last), first, "the next key is published first");
        clock.advance(Duration::from_secs(1));
        let keys = restart();
        let token = sign(&keys);
        assert_ne!(kid(&token), first);
        assert_eq!(verify(&keys, &last, &clock), Ok(()));
        clock.advance(LIFETIME);
        let keys = restart();
        assert_eq!(published(&keys), 1, "its last token has expired");
        assert_eq!(kid(&sign(&keys)), kid(&token));
        let mut files = names(&path);
        files.sort();
        let mut expected = [
            format!("{first}.pem.retired"),
            format!("{}.pem", kid(&token)),
        ];
        expected.sort();
        assert_eq!(files, expected);
    });
}

#[test]
fn the_next_key_is_made_in_time_by_one_of_the_servers() {
    on_each(|store| {
        let (directory, clock) = (Directory::new(), FixedClock::at(SystemClock.now()));
        let path = || Some(directory.0.join("keys"));
        let (one, other) = (open(store, path(), &clock), open(store, path(), &clock));
        clock.advance(DAY * 30 - Duration::from_secs(1));
        one.sync().expect("keys");
        assert_eq!(published(&one), 1);
        clock.advance(Duration::from_secs(1));
        for keys in [&one, &other, &one, &other] {
            keys.sync().expect("keys");
            assert_eq!(published(keys), 2);
        }
        clock.advance(AHEAD);
        assert_eq!(kid(&sign(&one)), kid(&sign(&other)));
    });
}

#[test]
fn of_servers_that_sync_at_once_one_makes_the_next_key() {
    on_each(|store| {
        for _ in 0..10 {
            let (directory, clock) = (Directory::new(), FixedClock::at(SystemClock.now()));
            let path = || Some(directory.0.join("keys"));
            let servers = [(); 4].map(|()| open(store, path(), &clock));
            clock.advance(DAY * 40);
            thread::scope(|scope| {
                for keys in &servers {
                    scope.spawn(|| keys.sync().expect("keys"));
                }
            });
            servers[0].sync().expect("keys");
            let files = names(&directory.0.join("keys"));
            let made = files.iter().filter(|name| !name.ends_with(".retired"));
            assert_eq!(made.count(), 2, "{files:?}");
            store.remove("keys").expect("a store");
        }
    });
}

#[test]
fn servers_that_start_at_once_in_an_empty_directory_keep_all_keys() {
    for _ in 0..50 {
        let store = store::open("memory").expect("a store");
        let (directory, clock) = (Directory::new(), FixedClock::at(SystemClock.now()));
        let path = || Some(directory.0.join("keys"));
        thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| open(&store, path(), &clock));
            }
        });
        let keys = open(&store, path(), &clock);
        let files = names(&directory.0.join("keys"));
        assert!(files.iter().all(|name| name.ends_with(".pem")), "{files:?}");
        assert_eq!(published(&keys), files.len());
    }
}

#[test]
fn a_retired_key_is_not_published_or_used_again() {
    on_each(|store| {
        let (directory, clock) = (Directory::new(), FixedClock::at(SystemClock.now()));
        let path = directory.0.join("keys");
        let restart = || open(store, Some(path.clone()), &clock);
        let (one, other) = (restart(), restart());
        let first = kid(&sign(&one));
        one.rotate().expect("a key");
        clock.advance(AHEAD + LIFETIME);
        // The other server has not seen the rotation.
        one.sync().expect("keys");
        other.sync().expect("keys");
        for keys in [&one, &other] {
            let jwks = keys.jwks().expect("JSON").to_string();
            assert!(!jwks.contains(&first), "{jwks}");
        }
        // A server is killed after it stored that the key is retired.
        let (file, retired) = (format!("{first}.pem"), format!("{first}.pem.retired"));
        fs::rename(path.join(&retired), path.join(&file)).expect("a file");
        let keys = restart();
        assert_ne!(kid(&sign(&keys)), first);
        assert!(!keys.jwks().expect("JSON").to_string().contains(&first));
        assert!(names(&path).contains(&retired));
    });
}

#[test]
fn without_the_store_keys_are_in_the_order_of_their_files() {
    for _ in 0..5 {
        let (directory, clock) = (Directory::new(), FixedClock::at(SystemClock.now()));
        let path = directory.0.join("keys");
        let open_on = |store: &str| {
            let store = store::open(store).expect("a store");
            open(&store, Some(path.clone()), &clock)
        };
        let keys = open_on("memory");
        let first = kid(&sign(&keys));
        keys.rotate().expect("a key");
        clock.advance(AHEAD);
        let second = sign(&keys);
        assert_ne!(kid(&second), first);
        // The first file is as old as its key.
        let file = fs::File::options()
            .write(true)
            .open(path.join(format!("{first}.pem")))
            .expect("a file");
        let hour_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
        file.set_modified(hour_ago).expect("a time");
        let keys = open_on("memory");
        assert_eq!(kid(&sign(&keys)), kid(&second));
        assert_eq!(verify(&keys, &second, &clock), Ok(()));
    }
}

#[test]
fn replicas_verify_each_others_tokens() {
    on_each(|store| {
        let clock = FixedClock::at(SystemClock.now());
        for shared in [true, false] {
            let directory = Directory::new();
            let path = |name: &str| {
                let name = if shared { "keys" } else { name };
                Some(directory.0.join(name))
            };
            let one = open(store, path("one"), &clock);
            let other = open(store, path("other"), &clock);
            let (a, b) = (sign(&one), sign(&other));
            assert_eq!(kid(&a) == kid(&b), shared);
            for token in [&a, &b] {
                assert_eq!(verify(&one, token, &clock), Ok(()));
                assert_eq!(verify(&other, token, &clock), Ok(()));
            }
        }
    });
}

#[test]
fn keys_of_a_server_that_ended_are_published_until_its_tokens_have_expired() {
    on_each(|store| {
        let clock = FixedClock::at(SystemClock.now());
        let ended = open(store, None, &clock);
        let token = sign(&ended);
        drop(ended);
        let keys = open(store, None, &clock);
        assert_eq!(verify(&keys, &token, &clock), Ok(()));
        assert_ne!(kid(&sign(&keys)), kid(&token));
        clock.advance(DAY * 31);
        keys.sync().expect("keys");
        let jwks = keys.jwks().expect("JSON").to_string();
        assert!(!jwks.contains(&kid(&token)), "not published for ever");
    });
}

#[test]
fn pem_files_are_private_and_others_are_taken_over() {
    let (directory, clock) = (Directory::new(), FixedClock::at(SystemClock.now()));
    let store = store::open("memory").expect("a store");
    let path = directory.0.join("keys");
    let own = SigningKey::generate(Algorithm::EdDSA).expect("a key");
    fs::create_dir(&path).expect("a directory");
    fs::write(
        path.join("own.pem"),
        own.secret_pkcs8_pem().expect("a text"),
    )
    .expect("a file");
    fs::write(path.join("notes.txt"), "not a key").expect("a file");
    let keys = open(&store, Some(path.clone()), &clock);
    let thumbprint = own.verifying_key().thumbprint().expect("a thumbprint");
    assert_eq!(kid(&sign(&keys)), thumbprint, "no other key is made");

    keys.rotate().expect("a key");
    let made = fs::read_dir(&path)
        .expect("a directory")
        .map(|file| file.expect("a file").path())
        .find(|file| {
            file.extension().is_some_and(|name| name == "pem") && !file.ends_with("own.pem")
        })
        .expect("a file");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| {
            let metadata = fs::metadata(path).expect("a file");
            metadata.permissions().mode() & 0o777
        };
        assert_eq!(mode(&made), 0o600);
        let new = directory.0.join("new");
        open(&store, Some(new.clone()), &clock);
        assert_eq!(mode(&new), 0o700);
    }
    let text = fs::read_to_string(&made).expect("a text");
    let next = SigningKey::from_pem(Algorithm::ES256, &text).expect("a key");
    let next = next.verifying_key().thumbprint().expect("a thumbprint");
    clock.advance(AHEAD);
    assert_eq!(kid(&sign(&keys)), next);

    fs::write(path.join("broken.pem"), "-----BEGIN PRIVATE KEY-----\n").expect("a file");
    keys.sync().expect("the other keys");
    assert_eq!(kid(&sign(&keys)), next, "the server goes on");
    let error = try_open(&store, Some(path), &clock)
        .err()
        .expect("an error");
    assert!(error.to_string().contains("broken.pem"), "{error}");
}

#[test]
fn the_store_has_no_private_keys() {
    let (directory, clock) = (Directory::new(), FixedClock::at(SystemClock.now()));
    let store = store::open("memory").expect("a store");
    let path = directory.0.join("keys");
    open(&store, Some(path), &clock);
    let record = store.get("keys").expect("a store").expect("a record");
    let record: serde_json::Value = serde_json::from_slice(&record).expect("JSON");
    let key = record[0]["key"].as_object().expect("a key");
    let names: Vec<_> = key.keys().collect();
    assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
}
