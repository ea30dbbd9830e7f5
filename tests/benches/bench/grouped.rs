//! The same SQL on SQLite in groups: what it brings to commit together, without the product around it.
//!
//! As the product's writer does it: one connection, a savepoint for each registration, one commit for all that is
//! queued, an answer after it.

use std::{
    sync::{
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use rusqlite::Connection;

use crate::{
    drive::{Figures, Outcome, drive},
    operation::Operation,
    options::Options,
    sqlite::{self, Spelled},
    subject::Subject,
    template::Template,
    vendor::Vendor,
};

/// The most that share a commit, and how long they may take until then: as in the product.
const GROUP: usize = 256;
const GROUP_TIME: Duration = Duration::from_millis(20);

/// What is to be done, and who waits for it.
type Job<'a> = (Subject<'a>, Sender<()>);

/// Measures the statements of an operation that writes, committed together, each commit safe on the disk.
pub fn measure(vendor: &Vendor, operation: Operation, template: &Template, options: &Options) -> Figures {
    let statements = sqlite::statements(template);
    let (_, inner) = statements.split_first().expect("BEGIN");
    let (_, inner) = inner.split_last().expect("COMMIT");
    let (queue, jobs) = mpsc::sync_channel::<Job>(options.connections);
    let turn = AtomicU64::new(vendor.rows / 2);
    let figures = thread::scope(|scope| {
        scope.spawn(|| serve(&sqlite::open(vendor, "FULL"), inner, jobs));
        // Taken along, so that the writer ends when the last caller does.
        let (queue, turn) = (queue, &turn);
        drive(options.connections, options.time, |caller| {
            let (queue, (done, answer)) = (queue.clone(), mpsc::channel());
            move || {
                let turn = turn.fetch_add(1, Ordering::Relaxed);
                let subject = sqlite::subject(vendor, operation, template, caller, turn);
                queue.send((subject, done.clone())).expect("the writer");
                answer.recv().expect("an answer");
                Outcome::Done
            }
        })
    });
    eprintln!("SQLite alone, FULL in groups: {operation}: {:.0}/s", figures.per_second);
    figures
}

fn serve(connection: &Connection, statements: &[Spelled], jobs: Receiver<Job>) {
    let execute = |sql: &str| connection.prepare_cached(sql).expect(sql).raw_execute().expect(sql);
    while let Ok(first) = jobs.recv() {
        let (began, mut next, mut waiting) = (Instant::now(), Some(first), Vec::new());
        execute("BEGIN IMMEDIATE");
        while let Some((subject, done)) = next.take() {
            execute("SAVEPOINT one");
            sqlite::run(connection, statements, &subject);
            execute("RELEASE one");
            waiting.push(done);
            if waiting.len() < GROUP && began.elapsed() < GROUP_TIME {
                next = jobs.try_recv().ok();
            }
        }
        execute("COMMIT");
        for done in waiting {
            // A caller whose time is up does not wait any more.
            let _ = done.send(());
        }
    }
}
