//! Header and payload as a whole: an object, in UTF-8, and nothing beside it.

use crate::case::{Case, Rule, choice, must};

const OBJECT: Rule = must(&["RFC 7519 §7.2", "RFC 7515 §5.2"]);
const ONE_TEXT: Rule = must(&["RFC 8259 §2", "RFC 7519 §7.2", "RFC 7515 §5.2"]);
const UTF8: Rule = must(&[
    "RFC 7519 §7.2",
    "RFC 7515 §5.2",
    "RFC 8259 §8.1",
    "RFC 8725bis §3.7",
]);
/// The header of a token whose payload is the case, so that both have the same twin.
const HEADER: &str = r#"{"alg":"HS256"}"#;
const MARK: Rule = choice(&["RFC 8259 §8.1"]);

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![
        OBJECT
            .accept("object", "Header and payload are objects.")
            .header(HEADER),
        ONE_TEXT
            .accept(
                "space-around-header",
                "All white space of JSON is around the header.",
            )
            .header("\t\n\r {\"alg\":\"HS256\"} \r\n\t"),
        ONE_TEXT
            .accept(
                "space-around-payload",
                "All white space of JSON is around the payload.",
            )
            .header(HEADER)
            .payload("\t\n\r {\"exp\":1800000900} \r\n\t"),
        UTF8.accept(
            "header-utf-8",
            "The header has characters of two, three and four bytes.",
        )
        .parameters("\"a\":\"é€😀\""),
        UTF8.accept(
            "payload-utf-8",
            "The payload has characters of two, three and four bytes.",
        )
        .header(HEADER)
        .claims("\"a\":\"é€😀\""),
        UTF8.accept("payload-mark-within", "A string of the payload has U+FEFF.")
            .claims("\"a\":\"\u{feff}\""),
    ];
    for (slug, about, text) in TEXTS {
        cases.extend(in_both(OBJECT, slug, about, "object", |member| {
            text.replace('@', member).into_bytes()
        }));
    }
    for (slug, about, text, twin) in ENDS {
        cases.extend(in_both(ONE_TEXT, slug, about, twin, |member| {
            text.replace('@', member).into_bytes()
        }));
    }
    for (slug, about, bytes) in BYTES {
        cases.extend(in_both(UTF8, slug, about, "@-utf-8", |member| {
            [b"{", member.as_bytes(), b",\"a\":\"", *bytes, b"\"}"].concat()
        }));
    }
    for (slug, about, encode) in ENCODINGS {
        cases.extend(in_both(UTF8, slug, about, "object", |member| {
            encode(&format!("{{{member}}}"))
        }));
    }
    cases.extend(in_both(
        MARK,
        "mark",
        "begins with U+FEFF",
        "object",
        |member| format!("\u{feff}{{{member}}}").into_bytes(),
    ));
    cases
}

/// Texts that are not one object. `@` stands for the required member.
const TEXTS: &[(&str, &str, &str)] = &[
    ("array", "is an array of the object", "[{@}]"),
    (
        "array-of-values",
        "is an array of the values",
        r#"["HS256",1800000900]"#,
    ),
    ("string", "is a string that holds an object", r#""{}""#),
    ("number", "is a number", "1800000900"),
    ("null", "is `null`", "null"),
    ("true", "is `true`", "true"),
    ("space-only", "is a space", " "),
    ("members-only", "is the members without braces", "@"),
];

/// Texts that are not JSON because of text around the object.
const ENDS: &[(&str, &str, &str, &str)] = &[
    ("no-end", "has no closing brace", "{@", "object"),
    ("no-start", "has no opening brace", "@}", "object"),
    (
        "brace-after",
        "has a second closing brace",
        "{@}}",
        "object",
    ),
    ("two-objects", "is two objects", "{@}{@}", "object"),
    (
        "two-lines",
        "is two objects on two lines",
        "{@}\n{@}",
        "object",
    ),
    (
        "comma-after",
        "has a comma after the object",
        "{@},",
        "object",
    ),
    (
        "word-after",
        "has a letter after the object",
        "{@} x",
        "object",
    ),
    (
        "nul-after",
        "has U+0000 after the object",
        "{@}\0",
        "object",
    ),
    (
        "nul-before",
        "has U+0000 before the object",
        "\0{@}",
        "object",
    ),
    (
        "comment-before",
        "begins with a comment",
        "/**/{@}",
        "object",
    ),
    ("comment-after", "ends with a comment", "{@}//", "object"),
    (
        "wrapper",
        "is the argument of a function, as in JSONP",
        "f({@})",
        "object",
    ),
    (
        "no-break-space-before",
        "begins with U+00A0",
        "\u{a0}{@}",
        "space-around-@",
    ),
    (
        "form-feed-before",
        "begins with U+000C",
        "\u{c}{@}",
        "space-around-@",
    ),
    (
        "vertical-tab-after",
        "ends with U+000B",
        "{@}\u{b}",
        "space-around-@",
    ),
    (
        "line-separator-after",
        "ends with U+2028",
        "{@}\u{2028}",
        "space-around-@",
    ),
];

/// Bytes within a string that are not UTF-8.
const BYTES: &[(&str, &str, &[u8])] = &[
    ("byte-ff", "has a byte that UTF-8 never has", b"\xff"),
    ("character-cut", "has the first byte of two", b"\xc3"),
    (
        "byte-of-middle",
        "has a byte that begins no character",
        b"\x80",
    ),
    ("overlong-nul", "has U+0000 in two bytes", b"\xc0\x80"),
    (
        "overlong-slash",
        "has a slash in three bytes",
        b"\xe0\x80\xaf",
    ),
    (
        "surrogates",
        "has U+1F600 as two surrogates in UTF-8 each",
        b"\xed\xa0\xbd\xed\xb8\x80",
    ),
    (
        "beyond-unicode",
        "has a character after U+10FFFF",
        b"\xf4\x90\x80\x80",
    ),
    ("latin-1", "is in Latin-1", b"\xe9t\xe9"),
];

type Encoding = fn(&str) -> Vec<u8>;

/// Other encodings of the whole text.
const ENCODINGS: &[(&str, &str, Encoding)] = &[
    ("utf-16le", "is in UTF-16LE", |text| {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }),
    (
        "utf-16be-marked",
        "is in UTF-16BE with a byte order mark",
        |text| {
            let text = format!("\u{feff}{text}");
            text.encode_utf16().flat_map(u16::to_be_bytes).collect()
        },
    ),
    ("utf-32le", "is in UTF-32LE", |text| {
        let characters = text.chars().map(u32::from);
        characters.flat_map(u32::to_le_bytes).collect()
    }),
];

/// Breaks a rule in the header and in the payload. `text` makes the text of the required member. In
/// the slug of the twin, `@` stands for `header` or `payload`.
pub(super) fn in_both(
    rule: Rule,
    slug: &str,
    about: &str,
    twin: &str,
    text: impl Fn(&str) -> Vec<u8>,
) -> [Case; 2] {
    let reject = |reason, segment| {
        let about = format!("The {segment} {about}.");
        let twin = twin.replace('@', segment);
        rule.reject(reason, format!("{segment}-{slug}"), about)
            .twin(twin)
    };
    [
        reject("malformed_header", "header").header(text(r#""alg":"HS256""#)),
        reject("malformed_payload", "payload")
            .header(HEADER)
            .payload(text(r#""exp":1800000900"#)),
    ]
}
