//! Which proofs were used, recorded in a store that may be slow.

use std::sync::Arc;
use std::time::Duration;

use jwt_ring::NumericDate;
use jwt_ring::replay::OneTime;
use tokio::sync::Semaphore;

use crate::replay;
use crate::store::{self, Store, StoreError};

/// Maximum number of threads that wait for the store. Keys are fetched in the same pool, of 512
/// threads, and must be fetched while the store does not answer.
const MAX_THREADS: usize = 64;
/// How long a request waits for one of these threads.
const MAX_WAIT: Duration = Duration::from_secs(2);

pub(super) struct UsedProofs {
    store: Arc<dyn Store>,
    threads: Arc<Semaphore>,
}

impl UsedProofs {
    pub(super) fn new(store: Arc<dyn Store>) -> Self {
        Self {
            store,
            threads: Arc::new(Semaphore::new(MAX_THREADS)),
        }
    }

    /// Returns what a proof is for if the proof was not used before, and `None` if it was.
    pub(super) async fn first_use<T: Send + 'static>(
        &self,
        one_time: OneTime<T>,
        now: NumericDate,
    ) -> Result<Option<T>, StoreError> {
        let permit = Arc::clone(&self.threads).acquire_owned();
        let permit = match tokio::time::timeout(MAX_WAIT, permit).await {
            Ok(permit) => permit.map_err(StoreError::new)?,
            Err(_) => return Err(StoreError::new("too many requests wait for it")),
        };
        store::blocking(&self.store, move |store| {
            // Until the store has answered, also if the request was cancelled.
            let _permit = permit;
            replay::first_use(store, one_time, now)
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use jwt_ring::oauth::dpop::{Proof, ProofVerifier, Prover, Request};
    use jwt_ring::{Algorithm, Clock, SigningKey, SystemClock};

    use super::*;

    /// A store whose `insert` does not answer before it is set.
    #[derive(Default)]
    struct Slow(AtomicBool);

    impl Store for Slow {
        fn get(&self, _: &str) -> Result<Option<Vec<u8>>, StoreError> {
            Ok(None)
        }

        fn insert(
            &self,
            _: &str,
            _: &[u8],
            _: NumericDate,
            _: NumericDate,
        ) -> Result<bool, StoreError> {
            while !self.0.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(1));
            }
            Ok(true)
        }

        fn replace(&self, _: &str, _: &[u8], _: &[u8], _: NumericDate) -> Result<bool, StoreError> {
            Ok(true)
        }

        fn remove(&self, _: &str) -> Result<bool, StoreError> {
            Ok(true)
        }

        fn count(&self, _: &str, _: NumericDate, _: NumericDate) -> Result<u64, StoreError> {
            Ok(0)
        }
    }

    fn proof() -> OneTime<Proof> {
        let key = SigningKey::generate(Algorithm::ES256).expect("a key");
        let prover = Prover::new(key).expect("a prover");
        let uri = "https://api.example/orders";
        let proof = prover.proof("GET", uri, None, None).expect("a proof");
        let request = Request::new("GET", uri).dpop([&proof]);
        ProofVerifier::new()
            .verify(&request)
            .expect("a valid proof")
    }

    #[tokio::test]
    async fn a_store_that_does_not_answer_takes_few_threads() {
        let store = Arc::new(Slow::default());
        let used = Arc::new(UsedProofs::new(store.clone()));
        let now = SystemClock.now();
        let requests: Vec<_> = (0..MAX_THREADS)
            .map(|_| {
                let used = Arc::clone(&used);
                tokio::spawn(async move { used.first_use(proof(), now).await })
            })
            .collect();
        while used.threads.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        let error = used.first_use(proof(), now).await.map(drop);
        let error = error.expect_err("no thread").to_string();
        assert_eq!(
            error,
            "the store is unavailable: too many requests wait for it"
        );
        // A request that is cancelled does not free its thread.
        requests[0].abort();
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert_eq!(used.threads.available_permits(), 0);
        store.0.store(true, Ordering::SeqCst);
        for request in requests.into_iter().skip(1) {
            let first = request.await.expect("no panic");
            assert!(first.expect("an answer").is_some());
        }
        assert!(
            used.first_use(proof(), now)
                .await
                .expect("an answer")
                .is_some()
        );
    }
}
