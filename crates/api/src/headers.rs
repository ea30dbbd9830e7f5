//! The headers that every answer has, whoever made it.

use actix_web::{
    HttpRequest,
    http::{
        Method,
        header::{self, HeaderMap, HeaderName, HeaderValue},
    },
    web::Data,
};

use crate::{App, gate::Standings, trace, xapi};

/// What data may load, should a browser take it for a page: nothing.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";
/// For how long browsers remember that the server speaks TLS: a year.
const TLS_ALONE: &str = "max-age=31536000";
/// Whoever has it may keep it, and asks each time whether it still holds.
const ASK_AGAIN: &str = "private, no-cache";

/// What a request tells about the answer's headers.
pub(crate) struct Circumstances {
    id: String,
    secure: bool,
    reads: bool,
    /// Of a request of xAPI: up to which time it can read everything.
    consistent_through: Option<String>,
}

impl Circumstances {
    pub(crate) fn of(request: &HttpRequest) -> Self {
        Self {
            id: trace::RequestId::of(request),
            secure: is_secure(request),
            reads: matches!(*request.method(), Method::GET | Method::HEAD),
            consistent_through: xapi::consistent_through(request),
        }
    }

    /// Sets the headers that every answer has. What a handler has said stays.
    pub(crate) fn dress(&self, headers: &mut HeaderMap) {
        if let Ok(id) = HeaderValue::try_from(self.id.as_str()) {
            headers.insert(HeaderName::from_static(trace::LOWER_CASE), id);
        }
        if let Some(time) = &self.consistent_through {
            xapi::dress(headers, time);
        }
        let mut unless_said = |name: HeaderName, value: &'static str| {
            if !headers.contains_key(&name) {
                headers.insert(name, HeaderValue::from_static(value));
            }
        };
        unless_said(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        unless_said(header::REFERRER_POLICY, "no-referrer");
        unless_said(header::X_FRAME_OPTIONS, "DENY");
        unless_said(header::CONTENT_SECURITY_POLICY, DATA_POLICY);
        if self.secure {
            unless_said(header::STRICT_TRANSPORT_SECURITY, TLS_ALONE);
        }
        if !headers.contains_key(header::CACHE_CONTROL) {
            let kept = if self.reads && headers.contains_key(header::ETAG) { ASK_AGAIN } else { "no-store" };
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
        }
    }
}

/// Tells the caller what is left of the limits that counted the request, unless it was refused for one of them.
pub(crate) fn tell_limits(headers: &mut HeaderMap, standings: &Standings) {
    let name = HeaderName::from_static("ratelimit");
    if standings.0.is_empty() || headers.contains_key(&name) {
        return;
    }
    let listed = |tell: fn(&crate::throttle::Standing) -> String| {
        HeaderValue::try_from(standings.0.iter().map(tell).collect::<Vec<_>>().join(", ")).ok()
    };
    if let (Some(left), Some(policy)) = (listed(|one| one.left()), listed(|one| one.policy())) {
        headers.insert(name, left);
        headers.insert(HeaderName::from_static("ratelimit-policy"), policy);
    }
}

/// Whether the request has come by TLS: to this server, or to the proxy that is trusted to say so.
fn is_secure(request: &HttpRequest) -> bool {
    let proxied = request.app_data::<Data<App>>().is_some_and(|app| app.settings.behind_proxy);
    request.app_config().secure() || (proxied && request.connection_info().scheme() == "https")
}
