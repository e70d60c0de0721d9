//! axe-core, which finds what makes a page hard to use with assistive technology.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::driver::Browser;

const PACKAGE: &str = "axe-core@4.14.1";

/// What axe is unsure about is a failure, too. `target-size` is a rule of WCAG 2.2 AA that is off by default.
const RUN: &str = "
    const options = { rules: { 'target-size': { enabled: true } } };
    return axe.run(options).then(({ violations, incomplete, passes }) => ({
        problems: [...violations, ...incomplete].flatMap(({ id, nodes }) =>
            nodes.map(({ html, failureSummary }) => `${id}: ${html}: ${failureSummary}`)),
        passes: passes.map(({ id }) => id),
    }));";

pub(crate) struct Axe(String);

impl Axe {
    /// Gets the package from npm unless a previous test did. Returns `None` if npm is missing or offline,
    /// unless `REQUIRE_AXE=1` is set.
    pub(crate) fn fetch() -> Option<Self> {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PACKAGE);
        let script = directory.join("node_modules/axe-core/axe.min.js");
        if !script.exists() {
            let npm = Command::new("npm")
                .args(["install", PACKAGE, "--prefix"])
                .arg(&directory)
                .args(["--ignore-scripts", "--no-audit", "--no-fund"])
                .args(["--fetch-retries=0", "--fetch-timeout=20000"])
                .stdin(Stdio::null())
                .output();
            let failure = match npm {
                Ok(output) if output.status.success() => None,
                Ok(output) => Some(String::from_utf8_lossy(&output.stderr).into_owned()),
                Err(error) => Some(error.to_string()),
            };
            if let Some(failure) = failure {
                let is_required = std::env::var_os("REQUIRE_AXE").is_some();
                assert!(!is_required, "npm cannot install {PACKAGE}: {failure}");
                println!("skipped: npm cannot install {PACKAGE}: {failure}");
                return None;
            }
        }
        Some(Self(std::fs::read_to_string(script).expect("the script")))
    }

    /// Checks the page that the browser shows.
    pub(crate) fn check(&self, browser: &Browser, page: &str) {
        // Scripts of the driver are not subject to the policy of the page.
        browser.run(&self.0);
        let result = browser.run(RUN);
        let none = Value::Array(Vec::new());
        assert_eq!(result["problems"], none, "{page}");
        let passes = result["passes"].as_array().expect("rules");
        for rule in [
            "color-contrast",
            "document-title",
            "html-has-lang",
            "region",
        ] {
            assert!(passes.iter().any(|passed| passed == rule), "{page}: {rule}");
        }
    }
}
