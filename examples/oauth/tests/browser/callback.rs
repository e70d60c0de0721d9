//! The redirect URI of a client.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use url::Url;

/// Listens at this host for redirects to the client, and redirects on to this URL if there is one. Returns
/// the redirect URI and the URLs received.
pub(crate) fn callback(host: &str, onward: Option<&str>) -> (String, Receiver<Url>) {
    let listener = TcpListener::bind(format!("{host}:0")).expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = match onward {
        None => "200 OK\r\nContent-Type: text/plain".to_owned(),
        Some(url) => format!("302 Found\r\nLocation: {url}"),
    };
    let answer = format!("HTTP/1.1 {answer}\r\nContent-Length: 4\r\nConnection: close\r\n\r\ndone");
    let (sender, receiver) = channel();
    let origin = Url::parse(&base).expect("a URL");
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut line = String::new();
            let _ = stream.set_read_timeout(Some(Duration::from_secs(2)));
            let _ = BufReader::new((&stream).take(8 * 1024)).read_line(&mut line);
            let _ = (&stream).write_all(answer.as_bytes());
            let url = line
                .split(' ')
                .nth(1)
                .and_then(|target| origin.join(target).ok());
            if let Some(url) = url.filter(|url| url.path() == "/callback")
                && sender.send(url).is_err()
            {
                return;
            }
        }
    });
    (format!("{base}/callback"), receiver)
}
