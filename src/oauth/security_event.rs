//! Security event tokens, SETs (RFC 8417): verifying in a recipient.
//!
//! ```
//! use jwt_ring::oauth::security_event::{self, SecurityEventClaims};
//! use jwt_ring::{Algorithm, Clock, Signer, SigningKey, SystemClock};
//! use serde_json::json;
//!
//! // The transmitter.
//! let key = SigningKey::generate(Algorithm::ES256)?.with_id("2026-11");
//! let keys = key.verifying_key();
//! let revoked = json!({ "event_timestamp": 1_795_435_200 });
//! let claims = SecurityEventClaims::new("https://issuer.example", "4d3559ec", SystemClock.now())
//!     .audience("https://receiver.example")
//!     .event("https://schemas.openid.net/secevent/caep/event-type/session-revoked", revoked);
//! let set = Signer::new(key).typ("secevent+jwt").sign(&claims)?;
//!
//! // The recipient.
//! let verifier =
//!     security_event::Verifier::new("https://issuer.example", "https://receiver.example");
//! let token = verifier.verify::<SecurityEventClaims>(&set, &keys)?;
//! for (event, payload) in &token.claims().events {
//!     println!("{event}: {payload}");
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Deduplication
//!
//! A SET states a fact of the past and does not expire, and a transmitter sends it again until it is
//! acknowledged. So it is no one-time token: store `iss` and `jti` together with the effects of the event,
//! and acknowledge a SET that is stored already without applying it again.

mod delivery;
mod verifier;

pub use delivery::DeliveryError;
pub use verifier::Verifier;

use serde_json::{Map, Value};

use crate::claims::Audience;
use crate::numeric_date::NumericDate;
use crate::oauth::profile::profile_claims;

/// The `typ` of security event tokens (RFC 8417 §2.3).
const TYP: &str = "secevent+jwt";

profile_claims! {
    /// The claims of a security event token (RFC 8417 §2.2).
    ///
    /// If both `sub` and `sub_id` are present, they must identify the same subject (RFC 9493 §4.1), which
    /// is not checked.
    pub struct SecurityEventClaims in security_event_claims {
        /// `iss`, the issuer.
        issuer: String = "iss",
        /// `iat`, the time at which the token was issued.
        issued_at: NumericDate = "iat",
        /// `jti`, the identifier of the token.
        jwt_id: String = "jti",
        /// `events`: the URI of each event, and its payload, which is an object.
        events: Map<String, Value> = "events",
        /// `aud`, the audience: the recipients.
        audience: Option<Audience> = "aud",
        /// `sub`, the subject of all events.
        subject: Option<String> = "sub",
        /// `sub_id`, the subject of all events in a structured form (RFC 9493).
        subject_id: Option<Map<String, Value>> = "sub_id",
        /// `txn`, the transaction that the events belong to.
        transaction_id: Option<String> = "txn",
        /// `toe`, the time at which the events occurred.
        time_of_event: Option<NumericDate> = "toe",
        /// `exp`, the time from which the token is rejected. RFC 8417 does not recommend it.
        expiration: Option<NumericDate> = "exp",
        /// `nbf`, the time before which the token is rejected.
        not_before: Option<NumericDate> = "nbf",
    }
}

impl SecurityEventClaims {
    /// Starts the claims of a token, for a transmitter that signs them with a
    /// [`Signer`](crate::Signer) of the `typ` `secevent+jwt`. `jwt_id` must be unique.
    #[must_use]
    pub fn new(
        issuer: impl Into<String>,
        jwt_id: impl Into<String>,
        issued_at: NumericDate,
    ) -> Self {
        Self {
            issuer: issuer.into(),
            issued_at,
            jwt_id: jwt_id.into(),
            events: Map::new(),
            audience: None,
            subject: None,
            subject_id: None,
            transaction_id: None,
            time_of_event: None,
            expiration: None,
            not_before: None,
            custom: (),
        }
    }
}

impl<T> SecurityEventClaims<T> {
    /// Sets `aud`, the audience.
    #[must_use]
    pub fn audience(mut self, audience: impl Into<Audience>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Adds an event: its URI and its payload, which must be an object. A token without events is
    /// rejected by verifiers.
    #[must_use]
    pub fn event(mut self, uri: impl Into<String>, payload: impl Into<Value>) -> Self {
        self.events.insert(uri.into(), payload.into());
        self
    }
}
