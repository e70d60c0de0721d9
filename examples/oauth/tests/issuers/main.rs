//! The resource server with several issuers: discovery, keys, providers, DPoP and HTTPS.

mod discovery;
mod dpop;
mod keys;
mod logs;
mod profiles;
mod rejections;
mod support;
mod tls;
