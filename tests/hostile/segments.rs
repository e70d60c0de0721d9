//! Segments: their number, encoding and length.

use crate::support::{NOW, encode, errors, forge, forge_segments};
use crate::{
    DUPLICATE, NOT_JSON, check, check_defaults, key, payload, three, verifier, with_header,
    with_payload,
};

const NOT_BASE64URL: &str = "is not base64url without padding";
const WHITE_SPACE: &str = "has white space at its end: trim the token";

#[test]
fn a_token_has_three_segments() {
    let good = with_payload(payload());
    let [header, payload, signature] = three(&good);
    let many = ".".repeat(1_000_000);
    let rows = [
        ("nothing", String::new(), 1),
        ("no dot", header.into(), 1),
        ("no signature", format!("{header}.{payload}"), 2),
        ("a dot at the end", format!("{good}."), 4),
        ("a dot at the start", format!(".{good}"), 4),
        ("four", format!("{good}.{signature}"), 4),
        ("five", format!("{good}.{payload}.{signature}"), 5),
        ("a million dots", many.clone(), 1_000_001),
    ]
    .map(|(name, bad, found)| (name, bad, good.clone(), errors::segments(found)));
    let verifier = verifier().max_size(2_000_000);
    check(&verifier, &key().verifying_key(), rows);

    let (limit, found) = (64 * 1024, 1_000_000);
    let by_default = ("dots", many, good, errors::too_large(limit, found));
    check_defaults([by_default]);
}

#[test]
fn an_empty_segment_is_rejected() {
    let good = with_payload(payload());
    let [header, payload, signature] = three(&good);
    check_defaults(
        [
            ("all", "..".into(), errors::malformed_header(NOT_JSON)),
            (
                "header",
                forge(&key(), "", payload),
                errors::malformed_header(NOT_JSON),
            ),
            (
                "payload",
                with_payload(""),
                errors::malformed_payload(NOT_JSON),
            ),
            (
                "signature",
                format!("{header}.{payload}."),
                errors::invalid_signature(),
            ),
            (
                "payload, with the signature of another",
                format!("{header}..{signature}"),
                errors::invalid_signature(),
            ),
        ]
        .map(|(name, bad, error)| (name, bad, good.clone(), error)),
    );
}

#[test]
fn a_token_longer_than_its_limit_is_rejected() {
    let filled = |length: usize| format!(r#"{{"exp":{},"":"{}"}}"#, NOW + 1, "x".repeat(length));
    // 20 characters of header, 43 of signature, two dots; the rest is three quarters payload.
    let fit = (64 * 1024 - 65) * 3 / 4 - filled(0).len();
    let (limit, found) = (64 * 1024, 64 * 1024 + 1);
    let [bad, good] = [fit + 1, fit].map(|length| with_payload(filled(length)));
    assert_eq!([bad.len(), good.len()], [found, limit]);
    check_defaults([("token", bad, good, errors::too_large(limit, found))]);

    let good = with_payload(payload());
    let (limit, found) = (good.len(), good.len() + 1);
    let bad = format!("{good}A");
    let strict = verifier().max_size(limit);
    let error = errors::too_large(limit, found);
    check(&strict, &key().verifying_key(), [("set", bad, good, error)]);

    let header = |length: usize| format!(r#"{{"alg":"HS256","":"{}"}}"#, "x".repeat(length));
    let fit = 8 * 1024 - header(0).len();
    let rows = [1, 2, 3, 4, 1000].map(|more| {
        let [bad, good] = [fit + more, fit].map(|length| with_header(header(length)));
        let error = errors::malformed_header("is longer than 8 KiB");
        (format!("header {more} over"), bad, good, error)
    });
    check_defaults(rows);
}

/// If each name were compared with each other one, this would take a minute.
#[test]
fn the_work_is_linear_in_the_number_of_members() {
    for escape in ["", "\\u0061"] {
        let members = |count: usize| -> String {
            (0..count).map(|n| format!(r#","{escape}{n}":0"#)).collect()
        };
        let members = members(40_000);
        let bad = with_payload(format!(r#"{{"exp":{}{members},"{escape}7":0}}"#, NOW + 1));
        let good = with_payload(format!(r#"{{"exp":{}{members}}}"#, NOW + 1));
        let rows = [(escape, bad, good, errors::malformed_payload(DUPLICATE))];
        let verifier = verifier().max_size(usize::MAX);
        check(&verifier, &key().verifying_key(), rows);
    }
}

#[test]
fn a_segment_that_is_not_canonical_base64url_is_rejected() {
    type Change = fn(&str) -> String;
    let change: [(&str, Change); 12] = [
        ("one padding character", |text| format!("{text}=")),
        ("two padding characters", |text| format!("{text}==")),
        ("padding at the start", |text| format!("={text}")),
        ("a space at the end", |text| format!("{text} ")),
        ("a line feed at the end", |text| format!("{text}\n")),
        ("a line break within", |text| text.replacen('_', "_\r\n", 1)),
        ("a zero byte", |text| format!("{text}\0")),
        ("a letter outside ASCII", |text| format!("{text}é")),
        ("the slash of the standard alphabet", |text| {
            text.replacen('_', "/", 1)
        }),
        ("the plus of the standard alphabet", |text| {
            text.replacen('-', "+", 1)
        }),
        ("a character that adds no byte", |text| {
            format!("{text}{}", &"AAA"[..(5 - text.len() % 4) % 4])
        }),
        ("unused bits that are not zero", |text| {
            // The twins' last characters stand for bits of which the lowest are unused.
            let (rest, last) = text.split_at(text.len() - 1);
            format!("{rest}{}", char::from(last.as_bytes()[0] + 1))
        }),
    ];
    // Both special characters stand in each segment, and no length is a multiple of four.
    let header = encode(r#"{"alg":"HS256","":"?????>>>>>"}"#);
    let (payload, good) = (0..10_000)
        .map(|n| encode(format!(r#"{{"exp":9000000000,"":"?????>>>>>{n:04}"}}"#)))
        .map(|payload| (payload.clone(), forge_segments(&key(), &header, &payload)))
        .find(|(_, token)| three(token)[2].contains('-') && three(token)[2].contains('_'))
        .expect("a signature with both");
    let [_, _, signature] = three(&good);
    for (name, change) in change {
        let rows = [
            (
                forge_segments(&key(), &change(&header), &payload),
                errors::malformed_header(NOT_BASE64URL),
            ),
            (
                forge_segments(&key(), &header, &change(&payload)),
                errors::malformed_payload(NOT_BASE64URL),
            ),
            (
                format!("{header}.{payload}.{}", change(signature)),
                errors::malformed_signature(match name {
                    "a space at the end" | "a line feed at the end" => WHITE_SPACE,
                    _ => NOT_BASE64URL,
                }),
            ),
        ];
        check_defaults(rows.map(|(bad, error)| {
            assert_ne!(bad, good, "{name}");
            (name, bad, good.clone(), error)
        }));
    }
}

#[test]
fn white_space_before_a_segment_is_not_reported_as_white_space_at_its_end() {
    let good = with_payload(payload());
    let [header, payload, signature] = three(&good);
    let key = key();
    check_defaults([
        (
            "header",
            forge_segments(&key, &format!(" {header}"), payload),
            good.clone(),
            errors::malformed_header(NOT_BASE64URL),
        ),
        (
            "payload",
            forge_segments(&key, header, &format!(" {payload}")),
            good.clone(),
            errors::malformed_payload(NOT_BASE64URL),
        ),
        (
            "signature",
            format!("{header}.{payload}. {signature}"),
            good.clone(),
            errors::malformed_signature(NOT_BASE64URL),
        ),
    ]);
}
