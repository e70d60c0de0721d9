//! The text of an inspection.

use jwt_ring::NumericDate;
use serde_json::{Map, Value};

use crate::checks::{Check, CheckResult, Inspection};
use crate::dates::{distance, rfc3339};
use crate::remedy::remedy;
use crate::terminal::{Line, Style};

/// The claims of RFC 7519 and OpenID Connect Core that are dates.
const DATES: [&str; 5] = ["exp", "nbf", "iat", "auth_time", "updated_at"];

pub(crate) fn lines(inspection: &Inspection, now: NumericDate) -> Vec<Line> {
    let mut lines = Vec::new();
    object(&mut lines, "Header", inspection.header.as_ref(), now);
    object(&mut lines, "Claims", inspection.claims.as_ref(), now);
    lines.push(line(Style::Title, "Checks"));
    for check in &inspection.checks {
        lines.extend(check_lines(check));
    }
    lines.push(result(inspection));
    lines
}

fn object(
    lines: &mut Vec<Line>,
    title: &str,
    members: Option<&Map<String, Value>>,
    now: NumericDate,
) {
    lines.push(line(Style::Title, title));
    let Some(members) = members else {
        return lines.push(line(
            Style::Plain,
            "  not a JSON object in base64url, or one that serde_json cannot hold",
        ));
    };
    for (name, value) in members {
        let date = match DATES.contains(&&**name) {
            true => serde_json::from_value::<NumericDate>(value.clone()).ok(),
            false => None,
        };
        let note = date.map(|date| format!("  ({}, {})", rfc3339(date), distance(date, now)));
        let text = format!("  {name}: {value}{}", note.unwrap_or_default());
        lines.push(line(Style::Plain, text));
    }
}

fn check_lines(Check { name, result }: &Check) -> Vec<Line> {
    let name = format!("{name:10}");
    match result {
        CheckResult::Passed(what) => {
            vec![line(Style::Passed, format!("  ok           {name} {what}"))]
        }
        CheckResult::NotChecked(why) => {
            vec![line(
                Style::NotChecked,
                format!("  not checked  {name} {why}"),
            )]
        }
        CheckResult::Failed(error) => {
            let code = error.code();
            let failed = line(
                Style::Failed,
                format!("  failed       {name} {error} ({code})"),
            );
            let remedy = remedy(error);
            let remedy = remedy.map(|remedy| line(Style::Plain, format!("{:26}{remedy}", "")));
            [Some(failed), remedy].into_iter().flatten().collect()
        }
    }
}

fn result(inspection: &Inspection) -> Line {
    match &inspection.result {
        Some(Ok(())) => line(Style::Passed, "Accepted"),
        Some(Err(error)) => line(
            Style::Failed,
            format!("Rejected: {error} ({})", error.code()),
        ),
        None => line(
            Style::NotChecked,
            "Not verified: without a key, anyone may have written this token",
        ),
    }
}

fn line(style: Style, text: impl Into<String>) -> Line {
    Line {
        style,
        text: text.into(),
    }
}
