//! What xAPI wants of every answer of its resources (xAPI 1.0.3, part three, 2.1.3 and 3.3).

use actix_web::{
    HttpRequest,
    http::header::{HeaderMap, HeaderName, HeaderValue},
    web::Data,
};
use chrono::TimeDelta;

use crate::App;

/// The header that names the version, of requests and of answers.
pub(crate) const VERSION: &str = "x-experience-api-version";
/// The header that says up to which time everything that was stored can be read.
pub(crate) const CONSISTENT_THROUGH: &str = "x-experience-api-consistent-through";

/// How long a transaction that stores statements may take before they can be read: longer than a thousand take.
const LAG: TimeDelta = TimeDelta::seconds(10);

/// Whether a path is of xAPI.
pub(crate) fn is_of(path: &str) -> bool {
    path.starts_with("/xapi/")
}

/// Up to which time everything that was stored can be read by this request.
pub(crate) fn consistent_through(request: &HttpRequest) -> Option<String> {
    let app = request.app_data::<Data<App>>().filter(|_| is_of(request.path()))?;
    Some((app.database.clock().now() - LAG).to_string())
}

/// Sets both headers.
pub(crate) fn dress(headers: &mut HeaderMap, consistent_through: &str) {
    headers.insert(HeaderName::from_static(VERSION), HeaderValue::from_static(training::xapi::VERSION));
    if let Ok(time) = HeaderValue::try_from(consistent_through) {
        headers.insert(HeaderName::from_static(CONSISTENT_THROUGH), time);
    }
}
