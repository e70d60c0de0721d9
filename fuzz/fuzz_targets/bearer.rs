//! Any `Authorization` header and any parts of a challenge: a token is read only from a well-formed
//! header, and the challenge parses to the parts that it was made of.

#![no_main]

use jwt_ring::oauth::Scope;
use jwt_ring::oauth::bearer::{self, Challenge, Rejection};
use libfuzzer_sys::{arbitrary, fuzz_target};

#[derive(arbitrary::Arbitrary, Debug)]
struct Input<'a> {
    authorization: &'a [u8],
    realm: &'a str,
    scope: &'a str,
    url: &'a str,
}

fuzz_target!(|input: Input<'_>| {
    if let Ok(token) = bearer::token([input.authorization]) {
        let value = std::str::from_utf8(input.authorization).expect("ASCII");
        assert!(value.to_ascii_lowercase().starts_with("bearer "));
        assert_eq!(value[7..].trim_matches(' '), token);
        assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
        let again = format!("Bearer {token}");
        assert_eq!(bearer::token([&again]), Ok(token));
        let two = [input.authorization, input.authorization];
        assert_eq!(bearer::token(two), Err(Rejection::InvalidRequest));
    }

    let Ok(scope) = input.scope.parse::<Scope>() else {
        return;
    };
    let names: Vec<&str> = scope.iter().collect();
    assert!(
        names
            .iter()
            .all(|name| !name.is_empty() && scope.contains(name))
    );
    assert!(
        input
            .scope
            .split(' ')
            .all(|name| name.is_empty() || scope.contains(name))
    );
    let text = scope.to_string();
    assert_eq!(text, names.join(" "));
    assert_eq!(text.parse(), Ok(scope.clone()));

    let challenge = Challenge::new(input.realm).resource_metadata(input.url);
    let header = challenge.header(&Rejection::InsufficientScope(scope));
    let plain = |text: &str| text.replace(|c: char| !matches!(c, ' '..='~'), "");
    let expected = [
        ("realm", plain(input.realm)),
        ("error", "insufficient_scope".into()),
        ("scope", text),
        ("resource_metadata", plain(input.url)),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value));
    assert_eq!(parameters(&header.expect("a challenge")), expected);
});

/// Reads the parameters of one challenge, all of which are quoted.
fn parameters(header: &str) -> Vec<(String, String)> {
    let mut rest = header.strip_prefix("Bearer ").expect("the scheme").chars();
    let mut parameters = Vec::new();
    loop {
        let name: String = rest.by_ref().take_while(|c| *c != '=').collect();
        assert_eq!(rest.next(), Some('"'));
        let mut value = String::new();
        loop {
            match rest.next().expect("a closing quote") {
                '"' => break,
                '\\' => value.extend(rest.next()),
                character => value.push(character),
            }
        }
        parameters.push((name, value));
        match rest.next() {
            None => return parameters,
            separator => assert_eq!((separator, rest.next()), (Some(','), Some(' '))),
        }
    }
}
