//! What people look at in a browser: the front page, and the interactive documentation. All that they load is part of
//! the program, so they work without internet, and their policy lets them load nothing else.

mod accept;
mod badge;
mod files;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{self, Data, Path, ServiceConfig, redirect},
};
use askama::Template;
use database::Error;
use kernel::Code;

pub(crate) use accept::{preferred, prefers_html};
pub(crate) use badge::{certificate, painted, stamped};

use crate::{App, Outcome, Problem, Reply, settings::Demo};

/// The media type of a page.
const HTML: &str = "text/html; charset=utf-8";

/// What the front page may load, and where it may ask.
const HOME_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                           frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The same for the documentation, whose viewer draws its arrows from `data:`. Its form asks for a token here.
const DOCS_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                           connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/// What a newcomer sees first.
#[derive(Template)]
#[template(path = "home.html")]
struct Home<'a> {
    version: &'static str,
    is_ready: bool,
    is_sandbox: bool,
    /// By which URL clients reach the server.
    url: &'a str,
    demo: Option<&'a Demo>,
}

/// The interactive documentation.
#[derive(Template)]
#[template(path = "docs.html")]
struct Docs<'a> {
    demo: Option<&'a Demo>,
}

/// The routes of the documentation and of the files of both pages.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(redirect("/docs", "/docs/"))
        .service(web::resource("/docs/").route(web::get().to(docs)))
        .service(web::resource("/docs/{file}").route(web::get().to(file)));
}

/// The front page of a server that can serve, or cannot.
pub(crate) fn home(app: &App, is_ready: bool) -> Outcome {
    let home = Home {
        version: env!("CARGO_PKG_VERSION"),
        is_ready,
        is_sandbox: app.settings.sandbox,
        url: app.identity.issuer().trim_end_matches('/'),
        demo: app.settings.demo.as_ref(),
    };
    page(&home, HOME_POLICY)
}

async fn docs(app: Data<App>) -> Outcome {
    page(&Docs { demo: app.settings.demo.as_ref() }, DOCS_POLICY)
}

async fn file(request: HttpRequest, name: Path<String>) -> Result<HttpResponse, Problem> {
    let file = files::find(&name).ok_or_else(|| Problem::new(Code::UnknownRoute, "There is no such file."))?;
    Ok(file.answer(&request))
}

fn page(template: &impl Template, policy: &str) -> Outcome {
    let html = template.render().map_err(|error| Error::Internal(error.to_string()))?;
    Ok(Reply::text(StatusCode::OK, HTML, html).with_header("Content-Security-Policy", policy))
}
