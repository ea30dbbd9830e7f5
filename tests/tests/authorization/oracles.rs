//! What is unique, or alike, must not become a way to ask who else is there.

use tests::{Answer, Client, Value, json, on_both, scene::deal};

use super::{
    told::told,
    world::{World, application, fresh, missing},
};

/// Where an application without an account costs nothing.
const UNGUARDED: &[(&str, &str)] = &[("ENTENTE_APPLICATION_DIFFICULTY", "0"), ("ENTENTE_APPLICATION_RATE", "0")];

/// What an answer tells but for what its own request said, and the ids and times that are new each time.
fn shape(answer: &Answer, own: &[&str]) -> String {
    let mut text = answer.json.to_string();
    for own in own {
        text = text.replace(own, "…");
    }
    let mut json: Value = serde_json::from_str(&text).expect("JSON");
    without_news(&mut json);
    format!("{} {json}", answer.status)
}

fn without_news(value: &mut Value) {
    const NEW: &[&str] = &[
        "id",
        "request_id",
        "account_id",
        "created_at",
        "updated_at",
        "submitted_at",
        "status_token",
        "decision_due_at",
        "at",
        "protected_from",
        "protected_until",
        "evaluated_at",
    ];
    match value {
        Value::Object(members) => {
            members.retain(|name, _| !NEW.contains(&name.as_str()));
            members.values_mut().for_each(without_news);
        }
        Value::Array(items) => items.iter_mut().for_each(without_news),
        _ => {}
    }
}

fn posts(client: &Client, path: &str, body: impl Fn(&str) -> Value, words: [&str; 2]) -> [String; 2] {
    words.map(|word| shape(&client.post(path, &body(word)), &[word]))
}

on_both! {
    fn what_a_partner_adds_does_not_collide_with_what_it_cannot_see(server: Server) {
        let world = World::new(&server);
        let (own, domain) = (&world.ours.partner.admin, world.theirs.domain.clone());
        let address = |host: &str| format!("ada@{host}");
        let contact = |host: &str| json!({"name": "Ada", "email": address(host)});
        let [known, unknown] = posts(own, "/v1/contacts", contact, [&domain, "nobody.example"]);
        assert_eq!(known, unknown);
        let reference = json!([{"system": "crm", "id": "4711"}]);
        let mut theirs = deal("somewhere.example");
        theirs["external_refs"] = reference.clone();
        world.theirs.partner.admin.post("/v1/deal-registrations", &theirs).expect_status(201);
        let number = fresh();
        let ours = |id: &str| {
            let mut new = deal(&format!("customer{number}{id}.example"));
            new["external_refs"] = json!([{"system": "crm", "id": id}]);
            new["products"] = json!(["core"]);
            new
        };
        let [known, unknown] = posts(own, "/v1/deal-registrations", ours, ["4711", "4712"]);
        assert_eq!(known, unknown);
        // In another company's name one applies neither if it is a partner nor if it is not.
        let named = |host: &str| application("entry", host);
        let [known, unknown] = posts(own, "/v1/applications", named, [&domain, "nobody.example"]);
        assert_eq!(known, unknown);
    }

    fn an_address_signs_in_once_and_that_alone_is_told(server: Server) {
        let world = World::new(&server);
        let own = &world.ours.partner.admin;
        // Whoever signs in does so with an address alone, so it can be one person's only: whoever adds a user with an
        // address that is taken must hear that it is. By whom, and where, they do not hear.
        let add = |email: &str| own.post("/v1/users", &json!({"email": email, "role": "partner_member"}));
        let theirs = add(&format!("user@{}", world.theirs.domain)).expect_problem(409, "already_exists");
        let vendors = add("cam@vendor.example").expect_problem(409, "already_exists");
        let ours = add(&format!("user@{}", world.ours.domain)).expect_problem(409, "already_exists");
        for answer in [&theirs, &vendors] {
            assert_eq!((&answer.json["detail"], &answer.json["errors"]), (&ours.json["detail"], &ours.json["errors"]));
        }
    }

    fn a_body_names_anothers_object_and_one_that_there_is_not_alike(server: Server) {
        let world = World::new(&server);
        let own = &world.ours.partner.admin;
        let (theirs, nobodys) = (&world.theirs.partner.id, missing(&world.theirs.partner.id));
        for (path, make) in [
            ("/v1/contacts", json!({"name": "Ada", "email": "ada@x.example"})),
            ("/v1/deal-registrations", deal("x.example")),
            ("/v1/users", json!({"email": "ada@x.example", "role": "partner_member"})),
        ] {
            let body = |id: &str| {
                let mut body = make.clone();
                body["partner_id"] = json!(id);
                body
            };
            let [known, unknown] = [theirs.as_str(), &nobodys].map(|id| told(&own.post(path, &body(id)), id));
            assert_eq!(known, unknown, "{path}");
            assert_eq!(known.status, 422, "{path}");
        }
    }
}

tests::on_both_with! {
    UNGUARDED;
    fn a_stranger_does_not_learn_who_is_a_partner(server: Server) {
        let world = World::new(&server);
        let stranger = server.client();
        world.scene.program("open", json!({}));
        let named = |host: &str| application("open", host);
        let [known, unknown] = posts(&stranger, "/v1/applications", named, [&world.theirs.domain, "nobody.example"]);
        assert_eq!(known, unknown);
        assert!(known.starts_with("201"), "{known}");
        let alike = |name: &str| {
            let mut new = application("open", &format!("{name}-and-sons.example"));
            new["company"]["name"] = json!(name);
            new
        };
        // One of the names is a partner's.
        let [known, unknown] = posts(&stranger, "/v1/applications", alike, ["bravo", "qwert"]);
        assert_eq!(known, unknown);
    }
}
