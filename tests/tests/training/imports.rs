//! Files of people and of completions, and lists as files.

use std::{
    thread,
    time::{Duration, Instant},
};

use tests::{Answer, Client, Database, Kind, Scene, Server, Value, clock, json, on_both, scene::Partner};

use super::{held, person, school};

mod hostile;
mod many;

const IMPORTS: &str = "/v1/training-imports";

fn at(kind: &str) -> String {
    format!("{IMPORTS}?kind={kind}")
}

/// Hands in a file and waits for its end.
fn import(client: &Client, kind: &str, rows: &str) -> Value {
    done(client, &client.csv(&at(kind), rows.to_owned()).expect_status(202).text("id"))
}

/// The import when it is over.
fn done(client: &Client, id: &str) -> Value {
    let is_over = |import: &Value| !matches!(import["status"].as_str(), Some("queued" | "running"));
    clock::wait(client, &format!("{IMPORTS}/{id}"), is_over)
}

/// What became of the rows: created, updated, unchanged, waiting, refused; all rows, if it has finished.
fn counts(import: &Value) -> [i64; 5] {
    assert_eq!(import["status"], "finished", "{import}");
    assert_eq!(import["rows_done"], import["rows_total"]);
    let counts = ["created", "updated", "unchanged", "waiting", "refused"].map(|name| import[name].as_i64().unwrap());
    assert_eq!(import["rows_total"], counts.iter().sum::<i64>());
    counts
}

/// What is told of the rows, in the order of the file: row, outcome, column, code.
fn told(client: &Client, import: &Value) -> Vec<String> {
    let all = client.all(&format!("{IMPORTS}/{}/faults?limit=2", import["id"].as_str().unwrap()));
    let line = |one: &Value| {
        let text = |name: &str| one[name].as_str().unwrap_or("-").to_owned();
        format!("{} {} {} {}", one["row"], text("outcome"), text("column"), text("code"))
    };
    all.iter().map(line).collect()
}

/// A partner's learning system.
fn system_of(server: &Server, scene: &Scene, partner: &Partner) -> Client {
    let new = json!({"name": "LMS", "scopes": ["training:report", "training:read"], "partner_id": partner.id});
    let made = scene.admin.post("/v1/api-clients", &new).expect_status(201);
    server.client().as_api_client(&made.text("client_id"), &made.text("client_secret"))
}

/// Asks the database itself, also where no server runs.
fn number(database: &Database, sql: &str) -> i64 {
    match database.kind {
        Kind::Postgres => {
            let mut connection = postgres::Client::connect(&database.url, postgres::NoTls).expect("the database");
            connection.query_one(sql, &[]).expect(sql).get(0)
        }
        Kind::Sqlite => {
            let connection = rusqlite::Connection::open(&database.url).expect("the database");
            connection.busy_timeout(Duration::from_secs(10)).expect("patience");
            connection.query_row(sql, [], |row| row.get(0)).expect(sql)
        }
    }
}

/// How much is there of all that an import can write, but for what tells of the import itself.
fn everything(database: &Database) -> Vec<i64> {
    [
        "people",
        "person_emails",
        "employments",
        "training_enrollments",
        "exam_attempts",
        "credentials",
        "facts",
        "events WHERE type NOT LIKE 'training_import.%'",
        "audit_entries WHERE action NOT LIKE '%TrainingImport'",
    ]
    .map(|of| number(database, &format!("SELECT count(*) FROM {of}")))
    .to_vec()
}

on_both! {
    fn people_are_added_changed_and_told_by_row_and_column(server: Server) {
        let scene = school(&server);
        let (acme, bravo) = (scene.partner("Acme"), scene.partner("Bravo"));
        person(&scene.admin, &bravo.id, "bob@bravo.example");
        person(&scene.admin, &acme.id, "ada@acme.example");
        let rows = format!(
            "\u{feff}Name;email;partner;external_id\r\n\
             Grace;Grace@acme.example;acme.example;HR-1\r\n\
             Ada Lovelace;ada@acme.example;{};\r\n\
             \r\n\
             \"Hopper; Grace\";grace@acme.example;acme.example;HR-1\r\n\
             Bob;bob@bravo.example;acme.example;\r\n\
             ;no address;nowhere.example;\r\n\
             Eve;eve@acme.example;;\r\n\
             Mallory;mallory@acme.example\r\n",
            acme.id
        );
        let first = import(&scene.admin, "people", &rows);
        assert_eq!(counts(&first), [1, 2, 0, 0, 4], "{first}");
        assert_eq!(first["faults"], 6);
        let expected = [
            "6 refused email works_elsewhere",
            "7 refused email format",
            "7 refused name required",
            "7 refused partner unknown_partner",
            "8 refused partner required",
            "9 refused - cells",
        ];
        assert_eq!(told(&scene.admin, &first), expected);
        let faults = scene.admin.get(&format!("{IMPORTS}/{}/faults", first["id"].as_str().unwrap())).expect_status(200);
        assert_eq!(faults.json["data"][0]["value"], "bob@bravo.example");
        assert!(!faults.text.contains("bravo.example\",\"partner") && !faults.text.contains(&bravo.id), "{}", faults.text);
        let people = scene.admin.all(&format!("/v1/people?partner_id={}", acme.id));
        let names: Vec<_> = people.iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Hopper; Grace", "Ada Lovelace"]);
        assert_eq!(people[0]["external_id"], "HR-1");
        // A row before another of the same person counts once more: it says another name.
        assert_eq!(counts(&import(&scene.admin, "people", &rows)), [0, 2, 1, 0, 4]);
        let last = "email,name,partner\ngrace@acme.example,\"Hopper; Grace\",acme.example\n";
        assert_eq!(counts(&import(&scene.admin, "people", last)), [0, 0, 1, 0, 0]);
    }

    fn completions_out_of_order_come_to_the_same_credentials_and_again_to_nothing(server: Server) {
        let scene = school(&server);
        let acme = scene.partner("Acme");
        let people = "email,name,partner,external_id\n\
                      ada@acme.example,Ada,acme.example,HR-1\n\
                      grace@acme.example,Grace,acme.example,HR-2\n\
                      bob@acme.example,Bob,acme.example,HR-3\n";
        assert_eq!(counts(&import(&scene.admin, "people", people)), [3, 0, 0, 0, 0]);
        let rows = "person_external_id,email,item,completed_on,score,proctored,external_id\n\
                    ,ada@acme.example,exam,2026-03-15,80,true,E-2\n\
                    ,ada@acme.example,exam,2026-03-01,50,yes,E-1\n\
                    ,ADA@acme.example,https://lms.example/basics,2026-02-01,92.5,,C-1\n\
                    HR-2,,basics,2026-03-01,,,\n\
                    ,grace@acme.example,https://lms.example/exam,2026-02-15,70,TRUE,\n\
                    ,bob@acme.example,exam,2026-02-01,99,no,\n\
                    ,bob@acme.example,exam,2026-02-01,,true,\n\
                    ,bob@acme.example,basics,2999-01-01,,,\n\
                    ,nobody@acme.example,basics,2026-02-01,,,\n\
                    HR-9,,basics,2026-02-01,,,\n\
                    HR-3,,no_such_course,2026-02-01,,,\n\
                    ,,basics,01.02.2026,101,maybe,\n";
        let first = import(&scene.admin, "completions", rows);
        let expected = [
            "7 refused - policy_refuses",
            "8 refused score required",
            "9 refused completed_on maximum",
            "10 waiting email unknown_person",
            "11 waiting person_external_id unknown_person",
            "12 waiting item unknown_activity",
            "13 refused completed_on format",
            "13 refused proctored not_a_known_value",
            "13 refused score pattern",
            "13 refused email required",
        ];
        assert_eq!(told(&scene.admin, &first), expected);
        assert_eq!(counts(&first), [5, 0, 0, 3, 4], "{first}");
        let id = |email: &str| scene.admin.all(&format!("/v1/people?email={email}"))[0]["id"].as_str().unwrap().to_owned();
        assert_eq!(held(&scene.admin, &id("ada@acme.example")), ["technical valid 2026-03-15 2028-03-14"]);
        assert_eq!(held(&scene.admin, &id("grace@acme.example")), ["technical valid 2026-03-01 2028-02-29"]);
        assert_eq!(held(&scene.admin, &id("bob@acme.example")), Vec::<String>::new());
        let before = everything(&server.database);
        let again = import(&scene.admin, "completions", rows);
        assert_eq!(counts(&again), [0, 0, 5, 3, 4], "{again}");
        assert_eq!(everything(&server.database), before);
        let trainings = scene.admin.all(&format!("/v1/training-enrollments?person_id={}", id("ada@acme.example")));
        assert!(trainings.iter().all(|one| one["source"] == "import"), "{trainings:?}");
        assert_eq!(scene.admin.all(&format!("/v1/people?partner_id={}", acme.id)).len(), 3);
    }

    fn a_dry_run_tells_all_and_changes_nothing(server: Server) {
        let scene = school(&server);
        let acme = scene.partner("Acme");
        person(&scene.admin, &acme.id, "ada@acme.example");
        person(&scene.admin, &acme.id, "bob@acme.example");
        let people = "email,name,partner\n\
                      ada@acme.example,Ada Lovelace,acme.example\n\
                      new@acme.example,New,acme.example\n\
                      NEW@acme.example,New,acme.example\n\
                      wrong,Wrong,acme.example\n";
        let completions = "email,item,completed_on,score,proctored\n\
                           ada@acme.example,exam,2026-03-01,80,true\n\
                           ada@acme.example,basics,2026-02-01,,\n\
                           bob@acme.example,exam,2026-03-01,10,true\n\
                           bob@acme.example,exam,2026-03-02,80,true\n\
                           who@acme.example,basics,2026-02-01,,\n";
        let before = everything(&server.database);
        let rehearse = |kind: &str, rows: &str| {
            let made = scene.admin.csv(&format!("{}&dry_run=true", at(kind)), rows.to_owned()).expect_status(202);
            assert_eq!(made.json["dry_run"], true);
            done(&scene.admin, &made.text("id"))
        };
        let (first, second) = (rehearse("people", people), rehearse("completions", completions));
        assert_eq!(everything(&server.database), before);
        assert_eq!(counts(&first), [1, 1, 1, 0, 1], "{first}");
        assert_eq!(counts(&second), [3, 0, 0, 1, 1], "{second}");
        let faults = ["5 refused - policy_refuses", "6 waiting email unknown_person"];
        assert_eq!(told(&scene.admin, &second), faults);
        // It was right.
        let real = import(&scene.admin, "people", people);
        assert_eq!((counts(&real), told(&scene.admin, &real)), (counts(&first), told(&scene.admin, &first)));
        let real = import(&scene.admin, "completions", completions);
        assert_eq!((counts(&real), told(&scene.admin, &real)), (counts(&second), told(&scene.admin, &second)));
        assert_ne!(everything(&server.database), before);
    }

    fn each_sees_and_reaches_their_own(server: Server) {
        let scene = school(&server);
        let (acme, bravo) = (scene.partner("Acme"), scene.partner("Bravo"));
        let (ours, theirs) = (system_of(&server, &scene, &acme), system_of(&server, &scene, &bravo));
        person(&scene.admin, &bravo.id, "bob@bravo.example");
        let people = "email,name,partner\n\
                      ada@acme.example,Ada,\n\
                      grace@acme.example,Grace,bravo.example\n\
                      bob@bravo.example,Bob,acme.example\n";
        let mine = import(&ours, "people", people);
        assert_eq!(mine["partner_id"], acme.id.as_str());
        assert_eq!(counts(&mine), [1, 0, 0, 0, 2]);
        assert_eq!(told(&ours, &mine), ["3 refused partner unknown_partner", "4 refused email works_elsewhere"]);
        // Of another partner's person nothing is told: they are as unknown as nobody.
        let completions = "email,item,completed_on\n\
                           ada@acme.example,pitch,2026-02-01\n\
                           bob@bravo.example,pitch,2026-02-01\n\
                           nobody@bravo.example,pitch,2026-02-01\n";
        let mine = import(&ours, "completions", completions);
        assert_eq!(counts(&mine), [1, 0, 0, 2, 0]);
        let expected = ["3 waiting email unknown_person", "4 waiting email unknown_person"];
        assert_eq!(told(&ours, &mine), expected);
        assert_eq!(scene.admin.all("/v1/credentials").len(), 1);
        let path = format!("{IMPORTS}/{}", mine["id"].as_str().unwrap());
        for path in [path.clone(), format!("{path}/faults")] {
            theirs.get(&path).expect_problem(404, "not_found");
        }
        theirs.post(&format!("{path}/cancel"), &json!({})).expect_problem(404, "not_found");
        assert_eq!((ours.all(IMPORTS).len(), theirs.all(IMPORTS).len(), scene.admin.all(IMPORTS).len()), (2, 0, 2));
        let manager = scene.user("cam@vendor.example", "channel_manager", None);
        manager.get(&path).expect_problem(404, "not_found");
        let own = import(&manager, "people", "email,name,partner\neve@acme.example,Eve,acme.example\n");
        assert_eq!(told(&manager, &own), ["2 refused partner unknown_partner"]);
        let subject = manager.get("/v1/me").text("subject");
        let enrollment = format!("/v1/enrollments/{}", acme.enrollment);
        let tag = scene.admin.get(&enrollment).tag();
        scene.admin.patch(&enrollment, &tag, &json!({"channel_manager_id": subject})).expect_status(200);
        manager.get(&path).expect_status(200);
        assert_eq!(manager.all(IMPORTS).len(), 3);
        let rows = "email,name,partner\neve@acme.example,Eve,acme.example\nx@bravo.example,X,bravo.example\n";
        assert_eq!(counts(&import(&manager, "people", rows)), [1, 0, 0, 0, 1]);
        // A partner's people do not report.
        acme.admin.csv(&at("people"), "email,name\n").expect_problem(403, "insufficient_scope");
    }

    fn an_import_is_a_resource_like_others(server: Server) {
        let scene = school(&server);
        let path = format!("{}&filename=people.csv", at("people"));
        let send = |rows: &'static str| {
            let request = scene.admin.request(reqwest::Method::POST, &path).header("Idempotency-Key", "once");
            Answer::of(request.header("Content-Type", "text/csv; charset=utf-8").body(rows))
        };
        let made = send("email,name\n").expect_status(202);
        let id = made.text("id");
        assert_eq!((made.text("status"), made.text("filename")), ("queued".to_owned(), "people.csv".to_owned()));
        assert_eq!(made.header("location"), Some(format!("{IMPORTS}/{id}").as_str()));
        let again = send("email,name\n").expect_status(202);
        assert_eq!((again.text, again.json["id"].as_str()), (made.text.clone(), Some(id.as_str())));
        send("email,name\na@x.example,A\n").expect_problem(422, "idempotency_key_reused");
        assert_eq!(counts(&done(&scene.admin, &id)), [0; 5]);
        let one = format!("{IMPORTS}/{id}");
        let tag = scene.admin.get(&one).tag();
        let known = scene.admin.request(reqwest::Method::GET, &one).header("If-None-Match", &tag);
        Answer::of(known).expect_status(304);
        scene.admin.post(&format!("{one}/cancel"), &json!({})).expect_problem(409, "invalid_transition");
        let stale = scene.admin.request(reqwest::Method::POST, &format!("{one}/cancel")).header("If-Match", "\"other\"");
        Answer::of(stale).expect_problem(412, "stale");
        assert_eq!(scene.admin.all(&format!("{IMPORTS}?kind=people&status=finished")).len(), 1);
        assert_eq!(scene.admin.all(&format!("{IMPORTS}?kind=completions")).len(), 0);
        let mine = |one: &&Value| one["subject"] == id.as_str();
        let events: Vec<_> = scene.admin.all_events().into_iter().filter(|one| mine(&one)).collect();
        let types: Vec<_> = events.iter().map(|one| one["type"].as_str().unwrap()).collect();
        assert_eq!(types, ["training_import.started", "training_import.finished"]);
        let audit = scene.admin.all(&format!("/v1/audit-entries?subject={id}"));
        assert_eq!(audit.iter().map(|one| one["action"].as_str().unwrap()).collect::<Vec<_>>(), ["startTrainingImport"]);
        scene.admin.csv(IMPORTS, "email,name\n").expect_problem(400, "invalid_parameter");
        scene.admin.post(&at("people"), &json!({})).expect_problem(415, "unsupported_media_type");
    }

    fn whoever_may_not_act_any_more_imports_no_more(server: Server) {
        let scene = school(&server);
        let acme = scene.partner("Acme");
        let ours = system_of(&server, &scene, &acme);
        let rows: String = (0..3_000).map(|n| format!("p{n}@acme.example,P{n}\n")).collect();
        let made = ours.csv(&at("people"), format!("email,name\n{rows}")).expect_status(202).text("id");
        let client = ours.get("/v1/me").text("subject");
        scene.admin.post(&format!("/v1/api-clients/{client}/revoke"), &json!({})).expect_status(200);
        let over = done(&scene.admin, &made);
        assert_eq!(over["status"], "failed", "{over}");
        assert!(over["reason"].as_str().unwrap().contains("may not act any more"), "{over}");
        assert_eq!(number(&server.database, "SELECT count(*) FROM training_import_chunks"), 0);
        assert!(scene.admin.all_events().iter().any(|one| one["type"] == "training_import.failed"));
    }

    fn what_is_cancelled_goes_no_further(server: Server) {
        let scene = school(&server);
        scene.partner("Acme");
        let rows: String = (0..2_000).map(|n| format!("p{n}@acme.example,P{n},acme.example\n")).collect();
        let made = scene.admin.csv(&at("people"), format!("email,name,partner\n{rows}")).expect_status(202).text("id");
        let path = format!("{IMPORTS}/{made}");
        while scene.admin.get(&path).json["rows_done"] == 0 {
            thread::sleep(Duration::from_millis(10));
        }
        let over = (0..20).map(|_| scene.admin.post(&format!("{path}/cancel"), &json!({}))).find(|one| one.status != 503);
        let over = over.expect("an answer").expect_status(200).json;
        assert_eq!(over["status"], "cancelled");
        thread::sleep(Duration::from_millis(1_500));
        let later = scene.admin.get(&path).expect_status(200).json;
        assert_eq!(later, over);
        let done = later["rows_done"].as_i64().unwrap();
        assert!((1..2_000).contains(&done), "{done}");
        assert_eq!(number(&server.database, "SELECT count(*) FROM people"), done);
        assert_eq!(number(&server.database, "SELECT count(*) FROM training_import_chunks"), 0);
        let audit = scene.admin.all(&format!("/v1/audit-entries?subject={made}&action=cancelTrainingImport"));
        assert_eq!(audit.len(), 1);
    }

    fn lists_are_answered_as_files_too(server: Server) {
        let scene = school(&server);
        let (acme, bravo) = (scene.partner("Acme"), scene.partner("Bravo"));
        let people = "email,name,partner\n\
                      a@acme.example,=HYPERLINK(\"https://evil.example\"),acme.example\n\
                      b@acme.example,\"@SUM(1,1)\",acme.example\n\
                      c@bravo.example,+1,bravo.example\n";
        assert_eq!(counts(&import(&scene.admin, "people", people)), [3, 0, 0, 0, 0]);
        let completions = "email,item,completed_on,external_id\n\
                           a@acme.example,pitch,2026-02-01,-1+1\n\
                           b@acme.example,pitch,2026-02-02,\n\
                           c@bravo.example,basics,2026-02-03,\n";
        assert_eq!(counts(&import(&scene.admin, "completions", completions)), [3, 0, 0, 0, 0]);
        let file = scene.admin.get("/v1/credentials.csv").expect_status(200);
        let lines: Vec<_> = file.text.lines().collect();
        assert!(lines[0].starts_with("id,person_id,name,email,partner_id,certification,status,awarded_on"), "{}", lines[0]);
        assert_eq!(lines.len(), 3);
        assert!(lines[1].contains(",\"'@SUM(1,1)\",b@acme.example,"), "{}", lines[1]);
        assert!(lines[2].contains(",\"'=HYPERLINK(\"\"https://evil.example\"\")\",a@acme.example,"), "{}", lines[2]);
        assert!(lines[2].contains(",sales,valid,2026-02-01,2026-02-01,,"), "{}", lines[2]);
        let all = "/v1/training-enrollments.csv";
        let file = scene.admin.get(all).expect_status(200);
        assert!(file.text.contains(",'+1,c@bravo.example,") && file.text.contains(",import,'-1+1,"), "{}", file.text);
        let (mut rows, mut next) = (Vec::new(), format!("{all}?limit=1"));
        loop {
            let page = scene.admin.get(&next).expect_status(200);
            rows.extend(page.text.lines().skip(1).map(str::to_owned));
            let Some(link) = page.header("link") else { break };
            next = link.trim_start_matches('<').split('>').next().unwrap().to_owned();
        }
        assert_eq!(rows, file.text.lines().skip(1).map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(rows.len(), 3);
        let lines_of = |client: &Client, path: &str| client.get(path).expect_status(200).text.lines().count() - 1;
        assert_eq!(lines_of(&acme.admin, all), 2);
        assert_eq!(lines_of(&bravo.admin, "/v1/credentials.csv"), 0);
        assert_eq!(lines_of(&scene.admin, &format!("{all}?item=basics")), 1);
        assert_eq!(lines_of(&scene.admin, &format!("/v1/credentials.csv?partner_id={}&status=valid", acme.id)), 2);
        scene.admin.get("/v1/credentials.csv?limit=100001").expect_problem(400, "invalid_parameter");
        scene.admin.get("/v1/credentials.csv?cursor=nonsense").expect_problem(400, "invalid_parameter");
    }
}
