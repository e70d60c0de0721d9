//! Two servers on one store: exactly one of many requests succeeds.

use std::thread;

use crate::client::{Answer, code, redeem, refresh};
use crate::on_each;
use crate::server::Server;

/// Sends requests at once to both servers, and returns the one success.
fn one_of(number: usize, request: impl Fn(usize) -> Option<Answer> + Sync) -> Answer {
    let answers: Vec<_> = thread::scope(|scope| {
        let request = &request;
        let threads: Vec<_> = (0..number)
            .map(|n| scope.spawn(move || request(n % 2)))
            .collect();
        let answers = threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"));
        answers.collect()
    });
    let mut succeeded = None;
    for answer in answers.into_iter().map(|answer| answer.expect("an answer")) {
        match answer.status {
            200 => assert!(succeeded.replace(answer).is_none(), "two of {number}"),
            _ => assert_eq!((answer.status, &*answer.error), (400, "invalid_grant")),
        }
    }
    succeeded.expect("a success")
}

#[test]
fn of_20_and_500_redemptions_and_refreshes_at_two_servers_one_succeeds() {
    on_each(|store| {
        let servers = [Server::start(store), Server::start(store)];
        let url = |n: usize| &*servers[n].url;
        for number in [20, 500] {
            let code = code(url(0)).expect("a code");
            let redeemed = one_of(number, |n| redeem(url(n), &code));
            let revoked = refresh(url(1), &redeemed.refresh_token).expect("an answer");
            assert_eq!(revoked.error, "invalid_grant", "the code was stolen");

            let code = self::code(url(1)).expect("a code");
            let first = redeem(url(0), &code).expect("an answer").refresh_token;
            let refreshed = one_of(number, |n| refresh(url(n), &first));
            let revoked = refresh(url(0), &refreshed.refresh_token).expect("an answer");
            assert_eq!(revoked.error, "invalid_grant", "the token was stolen");
        }
    });
}

#[test]
fn the_servers_take_turns_in_one_grant() {
    on_each(|store| {
        let servers = [Server::start(store), Server::start(store)];
        let code = code(&servers[0].url).expect("a code");
        let redeemed = redeem(&servers[1].url, &code).expect("an answer");
        let mut token = redeemed.refresh_token;
        for n in 0..10 {
            let answer = refresh(&servers[n % 2].url, &token).expect("an answer");
            assert_eq!(answer.status, 200);
            token = answer.refresh_token;
        }
    });
}
