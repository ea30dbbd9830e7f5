//! Everybody who may knock: each role, machines, and those whose token is no good.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::Method;
use tests::{Answer, Client, Kind as DatabaseKind, Server, Value, json, oidc, server::ADMIN};

use super::{
    document::{Access, Document},
    world::{Kind, Whose, World, application},
};
use crate::identity::support::{encoded, parts};

/// Whose data a caller reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Everything,
    /// Of partners, those that they manage: the first.
    Managed,
    /// The first partner's alone.
    Partner,
}

/// What the server is to make of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// They show no token.
    Nobody,
    /// Their token is no good.
    Refused,
    /// Their token is genuine and says that it holds these scopes, but whoever it speaks of may not act any more.
    Expelled(BTreeSet<String>),
    /// Their token is an application's.
    Applicant,
    /// They are known, hold these scopes, and reach this.
    Known(BTreeSet<String>, Reach),
}

/// Somebody who calls.
pub struct Caller {
    pub name: &'static str,
    pub client: Client,
    pub who: Who,
}

impl Caller {
    /// Whether they reach an object.
    pub fn reaches(&self, kind: Kind, whose: Whose) -> bool {
        let Who::Known(_, reach) = &self.who else { return false };
        let of_all = matches!(
            kind,
            Kind::Agreement
                | Kind::Program
                | Kind::ProgramVersion
                | Kind::ProblemCode
                | Kind::CredentialKey
                | Kind::TrainingOffer
                | Kind::CatalogueVersion
        );
        let of_the_vendor = matches!(kind, Kind::Account | Kind::Opportunity | Kind::ProgramPlan | Kind::ApiClient);
        match (whose, reach) {
            (Whose::Nobodys, _) => false,
            (_, Reach::Everything) => true,
            // A territory is the vendor's, before and while it is given to partners.
            (_, Reach::Managed) => of_all || of_the_vendor || kind == Kind::Territory || whose == Whose::Ours,
            (_, Reach::Partner) => of_all || (whose == Whose::Ours && !of_the_vendor),
        }
    }

    /// Whether they may call an operation at all.
    pub fn may(&self, access: &Access) -> bool {
        match (access, &self.who) {
            (Access::Public, _) | (Access::TokenOrNone(_), Who::Nobody) | (Access::Applicant, Who::Applicant) => true,
            (Access::Token(needed) | Access::TokenOrNone(needed), Who::Known(held, _)) => {
                needed.iter().all(|scope| held.contains(scope))
            }
            _ => false,
        }
    }
}

const READER: &[&str] = &["programs:read", "partners:read"];
const COUNTER: &[&str] = &["facts:read", "accounts:read", "deals:read", "events:read"];
const MEMBER: &[&str] = &[
    "programs:read",
    "partners:read",
    "facts:read",
    "deals:read",
    "deals:write",
    "training:read",
    "training:write",
    "events:read",
];
const RUNS_A_PARTNER: &[&str] = &[
    "contacts:write",
    "agreements:accept",
    "plans:write",
    "applications:read",
    "applications:write",
    "users:read",
    "users:write",
];
const MANAGES: &[&str] = &[
    "partners:write",
    "contacts:write",
    "agreements:accept",
    "plans:write",
    "facts:write",
    "applications:read",
    "applications:write",
    "applications:decide",
    "accounts:write",
    "deals:write",
    "deals:decide",
    "training:read",
    "training:write",
    "training:report",
    "training:manage",
];

/// What the design gives each role, written down here a second time; an administrator holds every scope.
pub const ROLES: &[(&str, Reach, &[&[&str]])] = &[
    ("channel_manager", Reach::Managed, &[READER, COUNTER, MANAGES]),
    ("finance", Reach::Everything, &[READER, COUNTER]),
    ("marketing", Reach::Everything, &[READER]),
    ("analyst", Reach::Everything, &[READER, COUNTER, &["applications:read", "training:read"]]),
    ("partner_admin", Reach::Partner, &[MEMBER, RUNS_A_PARTNER]),
    ("partner_member", Reach::Partner, &[MEMBER]),
];

fn set(lists: &[&[&str]]) -> BTreeSet<String> {
    lists.iter().copied().flatten().map(|scope| (*scope).to_owned()).collect()
}

/// All of them.
pub fn callers(server: &Server, world: &World, document: &Document) -> Vec<Caller> {
    let mut callers = people(world, document);
    callers.extend(machines(server, world, document));
    callers.extend(forgers(server));
    callers.extend(expelled(server, world, document));
    callers
}

/// Every scope that the document names.
pub fn every_scope(document: &Document) -> BTreeSet<String> {
    let scopes = document.operations.iter().flat_map(|one| match &one.access {
        Access::Token(scopes) | Access::TokenOrNone(scopes) => scopes.clone(),
        Access::Public | Access::Applicant => Vec::new(),
    });
    scopes.collect()
}

fn people(world: &World, document: &Document) -> Vec<Caller> {
    let administrator = Who::Known(every_scope(document), Reach::Everything);
    let mut people = vec![Caller { name: "program_admin", client: world.scene.admin.clone(), who: administrator }];
    for (role, reach, scopes) in ROLES {
        let client = match *role {
            "channel_manager" => world.manager.clone(),
            "partner_admin" => world.ours.partner.admin.clone(),
            role => {
                let partner = (*reach == Reach::Partner).then_some(world.ours.partner.id.as_str());
                world.scene.user(&format!("{role}@somewhere.example"), role, partner)
            }
        };
        people.push(Caller { name: role, client, who: Who::Known(set(scopes), *reach) });
    }
    people
}

/// A new API client, signed in; and its path.
fn machine(
    server: &Server,
    world: &World,
    scopes: &BTreeSet<String>,
    partner: Option<&str>,
) -> (Client, String, Answer) {
    let new = json!({"name": "Machine", "scopes": scopes, "partner_id": partner});
    let made = world.scene.admin.post("/v1/api-clients", &new).expect_status(201);
    let client = server.client().as_api_client(&made.text("client_id"), &made.text("client_secret"));
    (client, format!("/v1/api-clients/{}", made.text("client_id")), made)
}

fn machines(server: &Server, world: &World, document: &Document) -> Vec<Caller> {
    let (all, few) = (every_scope(document), set(&[&["sandbox:write"]]));
    let of_partner = set(&[MEMBER, RUNS_A_PARTNER]);
    let (whole, _, made) = machine(server, world, &all, None);
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &made.text("client_id")),
        ("client_secret", &made.text("client_secret")),
        ("scope", "sandbox:write"),
    ];
    let narrow = server.client().form("/oauth/token", &form).expect_status(200).text("access_token");
    let (robbed, path, _) = machine(server, world, &all, None);
    let fewer = json!({"scopes": few});
    world.scene.admin.patch(&path, &world.scene.admin.get(&path).tag(), &fewer).expect_status(200);
    let (rotated, path, _) = machine(server, world, &few, None);
    world.scene.admin.post(&format!("{path}/rotate-secret"), &json!({})).expect_status(200);
    let partners = machine(server, world, &of_partner, Some(&world.ours.partner.id)).0;
    let known = |name, client, scopes: &BTreeSet<String>, reach| Caller {
        name,
        client,
        who: Who::Known(scopes.clone(), reach),
    };
    vec![
        known("integration with all scopes", whole, &all, Reach::Everything),
        known("integration with a token of one scope", server.client().with_token(&narrow), &few, Reach::Everything),
        known("integration that lost its scopes since", robbed, &few, Reach::Everything),
        // The secret is worth nothing from then on; a token lives its quarter of an hour. Revoking ends both.
        known("integration whose secret was rotated", rotated, &few, Reach::Everything),
        known("integration of a partner", partners, &of_partner, Reach::Partner),
    ]
}

/// The key that signs, as PEM.
fn signing_key(server: &Server) -> String {
    const SQL: &str = "SELECT private_key FROM signing_keys WHERE retired_at IS NULL AND algorithm = 'EdDSA'";
    let url = &server.database.url;
    let key: String = match server.database.kind {
        DatabaseKind::Postgres => {
            let mut connection = postgres::Client::connect(url, postgres::NoTls).expect("the database");
            connection.query_one(SQL, &[]).expect("a key").get(0)
        }
        DatabaseKind::Sqlite => {
            let connection = rusqlite::Connection::open(url).expect("the database");
            connection.query_row(SQL, [], |row| row.get(0)).expect("a key")
        }
    };
    let key = STANDARD.decode(key).expect("base64");
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(key))
}

/// Tokens of an administrator that are good but for one thing.
fn forgers(server: &Server) -> Vec<Caller> {
    let client = server.client();
    let (header, payload) = parts(server.admin().token.as_deref().expect("a token"));
    let key = signing_key(server);
    let with = |member: &str, value: Value| {
        let mut payload = payload.clone();
        payload[member] = value;
        payload
    };
    let signed = |payload: &Value| oidc::sign(&header, payload, Some(&key));
    let genuine = client.with_token(&signed(&with("jti", "another".into())));
    genuine.get("/v1/me").expect_status(200);
    let issued = payload["iat"].as_i64().expect("iat");
    let unsigned =
        format!("{}.{}.", encoded(&json!({"alg": "none", "typ": "at+jwt", "kid": header["kid"]})), encoded(&payload));
    let tokens = [
        ("expired token", signed(&with("exp", (issued - 1).into()))),
        ("token for another audience", signed(&with("aud", "https://other.test".into()))),
        ("token of another issuer", signed(&with("iss", "https://other.test".into()))),
        ("token of a foreign signature", oidc::sign(&header, &payload, None)),
        ("token with alg none", unsigned),
    ];
    let mut callers = vec![Caller { name: "nobody", client: client.clone(), who: Who::Nobody }];
    callers.extend(tokens.map(|(name, token)| Caller { name, client: client.with_token(&token), who: Who::Refused }));
    callers
}

/// Those whose token was good once; and an applicant, who has another kind of token.
fn expelled(server: &Server, world: &World, document: &Document) -> Vec<Caller> {
    let admin = &world.scene.admin;
    let suspended = world.scene.partner("Suspended");
    let scopes = set(&[MEMBER, RUNS_A_PARTNER]);
    let machine_of = machine(server, world, &scopes, Some(&suspended.id)).0;
    admin.post(&format!("/v1/partners/{}/suspend", suspended.id), &json!({"reason": "x"})).expect_status(200);
    let terminated = world.scene.partner("Terminated");
    admin.post(&format!("/v1/partners/{}/terminate", terminated.id), &json!({"reason": "x"})).expect_status(200);
    let disabled = world.scene.user("disabled@vendor.example", "program_admin", None);
    let user = admin.all("/v1/users?email=disabled@vendor.example").remove(0);
    let path = format!("/v1/users/{}", user["id"].as_str().expect("an id"));
    admin.patch(&path, &admin.get(&path).tag(), &json!({"status": "suspended"})).expect_status(200);
    let (revoked, path, _) = machine(server, world, &scopes, None);
    admin.post(&format!("{path}/revoke"), &json!({})).expect_status(200);
    let form = [("grant_type", "password"), ("username", ADMIN.0), ("password", ADMIN.1)];
    let refresh = server.client().form("/oauth/token", &form).expect_status(200).text("refresh_token");
    let handed_in = application("entry", "applicant.example");
    let handed_in = Answer::of(admin.request(Method::POST, "/v1/applications").json(&handed_in)).expect_status(201);
    let applicant = server.client().with_token(&handed_in.text("status_token"));
    let expelled =
        |name, client, scopes: &BTreeSet<String>| Caller { name, client, who: Who::Expelled(scopes.clone()) };
    vec![
        expelled("user of a suspended partner", suspended.admin, &scopes),
        expelled("integration of a suspended partner", machine_of, &scopes),
        expelled("user of a terminated partner", terminated.admin, &scopes),
        expelled("disabled user", disabled, &every_scope(document)),
        expelled("revoked integration", revoked, &scopes),
        Caller { name: "refresh token", client: server.client().with_token(&refresh), who: Who::Refused },
        Caller { name: "applicant", client: applicant, who: Who::Applicant },
    ]
}
