//! Which of two forms a request wants (RFC 9110, 12.5.1).

use actix_web::{
    HttpMessage,
    http::header::{Accept, Header, Quality, q},
};

/// Whether the request would rather have HTML than JSON. Who does not say, or likes both as well, is a program.
pub(crate) fn prefers_html(request: &impl HttpMessage) -> bool {
    Accept::parse(request)
        .is_ok_and(|accept| quality(&accept, "text", "html") > quality(&accept, "application", "json"))
}

/// How much a media type is wanted: what the range that fits it most closely says.
fn quality(accept: &Accept, main: &str, sub: &str) -> Quality {
    let closeness = |range: &(&str, &str)| match *range {
        (one, two) if one == main && two == sub => 3,
        (one, "*") if one == main => 2,
        ("*", "*") => 1,
        _ => 0,
    };
    let ranges = accept.iter().map(|wanted| ((wanted.item.type_().as_str(), wanted.item.subtype().as_str()), wanted));
    let fitting = ranges.map(|(range, wanted)| (closeness(&range), wanted.quality)).filter(|(close, _)| *close > 0);
    fitting.max_by_key(|(close, _)| *close).map_or_else(|| q(0.0), |(_, quality)| quality)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn wants_html(accept: &str) -> bool {
        prefers_html(&TestRequest::get().insert_header(("Accept", accept)).to_http_request())
    }

    #[test]
    fn a_browser_gets_the_page_and_a_program_the_data() {
        assert!(wants_html("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"));
        assert!(wants_html("text/html"));
        assert!(wants_html("application/json;q=0.5, text/*;q=0.6"));
        assert!(wants_html("*/*, application/json;q=0"));
        assert!(!prefers_html(&TestRequest::get().to_http_request()), "it does not say");
        for program in ["*/*", "application/json", "application/json, text/html;q=0.9", "text/html, application/json"] {
            assert!(!wants_html(program), "{program}");
        }
        for strange in ["", "text/html;q=0", "image/png", "text/html;q=0, */*", "not a range", "text/html;q=9"] {
            assert!(!wants_html(strange), "{strange}");
        }
    }
}
