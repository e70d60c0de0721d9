//! The test kit against the service, and against the service with a naive verifier.

#[path = "../../testing/naive/mod.rs"]
mod naive;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::rt::System;
use actix_web::{App, HttpRequest, test as http};
use jwt_ring::oauth::bearer::Rejection;
use jwt_ring::testing::{Issuer, Profile, TestToken, assert_rejects_all_async};
use jwt_ring::{Algorithm, FixedClock, NumericDate};
use jwt_ring_actix_tests::{Access, Verifier, Verify, service};
use naive::{Check, Naive};

const ISSUER: &str = "https://issuer.example";
const ORIGIN: &str = "https://api.example";
const ORDERS: &str = "https://api.example/orders";
const NOW: i64 = 1_796_000_000;
const PROFILES: [Profile; 2] = [Profile::AccessToken, Profile::Dpop];

fn clock() -> FixedClock {
    FixedClock::at(NumericDate::from_seconds(NOW))
}

fn issuer() -> Issuer {
    Issuer::new(clock(), ISSUER, ORIGIN).request("GET", ORDERS)
}

async fn assert_passes(issuer: &Issuer, profile: Profile, verify: Arc<dyn Verify>) {
    let app = http::init_service(App::new().configure(service(verify))).await;
    assert_rejects_all_async(issuer, profile, async |token: &TestToken| {
        let request = http::TestRequest::get().uri("/orders");
        let request = request.insert_header((AUTHORIZATION, token.authorization()));
        let proofs = token.proofs().iter();
        let request = proofs.fold(request, |request, proof| {
            request.append_header(("DPoP", proof.as_str()))
        });
        let response = http::call_service(&app, request.to_request()).await;
        match response.status() {
            StatusCode::OK => false,
            // A header that is malformed is an invalid request (RFC 6750 §3.1).
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED => true,
            status => panic!("{status}"),
        }
    })
    .await;
}

#[actix_web::test]
async fn the_service_passes() {
    for profile in PROFILES {
        let issuer = issuer();
        let keys = Arc::new(issuer.key_set());
        let verifier = Verifier::new(ISSUER, ORIGIN, keys, clock());
        assert_passes(&issuer, profile, Arc::new(verifier)).await;
    }
}

impl Verify for Naive {
    fn verify(&self, request: &HttpRequest) -> Result<Access, Rejection> {
        let text = |name: &str| -> Vec<&str> {
            let values = request.headers().get_all(name);
            values.filter_map(|value| value.to_str().ok()).collect()
        };
        let verified = Naive::verify(
            self,
            &naive::Request {
                authorization: text("Authorization").first().copied().unwrap_or_default(),
                proofs: &text("DPoP"),
                method: request.method().as_str(),
                uri: &format!("{ORIGIN}{}", request.path()),
            },
        );
        let subject = String::from("anyone");
        let invalid = Rejection::InvalidToken { expired: false };
        verified.map(|()| Access { subject }).map_err(|_| invalid)
    }
}

/// Returns the message of the kit, if it fails.
fn failure(profile: Profile, off: Option<Check>) -> Option<String> {
    let issuer = issuer().nonce("n-1");
    let keys = issuer.key_set();
    let key = keys
        .iter()
        .next()
        .and_then(|key| key.verifying_key(Algorithm::ES256));
    let naive = Naive {
        profile,
        issuer: ISSUER.into(),
        audience: ORIGIN.into(),
        key: key.expect("a key"),
        nonce: Some("n-1".into()),
        now: || NOW,
        off,
        used: Mutex::new(HashSet::new()),
    };
    let run = || System::new().block_on(assert_passes(&issuer, profile, Arc::new(naive)));
    let panic = catch_unwind(AssertUnwindSafe(run)).err()?;
    Some(*panic.downcast::<String>().expect("a message"))
}

#[test]
fn the_service_with_a_naive_verifier_passes() {
    assert_eq!(PROFILES.map(|profile| failure(profile, None)), [None, None]);
}

#[test]
fn the_service_without_one_check_fails() {
    for check in Check::ALL {
        let failed: Vec<_> = PROFILES
            .into_iter()
            .filter_map(|profile| failure(profile, Some(check)))
            .collect();
        assert!(!failed.is_empty(), "{check:?}");
        for message in failed {
            assert!(message.contains("  accepted: "), "{check:?}: {message}");
            assert!(!message.contains("was rejected"), "{check:?}: {message}");
        }
    }
}
