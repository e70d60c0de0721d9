//! Turns of work that needs a whole core, so that other requests are answered meanwhile.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Gives at most as many turns at once as there are cores but one. Those who wait block no thread.
pub(super) struct Turns {
    /// Who has a turn or waits for one.
    places: Arc<Semaphore>,
    cores: Arc<Semaphore>,
}

/// A place in the queue.
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
}

/// The right to use a core until it is dropped.
pub(super) struct Turn {
    _place: Place,
    _core: OwnedSemaphorePermit,
}

impl Turns {
    /// At most `max_waiting` wait for a turn.
    pub(super) fn new(max_waiting: usize) -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self::on(cores.saturating_sub(1).max(1), max_waiting)
    }

    fn on(cores: usize, max_waiting: usize) -> Self {
        let places = cores
            .saturating_add(max_waiting)
            .min(Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(places)),
            cores: Arc::new(Semaphore::new(cores)),
        }
    }

    /// Enters the queue. `None` if it is full.
    pub(super) fn enter(&self) -> Option<Place> {
        let _permit = Arc::clone(&self.places).try_acquire_owned().ok()?;
        Some(Place { _permit })
    }

    /// Waits for a turn. `None` is not expected: the semaphore is never closed.
    pub(super) async fn next(&self, place: Place) -> Option<Turn> {
        let core = Arc::clone(&self.cores).acquire_owned().await.ok()?;
        Some(Turn {
            _place: place,
            _core: core,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn turns_and_places_are_bounded_and_given_back() {
        let turns = Turns::on(1, 1);
        let first = turns.enter().expect("a place");
        let first = turns.next(first).await.expect("a turn");
        let second = turns.enter().expect("a place");
        assert!(turns.enter().is_none(), "full");
        let mut second = Box::pin(turns.next(second));
        let soon = Duration::from_millis(20);
        let waits = tokio::time::timeout(soon, &mut second).await;
        assert!(waits.is_err(), "one core");
        drop(first);
        let second = second.await.expect("a turn");
        assert!(turns.enter().is_some());
        drop(second);
    }
}
