//! An implementation with its keys and its policy.

use std::hint::black_box;

use jwt_ring_benches::{Job, job};

use crate::claims::Read;
use crate::tokens::Tokens;

type Sign = Box<dyn Fn() -> String>;
/// Verifies a token and shows the claims, unless it rejects the token.
type Verify = Box<dyn Fn(&str, See<'_>)>;
/// Receives the claims that were read.
pub(crate) type See<'s> = &'s mut dyn FnMut(&dyn Read);

pub(crate) struct Peer {
    name: &'static str,
    sign: Sign,
    /// The types that claims are read into, the most usual first, with their names.
    ways: Vec<(&'static str, Verify)>,
    /// Like the first way, with ten keys of which the `kid` selects one.
    among_ten: Option<Verify>,
}

impl Peer {
    pub(crate) fn new(name: &'static str, sign: impl Fn() -> String + 'static) -> Self {
        Self {
            name,
            sign: Box::new(sign),
            ways: Vec::new(),
            among_ten: None,
        }
    }

    /// Adds a struct for the registered claims that holds the caller's struct for the others.
    pub(crate) fn typed(self, verify: impl Fn(&str, See<'_>) + 'static) -> Self {
        self.way("custom claims", verify)
    }

    /// Adds a struct of the caller with all claims.
    pub(crate) fn own(self, verify: impl Fn(&str, See<'_>) + 'static) -> Self {
        self.way("own struct", verify)
    }

    /// Adds a struct of the caller with all claims, which borrows its strings.
    pub(crate) fn borrowed(self, verify: impl Fn(&str, See<'_>) + 'static) -> Self {
        self.way("own struct, borrowed", verify)
    }

    pub(crate) fn with_ten_keys(self, verify: impl Fn(&str, See<'_>) + 'static) -> Self {
        Self {
            among_ten: Some(Box::new(verify)),
            ..self
        }
    }

    fn way(mut self, way: &str, verify: impl Fn(&str, See<'_>) + 'static) -> Self {
        let name = format!("{}: {way}", self.name).leak();
        self.ways.push((name, Box::new(verify)));
        self
    }

    /// Checks that the implementation accepts valid tokens, in each way, and rejects the others.
    pub(crate) fn check(&self, tokens: &Tokens) {
        let ways = self.ways.iter().map(|(name, verify)| (*name, verify));
        let all = ways.chain(self.among_ten.iter().map(|verify| (self.name, verify)));
        for (name, verify) in all {
            let accepts = |token: &str| {
                let mut is_accepted = false;
                verify(token, &mut |claims| {
                    assert!(claims.is_as_signed(), "{name}: other claims");
                    is_accepted = true;
                });
                is_accepted
            };
            assert!(accepts(&tokens.valid), "{name}: a valid token");
            assert!(accepts(&(self.sign)()), "{name}: its own token");
            assert!(!accepts(&tokens.expired), "{name}: an expired token");
            assert!(!accepts(&tokens.forged), "{name}: a forged token");
        }
    }

    pub(crate) fn ways<'a>(&'a self, token: &'a str) -> impl Iterator<Item = Job<'a>> {
        let ways = self.ways.iter();
        ways.map(move |(name, verify)| verifying(name, verify, token))
    }

    pub(crate) fn first<'a>(&'a self, token: &'a str) -> Job<'a> {
        verifying(self.name, &self.ways[0].1, token)
    }

    pub(crate) fn among_ten<'a>(&'a self, token: &'a str) -> Option<Job<'a>> {
        let verify = self.among_ten.as_ref()?;
        Some(verifying(self.name, verify, token))
    }

    pub(crate) fn signing(&self) -> Job<'_> {
        job(self.name, &self.sign)
    }
}

fn verifying<'a>(name: &'static str, verify: &'a Verify, token: &'a str) -> Job<'a> {
    job(name, move || {
        verify(token, &mut |claims| {
            black_box(claims);
        });
    })
}
