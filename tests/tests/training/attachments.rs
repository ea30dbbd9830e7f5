//! What is attached to statements of learning systems: sent in parts of one request, stored once, answered in parts.

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::Method;
use sha2::{Digest, Sha256};
use tests::{Answer, Client, Kind, Server, Value, json, on_both};

use super::{person, school};

const STATEMENTS: &str = "/xapi/statements";
/// A boundary of every character that one may have, as xAPI 1.0.3 shows it.
const BOUNDARY: &str = "abcABC0123'()+_,-./:=?";
const PDF: &[u8] = b"%PDF-1.7\r\n\xff\xfe\x00\r\n--abc\r\n";

/// A part of a request, as somebody wants to send it.
type Part = (Vec<(&'static str, String)>, Vec<u8>);

fn uuid(nth: usize) -> String {
    format!("6690e6c9-3ef0-4ed3-8b37-{nth:012}")
}

fn sha2(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is attached, without a `fileUrl`.
fn attachment(bytes: &[u8]) -> Value {
    json!({
        "usageType": "https://lms.example/usage/certificate", "display": {"en": "Certificate"},
        "contentType": "application/pdf", "length": bytes.len(), "sha2": sha2(bytes)
    })
}

/// A statement with this attached.
fn attaching(nth: usize, attachments: &[Value]) -> Value {
    json!({
        "id": uuid(nth), "actor": {"mbox": "mailto:ada@acme.example"}, "attachments": attachments,
        "verb": {"id": "http://adlnet.gov/expapi/verbs/completed"}, "object": {"id": "https://lms.example/basics"}
    })
}

fn statements(told: &Value) -> Part {
    (vec![("Content-Type", "application/json".into())], told.to_string().into_bytes())
}

fn part(bytes: &[u8]) -> Part {
    let headers = [
        ("Content-Type", "application/pdf".to_owned()),
        ("Content-Transfer-Encoding", "binary".to_owned()),
        ("X-Experience-API-Hash", sha2(bytes)),
    ];
    (headers.to_vec(), bytes.to_vec())
}

/// The part with this header instead, or without it.
fn but(mut part: Part, name: &str, value: Option<&str>) -> Part {
    part.0.retain_mut(|(own, text)| match value {
        Some(value) if *own == name => {
            value.clone_into(text);
            true
        }
        _ => *own != name,
    });
    part
}

fn body(parts: &[Part]) -> Vec<u8> {
    let mut body = Vec::new();
    for (headers, bytes) in parts {
        body.extend(format!("--{BOUNDARY}\r\n").bytes());
        headers.iter().for_each(|(name, value)| body.extend(format!("{name}: {value}\r\n").bytes()));
        body.extend(b"\r\n");
        body.extend(bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    body
}

fn send_bytes(client: &Client, media_type: &str, body: Vec<u8>) -> Answer {
    Answer::of(client.request(Method::POST, STATEMENTS).header("Content-Type", media_type).body(body))
}

fn send(client: &Client, parts: &[Part]) -> Answer {
    send_bytes(client, &format!("multipart/mixed; boundary=\"{BOUNDARY}\""), body(parts))
}

fn get(client: &Client, query: &str) -> Answer {
    client.get(&format!("{STATEMENTS}?attachments=true{query}")).expect_status(200)
}

/// An answer of several parts: the JSON, and of each other part its three headers and its bytes.
#[track_caller]
fn read(answer: &Answer) -> (Value, Vec<(String, Vec<u8>)>) {
    let media_type = answer.header("content-type").unwrap();
    let boundary = media_type.strip_prefix("multipart/mixed; boundary=").expect(media_type);
    let mark = format!("\r\n--{boundary}").into_bytes();
    let whole = [b"\r\n", answer.bytes.as_slice()].concat();
    let mut places: Vec<usize> = (0..whole.len()).filter(|at| whole[*at..].starts_with(&mark)).collect();
    assert_eq!(&whole[places.pop().unwrap() + mark.len()..], b"--\r\n", "it ends");
    let ends = places.iter().skip(1).copied().chain([whole.len() - mark.len() - 4]);
    let mut parts = places.iter().zip(ends).map(|(from, to)| {
        let content = &whole[from + mark.len() + 2..to];
        let head = content.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        (String::from_utf8(content[..head].to_vec()).unwrap(), content[head + 4..].to_vec())
    });
    let (head, json) = parts.next().unwrap();
    assert_eq!(head, "Content-Type: application/json");
    (serde_json::from_slice(&json).unwrap(), parts.collect())
}

/// An attachment as an answer has it.
fn answered(media_type: &str, bytes: &[u8]) -> (String, Vec<u8>) {
    let hash = sha2(bytes);
    let head =
        format!("Content-Type: {media_type}\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: {hash}");
    (head, bytes.to_vec())
}

/// How many bytes of attachments are stored, all told, and in how many rows.
fn stored(server: &Server) -> (i64, i64) {
    let query = "SELECT coalesce(sum(length(content)), 0), count(*) FROM xapi_attachments";
    match server.database.kind {
        Kind::Postgres => {
            let mut database = postgres::Client::connect(&server.database.url, postgres::NoTls).unwrap();
            let row = database.query_one(query, &[]).unwrap();
            (row.get(0), row.get(1))
        }
        Kind::Sqlite => {
            let database = rusqlite::Connection::open(&server.database.url).unwrap();
            database.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap()
        }
    }
}

/// The example of a signed statement of xAPI 1.0.3 (part two, appendix D), and its signature. It says that the signature has
/// 4,235 bytes; it has four more.
fn signed() -> (Value, Vec<u8>) {
    let mut statement: Value = serde_json::from_str(include_str!("signed/statement.json")).unwrap();
    statement["attachments"][0]["length"] = json!(4_239);
    (statement, include_bytes!("signed/statement.jws").to_vec())
}

/// A signature without a certificate.
fn signature(header: &Value, statement: &Value) -> Vec<u8> {
    let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let (header, payload) = (encoded(header.to_string().as_bytes()), encoded(statement.to_string().as_bytes()));
    format!("{header}.{payload}.{}", encoded(b"anything")).into_bytes()
}

/// The statement with this signature attached besides.
fn signed_by(statement: &Value, signature: &[u8]) -> Value {
    let mut signed = statement.clone();
    let mut attached = attachment(signature);
    attached["usageType"] = json!("http://adlnet.gov/expapi/attachments/signature");
    attached["contentType"] = json!("application/octet-stream");
    signed["attachments"].as_array_mut().unwrap().push(attached);
    signed
}

on_both! {
    fn what_is_attached_comes_back_with_its_statement(server: Server) {
        let scene = school(&server);
        let own = scene.partner("Acme");
        person(&scene.admin, &own.id, "ada@acme.example");
        let admin = &scene.admin;
        let hosted = json!({
            "usageType": "https://u.example", "display": {"en": "Elsewhere"}, "contentType": "text/plain", "length": 1,
            "sha2": "a".repeat(64), "fileUrl": "https://files.example/a"
        });
        let told = json!([
            attaching(1, &[attachment(PDF), attachment(b""), hosted.clone()]),
            attaching(2, &[attachment(PDF)]),
            attaching(3, &[hosted]),
            attaching(4, &[]),
        ]);
        let sent = send(admin, &[statements(&told), part(PDF), part(b""), part(PDF)]).expect_status(200);
        assert_eq!(sent.json, json!((1..=4).map(uuid).collect::<Vec<_>>()));
        assert_eq!(stored(&server), (i64::try_from(PDF.len()).unwrap(), 2));
        // Each once, for one statement and for many; nothing for whoever does not ask.
        let both = [answered("application/pdf", PDF), answered("application/pdf", b"")];
        let one = get(admin, &format!("&statementId={}", uuid(1)));
        assert!(one.header("last-modified").unwrap().ends_with(" GMT"));
        let (statement, parts) = read(&one);
        assert_eq!((&statement["id"], &statement["attachments"]), (&json!(uuid(1)), &told[0]["attachments"]));
        assert_eq!(parts, both);
        let (page, parts) = read(&get(admin, "&ascending=true&format=ids"));
        let ids: Vec<&Value> = page["statements"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
        assert_eq!(json!(ids), sent.json);
        assert_eq!((&page["more"], parts.as_slice()), (&json!(""), both.as_slice()));
        assert!(read(&get(admin, &format!("&statementId={}", uuid(3)))).1.is_empty());
        for query in ["", "&attachments=false"] {
            let plain = admin.get(&format!("{STATEMENTS}?statementId={}{query}", uuid(1))).expect_status(200);
            assert_eq!(plain.header("content-type"), Some("application/json"));
            assert_eq!(plain.json, statement);
        }
        assert_eq!(Answer::of(admin.request(Method::HEAD, &format!("{STATEMENTS}?attachments=true"))).status, 200);
        // Whoever reaches the statement reaches what came with it, and nobody by its hash.
        assert_eq!(read(&get(&own.admin, "&limit=1&ascending=true")).1, both);
        let guess = json!([{"fileUrl": "https://files.example/a", "contentType": "text/plain", "length": 1,
            "usageType": "https://u.example", "display": {}, "sha2": sha2(PDF)}]);
        admin.post(STATEMENTS, &attaching(9, guess.as_array().unwrap())).expect_status(200);
        assert!(read(&get(admin, &format!("&statementId={}", uuid(9)))).1.is_empty());
    }

    fn the_same_again_changes_nothing_and_stores_nothing(server: Server) {
        let scene = school(&server);
        let admin = &scene.admin;
        let told = attaching(1, &[attachment(PDF)]);
        let put = |nth: usize, parts: &[Part]| {
            let request = admin.request(Method::PUT, STATEMENTS).query(&[("statementId", uuid(nth))]);
            Answer::of(request.header("Content-Type", format!("multipart/mixed; boundary=\"{BOUNDARY}\"")).body(body(parts)))
        };
        put(1, &[statements(&told), part(PDF)]).expect_status(204);
        put(1, &[statements(&told), part(PDF)]).expect_status(204);
        send(admin, &[statements(&told), part(PDF)]).expect_status(200);
        // The bytes are stored by now; a statement without them is refused nevertheless.
        let refused = admin.post(STATEMENTS, &told).expect_problem(400, "invalid_statement");
        assert_eq!(refused.faults(), ["/attachments/0/fileUrl"]);
        let other = attaching(1, &[attachment(b"other")]);
        put(1, &[statements(&other), part(b"other")]).expect_problem(409, "already_exists");
        put(2, &[statements(&told), part(PDF)]).expect_problem(400, "invalid_statement");
        let unnamed = json!({"attachments": [attachment(PDF)], "actor": told["actor"], "verb": told["verb"], "object": told["object"]});
        put(2, &[statements(&unnamed), part(PDF)]).expect_status(204);
        put(3, &[statements(&attaching(3, &[]))]).expect_status(204);
        assert_eq!(stored(&server).1, 1);
        assert_eq!(read(&get(admin, "")).1, [answered("application/pdf", PDF)]);
        // What was voided keeps what came with it.
        let void = json!({"actor": told["actor"], "verb": {"id": "http://adlnet.gov/expapi/verbs/voided"},
            "object": {"objectType": "StatementRef", "id": uuid(1)}});
        admin.post(STATEMENTS, &void).expect_status(200);
        assert_eq!(read(&get(admin, &format!("&voidedStatementId={}", uuid(1)))).1.len(), 1);
    }

    fn what_is_attached_wrongly_is_refused(server: Server) {
        let scene = school(&server);
        let admin = &scene.admin;
        let told = attaching(1, &[attachment(PDF)]);
        let first = || statements(&told);
        let refused = |parts: &[Part]| send(admin, parts).expect_problem(400, "invalid_statement");
        for (parts, words) in [
            (vec![first(), but(part(PDF), "X-Experience-API-Hash", None)], "part 2 must have the header X-Experience-API-Hash"),
            (vec![first(), but(part(PDF), "Content-Transfer-Encoding", None)], "part 2 must have the header Content-Transfer-Encoding"),
            (vec![first(), but(part(PDF), "Content-Transfer-Encoding", Some("base64"))], "part 2 must have the header Content-Transfer-Encoding"),
            (vec![first(), part(PDF), but(part(b"x"), "X-Experience-API-Hash", Some(&sha2(PDF)))], "part 3 has other bytes"),
            (vec![first(), but(part(PDF), "X-Experience-API-Hash", Some(&"a".repeat(40)))], "part 2 must have a SHA-2"),
            (vec![first(), part(PDF), part(b"stray")], "part 3 is declared by no attachment"),
        ] {
            let answer = refused(&parts);
            let fault = &answer.json["errors"][0];
            assert_eq!(fault["pointer"], "", "{words}");
            assert!(fault["detail"].as_str().unwrap().starts_with(words), "{fault}");
        }
        // What is about a statement has its place there.
        let mut short = told.clone();
        short["attachments"][0]["length"] = json!(1);
        assert_eq!(refused(&[statements(&json!([attaching(2, &[]), short])), part(PDF)]).faults(), ["/1/attachments/0/length"]);
        assert_eq!(refused(&[first()]).faults(), ["/attachments/0/fileUrl"]);
        let mut split = told.clone();
        split["attachments"][0]["contentType"] = json!("a/b\r\nX-Evil: 1");
        assert_eq!(refused(&[statements(&split), part(PDF)]).faults(), ["/attachments/0/contentType"]);
        // So has what is no statement at all, and what is no JSON.
        assert_eq!(refused(&[statements(&json!({})), part(PDF)]).faults(), ["/actor", "/object", "/verb"]);
        let unread = |parts: &[Part]| send(admin, parts).expect_problem(400, "invalid_json").text("detail");
        assert!(unread(&[but(first(), "Content-Type", Some("text/plain")), part(PDF)]).contains("first part"));
        assert!(unread(&[part(PDF), first()]).contains("first part"));
        assert!(unread(&[]).contains("first part"));
        assert!(unread(&[(first().0, b"{".to_vec()), part(PDF)]).contains("not JSON"));
        assert_eq!(stored(&server), (0, 0));
        assert!(admin.get(STATEMENTS).json["statements"].as_array().unwrap().is_empty());
    }

    fn what_is_too_much_or_broken_is_refused_at_once(server: Server) {
        let scene = school(&server);
        let admin = &scene.admin;
        let mixed = "multipart/mixed; boundary=x";
        let refused = |media_type: &str, body: Vec<u8>, status: u16, code: &str| {
            let begun = Instant::now();
            let answer = send_bytes(admin, media_type, body).expect_problem(status, code);
            assert!(begun.elapsed() < Duration::from_secs(5), "{:?} for {}", begun.elapsed(), answer.text);
            answer.text("detail")
        };
        let unread = |media_type: &str, body: &str| refused(media_type, body.into(), 400, "invalid_json");
        let long = format!("multipart/mixed; boundary={}", "x".repeat(71));
        for media_type in ["multipart/mixed", "multipart/mixed; boundary=", "multipart/mixed; boundary=\"", &long] {
            assert!(unread(media_type, "--x--").contains("boundary"), "{media_type}");
        }
        let endless = "--x\r\nContent-Type: application/json\r\n\r\n{}";
        for body in ["", "{}", "--y--", endless, "--x", "--x\r\nContent-Type: application/json"] {
            assert!(unread(mixed, body).contains("multipart/mixed"), "{body}");
        }
        let one = "--x\r\nContent-Type: application/json\r\n\r\n[]\r\n";
        assert!(unread(mixed, &"--x\r\na:b\r\n\r\n\r\n".repeat(500_000)).contains("parts"));
        assert!(unread(mixed, &format!("--x\r\na: {}\r\n\r\n\r\n--x--", "b".repeat(5_000_000))).contains("header"));
        unread(mixed, &format!("--x\r\n{}\r\n\r\n--x--", "a: b\r\n".repeat(500_000)));
        unread(mixed, &"\r\n--".repeat(2_000_000));
        unread(mixed, &"\r".repeat(8_000_000));
        // A million parts do not fit; neither do statements that would be too many without parts.
        refused(mixed, one.repeat(1_000_000).into_bytes(), 413, "body_too_large");
        let large = format!("--x\r\nContent-Type: application/json\r\n\r\n[{}]\r\n--x--", " ".repeat(5_000_000));
        refused(mixed, large.into_bytes(), 413, "body_too_large");
        let deep = format!("--x\r\nContent-Type: application/json\r\n\r\n{}\r\n--x--", "[".repeat(100_000));
        unread(mixed, &deep);
        // What is large and right is taken. Where there is too much for one page, there are several, and one statement is whole.
        let large = |nth: usize| vec![u8::try_from(nth).unwrap(); 5_000_000];
        for nth in 1..=2 {
            send(admin, &[statements(&attaching(nth, &[attachment(&large(nth))])), part(&large(nth))]).expect_status(200);
        }
        let (page, parts) = read(&get(admin, "&ascending=true"));
        assert_eq!((page["statements"].as_array().unwrap().len(), parts.len()), (1, 1));
        let next = admin.get(page["more"].as_str().unwrap()).expect_status(200);
        assert_eq!(read(&next).1, [answered("application/pdf", &large(2))]);
        assert_eq!(admin.get(STATEMENTS).json["statements"].as_array().unwrap().len(), 2);
        // As many parts as there may be.
        let small: Vec<Vec<u8>> = (0..100).map(|nth| format!("{nth}").into_bytes()).collect();
        let declared: Vec<Value> = small.iter().map(|bytes| attachment(bytes)).collect();
        let parts: Vec<Part> = [statements(&attaching(3, &declared))].into_iter().chain(small.iter().map(|bytes| part(bytes))).collect();
        send(admin, &parts).expect_status(200);
        assert_eq!(read(&get(admin, &format!("&statementId={}", uuid(3)))).1.len(), 100);
    }

    fn a_signature_is_one_of_the_statement(server: Server) {
        let scene = school(&server);
        let admin = &scene.admin;
        let (statement, jws) = signed();
        send(admin, &[statements(&statement), part(&jws)]).expect_status(200);
        let id = statement["id"].as_str().unwrap();
        assert_eq!(read(&get(admin, &format!("&statementId={id}"))).1, [answered("application/octet-stream", &jws)]);
        // One without a certificate is looked at, too. What the server sets may differ.
        let plain = attaching(1, &[attachment(PDF)]);
        let by = |header: Value, of: &Value| signature(&header, of);
        let rs = |of: &Value| by(json!({"alg": "RS512"}), of);
        let sent_by = |jws: &[u8]| send(admin, &[statements(&signed_by(&plain, jws)), part(PDF), part(jws)]);
        let mut stamped = plain.clone();
        stamped["stored"] = json!("2026-01-01T00:00:00Z");
        sent_by(&rs(&stamped)).expect_status(200);
        let refused = |jws: &[u8], words: &str| {
            let answer = sent_by(jws).expect_problem(400, "invalid_statement");
            assert_eq!(answer.faults(), ["/attachments/1"], "{words}");
            assert!(answer.json["errors"][0]["detail"].as_str().unwrap().contains(words), "{}", answer.text);
        };
        refused(&rs(&attaching(1, &[])), "another statement");
        refused(&rs(&json!([plain])), "must sign a statement");
        for header in [json!({"alg": "HS256"}), json!({"alg": "none"}), json!({"alg": "ES256"}), json!({"typ": "JWT"})] {
            refused(&by(header, &plain), "RS256");
        }
        for jws in ["", "a.b.c", "..", "{}", "\u{e9}"] {
            refused(jws.as_bytes(), "RS256");
        }
        let unsigned = rs(&plain).iter().copied().take(rs(&plain).len() - 11).collect::<Vec<_>>();
        refused(&unsigned, "RS256");
        for chain in [json!([]), json!(["AAAA"])] {
            refused(&by(json!({"alg": "RS256", "x5c": chain}), &plain), "certificate");
        }
        // Of the example: another statement under the same certificate, and another signature.
        let text = String::from_utf8(jws.clone()).unwrap();
        let (head, rest) = text.split_once('.').unwrap();
        let (payload, signed) = rest.split_once('.').unwrap();
        let own = URL_SAFE_NO_PAD.encode(plain.to_string());
        refused(format!("{head}.{own}.{signed}").as_bytes(), "certificate in its x5c");
        refused(format!("{head}.{payload}.{}", signed.replace("FWuw", "FWux")).as_bytes(), "certificate in its x5c");
        refused(text.as_bytes(), "another statement");
        let mut typed = signed_by(&plain, &rs(&plain));
        typed["attachments"][1]["contentType"] = json!("application/jose");
        let answer = send(admin, &[statements(&typed), part(PDF), part(&rs(&plain))]).expect_problem(400, "invalid_statement");
        assert_eq!(answer.faults(), ["/attachments/1/contentType"]);
    }
}
