//! Options that all programs parse in the same way.

use bpaf::{Parser, long};

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

fn boolean(text: &str) -> Option<bool> {
    match &*text.to_ascii_lowercase() {
        "true" | "1" | "yes" => Some(true),
        "false" | "0" | "no" | "" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::boolean;

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
