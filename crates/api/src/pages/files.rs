//! The files that the pages load: ours, and those of Swagger UI.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
};

use crate::tag::{self, Tags};

const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const PICTURE: &str = "image/svg+xml";

/// Asked for anew each time: with another version of the server, all of them change together.
const LIFE: HeaderValue = HeaderValue::from_static("no-cache");

/// A file as it is sent.
pub(crate) struct File {
    media_type: &'static str,
    bytes: Cow<'static, [u8]>,
    tag: String,
}

impl File {
    pub(super) fn new(media_type: &'static str, bytes: Cow<'static, [u8]>) -> Self {
        Self { media_type, tag: tag::of(&bytes), bytes }
    }

    /// The file, or 304 to whoever has it already.
    pub(crate) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let known = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let is_known = known.is_some_and(|tags| Tags::parse(tags).weakly(&self.tag));
        let mut answer = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        answer.insert_header((header::ETAG, self.tag.as_str())).insert_header((header::CACHE_CONTROL, LIFE));
        if is_known { answer.finish() } else { answer.content_type(self.media_type).body(self.bytes.to_vec()) }
    }
}

/// The file of this name, if there is one.
pub(super) fn find(name: &str) -> Option<&'static File> {
    static FILES: LazyLock<HashMap<&str, File>> = LazyLock::new(|| ours().into_iter().chain(viewer()).collect());
    FILES.get(name)
}

fn ours() -> [(&'static str, File); 8] {
    let file = |media_type, text: &'static str| File::new(media_type, Cow::Borrowed(text.as_bytes()));
    [
        ("icon.svg", file(PICTURE, include_str!("icon.svg"))),
        ("entente.css", file(STYLE, include_str!("entente.css"))),
        ("home.js", file(SCRIPT, include_str!("home.js"))),
        ("docs.css", file(STYLE, include_str!("docs.css"))),
        ("docs.js", file(SCRIPT, include_str!("docs.js"))),
        ("viewer.js", file(SCRIPT, include_str!("viewer.js"))),
        ("prepare.js", file(SCRIPT, include_str!("prepare.js"))),
        ("names.js", file(SCRIPT, include_str!("names.js"))),
    ]
}

/// Swagger UI, as its crate carries it. Its style is not taken: ours is smaller, and knows the dark.
fn viewer() -> Option<(&'static str, File)> {
    let name = "swagger-ui-bundle.js";
    let served = utoipa_swagger_ui::serve(name, Arc::default()).ok().flatten()?;
    Some((name, File::new(SCRIPT, served.bytes)))
}
