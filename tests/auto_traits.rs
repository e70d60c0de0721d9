//! The auto traits of each public type, which a private field can change. `.ci/tools` checks that no
//! type is missing.

fn check<T: Send + Sync + Unpin>() {}

fn check_value<T: Send + Sync + Unpin>(_: T) {}

#[test]
fn types_are_send_sync_and_unpin() {
    check::<jwt_ring::Algorithm>();
    check::<jwt_ring::Audience>();
    check::<jwt_ring::CachingVerifier<String>>();
    check::<jwt_ring::Claim>();
    check::<jwt_ring::Claims<String>>();
    check::<Box<dyn jwt_ring::Clock>>();
    check::<jwt_ring::FixedClock>();
    check::<jwt_ring::Header>();
    check::<jwt_ring::IgnoredKey>();
    check::<jwt_ring::Issuers<jwt_ring::KeySet>>();
    check::<jwt_ring::KeyError>();
    check::<jwt_ring::KeyLookupError>();
    check::<jwt_ring::KeySet>();
    check::<jwt_ring::KeySetEntry<'_>>();
    check::<Box<dyn jwt_ring::Keys>>();
    check::<jwt_ring::KnownHeader>();
    check::<jwt_ring::NumericDate>();
    check::<jwt_ring::SignError>();
    check::<jwt_ring::Signature>();
    check::<jwt_ring::Signer>();
    check::<jwt_ring::SigningKey>();
    check::<jwt_ring::SystemClock>();
    check::<jwt_ring::Token<String>>();
    check::<jwt_ring::UnknownAlgorithm>();
    check::<jwt_ring::Unsigned>();
    check::<jwt_ring::Unverified<'_>>();
    check::<jwt_ring::Verifier>();
    check::<jwt_ring::VerifyError>();
    check::<jwt_ring::VerifyingKey>();
    check::<jwt_ring::jwks::FetchTicket>();
    check::<jwt_ring::jwks::JwksCache>();
    check::<jwt_ring::jwks::KeyRotation>();
    check::<jwt_ring::jwks::KeyTimes>();
    check::<jwt_ring::jwks::KeysNeeded>();
    check::<jwt_ring::replay::OneTime<String>>();
    check::<jwt_ring::replay::ReplayError>();
    check::<jwt_ring::replay::ReplayGuard>();
    check::<jwt_ring::replay::ReplayKey>();
    check::<jwt_ring::CachingVerifier<String, jwt_ring::Issuers<jwt_ring::KeySet>>>();
}

#[test]
fn iterators_are_send_sync_and_unpin() {
    check_value(jwt_ring::Audience::from("a").iter());
    check_value(jwt_ring::KeySet::default().iter());
}

#[cfg(feature = "oauth")]
#[test]
fn types_of_profiles_are_send_sync_and_unpin() {
    check::<jwt_ring::oauth::InvalidScope>();
    check::<jwt_ring::oauth::Scope>();
    check::<jwt_ring::oauth::access_token::AccessTokenClaims<String>>();
    check::<jwt_ring::oauth::access_token::Signer>();
    check::<jwt_ring::oauth::access_token::Verifier>();
    check::<jwt_ring::oauth::bearer::Challenge>();
    check::<jwt_ring::oauth::bearer::Rejection>();
    check::<jwt_ring::oauth::client_assertion::Signer>();
    check::<jwt_ring::oauth::client_assertion::Verifier>();
    check::<jwt_ring::oauth::dpop::DpopError>();
    check::<jwt_ring::oauth::dpop::Nonces>();
    check::<jwt_ring::oauth::dpop::Proof>();
    check::<jwt_ring::oauth::dpop::ProofVerifier>();
    check::<jwt_ring::oauth::dpop::Prover>();
    check::<jwt_ring::oauth::dpop::Request<'_>>();
    check::<jwt_ring::oauth::dpop::Verifier>();
    check::<jwt_ring::oauth::id_token::IdTokenClaims<String>>();
    check::<jwt_ring::oauth::id_token::Verifier>();
    check::<jwt_ring::oauth::identity_assertion::IdentityAssertionClaims<String>>();
    check::<jwt_ring::oauth::identity_assertion::Signer>();
    check::<jwt_ring::oauth::identity_assertion::Verifier>();
    check::<jwt_ring::oauth::logout_token::LogoutTokenClaims<String>>();
    check::<jwt_ring::oauth::logout_token::Verifier>();
    check::<jwt_ring::oauth::security_event::DeliveryError>();
    check::<jwt_ring::oauth::security_event::SecurityEventClaims<String>>();
    check::<jwt_ring::oauth::security_event::Verifier>();
    check::<jwt_ring::CachingVerifier<String, jwt_ring::oauth::access_token::Verifier>>();
    check::<jwt_ring::CachingVerifier<String, jwt_ring::oauth::id_token::Verifier>>();
    check_value(jwt_ring::oauth::Scope::default().iter());
}

#[cfg(feature = "testing")]
#[test]
fn types_of_the_test_kit_are_send_sync_and_unpin() {
    check::<jwt_ring::testing::InvalidToken>();
    check::<jwt_ring::testing::Issuer>();
    check::<jwt_ring::testing::Profile>();
    check::<jwt_ring::testing::TestToken>();
    let issuer =
        jwt_ring::testing::Issuer::new(jwt_ring::SystemClock, "https://issuer.example", "a");
    check_value(issuer.invalid_tokens(jwt_ring::testing::Profile::Plain));
}
