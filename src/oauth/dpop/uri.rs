//! The URIs that DPoP proofs are for.

/// The form of an `http` or `https` URI that is compared: without query and fragment, and normalized
/// by syntax and by scheme (RFC 3986 §6.2.2, §6.2.3).
///
/// `None` if the URI is not absolute, has user information, or is malformed.
pub(super) fn normalize(uri: &str) -> Option<String> {
    let end = uri.find(['?', '#']).unwrap_or(uri.len());
    let (scheme, rest) = uri.get(..end)?.split_once("://")?;
    let scheme = scheme.to_ascii_lowercase();
    let default_port = match &*scheme {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let (host, port) = split_port(authority)?;
    let host = host_of(host)?;
    let path = without_dot_segments(&normal_escapes(path, |byte| {
        is_path_character(byte) || byte == b'/'
    })?);
    Some(match port {
        Some(port) if port != default_port => format!("{scheme}://{host}:{port}{path}"),
        _ => format!("{scheme}://{host}{path}"),
    })
}

/// Splits off the port, which may be empty.
fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    // The colons of an IPv6 address are within brackets.
    let colon = authority.rfind(':');
    let Some(colon) = colon.filter(|colon| !authority.get(*colon..).unwrap_or("]").contains(']'))
    else {
        return Some((authority, None));
    };
    let (host, port) = (authority.get(..colon)?, authority.get(colon + 1..)?);
    if !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    match port {
        "" => Some((host, None)),
        _ => Some((host, Some(port.parse().ok()?))),
    }
}

/// A name or address in lower case. No user information, because it has no `@`.
fn host_of(host: &str) -> Option<String> {
    if let Some(address) = host.strip_prefix('[') {
        let address = address.strip_suffix(']')?;
        let is_valid = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
        let is_address = !address.is_empty() && address.bytes().all(is_valid);
        return is_address.then(|| host.to_ascii_lowercase());
    }
    let is_name_character = |byte| is_path_character(byte) && !matches!(byte, b':' | b'@');
    let name = lowercase_outside_escapes(&normal_escapes(host, is_name_character)?);
    (!name.is_empty()).then_some(name)
}

fn lowercase_outside_escapes(text: &str) -> String {
    let mut in_escape = 0;
    let lower = |character: char| {
        if character == '%' {
            in_escape = 3;
        }
        if in_escape > 0 {
            in_escape -= 1;
            return character;
        }
        character.to_ascii_lowercase()
    };
    text.chars().map(lower).collect()
}

/// RFC 3986 §3.3, `pchar` without escapes.
fn is_path_character(byte: u8) -> bool {
    is_unreserved(byte) || b"!$&'()*+,;=:@".contains(&byte)
}

/// RFC 3986 §2.3.
fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// Resolves the escapes of unreserved characters, and writes the others with capital letters. `None` if
/// an escape is malformed or a character is not allowed.
fn normal_escapes(text: &str, is_allowed: impl Fn(u8) -> bool) -> Option<String> {
    let mut normal = String::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first != b'%' {
            if !is_allowed(*first) {
                return None;
            }
            normal.push(char::from(*first));
            rest = after;
            continue;
        }
        let (digits, after) = after.split_at_checked(2)?;
        if !digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        let byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
        if is_unreserved(byte) {
            normal.push(char::from(byte));
        } else {
            normal.push_str(&format!("%{byte:02X}"));
        }
        rest = after;
    }
    Some(normal)
}

/// Removes `.` and `..` from a path that is empty or begins with a slash (RFC 3986 §5.2.4).
fn without_dot_segments(path: &str) -> String {
    let mut kept = Vec::new();
    let mut segments = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = segments.next() {
        if let "." | ".." = segment {
            if segment == ".." {
                kept.pop();
            }
            // The path ends with a slash.
            if segments.peek().is_none() {
                kept.push("");
            }
        } else {
            kept.push(segment);
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn equivalent_uris_have_one_normal_form() {
        for (uri, expected) in [
            ("https://api.example/orders", "https://api.example/orders"),
            ("HTTPS://API.example/orders", "https://api.example/orders"),
            ("https://api.example:443/", "https://api.example/"),
            ("https://api.example:0443/", "https://api.example/"),
            ("https://api.example:/", "https://api.example/"),
            ("https://api.example", "https://api.example/"),
            ("https://api.example?a=/b", "https://api.example/"),
            ("https://api.example#f", "https://api.example/"),
            ("https://api.example/a?b#c", "https://api.example/a"),
            ("https://api.example/a#c?b", "https://api.example/a"),
            ("http://api.example:443/a", "http://api.example:443/a"),
            ("http://api.example:80/a", "http://api.example/a"),
            ("https://api.example:80/a", "https://api.example:80/a"),
            (
                "https://api.example/%7Eme/%41%2d",
                "https://api.example/~me/A-",
            ),
            (
                "https://api.example/a%2fb%c3",
                "https://api.example/a%2Fb%C3",
            ),
            ("https://api.example/a/./b/../c", "https://api.example/a/c"),
            ("https://api.example/a/%2E%2e/c", "https://api.example/c"),
            ("https://api.example/../../a", "https://api.example/a"),
            ("https://api.example/a/..", "https://api.example/"),
            ("https://api.example/a/.", "https://api.example/a/"),
            ("https://api.example/a/b/..", "https://api.example/a/"),
            ("https://api.example//a/..", "https://api.example//"),
            ("https://api.example/a//b", "https://api.example/a//b"),
            ("https://api.example/a/", "https://api.example/a/"),
            (
                "https://api.example/a:@!$&'()*+,;=",
                "https://api.example/a:@!$&'()*+,;=",
            ),
            ("https://%41pi%2eexample/", "https://api.example/"),
            ("https://a%c3%a9.example/", "https://a%C3%A9.example/"),
            ("http://[2001:DB8::1]:8080/a", "http://[2001:db8::1]:8080/a"),
            ("http://[::1]/", "http://[::1]/"),
            ("http://[::FFFF:1.2.3.4]/", "http://[::ffff:1.2.3.4]/"),
            ("http://127.0.0.1:8080/", "http://127.0.0.1:8080/"),
        ] {
            assert_eq!(normalize(uri).as_deref(), Some(expected), "{uri}");
            assert_eq!(normalize(expected).as_deref(), Some(expected), "{uri}");
        }
    }

    #[test]
    fn other_uris_have_none() {
        for uri in [
            "",
            "/orders",
            "//api.example/orders",
            "api.example/orders",
            "ftp://api.example/",
            "https:/api.example",
            "https://",
            "https:///orders",
            "https://:443/",
            "https://me@api.example/",
            "https://me:pw@api.example/",
            "https://api.example@evil.example/",
            "https://api.example:x/",
            "https://api.example:65536/",
            "https://api.example:+80/",
            "https://api.example:80:80/",
            "https://[::1",
            "https://::1/",
            "https://[]/",
            "https://[g]/",
            "https://[::1]x/",
            "https://api.example/a b",
            "https://api.example/é",
            "https://api.example/a\\b",
            "https://api.example\\/",
            "https://api.example/%",
            "https://api.example/%4",
            "https://api.example/%zz",
            "https://api.example/%+1",
            " https://api.example/",
            "https://api.example/[",
            "https://api.example/|",
            "https://api.example/\"",
        ] {
            assert_eq!(normalize(uri), None, "{uri}");
        }
    }
}
