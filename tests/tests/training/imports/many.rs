//! Long files, servers that die over them, and several servers at once.

use std::sync::Arc;

use super::*;

fn people(count: usize) -> String {
    let rows: String = (0..count).map(|n| format!("p{n}@acme.example,Person {n},acme.example\n")).collect();
    format!("email,name,partner\n{rows}")
}

fn quiet(kind: Kind) -> Server {
    Server::with(Arc::new(Database::empty(kind)), &[("ENTENTE_SQLITE_SYNCHRONOUS", "normal")])
}

/// Imports so many people from one file, and tells how long it took.
fn long_file(server: &Server, count: usize) {
    let scene = school(server);
    scene.partner("Acme");
    let began = Instant::now();
    let made = scene.admin.csv(&at("people"), people(count)).expect_status(202);
    println!("{:?}: {count} rows taken in {:?}", server.database.kind, began.elapsed());
    let over = done(&scene.admin, &made.text("id"));
    println!("{:?}: {count} rows done in {:?}", server.database.kind, began.elapsed());
    let rows = i64::try_from(count).unwrap();
    assert_eq!(counts(&over), [rows, 0, 0, 0, 0]);
    assert_eq!(number(&server.database, "SELECT count(*) FROM people"), rows);
    assert_eq!(number(&server.database, "SELECT count(*) FROM training_import_chunks"), 0);
}

#[test]
fn a_hundred_thousand_rows_are_one_file() {
    long_file(&quiet(Kind::Sqlite), 100_000);
}

#[test]
fn many_rows_are_one_file_on_postgres() {
    long_file(&quiet(Kind::Postgres), 2_000);
}

on_both! {
    fn an_import_whose_server_is_killed_goes_on_where_it_was(server: Server) {
        let mut server = server;
        let scene = school(&server);
        scene.partner("Acme");
        let first = scene.admin.csv(&at("people"), people(1_000)).expect_status(202).text("id");
        let rows: String = (0..1_000).map(|n| format!("p{n}@acme.example,pitch,2026-02-01\n")).collect();
        let rows = format!("email,item,completed_on\n{rows}");
        let mut kills = 0;
        let mut second = None;
        let sql = |of: &str| format!("SELECT CAST(sum({of}) AS BIGINT) FROM training_imports");
        // Killed again and again, over people first and then over what they have learned.
        while kills < 5 {
            let admin = scene.admin.at(&server.url);
            let is_over = |id: &str| admin.get(&format!("{IMPORTS}/{id}")).expect_status(200).json["status"] == "finished";
            if second.is_none() && is_over(&first) {
                second = Some(admin.csv(&at("completions"), rows.clone()).expect_status(202).text("id"));
            }
            if second.as_deref().is_some_and(is_over) {
                break;
            }
            // Where it has just come to its end, nothing comes any more.
            let (before, began) = (number(&server.database, &sql("rows_done")), Instant::now());
            while number(&server.database, &sql("rows_done")) == before && began.elapsed() < Duration::from_secs(60) {
                thread::sleep(Duration::from_millis(20));
            }
            server.kill();
            let (total, done) = (number(&server.database, &sql("rows_total")), number(&server.database, &sql("rows_done")));
            kills += i32::from(done < total);
            server = server.another();
        }
        assert!(kills >= 2, "killed {kills} times in the midst of it");
        let admin = scene.admin.at(&server.url);
        assert_eq!(counts(&done(&admin, &first)), [1_000, 0, 0, 0, 0]);
        let second = second.unwrap_or_else(|| admin.csv(&at("completions"), rows.clone()).expect_status(202).text("id"));
        assert_eq!(counts(&done(&admin, &second)), [1_000, 0, 0, 0, 0]);
        each_once(&server, 1_000);
    }
}

/// Everybody is there once, has learned once, and holds one certificate; the feed tells each once.
fn each_once(server: &Server, count: i64) {
    for of in [
        "people",
        "employments",
        "training_enrollments",
        "credentials",
        "facts WHERE name = 'certificates'",
        "events WHERE type = 'person.created'",
        "events WHERE type = 'training_enrollment.completed'",
        "events WHERE type = 'credential.awarded'",
    ] {
        assert_eq!(number(&server.database, &format!("SELECT count(*) FROM {of}")), count, "{of}");
    }
}

#[test]
fn two_servers_share_the_work_and_do_nothing_twice() {
    let one = quiet(Kind::Postgres);
    let other = one.another();
    let scene = school(&one);
    scene.partner("Acme");
    let all = counts(&import(&scene.admin, "people", &people(900)));
    assert_eq!(all, [900, 0, 0, 0, 0]);
    let rows = |from: usize, to: usize| {
        let rows: String = (from..to).map(|n| format!("p{n}@acme.example,pitch,2026-02-01\n")).collect();
        format!("email,item,completed_on\n{rows}")
    };
    // The second and the third speak of some that the first does, too.
    let files = [rows(0, 500), rows(300, 700), rows(600, 900)];
    let ids = files.map(|file| scene.admin.csv(&at("completions"), file).expect_status(202).text("id"));
    let over = ids.map(|id| counts(&done(&scene.admin.at(&other.url), &id)));
    let sum = |at: usize| over.iter().map(|counts| counts[at]).sum::<i64>();
    assert_eq!((sum(0), sum(2)), (900, 300), "{over:?}");
    each_once(&one, 900);
}
