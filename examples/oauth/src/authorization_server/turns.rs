//! Turns of work that needs a whole core, so that other requests are answered meanwhile.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Maximum number of places of one owner.
const SHARE: usize = 4;

/// Gives at most as many turns at once as there are cores but one. Those who wait block no thread.
///
/// There are two queues. New browsers, which can be those of attackers, take no places of known ones, and
/// only as many of them as there are turns are ahead of a known one.
pub(super) struct Turns {
    known: Queue,
    new: Queue,
    cores: Arc<Semaphore>,
    shares: Arc<Shares>,
}

/// The user of a place in a queue, by the browser.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Owner {
    Known(String),
    New(String),
}

struct Queue {
    /// Who has a turn or waits for one.
    places: Arc<Semaphore>,
    /// Who has a turn or is next.
    next: Arc<Semaphore>,
}

/// The number of places by owner. There are no more entries than places.
#[derive(Default)]
struct Shares(Mutex<HashMap<Owner, usize>>);

/// A place in a queue.
pub(super) struct Place {
    owner: Owner,
    shares: Arc<Shares>,
    _permit: OwnedSemaphorePermit,
}

/// The right to use a core until it is dropped.
pub(super) struct Turn {
    _place: Place,
    _next: OwnedSemaphorePermit,
    _core: OwnedSemaphorePermit,
}

impl Turns {
    /// At most `max_waiting` wait for a turn in each queue.
    pub(super) fn new(max_waiting: usize) -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self::on(cores.saturating_sub(1).max(1), max_waiting)
    }

    fn on(cores: usize, max_waiting: usize) -> Self {
        Self {
            known: Queue::new(cores, max_waiting),
            new: Queue::new(cores, max_waiting),
            cores: Arc::new(Semaphore::new(cores)),
            shares: Arc::default(),
        }
    }

    fn queue(&self, owner: &Owner) -> &Queue {
        match owner {
            Owner::Known(_) => &self.known,
            Owner::New(_) => &self.new,
        }
    }

    /// Enters the queue. `None` if it is full, or the owner has its share of it.
    pub(super) fn enter(&self, owner: &Owner) -> Option<Place> {
        let places = Arc::clone(&self.queue(owner).places);
        let _permit = places.try_acquire_owned().ok()?;
        self.shares.add(owner).then(|| Place {
            owner: owner.clone(),
            shares: Arc::clone(&self.shares),
            _permit,
        })
    }

    /// Waits for a turn. `None` is not expected: the semaphores are never closed.
    pub(super) async fn next(&self, place: Place) -> Option<Turn> {
        let next = Arc::clone(&self.queue(&place.owner).next);
        let next = next.acquire_owned().await.ok()?;
        let core = Arc::clone(&self.cores).acquire_owned().await.ok()?;
        Some(Turn {
            _place: place,
            _next: next,
            _core: core,
        })
    }
}

impl Queue {
    fn new(cores: usize, max_waiting: usize) -> Self {
        let places = cores
            .saturating_add(max_waiting)
            .min(Semaphore::MAX_PERMITS);
        Self {
            places: Arc::new(Semaphore::new(places)),
            next: Arc::new(Semaphore::new(cores)),
        }
    }
}

impl Shares {
    /// Returns whether the owner may have another place.
    fn add(&self, owner: &Owner) -> bool {
        let mut shares = self.lock();
        let number = shares.entry(owner.clone()).or_default();
        let has_room = *number < SHARE;
        *number += usize::from(has_room);
        has_room
    }

    fn subtract(&self, owner: &Owner) {
        let mut shares = self.lock();
        if let Some(number) = shares.get_mut(owner) {
            *number = number.saturating_sub(1);
            if *number == 0 {
                shares.remove(owner);
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Owner, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shares.subtract(&self.owner);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn new(user: &str) -> Owner {
        Owner::New(user.to_owned())
    }

    #[tokio::test]
    async fn turns_and_places_are_bounded_and_given_back() {
        let turns = Turns::on(1, 1);
        let first = turns.enter(&new("a")).expect("a place");
        let first = turns.next(first).await.expect("a turn");
        let second = turns.enter(&new("a")).expect("a place");
        assert!(turns.enter(&new("b")).is_none(), "full");
        let mut second = Box::pin(turns.next(second));
        let soon = Duration::from_millis(20);
        let waits = tokio::time::timeout(soon, &mut second).await;
        assert!(waits.is_err(), "one core");
        drop(first);
        let second = second.await.expect("a turn");
        assert!(turns.enter(&new("b")).is_some());
        drop(second);
    }

    #[tokio::test]
    async fn an_owner_has_four_places_that_wait_or_have_a_turn() {
        let turns = Turns::on(1, 64);
        let enter = |user| turns.enter(&new(user));
        let first = turns.next(enter("a").expect("a place")).await;
        let waiting = [enter("a"), enter("a"), enter("a")];
        assert!(waiting.iter().all(Option::is_some));
        assert!(enter("a").is_none(), "its share");
        let others = [(); 4].map(|()| enter("b"));
        assert!(others.iter().all(Option::is_some));
        assert!(enter("b").is_none() && enter("c").is_some());
        drop(first.expect("a turn"));
        let fifth = enter("a").expect("a place");
        assert!(enter("a").is_none());
        drop((fifth, waiting, others));
        assert!(turns.shares.lock().is_empty());
        assert_eq!(turns.new.places.available_permits(), 65, "all given back");
    }

    #[tokio::test]
    async fn known_browsers_have_places_of_their_own_and_the_next_turn() {
        let turns = Turns::on(1, 2);
        let users = ["a", "b", "c"].map(new);
        let [first, others @ ..] = users.map(|user| turns.enter(&user).expect("a place"));
        let first = turns.next(first).await.expect("a turn");
        assert!(turns.enter(&new("d")).is_none(), "full");
        let known = Owner::Known("d".to_owned());
        let known = turns.enter(&known).expect("a place");
        let soon = Duration::from_millis(20);
        let mut others = others.map(|place| Box::pin(turns.next(place)));
        for other in &mut others {
            let waits = tokio::time::timeout(soon, other).await;
            assert!(waits.is_err(), "one core");
        }
        let mut known = Box::pin(turns.next(known));
        let waits = tokio::time::timeout(soon, &mut known).await;
        assert!(waits.is_err(), "one core");
        drop(first);
        for other in &mut others {
            let waits = tokio::time::timeout(soon, other).await;
            assert!(waits.is_err(), "after the known one");
        }
        drop(known.await.expect("a turn"));
        for other in others {
            drop(other.await.expect("a turn"));
        }
    }
}
