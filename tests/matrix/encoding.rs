//! Size, segments, base64url and JSON.

use crate::support::{REGISTERED, errors, forge_segments};
use crate::{Maker, payload, under_every_algorithm};

#[test]
fn size() {
    under_every_algorithm(|maker| {
        let token = maker.good();
        let found = token.len();
        let limited = |limit| Maker {
            key: maker.key,
            public: maker.public.clone(),
            verifier: maker.verifier.clone().max_size(limit),
        };
        limited(found).accepts(&token);
        for limit in [found - 1, 1, 0] {
            limited(limit).rejects(&token, &errors::too_large(limit, found));
        }
        // The header has a limit of its own.
        let filled = |length: usize| {
            let json = maker.header(&format!(r#","":"{}""#, "x".repeat(length)));
            assert!(json.len() <= 64 * 1024);
            (json.len(), maker.with_header(&json))
        };
        let padding = 8 * 1024 - filled(0).0;
        maker.accepts(&filled(padding).1);
        let long = errors::malformed_header("is longer than 8 KiB");
        maker.rejects(&filled(padding + 1).1, &long);
        maker.rejects(&filled(16 * 1024).1, &long);
    });
}

#[test]
fn segments() {
    under_every_algorithm(|maker| {
        let good = maker.good();
        let parts: Vec<_> = good.split('.').collect();
        for take in [0, 1, 2, 4, 5, 6] {
            let token = parts
                .iter()
                .cycle()
                .take(take)
                .copied()
                .collect::<Vec<_>>()
                .join(".");
            let found = token.split('.').count();
            maker.rejects(&token, &errors::segments(found));
        }
        // The JSON serialization (RFC 7515 §7.2).
        let (header, payload, signature) = (parts[0], parts[1], parts[2]);
        let protected = format!(r#""protected":"{header}","signature":"{signature}""#);
        for token in [
            format!(r#"{{"payload":"{payload}",{protected}}}"#),
            format!(r#"{{"payload":"{payload}","signatures":[{{{protected}}}]}}"#),
        ] {
            maker.rejects(&token, &errors::segments(1));
        }
    });
}

/// Returns texts that are not canonical base64url, given one that is.
fn not_canonical(segment: &str) -> Vec<String> {
    let (first, rest) = segment.split_at(1);
    let mut all: Vec<_> = [
        "=", "==", " ", "\n", "\r\n", "\0", "+", "/", "é", "%3D", "*", ":",
    ]
    .iter()
    .flat_map(|wrong| {
        [
            format!("{segment}{wrong}"),
            format!("{wrong}{segment}"),
            format!("{first}{wrong}{rest}"),
        ]
    })
    .collect();
    // A last group of one character.
    let whole = segment.len() / 4 * 4;
    all.push(format!("{}A", &segment[..whole]));
    // Unused bits that are not zero.
    all.push(format!("{}AB", &segment[..whole]));
    all.push(format!("{}AAB", &segment[..whole]));
    all
}

#[test]
fn base64url() {
    under_every_algorithm(|maker| {
        let good = maker.good();
        let parts: Vec<_> = good.split('.').collect();
        let &[header, payload, signature] = &*parts else {
            panic!("three segments");
        };
        let reason = "is not base64url without padding";
        for bad in not_canonical(header) {
            let token = forge_segments(maker.key, &bad, payload);
            maker.rejects(&token, &errors::malformed_header(reason));
        }
        for bad in not_canonical(payload) {
            let token = forge_segments(maker.key, header, &bad);
            maker.rejects(&token, &errors::malformed_payload(reason));
        }
        // White space at the start: see `hostile`.
        let starts = |bad: &String| bad.starts_with([' ', '\n', '\r']);
        for bad in not_canonical(signature)
            .into_iter()
            .filter(|bad| !starts(bad))
        {
            let reason = match bad.ends_with([' ', '\n']) {
                true => "has white space at its end: trim the token",
                false => reason,
            };
            let token = format!("{header}.{payload}.{bad}");
            maker.rejects(&token, &errors::malformed_signature(reason));
        }
    });
}

/// Returns malformed variants of an object, given without its closing brace.
fn malformed(open: &str) -> Vec<(Vec<u8>, &'static str)> {
    let (not_json, not_object) = ("is not valid JSON", "is not a JSON object");
    let duplicate = "has two members of the same name";
    let half = "has an escape for half of a surrogate pair";
    let texts = [
        (String::new(), not_json),
        (open.into(), not_json),
        (format!("{open},}}"), not_json),
        (format!("{open}}}}}"), not_json),
        (format!("{open}}}{{}}"), not_json),
        (format!("{open}}}\0"), not_json),
        (format!("\u{feff}{open}}}"), not_json),
        (format!("{open},'x':1}}"), not_json),
        (format!("{open},x:1}}"), not_json),
        (format!("{open},\"x\":NaN}}"), not_json),
        (format!("{open},\"x\":Infinity}}"), not_json),
        (format!("{open},\"x\":01}}"), not_json),
        (format!("{open},\"x\":+1}}"), not_json),
        (format!("{open},\"x\":1.}}"), not_json),
        (format!("{open},\"x\":undefined}}"), not_json),
        (format!("{open},\"x\":\"\n\"}}"), not_json),
        (format!("{open},\"x\":\"\\x41\"}}"), not_json),
        (format!("{open},\"x\"}}"), not_json),
        (format!("{open},\"x\":1/**/}}"), not_json),
        ("[]".into(), not_object),
        (format!("[{open}}}]"), not_object),
        ("\"{}\"".into(), not_object),
        ("null".into(), not_object),
        ("1".into(), not_object),
        ("true".into(), not_object),
        (format!("{open},\"x\":1,\"x\":1}}"), duplicate),
        (format!("{open},\"x\":1,\"\\u0078\":2}}"), duplicate),
        (format!("{open},\"\":1,\"\":1}}"), duplicate),
        (format!("{open},\"x\":\"\\ud800\"}}"), half),
        (format!("{open},\"x\":\"\\udc00\\ud800\"}}"), half),
        (format!("{open},\"x\":[{{\"\\ud800x\":1}}]}}"), half),
        (
            format!("{open},\"x\":{}{}}}", "[".repeat(127), "]".repeat(127)),
            "is nested more than 127 levels deep",
        ),
    ];
    let bytes = [
        (
            format!("{open},\"x\":\"\u{e9}\"}}"),
            &b"\xc3\xa9"[..],
            &b"\xe9"[..],
        ),
        (
            format!("{open},\"x\":\"\u{800}\"}}"),
            b"\xe0\xa0\x80",
            b"\xed\xa0\x80",
        ),
        (
            format!("{open},\"x\":\"\u{80}\"}}"),
            b"\xc2\x80",
            b"\xc0\x80",
        ),
    ]
    .map(|(text, good, bad)| {
        let mut text = text.into_bytes();
        let start = text.windows(good.len()).position(|window| window == good);
        let start = start.expect("the valid bytes");
        text.splice(start..start + good.len(), bad.iter().copied());
        (text, "is not valid UTF-8")
    });
    let texts = texts
        .into_iter()
        .map(|(text, reason)| (text.into_bytes(), reason));
    texts.chain(bytes).collect()
}

#[test]
fn json() {
    under_every_algorithm(|maker| {
        let fine = format!(
            ",\"x\":{}{},\"y\":\"\\ud83d\\ude00\u{e9}\",\"Y\":{{\"x\":1,\"x\":2}} \n",
            "[".repeat(126),
            "]".repeat(126)
        );
        let header = maker.header("");
        for (json, reason) in malformed(header.trim_end_matches('}')) {
            maker.rejects(&maker.with_header(json), &errors::malformed_header(reason));
        }
        maker.accepts(&maker.with_header(maker.header(&fine)));
        for (json, reason) in malformed(payload("").trim_end_matches('}')) {
            maker.rejects(
                &maker.with_payload(json),
                &errors::malformed_payload(reason),
            );
        }
        maker.accepts(&maker.with_payload(payload(&fine)));

        let duplicate = "has two members of the same name";
        for name in ["alg", "typ", "kid", "crit", "b64", "a\\u006cg"] {
            let header = format!(r#"{{"alg":"HS256","{name}":"JWT","{name}":"JWT"}}"#);
            maker.rejects(
                &maker.with_header(header),
                &errors::malformed_header(duplicate),
            );
        }
        for claim in REGISTERED {
            let payload = format!(r#"{{"{claim}":1,"{claim}":1}}"#);
            maker.rejects(
                &maker.with_payload(payload),
                &errors::malformed_payload(duplicate),
            );
        }
    });
}
