//! A server in the test's own process, with an administrator who has signed in.

use std::sync::Arc;

use actix_web::{
    body::MessageBody,
    dev::{Service, ServiceResponse},
    http::{Method, header::HeaderMap},
    test::{self, TestRequest},
};
use database::{Database, testing::TestDatabase};
use identity::{Identity, user::PasswordHash};
use kernel::Clock;
use serde_json::Value;

pub const EMAIL: &str = "admin@vendor.example";
pub const PASSWORD: &str = "correct horse battery staple";

/// An answer, read to its end.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {}", self.text()))
    }
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
    /// The status and the code, of an answer that is a problem as it should be.
    pub fn problem(&self) -> (u16, String) {
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let problem = self.json();
        assert_eq!(problem["status"], self.status);
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        assert!(problem["errors"].is_array() && problem["title"].is_string() && problem["instance"].is_string());
        (self.status, problem["code"].as_str().unwrap().to_owned())
    }
    /// Where the faults are, with their codes.
    pub fn faults(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let errors = self.json()["errors"].as_array().unwrap().clone();
        let place = |fault: &Value| format!("{}{}", text(&fault["pointer"]), text(&fault["parameter"]));
        errors.iter().map(|fault| (place(fault), text(&fault["code"]))).collect()
    }
}

/// Everything that a test needs; the database goes away with it.
pub struct World {
    pub app: actix_web::web::Data<api::App>,
    pub database: Database,
    _files: TestDatabase,
}

pub fn settings() -> api::Settings {
    let recorder = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder();
    let mut settings = api::Settings::new(recorder.handle());
    settings.limits.tokens_by_account = None;
    settings
}

impl World {
    pub fn new() -> Self {
        Self::with(settings())
    }

    /// On a thread of its own: what blocks must not do so on one that drives the tests.
    pub fn with(settings: api::Settings) -> Self {
        std::thread::spawn(|| Self::made(settings)).join().unwrap()
    }

    fn made(settings: api::Settings) -> Self {
        let files = TestDatabase::sqlite().unwrap();
        let database = Database::attach(&files.settings, Clock::default()).unwrap();
        let identity = Arc::new(Identity::start(&database, "http://localhost".into(), None).unwrap());
        let hash = PasswordHash::of(PASSWORD).unwrap();
        database.write_blocking(move |tx| identity::user::create_first(tx, EMAIL, hash.clone())).unwrap();
        let app = api::App::start(database.clone(), identity, settings).unwrap();
        Self { app, database, _files: files }
    }
}

/// Sends a request and reads the answer.
pub async fn send<S, B>(service: &S, request: TestRequest) -> Answer
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody,
{
    let answer = test::call_service(service, request.to_request()).await;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    Answer { status, headers, body: test::read_body(answer).await.to_vec() }
}

pub fn request(method: &str, path: &str, token: &str) -> TestRequest {
    let request = TestRequest::default().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(path);
    if token.is_empty() { request } else { request.insert_header(("Authorization", format!("Bearer {token}"))) }
}

/// Asks for a token with a form.
pub fn form(fields: &[(&str, &str)]) -> TestRequest {
    TestRequest::post().uri("/oauth/token").set_form(fields)
}

/// Signs a user in.
pub async fn sign_in<S, B>(service: &S, email: &str, password: &str, scope: Option<&str>) -> String
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = actix_web::Error>,
    B: MessageBody,
{
    let mut fields = vec![("grant_type", "password"), ("username", email), ("password", password)];
    fields.extend(scope.map(|scope| ("scope", scope)));
    let answer = send(service, form(&fields)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

/// A server, and the token of its administrator.
#[macro_export]
macro_rules! server {
    ($world:ident, $service:ident, $token:ident) => {
        let $service = actix_web::test::init_service(api::service(&$world.app)).await;
        let $token = $crate::support::sign_in(&$service, $crate::support::EMAIL, $crate::support::PASSWORD, None).await;
    };
}
