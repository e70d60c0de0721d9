//! The checks in their order.

use std::borrow::Cow;

use serde::de::Deserialize;
use serde_json::{Map, Value};

use super::Verifier;
use crate::base64url;
use crate::claims::{self, Payload, Times};
use crate::compact::{self, Compact};
use crate::error::VerifyError;
use crate::header::Header;
use crate::json::{Malformed, NOT_BASE64URL};
use crate::key::VerifyingKey;
use crate::keys::Keys;
use crate::numeric_date::NumericDate;
use crate::signature;
use crate::token::Token;

impl Verifier {
    /// Makes all checks. The payload is decoded into `buffer` and scanned into `slot`.
    #[inline(always)]
    pub(crate) fn check<'a, 'b>(
        &self,
        token: &str,
        keys: &'a dyn Keys,
        buffer: &'b mut Vec<u8>,
        slot: &'a mut Option<Payload<'b>>,
    ) -> Result<Checked<'a, 'b>, VerifyError> {
        self.check_with(token, keys, buffer, slot, &mut |_, _| Ok(()))
    }

    /// Repeats the checks whose result changes with the time.
    pub(crate) fn check_times(&self, times: &Times, now: NumericDate) -> Result<(), VerifyError> {
        self.policy.check_times(times, now)
    }

    pub(crate) fn now(&self) -> NumericDate {
        self.clock.now()
    }

    /// Makes all checks, in their order. The checks of a profile come last.
    pub(crate) fn check_with<'a, 'b>(
        &self,
        token: &str,
        keys: &'a dyn Keys,
        buffer: &'b mut Vec<u8>,
        slot: &'a mut Option<Payload<'b>>,
        profile: &mut dyn FnMut(&Payload<'_>, NumericDate) -> Result<(), VerifyError>,
    ) -> Result<Checked<'a, 'b>, VerifyError> {
        self.check_size(token)?;
        let compact = Compact::split(token)?;
        let known = keys.known_header(compact.header);
        let header = match known.and_then(|known| known.of_segment(compact.header)) {
            Some(header) => Cow::Borrowed(header),
            None => Cow::Owned(Header::decode(compact.header)?),
        };
        self.policy.check_algorithm(&header)?;
        let key = keys.key(&header)?;
        check_key(&key, &header)?;
        check_signature(&compact, &key)?;
        self.policy.check_header(&header)?;
        let malformed = |Malformed(reason)| VerifyError::MalformedPayload { reason };
        let text = compact::decode_text(compact.payload, buffer).map_err(malformed)?;
        let payload = self.policy.scan(text, slot).map_err(malformed)?;
        let now = self.now();
        let times = self.policy.check_claims(payload, now)?;
        profile(payload, now)?;
        Ok(Checked {
            header,
            key,
            payload,
            times,
            per_call: PerCall::default(),
            now,
        })
    }

    fn check_size(&self, token: &str) -> Result<(), VerifyError> {
        let (limit, found) = (self.max_size, token.len());
        if found > limit {
            return Err(VerifyError::TooLarge { limit, found });
        }
        Ok(())
    }
}

/// A token that passed all checks, before its payload is read into the caller's type.
pub(crate) struct Checked<'a, 'b> {
    pub(crate) header: Cow<'a, Header>,
    pub(crate) key: Cow<'a, VerifyingKey>,
    pub(crate) payload: &'a Payload<'b>,
    pub(crate) times: Times,
    pub(crate) per_call: PerCall,
    /// The time of the checks.
    pub(crate) now: NumericDate,
}

impl<'b> Checked<'_, 'b> {
    /// Reads the payload into the caller's type.
    pub(crate) fn into_token<C: Deserialize<'b>>(self) -> Result<Token<C>, VerifyError> {
        let claims = claims::fit(self.payload)?;
        Ok(Token::new(self.header.into_owned(), claims))
    }
}

/// What is checked on each call, also for a token that is cached.
#[derive(Default)]
#[cfg_attr(not(feature = "oauth"), expect(dead_code, reason = "for profiles"))]
pub(crate) struct PerCall {
    /// The index of the issuer, if there are several.
    pub(crate) issuer: usize,
    /// The `cnf` of an access token.
    pub(crate) confirmation: Option<Map<String, Value>>,
    /// The `nonce` of an ID token.
    pub(crate) nonce: Option<String>,
    /// The `auth_time` of an ID token.
    pub(crate) auth_time: Option<NumericDate>,
}

/// Checks that the token names the algorithm of its key (RFC 8725 §3.1).
fn check_key(key: &VerifyingKey, header: &Header) -> Result<(), VerifyError> {
    let (expected, found) = (key.algorithm(), header.algorithm());
    if !expected.verifies(found) {
        return Err(VerifyError::AlgorithmMismatch { expected, found });
    }
    Ok(())
}

fn check_signature(compact: &Compact<'_>, key: &VerifyingKey) -> Result<(), VerifyError> {
    let (mut short, mut long);
    // All signatures but those of RSA are short, and clearing a kilobyte takes time.
    let buffer: &mut [u8] =
        if compact.signature.len() <= base64url::encoded_length(signature::MAX_SHORT) {
            short = [0; signature::MAX_SHORT];
            &mut short
        } else {
            long = [0; signature::MAX_LENGTH];
            &mut long
        };
    match base64url::decode_slice(compact.signature, buffer) {
        Some(signature) => key.verify(compact.signing_input, signature),
        None => Err(undecodable(compact.signature)),
    }
}

/// Distinguishes a signature that is too long for any algorithm from one that is malformed.
#[cold]
fn undecodable(signature: &str) -> VerifyError {
    let reason = if signature.trim_ascii_end().len() < signature.len() {
        "has white space at its end: trim the token"
    } else if base64url::decode(signature).is_none() {
        NOT_BASE64URL.0
    } else {
        return VerifyError::InvalidSignature;
    };
    VerifyError::MalformedSignature { reason }
}
