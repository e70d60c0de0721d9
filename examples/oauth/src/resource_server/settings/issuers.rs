//! The issuers, which are trusted by flags whose order counts.

use std::ffi::OsString;

use bpaf::{Bpaf, Parser};

use super::message;
use crate::resource_server::profile::Profile;

/// The example `authorization_server`.
pub(crate) const DEFAULT_ISSUER: &str = "http://127.0.0.1:8080";
const VARIABLE: &str = "JWT_RING_ISSUERS";
/// The variable of the other programs, which have one issuer.
const VARIABLE_OF_OTHERS: &str = "JWT_RING_ISSUER";

/// The settings of one issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerSettings {
    pub issuer: String,
    /// Its tokens must be for one of these. None: for the URL of the resource.
    pub audiences: Vec<String>,
    /// The address of its keys. `None`: that in its metadata.
    pub jwks: Option<String>,
    pub profile: Profile,
}

impl IssuerSettings {
    pub fn new(issuer: &str) -> Self {
        Self {
            issuer: issuer.into(),
            audiences: Vec::new(),
            jwks: None,
            profile: Profile::Rfc9068,
        }
    }
}

#[derive(Bpaf, Clone, Debug)]
#[bpaf(ignore_rustdoc)]
enum IssuerFlag {
    Issuer {
        /// Trust this issuer, byte for byte. The next three flags are for the issuer before them.
        /// Default: the flags in JWT_RING_ISSUERS, or http://127.0.0.1:8080 for a resource on this machine
        #[bpaf(argument("URL"))]
        issuer: String,
    },
    Audience {
        /// Accept its tokens for this audience, or for another one if repeated; for the profile cognito,
        /// the ID of a client. Before the first --issuer: for issuers without --audience. Default: the
        /// URL of the resource
        #[bpaf(argument("AUDIENCE"))]
        audience: String,
    },
    Jwks {
        /// Address of its keys. Default: that in its metadata
        #[bpaf(argument("URL"))]
        jwks: String,
    },
    Profile {
        /// Shape of its tokens: rfc9068, auth0, cognito, entra, keycloak or okta. Default: rfc9068
        #[bpaf(argument("NAME"))]
        profile: Profile,
    },
}

pub(super) fn issuers() -> impl Parser<Vec<IssuerSettings>> {
    let flags = issuer_flag().many();
    flags.parse(|flags| issuers_of(flags, |name| std::env::var_os(name)))
}

/// Takes the issuers of the environment if no flag names one.
fn issuers_of(
    mut flags: Vec<IssuerFlag>,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Result<Vec<IssuerSettings>, String> {
    let is_issuer = |flag: &IssuerFlag| matches!(flag, IssuerFlag::Issuer { .. });
    if !flags.iter().any(is_issuer) {
        match variable(VARIABLE) {
            Some(text) => flags.extend(flags_of(&text)?),
            None if variable(VARIABLE_OF_OTHERS).is_some() => {
                return Err(format!(
                    "{VARIABLE_OF_OTHERS}: this server may have several issuers: expected flags in \
                     {VARIABLE}, as `--issuer URL --audience AUDIENCE`"
                ));
            }
            None => {}
        }
    }
    by_issuer(flags)
}

/// Parses the flags in the variable, which must name an issuer.
fn flags_of(text: &OsString) -> Result<Vec<IssuerFlag>, String> {
    let expected = format!("{VARIABLE}: expected flags as `--issuer URL --audience AUDIENCE`");
    let words: Vec<_> = text.to_str().ok_or(&expected)?.split_whitespace().collect();
    let parsed = issuer_flag().many().to_options().run_inner(&*words);
    let flags = parsed.map_err(|failure| format!("{expected}: {}", message(failure).trim_end()))?;
    let is_issuer = |flag: &IssuerFlag| matches!(flag, IssuerFlag::Issuer { .. });
    match flags.iter().any(is_issuer) {
        true => Ok(flags),
        false => Err(format!("{expected}, found no `--issuer`")),
    }
}

/// Assigns each flag to the issuer before it.
fn by_issuer(flags: Vec<IssuerFlag>) -> Result<Vec<IssuerSettings>, String> {
    let (mut issuers, mut audiences) = (Vec::new(), Vec::new());
    for flag in flags {
        let current = issuers.last_mut();
        match (flag, current) {
            (IssuerFlag::Issuer { issuer }, _) => issuers.push(IssuerSettings::new(&issuer)),
            (IssuerFlag::Audience { audience }, None) => audiences.push(audience),
            (IssuerFlag::Audience { audience }, Some(current)) => current.audiences.push(audience),
            (IssuerFlag::Jwks { jwks }, Some(current)) => current.jwks = Some(jwks),
            (IssuerFlag::Profile { profile }, Some(current)) => current.profile = profile,
            (_, None) => {
                return Err("expected an `--issuer` before `--jwks` and `--profile`".into());
            }
        }
    }
    if issuers.is_empty() && !audiences.is_empty() {
        return Err("expected an `--issuer` for `--audience`, found none".into());
    }
    for issuer in issuers.iter_mut().filter(|one| one.audiences.is_empty()) {
        issuer.audiences.clone_from(&audiences);
    }
    Ok(issuers)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses flags with the values of `JWT_RING_ISSUERS` and `JWT_RING_ISSUER`.
    fn parse(
        flags: &str,
        issuers: Option<&str>,
        issuer: Option<&str>,
    ) -> Result<Vec<IssuerSettings>, String> {
        let flags: Vec<_> = flags.split_whitespace().collect();
        let parsed = issuer_flag().many().to_options().run_inner(&*flags);
        issuers_of(parsed.map_err(message)?, |name| {
            let value = if name == VARIABLE { issuers } else { issuer };
            value.map(OsString::from)
        })
    }

    fn issuer(
        issuer: &str,
        audiences: &[&str],
        jwks: Option<&str>,
        profile: Profile,
    ) -> IssuerSettings {
        IssuerSettings {
            issuer: issuer.into(),
            audiences: audiences.iter().map(ToString::to_string).collect(),
            jwks: jwks.map(str::to_owned),
            profile,
        }
    }

    #[test]
    fn flags_after_an_issuer_belong_to_it() {
        let flags = "--audience x --issuer a --audience y --audience z --profile okta \
                     --issuer b --jwks k --issuer c --audience w";
        let expected = vec![
            issuer("a", &["y", "z"], None, Profile::Okta),
            issuer("b", &["x"], Some("k"), Profile::Rfc9068),
            issuer("c", &["w"], None, Profile::Rfc9068),
        ];
        assert_eq!(parse(flags, None, None), Ok(expected.clone()));
        assert_eq!(parse("", Some(flags), None), Ok(expected));
    }

    #[test]
    fn the_variable_is_used_if_no_flag_names_an_issuer() {
        let plain = |name, audiences: &[&str]| issuer(name, audiences, None, Profile::Rfc9068);
        let (a, two) = ("--issuer a", "--issuer b --issuer c --audience w");
        for (flags, variable, expected) in [
            ("", None, vec![]),
            ("", Some(a), vec![plain("a", &[])]),
            (two, Some(a), vec![plain("b", &[]), plain("c", &["w"])]),
            ("--audience x", Some(a), vec![plain("a", &["x"])]),
            (
                "--audience x",
                Some(two),
                vec![plain("b", &["x"]), plain("c", &["w"])],
            ),
        ] {
            assert_eq!(
                parse(flags, variable, None),
                Ok(expected),
                "{flags}, {variable:?}"
            );
        }
    }

    #[test]
    fn the_variable_of_other_programs_is_an_error_unless_issuers_are_set() {
        let error = parse("", None, Some("a")).expect_err("not read");
        assert!(
            error.contains("expected flags in JWT_RING_ISSUERS"),
            "{error}"
        );
        assert!(parse("--issuer b", None, Some("a")).is_ok());
        assert!(parse("", Some("--issuer b"), Some("a")).is_ok());
    }

    #[test]
    fn malformed_flags_are_an_error() {
        for (flags, variable, expected) in [
            ("--jwks k --issuer a", None, "expected an `--issuer` before"),
            (
                "--profile okta --issuer a",
                None,
                "expected an `--issuer` before",
            ),
            (
                "--jwks k",
                Some("--issuer a"),
                "expected an `--issuer` before",
            ),
            (
                "--audience x",
                None,
                "expected an `--issuer` for `--audience`",
            ),
            (
                "--issuer a --profile other",
                None,
                "expected one of rfc9068, auth0",
            ),
            (
                "",
                Some("https://a.example"),
                "JWT_RING_ISSUERS: expected flags as `--issuer URL",
            ),
            (
                "",
                Some("--issuer"),
                "JWT_RING_ISSUERS: expected flags as `--issuer URL",
            ),
            (
                "",
                Some(""),
                "JWT_RING_ISSUERS: expected flags as `--issuer URL",
            ),
            ("", Some("--audience x"), "found no `--issuer`"),
            (
                "",
                Some("--help"),
                "JWT_RING_ISSUERS: expected flags as `--issuer URL",
            ),
        ] {
            let error = parse(flags, variable, None).expect_err(flags);
            assert!(error.contains(expected), "{flags} {variable:?}: {error}");
        }
    }
}
