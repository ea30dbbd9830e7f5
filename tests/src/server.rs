//! The real binary, started for one test.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::{Client, Database, Kind, conformance};

/// The first administrator of every test's server.
pub const ADMIN: (&str, &str) = ("admin@vendor.example", "a password for tests");

/// A running server. It is killed with the value.
pub struct Server {
    /// Its database; several servers may share one.
    pub database: Arc<Database>,
    /// Where it listens.
    pub url: String,
    child: Child,
    errors: Arc<Mutex<String>>,
    log: PathBuf,
}

impl Server {
    /// A server on an empty database.
    pub fn start(kind: Kind) -> Self {
        Self::with(Arc::new(Database::empty(kind)), &[])
    }

    /// A server on this database, with these environment variables besides the usual.
    pub fn with(database: Arc<Database>, environment: &[(&str, &str)]) -> Self {
        Self::by(command(), database, environment)
    }

    /// The same by another command, such as one of [`wrapped`].
    pub fn by(mut command: Command, database: Arc<Database>, environment: &[(&str, &str)]) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let log = database.folder.path().join(format!("server-{}.log", STARTED.fetch_add(1, Ordering::Relaxed)));
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--database-url", &database.url])
            .env("ENTENTE_ADMIN_EMAIL", ADMIN.0)
            .env("ENTENTE_ADMIN_PASSWORD", ADMIN.1)
            .env("ENTENTE_PUBLIC_URL", "http://entente.test")
            .env("ENTENTE_CALLER_RATE", "0")
            .env("ENTENTE_TOKEN_RATE", "0")
            .env("ENTENTE_CHECK_RATE", "0")
            .env("ENTENTE_SWEEP_SECONDS", "1")
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(File::create(&log).expect("a file for its log"))
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary `entente`: build it with `cargo build --bin entente`");
        let mut lines = BufReader::new(child.stderr.take().expect("its standard error"));
        let errors = Arc::new(Mutex::new(String::new()));
        let url = listening(&mut lines).unwrap_or_else(|said| panic!("the server did not start: {said}"));
        conformance::begins(&url);
        let kept = errors.clone();
        // Somebody must read what it says, or it stops when the pipe is full.
        thread::spawn(move || {
            let mut rest = String::new();
            while lines.read_line(&mut rest).is_ok_and(|read| read > 0) {
                kept.lock().expect("the lock").push_str(&std::mem::take(&mut rest));
            }
        });
        Self { database, url, child, errors, log }
    }

    /// Another server on the same database.
    pub fn another(&self) -> Self {
        Self::with(self.database.clone(), &[])
    }

    /// Nobody, yet.
    pub fn client(&self) -> Client {
        Client::new(&self.url)
    }

    /// The first administrator, signed in.
    pub fn admin(&self) -> Client {
        self.client().signed_in(ADMIN.0, ADMIN.1)
    }

    /// Kills it as `kill -9` does, and waits until it is gone.
    pub fn kill(&mut self) {
        self.child.kill().expect("kill");
        self.child.wait().expect("wait");
    }

    /// Asks it to stop, and waits; whether it ended well.
    pub fn stop(&mut self) -> bool {
        self.terminate();
        self.ended_well()
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        assert!(Command::new("kill").args(["-TERM", &self.id()]).status().expect("kill").success());
    }

    /// Waits until it has ended; whether it ended well.
    pub fn ended_well(&mut self) -> bool {
        self.child.wait().expect("wait").success()
    }

    /// Its process's id.
    pub fn id(&self) -> String {
        self.child.id().to_string()
    }

    /// What it has logged: all that it wrote to standard output.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("its log")
    }

    /// What it wrote to standard error after its greeting.
    pub fn errors(&self) -> String {
        self.errors.lock().expect("the lock").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        conformance::ends(&self.url);
        // It may be dead already: some tests kill it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The binary that was built beside the tests.
pub fn command() -> Command {
    without_settings(Command::new(binary()))
}

/// The binary by way of another program, which gets its path as the last of its own arguments.
pub fn wrapped(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).arg(binary());
    without_settings(command)
}

fn binary() -> PathBuf {
    let tests = std::env::current_exe().expect("the test's own path");
    let folder = tests.ancestors().find(|path| path.ends_with("debug") || path.ends_with("release"));
    folder.expect("target/debug").join("entente")
}

fn without_settings(mut command: Command) -> Command {
    // What the developer has set must not change what is tested.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("ENTENTE_") || name == "DATABASE_URL") {
        command.env_remove(name);
    }
    command
}

/// Waits until it says where it listens.
fn listening(lines: &mut impl BufRead) -> Result<String, String> {
    let (started, mut said) = (Instant::now(), String::new());
    while started.elapsed() < Duration::from_secs(60) {
        let mut line = String::new();
        if lines.read_line(&mut line).map_err(|error| error.to_string())? == 0 {
            break;
        }
        if let Some(url) = line.trim().strip_prefix("Entente is listening on ") {
            return Ok(url.to_owned());
        }
        said.push_str(&line);
    }
    // It has ended, or says no more: what is left explains why.
    let _ = lines.read_to_string(&mut said);
    Err(said)
}
