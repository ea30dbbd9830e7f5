//! What webhooks deliver, in the document: one for each type of event.

use events::CATALOGUE;
use serde_json::{Value, json};
use utoipa::openapi::{
    ContentBuilder, HttpMethod, PathItem, Paths, PathsBuilder, Ref, Required, Response,
    path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
    request_body::RequestBodyBuilder,
    security::SecurityRequirement,
};

use super::common::text;

/// What comes after the prefix of an id.
const SOME: &str = "01h455vb4pex5vsknk084sn02q";

/// The headers of a delivery (Standard Webhooks 1.0.0), each with what it holds and an example.
const HEADERS: [(&str, &str, &str); 3] = [
    ("webhook-id", "The event's id: the same at every attempt to deliver it.", "event_01h455vb4pex5vsknk084sn02q"),
    ("webhook-timestamp", "When this attempt was made, in seconds since 1970.", "1767225600"),
    (
        "webhook-signature",
        "`v1,` and the HMAC-SHA256 of id, timestamp and body in base64; several, separated by spaces, while secrets change.",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    ),
];

/// The webhooks of the document.
pub(super) fn all() -> Paths {
    CATALOGUE.iter().fold(PathsBuilder::new(), |paths, (kind, when)| paths.path(*kind, item(kind, when))).build()
}

fn item(kind: &str, when: &str) -> PathItem {
    let text = format!(
        "The body is the event as `GET /v1/events` gives it, with `type` `{kind}`. Whoever needs more reads its `subject`."
    );
    let event = ContentBuilder::new().schema(Some(Ref::from_schema_name("Event"))).example(Some(example(kind)));
    let body = RequestBodyBuilder::new()
        .description(Some("The event."))
        .content("application/json", event.build())
        .required(Some(Required::True));
    let operation = OperationBuilder::new()
        .operation_id(Some(operation_id(kind)))
        .summary(Some(when.trim_end_matches('.')))
        .description(Some(text))
        .tag("events")
        .parameters(Some(HEADERS.map(header)))
        .request_body(Some(body.build()))
        .response("204", Response::new("Taken; any status of the 200s will do. Anything else is tried again."))
        .security(SecurityRequirement::default());
    PathItem::new(HttpMethod::Post, Operation::from(operation))
}

fn example(kind: &str) -> Value {
    let subject = match kind.split('.').next().unwrap_or(kind) {
        "program" => "reseller".to_owned(),
        what => format!("{}_{SOME}", prefix(what)),
    };
    json!({
        "id": format!("event_{SOME}"), "type": kind, "subject": subject, "partner_id": format!("partner_{SOME}"),
        "actor": format!("user_{SOME}"), "occurred_at": "2026-03-02T09:30:00.000000Z",
        "program": "reseller", "program_version": 1,
        "data": {"from": null, "to": null, "reason": null, "until": null, "changed": []}
    })
}

/// What the ids of a subject begin with.
fn prefix(subject: &str) -> &str {
    match subject {
        "api_client" => "client",
        "business_plan" => "plan",
        "business_plan_review" => "review",
        "deal_registration" => "deal",
        "manual_fact" => "manual",
        "vendor_opportunity" => "opportunity",
        other => other,
    }
}

fn header((name, description, example): (&str, &str, &str)) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::True)
        .description(Some(description))
        .schema(Some(text().max_length(Some(500))))
        .example(Some(example.into()))
        .build()
}

/// `deal_registration.approved` is `onDealRegistrationApproved`.
fn operation_id(kind: &str) -> String {
    let words = kind.split(['.', '_']).map(|word| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
    });
    format!("on{}", words.collect::<String>())
}
