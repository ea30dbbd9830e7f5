//! A caller: a base URL, a token, and answers that are easy to check.

use std::{net::IpAddr, time::Duration};

use reqwest::{
    Method,
    blocking::{Client as Http, ClientBuilder, RequestBuilder, Response},
};
use serde_json::Value;

use crate::conformance::{Asked, expect_documented};

/// A caller.
#[derive(Clone)]
pub struct Client {
    http: Http,
    base: String,
    /// Its access token.
    pub token: Option<String>,
}

/// An answer, read to the end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub bytes: Vec<u8>,
    /// The body as text.
    pub text: String,
    /// The body as JSON; null if it is none.
    pub json: Value,
}

/// Without a proxy, and without the machine's certificates: to read them takes longer than a request.
fn plain() -> ClientBuilder {
    // Fails when a test has done it before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Http::builder().no_proxy().tls_certs_only([])
}

impl Client {
    /// Nobody, yet.
    pub fn new(base: &str) -> Self {
        let http = plain().timeout(Duration::from_secs(30)).build().expect("an HTTP client");
        Self { http, base: base.to_owned(), token: None }
    }

    /// Nobody, at one of this machine's other addresses.
    pub fn from_address(base: &str, address: IpAddr) -> Self {
        let http = plain().local_address(address).build().expect("an HTTP client");
        Self { http, ..Self::new(base) }
    }

    /// The same caller at another server.
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.to_owned(), ..self.clone() }
    }

    /// With a token.
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: Some(token.to_owned()), ..self.clone() }
    }

    /// Signs in as a person.
    pub fn signed_in(&self, email: &str, password: &str) -> Self {
        let form = [("grant_type", "password"), ("username", email), ("password", password)];
        let answer = self.form("/oauth/token", &form).expect_status(200);
        self.with_token(answer.json["access_token"].as_str().expect("an access token"))
    }

    /// Signs in as an API client.
    pub fn as_api_client(&self, id: &str, secret: &str) -> Self {
        let form = [("grant_type", "client_credentials"), ("client_id", id), ("client_secret", secret)];
        let answer = self.form("/oauth/token", &form).expect_status(200);
        self.with_token(answer.json["access_token"].as_str().expect("an access token"))
    }

    /// A request to which a test adds what it needs.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if path.starts_with("/xapi/") {
            // Every client of xAPI says which version it speaks.
            request = request.header("X-Experience-API-Version", "1.0.3");
        }
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// GET.
    pub fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path))
    }

    /// POST with JSON.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body))
    }

    /// POST with JSON and an idempotency key.
    pub fn post_once(&self, path: &str, key: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).header("Idempotency-Key", key).json(body))
    }

    /// POST of a file of rows.
    pub fn csv(&self, path: &str, rows: impl Into<reqwest::blocking::Body>) -> Answer {
        Answer::of(self.request(Method::POST, path).header("Content-Type", "text/csv").body(rows))
    }

    /// PATCH of the version that the tag names.
    pub fn patch(&self, path: &str, tag: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).header("If-Match", tag).json(body))
    }

    /// POST of a form.
    pub fn form(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        Answer::of(self.request(Method::POST, path).form(form))
    }

    /// Every event of the feed, oldest first.
    pub fn all_events(&self) -> Vec<Value> {
        let (mut events, mut after) = (Vec::new(), String::new());
        loop {
            let page = self.get(&format!("/v1/events?limit=200{after}")).expect_status(200);
            let data = page.json["data"].as_array().expect("data");
            let Some(next) = page.json["next_cursor"].as_str().filter(|_| !data.is_empty()) else { return events };
            events.extend(data.iter().cloned());
            after = format!("&after={next}");
        }
    }

    /// Every entry of a list, page by page.
    pub fn all(&self, path: &str) -> Vec<Value> {
        let (mut entries, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let and = if path.contains('?') { '&' } else { '?' };
            let at = cursor.as_ref().map_or_else(|| path.to_owned(), |cursor| format!("{path}{and}cursor={cursor}"));
            let page = self.get(&at).expect_status(200);
            entries.extend(page.json["data"].as_array().expect("data").iter().cloned());
            match page.json["next_cursor"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => return entries,
            }
        }
    }
}

impl Answer {
    /// Sends a request and reads its answer.
    #[track_caller]
    pub fn of(request: RequestBuilder) -> Self {
        Self::try_of(request).expect("an answer")
    }

    /// The same where there may be none: the server may be down. Fails the test if there is one that the document does
    /// not tell of.
    #[track_caller]
    pub fn try_of(request: RequestBuilder) -> Result<Self, reqwest::Error> {
        let (http, request) = request.build_split();
        let request = request?;
        let asked = Asked::of(&request);
        let answer = Self::read(http.execute(request)?)?;
        if let Some(asked) = asked {
            expect_documented(&asked, &answer);
        }
        Ok(answer)
    }

    fn read(response: Response) -> Result<Self, reqwest::Error> {
        let status = response.status().as_u16();
        let text_of = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text_of(value))).collect();
        let bytes = response.bytes()?.to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Ok(Self { status, headers, bytes, text, json })
    }

    /// The header, if it is there.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The `ETag`.
    pub fn tag(&self) -> String {
        self.header("etag").expect("an ETag").to_owned()
    }

    /// Text of a member of the JSON body.
    pub fn text(&self, member: &str) -> String {
        self.json[member].as_str().unwrap_or_else(|| panic!("no {member} in {}", self.text)).to_owned()
    }

    /// Fails the test unless the status is this.
    #[track_caller]
    pub fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// Fails the test unless it is this problem: status, code, and `application/problem+json`.
    #[track_caller]
    pub fn expect_problem(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.json["code"].as_str()), (status, Some(code)), "{}", self.text);
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{}", self.text);
        for member in ["type", "title", "detail", "instance", "request_id"] {
            assert!(self.json[member].is_string(), "no {member} in {}", self.text);
        }
        self
    }

    /// The pointers or parameters of all the faults, sorted.
    pub fn faults(&self) -> Vec<String> {
        let places = self.json["errors"].as_array().into_iter().flatten();
        let place =
            |fault: &Value| fault["pointer"].as_str().or(fault["parameter"].as_str()).unwrap_or_default().to_owned();
        let mut faults: Vec<String> = places.map(place).collect();
        faults.sort();
        faults
    }
}
