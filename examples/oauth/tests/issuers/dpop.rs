//! Tokens that are bound to a key of the client (RFC 9449), and bearer tokens beside them.

use std::thread;
use std::time::Duration;

use jwt_ring::oauth::dpop::{self, ProofVerifier, Prover};
use jwt_ring::{Algorithm, SigningKey};

use crate::redis;
use crate::support::{Answer, Api, Issuer, Scene};

fn prover(scene: &Scene) -> Prover {
    let key = SigningKey::generate(Algorithm::ES256).expect("a key");
    let prover = Prover::new(key).expect("a public key");
    prover.clock(scene.clock.clone())
}

/// Makes a token that is bound to the key of the prover.
fn bound(scene: &Scene, issuer: &Issuer, audience: &str, prover: &Prover) -> String {
    let uri = "https://issuer.example/token";
    let proof = prover.proof("POST", uri, None, None).expect("a proof");
    let request = dpop::Request::new("POST", uri).dpop([&proof]);
    let verifier = ProofVerifier::new().clock(scene.clock.clone());
    let proof = verifier.verify(&request).expect("a valid proof");
    let mut claims = issuer.claims(audience);
    claims.confirmation = Some(proof.without_replay_check().confirmation());
    issuer.sign(&claims)
}

fn proof(prover: &Prover, api: &Api, token: &str, nonce: Option<&str>) -> String {
    let proof = prover.proof("GET", &api.orders(), Some(token), nonce);
    proof.expect("a proof")
}

fn send(api: &Api, token: &str, proofs: &[&str]) -> Answer {
    let authorization = format!("DPoP {token}");
    let mut headers = vec![("Authorization", &*authorization)];
    headers.extend(proofs.iter().map(|proof| ("DPoP", *proof)));
    api.get(&headers)
}

/// The status, and the errors in the challenges of both schemes.
fn errors(answer: &Answer) -> (u16, &str, &str) {
    (answer.status, answer.error("Bearer"), answer.error("DPoP"))
}

#[test]
fn each_scheme_accepts_its_tokens_only() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url]);
    let (owner, thief) = (prover(&scene), prover(&scene));
    let (token, unbound) = (
        bound(&scene, &issuer, &api.url, &owner),
        issuer.token(&api.url),
    );

    let answer = send(&api, &token, &[&proof(&owner, &api, &token, None)]);
    assert_eq!(errors(&answer), (200, "", ""), "{answer:?}");
    assert_eq!(api.status(&unbound), 200);
    let with_scheme = format!("dpop {token}");
    let again = proof(&owner, &api, &token, None);
    let answer = api.get(&[("Authorization", &with_scheme), ("DPoP", &again)]);
    assert_eq!(answer.status, 200, "the scheme ignores case");

    let invalid = (401, "invalid_token", "");
    assert_eq!(
        errors(&api.bearer(&token)),
        invalid,
        "a bound token as bearer"
    );
    let authorization = format!("Bearer {token}");
    let unused = proof(&owner, &api, &token, None);
    let answer = api.get(&[("Authorization", &authorization), ("DPoP", &unused)]);
    assert_eq!(errors(&answer), invalid, "also with a proof");
    let invalid = (401, "", "invalid_token");
    let answer = send(&api, &unbound, &[&proof(&owner, &api, &unbound, None)]);
    assert_eq!(errors(&answer), invalid, "an unbound token with a proof");
    let answer = send(&api, &token, &[&proof(&thief, &api, &token, None)]);
    assert_eq!(errors(&answer), invalid, "a stolen token");
    assert_eq!(
        send(&api, &token, &[&unused]).status,
        200,
        "the proof was not used"
    );
}

#[test]
fn a_proof_is_for_one_request() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url]);
    let owner = prover(&scene);
    let token = bound(&scene, &issuer, &api.url, &owner);
    let other = bound(&scene, &issuer, &api.url, &owner);
    let proof_for = |method, uri: &str, token: &str| {
        let proof = owner.proof(method, uri, Some(token), None);
        proof.expect("a proof")
    };
    let orders = api.orders();
    let invalid = (401, "", "invalid_dpop_proof");
    for (proof, what) in [
        (proof_for("POST", &orders, &token), "another method"),
        (
            proof_for("GET", &format!("{orders}/1"), &token),
            "another path",
        ),
        (
            proof_for("GET", "http://api.example/orders", &token),
            "another host",
        ),
        (proof_for("GET", &orders, &other), "another token"),
        ("nonsense".into(), "no JWT"),
        (token.clone(), "no proof"),
    ] {
        assert_eq!(errors(&send(&api, &token, &[&proof])), invalid, "{what}");
    }
    let [one, two] = [(); 2].map(|()| proof_for("GET", &orders, &token));
    assert_eq!(errors(&send(&api, &token, &[])), invalid, "no proof");
    assert_eq!(
        errors(&send(&api, &token, &[&one, &two])),
        invalid,
        "two proofs"
    );
    // The query is not part of the proof.
    let url = format!("{orders}?page=2");
    let headers = [("Authorization", &*format!("DPoP {token}")), ("DPoP", &one)];
    assert_eq!(api.send("GET", &url, &headers).status, 200);
    assert_eq!(errors(&send(&api, &token, &[&one])), invalid, "replayed");
    scene.clock.advance(Duration::from_secs(61));
    assert_eq!(errors(&send(&api, &token, &[&two])), invalid, "too old");
}

#[test]
fn the_age_of_a_proof_can_be_set() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url, "--dpop-window", "5"]);
    let owner = prover(&scene);
    let token = bound(&scene, &issuer, &api.url, &owner);
    let [one, two] = [(); 2].map(|()| proof(&owner, &api, &token, None));
    scene.clock.advance(Duration::from_secs(4));
    assert_eq!(send(&api, &token, &[&one]).status, 200);
    scene.clock.advance(Duration::from_secs(2));
    let answer = send(&api, &token, &[&two]);
    assert_eq!(errors(&answer), (401, "", "invalid_dpop_proof"));
}

#[test]
fn the_uri_of_a_request_is_not_taken_from_its_host() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api_at("/v1", &["--issuer", &issuer.url]);
    let owner = prover(&scene);
    let token = bound(&scene, &issuer, &api.url, &owner);
    let authorization = format!("DPoP {token}");
    let send = |uri: &str| {
        let proof = owner
            .proof("GET", uri, Some(&token), None)
            .expect("a proof");
        let headers = [
            ("Authorization", &*authorization),
            ("DPoP", &*proof),
            ("Host", "api.example"),
        ];
        api.get(&headers).status
    };
    assert_eq!(send("http://api.example/v1/orders"), 401);
    assert_eq!(send(&api.orders()), 200);
}

#[test]
fn servers_on_one_store_accept_a_proof_once() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let path = std::env::temp_dir().join(format!("jwt-ring-proofs-{}.db", std::process::id()));
    let sqlite = format!("sqlite:{}", path.display());
    let redis = redis::Server::start();
    let redis = redis.as_ref().map(|redis| &*redis.address);
    let stores = [("memory", 200), (&*sqlite, 401)].into_iter();
    for (store, status_at_another) in stores.chain(redis.map(|address| (address, 401))) {
        let flags = ["--issuer", &issuer.url, "--store", store];
        let api = scene.api(&flags);
        let owner = prover(&scene);
        let token = bound(&scene, &issuer, &api.url, &owner);
        let [one, two] = [(); 2].map(|()| proof(&owner, &api, &token, None));
        assert_eq!(send(&api, &token, &[&one]).status, 200, "{store}");
        let answer = send(&api, &token, &[&one]);
        assert_eq!(errors(&answer), (401, "", "invalid_dpop_proof"), "{store}");
        // A replica, or the same server after a restart.
        let other = scene.replica(&api, &flags);
        assert_eq!(
            send(&other, &token, &[&one]).status,
            status_at_another,
            "{store}"
        );
        assert_eq!(send(&other, &token, &[&two]).status, 200, "{store}");
    }
    let _ = std::fs::remove_file(path);
}

#[test]
fn concurrent_uses_of_a_proof_are_one() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url]);
    let owner = prover(&scene);
    let token = bound(&scene, &issuer, &api.url, &owner);
    let proof = proof(&owner, &api, &token, None);
    let statuses: Vec<_> = thread::scope(|scope| {
        let uses: Vec<_> = (0..20)
            .map(|_| scope.spawn(|| send(&api, &token, &[&proof]).status))
            .collect();
        let statuses = uses.into_iter().map(|one| one.join().expect("no panic"));
        statuses.collect()
    });
    let accepted = statuses.iter().filter(|status| **status == 200).count();
    assert_eq!((accepted, statuses.len()), (1, 20));
}

#[test]
fn a_proof_is_rejected_while_the_store_is_unavailable() {
    let Some(mut redis) = redis::Server::start() else {
        return;
    };
    let scene = Scene::new();
    let issuer = scene.issuer();
    let api = scene.api(&["--issuer", &issuer.url, "--store", &redis.address]);
    let owner = prover(&scene);
    let token = bound(&scene, &issuer, &api.url, &owner);
    let send = || send(&api, &token, &[&proof(&owner, &api, &token, None)]);
    assert_eq!(send().status, 200);
    redis.stop();
    let answer = send();
    assert_eq!((answer.status, answer.header("Retry-After")), (503, "5"));
    assert_eq!(api.status(&issuer.token(&api.url)), 200, "bearer tokens");
    redis.restart();
    assert_eq!(send().status, 200);
}

#[test]
fn a_nonce_is_required_where_it_is_set() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let flags = [
        "--issuer",
        &issuer.url,
        "--dpop-nonces",
        "--dpop-nonce-lifetime",
        "100",
    ];
    let api = scene.api(&flags);
    let owner = prover(&scene);
    let token = bound(&scene, &issuer, &api.url, &owner);
    let send = |nonce: Option<&str>| send(&api, &token, &[&proof(&owner, &api, &token, nonce)]);
    let required = (401, "", "use_dpop_nonce");

    let answer = send(None);
    assert_eq!(errors(&answer), required);
    let first = answer.header("DPoP-Nonce").to_owned();
    assert_eq!(errors(&send(Some("invented"))), required);
    assert_eq!(send(Some(&first)).status, 200);
    scene.clock.advance(Duration::from_secs(99));
    let answer = send(Some(&first));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("Cache-Control"), "no-store");
    let next = answer.header("DPoP-Nonce");
    assert_ne!(next, first, "sent before the first one expires");
    scene.clock.advance(Duration::from_secs(1));
    assert_eq!(errors(&send(Some(&first))), required, "expired");
    assert_eq!(send(Some(next)).status, 200);

    let bearer = api.bearer(&issuer.token(&api.url));
    assert_eq!((bearer.status, bearer.header("DPoP-Nonce")), (200, ""));
}

#[test]
fn servers_with_one_secret_accept_the_nonces_of_each_other() {
    let scene = Scene::new();
    let issuer = scene.issuer();
    let path = std::env::temp_dir().join(format!("jwt-ring-nonces-{}", std::process::id()));
    std::fs::write(&path, [7; 32]).expect("a file");
    let file = path.to_str().expect("a path").to_owned();
    let flags = ["--issuer", &issuer.url, "--audience", "api"];
    let shared = [&flags[..], &["--dpop-nonce-secret-file", &file]].concat();
    let own = [&flags[..], &["--dpop-nonces"]].concat();
    let (first, second, third) = (scene.api(&shared), scene.api(&shared), scene.api(&own));
    let owner = prover(&scene);
    let token = bound(&scene, &issuer, "api", &owner);
    let answer = send(&first, &token, &[&proof(&owner, &first, &token, None)]);
    let nonce = answer.header("DPoP-Nonce");
    let status = |api| send(api, &token, &[&proof(&owner, api, &token, Some(nonce))]).status;
    assert_eq!([&first, &second, &third].map(status), [200, 200, 401]);
    let _ = std::fs::remove_file(path);
}
