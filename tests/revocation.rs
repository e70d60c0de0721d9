//! Revocation: deny lists of the caller, looked up after each verification, also of a cached token.

#[path = "support/mod.rs"]
mod support;

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use jwt_ring::oauth::logout_token::{self, LogoutTokenClaims};
use jwt_ring::replay::{ReplayError, ReplayGuard};
use jwt_ring::{
    Algorithm, Claim, Claims, FixedClock, NumericDate, SigningKey, Unverified, Verifier,
    VerifyError,
};
use serde::Deserialize;
use serde_json::{Value, json};
use support::{NOW, clock, forge};

const ISSUER: &str = "https://issuer.example";
const HEADER: &str = r#"{"alg":"HS256"}"#;
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";

#[derive(Clone, Debug, Default, Deserialize)]
struct Session {
    sid: Option<String>,
}

type Access = Claims<Session>;

/// What a service stores, by issuer; the guide `revocation` says for how long.
struct Revoked {
    logout_tokens: ReplayGuard,
    tokens: HashSet<[u8; 32]>,
    jwt_ids: HashSet<(String, String)>,
    sessions: HashSet<(String, String)>,
    not_before: HashMap<(String, String), NumericDate>,
}

impl Revoked {
    fn contains(&self, token: &str, claims: &Access) -> bool {
        let by_issuer = |value: &Option<String>| Some((claims.issuer.clone()?, value.clone()?));
        let is_in =
            |set: &HashSet<_>, value| by_issuer(value).is_some_and(|one| set.contains(&one));
        let subject = by_issuer(&claims.subject);
        let not_before = subject.and_then(|subject| self.not_before.get(&subject));
        self.tokens.contains(&id(token))
            || is_in(&self.jwt_ids, &claims.jwt_id)
            || is_in(&self.sessions, &claims.custom.sid)
            || not_before.is_some_and(|at| claims.issued_at.is_none_or(|issued| issued <= *at))
    }

    fn new() -> Self {
        Self {
            logout_tokens: ReplayGuard::new(100),
            tokens: HashSet::new(),
            jwt_ids: HashSet::new(),
            sessions: HashSet::new(),
            not_before: HashMap::new(),
        }
    }

    /// Stores what a logout token ends: a session, or all of a user until then. Returns whether it was
    /// the first use.
    fn log_out(
        &mut self,
        token: &str,
        clock: &FixedClock,
    ) -> Result<Result<(), ReplayError>, VerifyError> {
        let verifier = logout_token::Verifier::new(ISSUER, "web-shop")
            .map_verifier(|verifier| verifier.clock(clock.clone()));
        let verified = verifier.verify::<LogoutTokenClaims>(token, &key().verifying_key())?;
        let claims = match verified.first_use(&self.logout_tokens) {
            Ok(verified) => verified.into_claims(),
            Err(error) => return Ok(Err(error)),
        };
        match (claims.session_id, claims.subject) {
            (Some(session), _) => {
                self.sessions.insert((claims.issuer, session));
            }
            (None, Some(subject)) => {
                let at = self.not_before.entry((claims.issuer, subject));
                let at = at.or_insert(claims.issued_at);
                *at = claims.issued_at.max(*at);
            }
            (None, None) => unreachable!("the verifier requires one of them"),
        }
        Ok(Ok(()))
    }
}

fn key() -> SigningKey {
    SigningKey::from_secret(Algorithm::HS256, [7; 32]).expect("a key")
}

fn id(token: &str) -> [u8; 32] {
    Unverified::parse(token).expect("a header").id()
}

/// A token of the issuer with these claims as well.
fn token(claims: Value) -> String {
    let mut payload = json!({ "iss": ISSUER, "exp": NOW + 600 });
    for (name, value) in claims.as_object().expect("an object") {
        payload[name] = value.clone();
    }
    forge(&key(), HEADER, payload.to_string())
}

fn logout_token(claims: Value) -> String {
    let mut payload = json!({
        "iss": ISSUER, "aud": "web-shop", "iat": NOW, "exp": NOW + 120, "jti": "logout-1",
        "events": { LOGOUT: {} },
    });
    for (name, value) in claims.as_object().expect("an object") {
        payload[name] = value.clone();
    }
    let header = r#"{"alg":"HS256","typ":"logout+jwt"}"#;
    forge(&key(), header, payload.to_string())
}

/// Verifies tokens plain and cached, and looks them up after that.
struct Service {
    verifier: Verifier,
    cached: jwt_ring::CachingVerifier<Access>,
    revoked: Revoked,
}

impl Service {
    fn new() -> Self {
        let verifier = Verifier::new().any_audience().clock(clock());
        Self {
            cached: verifier.clone().cached(100),
            verifier,
            revoked: Revoked::new(),
        }
    }

    /// Returns whether the token, which is valid, is accepted.
    #[track_caller]
    fn accepts(&self, token: &str) -> bool {
        let keys = key().verifying_key();
        let plain = self.verifier.verify::<Access>(token, &keys);
        let plain = plain.expect("a valid token").into_claims();
        let accepted = !self.revoked.contains(token, &plain);
        for _ in 0..2 {
            let cached = self.cached.verify(token, &keys).expect("a valid token");
            assert_eq!(!self.revoked.contains(token, cached.claims()), accepted);
        }
        accepted
    }
}

#[test]
fn a_token_is_revoked_by_its_id() {
    let mut service = Service::new();
    let tokens = ["1", "2"].map(|sub| token(json!({ "sub": sub })));
    assert!(tokens.iter().all(|token| service.accepts(token)));
    service.revoked.tokens.insert(id(&tokens[0]));
    assert_eq!(
        tokens.each_ref().map(|token| service.accepts(token)),
        [false, true]
    );
}

#[test]
fn a_token_is_revoked_by_its_jwt_id_at_its_issuer() {
    let mut service = Service::new();
    let tokens = [
        token(json!({ "jti": "1" })),
        token(json!({ "jti": "1", "sub": "user-42" })),
        token(json!({ "jti": "2" })),
        token(json!({ "jti": "1", "iss": "https://other.example" })),
        token(json!({})),
    ];
    assert!(tokens.iter().all(|token| service.accepts(token)));
    service.revoked.jwt_ids.insert((ISSUER.into(), "1".into()));
    let accepted = tokens.each_ref().map(|token| service.accepts(token));
    assert_eq!(accepted, [false, false, true, true, true]);
}

#[test]
fn tokens_of_a_user_are_revoked_up_to_a_time() {
    let mut service = Service::new();
    let issued = |sub: &str, at: i64| token(json!({ "sub": sub, "iat": NOW + at }));
    let tokens = [
        issued("user-42", -10),
        issued("user-42", -1),
        issued("user-42", 0),
        issued("user-42", 1),
        issued("user-43", -10),
        // Without `iat`, it cannot be shown to be newer.
        token(json!({ "sub": "user-42" })),
        token(json!({ "sub": "user-42", "iss": "https://other.example", "iat": NOW - 10 })),
    ];
    assert!(tokens.iter().all(|token| service.accepts(token)));
    let user = (ISSUER.into(), "user-42".into());
    let now = NumericDate::from_seconds(NOW);
    service.revoked.not_before.insert(user, now);
    let accepted = tokens.each_ref().map(|token| service.accepts(token));
    assert_eq!(accepted, [false, false, false, true, true, false, true]);
}

#[test]
fn after_a_logout_token_the_next_request_is_rejected() {
    let request = |sid: &str| token(json!({ "sub": "user-42", "sid": sid, "iat": NOW - 10 }));
    let requests = ["session-1", "session-2"].map(request);
    for (claims, expected) in [
        (json!({ "sid": "session-1" }), [false, true]),
        (
            json!({ "sid": "session-1", "sub": "user-42" }),
            [false, true],
        ),
        (json!({ "sub": "user-42" }), [false, false]),
        (json!({ "sub": "user-43" }), [true, true]),
    ] {
        let mut service = Service::new();
        assert!(requests.iter().all(|token| service.accepts(token)));
        let logout = logout_token(claims.clone());
        service
            .revoked
            .log_out(&logout, &clock())
            .expect("a valid token")
            .expect("the first use");
        let again = service.revoked.log_out(&logout, &clock());
        assert_eq!(again, Ok(Err(ReplayError::Replayed)));
        let accepted = requests.each_ref().map(|token| service.accepts(token));
        assert_eq!(accepted, expected, "{claims}");
    }
}

#[test]
fn a_logout_token_that_arrives_late_does_not_revive_tokens() {
    let mut service = Service::new();
    let request = token(json!({ "sub": "user-42", "iat": NOW - 10 }));
    assert!(service.accepts(&request));
    for (jwt_id, at) in [("1", NOW), ("2", NOW - 20)] {
        let logout = logout_token(json!({ "sub": "user-42", "jti": jwt_id, "iat": at }));
        assert_eq!(service.revoked.log_out(&logout, &clock()), Ok(Ok(())));
        assert!(!service.accepts(&request), "{jwt_id}");
    }
}

/// Neither is a logout token a request, nor does a request end a session.
#[test]
fn a_logout_token_and_an_access_token_are_not_exchanged() {
    let mut service = Service::new();
    let logout = logout_token(json!({ "sub": "user-42" }));
    let keys = key().verifying_key();
    let rejected = service.verifier.verify::<Access>(&logout, &keys);
    assert_eq!(rejected.expect_err("another `typ`").code(), "typ_mismatch");
    let request = token(json!({
        "sub": "user-42", "aud": "web-shop", "iat": NOW, "jti": "1",
    }));
    let rejected = service.revoked.log_out(&request, &clock());
    let missing = VerifyError::Missing(Claim::Events);
    assert_eq!(rejected, Err(missing));
    assert!(service.accepts(&request));
    let late = clock();
    late.advance(Duration::from_secs(120));
    let rejected = service.revoked.log_out(&logout, &late);
    assert_eq!(rejected.expect_err("it has expired").code(), "expired");
}
