//! A cache of a key set, and a rotation of signing keys, over times that go forward and back: each answer
//! is that of the documented rules, applied to the list of what happened.

#![no_main]

#[path = "jwks_cache/cache.rs"]
mod cache;
#[path = "jwks_cache/rotation.rs"]
mod rotation;

use libfuzzer_sys::{arbitrary, fuzz_target};

#[derive(arbitrary::Arbitrary, Debug)]
enum Input {
    Cache(cache::Input),
    Rotation(rotation::Input),
}

fuzz_target!(|input: Input| {
    match &input {
        Input::Cache(input) => cache::check(input),
        Input::Rotation(input) => rotation::check(input),
    }
});
