//! Which of several forms a request wants (RFC 9110, 12.5.1).

use actix_web::{
    HttpMessage,
    http::header::{Accept, Header, Quality, q},
};

/// Whether the request would rather have HTML than JSON. Who does not say, or likes both as well, is a program.
pub(crate) fn prefers_html(request: &impl HttpMessage) -> bool {
    preferred(request, &["application/json", "text/html"]) == "text/html"
}

/// The media type that the request would rather have; of those that it likes as well, or not at all, the first.
pub(crate) fn preferred<'a>(request: &impl HttpMessage, offered: &[&'a str]) -> &'a str {
    let accept = Accept::parse(request).ok();
    let liked = |media_type: &&&str| accept.as_ref().map_or_else(|| q(0.0), |accept| quality(accept, media_type));
    // Of several that are greatest alike, `max_by_key` gives the last.
    offered.iter().rev().max_by_key(liked).copied().unwrap_or_default()
}

/// How much a media type is wanted: what the range that fits it most closely says.
fn quality(accept: &Accept, media_type: &str) -> Quality {
    let main = media_type.split('/').next().unwrap_or_default();
    let closeness = |range: &str| match range.strip_suffix("/*") {
        _ if range == media_type => 3,
        Some(group) if group == main => 2,
        Some("*") => 1,
        _ => 0,
    };
    let ranges = accept.iter().map(|wanted| (closeness(wanted.item.essence_str()), wanted.quality));
    let fitting = ranges.filter(|(close, _)| *close > 0);
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
        let badge = |accept: &str| {
            let request = TestRequest::get().insert_header(("Accept", accept)).to_http_request();
            preferred(&request, &["application/json", "application/vc+ld+json", "text/html"])
        };
        assert_eq!(badge("application/vc+ld+json"), "application/vc+ld+json");
        assert_eq!(badge("application/vc+ld+json, application/json"), "application/json", "the first of ours");
        assert_eq!(badge("application/vc+ld+json;q=0.9, text/html;q=0.8"), "application/vc+ld+json");
        for strange in ["", "text/html;q=0", "image/png", "text/html;q=0, */*", "not a range", "text/html;q=9"] {
            assert!(!wants_html(strange), "{strange}");
        }
    }
}
