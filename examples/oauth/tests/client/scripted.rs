//! A scripted server, and what it received.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use jwt_ring::Unverified;
use jwt_ring::oauth::dpop::{ProofVerifier, Request};
use jwt_ring_oauth_examples::client::{Authentication, Client};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::REDIRECT_URI;

/// A server that has metadata, answers other requests as scripted, and records them.
pub(crate) struct Scripted {
    pub(crate) url: String,
    shared: Arc<Shared>,
    /// Stops the server when dropped.
    _runtime: Runtime,
}

#[derive(Default)]
struct Shared {
    metadata: Mutex<Value>,
    answers: Mutex<VecDeque<Response>>,
    received: Mutex<Vec<Received>>,
}

pub(crate) struct Received {
    method: String,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Scripted {
    pub(crate) fn start() -> Self {
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
        let listener = listener.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = Arc::<Shared>::default();
        let router = Router::new()
            .fallback(respond)
            .with_state(Arc::clone(&shared));
        runtime.spawn(async move { axum::serve(listener, router).await });
        let server = Self {
            url,
            shared,
            _runtime: runtime,
        };
        server.metadata(&[]);
        server
    }

    /// Sets the metadata: those of a valid server, with some values replaced.
    pub(crate) fn metadata(&self, changes: &[(&str, Value)]) {
        let mut metadata = json!({
            "issuer": self.url,
            "authorization_endpoint": format!("{}/authorize", self.url),
            "token_endpoint": format!("{}/token", self.url),
            "jwks_uri": format!("{}/jwks", self.url),
        });
        for (name, value) in changes {
            metadata[name] = value.clone();
        }
        *self.shared.metadata.lock().expect("no panic") = metadata;
    }

    pub(crate) fn answer(&self, response: impl IntoResponse) {
        let mut answers = self.shared.answers.lock().expect("no panic");
        answers.push_back(response.into_response());
    }

    /// Answers a token request with tokens of a type.
    pub(crate) fn answer_tokens(&self, kind: &str, refresh: Option<&str>) {
        let mut body = json!({ "access_token": "access", "token_type": kind });
        if let Some(refresh) = refresh {
            body["refresh_token"] = refresh.into();
        }
        self.answer(Json(body));
    }

    pub(crate) fn received(&self) -> Vec<Received> {
        std::mem::take(&mut self.shared.received.lock().expect("no panic"))
    }

    pub(crate) fn client(&self, authentication: impl Into<Authentication>) -> Client {
        Client::new(&self.url, "shop", authentication, REDIRECT_URI).expect("a client")
    }
}

async fn respond(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    if uri.path() == "/.well-known/oauth-authorization-server" {
        return shared
            .metadata
            .lock()
            .expect("no panic")
            .to_string()
            .into_response();
    }
    shared.received.lock().expect("no panic").push(Received {
        method: method.to_string(),
        path: uri.path().to_owned(),
        headers,
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    let answer = shared.answers.lock().expect("no panic").pop_front();
    answer.unwrap_or_else(|| StatusCode::IM_A_TEAPOT.into_response())
}

impl Received {
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let mut fields = url::form_urlencoded::parse(self.body.as_bytes());
        Some(fields.find(|(key, _)| key == name)?.1.into_owned())
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("ASCII"))
    }

    /// Verifies the proof for a server and returns its claims.
    pub(crate) fn proof(&self, server: &Scripted) -> Value {
        let uri = format!("{}{}", server.url, self.path);
        let proof = self.header("DPoP");
        let mut request = Request::new(&self.method, &uri).dpop([proof]);
        if self.headers.contains_key("Authorization") {
            request = request.authorization([self.header("Authorization")]);
        }
        let verified = ProofVerifier::new().verify(&request);
        let _ = verified.expect("a proof");
        Unverified::parse(proof)
            .expect("a JWT")
            .claims()
            .expect("claims")
    }
}
