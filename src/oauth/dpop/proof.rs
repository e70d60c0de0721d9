//! Verifies proofs.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::{Map, Value};

use super::request::Request;
use super::{DpopError, Nonces, TYP, token_hash, uri};
use crate::algorithm::{Algorithm, Family};
use crate::claim::Claim;
use crate::claims::Payload;
use crate::clock::Clock;
use crate::error::VerifyError;
use crate::json;
use crate::key::VerifyingKey;
use crate::numeric_date::NumericDate;
use crate::oauth::one_time::{MAX_JWT_ID, mismatch};
use crate::replay::{OneTime, ReplayKey};
use crate::unverified::Unverified;
use crate::verifier;

/// The longest proof in bytes.
const MAX_SIZE: usize = 8 * 1024;

/// The algorithms of proofs, unless set.
const ALGORITHMS: [Algorithm; 10] = [
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::Ed25519,
    Algorithm::EdDSA,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
];

/// The claims of a proof whose types are checked.
const OF_PROOF: [Claim; 4] = [Claim::Htm, Claim::Htu, Claim::Ath, Claim::Nonce];

/// A proof that was verified: the client has the private key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proof {
    /// The thumbprint of the key, which `cnf.jkt` of the access token must be (RFC 9449 §6.1).
    pub thumbprint: String,
    /// The algorithm of the proof.
    pub algorithm: Algorithm,
    /// `jti`, the identifier of the proof.
    pub jwt_id: String,
    /// `iat`, the time at which the proof was made.
    pub issued_at: NumericDate,
}

impl Proof {
    /// Returns the `cnf` claim of an access token for this key (RFC 9449 §6.1).
    #[must_use]
    pub fn confirmation(&self) -> Map<String, Value> {
        Map::from_iter([("jkt".to_owned(), self.thumbprint.as_str().into())])
    }

    /// Returns whether `cnf` is that of an access token for this key, and not for a certificate of mutual
    /// TLS as well (RFC 8705 §3.1), which is not checked here. Other members are ignored (RFC 7800 §3.1).
    pub(super) fn has_confirmation(&self, confirmation: &Map<String, Value>) -> bool {
        confirmation.get("jkt").and_then(Value::as_str) == Some(&self.thumbprint)
            && !confirmation.contains_key("x5t#S256")
    }
}

/// Verifies DPoP proofs (RFC 9449 §4.3): those at a token endpoint, to bind a token to a key.
///
/// A resource server uses a [`Verifier`](super::Verifier), which checks the access token too.
///
/// | what | default | to change it |
/// |---|---|---|
/// | `alg` | any but HMAC | [`algorithms`](Self::algorithms) |
/// | `iat` | at most 60 seconds from now | [`window`](Self::window) |
/// | `nonce` | not required | [`nonces`](Self::nonces) |
///
/// A proof has at most 8 KiB, its `jti` 1 to 256 bytes.
#[derive(Debug)]
#[must_use = "a verifier does nothing until `verify` is called"]
pub struct ProofVerifier {
    verifier: verifier::Verifier,
    algorithms: Vec<Algorithm>,
    window: Duration,
    nonces: Option<Nonces>,
}

impl ProofVerifier {
    /// Makes a verifier with the defaults.
    pub fn new() -> Self {
        let verifier = verifier::Verifier::new()
            .typ(TYP)
            .max_size(MAX_SIZE)
            .allow_missing_expiration()
            .any_audience()
            .require(Claim::IssuedAt)
            .require(Claim::JwtId);
        Self {
            verifier,
            algorithms: ALGORITHMS.to_vec(),
            window: Duration::from_secs(60),
            nonces: None,
        }
    }

    /// Sets the algorithms that proofs may be signed with, instead of the default ones. Those of HMAC
    /// are ignored; an empty list allows none.
    pub fn algorithms(mut self, algorithms: impl IntoIterator<Item = Algorithm>) -> Self {
        let algorithms = algorithms.into_iter();
        self.algorithms = algorithms
            .filter(|one| one.family() != Family::Hmac)
            .collect();
        self
    }

    /// Sets how far `iat` may be from now, in the past or in the future. Default: 60 seconds.
    ///
    /// All servers that record the use of proofs in one place must have the same window. After it was
    /// raised, proofs that were recorded before can be replayed for the difference.
    pub fn window(mut self, window: Duration) -> Self {
        self.window = window;
        self
    }

    /// Requires a `nonce` that the server made, and that is current. `iat` is checked as well.
    pub fn nonces(mut self, nonces: Nonces) -> Self {
        self.nonces = Some(nonces);
        self
    }

    /// Sets the clock. Default: [`SystemClock`](crate::SystemClock).
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.verifier = self.verifier.clock(clock);
        self
    }

    /// Returns the algorithms that proofs may be signed with, for
    /// [`Challenge::dpop`](crate::oauth::bearer::Challenge::dpop) and the metadata
    /// `dpop_signing_alg_values_supported`.
    #[must_use]
    pub fn supported_algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    /// Makes a nonce for the header `DPoP-Nonce`, if nonces are required. Send it with
    /// [`Rejection::UseDpopNonce`](crate::oauth::bearer::Rejection::UseDpopNonce), and with other
    /// responses before the last one expires.
    #[must_use]
    pub fn new_nonce(&self) -> Option<String> {
        self.nonces.as_ref()?.make(self.verifier.now())
    }

    /// Verifies the proof of a request without an access token, such as a token request. `ath` is not
    /// checked. Authenticate the client before [`OneTime::first_use`]: anyone can make a proof.
    ///
    /// # Errors
    ///
    /// Those of [`DpopError`] except [`Token`](DpopError::Token). At a token endpoint the error is
    /// `invalid_dpop_proof` or `use_dpop_nonce`, with status 400 (RFC 9449 §5, §8).
    pub fn verify(&self, request: &Request<'_>) -> Result<OneTime<Proof>, DpopError> {
        self.check(request, None)
    }

    pub(super) fn check(
        &self,
        request: &Request<'_>,
        access_token: Option<&str>,
    ) -> Result<OneTime<Proof>, DpopError> {
        let target = uri::normalize(request.uri).ok_or(DpopError::InvalidUri)?;
        let proof = request.proof()?;
        let key = self.key(proof)?;
        let token_hash = access_token.map(token_hash);
        let mut found = None;
        let profile = &mut |payload: &Payload<'_>, now| {
            for claim in OF_PROOF {
                payload.check_type(claim)?;
            }
            self.check_nonce(payload, now)?;
            expect(payload, Claim::Htm, |htm| htm == request.method)?;
            expect(payload, Claim::Htu, |htu| {
                uri::normalize(htu).as_ref() == Some(&target)
            })?;
            if let Some(hash) = &token_hash {
                expect(payload, Claim::Ath, |ath| ath == hash)?;
            }
            let issued_at = payload
                .date(Claim::IssuedAt)?
                .ok_or(VerifyError::Missing(Claim::IssuedAt))?;
            self.check_window(issued_at, now)?;
            let jwt_id = expect(payload, Claim::JwtId, |id| {
                (1..=MAX_JWT_ID).contains(&id.len())
            })?;
            found = Some((jwt_id, issued_at, now));
            Ok(())
        };
        let (mut buffer, mut slot) = (Vec::new(), None);
        let result = self
            .verifier
            .check_with(proof, &key, &mut buffer, &mut slot, profile);
        result.map(drop).map_err(proof_error)?;
        let (jwt_id, issued_at, now) = found.ok_or(DpopError::NoProof)?;
        let proof = Proof {
            thumbprint: key.thumbprint().map_err(DpopError::Key)?,
            algorithm: key.algorithm(),
            jwt_id,
            issued_at,
        };
        // It is accepted until the end of the window, which is included.
        let end = issued_at.saturating_add(self.window.saturating_add(Duration::from_nanos(1)));
        let replay_key = ReplayKey::new("dpop", &proof.thumbprint, &proof.jwt_id, end);
        Ok(OneTime::new(proof, replay_key, now))
    }

    /// Loads the key that the proof itself states. A signature by it shows only that the client has it.
    fn key(&self, proof: &str) -> Result<VerifyingKey, DpopError> {
        if proof.len() > MAX_SIZE {
            let (limit, found) = (MAX_SIZE, proof.len());
            return Err(DpopError::Proof(VerifyError::TooLarge { limit, found }));
        }
        let unverified = Unverified::parse(proof).map_err(DpopError::Proof)?;
        let header = unverified.header();
        let found = header.algorithm();
        if !self.algorithms.contains(&found) {
            return Err(DpopError::Proof(VerifyError::AlgorithmNotAllowed { found }));
        }
        let jwk = header.received_parameter("jwk").ok_or(DpopError::NoKey)?;
        VerifyingKey::from_public_jwk(found, jwk.text()).map_err(DpopError::Key)
    }

    fn check_nonce(&self, payload: &Payload<'_>, now: NumericDate) -> Result<(), VerifyError> {
        match &self.nonces {
            None => Ok(()),
            Some(nonces) => {
                expect(payload, Claim::Nonce, |one| nonces.is_current(one, now)).map(drop)
            }
        }
    }

    fn check_window(&self, at: NumericDate, now: NumericDate) -> Result<(), VerifyError> {
        if at > now.saturating_add(self.window) {
            return Err(VerifyError::IssuedInFuture { at, now });
        }
        if now > at.saturating_add(self.window) {
            let claim = Claim::IssuedAt;
            return Err(VerifyError::TooOld { claim, at, now });
        }
        Ok(())
    }
}

impl Default for ProofVerifier {
    fn default() -> Self {
        Self::new()
    }
}

fn proof_error(error: VerifyError) -> DpopError {
    use Claim::Nonce;
    match error {
        VerifyError::Missing(Nonce) | VerifyError::Mismatch { claim: Nonce, .. } => {
            DpopError::NonceRequired
        }
        _ => DpopError::Proof(error),
    }
}

/// Returns a claim that must be present and have a value that is accepted.
fn expect(
    payload: &Payload<'_>,
    claim: Claim,
    is_accepted: impl FnOnce(&str) -> bool,
) -> Result<String, VerifyError> {
    let found = payload.get(claim).and_then(json::Value::string);
    let found = found
        .map(Cow::into_owned)
        .ok_or(VerifyError::Missing(claim))?;
    match is_accepted(&found) {
        true => Ok(found),
        false => Err(mismatch(claim, &[])),
    }
}
