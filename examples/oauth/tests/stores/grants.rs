//! Codes and refresh tokens: exactly once, and kept through lost answers.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use jwt_ring::{Clock, NumericDate, SystemClock};
use jwt_ring_oauth_examples::authorization_server::grants::{
    Expected, Grant, GrantError, Grants, Issued, Redemption, Refresh, Refreshed,
};
use jwt_ring_oauth_examples::store::{Store, random};

use crate::on_each;

/// The PKCE verifier and challenge of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CONFIRM_WITHIN: Duration = Duration::from_secs(5);
const MAX_GRANTS: NonZeroUsize = NonZeroUsize::new(20).expect("not zero");

fn grants(store: &Arc<dyn Store>) -> Grants {
    let seconds = Duration::from_secs;
    Grants::new(
        Arc::clone(store),
        seconds(60),
        seconds(3600),
        CONFIRM_WITHIN,
        MAX_GRANTS,
    )
}

fn later(now: NumericDate, seconds: u64) -> NumericDate {
    now.saturating_add(Duration::from_secs(seconds))
}

fn granted(client_id: &str, user: &str, now: NumericDate) -> (Grant, Expected) {
    let grant = Grant {
        client_id: client_id.into(),
        user: user.into(),
        scope: "read write".parse().expect("a scope"),
        resource: "https://api.example".into(),
        auth_time: now,
        nonce: None,
        thumbprint: None,
    };
    let expected = Expected {
        redirect_uri: "https://shop.example/callback".into(),
        challenge: CHALLENGE.into(),
        thumbprint: None,
    };
    (grant, expected)
}

fn code_of(grants: &Grants, client_id: &str, user: &str, now: NumericDate) -> String {
    let (code, (grant, expected)) = (random(), granted(client_id, user, now));
    let issued = grants.issue_code(&code, grant, expected, now);
    issued.expect("a store");
    code
}

fn code(grants: &Grants, now: NumericDate) -> String {
    code_of(grants, "shop", "alice", now)
}

fn redemption(code: &str) -> Redemption<'_> {
    Redemption {
        code,
        client_id: "shop",
        redirect_uri: "https://shop.example/callback",
        verifier: VERIFIER,
        resource: None,
        thumbprint: None,
        is_bound: false,
    }
}

fn try_refresh(grants: &Grants, token: &str, now: NumericDate) -> Result<Refreshed, GrantError> {
    let request = Refresh {
        token,
        client_id: "shop",
        scope: None,
        resource: None,
        thumbprint: None,
        is_bound: false,
    };
    grants.refresh(&request, now)
}

fn refresh(grants: &Grants, token: &str, now: NumericDate) -> Result<Issued, GrantError> {
    match try_refresh(grants, token, now)? {
        Refreshed::Issued(issued) => Ok(*issued),
        Refreshed::Wait => panic!("not confirmed"),
    }
}

/// Refreshes, and waits as the server does, but with the time of the test.
fn refresh_patiently(grants: &Grants, token: &str, now: NumericDate) -> Result<Issued, GrantError> {
    loop {
        if let Refreshed::Issued(issued) = try_refresh(grants, token, now)? {
            // Others look while the answer is being sent.
            thread::sleep(Duration::from_millis(20));
            grants.confirm(issued.delivery.as_ref().expect("a rotation"))?;
            return Ok(*issued);
        }
        thread::sleep(Duration::from_millis(5));
    }
}

/// Runs many at once, and returns the successes.
fn at_once<T: Send>(number: usize, work: impl Fn(usize) -> Result<T, GrantError> + Sync) -> Vec<T> {
    let results: Vec<_> = thread::scope(|scope| {
        let work = &work;
        let threads: Vec<_> = (0..number).map(|n| scope.spawn(move || work(n))).collect();
        let results = threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"));
        results.collect()
    });
    let (succeeded, failed): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    for error in failed.into_iter().filter_map(Result::err) {
        assert!(
            matches!(error, GrantError::Reused | GrantError::Unknown),
            "{error}"
        );
    }
    succeeded.into_iter().filter_map(Result::ok).collect()
}

#[test]
fn a_code_is_redeemed_once_by_20_and_500_at_once() {
    on_each(|store| {
        for number in [20, 500] {
            let (one, other, now) = (grants(store), grants(store), SystemClock.now());
            let code = code(&one, now);
            let issued = at_once(number, |n| {
                let grants = [&one, &other][n % 2];
                grants.redeem(&redemption(&code), now)
            });
            assert_eq!(issued.len(), 1, "{number}");
            let error = refresh(&one, &issued[0].refresh_token, now).expect_err("revoked");
            assert!(matches!(error, GrantError::Unknown), "{error}");
        }
    });
}

#[test]
fn a_refresh_token_is_rotated_once_by_20_and_500_at_once() {
    on_each(|store| {
        for number in [20, 500] {
            let (one, other, now) = (grants(store), grants(store), SystemClock.now());
            let code = code(&one, now);
            let first = one.redeem(&redemption(&code), now).expect("tokens");
            let issued = at_once(number, |n| {
                let grants = [&one, &other][n % 2];
                refresh_patiently(grants, &first.refresh_token, now)
            });
            assert_eq!(issued.len(), 1, "{number}");
            let error = refresh(&one, &issued[0].refresh_token, now).expect_err("revoked");
            assert!(matches!(error, GrantError::Unknown), "{error}");
        }
    });
}

#[test]
fn a_lost_answer_does_not_lose_the_grant() {
    on_each(|store| {
        let now = NumericDate::from_seconds(SystemClock.now().seconds());
        let grants = grants(store);
        let code = code(&grants, now);
        let first = grants.redeem(&redemption(&code), now).expect("tokens");
        // The server is killed before it answers.
        let lost = refresh(&grants, &first.refresh_token, now).expect("tokens");
        let again = |waited| try_refresh(&grants, &first.refresh_token, now.saturating_add(waited));
        assert!(matches!(again(Duration::ZERO), Ok(Refreshed::Wait)));
        let almost = CONFIRM_WITHIN - Duration::from_millis(1);
        assert!(matches!(again(almost), Ok(Refreshed::Wait)));
        let Ok(Refreshed::Issued(second)) = again(CONFIRM_WITHIN) else {
            panic!("the grant is lost");
        };
        // The next one waits for that answer.
        assert!(matches!(again(CONFIRM_WITHIN), Ok(Refreshed::Wait)));
        // A confirmation that is late changes nothing: another token is the valid one.
        let late = lost.delivery.as_ref().expect("a rotation");
        grants.confirm(late).expect("a store");
        assert!(matches!(again(CONFIRM_WITHIN), Ok(Refreshed::Wait)));
        let sent = second.delivery.as_ref().expect("a rotation");
        grants.confirm(sent).expect("a store");
        let third = refresh(&grants, &second.refresh_token, now).expect("tokens");
        assert_ne!(third.refresh_token, second.refresh_token);
        // The token of the lost answer was replaced, so that it is reuse.
        let error = refresh(&grants, &lost.refresh_token, now).expect_err("reused");
        assert!(matches!(error, GrantError::Reused), "{error}");
    });
}

#[test]
fn after_a_lost_answer_20_and_500_at_once_get_one_token() {
    on_each(|store| {
        for number in [20, 500] {
            let (one, other, now) = (grants(store), grants(store), SystemClock.now());
            let code = code(&one, now);
            let first = one.redeem(&redemption(&code), now).expect("tokens");
            refresh(&one, &first.refresh_token, now).expect("the answer that is lost");
            // Records have whole seconds, rounded up.
            let later = now.saturating_add(CONFIRM_WITHIN + Duration::from_secs(1));
            let issued = at_once(number, |n| {
                refresh_patiently([&one, &other][n % 2], &first.refresh_token, later)
            });
            assert_eq!(issued.len(), 1, "{number}");
        }
    });
}

#[test]
fn a_refresh_with_the_first_proof_binds_the_grant() {
    on_each(|store| {
        for is_bound in [true, false] {
            let (grants, now) = (grants(store), SystemClock.now());
            let code = code(&grants, now);
            let tokens = grants.redeem(&redemption(&code), now).expect("tokens");
            let request = Refresh {
                token: &tokens.refresh_token,
                client_id: "shop",
                scope: None,
                resource: None,
                thumbprint: Some("key"),
                is_bound,
            };
            let Ok(Refreshed::Issued(next)) = grants.refresh(&request, now) else {
                panic!("no tokens");
            };
            let without = try_refresh(&grants, &next.refresh_token, now);
            match is_bound {
                true => assert!(matches!(without, Err(GrantError::WrongKey))),
                false => assert!(matches!(without, Ok(Refreshed::Issued(_)))),
            }
        }
    });
}

#[test]
fn a_grant_is_revoked_by_its_token_and_not_by_its_code_alone() {
    on_each(|store| {
        let (grants, now) = (grants(store), SystemClock.now());
        let code = code(&grants, now);
        let tokens = grants.redeem(&redemption(&code), now).expect("tokens");
        let (name, _) = tokens.refresh_token.split_once('.').expect("two parts");
        // A thief who has the code but not the verifier.
        let stolen = Redemption {
            verifier: CHALLENGE,
            ..redemption(&code)
        };
        let error = grants.redeem(&stolen, now).expect_err("no verifier");
        assert!(matches!(error, GrantError::Unknown), "{error}");
        for token in [&*format!("{name}.x"), name, "x"] {
            grants.revoke(token, "shop", now).expect("a store");
        }
        grants
            .revoke(&tokens.refresh_token, "other", now)
            .expect("a store");
        let next = refresh(&grants, &tokens.refresh_token, now).expect("not revoked");
        // The client did not get the answer, and ends the session with the token that it has.
        grants
            .revoke(&tokens.refresh_token, "shop", now)
            .expect("a store");
        let error = refresh(&grants, &next.refresh_token, now).expect_err("revoked");
        assert!(matches!(error, GrantError::Unknown), "{error}");
    });
}

#[test]
fn a_confirmed_rotation_makes_the_old_token_reuse() {
    on_each(|store| {
        let (grants, now) = (grants(store), SystemClock.now());
        let code = code(&grants, now);
        let first = grants.redeem(&redemption(&code), now).expect("tokens");
        assert!(first.delivery.is_none(), "it replaces no token");
        let second = refresh(&grants, &first.refresh_token, now).expect("tokens");
        let sent = second.delivery.as_ref().expect("a rotation");
        grants.confirm(sent).expect("a store");
        let later = now.saturating_add(CONFIRM_WITHIN);
        let again = try_refresh(&grants, &first.refresh_token, later);
        assert!(matches!(again, Err(GrantError::Reused)));
        grants.confirm(sent).expect("a store");
        let error = refresh(&grants, &second.refresh_token, now).expect_err("revoked");
        assert!(matches!(error, GrantError::Unknown), "not revived");
    });
}

#[test]
fn a_grant_is_for_its_client_key_and_time() {
    on_each(|store| {
        let (grants, now) = (grants(store), SystemClock.now());
        let later = |seconds| now.saturating_add(Duration::from_secs(seconds));
        let is_unknown = |result: Result<Issued, GrantError>| {
            assert!(matches!(result, Err(GrantError::Unknown)));
        };
        let code = code(&grants, now);
        let of_other = Redemption {
            client_id: "other",
            ..redemption(&code)
        };
        is_unknown(grants.redeem(&of_other, now));
        is_unknown(grants.redeem(&redemption(&code), later(60)));
        let bound = Redemption {
            thumbprint: Some("key"),
            is_bound: true,
            ..redemption(&code)
        };
        let tokens = grants.redeem(&bound, later(59)).expect("tokens");
        assert_eq!(tokens.grant.thumbprint.as_deref(), Some("key"));
        let error = refresh(&grants, &tokens.refresh_token, later(59)).expect_err("no proof");
        assert!(matches!(error, GrantError::WrongKey));
        let proven = |client_id, seconds| {
            let request = Refresh {
                token: &tokens.refresh_token,
                client_id,
                scope: None,
                resource: None,
                thumbprint: Some("key"),
                is_bound: true,
            };
            grants.refresh(&request, later(seconds))
        };
        assert!(matches!(proven("other", 60), Err(GrantError::Unknown)));
        assert!(matches!(proven("shop", 3659), Err(GrantError::Unknown)));
        assert!(matches!(proven("shop", 3658), Ok(Refreshed::Issued(_))));
    });
}

#[test]
fn the_store_has_no_codes_or_tokens() {
    let directory = crate::Directory::new();
    let store = jwt_ring_oauth_examples::store::open(&directory.sqlite()).expect("a store");
    let (grants, now) = (grants(&store), SystemClock.now());
    let code = code(&grants, now);
    let tokens = grants.redeem(&redemption(&code), now).expect("tokens");
    let next = refresh(&grants, &tokens.refresh_token, now).expect("tokens");
    drop((grants, store));
    let (_, secret) = next.refresh_token.split_once('.').expect("two parts");
    let (_, old) = tokens.refresh_token.split_once('.').expect("two parts");
    let mut read = 0;
    for file in std::fs::read_dir(&directory.0).expect("a directory") {
        let bytes = std::fs::read(file.expect("a file").path()).expect("a file");
        read += bytes.len();
        for secret in [&*code, secret, old] {
            let found = bytes
                .windows(secret.len())
                .any(|part| part == secret.as_bytes());
            assert!(!found, "{secret}");
        }
    }
    assert!(read > 0);
}

#[test]
fn the_oldest_grants_of_a_user_and_client_are_revoked() {
    on_each(|store| {
        let (grants, now) = (grants(store), SystemClock.now());
        let codes: Vec<_> = (0..21).map(|_| code(&grants, now)).collect();
        let redeem = |code: &String| grants.redeem(&redemption(code), now);
        let error = redeem(&codes[0]).expect_err("revoked");
        assert!(matches!(error, GrantError::Unknown), "{error}");
        let oldest = redeem(&codes[1]).expect("tokens");
        let token = &oldest.refresh_token;
        let oldest = refresh(&grants, token, now).expect("tokens");
        // Of another user, and of another client.
        for (client_id, user) in [("shop", "bob"), ("other", "alice"), ("sho", "palice")] {
            code_of(&grants, client_id, user, now);
        }
        let oldest = refresh_patiently(&grants, &oldest.refresh_token, later(now, 5));
        let oldest = oldest.expect("tokens");
        code(&grants, now);
        let error = refresh(&grants, &oldest.refresh_token, now).expect_err("revoked");
        assert!(matches!(error, GrantError::Unknown), "{error}");
        for code in &codes[2..] {
            redeem(code).expect("tokens");
        }
    });
}

#[test]
fn grants_that_have_ended_do_not_count() {
    on_each(|store| {
        let (grants, now) = (grants(store), SystemClock.now());
        let first = code(&grants, now);
        let tokens = grants.redeem(&redemption(&first), now).expect("tokens");
        // 20 sign-ins whose codes are not redeemed.
        for n in 1..=20 {
            code(&grants, later(now, n * 60));
        }
        let now = later(now, 20 * 60);
        refresh(&grants, &tokens.refresh_token, now).expect("not revoked");
    });
}

#[test]
fn a_code_that_is_issued_twice_is_one_grant() {
    on_each(|store| {
        let (grants, now) = (grants(store), SystemClock.now());
        let code = code(&grants, now);
        let issue = || {
            let (grant, expected) = granted("shop", "alice", now);
            grants
                .issue_code(&code, grant, expected, now)
                .expect("a store");
        };
        issue();
        let tokens = grants.redeem(&redemption(&code), now).expect("tokens");
        issue();
        refresh(&grants, &tokens.refresh_token, now).expect("tokens");
        let error = grants
            .redeem(&redemption(&code), now)
            .expect_err("redeemed");
        assert!(matches!(error, GrantError::Reused), "{error}");
    });
}
