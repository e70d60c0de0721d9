//! Options that all programs parse in the same way.

use std::time::Duration;

use bpaf::{Parser, long};

const STORE: &str = "JWT_RING_STORE";

/// Parses a switch, which its environment variable can turn on, too.
pub fn switch(name: &'static str, variable: &'static str, help: &str) -> impl Parser<bool> + use<> {
    let help = format!("{help} [env:{variable}=true]");
    let flag = long(name).help(&*help).switch();
    flag.parse(
        move |is_given| match (is_given, std::env::var_os(variable)) {
            (true, _) => Ok(true),
            (false, None) => Ok(false),
            (false, Some(value)) => {
                let error = || format!("{variable}: expected true or false, found {value:?}");
                value.to_str().and_then(boolean).ok_or_else(error)
            }
        },
    )
}

/// Parses the address of a store, which may have a password: unlike that of `env`, this help does not
/// print the value of the variable.
pub fn store(help: &str) -> impl Parser<String> + use<> {
    let help =
        format!("{help}: memory, sqlite:PATH or redis://HOST:PORT [env:{STORE}] [default: memory]");
    let flag = long("store").help(&*help).argument("STORE").optional();
    flag.parse(|given| match (given, std::env::var_os(STORE)) {
        (Some(store), _) => Ok(store),
        (None, None) => Ok("memory".to_owned()),
        (None, Some(store)) => store
            .into_string()
            .map_err(|_| format!("{STORE}: expected UTF-8")),
    })
}

/// Returns a time limit in seconds: at least 1, and none that would overflow a clock.
///
/// # Errors
///
/// Returns the message for the user if the limit is not one of 1 to 3600 seconds.
pub fn time_limit(seconds: u64) -> Result<Duration, String> {
    match seconds {
        1..=3600 => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("expected 1 to 3600 seconds, found {seconds}")),
    }
}

/// Returns a maximum that is not zero.
///
/// # Errors
///
/// Returns the message for the user if it is zero.
pub fn at_least_one(number: usize) -> Result<usize, &'static str> {
    match number {
        0 => Err("expected at least 1, found 0"),
        _ => Ok(number),
    }
}

fn boolean(text: &str) -> Option<bool> {
    match &*text.to_ascii_lowercase() {
        "true" | "1" | "yes" => Some(true),
        "false" | "0" | "no" | "" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{at_least_one, boolean, time_limit};

    #[test]
    fn a_time_limit_is_at_least_a_second_and_at_most_an_hour() {
        for seconds in [1, 3600] {
            assert_eq!(time_limit(seconds), Ok(Duration::from_secs(seconds)));
        }
        for seconds in [0, 3601, u64::MAX] {
            let expected = format!("expected 1 to 3600 seconds, found {seconds}");
            assert_eq!(time_limit(seconds), Err(expected));
        }
    }

    #[test]
    fn a_maximum_is_at_least_one() {
        for number in [1, usize::MAX] {
            assert_eq!(at_least_one(number), Ok(number));
        }
        assert_eq!(at_least_one(0), Err("expected at least 1, found 0"));
    }

    #[test]
    fn a_boolean_has_few_spellings() {
        for (texts, expected) in [
            (["true", "1", "yes", "TRUE"], Some(true)),
            (["false", "0", "no", ""], Some(false)),
            (["2", "on", " ", "truee"], None),
        ] {
            assert_eq!(texts.map(boolean), [expected; 4], "{texts:?}");
        }
    }
}
