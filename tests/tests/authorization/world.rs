//! Two partners of one vendor, each with one object of every kind, and what the vendor has of its own.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use reqwest::Method;
use tests::{
    Answer, Client, Database, Kind as DatabaseKind, Scene, Server, Value, json,
    scene::{PASSWORD, Partner, deal},
};

/// What an operation can be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Partner,
    Enrollment,
    Contact,
    User,
    Event,
    Deal,
    Notice,
    Violation,
    BusinessPlan,
    Review,
    Territory,
    ManualFact,
    Observation,
    Application,
    Acceptance,
    TierRun,
    ApiClient,
    Account,
    Opportunity,
    ProgramPlan,
    Agreement,
    Program,
    ProgramVersion,
    ProblemCode,
    Person,
    Training,
    Credential,
    CredentialKey,
    TrainingImport,
    TrainingOffer,
    CatalogueVersion,
    TrainingReview,
}

/// Whose object it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// The first partner's, or the vendor's where partners have none.
    Ours,
    /// The second partner's.
    Theirs,
    /// There is no such object.
    Nobodys,
}

/// A partner with one object of every kind.
pub struct Side {
    pub partner: Partner,
    pub domain: String,
    objects: BTreeMap<Kind, String>,
}

/// Two partners and their vendor.
pub struct World {
    pub scene: Scene,
    pub ours: Side,
    pub theirs: Side,
    /// The partners' channel manager: of the first alone.
    pub manager: Client,
    shared: BTreeMap<Kind, String>,
}

/// A sandbox that does not sweep: nothing changes but what is asked for. Nothing here is to survive a loss of power.
pub fn start(kind: DatabaseKind) -> Server {
    let environment =
        [("ENTENTE_SANDBOX", "1"), ("ENTENTE_SWEEP_SECONDS", "3600"), ("ENTENTE_SQLITE_SYNCHRONOUS", "normal")];
    Server::with(Arc::new(Database::empty(kind)), &environment)
}

/// A number that no call has got before: for names that must be new.
pub fn fresh() -> usize {
    static COUNTED: AtomicUsize = AtomicUsize::new(0);
    COUNTED.fetch_add(1, Ordering::Relaxed)
}

impl Side {
    /// The id of its object of this kind.
    pub fn id(&self, kind: Kind) -> Option<&str> {
        self.objects.get(&kind).map(String::as_str)
    }

    /// Every id that is its own.
    pub fn ids(&self) -> impl Iterator<Item = (Kind, &str)> {
        self.objects.iter().map(|(kind, id)| (*kind, id.as_str()))
    }
}

impl World {
    pub fn new(server: &Server) -> Self {
        let scene = Scene::approving(server);
        let reviewed = scene.admin.post("/v1/programs/reseller/versions", &program("reseller"));
        reviewed.expect_status(201);
        scene.program("entry", json!({}));
        let manager = scene.user("cam@vendor.example", "channel_manager", None);
        let mut shared = vendors(&scene);
        let (ours, theirs) = (side(&scene, "Acme", &shared), side(&scene, "Bravo", &shared));
        // An open territory is that of several; neither partner is to know of the other.
        let open = format!("/v1/territories/{}/assign", ours.objects[&Kind::Territory]);
        scene.admin.post(&open, &json!({"enrollment_id": theirs.partner.enrollment})).expect_status(200);
        let subject = manager.get("/v1/me").text("subject");
        let path = format!("/v1/enrollments/{}", ours.partner.enrollment);
        scene
            .admin
            .patch(&path, &scene.admin.get(&path).tag(), &json!({"channel_manager_id": subject}))
            .expect_status(200);
        // Last, so that the enrollments that it weighs do not change.
        let plan = scene.admin.post("/v1/programs/reseller/plans", &program("reseller")).expect_status(201);
        shared.insert(Kind::ProgramPlan, plan.text("id"));
        Self { scene, ours, theirs, manager, shared }
    }

    pub fn side(&self, whose: Whose) -> &Side {
        if whose == Whose::Theirs { &self.theirs } else { &self.ours }
    }

    /// The id of an object; none where the second partner has none of its own.
    pub fn id(&self, kind: Kind, whose: Whose) -> Option<String> {
        match whose {
            Whose::Ours => self.ours.id(kind).or(self.shared.get(&kind).map(String::as_str)).map(str::to_owned),
            Whose::Theirs => self.theirs.id(kind).map(str::to_owned),
            Whose::Nobodys => self.theirs.id(kind).or(self.shared.get(&kind).map(String::as_str)).map(missing),
        }
    }

    /// A path with the object that it names; what else it names is the program's.
    pub fn path(&self, template: &str, id: &str) -> String {
        let Some((before, after)) = template.rsplit_once('{') else { return template.to_owned() };
        let rest = after.split_once('}').expect("a brace").1;
        format!("{before}{id}{rest}").replace("{slug}", "reseller")
    }
}

/// An id of the same kind and length that nothing has.
pub fn missing(id: &str) -> String {
    if id.chars().all(|digit| digit.is_ascii_digit()) {
        return "9".repeat(id.len());
    }
    let mut id = id.to_owned();
    let last = id.pop().expect("an id");
    id.push(if last == '0' { '1' } else { '0' });
    id
}

/// The document of a program whose tiers are reviewed.
pub fn program(slug: &str) -> Value {
    json!({
        "slug": slug, "name": slug, "currency": "EUR",
        "facts": {"revenue": {"type": "number", "unit": "EUR", "default": 0}},
        "tiers": [
            {"name": "Silver", "benefits": {"protection_days": 60}},
            {"name": "Gold", "requires": {"metric": "revenue", "at_least": 50000}, "benefits": {"protection_days": 90}}
        ],
        "evaluation": {"cadence": "quarterly", "promotion": "at_review", "demotion": {"grace_days": 30}},
        "deal_registration": {"auto_approve": {"up_to": {"amount": "50000.00", "currency": "EUR"}}}
    })
}

/// A course, an exam, and what is certified for the first.
pub fn catalogue() -> Value {
    json!({
        "name": "Academy",
        "courses": {"basics": {"name": "Basics"}, "advanced": {"name": "Advanced"}},
        "exams": {"exam": {"name": "Exam", "pass_mark": 70, "activities": ["https://lms.example/exam"]}},
        "certifications": {"technical": {"name": "Technical", "requires": "basics", "valid_months": 24}}
    })
}

/// A statement that somebody of the company with this domain has passed the exam, and not how: it waits.
pub fn statement(domain: &str) -> Value {
    json!({
        "actor": {"mbox": format!("mailto:ada@{domain}")},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/passed"},
        "object": {"id": "https://lms.example/exam"}
    })
}

fn vendors(scene: &Scene) -> BTreeMap<Kind, String> {
    let made = |path: &str, new: Value| scene.admin.post(path, &new).expect_status(201).text("id");
    scene.admin.post("/v1/training-catalogue/versions", &catalogue()).expect_status(201);
    let agreement = made("/v1/agreements", json!({"slug": "rules", "title": "Rules", "program": "reseller"}));
    let text = json!({"text": "Be kind.", "requires_reacceptance": false});
    scene.admin.post(&format!("/v1/agreements/{agreement}/publish"), &text).expect_status(200);
    let account = made("/v1/accounts", json!({"name": "Zenith", "domain": "zenith.example", "country": "DE"}));
    let of = json!({"name": "Zenith", "domain": "zenith.example", "country": "DE"});
    let opportunity = made("/v1/vendor-opportunities", json!({"title": "Renewal", "account": of}));
    let issuer = scene.admin.get("/credentials/issuer").expect_status(200).json;
    let key = issuer["assertionMethod"][0].as_str().and_then(|key| key.rsplit('/').next()).expect("a key").to_owned();
    BTreeMap::from([
        (Kind::Agreement, agreement),
        (Kind::Account, account),
        (Kind::Opportunity, opportunity),
        (Kind::Program, "reseller".to_owned()),
        (Kind::ProgramVersion, "2".to_owned()),
        (Kind::ProblemCode, "not_found".to_owned()),
        (Kind::CredentialKey, key),
        (Kind::TrainingOffer, "basics".to_owned()),
        (Kind::CatalogueVersion, "1".to_owned()),
    ])
}

/// What a partner sends who has read the agreement.
pub fn reading(client: &Client, agreement: &str) -> Value {
    let current = client.get(&format!("/v1/agreements/{agreement}")).expect_status(200).json["current"].clone();
    json!({"version": current["number"], "digest": current["digest"]})
}

fn side(scene: &Scene, name: &str, shared: &BTreeMap<Kind, String>) -> Side {
    let partner = scene.partner(name);
    let domain = format!("{}.example", name.to_lowercase());
    let (admin, own) = (&scene.admin, &partner.admin);
    let made = |client: &Client, path: &str, new: Value| client.post(path, &new).expect_status(201).text("id");
    let contact = made(own, "/v1/contacts", json!({"name": "Ada", "email": format!("ada@{domain}")}));
    let user = json!({"email": format!("user@{domain}"), "role": "partner_member", "password": PASSWORD});
    let user = made(own, "/v1/users", user);
    let registered = made(own, "/v1/deal-registrations", deal(&format!("customer-of-{domain}")));
    let warning = json!({"partner_id": partner.id, "category": "other", "text": "A warning", "found_by": "Audit"});
    let violation = made(admin, "/v1/violations", warning);
    let exception = json!({"tier": "Gold", "reason": "A good year", "until": "2099-01-01T00:00:00Z"});
    admin.post(&format!("/v1/enrollments/{}/tier-override", partner.enrollment), &exception).expect_status(200);
    let notice = own.all("/v1/notices")[0]["id"].as_str().expect("an id").to_owned();
    let plan = json!({
        "enrollment_id": partner.enrollment, "title": "Plan", "starts_on": "2027-01-01", "ends_on": "2027-12-31"
    });
    let plan = made(own, "/v1/business-plans", plan);
    let of_plan = |verb: &str| format!("/v1/business-plans/{plan}/{verb}");
    own.post(&of_plan("propose"), &json!({})).expect_status(200);
    admin.post(&of_plan("agree"), &json!({})).expect_status(200);
    let review = made(admin, &of_plan("reviews"), json!({"held_on": "2026-06-30", "notes": "All is well."}));
    let territory = made(admin, "/v1/territories", json!({"program": "reseller", "name": format!("Land of {name}")}));
    let to = json!({"enrollment_id": partner.enrollment});
    admin.post(&format!("/v1/territories/{territory}/assign"), &to).expect_status(200);
    let fact =
        made(admin, "/v1/manual-facts", json!({"partner_id": partner.id, "name": "invitation", "reason": "Invited"}));
    let seen = json!({"partner_id": partner.id, "metric": "revenue", "day": "2026-01-31", "value": "1", "unit": "EUR", "source": "erp"});
    let seen = admin.request(Method::PUT, "/v1/observations").json(&json!({"observations": [seen]}));
    let seen = Answer::of(seen).expect_status(200).json["data"][0]["id"].as_str().expect("an id").to_owned();
    let application = made(own, "/v1/applications", application("entry", &domain));
    let agreement = &shared[&Kind::Agreement];
    let acceptance = made(own, &format!("/v1/agreements/{agreement}/accept"), reading(own, agreement));
    let run = json!({"program": "reseller", "enrollment_id": partner.enrollment});
    let run = admin.post("/v1/tier-runs", &run).expect_status(202).text("id");
    let client = json!({"name": "Sync", "scopes": ["deals:read"], "partner_id": partner.id});
    let client = admin.post("/v1/api-clients", &client).expect_status(201).text("client_id");
    let person = made(own, "/v1/people", json!({"name": "Ada", "email": format!("ada@{domain}")}));
    let learns = |item: &str| made(own, "/v1/training-enrollments", json!({"person_id": person, "item": item}));
    let (learned, training) = (learns("basics"), learns("exam"));
    admin.post(&format!("/v1/training-enrollments/{learned}/complete"), &json!({})).expect_status(200);
    let told = admin.post("/xapi/statements", &statement(&domain)).expect_status(200);
    let waiting = admin.all(&format!("/v1/training-reviews?reference={}", told.json[0].as_str().expect("an id")));
    let waiting = waiting[0]["id"].as_str().expect("an id").to_owned();
    let credential = own.all("/v1/credentials")[0]["id"].as_str().expect("an id").to_owned();
    let import = import(scene, &partner.id);
    let objects = BTreeMap::from([
        (Kind::Person, person),
        (Kind::Training, training),
        (Kind::TrainingReview, waiting),
        (Kind::Credential, credential),
        (Kind::TrainingImport, import),
        (Kind::Partner, partner.id.clone()),
        (Kind::Enrollment, partner.enrollment.clone()),
        (Kind::Contact, contact),
        (Kind::User, user),
        (Kind::Event, event_of(admin, &partner.id)),
        (Kind::Deal, registered),
        (Kind::Notice, notice),
        (Kind::Violation, violation),
        (Kind::BusinessPlan, plan),
        (Kind::Review, review),
        (Kind::Territory, territory),
        (Kind::ManualFact, fact),
        (Kind::Observation, seen),
        (Kind::Application, application),
        (Kind::Acceptance, acceptance),
        (Kind::TierRun, run),
        (Kind::ApiClient, client),
    ]);
    Side { partner, domain, objects }
}

/// A file that the partner's learning system has handed in; its id.
fn import(scene: &Scene, partner: &str) -> String {
    let new = json!({"name": "LMS", "scopes": ["training:report"], "partner_id": partner});
    let made = scene.admin.post("/v1/api-clients", &new).expect_status(201);
    let mut anybody = scene.admin.clone();
    anybody.token = None;
    let client = anybody.as_api_client(&made.text("client_id"), &made.text("client_secret"));
    client.csv("/v1/training-imports?kind=people", "email,name\nno address,Nobody\n").expect_status(202).text("id")
}

/// An application of the company with this domain.
pub fn application(program: &str, domain: &str) -> Value {
    json!({
        "program": program,
        "company": {"name": domain, "domain": domain, "country": "DE"},
        "contact": {"name": "Ada", "email": format!("ada@{domain}")}
    })
}

fn event_of(admin: &Client, partner: &str) -> String {
    let events = admin.all_events();
    let event = events.iter().rfind(|event| event["partner_id"] == partner).expect("an event of the partner");
    event["id"].as_str().expect("an id").to_owned()
}
