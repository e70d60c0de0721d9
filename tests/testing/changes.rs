//! The members by which invalid tokens differ from a valid one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jwt_ring::testing::Profile;
use jwt_ring::testing::Profile::{AccessToken, Plain};
use serde_json::{Map, Value};

use crate::issuer;

/// Names, and what is changed. Generated values are not compared.
const PLAIN: &str = r#"
`exp` twice, last expired: exp 1796000000
`alg` none: alg "none"
`alg` nOnE: alg "nOnE"
`alg` none with a signature: alg "none"
no `alg`: no alg
`alg` in lower case: alg "es256"
`alg` unknown: alg "XS256"
`alg` not that of the key: alg "ES384"
HMAC by an empty secret: alg "HS256"
HMAC by an empty secret, `kid` a path: alg "HS256", kid "../../../dev/null"
payload changed: urn:example:unused true
header changed: urn:example:unused true
another issuer with the same `kid`: iss "https://attacker.example"
key in the header: `jwk`: jwk
key at an address: `jku`: jku "https://attacker.example/keys"
key at an address: `x5u`: x5u "https://attacker.example/keys"
`crit` with an unknown name: crit ["urn:example:limit"], urn:example:limit 1
`crit` empty: crit []
`b64` false: b64 false
`b64` false and critical: b64 false, crit ["b64"]
`cty` JWT: a nested token: cty "JWT"
`typ` not a string: typ ["JWT"]
`kid` not a string: kid 1
expires now: exp 1796000000
expired for a year: exp 1764464000
no `exp`: no exp
`exp` null: exp null
`exp` a string: exp "1796000300"
valid in 30 seconds: nbf 1796000030
`nbf` null: nbf null
`nbf` a string: nbf "0"
`iat` a string: iat "0"
another `iss`: iss "https://attacker.example"
`iss` that differs by a slash: iss "https://issuer.example/"
no `iss`: no iss
`iss` null: iss null
`iss` an array: iss ["https://issuer.example"]
another `aud`: aud "https://other.example"
`aud` an array of others: aud ["https://other.example","https://another.example"]
`aud` that begins with the audience: aud "https://api.example.attacker.example"
`aud` an empty array: aud []
`aud` an array with a number: aud ["https://api.example",42]
no `aud`: no aud
`aud` null: aud null
`sub` a number: sub 42
`jti` a number: jti 42
HMAC by the public key in PEM: alg "HS256"
HMAC by the public key in PEM, without the last line break: alg "HS256"
HMAC by the public key in DER: alg "HS256"
key in the header: `x5c`: x5c
access token: typ "at+jwt"
logout token: typ "logout+jwt", events {"http://schemas.openid.net/event/backchannel-logout":{}}
security event token: typ "secevent+jwt", events {"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{}}
ID token for a client: aud "another-client", nonce "n-0S6_WzA2Mj"
DPoP proof: no kid, jwk, typ "dpop+jwt", no aud, no exp, no iss, no sub, ath "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", htm "GET", htu "https://api.example", jti
`typ` unknown: typ "unknown+jwt"
"#;

/// The tokens that the other profile does not have.
const ACCESS_TOKEN: &str = r#"
`typ` not a string: typ ["at+jwt"]
no `typ`: no typ
`typ` JWT: typ "JWT"
ID token for a client: typ "JWT", no client_id, aud "another-client", nonce "n-0S6_WzA2Mj"
ID token with the audience of the service: typ "JWT", no client_id, nonce "n-0S6_WzA2Mj"
DPoP proof: no kid, jwk, typ "dpop+jwt", no aud, no client_id, no exp, no iss, no sub, ath "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU", htm "GET", htu "https://api.example", jti
no `sub`: no sub
no `client_id`: no client_id
no `iat`: no iat
no `jti`: no jti
`client_id` a number: client_id 42
`scope` a number: scope 42
`auth_time` a string: auth_time "0"
bound to a DPoP key: cnf
bound to a certificate: cnf
"#;

#[test]
fn invalid_tokens_differ_by_what_their_name_says() {
    let plain = changes(Plain);
    assert_eq!(format!("\n{plain}"), PLAIN);
    let is_own = |line: &&str| !plain.lines().any(|one| one == *line);
    let own: Vec<_> = changes(AccessToken)
        .lines()
        .filter(is_own)
        .map(str::to_owned)
        .collect();
    assert_eq!(format!("\n{}\n", own.join("\n")), ACCESS_TOKEN);
}

/// Returns a line for each token whose header and payload can be read.
fn changes(profile: Profile) -> String {
    let issuer = issuer().claim("jti", "1");
    let valid = read(issuer.token(profile).as_str()).expect("a valid token");
    let tokens = issuer.invalid_tokens(profile);
    let lines = tokens.filter_map(|invalid| {
        let [header, claims] = read(invalid.token.as_str())?;
        let mut changes = differences(&valid[0], &header);
        changes.extend(differences(&valid[1], &claims));
        let line = format!("{}: {}\n", invalid.name, changes.join(", "));
        // Some differ in their text alone.
        (!changes.is_empty()).then_some(line)
    });
    lines.collect()
}

/// Returns the header and the payload.
fn read(token: &str) -> Option<[Map<String, Value>; 2]> {
    let mut segments = token.split('.');
    let mut next = || {
        let bytes = URL_SAFE_NO_PAD.decode(segments.next()?).ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    Some([next()?, next()?])
}

fn differences(valid: &Map<String, Value>, other: &Map<String, Value>) -> Vec<String> {
    let missing = valid.keys().filter(|name| !other.contains_key(*name));
    let missing = missing.map(|name| format!("no {name}"));
    let changed = other
        .iter()
        .filter(|(name, value)| valid.get(*name) != Some(value));
    let changed = changed.map(|(name, value)| match name.as_str() {
        // Made with generated keys.
        "jwk" | "x5c" | "cnf" => name.clone(),
        "jti" if value.is_string() => name.clone(),
        _ => format!("{name} {value}"),
    });
    missing.chain(changed).collect()
}
