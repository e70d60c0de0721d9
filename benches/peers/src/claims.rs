//! The claims of the tokens, and the types that they are read into.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(crate) const ISSUER: &str = "https://issuer.example.com/tenant-1";
pub(crate) const AUDIENCE: &str = "https://api.example.com";
pub(crate) const SUBJECT: &str = "5ba552d67-user-00042";
pub(crate) const JWT_ID: &str = "dbe39bf3a3ba4238a513f51d6e1691c4";

/// The lifetime of a token, in seconds.
pub(crate) const LIFETIME: u64 = 900;

/// The claims of a token, and the types of a caller for them.
pub(crate) trait Payload: 'static {
    /// The custom claims, for implementations with fields for the registered claims.
    type Custom: Clone + DeserializeOwned + Read + Serialize + 'static;
    /// All claims.
    type Whole: DeserializeOwned + Serialize + Whole + 'static;
    /// All claims, borrowed.
    type Borrowed<'a>: Deserialize<'a> + Read;

    fn custom() -> Self::Custom;
    /// Makes claims that are valid from `now` on.
    fn whole(now: i64) -> Self::Whole;
}

/// Claims that were read.
pub(crate) trait Read {
    /// Returns whether they are those that were signed.
    fn is_as_signed(&self) -> bool;
}

/// The registered claims in a struct of the caller, for implementations that do not check them.
pub(crate) trait Whole: Read {
    fn iss(&self) -> &str;
    fn aud(&self) -> &str;
    fn exp(&self) -> i64;

    /// Makes the checks of the others.
    fn check(&self) -> bool {
        self.iss() == ISSUER && self.aud() == AUDIENCE && self.exp() > now()
    }
}

/// Defines a payload by its custom claims: their owned and borrowed types, and their values. Attributes
/// are those of the borrowed fields.
macro_rules! payload {
    (
        $(#[$doc:meta])*
        $payload:ident, $custom:ident, $whole:ident, $borrowed:ident {
            $($(#[$attribute:meta])* $field:ident: $owned:ty | $ref:ty = $value:expr;)*
        }
    ) => {
        $(#[$doc])*
        pub(crate) struct $payload;

        #[derive(Clone, Deserialize, PartialEq, Serialize)]
        pub(crate) struct $custom {
            $($field: $owned,)*
        }

        #[derive(Deserialize, Serialize)]
        pub(crate) struct $whole {
            iss: String,
            exp: i64,
            iat: i64,
            sub: String,
            aud: String,
            jti: String,
            $($field: $owned,)*
        }

        #[derive(Deserialize)]
        pub(crate) struct $borrowed<'a> {
            iss: &'a str,
            #[expect(dead_code, reason = "read only")]
            exp: i64,
            #[expect(dead_code, reason = "read only")]
            iat: i64,
            sub: &'a str,
            aud: &'a str,
            jti: &'a str,
            $($(#[$attribute])* $field: $ref,)*
        }

        impl Payload for $payload {
            type Custom = $custom;
            type Whole = $whole;
            type Borrowed<'a> = $borrowed<'a>;

            fn custom() -> $custom {
                $custom {
                    $($field: $value.into(),)*
                }
            }

            fn whole(now: i64) -> $whole {
                $whole {
                    iss: ISSUER.into(),
                    exp: now + i64::try_from(LIFETIME).expect("small"),
                    iat: now,
                    sub: SUBJECT.into(),
                    aud: AUDIENCE.into(),
                    jti: JWT_ID.into(),
                    $($field: $value.into(),)*
                }
            }
        }

        impl Read for $custom {
            fn is_as_signed(&self) -> bool {
                *self == $payload::custom()
            }
        }

        impl Read for $whole {
            fn is_as_signed(&self) -> bool {
                let custom = $payload::custom();
                self.sub == SUBJECT && self.jti == JWT_ID && self.exp == self.iat + 900
                    $(&& self.$field == custom.$field)*
            }
        }

        impl Read for $borrowed<'_> {
            fn is_as_signed(&self) -> bool {
                let custom = $payload::custom();
                self.iss == ISSUER && self.aud == AUDIENCE
                    && self.sub == SUBJECT && self.jti == JWT_ID
                    $(&& self.$field == custom.$field)*
            }
        }

        impl Whole for $whole {
            fn iss(&self) -> &str {
                &self.iss
            }

            fn aud(&self) -> &str {
                &self.aud
            }

            fn exp(&self) -> i64 {
                self.exp
            }
        }
    };
}

payload! {
    /// An access token of eight claims.
    Usual, Access, WholeAccess, BorrowedAccess {
        client_id: String | &'a str = "s6BhdRkqt3-web-shop-01";
        scope: String | &'a str = "openid profile email orders:read";
    }
}

payload! {
    /// A token of seventeen claims.
    Large, Profile, WholeProfile, BorrowedProfile {
        client_id: String | &'a str = "s6BhdRkqt3-web-shop-01";
        scope: String | &'a str = "openid profile email offline_access resource:orders.read \
            resource:orders.write resource:invoices.read resource:invoices.write \
            resource:customers.read resource:shipments.read resource:returns.write \
            resource:refunds.approve";
        name: String | &'a str = "Ada Augusta King, Countess of Lovelace";
        given_name: String | &'a str = "Ada Augusta";
        family_name: String | &'a str = "King-Noel";
        preferred_username: String | &'a str = "ada.lovelace";
        email: String | &'a str = "ada.lovelace@analytical-engine.example.com";
        email_verified: bool | bool = true;
        locale: String | &'a str = "en-GB";
        #[serde(borrow)]
        roles: Vec<String> | Vec<&'a str> =
            ["orders-viewer", "orders-editor", "invoices-viewer"].map(str::to_owned);
        tenant: String | &'a str = "urn:example:tenant:9f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0";
    }
}

pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.expect("after 1970").as_secs()).expect("in the range of i64")
}
