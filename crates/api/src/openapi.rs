//! The OpenAPI document: what the handlers say of themselves, and what all have in common.

mod bounds;
mod common;

use deal_registration::filter::Sort as DealSort;
use kernel::Scope;
use partners::application::filter::Sort as ApplicationSort;
use strum::{EnumMessage, IntoEnumIterator};
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
    operations::APPLICANT,
    problem::{ProblemDocument, ProblemFault},
    resources,
};

/// What a newcomer reads first.
const DESCRIPTION: &str = include_str!("openapi/description.md");

/// The tags, in the order in which a newcomer reads.
const TAGS: &[(&str, &str)] = &[
    ("auth", "Get a token, and see what it is good for."),
    ("programs", "A vendor's rules for one partner type, as a versioned document."),
    ("partners", "The companies that sell the vendor's products."),
    ("contacts", "The people of a partner."),
    ("enrollments", "A partner in a program: its tier, its status, and who manages it."),
    ("applications", "Companies that ask to join a program: screened, decided on, and made partners."),
    ("tiers", "Where a partner stands on the ladder, why, and what comes next."),
    ("notices", "What the engine tells a partner's people."),
    ("agreements", "The rules of engagement in versions, and who accepted which."),
    ("violations", "What was violated, and what follows: warning, suspension, termination."),
    ("territories", "Where, and to whom, partners may sell; an exclusive one is one partner's alone."),
    ("business_plans", "What partner and vendor want to reach together, and how it goes."),
    ("facts", "What is known of partners: what other systems observe, and what people enter."),
    ("deal_registrations", "A partner's claim on an opportunity, the decision on it, and its protection."),
    ("accounts", "The end customers that two partners can collide on."),
    ("vendor_opportunities", "The vendor's own open opportunities, which a registration can collide with."),
    ("events", "Every change of state, in order, complete and replayable."),
    ("audit", "Who did what, from where, and what it was before and after."),
    ("users", "People who can sign in."),
    ("api_clients", "Integrations that sign in with a secret."),
    ("sandbox", "Moves the clock, where the server runs as a sandbox."),
    ("service", "Health, metrics, keys, and the document itself."),
];

/// The OpenAPI document. With `sandbox` it holds the operations that only a sandbox has.
pub fn document(sandbox: bool) -> OpenApi {
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
    components.schemas.extend(unclaimed());
    common::add(&mut document);
    document.tags = Some(tags(&document));
    document
}

/// The schemas that no handler brings along. An enumeration that only a parameter refers to belongs here: without it
/// the server refuses to start.
fn unclaimed() -> [(String, RefOr<Schema>); 5] {
    [
        named::<ProblemDocument>(),
        named::<ProblemFault>(),
        named::<Include>(),
        named::<DealSort>(),
        named::<ApplicationSort>(),
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

/// The tags that are in use.
fn tags(document: &OpenApi) -> Vec<Tag> {
    let used: Vec<_> = common::operations(document).filter_map(|operation| operation.tags.as_ref()).flatten().collect();
    let named = TAGS.iter().filter(|(name, _)| used.iter().any(|tag| tag == name));
    named.map(|(name, text)| TagBuilder::new().name(*name).description(Some(*text)).build()).collect()
}
