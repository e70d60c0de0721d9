//! base64url without padding.

use crate::case::{Case, HEADER, Rule, must};
use crate::sign::encode;

const NO_PADDING: Rule = must(&["RFC 7515 §2", "RFC 7515 §5.2", "RFC 8725bis §3.14"]);

pub(crate) fn cases() -> Vec<Case> {
    vec![
        NO_PADDING
            .accept("no-padding", "No segment is padded.")
            .header(format!("{HEADER} ")),
        NO_PADDING
            .reject("malformed_header", "header-padded", "The header is padded.")
            .header_segment(encode(format!("{HEADER} ")) + "=")
            .twin("no-padding"),
        NO_PADDING
            .reject(
                "malformed_signature",
                "signature-padded",
                "The signature is padded.",
            )
            .edit(|token| format!("{token}="))
            .twin("no-padding"),
    ]
}
