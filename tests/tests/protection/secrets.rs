//! No log line and no message tells a secret: whatever is done with it, right or wrong.

use std::net::TcpListener;

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use tests::{Answer, Client, Database, Kind, Process, Value, json, server::command};

/// The secrets that only a test can know by heart.
const ADMIN: (&str, &str) = ("boss@vendor.example", "Hunter2-of-the-admin");
const CAPTCHA: &str = "Hunter2-of-the-captcha";
const DATABASE: &str = "Hunter2-of-the-database";

/// Everything that must not be told, each with what it is.
#[derive(Default)]
struct Secrets(Vec<(String, String)>);

impl Secrets {
    fn keep(&mut self, what: &str, secret: &str) -> String {
        assert!(secret.len() > 7, "{what} is too short to look for: {secret}");
        self.0.push((what.to_owned(), secret.to_owned()));
        secret.to_owned()
    }

    #[track_caller]
    fn expect_untold(&self, told: &str, by: &str) {
        for (what, secret) in &self.0 {
            let at = told.lines().find(|line| line.contains(secret.as_str()));
            assert!(at.is_none(), "{by} tells {what}: {}", at.unwrap_or_default());
        }
    }
}

/// The URL with a password, which the tests' PostgreSQL does not ask for.
fn with_password(url: &str) -> String {
    url.replacen("postgres://postgres@", &format!("postgres://postgres:{DATABASE}@"), 1)
}

fn token(client: &Client, form: &[(&str, &str)]) -> Answer {
    client.form("/oauth/token", form)
}

/// Signs in and out in every way, rightly and wrongly.
fn sessions(client: &Client, secrets: &mut Secrets) -> Client {
    let form = [("grant_type", "password"), ("username", ADMIN.0), ("password", ADMIN.1)];
    let first = token(client, &form).expect_status(200);
    let access = secrets.keep("an access token", &first.text("access_token"));
    let refresh = secrets.keep("a refresh token", &first.text("refresh_token"));
    let wrong = secrets.keep("a password that is wrong", "Hunter2-but-wrong");
    token(client, &[("grant_type", "password"), ("username", ADMIN.0), ("password", &wrong)]).expect_status(400);
    token(client, &[("grant_type", "password"), ("username", &wrong), ("password", &wrong)]).expect_status(400);
    token(client, &[("grant_type", &wrong), ("password", &wrong)]).expect_status(400);
    token(client, &[("grant_type", "password"), ("username", "a@b.example"), ("password", &wrong), ("scope", &wrong)]);
    let exchange = [("grant_type", "refresh_token"), ("refresh_token", refresh.as_str())];
    let second = token(client, &exchange).expect_status(200);
    let spare = secrets.keep("the next refresh token", &second.text("refresh_token"));
    secrets.keep("the next access token", &second.text("access_token"));
    // A token that comes twice ends the session, and with it the next.
    token(client, &exchange).expect_status(400);
    token(client, &[("grant_type", "refresh_token"), ("refresh_token", &spare)]).expect_status(400);
    client.with_token(&access)
}

/// An integration's secret: in the form, in the header, wrong, in both, and rotated.
fn integrations(admin: &Client, client: &Client, secrets: &mut Secrets) {
    let new = json!({"name": "CRM", "scopes": ["deals:read"]});
    let made = admin.post("/v1/api-clients", &new).expect_status(201);
    let (id, secret) = (made.text("client_id"), secrets.keep("a client's secret", &made.text("client_secret")));
    let form = [("grant_type", "client_credentials"), ("client_id", id.as_str()), ("client_secret", secret.as_str())];
    let given = token(client, &form).expect_status(200);
    secrets.keep("an integration's token", &given.text("access_token"));
    let basic = |secret: &str, form: &[(&str, &str)]| {
        Answer::of(client.request(Method::POST, "/oauth/token").basic_auth(&id, Some(secret)).form(form))
    };
    basic(&secret, &form[..1]).expect_status(200);
    basic(&secret, &form).expect_status(400);
    let wrong = secrets.keep("a client's secret that is wrong", "Hunter2-of-no-client");
    basic(&wrong, &form[..1]).expect_status(401);
    secrets.keep("what stands in Basic", &STANDARD.encode(format!("{id}:{secret}")));
    secrets.keep("what stands in a wrong Basic", &STANDARD.encode(format!("{id}:{wrong}")));
    let rotated = Answer::of(admin.request(Method::POST, &format!("/v1/api-clients/{id}/rotate-secret")));
    secrets.keep("a rotated secret", &rotated.expect_status(200).text("client_secret"));
}

/// A user's password: given, changed, and in bodies that are wrong in each way.
fn passwords(admin: &Client, secrets: &mut Secrets) {
    let first = secrets.keep("a new user's password", "Hunter2-of-a-user");
    let user = |password: Value| json!({"email": "ada@vendor.example", "role": "analyst", "password": password});
    let made = admin.post("/v1/users", &user(json!(first))).expect_status(201);
    admin.post("/v1/users", &user(json!(first))).expect_status(409);
    let path = format!("/v1/users/{}", made.text("id"));
    let next = secrets.keep("a changed password", "Hunter2-of-a-user-now");
    admin.patch(&path, &made.tag(), &json!({"password": next})).expect_status(200);
    admin.patch(&path, &made.tag(), &json!({"password": next})).expect_status(412);
    let lost = secrets.keep("a password in a body that is wrong", "Hunter2-in-a-wrong-place");
    for body in [
        user(json!([lost])),
        user(json!({"is": lost})),
        json!({"email": lost, "role": lost, "password": lost}),
        json!({"password": lost, "passwort": lost, "nested": {"password": lost}}),
        json!([lost]),
        json!(lost),
    ] {
        admin.post("/v1/users", &body).expect_status(422);
    }
    for (kind, body) in [
        ("application/json", format!("{{\"password\": \"{lost}\"")),
        ("application/json", format!("{{\"password\": {lost}}}")),
        ("application/json", format!("{{\"password\": \"{lost}\", \"password\": \"{lost}\"}}")),
        ("application/x-www-form-urlencoded", format!("password={lost}")),
        ("text/plain", lost.clone()),
    ] {
        let request = admin.request(Method::POST, "/v1/users").header("Content-Type", kind).body(body);
        assert!(Answer::of(request).status >= 400);
    }
}

/// Tokens where they do not belong.
fn stray_tokens(client: &Client, secrets: &mut Secrets) {
    let stray = secrets.keep("a token in a wrong place", "Hunter2-as-a-token.in-two.parts");
    client.with_token(&stray).get("/v1/me").expect_status(401);
    for path in ["/v1/me", "/healthz", "/v1/nothing", "/oauth/token", "/v1/partners"] {
        client.get(&format!("{path}?access_token={stray}&password={stray}"));
    }
    for scheme in ["Basic", "Token", "Digest", ""] {
        let request = client.request(Method::GET, "/v1/me").header("Authorization", format!("{scheme} {stray}"));
        Answer::of(request).expect_status(401);
        let form = client.request(Method::POST, "/oauth/token").header("Authorization", format!("{scheme} {stray}"));
        assert!(Answer::of(form.form(&[("grant_type", "client_credentials")])).status >= 400);
    }
    for name in ["X-Api-Key", "Cookie", "Proxy-Authorization"] {
        Answer::of(client.request(Method::GET, "/healthz").header(name, &stray)).expect_status(200);
    }
}

/// What applicants hold, and the captcha that they show.
fn applications(admin: &Client, client: &Client, secrets: &mut Secrets) {
    let program = json!({"slug": "reseller", "name": "Reseller", "tiers": [{"name": "Silver"}]});
    admin.post("/v1/programs", &program).expect_status(201);
    let mut new = json!({
        "program": "reseller", "answers": {},
        "company": {"name": "Lakeside", "domain": "lakeside.example", "country": "DE"},
        "contact": {"name": "Ada", "email": "ada@lakeside.example"}
    });
    let made = admin.post("/v1/applications", &new).expect_status(201);
    let status = secrets.keep("an application's token", &made.text("status_token"));
    client.with_token(&status).get("/v1/own-application").expect_status(200);
    client.with_token(&status).get("/v1/me").expect_status(401);
    let choice = secrets.keep("a first password", "Hunter2-of-an-applicant");
    client.with_token(&status).post("/v1/own-application/choose-password", &json!({"password": choice}));
    let made_up = secrets.keep("a token of no application", "Hunter2-of-no-application");
    client.with_token(&made_up).get("/v1/own-application").expect_status(401);
    // The captcha's provider is away.
    new["captcha"] = secrets.keep("what a captcha gave", "Hunter2-from-a-captcha").into();
    client.post("/v1/applications", &new).expect_problem(503, "captcha_unavailable");
}

fn no_log_line_tells_a_secret(kind: Kind, level: &str) {
    let made = Database::empty(kind);
    let database = Database::at(kind, with_password(&made.url));
    let gone = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port");
    let url = format!("http://{gone}/siteverify");
    let server = Process::serve(
        &database,
        &[
            ("ENTENTE_ADMIN_EMAIL", ADMIN.0),
            ("ENTENTE_ADMIN_PASSWORD", ADMIN.1),
            ("ENTENTE_CAPTCHA_VERIFY_URL", &url),
            ("ENTENTE_CAPTCHA_SECRET", CAPTCHA),
            ("ENTENTE_LOG", level),
            ("ENTENTE_TOKEN_RATE", "0"),
        ],
    );
    let mut secrets = Secrets::default();
    for (what, secret) in [("the administrator's", ADMIN.1), ("the captcha's", CAPTCHA), ("the database's", DATABASE)] {
        secrets.keep(what, secret);
    }
    let client = Client::new(&server.url);
    let admin = sessions(&client, &mut secrets);
    integrations(&admin, &client, &mut secrets);
    passwords(&admin, &mut secrets);
    stray_tokens(&client, &mut secrets);
    applications(&admin, &client, &mut secrets);
    Answer::of(admin.request(Method::GET, "/v1/nothing").header("X-Request-Id", "the-last-one"));
    server.logged("the-last-one");
    assert!(server.log().lines().count() > 60, "a log that says little tells nothing of what it leaves out");
    secrets.expect_untold(&server.log(), "the log");
    secrets.expect_untold(&server.greeting, "the greeting");
}

#[test]
fn no_log_line_tells_a_secret_on_sqlite() {
    no_log_line_tells_a_secret(Kind::Sqlite, "debug");
}

#[test]
fn no_log_line_tells_a_secret_on_postgres() {
    no_log_line_tells_a_secret(Kind::Postgres, "debug");
}

#[test]
fn what_stops_the_start_tells_no_secret() {
    let secret = "Hunter2";
    let said = |environment: &[(&str, &str)]| {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = command();
        // An address that is nobody's: whatever is taken here, it ends.
        command.args(["serve", "--listen", "192.0.2.1:1"]).current_dir(folder.path());
        let output = command.envs(environment.iter().copied()).output().expect("the command");
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
    };
    for environment in [
        ("DATABASE_URL", "postgres://entente:Hunter2@127.0.0.1:1/entente"),
        ("DATABASE_URL", "postgres://entente:Hunter2@127.0.0.1:port/entente"),
        ("DATABASE_URL", "postgres://entente:Hunter2@[::1/entente"),
        ("DATABASE_URL", "postgres://entente:Hunter2 with a space@/entente"),
        ("DATABASE_URL", "postgres://entente:Hunter2%00@127.0.0.1:1/entente"),
        ("DATABASE_URL", "postgres://127.0.0.1:1/entente?user=entente&password=Hunter2"),
        ("DATABASE_URL", "postgres://127.0.0.1:1/entente?password=Hunter2&nonsense=1"),
        ("DATABASE_URL", "postgres://entente:Hunter2@127.0.0.1:1/entente?sslmode=require"),
        ("DATABASE_URL", "postgre://entente:Hunter2@127.0.0.1:1/entente"),
        ("DATABASE_URL", "host=127.0.0.1 port=1 password=Hunter2?"),
        ("ENTENTE_ADMIN_PASSWORD", "Hunter2"),
        ("ENTENTE_DEMO_PASSWORD", "Hunter2"),
        ("ENTENTE_CAPTCHA_SECRET", "Hunter2"),
    ] {
        let said = said(&[environment]);
        assert!(!said.contains(secret), "{} is told: {said}", environment.0);
        assert!(!said.trim().is_empty(), "{} stops the start without a word", environment.0);
    }
    let said = said(&[("ENTENTE_ADMIN_PASSWORD", "Hunter2")]);
    assert!(said.contains("ENTENTE_ADMIN_PASSWORD must have 8 to 200 characters"), "{said}");
}
