//! Issuers over HTTPS, with a CA of their own.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use axum::serve::Listener;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::server::TlsStream;

use crate::logs;
use crate::support::{Issuer, METADATA, Scene, Web, documents, metadata};

type Ca = CertifiedIssuer<'static, KeyPair>;

fn ca() -> Ca {
    let mut params = CertificateParams::new([]).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    CertifiedIssuer::self_signed(params, key).expect("a certificate")
}

/// Writes the certificate of a CA into a file.
fn ca_file(name: &str, ca: &Ca) -> PathBuf {
    let file = format!("jwt-ring-{name}-{}.pem", std::process::id());
    let path = std::env::temp_dir().join(file);
    std::fs::write(&path, ca.pem()).expect("a file");
    path
}

struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = std::net::SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            if let Ok((stream, address)) = self.listener.accept().await
                // Fails if the client does not trust the certificate.
                && let Ok(stream) = self.acceptor.accept(stream).await
            {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// Starts an issuer at `https://localhost`, with a certificate of the CA.
fn issuer(scene: &Scene, ca: &Ca) -> Issuer {
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(["localhost".to_owned()]).expect("parameters");
    let certificate = params.signed_by(&key, ca).expect("a certificate");
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .expect("a certificate and its key");
    let listener = scene.runtime.block_on(TcpListener::bind("127.0.0.1:0"));
    let listener = listener.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let url = format!("https://localhost:{port}");
    let web = Arc::new(Web::default());
    let listener = TlsListener {
        listener,
        acceptor: TlsAcceptor::from(Arc::new(config)),
    };
    let served = axum::serve(listener, documents(&web)).into_future();
    scene.runtime.spawn(served);
    let issuer = Issuer::new(&url, web, scene.clock.clone());
    issuer.publish(&url);
    issuer
}

#[test]
fn an_issuer_over_https_must_have_a_certificate_that_is_trusted() {
    let scene = Scene::new();
    let (ca, other_ca) = (ca(), ca());
    let issuer = issuer(&scene, &ca);
    let (file, other_file) = (ca_file("ca", &ca), ca_file("other-ca", &other_ca));
    let api = |flags: &[&str]| scene.api(&[&["--issuer", &issuer.url], flags].concat());
    let trusting = api(&["--ca-file", file.to_str().expect("a path")]);
    assert_eq!(trusting.status(&issuer.token(&trusting.url)), 200);
    assert_eq!(issuer.web.requests(), [METADATA, "/jwks.json"]);

    let other = api(&["--ca-file", other_file.to_str().expect("a path")]);
    for api in [other, api(&[])] {
        assert_eq!(api.status(&issuer.token(&api.url)), 503);
    }
    assert_eq!(issuer.web.requests(), [""; 0]);
    let found = logs::with("cannot fetch the keys");
    let found: Vec<_> = found
        .iter()
        .filter(|line| line["issuer"] == *issuer.url)
        .collect();
    assert_eq!(found.len(), 2);
    for line in found {
        let error = line["error"].as_str().expect("an error");
        assert!(error.contains("invalid peer certificate"), "{error}");
    }
    for file in [file, other_file] {
        let _ = std::fs::remove_file(file);
    }
}

#[test]
fn the_keys_of_an_issuer_over_https_are_not_fetched_over_http() {
    let scene = Scene::new();
    let ca = ca();
    let issuer = issuer(&scene, &ca);
    let file = ca_file("keys-ca", &ca);
    let (plain, web) = scene.web();
    let copy = Issuer::new(&plain, web, scene.clock.clone());
    copy.publish(&plain);
    issuer
        .web
        .set(METADATA, 200, metadata(&issuer.url, &copy.keys()));
    let flags = [
        "--issuer",
        &issuer.url,
        "--ca-file",
        file.to_str().expect("a path"),
    ];
    let api = scene.api(&flags);
    assert_eq!(api.status(&issuer.token(&api.url)), 503);
    assert_eq!(copy.web.requests(), [""; 0]);
    issuer.publish(&issuer.url);
    scene.clock.advance(std::time::Duration::from_secs(30));
    assert_eq!(api.status(&issuer.token(&api.url)), 200);
    let _ = std::fs::remove_file(file);
}
