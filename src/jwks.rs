//! Keys over time: when to fetch the key set of an issuer, and how to rotate one's own keys.
//!
//! The library does no I/O: [`JwksCache`] decides when to fetch, and the caller fetches.
//! [`KeyRotation`] decides which key signs and which keys to publish, and the caller stores them.

mod cache;
mod rotation;

pub use cache::{FetchTicket, JwksCache, KeysNeeded};
pub use rotation::{KeyRotation, KeyTimes};
