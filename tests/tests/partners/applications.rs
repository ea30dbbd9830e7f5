//! Companies that ask to join a program: from the first request to the first sign-in.

use std::thread;

use super::*;

mod guard;
mod lists;
mod screening;

const APPLICATIONS: &str = "/v1/applications";
const OWN: &str = "/v1/own-application";

/// A sandbox that asks whoever applies for nothing.
const OPEN: &[(&str, &str)] =
    &[("ENTENTE_SANDBOX", "1"), ("ENTENTE_APPLICATION_DIFFICULTY", "0"), ("ENTENTE_APPLICATION_RATE", "0")];

/// What the program `strict` asks for.
fn asking() -> Value {
    json!({
        "facts": {
            "sales_people": {"type": "number"}, "support_desk": {"type": "boolean"}, "years": {"type": "number"},
            "audited": {"type": "boolean", "source": {"manual": "audit"}}
        },
        "eligibility": [
            {"name": "staffed", "description": "At least two sales people.", "requires": {"metric": "sales_people", "at_least": 2}, "weight": 2},
            {"name": "supports", "kind": "preferred", "requires": "support_desk"}
        ],
        "application": {"reapply_after_days": 30}
    })
}

fn applicant(name: &str) -> Value {
    let domain = format!("{}.example", name.to_lowercase());
    json!({
        "program": "strict",
        "company": {"name": name, "domain": format!("https://www.{domain}/about"), "country": "DE", "employees": 40},
        "contact": {"name": "Grace Hopper", "email": format!("Grace@{domain}")},
        "answers": {"sales_people": 3, "support_desk": true}
    })
}

/// Applies without an account; whoever holds the token, and the application's path.
#[track_caller]
fn applied(server: &Server, body: &Value) -> (Client, String) {
    let receipt = server.client().post(APPLICATIONS, body).expect_status(201);
    assert_eq!(receipt.header("location"), Some(OWN));
    (server.client().with_token(&receipt.text("status_token")), format!("{APPLICATIONS}/{}", receipt.text("id")))
}

/// A vendor with the program `strict`, and its channel manager.
fn recruiting(server: &Server) -> (Scene, Client) {
    let scene = vendor(server, &asking());
    let manager = scene.user("cam@vendor.example", "channel_manager", None);
    (scene, manager)
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect()
}

on_both_with! { OPEN;
    fn an_approved_company_is_a_partner_and_its_person_signs_in(server: Server) {
        let (scene, manager) = recruiting(&server);
        let (holder, path) = applied(&server, &applicant("Lakeside"));
        let own = holder.get(OWN).expect_status(200);
        assert_eq!((own.text("status"), own.json["company"]["domain"].as_str()), ("submitted".into(), Some("lakeside.example")));
        assert_eq!(names(&own.json["allowed_actions"]), ["withdraw"]);
        assert_eq!(own.json["criteria"][0], json!({
            "name": "staffed", "description": "At least two sales people.", "kind": "required", "outcome": "met"
        }));
        assert!(!own.text.contains("weight") && !own.text.contains("matches") && !own.text.contains("score"), "{}", own.text);
        let seen = manager.get(&path).expect_status(200);
        assert_eq!(names(&seen.json["allowed_actions"]), ["claim_review", "request_information", "approve", "reject", "withdraw"]);
        assert_eq!((seen.text("submitted_by"), &seen.json["screening"]["score"]), ("applicant".into(), &json!("100.00")));
        let claimed = act(&manager, &path, "claim-review", &json!({})).expect_status(200);
        assert_eq!(claimed.text("status"), "in_review");
        let approved = act(&manager, &path, "approve", &json!({"text": "Welcome!"})).expect_status(200);
        assert_eq!((approved.text("status"), names(&approved.json["allowed_actions"]).len()), ("approved".into(), 0));
        let partner = scene.admin.get(&format!("/v1/partners/{}", approved.text("partner_id"))).expect_status(200);
        assert_eq!((partner.text("name"), partner.text("domain")), ("Lakeside".into(), "lakeside.example".into()));
        let enrollment = manager.get(&format!("/v1/enrollments/{}", approved.text("enrollment_id"))).expect_status(200);
        assert_eq!((enrollment.text("program"), enrollment.text("tier")), ("strict".into(), "Gold".into()));
        assert_eq!(enrollment.json["channel_manager_id"], manager.get("/v1/me").json["subject"], "whoever approves looks after them");
        let contacts = manager.all(&format!("/v1/contacts?partner_id={}", approved.text("partner_id")));
        assert_eq!(contacts[0]["email"], "grace@lakeside.example");
        // The vendor never learns the password: whoever applied chooses it, once.
        let chosen = json!({"password": "a password of our own"});
        holder.post(&format!("{OWN}/choose-password"), &json!({"password": "short"})).expect_problem(422, "invalid_body");
        let told = holder.post(&format!("{OWN}/choose-password"), &chosen).expect_status(200);
        assert_eq!((told.text("user_email"), told.json["decision"]["text"].as_str()), ("grace@lakeside.example".into(), Some("Welcome!")));
        holder.post(&format!("{OWN}/choose-password"), &chosen).expect_problem(409, "invalid_transition");
        let grace = server.client().signed_in("grace@lakeside.example", "a password of our own");
        assert_eq!((grace.get("/v1/me").text("role"), grace.all(APPLICATIONS).len()), ("partner_admin".into(), 1));
        let id = path.rsplit('/').next().unwrap();
        assert_eq!(told_kinds(&scene, id), ["submitted", "review_claimed", "approved"]);
        let (action, before, after) = audited(&scene.admin, id);
        assert_eq!((action.as_str(), &before["status"], &after["status"]), ("approveApplication", &json!("in_review"), &json!("approved")));
        assert!(!format!("{before}{after}").contains("token"), "{after}");
    }

    fn what_is_missing_is_asked_for_and_answered(server: Server) {
        let (scene, manager) = recruiting(&server);
        let mut body = applicant("Lakeside");
        body["answers"] = json!({});
        let (holder, path) = applied(&server, &body);
        let seen = manager.get(&path).expect_status(200);
        assert_eq!((&seen.json["screening"]["outcome"], &seen.json["screening"]["score"]), (&json!("unknown"), &json!("0.00")));
        let answers = json!({"answers": {"sales_people": 1}});
        holder.post(&format!("{OWN}/supply-information"), &answers).expect_problem(409, "invalid_transition");
        let question = json!({"field": "/answers/sales_people", "text": "How many sell?"});
        act(&manager, &path, "request-information", &json!({"requests": []})).expect_problem(422, "invalid_body");
        act(&manager, &path, "request-information", &json!({"requests": [question]})).expect_status(200);
        let own = holder.get(OWN).expect_status(200);
        assert_eq!((own.text("status"), &own.json["requests"]), ("action_required".into(), &json!([question])));
        let wrong = json!({"answers": {"sales_people": "many", "audited": true}, "company": {"name": "Other", "domain": "other.example", "country": "DE"}});
        let refused = holder.post(&format!("{OWN}/supply-information"), &wrong).expect_problem(422, "invalid_body");
        assert_eq!(refused.faults(), ["/answers/audited", "/answers/sales_people", "/company/domain"]);
        let supplied = holder.post(&format!("{OWN}/supply-information"), &answers).expect_status(200);
        assert_eq!((supplied.text("status"), &supplied.json["criteria"][0]["outcome"]), ("in_review".into(), &json!("not_met")));
        let seen = manager.get(&path).expect_status(200);
        let [staffed, supports] = seen.json["screening"]["criteria"].as_array().unwrap().as_slice() else { panic!() };
        assert_eq!((&staffed["outcome"], &staffed["weight"], &supports["outcome"]), (&json!("not_met"), &json!(2), &json!("unknown")));
        assert!(staffed["explanation"].to_string().contains("\"gap\":1"), "{staffed}");
        // What the vendor does for the applicant is the same.
        act(&manager, &path, "request-information", &json!({"requests": [question]})).expect_status(200);
        let told = json!({"answers": {"sales_people": 2, "support_desk": null}, "message": "Told by telephone."});
        let told = act(&manager, &path, "supply-information", &told).expect_status(200);
        assert_eq!((&told.json["screening"]["score"], &told.json["screening"]["outcome"]), (&json!("66.67"), &json!("eligible")));
        let stale = manager.request(Method::POST, &format!("{path}/approve")).header("If-Match", seen.tag()).json(&json!({}));
        Answer::of(stale).expect_problem(412, "stale");
        assert_eq!(
            told_kinds(&scene, path.rsplit('/').next().unwrap()),
            ["submitted", "information_requested", "information_supplied", "information_requested", "information_supplied"]
        );
    }

    fn who_was_rejected_waits(server: Server) {
        let (scene, manager) = recruiting(&server);
        let (holder, path) = applied(&server, &applicant("Lakeside"));
        let taken = server.client().post(APPLICATIONS, &applicant("Lakeside")).expect_problem(409, "already_exists");
        assert_eq!(taken.faults(), ["/company/domain"]);
        let no = json!({"reason": "poor_fit", "text": "You sell elsewhere."});
        act(&manager, &path, "reject", &json!({"reason": "because", "text": "x"})).expect_problem(422, "invalid_body");
        let rejected = act(&manager, &path, "reject", &no).expect_status(200);
        let until = rejected.text("reapply_at");
        assert_eq!((time(&rejected.json["reapply_at"]) - time(&rejected.json["updated_at"])).num_days(), 30);
        assert_eq!(holder.get(OWN).json["decision"]["reason"], "poor_fit");
        for verb in ["approve", "reject", "withdraw", "claim-review"] {
            let body = if verb == "reject" { no.clone() } else { json!({}) };
            let refused = act(&manager, &path, verb, &body).expect_problem(409, "invalid_transition");
            let detail = refused.text("detail");
            assert!(detail.contains("state rejected") && detail.contains("allowed now: nothing"), "{detail}");
        }
        let mut again = applicant("Lakeside");
        again["company"]["domain"] = json!("mail.lakeside.example");
        let early = server.client().post(APPLICATIONS, &again).expect_problem(409, "reapply_later");
        assert!(early.text("detail").contains(&until), "{}", early.text);
        // To another program it may apply, and the vendor may bring it in before its time.
        program(&scene, "other", &asking());
        again["program"] = json!("other");
        applied(&server, &again);
        advance(&scene.admin, "P31D");
        let (_, second) = applied(&server, &applicant("Lakeside"));
        let mut now = no.clone();
        now["reapply_after_days"] = json!(0);
        act(&scene.admin, &second, "reject", &now).expect_status(200);
        let (holder, third) = applied(&server, &applicant("Lakeside"));
        holder.post(&format!("{OWN}/withdraw"), &json!({"text": "We changed our plans."})).expect_status(200);
        assert_eq!(scene.admin.get(&third).text("status"), "withdrawn");
        holder.post(&format!("{OWN}/withdraw"), &json!({})).expect_problem(409, "invalid_transition");
        let (_, fourth) = applied(&server, &applicant("Lakeside"));
        act(&scene.admin, &fourth, "reject", &no).expect_status(200);
        scene.admin.post(APPLICATIONS, &applicant("Lakeside")).expect_status(201);
    }

    fn of_those_who_apply_at_once_one_is_open(server: Server) {
        let (scene, _) = recruiting(&server);
        let racers: Vec<_> = (0..8)
            .map(|_| {
                let client = server.client();
                thread::spawn(move || {
                    (0..20).map(|_| client.post(APPLICATIONS, &applicant("Lakeside"))).find(|answer| answer.status != 503)
                })
            })
            .collect();
        let mut statuses: Vec<u16> = racers.into_iter().map(|racer| racer.join().unwrap().unwrap().status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
        assert_eq!(scene.admin.all(&format!("{APPLICATIONS}?status=submitted")).len(), 1);
    }

    fn a_repeated_request_hears_its_first_answer(server: Server) {
        let (scene, _) = recruiting(&server);
        let client = server.client();
        let first = client.post_once(APPLICATIONS, "key-1", &applicant("Lakeside")).expect_status(201);
        let again = client.post_once(APPLICATIONS, "key-1", &applicant("Lakeside")).expect_status(201);
        assert_eq!((first.text.as_str(), again.header("idempotency-replayed")), (again.text.as_str(), Some("true")));
        client.post_once(APPLICATIONS, "key-1", &applicant("Other")).expect_problem(422, "idempotency_key_reused");
        // Another applicant's key of the same name is another key.
        let (other, _) = applied(&server, &applicant("Other"));
        let own = client.with_token(&first.text("status_token"));
        let mine = own.post_once(&format!("{OWN}/withdraw"), "key-2", &json!({})).expect_status(200);
        let theirs = other.post_once(&format!("{OWN}/withdraw"), "key-2", &json!({})).expect_status(200);
        assert_ne!(mine.text("id"), theirs.text("id"));
        assert_eq!(scene.admin.all(&format!("{APPLICATIONS}?status=withdrawn")).len(), 2);
    }

    fn a_token_is_good_for_its_application_and_nothing_else(server: Server) {
        let (scene, _) = recruiting(&server);
        let (holder, path) = applied(&server, &applicant("Lakeside"));
        applied(&server, &applicant("Other"));
        for token in ["", "nonsense", &"x".repeat(43)] {
            let stranger = server.client().with_token(token);
            stranger.get(OWN).expect_problem(401, "invalid_token");
            stranger.post(&format!("{OWN}/withdraw"), &json!({})).expect_problem(401, "invalid_token");
        }
        let bare = server.client().get(OWN).expect_problem(401, "invalid_token");
        assert!(bare.header("www-authenticate").is_some());
        scene.admin.get(OWN).expect_problem(401, "invalid_token");
        for place in [path.as_str(), APPLICATIONS, "/v1/partners", "/v1/me", "/v1/events"] {
            holder.get(place).expect_problem(401, "invalid_token");
        }
        // A token that is sent is looked at, also where none is needed.
        holder.post(APPLICATIONS, &applicant("Third")).expect_problem(401, "invalid_token");
        assert_eq!(holder.get(OWN).text("id"), path.rsplit('/').next().unwrap());
    }

    fn a_duplicate_is_told_to_the_vendor_and_enrolled_as_what_it_is(server: Server) {
        let (scene, manager) = recruiting(&server);
        let known = scene.partner("Northwind");
        let mut body = applicant("Northwind");
        body["company"]["domain"] = json!("shop.northwind.example");
        let (holder, path) = applied(&server, &body);
        let own = holder.get(OWN).expect_status(200);
        assert!(!own.text.contains(&known.id) && !own.text.contains("match"), "{}", own.text);
        let seen = scene.admin.get(&path).expect_status(200);
        assert_eq!(seen.json["matches"], json!([{
            "partner_id": known.id, "application_id": null, "name": "Northwind", "domain": "northwind.example",
            "country": "DE", "basis": "domain", "name_likeness": 1000
        }]));
        let refused = act(&scene.admin, &path, "approve", &json!({})).expect_problem(409, "already_exists");
        assert_eq!((refused.faults(), refused.text("detail").contains(&known.id)), (vec!["/partner_id".to_owned()], true));
        // A channel manager links to partners that they reach, and to no others.
        let link = json!({"partner_id": known.id, "tier": "gold"});
        let hidden = act(&manager, &path, "approve", &link).expect_problem(422, "invalid_body");
        assert_eq!(hidden.faults(), ["/partner_id"]);
        let approved = act(&scene.admin, &path, "approve", &link).expect_status(200);
        assert_eq!((approved.text("partner_id"), &approved.json["user_id"]), (known.id.clone(), &Value::Null));
        holder.post(&format!("{OWN}/choose-password"), &json!({"password": "a password of our own"})).expect_problem(409, "invalid_transition");
        assert_eq!(scene.admin.all(&format!("/v1/users?partner_id={}", known.id)).len(), 1, "no stranger has become its user");
        assert_eq!(scene.admin.all(&format!("/v1/contacts?partner_id={}", known.id)).len(), 1);
        // It is in the program now.
        let (_, again) = applied(&server, &body);
        act(&scene.admin, &again, "approve", &link).expect_problem(409, "already_exists");
        act(&scene.admin, &again, "approve", &json!({"partner_id": "partner_01h455vb4pex5vsknk084sn02q"})).expect_problem(422, "invalid_body");
    }

    fn names_that_are_alike_are_told_with_their_likeness(server: Server) {
        let (scene, manager) = recruiting(&server);
        let partner = json!({"name": "Contoso Manufacturing GmbH", "domain": "contoso-group.example", "country": "AT"});
        let partner = scene.admin.post("/v1/partners", &partner).expect_status(201);
        let mut body = applicant("Contoso");
        body["company"]["name"] = json!("Contosso Manufacturing");
        let (_, path) = applied(&server, &body);
        let matched = manager.get(&path).json["matches"][0].clone();
        assert_eq!((&matched["partner_id"], &matched["basis"]), (&partner.json["id"], &json!("name")));
        assert!((880..1000).contains(&matched["name_likeness"].as_i64().unwrap()), "{matched}");
        // An open application is found too, and one that is decided is not.
        let mut second = applicant("Contoso2");
        second["company"]["name"] = json!("Contosso Manufacturing AG");
        let (holder, path2) = applied(&server, &second);
        let first = path.rsplit('/').next().unwrap();
        let found = |path: &str| manager.get(path).json["matches"].as_array().unwrap().iter().map(|one| one["application_id"].clone()).collect::<Vec<_>>();
        assert!(found(&path2).contains(&json!(first)), "{:?}", found(&path2));
        act(&manager, &path, "withdraw", &json!({})).expect_status(200);
        act(&manager, &path2, "claim-review", &json!({})).expect_status(200);
        assert!(!found(&path2).contains(&json!(first)));
        assert!(!holder.get(OWN).text.contains("Contoso Manufacturing GmbH"));
        // Under another name it is another company.
        scene.admin.patch(&format!("/v1/partners/{}", partner.text("id")), &partner.tag(), &json!({"name": "Wide World Importers"})).expect_status(200);
        act(&manager, &path2, "claim-review", &json!({})).expect_status(200);
        assert_eq!(manager.get(&path2).json["matches"], json!([]));
    }

    fn all_of_an_approval_happens_or_nothing(server: Server) {
        let (scene, manager) = recruiting(&server);
        scene.user("grace@lakeside.example", "analyst", None);
        let (_, path) = applied(&server, &applicant("Lakeside"));
        let refused = act(&manager, &path, "approve", &json!({})).expect_problem(409, "already_exists");
        assert_eq!(refused.faults(), ["/create_user"]);
        let wrong = json!({"tier": "Tin", "channel_manager_id": "user_01h455vb4pex5vsknk084sn02q"});
        let refused = act(&manager, &path, "approve", &wrong).expect_problem(422, "invalid_body");
        assert_eq!(refused.faults(), ["/channel_manager_id", "/tier"]);
        assert!(scene.admin.all("/v1/partners").is_empty() && scene.admin.all("/v1/enrollments").is_empty());
        assert_eq!(manager.get(&path).text("status"), "submitted");
        let approved = act(&manager, &path, "approve", &json!({"create_user": false, "countries": ["DE", "AT"]})).expect_status(200);
        assert_eq!(approved.json["user_id"], Value::Null);
    }

    fn a_partners_people_apply_to_another_program(server: Server) {
        let (scene, manager) = recruiting(&server);
        let (northwind, contoso) = (scene.partner("Northwind"), scene.partner("Contoso"));
        let foreign = northwind.admin.post(APPLICATIONS, &applicant("Contoso")).expect_problem(422, "invalid_body");
        assert_eq!(foreign.faults(), ["/company/domain"]);
        let made = northwind.admin.post(APPLICATIONS, &applicant("Northwind")).expect_status(201);
        let path = made.header("location").unwrap().to_owned();
        let seen = northwind.admin.get(&path).expect_status(200);
        assert_eq!((seen.text("partner_id"), &seen.json["matches"]), (northwind.id.clone(), &json!([])));
        assert_eq!(names(&seen.json["allowed_actions"]), ["withdraw"]);
        act(&northwind.admin, &path, "approve", &json!({})).expect_problem(403, "insufficient_scope");
        contoso.admin.get(&path).expect_problem(404, "not_found");
        act(&contoso.admin, &path, "withdraw", &json!({})).expect_problem(404, "not_found");
        assert!(contoso.admin.all(APPLICATIONS).is_empty());
        manager.get(&path).expect_problem(404, "not_found");
        let approved = act(&scene.admin, &path, "approve", &json!({})).expect_status(200);
        assert_eq!((approved.text("partner_id"), &approved.json["user_id"]), (northwind.id.clone(), &Value::Null));
        assert_eq!(northwind.admin.all("/v1/enrollments").len(), 2);
        let analyst = scene.user("analyst@vendor.example", "analyst", None);
        assert_eq!(analyst.all(APPLICATIONS).len(), 1);
        analyst.post(APPLICATIONS, &applicant("Third")).expect_problem(403, "insufficient_scope");
        act(&analyst, &path, "claim-review", &json!({})).expect_problem(403, "insufficient_scope");
        scene.user("marketing@vendor.example", "marketing", None).get(APPLICATIONS).expect_problem(403, "insufficient_scope");
    }
}

/// The events of an application, without their common beginning.
fn told_kinds(scene: &Scene, id: &str) -> Vec<String> {
    told(&scene.admin, id).into_iter().map(|kind| kind.trim_start_matches("application.").to_owned()).collect()
}
