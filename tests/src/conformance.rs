//! Every answer of our servers is held against the OpenAPI document of the binary under test: an answer that the
//! document does not tell of fails the test that got it.

mod check;
mod document;
mod exchanges;

use std::{
    collections::HashSet,
    sync::{LazyLock, Mutex},
};

use reqwest::blocking::Request;

use crate::Answer;
use document::{Document, Operation};

/// Where our servers listen, as `host:port`: what others answer is not ours to promise.
static OURS: LazyLock<Mutex<HashSet<String>>> = LazyLock::new(Mutex::default);

/// A request, kept for what is said of its answer.
pub(crate) struct Asked {
    method: String,
    path: String,
    query: Option<String>,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

/// A server of ours listens here from now on.
pub(crate) fn begins(url: &str) {
    OURS.lock().expect("the lock").insert(authority(url));
}

/// It does no more: somebody else may get its port.
pub(crate) fn ends(url: &str) {
    OURS.lock().expect("the lock").remove(&authority(url));
}

fn authority(url: &str) -> String {
    url.rsplit("://").next().and_then(|rest| rest.split('/').next()).unwrap_or_default().to_owned()
}

impl Asked {
    /// The request, if one of our servers is asked.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        let url = request.url();
        if !OURS.lock().expect("the lock").contains(&authority(url.as_str())) {
            return None;
        }
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some(Self {
            method: request.method().to_string(),
            path: url.path().to_owned(),
            query: url.query().map(str::to_owned),
            headers: request.headers().iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
            body: request.body().and_then(|body| body.as_bytes()).map(<[u8]>::to_vec),
        })
    }

    /// The request that this head of one begins.
    pub(crate) fn of_head(head: &[u8]) -> Self {
        let head = String::from_utf8_lossy(head);
        let mut lines = head.lines();
        let mut first = lines.next().unwrap_or_default().split(' ').map(str::to_owned);
        let (method, target) = (first.next().unwrap_or_default(), first.next().unwrap_or_default());
        let (path, query) = target.split_once('?').map_or((target.as_str(), None), |(path, query)| (path, Some(query)));
        let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
        Self {
            method,
            path: path.to_owned(),
            query: query.map(str::to_owned),
            headers: lines.filter_map(header).collect(),
            body: None,
        }
    }

    /// The method that is meant, where that is said in xAPI's other syntax.
    fn meant(&self) -> Option<&str> {
        self.query.as_ref()?.strip_prefix("method=").filter(|_| self.path.starts_with("/xapi/"))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// Fails the test unless the document tells of this answer.
#[track_caller]
pub(crate) fn expect_documented(asked: &Asked, answer: &Answer) {
    let document = Document::of_the_binary();
    let find = |method| operation(document, method, &asked.path, answer);
    let held = |operation: Option<&_>| match operation {
        Some(operation) => check::of_operation(document, operation, asked, answer),
        None => check::of_no_operation(document, asked, answer),
    };
    let operation = find(&asked.method);
    let mut faults = held(operation);
    // The request that is meant is answered, unless that which came is no such request.
    if let Some(meant) = asked.meant().filter(|_| !faults.is_empty()) {
        faults = held(find(meant));
    }
    let name = operation.map_or("no operation", |operation| &operation.id);
    let (method, path, status) = (&asked.method, &asked.path, answer.status);
    let headers = &answer.headers;
    assert!(
        faults.is_empty(),
        "{name} ({method} {path}) answers {status} otherwise than the document says:\n  {}\nthe answer: {headers:?}\n{}",
        faults.join("\n  "),
        answer.text
    );
    let is_shown = asked.method != "HEAD" && asked.meant().is_none();
    if let Some(operation) = operation.filter(|_| is_shown) {
        exchanges::note(&operation.id, asked, answer);
    }
}

/// The operation that is asked for, if the server has it: not every one is a sandbox.
fn operation<'d>(document: &'d Document, method: &str, path: &str, answer: &Answer) -> Option<&'d Operation> {
    let absent = matches!(answer.json["code"].as_str(), Some("unknown_route" | "method_not_allowed"));
    document.find(method, path).filter(|operation| !(operation.sandbox && absent))
}
