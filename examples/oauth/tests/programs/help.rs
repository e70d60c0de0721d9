//! The options, as `--help` prints them.

use crate::{PROGRAMS, command, run};

/// An option: its flag, its metavariable (empty for a switch), and the words about it.
struct Described {
    flag: String,
    metavariable: String,
    words: String,
}

fn described(program: &str) -> Vec<Described> {
    let (output, help, _) = run(command(program).arg("--help"));
    assert!(output.status.success(), "{program}");
    let mut options: Vec<Described> = Vec::new();
    let mut lines = help.lines().skip_while(|line| !line.starts_with("Usage"));
    // The usage names the flags, too.
    let _ = lines.by_ref().take_while(|line| !line.is_empty()).count();
    for line in lines {
        // The words of a flag may begin with another one in a line of their own.
        let is_flag = line.starts_with("        --");
        let line = line.trim_start();
        if is_flag && !line.starts_with("--help") {
            let (flag, words) = line.split_once("  ").unwrap_or((line, ""));
            let (flag, metavariable) = flag.split_once('=').unwrap_or((flag, ""));
            options.push(Described {
                flag: flag.to_owned(),
                metavariable: metavariable.to_owned(),
                words: words.to_owned(),
            });
        } else if line.starts_with("-h") || line.is_empty() {
            continue;
        } else if let Some(option) = options.last_mut() {
            option.words.push(' ');
            option.words.push_str(line);
        }
    }
    options
}

impl Described {
    fn variable(&self) -> Option<&str> {
        let start = self.words.find("JWT_RING_")?;
        let name = &self.words[start..];
        let end = name.find(|letter: char| !letter.is_ascii_uppercase() && letter != '_');
        Some(&name[..end.unwrap_or(name.len())])
    }
}

/// Flags that need no variable: what they do is needed once, or is in the variable of another flag.
const WITHOUT_VARIABLE: [&str; 4] = ["--show-jwks", "--audience", "--jwks", "--profile"];
/// Flags that may be absent, and then mean nothing.
const WITHOUT_DEFAULT: [&str; 4] = ["--client-secret", "--client-key", "--ca-file", "--keys"];

#[test]
fn each_option_names_its_variable_and_its_default() {
    let counts = PROGRAMS.map(|program| {
        let options = described(program);
        for option in &options {
            let Described {
                flag,
                metavariable,
                words,
            } = option;
            let flag = &**flag;
            assert!(words.len() > 10, "{program} {flag} is not described");
            assert_ne!(metavariable, "ARG", "{program} {flag}");
            let has_variable = option.variable().is_some();
            assert!(
                has_variable || WITHOUT_VARIABLE.contains(&flag),
                "{program} {flag}: {words}"
            );
            let has_default = words.contains("[default: ") || words.contains("Default: ");
            assert!(
                has_default || metavariable.is_empty() || WITHOUT_DEFAULT.contains(&flag),
                "{program} {flag}: {words}"
            );
        }
        options.len()
    });
    assert!(
        counts[0] >= 25 && counts[1] >= 20 && counts[2] >= 10,
        "{counts:?}"
    );
}

#[test]
fn each_variable_is_read() {
    for program in PROGRAMS {
        for option in described(program) {
            let is_number = ["SECONDS", "BYTES", "PORT", "NUMBER", "TOKENS", "ADDRESS"]
                .contains(&&*option.metavariable);
            let Some(variable) = option.variable().filter(|_| is_number) else {
                continue;
            };
            let (output, _, stderr) = run(command(program).env(variable, "no number"));
            assert_eq!(
                output.status.code(),
                Some(1),
                "{program}: {variable} is not read"
            );
            assert!(
                stderr.contains("couldn't parse"),
                "{program} {variable}: {stderr}"
            );
        }
    }
}

#[test]
fn a_switch_can_be_off_in_the_environment() {
    for (program, variable) in [
        ("authorization_server", "JWT_RING_DPOP_NONCES"),
        ("authorization_server", "JWT_RING_TRUST_FORWARDED"),
        ("resource_server", "JWT_RING_DPOP_NONCES"),
    ] {
        let start = |value: &str| {
            let mut command = command(program);
            // An address of no interface, so that the program ends.
            let address = ["--host", "192.0.2.1", "--port", "0"];
            command.env(variable, value).args(address);
            run(&mut command).2
        };
        for value in ["true", "1", "yes", "false", "0", "no", ""] {
            let errors = start(value);
            assert!(
                errors.starts_with("error: cannot listen on"),
                "{program} {value}: {errors}"
            );
        }
        let errors = start("of");
        let expected = format!(r#"{variable}: expected true or false, found "of""#);
        assert!(errors.contains(&expected), "{program}: {errors}");
    }
}

#[test]
fn the_help_does_not_print_secrets_of_the_environment() {
    for (program, variable) in [
        ("client", "JWT_RING_CLIENT_SECRET"),
        ("authorization_server", "JWT_RING_USERS"),
        ("authorization_server", "JWT_RING_STORE"),
        ("resource_server", "JWT_RING_STORE"),
    ] {
        let (_, help, _) = run(command(program).env(variable, "alice:s3cret").arg("--help"));
        assert!(
            help.contains(variable) && !help.contains("s3cret"),
            "{help}"
        );
    }
}

#[test]
fn the_store_is_in_the_environment_or_a_flag() {
    for program in ["authorization_server", "resource_server"] {
        let start = |arguments: &[&str]| {
            let mut command = command(program);
            command.env("JWT_RING_STORE", "other:").args(arguments);
            // An address of no interface, so that the program ends.
            let (_, _, errors) = run(command.args(["--port", "0"]));
            errors
        };
        let errors = start(&[]);
        assert!(
            errors.contains("expected memory, sqlite:PATH"),
            "{program}: {errors}"
        );
        let errors = start(&["--store", "memory", "--host", "192.0.2.1"]);
        assert!(errors.contains("cannot listen on"), "{program}: {errors}");
    }
}

#[test]
fn an_unknown_or_malformed_option_is_an_error() {
    for (program, arguments, expected) in [
        ("authorization_server", &["--unknown"][..], "--unknown"),
        ("resource_server", &["--unknown"], "--unknown"),
        ("client", &["--unknown"], "--unknown"),
        ("axum_bearer", &["--unknown"], "--unknown"),
        ("oauth_flow", &["--unknown"], "--unknown"),
        ("authorization_server", &["8080"], "8080"),
        (
            "authorization_server",
            &["--user", "alice"],
            "expected NAME:PASSWORD",
        ),
        (
            "authorization_server",
            &["--log-format", "xml"],
            "expected `text` or `json`",
        ),
        ("authorization_server", &["--port", "65536"], "65536"),
        (
            "axum_bearer",
            &["--max-connections", "0"],
            "expected at least 1, found 0",
        ),
        (
            "axum_bearer",
            &["--max-connections-by-address", "0"],
            "expected at least 1, found 0",
        ),
        (
            "axum_bearer",
            &["--connection-time", "0"],
            "expected 1 to 3600 seconds, found 0",
        ),
        (
            "authorization_server",
            &["--max-time", "0"],
            "expected 1 to 3600 seconds, found 0",
        ),
        (
            "resource_server",
            &["--max-time", "3601"],
            "expected 1 to 3600 seconds, found 3601",
        ),
        (
            "resource_server",
            &["--fetch-timeout", "18446744073709551615"],
            "expected 1 to 3600 seconds, found 18446744073709551615",
        ),
        (
            "client",
            &["--fetch-timeout", "0"],
            "expected 1 to 3600 seconds, found 0",
        ),
        (
            "client",
            &["--grant", "password"],
            "expected authorization_code or client_credentials",
        ),
        (
            "client",
            &["--show-jwks"],
            "--show-jwks requires --client-key",
        ),
    ] {
        let (output, _, stderr) = run(command(program).args(arguments));
        assert_eq!(output.status.code(), Some(1), "{program} {arguments:?}");
        assert!(
            stderr.contains(expected),
            "{program} {arguments:?}: {stderr}"
        );
    }
}

#[test]
fn the_issuers_of_the_resource_server_are_in_the_environment_or_flags() {
    let start = |variable: (&str, &str), arguments: &[&str]| {
        let mut command = command("resource_server");
        command.env(variable.0, variable.1).args(arguments);
        run(command.args(["--port", "0"])).2
    };
    let api = ["--resource", "https://api.example"];
    let none = ("JWT_RING_OTHER", "");
    let insecure = ("JWT_RING_ISSUERS", "--issuer http://a.example");
    let two = ["--issuer", "http://b.example"];
    for (variable, arguments, expected) in [
        (
            none,
            &api[..],
            "error: expected an `--issuer`, or flags in JWT_RING_ISSUERS",
        ),
        (insecure, &[], "error: the issuer http://a.example: "),
        (insecure, &two, "error: the issuer http://b.example: "),
        (
            ("JWT_RING_ISSUER", "https://a.example"),
            &[],
            "JWT_RING_ISSUERS",
        ),
        (
            ("JWT_RING_ISSUERS", "https://a.example"),
            &[],
            "JWT_RING_ISSUERS: expected flags",
        ),
        (
            none,
            &["--host", "0.0.0.0"],
            "error: expected `--resource`, the public URL",
        ),
    ] {
        let errors = start(variable, arguments);
        assert!(
            errors.contains(expected),
            "{variable:?} {arguments:?}: {errors}"
        );
    }
}

#[test]
fn a_server_that_cannot_start_says_why() {
    for (arguments, expected) in [
        (
            &["--store", "postgres:"][..],
            "expected memory, sqlite:PATH or redis://HOST:PORT",
        ),
        (&["--clients", "/nowhere"], "/nowhere: "),
        (&["--issuer", "issuer.example"], "issuer.example"),
        (
            &["--host", "192.0.2.1"],
            "error: cannot listen on 192.0.2.1:0: ",
        ),
    ] {
        let mut command = command("authorization_server");
        let (output, stdout, stderr) = run(command.args(["--port", "0"]).args(arguments));
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(stderr.contains(expected), "{arguments:?}: {stderr}");
        assert_eq!(stdout, "", "{arguments:?}");
    }
}
