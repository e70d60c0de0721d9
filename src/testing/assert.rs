//! The assertions.

use std::fmt::Write;

use super::issuer::Issuer;
use super::token::{InvalidToken, Profile, TestToken};

/// Asserts that a service rejects all invalid tokens of a profile, and accepts valid ones before and after
/// them.
///
/// The closure presents a token to the service, and returns whether it was rejected: whether the status is
/// 400 or 401, for instance.
///
/// # Panics
///
/// Panics with the names and sections of all tokens that were accepted, or if a valid token was rejected.
#[track_caller]
pub fn assert_rejects_all(
    issuer: &Issuer,
    profile: Profile,
    mut is_rejected: impl FnMut(&TestToken) -> bool,
) {
    let mut report = Report::default();
    for step in steps(issuer, profile) {
        let is_rejected = is_rejected(step.token());
        report.add(&step, is_rejected);
    }
    report.assert(profile);
}

/// Asserts like [`assert_rejects_all`] that an async service rejects all invalid tokens of a profile.
///
/// # Panics
///
/// As [`assert_rejects_all`].
pub async fn assert_rejects_all_async(
    issuer: &Issuer,
    profile: Profile,
    mut is_rejected: impl AsyncFnMut(&TestToken) -> bool,
) {
    let mut report = Report::default();
    for step in steps(issuer, profile) {
        let is_rejected = is_rejected(step.token()).await;
        report.add(&step, is_rejected);
    }
    report.assert(profile);
}

/// A token to present, and what must come of it.
enum Step {
    /// With the reason that it is presented.
    Accepted(TestToken, String),
    Rejected(InvalidToken),
}

impl Step {
    fn token(&self) -> &TestToken {
        match self {
            Self::Accepted(token, _) => token,
            Self::Rejected(invalid) => &invalid.token,
        }
    }
}

/// Each token is made when it is presented, so that it has the time of then.
fn steps(issuer: &Issuer, profile: Profile) -> impl Iterator<Item = Step> {
    let valid = move |reason: &str| {
        let reason = reason.to_owned();
        std::iter::once_with(move || Step::Accepted(issuer.token(profile), reason))
    };
    let invalid = issuer.invalid_tokens(profile).flat_map(|mut invalid| {
        let reason = format!("before its replay for {:?}", invalid.name);
        let first = invalid.first.take();
        let first = first.map(|token| Step::Accepted(token, reason));
        first.into_iter().chain([Step::Rejected(invalid)])
    });
    valid("before the invalid ones")
        .chain(invalid)
        .chain(valid("after the invalid ones"))
}

/// What came of the tokens.
#[derive(Default)]
struct Report {
    /// The number of invalid tokens.
    invalid: usize,
    accepted: Vec<String>,
    /// The valid tokens that were rejected.
    rejected: Vec<String>,
}

impl Report {
    fn add(&mut self, step: &Step, is_rejected: bool) {
        match step {
            Step::Accepted(_, reason) if is_rejected => self.rejected.push(reason.clone()),
            Step::Accepted(..) => {}
            Step::Rejected(invalid) => {
                self.invalid += 1;
                if !is_rejected {
                    self.accepted.push(invalid.to_string());
                }
            }
        }
    }

    #[expect(clippy::panic, reason = "a failed assertion panics")]
    #[track_caller]
    fn assert(&self, profile: Profile) {
        let mut message = String::new();
        for reason in &self.rejected {
            let _ = writeln!(message, "  a valid token {reason} was rejected");
        }
        for invalid in &self.accepted {
            let _ = writeln!(message, "  accepted: {invalid}");
        }
        if !message.is_empty() {
            let Self {
                invalid, accepted, ..
            } = self;
            let count = accepted.len();
            panic!("{profile:?}: {count} of {invalid} invalid tokens were accepted\n{message}");
        }
    }
}
