//! The real binary with all that it says: for tests of what it prints and logs.

use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::{Database, conformance, server::command};

/// A running server that is listened to. It is killed with the value.
pub struct Process {
    /// Where it listens.
    pub url: String,
    /// What it said on standard error before that.
    pub greeting: String,
    child: Child,
    log: Arc<Mutex<String>>,
}

impl Process {
    /// Serves this database with exactly these environment variables.
    pub fn serve(database: &Database, environment: &[(&str, &str)]) -> Self {
        let mut child = command()
            .args(["serve", "--listen", "127.0.0.1:0", "--database-url", &database.url])
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary `entente`: build it with `cargo build --bin entente`");
        let log = kept(child.stdout.take().expect("its standard output"));
        let said = kept(child.stderr.take().expect("its standard error"));
        let began = Instant::now();
        loop {
            let greeting = said.lock().expect("the lock").clone();
            if let Some(url) = greeting.lines().find_map(|line| line.strip_prefix("Entente is listening on ")) {
                let url = url.trim().to_owned();
                conformance::begins(&url);
                return Self { url, greeting, child, log };
            }
            let ended = child.try_wait().expect("its state").is_some();
            assert!(!ended && began.elapsed() < Duration::from_secs(60), "the server did not start: {greeting}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// All that it has logged.
    pub fn log(&self) -> String {
        self.log.lock().expect("the lock").clone()
    }

    /// The first line of the log with this text, as JSON; waits for it.
    pub fn logged(&self, text: &str) -> Value {
        let began = Instant::now();
        loop {
            let log = self.log();
            if let Some(line) = log.lines().find(|line| line.contains(text)) {
                return serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
            }
            assert!(began.elapsed() < Duration::from_secs(10), "nothing of {text} in {log}");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        conformance::ends(&self.url);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Keeps whole lines of what is said, until nothing more comes.
fn kept(from: impl Read + Send + 'static) -> Arc<Mutex<String>> {
    let kept = Arc::new(Mutex::new(String::new()));
    let ours = kept.clone();
    thread::spawn(move || {
        let (mut lines, mut line) = (BufReader::new(from), String::new());
        while lines.read_line(&mut line).is_ok_and(|read| read > 0) {
            ours.lock().expect("the lock").push_str(&std::mem::take(&mut line));
        }
    });
    kept
}
