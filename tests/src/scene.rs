//! What most tests begin with: a program, and partners in it with their people.

use serde_json::{Value, json};

use crate::{Client, Server};

/// The password of every user that a scene makes.
pub const PASSWORD: &str = "a password for tests";

/// A vendor with one program.
pub struct Scene {
    /// The vendor's administrator.
    pub admin: Client,
    anybody: Client,
}

/// A partner in the program.
pub struct Partner {
    /// Its id.
    pub id: String,
    /// Its enrollment's id.
    pub enrollment: String,
    /// Its administrator.
    pub admin: Client,
}

impl Scene {
    /// The program `reseller`: two tiers, `Silver` with 60 and `Gold` with 90 days, and this policy for deals.
    pub fn new(server: &Server, policy: Value) -> Self {
        let scene = Self { admin: server.admin(), anybody: server.client() };
        scene.program("reseller", policy);
        scene
    }

    /// The program, approving what is clean up to 50,000 EUR.
    pub fn approving(server: &Server) -> Self {
        Self::new(server, json!({"auto_approve": {"up_to": {"amount": "50000.00", "currency": "EUR"}}}))
    }

    /// Adds a program.
    pub fn program(&self, slug: &str, policy: Value) {
        let document = json!({
            "slug": slug, "name": slug,
            "tiers": [
                {"name": "Silver", "benefits": {"protection_days": 60}},
                {"name": "Gold", "benefits": {"protection_days": 90}}
            ],
            "deal_registration": policy
        });
        self.admin.post("/v1/programs", &document).expect_status(201);
    }

    /// A partner at tier Gold, with an administrator.
    pub fn partner(&self, name: &str) -> Partner {
        let domain = format!("{}.example", name.to_lowercase());
        let new = json!({"name": name, "domain": domain, "country": "DE"});
        let id = self.admin.post("/v1/partners", &new).expect_status(201).text("id");
        let enrollment = self.enroll(&id, "reseller", "Gold");
        let admin = self.user(&format!("admin@{domain}"), "partner_admin", Some(&id));
        Partner { id, enrollment, admin }
    }

    /// Enrolls a partner; the enrollment's id.
    pub fn enroll(&self, partner: &str, program: &str, tier: &str) -> String {
        let new = json!({"partner_id": partner, "program": program, "tier": tier});
        self.admin.post("/v1/enrollments", &new).expect_status(201).text("id")
    }

    /// A user, signed in.
    pub fn user(&self, email: &str, role: &str, partner: Option<&str>) -> Client {
        let mut new = json!({"email": email, "password": PASSWORD, "role": role});
        if let Some(partner) = partner {
            new["partner_id"] = partner.into();
        }
        self.admin.post("/v1/users", &new).expect_status(201);
        self.anybody.signed_in(email, PASSWORD)
    }
}

/// A registration of `core` at a customer of this domain, handed in at once.
pub fn deal(domain: &str) -> Value {
    let name = domain.split('.').next().unwrap_or(domain);
    json!({
        "program": "reseller", "title": format!("A deal with {name}"),
        "account": {"name": name, "domain": domain, "country": "DE"},
        "products": ["core"], "amount": {"amount": "10000.00", "currency": "EUR"},
        "expected_close_on": "2027-06-30", "stage": "qualified", "submit": true
    })
}
