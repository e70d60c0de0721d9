//! The claims of the tokens that are measured, and the types that they are read into.

use std::time::Duration;

use jwt_ring::{Claims, Clock};
use serde::{Deserialize, Serialize};

pub(crate) const ISSUER: &str = "https://issuer.example.com/tenant-1";
pub(crate) const AUDIENCE: &str = "https://api.example.com";

/// The custom claims of an access token: with the registered ones, eight members in 262 bytes.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Access {
    client_id: String,
    scope: String,
}

/// The same, borrowed.
#[derive(Deserialize)]
pub(crate) struct BorrowedAccess<'a> {
    pub(crate) client_id: &'a str,
    pub(crate) scope: &'a str,
}

/// All claims of the same token.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "reading the fields is what is measured")]
pub(crate) struct Whole {
    iss: String,
    sub: String,
    aud: String,
    exp: u64,
    iat: u64,
    jti: String,
    client_id: String,
    scope: String,
}

/// The same, borrowed.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "reading the fields is what is measured")]
pub(crate) struct BorrowedWhole<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: u64,
    iat: u64,
    jti: &'a str,
    client_id: &'a str,
    scope: &'a str,
}

/// The custom claims of a large token: with the registered ones, seventeen members.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Profile {
    client_id: String,
    scope: String,
    name: String,
    given_name: String,
    family_name: String,
    preferred_username: String,
    email: String,
    email_verified: bool,
    locale: String,
    roles: Vec<String>,
    tenant: String,
}

/// All claims of a large token.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "reading the fields is what is measured")]
pub(crate) struct WholeProfile {
    iss: String,
    sub: String,
    aud: String,
    exp: u64,
    iat: u64,
    jti: String,
    client_id: String,
    scope: String,
    name: String,
    given_name: String,
    family_name: String,
    preferred_username: String,
    email: String,
    email_verified: bool,
    locale: String,
    roles: Vec<String>,
    tenant: String,
}

/// The same, borrowed.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "reading the fields is what is measured")]
pub(crate) struct BorrowedWholeProfile<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: u64,
    iat: u64,
    jti: &'a str,
    client_id: &'a str,
    scope: &'a str,
    name: &'a str,
    given_name: &'a str,
    family_name: &'a str,
    preferred_username: &'a str,
    email: &'a str,
    email_verified: bool,
    locale: &'a str,
    #[serde(borrow)]
    roles: Vec<&'a str>,
    tenant: &'a str,
}

fn registered(clock: &dyn Clock) -> Claims {
    Claims::new(clock, Duration::from_secs(900))
        .issuer(ISSUER)
        .audience(AUDIENCE)
        .subject("5ba552d67-user-00042")
        .jwt_id("dbe39bf3a3ba4238a513f51d6e1691c4")
}

/// Claims that are valid for 15 minutes from the time of the clock.
pub(crate) fn usual(clock: &dyn Clock) -> Claims<Access> {
    registered(clock).custom(Access {
        client_id: "s6BhdRkqt3-web-shop-01".into(),
        scope: "openid profile email orders:read".into(),
    })
}

/// Claims of a token of 1.2 KB.
pub(crate) fn large(clock: &dyn Clock) -> Claims<Profile> {
    let long = "resource:orders.read resource:orders.write resource:invoices.read";
    registered(clock).custom(Profile {
        client_id: "s6BhdRkqt3-web-shop-01".into(),
        scope: format!("openid profile email offline_access {long} resource:invoices.write resource:customers.read resource:shipments.read resource:returns.write resource:refunds.approve"),
        name: "Ada Augusta King, Countess of Lovelace".into(),
        given_name: "Ada Augusta".into(),
        family_name: "King-Noel".into(),
        preferred_username: "ada.lovelace".into(),
        email: "ada.lovelace@analytical-engine.example.com".into(),
        email_verified: true,
        locale: "en-GB".into(),
        roles: ["orders-viewer", "orders-editor", "invoices-viewer"]
            .map(str::to_owned)
            .into(),
        tenant: "urn:example:tenant:9f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0".into(),
    })
}
