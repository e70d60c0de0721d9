//! An authorization server: `cargo run --example authorization_server -- --help`.
//!
//! Without options it has one user, `alice` with the password `wonderland`, and the clients of the
//! examples, and loses grants and keys when it ends.

mod options;

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use jwt_ring_oauth_examples::authorization_server::clients::EXAMPLE_CLIENTS;
use jwt_ring_oauth_examples::authorization_server::{Clients, Server, Users, router};
use jwt_ring_oauth_examples::program::print;
use jwt_ring_oauth_examples::{program, store};
use tokio::net::TcpListener;
use url::{Position, Url};

use options::{Options, USER, options};

fn main() -> ExitCode {
    let options = options().run();
    program::start_logs(options.log_format);
    program::run(run(options))
}

async fn run(options: Options) -> Result<(), Box<dyn std::error::Error>> {
    let address = SocketAddr::from((options.host, options.port));
    let error = |error| format!("cannot listen on {address}: {error}");
    let listener = TcpListener::bind(address).await.map_err(error)?;
    let mut config = options.config;
    if config.issuer.is_empty() {
        let url = Url::parse(&format!("http://{}", listener.local_addr()?))?;
        // Without the port if it is 80.
        config.issuer = url.origin().ascii_serialization();
    }
    if let (None, Some(path)) = (&config.keys, options.store.strip_prefix("sqlite:")) {
        config.keys = Some(format!("{path}.keys").into());
    }
    let issuer = config.issuer.clone();
    let mut users = Users::default();
    for (name, password) in &options.users {
        users.add(name, password);
    }
    let clients = match &options.clients {
        None => EXAMPLE_CLIENTS.to_owned(),
        Some(file) => {
            std::fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?
        }
    };
    let clients = Clients::from_json(&clients)?;
    let store = store::open(&options.store)?;
    let server = Arc::new(Server::new(config, clients, users, store)?);

    let url = Url::parse(&issuer)?;
    let (origin, path) = (
        &url[..Position::BeforePath],
        url.path().trim_end_matches('/'),
    );
    print(format_args!("issuer    {issuer}"));
    print(format_args!(
        "metadata  {origin}/.well-known/oauth-authorization-server{path}"
    ));
    for (name, password) in &options.users {
        let user = format!("{name}:{password}");
        print(format_args!(
            "user      {}",
            if user == USER { USER } else { name }
        ));
    }
    match &options.clients {
        None => print(format_args!("clients   shop, app, service")),
        Some(file) => print(format_args!("clients   {}", file.display())),
    }
    tokio::spawn(Arc::clone(&server).keep_keys());
    Ok(program::serve(listener, router(server), options.limits).await?)
}
