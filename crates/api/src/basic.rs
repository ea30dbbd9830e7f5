//! An API client's id and secret in `Authorization: Basic` (RFC 7617).

use actix_web::HttpRequest;
use base64::{Engine, engine::general_purpose::STANDARD};

/// How whoever may show them is asked for them.
pub(crate) const CHALLENGE: &str = r#"Bearer realm="entente", Basic realm="entente""#;

/// The two parts, as they were sent; nothing where they cannot be read.
pub(crate) fn credentials(request: &HttpRequest) -> Option<(String, String)> {
    let header = request.headers().get("Authorization")?.to_str().ok()?;
    let (_, encoded) = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))?;
    let pair = String::from_utf8(STANDARD.decode(encoded.trim()).ok()?).ok()?;
    pair.split_once(':').map(|(id, secret)| (id.to_owned(), secret.to_owned()))
}
