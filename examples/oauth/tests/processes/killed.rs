//! A server that is killed after each of its writes (SIGKILL), and started again on the same store.

use crate::client::{code, redeem, refresh, revoke};
use crate::on_each;
use crate::server::Server;

/// The writes of a server from its start to the revocation of a grant: the crash points.
const WRITES: [&str; 17] = [
    "insert issuer",   // whose store it is
    "insert secret",   // by which replicas sign pages,
    "insert secret",   // cookies,
    "insert secret",   // and make codes
    "insert keys",     // the public half of the first signing key
    "insert guesses",  // a password is tried
    "remove guesses",  // it was right
    "insert browsers", // the browser is known
    "insert grants",   // those of the user to the client
    "insert grant",    // the code is issued
    "insert answered", // the page is answered
    "replace grant",   // the code is redeemed
    "replace grant",   // the first refresh token is replaced
    "replace grant",   // that answer is sent
    "replace grant",   // the second refresh token is replaced
    "replace grant",   // that answer is sent
    "replace grant",   // the grant is revoked
];

/// What the client has after a run that a kill may have ended.
#[derive(Default)]
struct Progress {
    code: Option<String>,
    refresh_token: Option<String>,
}

/// Runs a flow until its end, or until an answer does not come.
fn run(server: &str, progress: &mut Progress) -> Option<()> {
    progress.code = Some(code(server)?);
    let answer = redeem(server, progress.code.as_deref()?)?;
    assert_eq!(answer.status, 200);
    progress.refresh_token = Some(answer.refresh_token);
    for _ in 0..2 {
        let answer = refresh(server, progress.refresh_token.as_deref()?)?;
        assert_eq!(answer.status, 200);
        progress.refresh_token = Some(answer.refresh_token);
        // The confirmation follows the answer.
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let answer = revoke(server, progress.refresh_token.as_deref()?)?;
    assert_eq!(answer.status, 200);
    Some(())
}

#[test]
fn the_crash_points_are_all_writes_of_a_flow() {
    on_each(|store| {
        let server = Server::start(store);
        assert!(run(&server.url, &mut Progress::default()).is_some());
        assert_eq!(server.writes(), WRITES);
    });
}

#[test]
fn a_kill_after_any_write_loses_no_grant_and_revives_no_code() {
    for (number, write) in (1..).zip(WRITES) {
        println!("killed after write {number}: {write}");
        on_each(|store| {
            let mut progress = Progress::default();
            if let Some(server) = Server::try_start(store, 1, Some(number)) {
                assert!(run(&server.url, &mut progress).is_none(), "not killed");
            }
            let server = Server::try_start(store, 1, None).expect("a server that listens");
            let is_revoked = usize::try_from(number) == Ok(WRITES.len());
            check(&server.url, &progress, is_revoked);
            let again = run(&server.url, &mut Progress::default());
            assert!(again.is_some(), "the server works");
        });
    }
}

/// Checks that the client can go on with what it has, unless it revoked that.
fn check(server: &str, progress: &Progress, is_revoked: bool) {
    if let Some(token) = &progress.refresh_token {
        let answer = refresh(server, token).expect("an answer");
        let expected = match is_revoked {
            true => (400, "invalid_grant"),
            false => (200, ""),
        };
        assert_eq!((answer.status, &*answer.error), expected);
    }
    if let Some(code) = &progress.code {
        let answer = redeem(server, code).expect("an answer");
        assert_eq!(answer.error, "invalid_grant", "revived");
    }
}
