//! Header parameters.

use jwt_ring::Algorithm;

use crate::support::{ALGORITHMS, errors, forge};
use crate::{Maker, under_every_algorithm};

const ED25519: [Algorithm; 2] = [Algorithm::EdDSA, Algorithm::Ed25519];

#[test]
fn alg() {
    under_every_algorithm(|maker| {
        let with_alg = |json: &str| maker.with_header(format!(r#"{{"alg":{json}}}"#));
        for found in ALGORITHMS
            .into_iter()
            .filter(|one| *one != maker.algorithm())
        {
            // `EdDSA` and `Ed25519` name the same signatures.
            if [maker.algorithm(), found]
                .iter()
                .all(|one| ED25519.contains(one))
            {
                maker.accepts(&with_alg(&format!("\"{found}\"")));
                continue;
            }
            let mismatch = errors::algorithm_mismatch(maker.algorithm(), found);
            maker.rejects(&with_alg(&format!("\"{found}\"")), &mismatch);
        }
        let own = maker.algorithm().name();
        let mut names: Vec<_> = ["none", "None", "NONE", "nOnE", "", "ES512", "ES256K", "HS1"]
            .map(str::to_owned)
            .into();
        names.extend([
            own.to_ascii_lowercase(),
            own.to_ascii_uppercase()
                .replace("HS", "hS")
                .replace("S", "s"),
            format!("{own} "),
            format!(" {own}"),
            format!("{own}\\u0000"),
            format!("{own},none"),
        ]);
        for name in names {
            let unsupported = errors::unsupported_algorithm();
            let signed = with_alg(&format!("\"{name}\""));
            maker.rejects(&signed, &unsupported);
            let bare = &signed[..=signed.rfind('.').expect("a dot")];
            maker.rejects(bare, &unsupported);
        }
        for value in ["null", "1", "true", "[]", &format!("[\"{own}\"]"), "{}"] {
            let reason = "has an `alg` that is not a string";
            maker.rejects(&with_alg(value), &errors::malformed_header(reason));
        }
        maker.rejects(
            &maker.with_header("{}"),
            &errors::malformed_header("has no `alg`"),
        );
        // Names may be written with escapes, and in any order.
        let escaped = format!(r#"{{"typ":"JWT","\u0061lg":"{own}"}}"#);
        maker.accepts(&maker.with_header(escaped));
    });
}

#[test]
fn extensions() {
    under_every_algorithm(|maker| {
        for crit in [
            "[]",
            r#"["exp"]"#,
            r#"["b64"]"#,
            r#"["alg"]"#,
            "null",
            "{}",
            "false",
            "\"\"",
        ] {
            let error = errors::unsupported_extension("crit");
            maker.rejects(
                &maker.with_header(maker.header(&format!(r#","crit":{crit}"#))),
                &error,
            );
            // Also if the parameters that it lists are present.
            let members = format!(r#","crit":{crit},"b64":true,"exp":1"#);
            maker.rejects(&maker.with_header(maker.header(&members)), &error);
        }
        for b64 in ["false", "null", "0", "\"true\"", "[]"] {
            let error = errors::unsupported_extension("b64");
            maker.rejects(
                &maker.with_header(maker.header(&format!(r#","b64":{b64}"#))),
                &error,
            );
        }
        for fine in [
            r#","b64":true"#,
            r#","Crit":["exp"]"#,
            r#","x":{"crit":["exp"]}"#,
        ] {
            maker.accepts(&maker.with_header(maker.header(fine)));
        }
    });
}

#[test]
fn typ() {
    under_every_algorithm(|maker| {
        let with_typ = |typ: &str| maker.with_header(maker.header(&format!(r#","typ":{typ}"#)));
        let unexpected = errors::typ_mismatch(&[]);
        for typ in [
            "at+jwt",
            "application/at+jwt",
            "dpop+jwt",
            "logout+jwt",
            "JOSE",
            "",
            "JWT ",
        ] {
            maker.rejects(&with_typ(&format!("\"{typ}\"")), &unexpected);
        }
        for typ in ["null", "1", r#"["JWT"]"#] {
            let reason = "has a `typ` that is not a string";
            maker.rejects(&with_typ(typ), &errors::malformed_header(reason));
        }
        for typ in ["JWT", "jwt", "application/jwt", "Application/JWT"] {
            maker.accepts(&with_typ(&format!("\"{typ}\"")));
        }
        let expecting = Maker {
            key: maker.key,
            public: maker.public.clone(),
            verifier: maker.verifier.clone().typ("at+jwt"),
        };
        for typ in ["at+jwt", "application/at+jwt", "AT+JWT"] {
            expecting.accepts(&with_typ(&format!("\"{typ}\"")));
        }
        let mismatch = errors::typ_mismatch(&["at+jwt"]);
        for typ in ["JWT", "at+jwt2", "text/at+jwt", "application/at+jwt/x"] {
            expecting.rejects(&with_typ(&format!("\"{typ}\"")), &mismatch);
        }
        expecting.rejects(&maker.good(), &mismatch);
    });
}

/// RFC 7519 §7.2 step 8.
#[test]
fn nested() {
    under_every_algorithm(|maker| {
        let inner = maker.good();
        let with_inner = |members: &str| forge(maker.key, maker.header(members), &inner);
        maker.rejects(
            &with_inner(""),
            &errors::malformed_payload("is not valid JSON"),
        );
        for cty in ["JWT", "jwt", "application/jwt"] {
            let member = format!(r#","cty":"{cty}""#);
            maker.rejects(&with_inner(&member), &errors::nested_token());
            maker.rejects(
                &maker.with_header(maker.header(&member)),
                &errors::nested_token(),
            );
        }
        maker.accepts(&maker.with_header(maker.header(r#","cty":"json""#)));
        for cty in ["null", "1", r#"["JWT"]"#] {
            let reason = "has a `cty` that is not a string";
            let token = maker.with_header(maker.header(&format!(r#","cty":{cty}"#)));
            maker.rejects(&token, &errors::malformed_header(reason));
        }
    });
}
