//! The OpenAPI document: what the handlers say of themselves, and what all have in common.

mod bounds;
mod common;
mod examples;
mod older;
mod problems;
mod read_only;
mod route;
mod shapes;
mod webhooks;

use std::sync::OnceLock;

use actix_web::web::Bytes;
use deal_registration::filter::Sort as DealSort;
use kernel::Scope;
use partners::application::filter::Sort as ApplicationSort;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use strum::{EnumMessage, IntoEnumIterator};
use training::catalogue::{LearningRole, OfferKind as TrainingOfferKind};
use utoipa::{
    ToSchema,
    openapi::{
        InfoBuilder, LicenseBuilder, OpenApi, OpenApiVersion, RefOr, Schema, ServerBuilder,
        info::ContactBuilder,
        security::{ClientCredentials, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityScheme},
        tag::{Tag, TagBuilder},
    },
};
use utoipa_actix_web::AppExt;

use crate::{
    call::Include,
    operations::{APPLICANT, CLIENT_SECRET},
    problem::{ProblemDocument, ProblemFault},
    resources,
};

/// What a newcomer reads first.
const DESCRIPTION: &str = include_str!("openapi/description.md");

/// The parts of the document in the order in which people read.
const ORDER: [&str; 8] = ["openapi", "info", "servers", "tags", "x-tagGroups", "paths", "webhooks", "components"];

/// The headers that are there wherever the document names them.
const ALWAYS: [&str; 5] = ["RequestId", "ETag", "Location", "RetryAfter", "WWWAuthenticate"];

/// The tags in groups, in the order in which a newcomer reads: what each is about.
const TAGS: &[(&str, &[(&str, &str)])] = &[
    ("First steps", &[("auth", "Get a token, and see what it is good for.")]),
    (
        "The program",
        &[
            ("programs", "A vendor's rules for one partner type, as a versioned document: validate, plan, apply."),
            ("tiers", "Where a partner stands on the ladder, why, and what comes next."),
            ("facts", "What is known of partners: what other systems observe, and what people enter."),
        ],
    ),
    (
        "Partners",
        &[
            ("applications", "Companies that ask to join a program: screened, decided on, and made partners."),
            ("partners", "The companies that sell the vendor's products."),
            ("contacts", "The people of a partner."),
            ("enrollments", "A partner in a program: its tier, its status, and who manages it."),
            ("agreements", "The rules of engagement in versions, and who accepted which."),
            ("violations", "What was violated, and what follows: warning, suspension, termination."),
            ("territories", "Where, and to whom, partners may sell; an exclusive one is one partner's alone."),
            ("business_plans", "What partner and vendor want to reach together, and how it goes."),
            ("notices", "What the engine tells a partner's people."),
        ],
    ),
    (
        "Deal registration",
        &[
            ("deal_registrations", "A partner's claim on an opportunity, the decision on it, and its protection."),
            ("accounts", "The end customers that two partners can collide on."),
            ("vendor_opportunities", "The vendor's own open opportunities, which a registration can collide with."),
        ],
    ),
    (
        "Training",
        &[
            ("training", "What people learn: the catalogue, people, courses and exams, and what an import left open."),
            ("credentials", "What people were awarded, and what anyone can verify."),
        ],
    ),
    (
        "What happened",
        &[
            ("events", "Every change of state, in order, complete and replayable; webhooks deliver the same."),
            ("audit", "Who did what, from where, and what it was before and after."),
        ],
    ),
    (
        "Running it",
        &[
            ("users", "People who can sign in."),
            ("api_clients", "Integrations that sign in with a secret."),
            ("sandbox", "Moves the clock, where the server runs as a sandbox."),
            ("service", "Health, metrics, keys, and the document itself."),
        ],
    ),
];

/// The OpenAPI document (3.1), as it is published and enforced.
pub struct Published {
    document: Value,
    /// What is sent, made when somebody first asks for it.
    json: OnceLock<Bytes>,
    older_json: OnceLock<Bytes>,
}

impl Published {
    /// The document of the API. With `sandbox` it holds the operations that only a sandbox has.
    ///
    /// # Errors
    /// When what the handlers say is no JSON, or they name what there is not: a mistake of ours.
    pub fn new(sandbox: bool) -> Result<Self, String> {
        let mut document = serde_json::to_value(declared(sandbox)?).map_err(|error| error.to_string())?;
        shapes::simplify(&mut document);
        promise_headers(&mut document);
        read_only::mark(&mut document);
        examples::show(&mut document);
        Ok(document.into())
    }

    /// The same for tools that know OpenAPI 3.0.3 and nothing newer.
    #[must_use]
    pub fn older(&self) -> Self {
        older::of(&self.document).into()
    }

    /// The document as data.
    pub fn value(&self) -> &Value {
        &self.document
    }

    /// The document as text.
    pub(crate) fn json(&self) -> Bytes {
        self.json.get_or_init(|| text(self)).clone()
    }

    /// The older document as text.
    pub(crate) fn older_json(&self) -> Bytes {
        self.older_json.get_or_init(|| text(&self.older())).clone()
    }
}

/// Its members are named by texts, so it is always JSON.
fn text(document: &Published) -> Bytes {
    serde_json::to_vec(document).unwrap_or_default().into()
}

impl From<Value> for Published {
    fn from(document: Value) -> Self {
        Self { document, json: OnceLock::new(), older_json: OnceLock::new() }
    }
}

/// Written in the order in which people read.
impl Serialize for Published {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let written = ORDER.iter().filter_map(|name| Some((name, self.document.get(name)?)));
        serializer.collect_map(written)
    }
}

/// Says which headers are always there.
fn promise_headers(document: &mut Value) {
    let headers = document.pointer_mut("/components/headers").and_then(Value::as_object_mut);
    for (_, header) in headers.into_iter().flatten().filter(|(name, _)| ALWAYS.contains(&name.as_str())) {
        header.as_object_mut().into_iter().for_each(|header| drop(header.insert("required".into(), true.into())));
    }
}

/// What the handlers say of themselves, and what all operations have in common.
fn declared(sandbox: bool) -> Result<OpenApi, String> {
    let app = actix_web::App::new().into_utoipa_app().configure(|config| resources::routes(config, sandbox));
    let (_, mut document) = app.split_for_parts();
    document.openapi = OpenApiVersion::Version31;
    document.info = InfoBuilder::new()
        .title("Entente")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .contact(Some(ContactBuilder::new().name(Some("The Entente project")).build()))
        .license(Some(LicenseBuilder::new().name("Apache License 2.0").identifier(Some("Apache-2.0")).build()))
        .build();
    let here = ServerBuilder::new().url("/").description(Some("The server that this document comes from.")).build();
    document.servers = Some(vec![here]);
    let components = document.components.get_or_insert_default();
    components.security_schemes.insert("oauth2".into(), oauth2().into());
    components.security_schemes.insert(APPLICANT.into(), application_token().into());
    components.security_schemes.insert(CLIENT_SECRET.into(), client_secret().into());
    components.schemas.extend(unclaimed());
    common::add(&mut document)?;
    document.webhooks = Some(webhooks::all());
    document.tags = Some(tags(&document));
    let groups = tag_groups(&document);
    document.extensions.get_or_insert_default().insert("x-tagGroups".into(), groups);
    Ok(document)
}

/// The schemas that no handler brings along. An enumeration that only a parameter refers to belongs here: without it
/// the server refuses to start.
fn unclaimed() -> [(String, RefOr<Schema>); 7] {
    [
        named::<ProblemDocument>(),
        named::<ProblemFault>(),
        named::<Include>(),
        named::<DealSort>(),
        named::<ApplicationSort>(),
        named::<TrainingOfferKind>(),
        named::<LearningRole>(),
    ]
}

fn named<T: ToSchema>() -> (String, RefOr<Schema>) {
    (T::name().into_owned(), T::schema())
}

fn oauth2() -> SecurityScheme {
    let scopes = || -> Scopes {
        let named =
            Scope::iter().map(|scope| (scope.to_string(), scope.get_documentation().unwrap_or_default().into()));
        Scopes::from_iter(named.collect::<Vec<(String, String)>>())
    };
    SecurityScheme::OAuth2(OAuth2::with_description(
        [
            Flow::ClientCredentials(ClientCredentials::new("/oauth/token", scopes())),
            Flow::Password(Password::with_refresh_url("/oauth/token", scopes(), "/oauth/token")),
        ],
        "Send the access token as `Authorization: Bearer …`.",
    ))
}

fn application_token() -> SecurityScheme {
    let text = "What `createApplication` gave as `status_token`: send it as `Authorization: Bearer …`.";
    let http = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(text));
    SecurityScheme::Http(http.build())
}

fn client_secret() -> SecurityScheme {
    let text = "The id and the secret of an API client, for learning systems, which know nothing else.";
    SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Basic).description(Some(text)).build())
}

/// The groups of tags that are in use.
fn used(document: &OpenApi) -> Vec<(&'static str, Vec<(&'static str, &'static str)>)> {
    let used: Vec<_> = route::operations(document).filter_map(|operation| operation.tags.as_ref()).flatten().collect();
    let of_group = |tags: &[(&'static str, &'static str)]| {
        tags.iter().filter(|(name, _)| used.iter().any(|tag| tag == name)).copied().collect()
    };
    TAGS.iter().map(|(group, tags)| (*group, of_group(tags))).collect()
}

fn tags(document: &OpenApi) -> Vec<Tag> {
    let tags = used(document).into_iter().flat_map(|(_, tags)| tags);
    tags.map(|(name, text)| TagBuilder::new().name(name).description(Some(text)).build()).collect()
}

/// Which tags belong together, as viewers of documentation read it.
fn tag_groups(document: &OpenApi) -> Value {
    let names = |tags: Vec<(&str, &str)>| tags.into_iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>();
    used(document).into_iter().map(|(group, tags)| json!({"name": group, "tags": names(tags)})).collect()
}
