//! How fast a book is evaluated: `cargo run --release -p rules --example speed`.
//!
//! Microsoft's three Azure areas: 14 components, 12 of them or their gates count people, over a team of ten.
#![allow(clippy::unwrap_used, reason = "an example that fails may say so by stopping")]

use std::{hint::black_box, time::Instant};

use rules::{Program, RuleBook};

const BOOK: &str = include_str!("../tests/language/books/azure.yaml");
const FACTS: &str = "
customers: {now: 9, year_ago: 4}
acr: {now: 112000, year_ago: 100000}
services: 4
people:
  ann: [az_admin, infra_mid, app_mid]
  bob: [az_admin, infra_mid, data_ai]
  cem: [az_architect, infra_top]
  dan: [az_architect, app_top, data_ai]
  eve: [az_admin, infra_mid]
  fay: [{certificate: infra_top, valid_from: 2023-01-01, valid_to: 2025-01-01}]
  gus: [data_ai, app_mid, app_top]
  hal: [{certificate: az_architect, valid_to: 2024-12-31}]
  ida: [infra_mid, infra_top, data_ai]
  jon: [other]
";
const TIMES: u32 = 300_000;

fn main() {
    let book = RuleBook::read(&serde_saphyr::from_str(BOOK).unwrap()).unwrap();
    let begin = Instant::now();
    let program = Program::compile(&book).unwrap();
    println!("compiled in {:?}", begin.elapsed());
    let facts = program.read_facts(&serde_saphyr::from_str(FACTS).unwrap()).unwrap();
    let as_of = "2024-08-15".parse().unwrap();
    let begin = Instant::now();
    for _ in 0..TIMES {
        black_box(program.evaluate(black_box(&facts), as_of));
    }
    let each = begin.elapsed() / TIMES;
    println!("evaluated {TIMES} times: {each:?} each, {:.0} a second", 1.0 / each.as_secs_f64());
    let begin = Instant::now();
    for _ in 0..1000 {
        black_box(program.explain_tier("Qualified", &facts, as_of));
    }
    println!("explained in {:?}", begin.elapsed() / 1000);
    let outcome = program.evaluate(&facts, as_of);
    let totals: Vec<String> = outcome.scores().map(|(name, score)| format!("{name} {}", score.total())).collect();
    println!("{:?}: {}", outcome.tier(), totals.join(", "));
}
