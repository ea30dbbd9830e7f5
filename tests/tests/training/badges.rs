//! Credentials as anybody sees and verifies them. What a verifier that is not ours says: `tests/badges`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method;
use tests::{Answer, Client, Server, Value, json, oidc, on_both};

use super::{academy, completed, passed, person, school};

const ISSUER: &str = "http://entente.test/credentials/issuer";

/// What is public of a credential, before its form.
fn public(credential: &Value) -> String {
    format!("/credentials/{}", credential["id"].as_str().expect("an id"))
}

fn accepting(client: &Client, path: &str, accept: &str) -> Answer {
    Answer::of(client.request(Method::GET, path).header("Accept", accept))
}

fn page(client: &Client, path: &str) -> String {
    let page = accepting(client, path, "text/html,*/*;q=0.8").expect_status(200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    page.text
}

/// Header and payload of a JWT, unverified.
fn parts(jwt: &str) -> (Value, Value) {
    let part = |place: usize| {
        let text = jwt.split('.').nth(place).expect("a part");
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).expect("base64url")).expect("JSON")
    };
    (part(0), part(1))
}

/// The payload of a JWT, after another library has verified it with the key that its header points at.
fn verified(client: &Client, jwt: &str) -> Value {
    let kid = parts(jwt).0["kid"].as_str().expect("a kid").to_owned();
    let mut key = client.get(kid.strip_prefix("http://entente.test").expect("our URL")).expect_status(200).json;
    assert!(key.get("d").is_none(), "a private key is published");
    assert!(client.get("/.well-known/jwks.json").json["keys"].as_array().expect("keys").contains(&key), "{key}");
    key["kid"] = json!(kid);
    oidc::verify_credential(jwt, &[key], ISSUER).expect("a JWT that verifies").1
}

fn is_revoked(client: &Client, path: &str) -> bool {
    let list = verified(client, &client.get(&format!("{path}/status")).expect_status(200).text);
    assert_eq!(list["credentialSubject"]["statusPurpose"], "revocation");
    let none = "uH4sIAAAAAAAC_-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA";
    list["credentialSubject"]["encodedList"] != none
}

/// Somebody who has `sales` since a day; the credential.
fn sold(server: &Server, email: &str, on: &str) -> (tests::Scene, Value) {
    let scene = school(server);
    let acme = scene.partner("Acme");
    let ada = person(&scene.admin, &acme.id, email);
    completed(&scene.admin, &ada, "pitch", on);
    let credential = scene.admin.all("/v1/credentials")[0].clone();
    (scene, credential)
}

on_both! {
    fn whoever_has_the_link_sees_who_holds_what_and_nothing_else(server: Server) {
        let scene = school(&server);
        let (acme, admin, anybody) = (scene.partner("Acme"), &scene.admin, server.client());
        let ada = person(admin, &acme.id, "ada@acme.example");
        let grace = json!({"name": "Grace", "email": "grace@acme.example", "partner_id": acme.id});
        let grace = admin.post("/v1/people", &grace).expect_status(201).text("id");
        for who in [&ada, &grace] {
            completed(admin, who, "basics", "2026-01-10");
            passed(admin, who, "exam", "2026-01-20");
        }
        let credential = admin.all(&format!("/v1/credentials?person_id={ada}"))[0].clone();
        let path = public(&credential);
        let shown = page(&anybody, &path);
        for part in ["Ada", "Technical", "Academy", "Valid", "2026-01-20", "2028-01-19", "the exam \u{201c}Exam\u{201d}",
            "https://www.linkedin.com/profile/add?startTask=CERTIFICATION_NAME&#38;name=Technical", "og:image", "noindex"] {
            assert!(shown.contains(part), "no {part} in {shown}");
        }
        let badge = anybody.get(&path).expect_status(200);
        assert_eq!(badge.header("content-type"), Some("application/json"));
        let subject = &badge.json["credentialSubject"];
        assert_eq!(subject["identifier"][0]["identityHash"], "Ada");
        assert_eq!(subject["achievement"]["criteria"]["narrative"],
            "It takes the course \u{201c}Basics\u{201d} and the exam \u{201c}Exam\u{201d}. It is valid for 24 months.");
        // Days begin and end in Berlin.
        assert_eq!(badge.json["validFrom"], "2026-01-19T23:00:00.000000Z");
        assert_eq!(badge.json["validUntil"], "2028-01-19T22:59:59.000000Z");
        let jwt = anybody.get(&format!("{path}/jwt")).expect_status(200).text;
        let payload = parts(&jwt).1.to_string();
        let svg = anybody.get(&format!("{path}/badge.svg")).expect_status(200).text;
        let status = parts(&anybody.get(&format!("{path}/status")).expect_status(200).text).1.to_string();
        let person_id = credential["person_id"].as_str().unwrap();
        for told in [&shown, &badge.text, &payload, &svg, &status] {
            for hidden in ["acme.example", "Acme", person_id, &acme.id, "Grace", "training_enrollment_"] {
                assert!(!told.contains(hidden), "{hidden} in {told}");
            }
        }
    }

    fn a_credential_is_signed_with_a_key_that_anybody_can_look_up(server: Server) {
        let (_, credential) = sold(&server, "ada@acme.example", "2026-01-10");
        let (anybody, path) = (server.client(), public(&credential));
        let jwt = anybody.get(&format!("{path}/jwt")).expect_status(200);
        assert_eq!(jwt.header("content-type"), Some("application/vc+jwt"));
        let (head, _) = parts(&jwt.text);
        assert_eq!((&head["alg"], &head["typ"], head.as_object().unwrap().len()), (&json!("ES256"), &json!("JWT"), 3));
        let payload = verified(&anybody, &jwt.text);
        let here = format!("http://entente.test{path}");
        assert_eq!((&payload["iss"], &payload["jti"]), (&json!(ISSUER), &json!(here)));
        assert_eq!(payload["sub"], payload["credentialSubject"]["id"]);
        assert_eq!(payload["nbf"], 1_767_999_600);
        assert_eq!((payload.get("exp"), payload.get("validUntil")), (None, None), "it is for ever");
        let badge = anybody.get(&path).json;
        for (member, value) in badge.as_object().unwrap() {
            assert_eq!(payload[member], *value, "{member}");
        }
        // The address is told as a hash, which whoever knows it can compute.
        let address = &badge["credentialSubject"]["identifier"][1];
        let salted = format!("ada@acme.example{}", address["salt"].as_str().unwrap());
        let hash: String = <sha2::Sha256 as sha2::Digest>::digest(salted).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(address["identityHash"], format!("sha256${hash}"));
        // It is no access token.
        anybody.with_token(&jwt.text).get("/v1/me").expect_problem(401, "invalid_token");
        let issuer = anybody.get("/credentials/issuer").expect_status(200).json;
        assert_eq!((&issuer["id"], &issuer["name"]), (&json!(ISSUER), &json!("Academy")));
        let linked = anybody.request(Method::GET, "/credentials/issuer").header("Accept", "application/ld+json");
        assert_eq!(Answer::of(linked).expect_status(200).json, issuer);
        assert_eq!(issuer["assertionMethod"][0], head["kid"]);
        let tokens = anybody.get("/.well-known/jwks.json").json["keys"].as_array().unwrap().clone();
        let tokens = tokens.iter().find(|key| key["alg"] == "EdDSA").unwrap()["kid"].as_str().unwrap().to_owned();
        for kid in [tokens.as_str(), "none"] {
            anybody.get(&format!("/credentials/issuer/keys/{kid}")).expect_problem(404, "not_found");
        }
    }

    fn its_pictures_hold_its_jwt(server: Server) {
        let (_, credential) = sold(&server, "ada@acme.example", "2026-01-10");
        let (anybody, path) = (server.client(), public(&credential));
        let jwt = anybody.get(&format!("{path}/jwt")).text;
        let svg = anybody.get(&format!("{path}/badge.svg")).expect_status(200);
        assert_eq!(svg.header("content-type"), Some("image/svg+xml"));
        let baked = format!("<openbadges:credential verify=\"{jwt}\"></openbadges:credential>");
        assert_eq!(svg.text.matches(&baked).count(), 1, "{}", svg.text);
        assert!(svg.text.contains(">Sales</text>") && svg.text.contains("xmlns:openbadges=\"https://purl.imsglobal.org/ob/v3p0\""));
        let png = anybody.get(&format!("{path}/badge.png")).expect_status(200);
        assert_eq!(png.header("content-type"), Some("image/png"));
        assert!(png.text.contains(&format!("iTXtopenbadgecredential\0\0\0\0\0{jwt}")));
    }

    fn what_expired_or_was_revoked_is_shown_as_such(server: Server) {
        let scene = school(&server);
        let (acme, admin, anybody) = (scene.partner("Acme"), &scene.admin, server.client());
        let ada = person(admin, &acme.id, "ada@acme.example");
        completed(admin, &ada, "basics", "2020-01-10");
        passed(admin, &ada, "exam", "2020-01-20");
        let path = public(&admin.all("/v1/credentials")[0]);
        assert!(page(&anybody, &path).contains(">Expired</p>"));
        assert!(!is_revoked(&anybody, &path));
        let refused = oidc::verify_credential(&anybody.get(&format!("{path}/jwt")).expect_status(200).text, &[], ISSUER);
        assert!(refused.is_err(), "no key is no key");
        completed(admin, &ada, "pitch", "2026-01-10");
        let credential = admin.all("/v1/credentials?certification=sales")[0].clone();
        let path = public(&credential);
        assert!(page(&anybody, &path).contains(">Valid</p>") && !is_revoked(&anybody, &path));
        let before = anybody.get(&format!("{path}/jwt")).text;
        let revoke = format!("/v1/credentials/{}/revoke", credential["id"].as_str().unwrap());
        admin.post(&revoke, &json!({"reason": "Somebody else sat it."})).expect_status(200);
        let shown = page(&anybody, &path);
        assert!(shown.contains(">Revoked</p>") && !shown.contains("Somebody else"), "{shown}");
        let jwt = anybody.get(&format!("{path}/jwt")).expect_status(200).text;
        assert_eq!(jwt, before, "what was signed stays signed");
        verified(&anybody, &jwt);
        assert!(is_revoked(&anybody, &path));
    }

    fn one_that_was_never_earned_is_not_there_and_whoever_has_it_learns_so(server: Server) {
        let (scene, credential) = sold(&server, "ada@acme.example", "2026-01-10");
        let (anybody, path) = (server.client(), public(&credential));
        anybody.get(&path).expect_status(200);
        // A completion that becomes known later puts the award on another day.
        completed(&scene.admin, credential["person_id"].as_str().unwrap(), "pitch", "2026-01-05");
        assert_eq!(scene.admin.all("/v1/credentials?status=superseded").len(), 1);
        for form in ["", "/jwt", "/badge.svg", "/badge.png"] {
            anybody.get(&format!("{path}{form}")).expect_problem(404, "not_found");
        }
        assert!(is_revoked(&anybody, &path));
    }

    fn whoever_has_it_already_is_not_sent_it_again(server: Server) {
        anybody_finds_nothing(&server);
        let (_, credential) = sold(&server, "ada@acme.example", "2026-01-10");
        let (anybody, path) = (server.client(), public(&credential));
        for form in ["", "/jwt", "/badge.svg", "/badge.png"] {
            let path = format!("{path}{form}");
            let tag = anybody.get(&path).expect_status(200).tag();
            let again = Answer::of(anybody.request(Method::GET, &path).header("If-None-Match", &tag));
            assert_eq!((again.status, again.text.as_str(), again.tag()), (304, "", tag), "{path}");
        }
        let tag = anybody.get("/credentials/issuer").expect_status(200).tag();
        Answer::of(anybody.request(Method::GET, "/credentials/issuer").header("If-None-Match", tag)).expect_status(304);
        for form in ["application/vc+ld+json", "application/ld+json", "application/json"] {
            assert_eq!(accepting(&anybody, &path, form).expect_status(200).header("content-type"), Some(form));
        }
        let both = accepting(&anybody, &path, "image/png").expect_status(200);
        assert!(both.headers.iter().any(|(name, value)| name == "vary" && value.to_lowercase().contains("accept")));
        let policy = accepting(&anybody, &path, "text/html").header("content-security-policy").unwrap().to_owned();
        assert!(policy.starts_with("default-src 'none'; style-src 'self'; img-src 'self';") && !policy.contains("script"));
        assert!(!page(&anybody, &path).contains("<script"));
    }

    fn a_name_is_text_wherever_it_stands(server: Server) {
        let scene = school(&server);
        let (acme, admin, anybody) = (scene.partner("Acme"), &scene.admin, server.client());
        let mut academy = academy();
        academy["name"] = json!("A \"quoted\" & <b>bold</b> academy with a very long name indeed");
        academy["certifications"]["sales"]["name"] = json!("<script>alert('x')</script> ]]> \"'& of an extraordinarily long name");
        admin.post("/v1/training-catalogue/versions", &academy).expect_status(201);
        let evil = json!({"name": "<img src=x onerror=alert(1)>\"", "email": "ada@acme.example", "partner_id": acme.id});
        let ada = admin.post("/v1/people", &evil).expect_status(201).text("id");
        completed(admin, &ada, "pitch", "2026-01-10");
        let path = public(&admin.all("/v1/credentials")[0]);
        let svg = anybody.get(&format!("{path}/badge.svg")).expect_status(200).text;
        for told in [page(&anybody, &path), svg] {
            assert!(!told.contains("<script") && !told.contains("<img src=x") && !told.contains("<b>"), "{told}");
        }
        assert_eq!(anybody.get(&path).json["credentialSubject"]["identifier"][0]["identityHash"], evil["name"]);
        verified(&anybody, &anybody.get(&format!("{path}/jwt")).text);
    }
}

fn anybody_finds_nothing(server: &Server) {
    let anybody = server.client();
    anybody.get("/credentials/issuer").expect_problem(404, "not_found");
    let none = "/credentials/credential_01h455vb4pex5vsknk084sn02q";
    for form in ["", "/jwt", "/badge.svg", "/badge.png", "/status"] {
        anybody.get(&format!("{none}{form}")).expect_problem(404, "not_found");
    }
    anybody.get("/credentials/no-id").expect_problem(400, "invalid_parameter");
    anybody.get("/credentials").expect_problem(404, "unknown_route");
    Answer::of(anybody.request(Method::POST, none)).expect_problem(405, "method_not_allowed");
}
