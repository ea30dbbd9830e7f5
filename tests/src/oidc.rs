//! An OpenID provider and a token library, neither of them ours: the second opinion on tokens.

use std::{
    io::{BufRead, BufReader, Write},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Once, mpsc},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::{Answer, Client};

/// What the provider's tokens for Entente name as their audience.
pub const AUDIENCE: &str = "https://entente.test";

/// A running provider. It ends with the value.
pub struct Provider {
    /// What its tokens name as issuer, and where it is.
    pub issuer: String,
    child: Child,
}

impl Provider {
    /// Starts one, with new keys. Node sometimes stands still for ever while it frees the job that made a key; then
    /// another is started.
    pub fn start() -> Self {
        let started = (0..3).find_map(|_| Self::try_start());
        started.expect("a provider that greets within half a minute, at one of three attempts")
    }

    fn try_start() -> Option<Self> {
        // The provider lives as long as its standard input, which `child` keeps open.
        let mut child = node("provider.mjs").stderr(Stdio::null()).spawn().expect("node");
        let mut output = BufReader::new(child.stdout.take().expect("its output"));
        let (greet, greeting) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            if output.read_line(&mut line).is_ok() {
                let _ = greet.send(line);
            }
        });
        let mut provider = Self { issuer: String::new(), child };
        let line = greeting.recv_timeout(Duration::from_secs(30)).ok()?;
        let ready: Value = serde_json::from_str(&line).expect("its greeting as JSON");
        ready["issuer"].as_str().expect("an issuer").clone_into(&mut provider.issuer);
        Some(provider)
    }

    /// A token that the provider gives one of its clients.
    pub fn token(&self, client: &str, audience: &str) -> String {
        let form = [("grant_type", "client_credentials"), ("resource", audience), ("scope", "read")];
        let request = Client::new(&self.issuer).request(reqwest::Method::POST, "/token");
        Answer::of(request.basic_auth(client, Some("crm-secret")).form(&form)).expect_status(200).text("access_token")
    }

    /// Signs with new keys from now on, and publishes the old ones too if they are to be kept.
    pub fn rotate(&self, keep: bool) {
        Client::new(&self.issuer).post("/__rotate", &json!({"keep": keep})).expect_status(200);
    }

    /// Answers 503 for so long.
    pub fn outage(&self, seconds: u32) {
        Client::new(&self.issuer).post("/__outage", &json!({"seconds": seconds})).expect_status(200);
    }

    /// How often its keys were asked for.
    pub fn fetches(&self) -> i64 {
        let counted = Client::new(&self.issuer).get("/__jwks_fetches").expect_status(200).json;
        counted["jwks_fetches"].as_i64().expect("a number")
    }

    /// Takes connections and answers none, until [`Self::go_on`].
    pub fn hang(&self) {
        self.signal("-STOP");
    }

    /// Answers again.
    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status().expect("kill");
        assert!(sent.success());
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Verifies one of our tokens with another library, against the keys that we publish; header and payload.
pub fn verify(token: &str, jwks: &Value, issuer: &str) -> Result<(Value, Value), String> {
    verified(&json!({
        "verify": token, "jwks": jwks, "issuer": issuer, "audience": issuer, "typ": "at+jwt", "alg": "EdDSA"
    }))
}

/// Verifies a credential with another library, against the key that its header names; header and payload.
pub fn verify_credential(token: &str, keys: &[Value], issuer: &str) -> Result<(Value, Value), String> {
    verified(&json!({"verify": token, "jwks": {"keys": keys}, "issuer": issuer, "typ": "JWT", "alg": "ES256"}))
}

fn verified(task: &Value) -> Result<(Value, Value), String> {
    let done = jose(task);
    match done["error"].as_str() {
        Some(error) => Err(error.to_owned()),
        None => Ok((done["header"].clone(), done["payload"].clone())),
    }
}

/// Signs with another library; with a key that nobody knows, if none is given as PKCS#8 in PEM.
pub fn sign(header: &Value, payload: &Value, key: Option<&str>) -> String {
    let done = jose(&json!({"sign": payload, "header": header, "key": key}));
    done["token"].as_str().unwrap_or_else(|| panic!("{done}")).to_owned()
}

fn jose(task: &Value) -> Value {
    let mut child = node("jose.mjs").spawn().expect("node");
    child.stdin.take().expect("its input").write_all(task.to_string().as_bytes()).expect("the task");
    let output = child.wait_with_output().expect("an answer");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn node(script: &str) -> Command {
    static INSTALLED: Once = Once::new();
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("oidc");
    INSTALLED.call_once(|| {
        if !folder.join("node_modules").exists() {
            let done = Command::new("npm").arg("ci").current_dir(&folder).stdout(Stdio::null()).status();
            assert!(done.expect("npm").success(), "npm ci");
        }
    });
    let mut command = Command::new("node");
    command.arg(script).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}
