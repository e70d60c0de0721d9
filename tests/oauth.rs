//! The flows of OAuth 2.0 (RFC 6749), over HTTP, with the servers and the client of the examples.

#[path = "../examples/authorization_server/server.rs"]
mod authorization_server;
#[path = "../examples/client/client.rs"]
mod client;
#[path = "../examples/authorization_server/page.rs"]
mod page;
#[path = "../examples/resource_server/server.rs"]
mod resource_server;
#[path = "../examples/authorization_server/store.rs"]
mod store;
#[path = "../examples/oauth_flow/world.rs"]
mod world;

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use client::{Tokens, call, http};
use oauth2::HttpResponse;
use serde_json::Value;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};
use world::{Browser, PASSWORD, REDIRECT_URI, SECRET, USER, World};

/// A verifier and its challenge, of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

type Fields<'a> = Vec<(&'a str, &'a str)>;

/// The fields of a good request, with some set to other values; an empty one is left out.
fn fields<'a>(good: &[(&'a str, &'a str)], changes: &[(&'a str, &'a str)]) -> Fields<'a> {
    let mut fields: Fields<'a> = good.to_vec();
    fields.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    fields.extend(changes.iter().filter(|(_, value)| !value.is_empty()));
    fields
}

fn authorize_url(world: &World, changes: &[(&str, &str)]) -> Url {
    let good = [
        ("response_type", "code"),
        ("client_id", "shop"),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "orders:read orders:write"),
        ("state", "xyz"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let query = Serializer::new(String::new())
        .extend_pairs(fields(&good, changes))
        .finish();
    let url = format!("{}/authorize?{query}", world.issuer);
    Url::parse(&url).expect("a URL")
}

fn query(url: &Url, name: &str) -> Option<String> {
    let mut pairs = url.query_pairs();
    Some(pairs.find(|(key, _)| key == name)?.1.into_owned())
}

fn basic(id: &str, secret: &str) -> String {
    let encode = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let credentials = format!("{}:{}", encode(id), encode(secret));
    format!("Basic {}", STANDARD.encode(credentials))
}

fn post(
    world: &World,
    path: &str,
    authorization: Option<&str>,
    fields: &Fields<'_>,
) -> HttpResponse {
    let body = Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut request = ureq::http::Request::post(format!("{}{path}", world.issuer))
        .header("Content-Type", "application/x-www-form-urlencoded");
    if let Some(authorization) = authorization {
        request = request.header("Authorization", authorization);
    }
    http(request.body(body.into_bytes()).expect("a request")).expect("an answer")
}

/// Posts to `/token` as the shop; returns the status, and the error or the empty string.
fn token(world: &World, fields: &Fields<'_>) -> (u16, String, Value) {
    let response = post(world, "/token", Some(&basic("shop", SECRET)), fields);
    assert_eq!(response.headers()["Cache-Control"], "no-store");
    let body: Value = serde_json::from_slice(response.body()).expect("JSON");
    let error = body["error"].as_str().unwrap_or_default().to_owned();
    (response.status().as_u16(), error, body)
}

/// Signs in and allows; returns the code.
fn code(world: &World, changes: &[(&str, &str)]) -> String {
    let mut browser = Browser::default();
    let form = browser.open(&authorize_url(world, changes));
    let answer = browser.submit(&form, USER, PASSWORD, "allow");
    assert_eq!(answer.status, 303);
    query(&answer.location.expect("a redirect"), "code").expect("a code")
}

fn redeem(world: &World, code: &str, changes: &[(&str, &str)]) -> (u16, String, Value) {
    let good = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    token(world, &fields(&good, changes))
}

fn refresh(world: &World, refresh_token: &str, changes: &[(&str, &str)]) -> (u16, String, Value) {
    let good = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
    ];
    token(world, &fields(&good, changes))
}

fn tokens(world: &World) -> Tokens {
    let (status, _, body) = redeem(world, &code(world, &[]), &[]);
    assert_eq!(status, 200);
    Tokens {
        access: body["access_token"].as_str().expect("a token").into(),
        refresh: body["refresh_token"].as_str().expect("a token").into(),
    }
}

fn status(world: &World, token: &str) -> u16 {
    call(&world.orders(), token).expect("an answer").0
}

#[test]
fn every_arrow_with_a_client_that_is_not_ours() {
    let world = World::start();
    let (client, mut browser) = (world.client(), Browser::default());
    // Figure 3.
    let pending = client.authorize("orders:read");
    let form = browser.open(&pending.url);
    assert_eq!(form.status, 200);
    assert!(form.html.contains("The Web Shop") && form.html.contains("orders:read"));
    let answer = browser.submit(&form, USER, PASSWORD, "allow");
    assert_eq!(answer.status, 303);
    let callback = answer.location.expect("a redirect");
    assert!(callback.as_str().starts_with(REDIRECT_URI));
    let code = client.code(&pending, &callback).expect("a code");
    let first = client.redeem(pending, code).expect("tokens");
    // Figure 2, which contains figure 1.
    let (status, _, body) = call(&world.orders(), &first.access).expect("an answer");
    assert_eq!(
        (status, &*body),
        (200, r#"{"of":"alice","orders":["a teapot"]}"#)
    );
    world.clock.advance(Duration::from_secs(300));
    let (status, challenge, _) = call(&world.orders(), &first.access).expect("an answer");
    assert_eq!(status, 401);
    assert!(
        challenge.contains(r#"error="invalid_token", error_description="expired""#),
        "{challenge}"
    );
    let second = client.refresh(first.refresh.clone()).expect("tokens");
    assert_ne!(second.refresh, first.refresh);
    assert_eq!(self::status(&world, &second.access), 200);
}

#[test]
fn whoever_is_not_known_gets_a_page_and_no_redirect() {
    let world = World::start();
    for changes in [
        [("client_id", "")],
        [("client_id", "nobody")],
        [("redirect_uri", "")],
        [("redirect_uri", "http://127.0.0.1:9/callback/")],
        [("redirect_uri", "http://127.0.0.1:9/callback?x=1")],
        [("redirect_uri", "http://127.0.0.1:9/CALLBACK")],
        [("redirect_uri", "http://127.0.0.1:9/callback/../evil")],
        [("redirect_uri", "http://127.0.0.1:90/callback")],
        [("redirect_uri", "https://evil.example/")],
    ] {
        let page = Browser::default().open(&authorize_url(&world, &changes));
        assert_eq!((page.status, page.location), (400, None), "{changes:?}");
        assert!(page.html.contains("does not work"), "{changes:?}");
    }
    // Twice is not once.
    let mut twice = authorize_url(&world, &[]);
    twice
        .query_pairs_mut()
        .append_pair("redirect_uri", REDIRECT_URI);
    assert_eq!(Browser::default().open(&twice).status, 400);
}

#[test]
fn a_request_with_a_flaw_goes_back_with_its_error() {
    let world = World::start();
    for (changes, error) in [
        (&[("response_type", "")][..], "invalid_request"),
        (&[("response_type", "token")], "unsupported_response_type"),
        (&[("code_challenge", "")], "invalid_request"),
        (
            &[
                ("code_challenge", VERIFIER),
                ("code_challenge_method", "plain"),
            ],
            "invalid_request",
        ),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("scope", "orders:read admin")], "invalid_scope"),
        (&[("scope", "a\\b")], "invalid_scope"),
        (&[("resource", "https://other.example")], "invalid_target"),
    ] {
        let page = Browser::default().open(&authorize_url(&world, changes));
        assert_eq!(page.status, 303, "{changes:?}");
        let location = page.location.expect("a redirect");
        assert!(location.as_str().starts_with(REDIRECT_URI));
        assert_eq!(
            query(&location, "error").as_deref(),
            Some(error),
            "{changes:?}"
        );
        assert_eq!(query(&location, "state").as_deref(), Some("xyz"));
        assert_eq!(query(&location, "iss").as_ref(), Some(&world.issuer));
    }
    let good = Browser::default().open(&authorize_url(&world, &[("resource", &world.resource)]));
    assert_eq!(good.status, 200);
}

#[test]
fn the_user_decides_in_the_browser_that_the_form_was_sent_to() {
    let world = World::start();
    let mut browser = Browser::default();
    let open = |browser: &mut Browser| browser.open(&authorize_url(&world, &[]));

    let form = open(&mut browser);
    let denied = browser
        .submit(&form, "", "", "deny")
        .location
        .expect("a redirect");
    assert_eq!(query(&denied, "error").as_deref(), Some("access_denied"));
    assert_eq!(query(&denied, "state").as_deref(), Some("xyz"));
    let again = browser.submit(&form, USER, PASSWORD, "allow");
    assert_eq!(
        (again.status, again.location),
        (400, None),
        "it was decided"
    );

    let form = open(&mut browser);
    let other = Browser::default().submit(&form, USER, PASSWORD, "allow");
    assert_eq!(
        (other.status, other.location),
        (400, None),
        "another browser"
    );
    let url = authorize_url(&world, &[]);
    let forged = browser.post(
        &url,
        &[
            ("ticket", "forged"),
            ("user", USER),
            ("password", PASSWORD),
            ("decision", "allow"),
        ],
    );
    assert_eq!((forged.status, forged.location), (400, None));

    for user in [USER, "nobody"] {
        let wrong = browser.submit(&form, user, "wrong", "allow");
        assert_eq!((wrong.status, wrong.location.is_none()), (200, true));
        assert!(wrong.html.contains("do not go together"));
    }
    let right = browser.submit(&form, USER, PASSWORD, "allow");
    assert_eq!(right.status, 303);

    let form = open(&mut browser);
    for _ in 0..5 {
        assert_eq!(browser.submit(&form, USER, "wrong", "allow").status, 200);
    }
    let locked = browser.submit(&form, USER, PASSWORD, "allow");
    assert_eq!(locked.status, 400, "five tries are enough");

    let form = open(&mut browser);
    world.clock.advance(Duration::from_secs(600));
    assert_eq!(
        browser.submit(&form, USER, PASSWORD, "allow").status,
        400,
        "too late"
    );
}

#[test]
fn what_comes_from_outside_is_escaped() {
    let name = "<script>alert(1)</script>\"'&";
    let evil = store::Client::new("evil", name, Some("s"), REDIRECT_URI, "orders:read");
    let world = World::with_clients(&[evil]);
    let mut browser = Browser::default();
    let changes = [("client_id", "evil"), ("scope", "orders:read")];
    let form = browser.open(&authorize_url(&world, &changes));
    let escaped = "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;";
    assert!(form.html.contains(escaped) && !form.html.contains("<script"));
    let again = browser.submit(&form, "\"><script>비밀", "wrong", "allow");
    assert!(
        again
            .html
            .contains("value=\"&quot;&gt;&lt;script&gt;비밀\"")
    );
    assert!(!again.html.contains("<script"));
}

#[test]
fn of_many_answers_to_one_page_one_counts_and_five_may_be_wrong() {
    let world = World::start();
    let mut browser = Browser::default();
    let mut at_once = |password: &str| {
        let form = browser.open(&authorize_url(&world, &[]));
        let browser = &browser;
        thread::scope(|scope| {
            let submit = || browser.clone().submit(&form, USER, password, "allow");
            let threads: Vec<_> = (0..20).map(|_| scope.spawn(submit)).collect();
            let pages = threads
                .into_iter()
                .map(|thread| thread.join().expect("no panic"));
            pages.collect::<Vec<_>>()
        })
    };
    let pages = at_once("wrong");
    let forms = pages
        .iter()
        .filter(|page| page.status == 200 && !page.ticket().is_empty());
    assert!(forms.count() >= 5, "five may be wrong");
    assert!(pages.iter().all(|page| matches!(page.status, 200 | 400)));
    let codes = at_once(PASSWORD);
    let codes = codes
        .iter()
        .filter_map(|page| query(page.location.as_ref()?, "code"));
    assert_eq!(codes.count(), 1);
}

#[test]
fn a_client_names_the_resource_of_its_grant_or_none() {
    let world = World::start();
    let code = code(&world, &[("resource", &world.resource)]);
    let (status, error, _) = redeem(&world, &code, &[("resource", "https://other.example")]);
    assert_eq!((status, &*error), (400, "invalid_target"));
    let (status, _, body) = redeem(&world, &code, &[("resource", &world.resource)]);
    assert_eq!(status, 200, "the code is still good");
    let token = body["refresh_token"].as_str().expect("a token");
    let (_, error, _) = refresh(&world, token, &[("resource", "https://other.example")]);
    assert_eq!(error, "invalid_target");
    let two = [
        ("resource", &*world.resource),
        ("resource", "https://other.example"),
    ];
    assert_eq!(refresh(&world, token, &two).1, "invalid_target");
    assert_eq!(
        refresh(&world, token, &[("resource", &world.resource)]).0,
        200
    );
}

#[test]
fn a_code_is_good_once_and_for_what_it_was_made() {
    let other = store::Client::new("other", "Another", Some("s"), REDIRECT_URI, "orders:read");
    let world = World::with_clients(&[other]);
    let refused = (400, "invalid_grant".to_owned());
    let wrong = |code: &str, changes: &[(&str, &str)]| {
        let (status, error, _) = redeem(&world, code, changes);
        (status, error)
    };
    let code = code(&world, &[]);
    assert_eq!(
        wrong(&code, &[("code_verifier", &VERIFIER.replace('d', "e"))]),
        refused
    );
    assert_eq!(wrong(&code, &[("code_verifier", CHALLENGE)]), refused);
    assert_eq!(
        wrong(&code, &[("redirect_uri", "http://127.0.0.1:9/other")]),
        refused
    );
    assert_eq!(wrong("guess", &[]), refused);
    for missing in ["code", "redirect_uri", "code_verifier", "grant_type"] {
        let expected = (400, "invalid_request".to_owned());
        assert_eq!(wrong(&code, &[(missing, "")]), expected, "{missing}");
    }
    assert_eq!(
        wrong(&code, &[("grant_type", "password")]).1,
        "unsupported_grant_type"
    );
    let stolen = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("redirect_uri", REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ];
    let response = post(
        &world,
        "/token",
        Some(&basic("other", "s")),
        &stolen.to_vec(),
    );
    assert_eq!(response.status(), 400, "another client");

    let (status, _, body) = redeem(&world, &code, &[]);
    assert_eq!(status, 200, "after all that, it is still good");
    let refresh_token = body["refresh_token"].as_str().expect("a token");
    assert_eq!(wrong(&code, &[]), refused, "once");
    let (status, error, _) = refresh(&world, refresh_token, &[]);
    assert_eq!((status, error), refused, "and what it gave is dead");

    let late = self::code(&world, &[]);
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(wrong(&late, &[]), refused);
}

#[test]
fn refresh_tokens_rotate_and_reuse_kills_the_family() {
    let world = World::start();
    let tokens = tokens(&world);
    let wide = refresh(&world, &tokens.refresh, &[("scope", "orders:read admin")]);
    assert_eq!((wide.0, &*wide.1), (400, "invalid_scope"));
    let (status, _, narrow) = refresh(&world, &tokens.refresh, &[("scope", "orders:read")]);
    assert_eq!(
        (status, &narrow["scope"]),
        (200, &Value::from("orders:read"))
    );
    let second = narrow["refresh_token"].as_str().expect("a token");
    let (status, _, full) = refresh(&world, second, &[]);
    assert_eq!(
        (status, &full["scope"]),
        (200, &Value::from("orders:read orders:write"))
    );
    let third = full["refresh_token"].as_str().expect("a token");

    let (status, error, _) = refresh(&world, second, &[]);
    assert_eq!((status, &*error), (400, "invalid_grant"), "used before");
    let (status, error, _) = refresh(&world, third, &[]);
    assert_eq!(
        (status, &*error),
        (400, "invalid_grant"),
        "so the family is dead"
    );
    assert_eq!(refresh(&world, "guess", &[]).1, "invalid_grant");

    let tokens = self::tokens(&world);
    world.clock.advance(Duration::from_secs(30 * 24 * 3600));
    assert_eq!(
        refresh(&world, &tokens.refresh, &[]).1,
        "invalid_grant",
        "away for too long"
    );
}

#[test]
fn of_many_at_once_one_wins_and_then_nobody() {
    let world = World::start();
    let tokens = tokens(&world);
    let results: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..20)
            .map(|_| scope.spawn(|| refresh(&world, &tokens.refresh, &[])))
            .collect();
        let results = threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"));
        results.collect()
    });
    let won: Vec<_> = results
        .iter()
        .filter(|(status, ..)| *status == 200)
        .collect();
    assert_eq!(won.len(), 1);
    let next = won[0].2["refresh_token"].as_str().expect("a token");
    assert_eq!(refresh(&world, next, &[]).1, "invalid_grant");
}

#[test]
fn a_client_proves_who_it_is_in_one_way() {
    let public = store::Client::new("app", "An App", None, REDIRECT_URI, "orders:read");
    let world = World::with_clients(&[public]);
    let try_as = |authorization: Option<&str>, fields: &[(&str, &str)]| {
        let mut all = vec![("grant_type", "refresh_token"), ("refresh_token", "guess")];
        all.extend(fields);
        let response = post(&world, "/token", authorization, &all);
        let body: Value = serde_json::from_slice(response.body()).expect("JSON");
        let asks = response.headers().contains_key("WWW-Authenticate");
        let error = body["error"].as_str().expect("an error").to_owned();
        (response.status().as_u16(), error, asks)
    };
    let known = (400, "invalid_grant".to_owned(), false);
    let unknown = (401, "invalid_client".to_owned(), true);
    let confused = (400, "invalid_request".to_owned(), false);
    let right = basic("shop", SECRET);
    for (authorization, fields, expected) in [
        (Some(&*right), &[][..], &known),
        (Some(&*right), &[("client_id", "shop")], &known),
        (
            None,
            &[("client_id", "shop"), ("client_secret", SECRET)],
            &known,
        ),
        (None, &[("client_id", "app")], &known),
        (Some(&*basic("shop", "wrong")), &[], &unknown),
        (Some(&*basic("shop", "")), &[], &unknown),
        (Some(&*basic("nobody", SECRET)), &[], &unknown),
        (Some("Basic !"), &[], &unknown),
        (Some("Bearer abc"), &[], &unknown),
        (None, &[], &unknown),
        (None, &[("client_id", "shop")], &unknown),
        (
            None,
            &[("client_id", "shop"), ("client_secret", "wrong")],
            &unknown,
        ),
        (
            None,
            &[("client_id", "app"), ("client_secret", "guess")],
            &unknown,
        ),
        (Some(&*right), &[("client_secret", SECRET)], &confused),
        (Some(&*right), &[("client_id", "app")], &confused),
        (
            None,
            &[("client_id", "app"), ("client_id", "app")],
            &confused,
        ),
    ] {
        assert_eq!(
            &try_as(authorization, fields),
            expected,
            "{authorization:?} {fields:?}"
        );
    }
}

#[test]
fn what_is_revoked_is_dead_and_only_its_client_can() {
    let other = store::Client::new("other", "Another", Some("s"), REDIRECT_URI, "orders:read");
    let world = World::with_clients(&[other]);
    let tokens = tokens(&world);
    let revoke = |authorization: &str, token: &str| {
        post(
            &world,
            "/revoke",
            Some(authorization),
            &vec![("token", token)],
        )
        .status()
        .as_u16()
    };
    assert_eq!(revoke(&basic("other", "s"), &tokens.refresh), 200);
    let (status, _, body) = refresh(&world, &tokens.refresh, &[]);
    assert_eq!(status, 200, "it was not theirs");
    let next = body["refresh_token"].as_str().expect("a token");
    assert_eq!(revoke(&basic("shop", "wrong"), next), 401);
    assert_eq!(revoke(&basic("shop", SECRET), ""), 400);
    assert_eq!(revoke(&basic("shop", SECRET), "unknown"), 200);
    assert_eq!(revoke(&basic("shop", SECRET), next), 200);
    assert_eq!(refresh(&world, next, &[]).1, "invalid_grant");
}

#[test]
fn every_row_of_the_bearer_table() {
    let world = World::start();
    let read = code(&world, &[("scope", "orders:read")]);
    let (_, _, body) = redeem(&world, &read, &[]);
    let read = body["access_token"].as_str().expect("a token");
    let full = tokens(&world);
    let ask = |method: &str, authorization: &[&str]| {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(world.orders());
        for value in authorization {
            request = request.header("Authorization", *value);
        }
        let response = http(request.body(Vec::new()).expect("a request")).expect("an answer");
        let challenge = response.headers().get("WWW-Authenticate");
        let challenge = challenge.map(|value| value.to_str().expect("text").to_owned());
        (response.status().as_u16(), challenge.unwrap_or_default())
    };
    let bearer = |token: &str| format!("Bearer {token}");
    let realm = r#"Bearer realm="orders""#;
    let metadata = format!(
        r#", resource_metadata="{}/.well-known/oauth-protected-resource""#,
        world.resource
    );
    let expect = |status: u16, error: &str| (status, format!("{realm}{error}{metadata}"));
    let (read, full) = (bearer(read), bearer(&full.access));

    assert_eq!(ask("GET", &[]), expect(401, ""));
    assert_eq!(ask("GET", &["Basic c2hvcDpz"]), expect(401, ""));
    assert_eq!(
        ask("GET", &["Bearer"]),
        expect(400, r#", error="invalid_request""#)
    );
    assert_eq!(
        ask("GET", &[&read, &read]),
        expect(400, r#", error="invalid_request""#)
    );
    let invalid = expect(401, r#", error="invalid_token""#);
    assert_eq!(ask("GET", &["Bearer nonsense"]), invalid);
    assert_eq!(ask("GET", &[&format!("{read}A")]), invalid);
    assert_eq!(ask("GET", &[&read]), (200, String::new()));
    assert_eq!(
        ask("GET", &[&read.replace("Bearer", "bearer")]),
        (200, String::new())
    );
    let scope = r#", error="insufficient_scope", scope="orders:write""#;
    assert_eq!(ask("POST", &[&read]), expect(403, scope));
    assert_eq!(ask("POST", &[&full]), (201, String::new()));
    assert_eq!(ask("DELETE", &[&full]), (204, String::new()));
    world.clock.advance(Duration::from_secs(62));
    let again = r#", error="insufficient_user_authentication", max_age="60""#;
    assert_eq!(ask("DELETE", &[&full]), expect(401, again));
    world.clock.advance(Duration::from_secs(300));
    let expired = r#", error="invalid_token", error_description="expired""#;
    assert_eq!(ask("GET", &[&full]), expect(401, expired));
}

#[test]
fn keys_are_fetched_once_however_many_ask() {
    let world = World::start();
    let tokens = tokens(&world);
    assert_eq!(world.line.key_fetches.load(Ordering::SeqCst), 0);
    thread::scope(|scope| {
        for _ in 0..20 {
            scope.spawn(|| {
                for _ in 0..25 {
                    assert_eq!(status(&world, &tokens.access), 200);
                }
            });
        }
    });
    assert_eq!(
        world.line.key_fetches.load(Ordering::SeqCst),
        1,
        "500 cold requests"
    );

    // Invented kids cost a fetch a cooldown.
    world.clock.advance(Duration::from_secs(31));
    for n in 0..200 {
        assert_eq!(status(&world, &invented(n)), 401);
    }
    assert_eq!(world.line.key_fetches.load(Ordering::SeqCst), 2);
}

/// A token with a `kid` that nobody has.
fn invented(n: u32) -> String {
    let header = format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"{n}"}}"#);
    let header = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(header);
    format!("{header}.e30.AA")
}

#[test]
fn known_keys_do_not_wait_for_the_fetch_that_a_stranger_set_off() {
    let world = World::start();
    let tokens = tokens(&world);
    assert_eq!(status(&world, &tokens.access), 200);
    world.clock.advance(Duration::from_secs(31));
    world.line.holds_keys.store(true, Ordering::SeqCst);
    thread::scope(|scope| {
        let stranger = scope.spawn(|| status(&world, &invented(1)));
        while world.line.key_fetches.load(Ordering::SeqCst) < 2 {
            thread::yield_now();
        }
        let known = status(&world, &tokens.access);
        assert!(!stranger.is_finished(), "it is still being fetched");
        world.line.holds_keys.store(false, Ordering::SeqCst);
        assert_eq!(known, 200);
        assert_eq!(stranger.join().expect("no panic"), 401);
    });
}

#[test]
fn while_the_issuer_is_down_keys_are_used_for_their_time_and_then_it_is_503() {
    let world = World::start();
    let first = tokens(&world);
    world.line.is_cut.store(true, Ordering::SeqCst);
    assert_eq!(
        call(&world.orders(), &first.access).expect("an answer").0,
        503,
        "cold"
    );
    assert_eq!(
        status(&world, &first.access),
        503,
        "and not tried again at once"
    );
    world.line.is_cut.store(false, Ordering::SeqCst);
    assert_eq!(status(&world, &first.access), 503, "nor now");
    world.clock.advance(Duration::from_secs(30));
    assert_eq!(status(&world, &first.access), 200, "it recovered");

    world.clock.advance(Duration::from_secs(580));
    let second = tokens(&world);
    world.line.is_cut.store(true, Ordering::SeqCst);
    assert_eq!(
        status(&world, &second.access),
        200,
        "the keys are ten minutes old at most"
    );
    world.clock.advance(Duration::from_secs(20));
    let (code, challenge, _) = call(&world.orders(), &second.access).expect("an answer");
    assert_eq!((code, &*challenge), (503, ""), "now they are older");
    world.line.is_cut.store(false, Ordering::SeqCst);
    world.clock.advance(Duration::from_secs(30));
    assert_eq!(status(&world, &second.access), 200);
}

#[test]
fn a_key_rotates_while_clients_hold_the_old_set() {
    let world = World::start();
    let kid = |token: &str| {
        let token = jwt_ring::Unverified::parse(token).expect("a token");
        token.key_id().expect("a kid").to_owned()
    };
    let before = tokens(&world);
    assert_eq!(status(&world, &before.access), 200);
    world.authorization_server.rotate();
    let (_, _, body) = refresh(&world, &before.refresh, &[]);
    let published = body["access_token"].as_str().expect("a token");
    assert_eq!(
        kid(published),
        kid(&before.access),
        "the new key is published first"
    );
    assert_eq!(status(&world, published), 200);
    world.clock.advance(Duration::from_secs(899));
    let last = tokens(&world);
    assert_eq!(kid(&last.access), kid(&before.access));
    world.clock.advance(Duration::from_secs(1));
    let after = tokens(&world);
    assert_ne!(kid(&after.access), kid(&before.access));
    for token in [&last.access, &after.access] {
        assert_eq!(
            status(&world, token),
            200,
            "both count while the old one's tokens live"
        );
    }
    assert_eq!(status(&world, &before.access), 401, "this one has expired");
}

#[test]
fn the_metadata_says_what_there_is() {
    let world = World::start();
    let get = |url: String| -> Value {
        let request = ureq::http::Request::get(url)
            .body(Vec::new())
            .expect("a request");
        serde_json::from_slice(http(request).expect("an answer").body()).expect("JSON")
    };
    let metadata = get(format!(
        "{}/.well-known/oauth-authorization-server",
        world.issuer
    ));
    assert_eq!(metadata["issuer"], *world.issuer);
    assert_eq!(
        metadata["code_challenge_methods_supported"],
        serde_json::json!(["S256"])
    );
    let keys = get(metadata["jwks_uri"].as_str().expect("a URL").to_owned());
    assert_eq!(keys["keys"].as_array().map(Vec::len), Some(1));
    assert!(keys["keys"][0].get("d").is_none(), "public members only");
    let resource = get(format!(
        "{}/.well-known/oauth-protected-resource",
        world.resource
    ));
    assert_eq!(resource["resource"], *world.resource);
    assert_eq!(
        resource["authorization_servers"],
        serde_json::json!([world.issuer])
    );
}
