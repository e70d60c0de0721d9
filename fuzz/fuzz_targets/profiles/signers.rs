//! What the signer of a profile signs, its verifier accepts and reads as it was.

use std::collections::BTreeMap;

use jwt_ring::oauth::access_token::{self, AccessTokenClaims};
use jwt_ring::oauth::client_assertion;
use jwt_ring::oauth::identity_assertion::{self, IdentityAssertionClaims};
use jwt_ring::oauth::security_event::{self, SecurityEventClaims};
use jwt_ring::{Audience, Claims, FixedClock, SignError, Signer};
use jwt_ring_fuzz::{PUBLIC, SHARED};
use libfuzzer_sys::arbitrary::{self, Arbitrary};
use serde_json::{Map, Value};

use crate::fit::{ACCESS_TOKEN, Field, IDENTITY_ASSERTION, SECURITY_EVENT};
use crate::settings::{date, seconds};

/// The values of claims.
#[derive(Arbitrary, Debug)]
pub(crate) struct Input<'a> {
    kind: Kind,
    issuer: &'a str,
    subject: &'a str,
    audiences: Vec<&'a str>,
    client: &'a str,
    lifetime: u8,
    scope: &'a str,
    strings: Vec<&'a str>,
    auth_time: Option<i8>,
    is_bound: bool,
    custom: BTreeMap<&'a str, &'a str>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Kind {
    Access,
    Client,
    Identity,
    Event,
}

pub(crate) fn check(input: &Input<'_>) {
    match input.kind {
        Kind::Access => input.access_token(),
        Kind::Client => input.client_assertion(),
        Kind::Identity => input.identity_assertion(),
        Kind::Event => input.security_event(),
    }
}

type Custom = BTreeMap<String, String>;

impl Input<'_> {
    fn clock(&self) -> FixedClock {
        FixedClock::at(date(0))
    }

    /// A token that expires at once is rejected.
    fn lifetime(&self) -> std::time::Duration {
        seconds(self.lifetime.max(1))
    }

    fn audience(&self) -> &str {
        self.audiences.first().copied().unwrap_or("a")
    }

    fn confirmation(&self) -> Option<Map<String, Value>> {
        let member = |(name, value): (&&str, &&str)| ((*name).to_owned(), Value::from(*value));
        self.is_bound
            .then(|| self.custom.iter().map(member).collect())
    }

    fn custom(&self) -> Custom {
        let member = |(name, value): (&&str, &&str)| ((*name).to_owned(), (*value).to_owned());
        self.custom.iter().map(member).collect()
    }

    /// Returns the token, unless it must not be signed.
    fn signed(&self, fields: &[Field], signed: Result<String, SignError>) -> Option<String> {
        let is_field = |name: &&&str| fields.iter().any(|(field, _, _)| *field == **name);
        let is_private = |name: &&str| name.starts_with("$serde_json::private::");
        let shadowed = self.custom.keys().find(is_field);
        match signed {
            Ok(token) => {
                assert_eq!(shadowed, None);
                assert!(!self.custom.keys().any(is_private));
                Some(token)
            }
            Err(SignError::ShadowedClaim(name)) => {
                assert_eq!(shadowed, Some(&&*name));
                None
            }
            Err(SignError::MalformedPayload { .. }) => {
                assert!(self.custom.keys().any(is_private));
                None
            }
            Err(SignError::WrongType(claim)) => {
                // A registered claim that the profile has no field for.
                assert!(self.custom.contains_key(claim.name()));
                None
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn access_token(&self) {
        let signer = access_token::Signer::new(SHARED.clone(), self.issuer)
            .clock(self.clock())
            .lifetime(self.lifetime());
        let audience: Audience = match &*self.audiences {
            [] => "a".into(),
            all => all.iter().copied().collect(),
        };
        let claims = signer.claims(self.subject, audience, self.client);
        let mut claims = claims.expect("random bytes").custom(self.custom());
        claims.scope = self.scope.parse().unwrap_or_default();
        claims.auth_time = self.auth_time.map(date);
        let strings = || self.strings.iter().map(|one| (*one).to_owned()).collect();
        (claims.amr, claims.roles, claims.groups) = (strings(), strings(), strings());
        claims.acr = self.strings.first().map(|one| (*one).to_owned());
        claims.confirmation = self.confirmation();
        let Some(token) = self.signed(ACCESS_TOKEN, signer.sign(&claims)) else {
            return;
        };
        let verifier = access_token::Verifier::new(self.issuer, self.audience())
            .map_verifier(|verifier| verifier.clock(self.clock()));
        let verified = if self.is_bound {
            let expected = self.confirmation();
            verifier.verify_bound::<AccessTokenClaims<Custom>>(&token, &PUBLIC[0], |found| {
                Some(found) == expected.as_ref()
            })
        } else {
            verifier.verify(&token, &PUBLIC[0])
        };
        assert_eq!(verified.expect("a valid token").into_claims(), claims);
    }

    fn client_assertion(&self) {
        let signer = client_assertion::Signer::new(SHARED.clone(), self.client, self.issuer)
            .clock(self.clock())
            .lifetime(self.lifetime());
        let token = signer.sign().expect("no claims of the caller's");
        let verifier = client_assertion::Verifier::new(self.issuer)
            .map_verifier(|verifier| verifier.clock(self.clock()));
        let verified = verifier.verify::<Claims>(&token, self.client, &PUBLIC[0]);
        let claims = verified.expect("a valid assertion").without_replay_check();
        assert_eq!(claims.claims().issuer.as_deref(), Some(self.client));
        let client = client_assertion::client_id(&token);
        assert_eq!(client.as_deref(), Ok(self.client));
    }

    fn identity_assertion(&self) {
        let signer = identity_assertion::Signer::new(SHARED.clone(), self.issuer)
            .clock(self.clock())
            .lifetime(self.lifetime());
        let claims = signer.claims(self.subject, self.audience(), self.client);
        let mut claims = claims.expect("random bytes").custom(self.custom());
        claims.scope = self.scope.parse().unwrap_or_default();
        claims.auth_time = self.auth_time.map(date);
        claims.resource = self.strings.iter().map(|one| (*one).to_owned()).collect();
        claims.actor = self.confirmation();
        claims.confirmation = self.confirmation();
        let Some(token) = self.signed(IDENTITY_ASSERTION, signer.sign(&claims)) else {
            return;
        };
        let verifier = identity_assertion::Verifier::new(self.issuer, self.audience())
            .map_verifier(|verifier| verifier.clock(self.clock()));
        let verified = if self.is_bound {
            verifier.verify_bound::<IdentityAssertionClaims<Custom>>(
                &token,
                self.client,
                &PUBLIC[0],
                |_| true,
            )
        } else {
            verifier.verify(&token, self.client, &PUBLIC[0])
        };
        let verified = verified.expect("a valid assertion").without_replay_check();
        assert_eq!(verified.into_claims(), claims);
    }

    fn security_event(&self) {
        let claims = SecurityEventClaims::new(self.issuer, self.client, date(0))
            .audience(self.audience())
            .event(self.subject, Map::new())
            .custom(self.custom());
        let signer = Signer::new(SHARED.clone()).typ("secevent+jwt");
        let Some(token) = self.signed(SECURITY_EVENT, signer.sign(&claims)) else {
            return;
        };
        let verifier = security_event::Verifier::new(self.issuer, self.audience())
            .map_verifier(|verifier| verifier.clock(self.clock()));
        let verified = verifier.verify::<SecurityEventClaims<Custom>>(&token, &PUBLIC[0]);
        assert_eq!(verified.expect("a valid token").into_claims(), claims);
    }
}
