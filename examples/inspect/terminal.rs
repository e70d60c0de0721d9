//! Text for a terminal.

/// A line of the output, with its colour.
pub(crate) struct Line {
    pub(crate) style: Style,
    pub(crate) text: String,
}

#[derive(Clone, Copy)]
pub(crate) enum Style {
    Plain,
    Title,
    Passed,
    NotChecked,
    Failed,
}

impl Style {
    /// Returns the parameters of the escape sequence (ECMA-48, SGR).
    fn code(self) -> &'static str {
        match self {
            Self::Plain => "0",
            Self::Title => "1",
            Self::Passed => "32",
            Self::NotChecked => "33",
            Self::Failed => "31",
        }
    }
}

/// Joins lines to a text in which nothing but this program's colours controls the terminal.
pub(crate) fn render(lines: &[Line], colour: bool) -> String {
    let mut output = String::new();
    for Line { style, text } in lines {
        let text = printable(text);
        match colour {
            true => output.push_str(&format!("\x1b[{}m{text}\x1b[0m\n", style.code())),
            false => output.push_str(&format!("{text}\n")),
        }
    }
    output
}

/// Escapes what does not print: control characters, which can start escape sequences, and characters
/// that reverse or hide text.
pub(crate) fn printable(text: &str) -> String {
    let mut output = String::new();
    for character in text.chars() {
        match character {
            '"' | '\'' | '\\' => output.push(character),
            _ => output.extend(character.escape_debug()),
        }
    }
    output
}
