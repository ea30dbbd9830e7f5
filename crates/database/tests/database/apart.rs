//! Some tests need other rights or another disk than the test binary has: they run themselves again in a child.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// Set in the child: the folder that it is to use.
const APART: &str = "ENTENTE_TEST_APART";

/// In the child, the folder that the parent made for it.
pub fn folder() -> Option<PathBuf> {
    std::env::var_os(APART).map(PathBuf::from)
}

/// Runs one test of this binary under another command, with databases in `folder`.
pub fn run_again(test: &str, under: &[&str], folder: &Path) {
    let mut command = Command::new(under[0]);
    command.args(&under[1..]).arg(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(APART, folder).env("TMPDIR", folder);
    let output = command.output().unwrap_or_else(|error| panic!("cannot run {}: {error}", under[0]));
    let said = String::from_utf8_lossy(&output.stdout);
    // A name that has changed would run nothing, successfully.
    let ran = output.status.success() && said.contains("1 passed");
    assert!(ran, "{test} under {under:?}:\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
}
