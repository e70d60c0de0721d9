//! The resource server with several issuers: discovery, keys, providers, DPoP and HTTPS.

mod discovery;
mod dpop;
mod keys;
mod kit;
mod logs;
mod profiles;
#[path = "../support/redis.rs"]
mod redis;
mod rejections;
mod settings;
mod support;
mod tls;
