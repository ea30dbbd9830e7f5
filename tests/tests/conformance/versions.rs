//! Every resource of which somebody can hold a version: who has the current one gets no second copy, and who has another
//! changes nothing.

use reqwest::{Method, blocking::RequestBuilder};
use tests::{Answer, on_both_with};

use super::{
    operation::{Operation, documenting},
    sweep::each,
};
use crate::authorization::{
    rows::{At, rows},
    world::{Whose, World, application},
};

/// Nothing changes but what is asked for.
const UNSWEPT: &[(&str, &str)] = &[("ENTENTE_SANDBOX", "1"), ("ENTENTE_SWEEP_SECONDS", "3600")];

/// A request about the first partner's object of the kind that the operation is about, with a body that it takes.
fn ask(world: &World, operation: &Operation) -> RequestBuilder {
    let admin = &world.scene.admin;
    let about = rows().into_iter().find_map(|row| match row.at {
        At::Path(kind) | At::Planned(kind) if row.operation == operation.id => {
            Some((row, world.id(kind, Whose::Ours)?))
        }
        _ => None,
    });
    let (row, id) = match about {
        Some((row, id)) => (Some(row), id),
        // It names nothing: there is one of it.
        None => (rows().into_iter().find(|row| row.operation == operation.id), String::new()),
    };
    let request = admin.request(operation.method.clone(), &world.path(&operation.path, &id));
    match row.and_then(|row| row.body(world, &world.ours, &id)) {
        Some(body) => request.json(&body),
        None => request,
    }
}

on_both_with! {
    UNSWEPT;

    fn who_has_the_current_version_gets_no_second_copy_and_who_has_another_changes_nothing(server: Server) {
        let world = World::new(&server);
        let admin = &world.scene.admin;
        let handed_in = admin.post("/v1/applications", &application("entry", "applicant.example")).expect_status(201);
        let applicant = server.client().with_token(&handed_in.text("status_token"));
        let read = |operation: &Operation| match operation.is_an_applicants() {
            true => applicant.request(Method::GET, &operation.path),
            false => ask(&world, operation),
        };
        let known = documenting(admin, 304);
        each(&known, 304, &[""], |operation| {
            let tag = Answer::of(read(operation)).expect_status(200).tag();
            let again = Answer::of(read(operation).header("If-None-Match", &tag));
            assert_eq!((again.text.as_str(), again.tag()), ("", tag), "{}", operation.id);
            again
        });
        let changing = documenting(admin, 412);
        each(&changing, 412, &["stale"], |operation| {
            Answer::of(ask(&world, operation).header("If-Match", "\"stale\""))
        });
        println!("{} operations answered 304, {} answered 412", known.len(), changing.len());
    }
}
