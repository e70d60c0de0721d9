//! What the programs write of a whole run: requests and errors, but no secrets.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jwt_ring::oauth::client_assertion::Signer;
use jwt_ring::oauth::dpop::Prover;
use jwt_ring::{Algorithm, KeySet, SigningKey};
use jwt_ring_oauth_examples::client::http;
use jwt_ring_oauth_examples::world::Browser;
use serde_json::{Value, json};
use ureq::http::{HeaderMap, Request};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::{Program, Servers};

/// The PKCE verifier and challenge of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";
const PASSWORD: &str = "correct-horse-battery-staple";
const WRONG_PASSWORD: &str = "wrong-horse-battery-staple";
const SECRET: &str = "s3cr:et%/+ 비밀";
const WRONG_SECRET: &str = "wrong-secret-of-the-client";

/// Both servers, and every secret that was sent to them or by them.
struct Run {
    servers: Servers,
    key: Arc<SigningKey>,
    prover: Prover,
    secrets: Vec<String>,
    /// The IDs of the responses.
    ids: Vec<String>,
}

type Answer = (u16, HeaderMap, Value);

impl Run {
    fn start() -> Self {
        let key = SigningKey::generate(Algorithm::ES256).expect("a key");
        let keys = KeySet::from_iter([key.verifying_key()]);
        let clients = json!([
            { "client_id": "shop", "client_secret": SECRET, "redirect_uris": [REDIRECT_URI],
              "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
              "scope": "openid orders:read" },
            { "client_id": "signed", "jwks": keys, "token_endpoint_auth_method": "private_key_jwt",
              "grant_types": ["client_credentials"], "scope": "orders:read" },
        ]);
        let file = format!("{}/clients.json", env!("CARGO_TARGET_TMPDIR"));
        std::fs::write(&file, clients.to_string()).expect("a file");
        let user = format!("alice:{PASSWORD}");
        let servers = Servers::start(&["--clients", &file, "--user", &user], &[]);
        let prover = SigningKey::generate(Algorithm::ES256).expect("a key");
        Self {
            servers,
            key: key.into(),
            prover: Prover::new(prover).expect("a prover"),
            secrets: [PASSWORD, WRONG_PASSWORD, SECRET, WRONG_SECRET, VERIFIER]
                .map(str::to_owned)
                .into(),
            ids: Vec::new(),
        }
    }

    /// Sends a request and records its ID.
    fn send(&mut self, request: ureq::http::request::Builder, body: String) -> Answer {
        let response = http(request.body(body.into_bytes()).expect("a request"));
        let (head, body) = response.expect("an answer").into_parts();
        let id = head.headers["X-Request-Id"].to_str().expect("ASCII");
        self.ids.push(id.to_owned());
        let body = serde_json::from_slice(&body).unwrap_or_default();
        (head.status.as_u16(), head.headers, body)
    }

    /// Posts to the token endpoint as the shop, and records the secrets of the request and the response.
    fn token(&mut self, secret: &str, proof: bool, fields: &[(&str, &str)]) -> Answer {
        let encode =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let basic = STANDARD.encode(format!("shop:{}", encode(secret)));
        let mut request = form(&format!("{}/token", self.servers.issuer));
        request = request.header("Authorization", format!("Basic {basic}"));
        self.secrets.push(basic);
        if proof {
            let proof = self.proof("POST", &format!("{}/token", self.servers.issuer), None);
            request = request.header("DPoP", proof);
        }
        self.exchange(request, fields)
    }

    fn exchange(
        &mut self,
        request: ureq::http::request::Builder,
        fields: &[(&str, &str)],
    ) -> Answer {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let answer = self.send(request, body);
        for name in ["access_token", "refresh_token", "id_token"] {
            if let Some(token) = answer.2[name].as_str() {
                self.secrets.push(token.to_owned());
            }
        }
        answer
    }

    fn proof(&mut self, method: &str, uri: &str, token: Option<&str>) -> String {
        let proof = self
            .prover
            .proof(method, uri, token, None)
            .expect("a proof");
        self.secrets.push(proof.clone());
        proof
    }

    /// Signs in, first with a wrong password, and returns a code.
    fn code(&mut self) -> String {
        let url = format!(
            "{}/authorize?response_type=code&client_id=shop&redirect_uri={REDIRECT_URI}&state=opaque\
             &scope=openid%20orders:read&code_challenge={CHALLENGE}&code_challenge_method=S256",
            self.servers.issuer
        );
        let mut browser = Browser::default();
        let page = browser.open(&Url::parse(&url).expect("a URL"));
        self.secrets.push(page.ticket().to_owned());
        let page = browser.submit(&page, "alice", WRONG_PASSWORD, "allow");
        let page = browser.submit(&page, "alice", PASSWORD, "allow");
        let location = page.location.expect("a redirect");
        let code = location.query_pairs().find(|(name, _)| name == "code");
        let code = code.expect("a code").1.into_owned();
        self.secrets.push(code.clone());
        code
    }

    fn call(&mut self, method: &str, authorization: &[&str], proof: Option<&str>) -> (u16, String) {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}/orders", self.servers.api));
        for value in authorization {
            request = request.header("Authorization", *value);
        }
        if let Some(proof) = proof {
            request = request.header("DPoP", proof);
        }
        let (status, _, body) = self.send(request, String::new());
        (
            status,
            body["error"].as_str().unwrap_or_default().to_owned(),
        )
    }
}

fn form(url: &str) -> ureq::http::request::Builder {
    Request::post(url).header("Content-Type", "application/x-www-form-urlencoded")
}

fn error(answer: &Answer) -> (u16, &str) {
    (answer.0, answer.2["error"].as_str().unwrap_or_default())
}

/// A code is redeemed and used again; its tokens are used, refreshed and used again.
fn bearer(run: &mut Run) {
    let code = run.code();
    let wrong_verifier = "wrong-verifier-0123456789-0123456789-0123456789";
    run.secrets.push(wrong_verifier.into());
    let redeem = |run: &mut Run, code: &str, verifier: &str| {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", verifier),
        ];
        run.token(SECRET, false, &fields)
    };
    assert_eq!(
        error(&redeem(run, &code, wrong_verifier)),
        (400, "invalid_grant")
    );
    let code = run.code();
    let (status, _, tokens) = redeem(run, &code, VERIFIER);
    assert_eq!(status, 200, "{tokens}");
    let access = format!(
        "Bearer {}",
        tokens["access_token"].as_str().expect("a token")
    );
    assert!(tokens["id_token"].is_string());
    assert_eq!(run.call("GET", &[&access], None).0, 200);
    assert_eq!(
        run.call("POST", &[&access], None),
        (403, "insufficient_scope".into())
    );
    assert_eq!(
        run.call("GET", &[&access, &access], None),
        (400, "invalid_request".into())
    );
    let mut changed = access.clone();
    changed.truncate(access.len() - 10);
    assert_eq!(
        run.call("GET", &[&changed], None),
        (401, "invalid_token".into())
    );

    let refresh = |run: &mut Run, secret: &str, token: &str| {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        run.token(secret, false, &fields)
    };
    let old = tokens["refresh_token"].as_str().expect("a token");
    assert_eq!(
        error(&refresh(run, WRONG_SECRET, old)),
        (401, "invalid_client")
    );
    let (status, _, next) = refresh(run, SECRET, old);
    assert_eq!(status, 200);
    assert_eq!(error(&refresh(run, SECRET, old)), (400, "invalid_grant"));
    let next = next["refresh_token"].as_str().expect("a token");
    assert_eq!(
        error(&refresh(run, SECRET, next)),
        (400, "invalid_grant"),
        "revoked"
    );
    assert_eq!(error(&redeem(run, &code, VERIFIER)), (400, "invalid_grant"));
}

/// A bound token is used with a proof, and without its key.
fn dpop(run: &mut Run) {
    let orders = format!("{}/orders", run.servers.api);
    let fields = [
        ("grant_type", "client_credentials"),
        ("scope", "orders:read"),
    ];
    let (status, _, tokens) = run.token(SECRET, true, &fields);
    assert_eq!((status, &tokens["token_type"]), (200, &"DPoP".into()));
    let token = tokens["access_token"].as_str().expect("a token");
    let (bound, bearer) = (format!("DPoP {token}"), format!("Bearer {token}"));
    let proof = run.proof("GET", &orders, Some(token));
    assert_eq!(run.call("GET", &[&bound], Some(&proof)).0, 200);
    for (authorization, proof) in [(&bound, Some(&*proof)), (&bound, None), (&bearer, None)] {
        assert_eq!(run.call("GET", &[authorization], proof).0, 401);
    }
}

/// A client authenticates by an assertion, and by the same one again.
fn assertions(run: &mut Run) {
    let signer = Signer::new(Arc::clone(&run.key), "signed", &*run.servers.issuer);
    let assertion = signer.sign().expect("an assertion");
    run.secrets.push(assertion.clone());
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "signed"),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", &assertion),
    ];
    for status in [200, 401] {
        let request = form(&format!("{}/token", run.servers.issuer));
        assert_eq!(run.exchange(request, &fields).0, status);
    }
}

/// Requests that no endpoint is for, with secrets in their queries and headers.
fn others(run: &mut Run) {
    let secret = run.secrets.last().expect("a secret").clone();
    for url in [run.servers.issuer.clone(), run.servers.api.clone()] {
        let request = Request::get(format!("{url}/nowhere?access_token={secret}"));
        let request = request
            .header("Cookie", &secret)
            .header("X-Request-Id", "trace-1");
        assert_eq!(run.send(request, String::new()).0, 404);
        let request = Request::put(format!("{url}/token?code={secret}"));
        assert!(run.send(request, secret.clone()).0 >= 400);
    }
    let request = form(&format!("{}/token", run.servers.issuer));
    let fields = [
        ("client_id", &*secret),
        ("grant_type", &secret),
        ("code", &"x".repeat(20_000)),
    ];
    assert_eq!(run.exchange(request, &fields).0, 413);
}

#[test]
fn the_logs_of_a_whole_run_have_no_secrets() {
    let mut run = Run::start();
    bearer(&mut run);
    dpop(&mut run);
    assertions(&mut run);
    others(&mut run);
    let logs = run.servers.programs.each_ref().map(Program::logs);
    let lines: Vec<Value> = logs
        .iter()
        .flat_map(|logs| logs.lines())
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    for id in &run.ids {
        let of_request = lines.iter().filter(|line| line["span"]["id"] == **id);
        let responses = of_request.filter(|line| line["message"] == "response");
        assert_eq!(responses.count(), 1, "{id}");
    }
    let count = |name: &str, value: &str| {
        let has = |line: &&Value| line[name] == value;
        lines.iter().filter(has).count()
    };
    assert!(count("message", "token issued") >= 4);
    assert!(count("message", "rejected") >= 10);
    assert!(logs.concat().contains("trace-1"));

    assert!(run.secrets.len() > 25, "{}", run.secrets.len());
    for secret in &run.secrets {
        // Tokens may be logged in part.
        let parts = secret.split(['.', ' ']).filter(|part| part.len() >= 12);
        for text in parts.chain([&**secret]) {
            for logs in &logs {
                assert!(!logs.contains(text), "{text} is in the logs");
            }
        }
    }
}
