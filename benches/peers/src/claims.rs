//! The eight claims of an access token, as the implementations require them.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

pub(crate) const ISSUER: &str = "https://issuer.example";
pub(crate) const AUDIENCE: &str = "https://api.example";
pub(crate) const SUBJECT: &str = "5ba552d67";
pub(crate) const JWT_ID: &str = "dbe39bf3a3ba4238a513f51d6e1691c4";
pub(crate) const KEY_ID: &str = "2026-11";

/// The lifetime of a token, in seconds.
pub(crate) const LIFETIME: u64 = 900;

/// The custom claims, for implementations with fields for the registered claims.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub(crate) struct Access {
    pub(crate) client_id: String,
    pub(crate) scope: String,
}

impl Access {
    pub(crate) fn new() -> Self {
        Self {
            client_id: "s6BhdRkqt3".into(),
            scope: "openid profile reademail".into(),
        }
    }
}

/// All claims, for implementations in which the caller defines the struct.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct All {
    pub(crate) iss: String,
    pub(crate) aud: String,
    pub(crate) sub: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) jti: String,
    client_id: String,
    scope: String,
}

impl All {
    pub(crate) fn new() -> Self {
        let Access { client_id, scope } = Access::new();
        Self {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: SUBJECT.into(),
            iat: now(),
            exp: now() + i64::try_from(LIFETIME).expect("small"),
            jti: JWT_ID.into(),
            client_id,
            scope,
        }
    }

    /// For implementations that check only the signature.
    pub(crate) fn check(&self) -> bool {
        self.iss == ISSUER && self.aud == AUDIENCE && self.exp > now()
    }

    pub(crate) fn into_access(self) -> Access {
        Access {
            client_id: self.client_id,
            scope: self.scope,
        }
    }
}

pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    i64::try_from(since.expect("after 1970").as_secs()).expect("in the range of i64")
}
