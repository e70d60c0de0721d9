//! Signing keys: files, restarts, replicas and rotation.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
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
    let jwks = keys.signers().jwks(clock.now()).expect("JSON").to_string();
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

fn published(keys: &Keys, clock: &FixedClock) -> usize {
    let jwks = keys.signers().jwks(clock.now()).expect("JSON");
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
        assert_eq!(published(&keys, &clock), 1);
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
        assert_eq!(published(&restart(), &clock), 2);
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
        assert_eq!(published(&keys, &clock), 1, "its last token has expired");
        assert_eq!(kid(&sign(&keys)), kid(&token));
        let mut files: Vec<_> = fs::read_dir(&path)
            .expect("a directory")
            .map(|file| {
                file.expect("a file")
                    .file_name()
                    .into_string()
                    .expect("UTF-8")
            })
            .collect();
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
        assert_eq!(published(&one, &clock), 1);
        clock.advance(Duration::from_secs(1));
        for keys in [&one, &other, &one, &other] {
            keys.sync().expect("keys");
            assert_eq!(published(keys, &clock), 2);
        }
        clock.advance(AHEAD);
        assert_eq!(kid(&sign(&one)), kid(&sign(&other)));
    });
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
            one.sync().expect("keys");
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
        let jwks = keys.signers().jwks(clock.now()).expect("JSON").to_string();
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
        let mode = fs::metadata(&made).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let text = fs::read_to_string(&made).expect("a text");
    let next = SigningKey::from_pem(Algorithm::ES256, &text).expect("a key");
    let next = next.verifying_key().thumbprint().expect("a thumbprint");
    clock.advance(AHEAD);
    assert_eq!(kid(&sign(&keys)), next);

    fs::write(path.join("broken.pem"), "-----BEGIN PRIVATE KEY-----\n").expect("a file");
    let error = keys.sync().expect_err("a broken file").to_string();
    assert!(error.contains("broken.pem"), "{error}");
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
