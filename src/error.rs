//! Error types, one per operation: a variant per cause, data for the caller, a sentence for the log.
//!
//! No error holds key material, and no sentence quotes a claim of a token: errors are logged, and
//! are shown to the sender of a token.

mod key;
mod lookup;
mod sign;
mod verify;

pub use key::KeyError;
pub use lookup::KeyLookupError;
pub use sign::SignError;
pub use verify::VerifyError;
