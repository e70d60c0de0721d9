//! The numbers of connections by the network of the peer.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::program::network;

/// The networks with connections: at most as many as there are connections.
#[derive(Clone, Default)]
pub(super) struct Counts(Arc<Mutex<HashMap<IpAddr, usize>>>);

impl Counts {
    /// Counts a connection until the result is dropped. Returns `None` if the network of the address has
    /// the maximum.
    pub(super) fn count(&self, address: IpAddr, max: usize) -> Option<Counted> {
        let network = network(address);
        let mut counts = self.lock();
        let count = counts.get(&network).copied().unwrap_or_default();
        if count >= max {
            return None;
        }
        counts.insert(network, count + 1);
        Some(Counted {
            counts: self.clone(),
            network,
        })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that is counted until this is dropped.
pub(super) struct Counted {
    counts: Counts,
    network: IpAddr,
}

impl Drop for Counted {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.counts.lock().entry(self.network) {
            match *count.get() {
                0 | 1 => {
                    count.remove();
                }
                more => *count.get_mut() = more - 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_network_has_its_own_bound_and_is_removed_with_its_last_connection() {
        let counts = Counts::default();
        let [one, other] = [1, 2].map(|last| IpAddr::from([192, 0, 2, last]));
        let count = |address| counts.count(address, 2);
        let first = count(one).expect("the first");
        let second = count(one).expect("the second");
        assert!(count(one).is_none(), "the third");
        let another = count(other).expect("the first of another network");
        drop(first);
        let third = count(one).expect("a second again");
        assert!(count(one).is_none(), "a third again");
        assert_eq!(counts.lock().len(), 2);
        drop((second, third));
        assert_eq!(*counts.lock(), HashMap::from([(other, 1)]));
        drop(another);
        assert!(counts.lock().is_empty());
    }

    #[test]
    fn addresses_of_an_ipv6_network_are_counted_together() {
        let counts = Counts::default();
        let count = |address: &str| counts.count(address.parse().expect("an address"), 1);
        let first = count("2001:db8:0:1::1");
        assert!(first.is_some());
        assert!(count("2001:db8:0:1:ffff::2").is_none(), "the same network");
        assert!(count("2001:db8:0:2::1").is_some(), "another network");
    }

    #[test]
    fn a_rejected_connection_adds_no_network() {
        let counts = Counts::default();
        let address = IpAddr::from([192, 0, 2, 1]);
        assert!(counts.count(address, 0).is_none());
        assert!(counts.lock().is_empty());
    }
}
