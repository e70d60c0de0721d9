//! The assertions.

use std::fmt::Write;

use super::draft::segments;
use super::issuer::Issuer;
use super::token::{InvalidToken, Profile, TestToken};
use crate::base64url;

/// Asserts that a service rejects all invalid tokens of a profile, and accepts valid ones before and after
/// them.
///
/// The closure presents a token to the service, and returns whether it was rejected: whether the status is
/// 400 or 401, for instance.
///
/// # Panics
///
/// Panics with the names and sections of all tokens that were accepted, and the contents of valid tokens that
/// were rejected.
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

/// A token to present, and the result that is expected.
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

/// Makes each token when it is presented, so that its times are those of that moment.
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

/// The unexpected results.
#[derive(Default)]
struct Report {
    /// The number of invalid tokens.
    invalid: usize,
    accepted: Vec<String>,
    /// The valid tokens that were rejected: why they were presented, and what they contain.
    rejected: Vec<String>,
}

impl Report {
    fn add(&mut self, step: &Step, is_rejected: bool) {
        match step {
            Step::Accepted(token, reason) => {
                if is_rejected {
                    let contents = contents(token);
                    let line = format!("a valid token {reason} was rejected\n{contents}");
                    self.rejected.push(line);
                }
            }
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
        for rejected in &self.rejected {
            let _ = write!(message, "  {rejected}");
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

/// Returns the headers and payloads of a token and its proofs, a line each.
fn contents(token: &TestToken) -> String {
    let mut lines = String::new();
    for signed in std::iter::once(&token.text).chain(&token.proofs) {
        let [header, payload, _] = segments(signed).map(|segment| {
            let bytes = base64url::decode(segment).unwrap_or_default();
            String::from_utf8_lossy(&bytes).into_owned()
        });
        let _ = writeln!(lines, "    {header} {payload}");
    }
    lines
}
