//! A client on the local machine: `cargo run --example client [ISSUER [RESOURCE]]`.
//!
//! Start the examples `authorization_server` and `resource_server` first. The client prints a URL to
//! open in a browser and waits for the redirect.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use jwt_ring_oauth_examples::client::{Client, call};
use url::Url;

const CALLBACK: &str = "http://127.0.0.1:8082/callback";

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let issuer = arguments
        .next()
        .unwrap_or_else(|| "http://127.0.0.1:8080".into());
    let resource = arguments
        .next()
        .unwrap_or_else(|| "http://127.0.0.1:8081".into());
    let client = Client::new(&issuer, "shop", "shop-secret-for-local-tests", CALLBACK)?;
    let listener = TcpListener::bind("127.0.0.1:8082")?;

    let pending = client.authorize("orders:read");
    println!("Open this URL in a browser and sign in as alice with the password wonderland:\n");
    println!("{}\n", pending.url);

    let code = client.code(&pending, &wait(&listener)?)?;
    let tokens = client.redeem(pending, code)?;
    let (status, _, body) = call(&format!("{resource}/orders"), &tokens.access)?;
    println!("response of the API: {status} {body}");
    let tokens = client.refresh(tokens.refresh)?;
    let (status, _, body) = call(&format!("{resource}/orders"), &tokens.access)?;
    println!("with a refreshed token: {status} {body}");
    Ok(())
}

/// Waits for the redirect to the callback and answers it with a short text.
fn wait(listener: &TcpListener) -> Result<Url, Box<dyn std::error::Error>> {
    loop {
        let (mut stream, _) = listener.accept()?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut line = String::new();
        // Browsers open spare connections and request icons.
        if BufReader::new((&stream).take(8 * 1024))
            .read_line(&mut line)
            .is_err()
        {
            continue;
        }
        let target = line.split(' ').nth(1).unwrap_or_default();
        let url = Url::parse("http://127.0.0.1:8082")?.join(target)?;
        let is_callback = url.path() == "/callback";
        let (status, text) = match is_callback {
            true => ("200 OK", "Thank you. You can close this window."),
            false => ("404 Not Found", ""),
        };
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{text}",
            text.len()
        )?;
        if is_callback {
            return Ok(url);
        }
    }
}
