//! Where it plays: a vendor, the partner that looks, and its rival, all of whose words are marked.

use reqwest::Method;
use tests::{
    Answer, Client, Server, Value, json,
    scene::{PASSWORD, Partner},
};

use super::MARK;
use crate::authorization::world::{catalogue, program, reading};

/// What somebody heard when they did something: what it was, what they sent, and the answer.
pub struct Heard {
    pub what: String,
    pub sent: String,
    pub answer: Answer,
}

/// A vendor, the partner that looks, and its rival.
pub struct Stage {
    pub admin: Client,
    pub own: Partner,
    pub rival: Partner,
    /// The channel manager of the partner that looks.
    pub manager: Client,
    /// The rival's user without rights.
    pub rival_member: Client,
    /// All that the partner that looks has heard so far.
    pub heard: Vec<Heard>,
    pub program: String,
    pub number: usize,
    pub own_deals: Vec<String>,
    pub rival_deals: Vec<String>,
    /// What there is besides, by its path or its kind.
    pub things: Vec<String>,
}

/// One of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Own,
    Rival,
}

impl Stage {
    pub fn new(server: &Server, number: usize) -> Self {
        let admin = server.admin();
        let slug = format!("program-{number}");
        let document = |slug: &str, policy: Value| {
            let mut document = program(slug);
            document["deal_registration"] = policy;
            admin.post("/v1/programs", &document).expect_status(201);
        };
        document(&slug, json!({"auto_approve": {"up_to": {"amount": "50000.00", "currency": "EUR"}}}));
        document(&format!("entry-{number}"), json!({}));
        // The same for all: only the first time there is something to publish.
        admin.post("/v1/training-catalogue/versions", &catalogue());
        let own = partner(server, &format!("Northwind{number}"), &slug);
        let rival = partner(server, &format!("{MARK}corp{number}"), &slug);
        let member = json!({
            "email": format!("{MARK}{number}@rival.example"), "name": format!("{MARK} member"), "role": "partner_member",
            "password": PASSWORD
        });
        rival.admin.post("/v1/users", &member).expect_status(201);
        let rival_member = server.client().signed_in(&format!("{MARK}{number}@rival.example"), PASSWORD);
        let manager = user(server, &format!("cam{number}@vendor.example"), json!({"role": "channel_manager"}));
        let subject = manager.get("/v1/me").text("subject");
        let path = format!("/v1/enrollments/{}", own.enrollment);
        admin.patch(&path, "*", &json!({"channel_manager_id": subject})).expect_status(200);
        let agreement = json!({"slug": format!("rules-{number}"), "title": "Rules", "program": slug});
        let agreement = admin.post("/v1/agreements", &agreement).expect_status(201).text("id");
        let text = json!({"text": "Be kind.", "requires_reacceptance": false});
        admin.post(&format!("/v1/agreements/{agreement}/publish"), &text).expect_status(200);
        for partner in [&own, &rival] {
            let accepted =
                partner.admin.post(&format!("/v1/agreements/{agreement}/accept"), &reading(&partner.admin, &agreement));
            accepted.expect_status(201);
        }
        let (heard, own_deals, rival_deals, things) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { admin, own, rival, manager, rival_member, heard, program: slug, number, own_deals, rival_deals, things }
    }

    /// The partner that looks does something, and what it hears is kept.
    pub fn own_sends(&mut self, method: Method, path: &str, body: &Value) -> Answer {
        let request = self.own.admin.request(method.clone(), path).header("If-Match", "*").json(body);
        let answer = Answer::of(request);
        assert!(answer.status < 500, "{method} {path}: {}", answer.text);
        self.heard.push(Heard { what: format!("{method} {path}"), sent: body.to_string(), answer: answer.clone() });
        answer
    }

    pub fn deal(&self, side: Side) -> Option<String> {
        let deals = if side == Side::Own { &self.own_deals } else { &self.rival_deals };
        deals.last().cloned()
    }

    /// A claim at one of three customers: of one of them by domain, of another by a name that is spelt otherwise.
    pub fn claim(&self, side: Side, customer: usize) -> Value {
        let (number, is_rival) = (self.number, side == Side::Rival);
        let name = ["Lakeside Traders", "Northgate Industries", "Harbour Foods"][customer];
        let domain = format!("{}{number}.example", name.split(' ').next().expect("a word").to_lowercase());
        let (spelt, host) = match (customer, is_rival) {
            (0, true) => (format!("{MARK} spelling of {name}"), domain),
            (0, false) => (name.to_owned(), domain),
            (_, true) => (format!("{name} {number}"), format!("{MARK}-{domain}")),
            (_, false) => (format!("{name}s {number}"), domain),
        };
        let told = |word: &str| if is_rival { format!("{MARK} {word}") } else { format!("Our {word}") };
        let amount = if is_rival { "7654.32" } else { "1000.00" };
        json!({
            "program": self.program, "title": told("title"), "notes": told("notes"),
            "account": {"name": spelt, "domain": host, "country": "DE"}, "products": ["core", "extra"],
            "amount": {"amount": amount, "currency": "EUR"}, "expected_close_on": if is_rival { "2037-07-07" } else { "2037-06-30" },
            "contact": {"name": told("person"), "email": format!("{}@customer.example", told("person").replace(' ', "."))},
            "external_refs": [{"system": told("crm").replace(' ', "-"), "id": told("1").replace(' ', "-")}],
            "stage": "qualified", "submit": true
        })
    }
}

/// A user, signed in.
fn user(server: &Server, email: &str, mut new: Value) -> Client {
    (new["email"], new["password"]) = (json!(email), json!(PASSWORD));
    server.admin().post("/v1/users", &new).expect_status(201);
    server.client().signed_in(email, PASSWORD)
}

/// A partner in a program, with an administrator.
fn partner(server: &Server, name: &str, program: &str) -> Partner {
    let (vendor, domain) = (server.admin(), format!("{}.example", name.to_lowercase()));
    let new = json!({"name": name, "domain": domain, "country": "DE"});
    let id = vendor.post("/v1/partners", &new).expect_status(201).text("id");
    let new = json!({"partner_id": id, "program": program, "tier": "Gold"});
    let enrollment = vendor.post("/v1/enrollments", &new).expect_status(201).text("id");
    let admin = user(server, &format!("admin@{domain}"), json!({"role": "partner_admin", "partner_id": id}));
    Partner { id, enrollment, admin }
}
