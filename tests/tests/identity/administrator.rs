//! The first administrator of an empty database.

use tests::{Client, Database, Kind, Process};

use super::support::{by_password, expect_refusal};

/// What was printed after these words, up to the next space, comma or end of line.
fn after<'a>(text: &'a str, words: &str) -> &'a str {
    let rest = text.split_once(words).unwrap_or_else(|| panic!("no “{words}” in: {text}")).1;
    rest.split([' ', ',', '\n']).next().unwrap_or_default()
}

fn a_password_is_made_and_printed_once(kind: Kind) {
    let database = Database::empty(kind);
    let first = Process::serve(&database, &[]);
    let email = after(&first.greeting, "administrator is ").to_owned();
    let password = after(&first.greeting, "password ").to_owned();
    assert!(password.len() >= 20, "{}", first.greeting);
    let admin = Client::new(&first.url).signed_in(&email, &password);
    assert_eq!(admin.get("/v1/me").expect_status(200).text("role"), "program_admin");
    drop(first);
    let second = Process::serve(&database, &[]);
    assert!(!second.greeting.contains("password"), "{}", second.greeting);
    Client::new(&second.url).signed_in(&email, &password);
}

#[test]
fn a_password_is_made_and_printed_once_on_sqlite() {
    a_password_is_made_and_printed_once(Kind::Sqlite);
}

#[test]
fn a_password_is_made_and_printed_once_on_postgres() {
    a_password_is_made_and_printed_once(Kind::Postgres);
}

#[test]
fn address_and_password_can_be_given_and_count_only_for_an_empty_database() {
    let database = Database::empty(Kind::Sqlite);
    let given = [("ENTENTE_ADMIN_EMAIL", "Boss@Vendor.example"), ("ENTENTE_ADMIN_PASSWORD", "the given password")];
    let first = Process::serve(&database, &given);
    assert!(!first.greeting.contains("the given password"), "{}", first.greeting);
    let client = Client::new(&first.url);
    assert_eq!(
        client.signed_in("boss@vendor.example", "the given password").get("/v1/me").text("role"),
        "program_admin"
    );
    drop(first);
    // Whoever can set the environment later takes nothing over.
    let later = [("ENTENTE_ADMIN_EMAIL", "boss@vendor.example"), ("ENTENTE_ADMIN_PASSWORD", "another password")];
    let second = Process::serve(&database, &later);
    let client = Client::new(&second.url);
    client.signed_in("boss@vendor.example", "the given password");
    expect_refusal(by_password(&client, "boss@vendor.example", "another password"), 400, "invalid_grant");
}

#[test]
fn an_address_alone_gets_a_password_made_for_it() {
    let database = Database::empty(Kind::Sqlite);
    let server = Process::serve(&database, &[("ENTENTE_ADMIN_EMAIL", "boss@vendor.example")]);
    assert_eq!(after(&server.greeting, "administrator is "), "boss@vendor.example");
    Client::new(&server.url).signed_in("boss@vendor.example", after(&server.greeting, "password "));
}
