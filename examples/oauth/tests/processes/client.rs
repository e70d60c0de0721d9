//! Requests of the client and its user. An answer that does not come is `None`.

use jwt_ring_oauth_examples::world::{PASSWORD, REDIRECT_URI, USER};
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

/// The PKCE verifier and challenge of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

const FORM: &str = "application/x-www-form-urlencoded";

/// An answer of the token endpoint.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) error: String,
    /// Empty if there is none.
    pub(crate) refresh_token: String,
}

/// Signs in, allows the request and returns the code.
pub(crate) fn code(server: &str) -> Option<String> {
    let query = encode(&[
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "orders:read"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ]);
    let mut page = agent()
        .get(format!("{server}/authorize?{query}"))
        .call()
        .ok()?;
    let cookie = page.headers().get("Set-Cookie")?.to_str().ok()?;
    let cookie = cookie.split(';').next()?.to_owned();
    let html = page.body_mut().read_to_string().ok()?;
    let ticket = html.split("name=\"ticket\" value=\"").nth(1)?;
    let body = encode(&[
        ("ticket", ticket.split('"').next()?),
        ("user", USER),
        ("password", PASSWORD),
        ("decision", "allow"),
    ]);
    let answer = agent()
        .post(format!("{server}/authorize/decision"))
        .header("Cookie", cookie)
        .content_type(FORM)
        .send(body)
        .ok()?;
    let callback = Url::parse(answer.headers().get("Location")?.to_str().ok()?).ok()?;
    let mut pairs = callback.query_pairs();
    Some(pairs.find(|(name, _)| name == "code")?.1.into_owned())
}

pub(crate) fn redeem(server: &str, code: &str) -> Option<Answer> {
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    post(server, "/token", &fields)
}

pub(crate) fn refresh(server: &str, token: &str) -> Option<Answer> {
    let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
    post(server, "/token", &fields)
}

pub(crate) fn revoke(server: &str, token: &str) -> Option<Answer> {
    post(server, "/revoke", &[("token", token)])
}

fn post(server: &str, path: &str, fields: &[(&str, &str)]) -> Option<Answer> {
    let credentials = [("client_id", "shop"), ("client_secret", "s")];
    let body = encode(&[fields, &credentials].concat());
    let mut response = agent()
        .post(format!("{server}{path}"))
        .content_type(FORM)
        .send(body)
        .ok()?;
    let body: Value = serde_json::from_reader(response.body_mut().as_reader()).ok()?;
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    Some(Answer {
        status: response.status().as_u16(),
        error: text("error"),
        refresh_token: text("refresh_token"),
    })
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .build()
        .into()
}

fn encode(fields: &[(&str, &str)]) -> String {
    Serializer::new(String::new()).extend_pairs(fields).finish()
}
