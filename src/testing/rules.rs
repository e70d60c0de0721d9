//! The rules of the profiles, each with a token that breaks it.

mod algorithms;
mod claims;
mod headers;
mod keys;
mod kinds;
mod proofs;
mod structure;

use super::draft::Draft;
use super::issuer::Issuer;
use super::token::{InvalidToken, Profile};

/// A name, the section, and how the text of the token is made of a valid one.
type Rule = (&'static str, &'static str, fn(Draft<'_>) -> String);

/// A name that neither a service nor this library uses, for further members.
const UNUSED: &str = "urn:example:unused";

/// The rules of all profiles.
const COMMON: [&[Rule]; 6] = [
    structure::SEGMENTS,
    structure::JSON,
    algorithms::RULES,
    keys::RULES,
    headers::RULES,
    claims::RULES,
];

/// The rules of all profiles, if the key of the issuer is public.
const PUBLIC_KEY: [&[Rule]; 2] = [algorithms::PUBLIC_KEY, keys::PUBLIC_KEY];

/// Returns the rules of a profile that are about its token alone.
fn rules_of(
    profile: Profile,
    is_symmetric: bool,
    has_typ: bool,
) -> impl Iterator<Item = &'static Rule> {
    let of_key: &[&[Rule]] = if is_symmetric { &[] } else { &PUBLIC_KEY };
    let own: &[&[Rule]] = match profile {
        Profile::Plain if has_typ => &[kinds::PLAIN, kinds::OWN_TYP],
        Profile::Plain => &[kinds::PLAIN],
        Profile::AccessToken => &[kinds::ACCESS_TOKEN, claims::ACCESS_TOKEN, kinds::BOUND],
        Profile::Dpop => &[kinds::ACCESS_TOKEN, claims::ACCESS_TOKEN, kinds::NOT_BOUND],
    };
    let all = COMMON.iter().chain(of_key).chain(own);
    all.copied().flatten()
}

pub(super) fn invalid_tokens(
    issuer: &Issuer,
    profile: Profile,
) -> impl Iterator<Item = InvalidToken> {
    let rules = rules_of(profile, issuer.is_symmetric(), issuer.typ.is_some());
    let of_tokens = rules.map(move |(name, rfc, change)| InvalidToken {
        name,
        token: issuer.present(profile, change(issuer.draft(profile))),
        rfc,
        first: None,
    });
    let of_proofs = proofs::invalid_tokens(issuer);
    let of_proofs = (profile == Profile::Dpop).then_some(of_proofs);
    of_tokens.chain(of_proofs.into_iter().flatten())
}

/// Returns whether a profile has an invalid token of this name.
pub(super) fn is_name(name: &str) -> bool {
    let profiles = [Profile::Plain, Profile::AccessToken, Profile::Dpop];
    let of_tokens = profiles
        .into_iter()
        .flat_map(|profile| rules_of(profile, false, true));
    let mut names = of_tokens.map(|(name, ..)| *name).chain(proofs::names());
    names.any(|one| one == name)
}
