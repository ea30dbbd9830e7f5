//! Program documents: their versions, their schema, what is wrong with them, and what comes out of them.

mod applied;
mod command;
mod evaluate;
mod plans;
mod schema;
mod validate;
mod versions;

use tests::{Answer, Client};

/// A program with facts, metrics, a ladder and an example.
pub const PROGRAM: &str = "# A comment, as people write them
slug: gold
name: Gold program
currency: EUR
time_zone: Europe/Berlin
facts:
  revenue: { type: number, unit: EUR, default: 0, description: Booked in the last twelve months. }
  people: { type: people }
metrics:
  certified: { people: { holding: [cert_a] } }
scores:
  total:
    components:
      - { name: money, points: { per_unit: { of: revenue, unit: 1000, points: 1 } }, cap: 50 }
      - { name: skills, points: { per_unit: { of: certified, points: 10 } }, cap: 50 }
rules:
  skilled: { metric: certified, at_least: 2 }
eligibility:
  - { name: has_people, requires: { metric: certified, at_least: 1 } }
tiers:
  - name: Registered
  - name: Gold
    requires: { all: [{ metric: revenue, at_least: 100000 }, skilled] }
    benefits: { margin_percent: 12.5, leads: true }
examples:
  - name: Just Gold
    as_of: 2026-12-31
    given: { revenue: 100000, people: { ann: [cert_a], bob: [cert_a] } }
    expect: { tier: Gold, score.total: 70 }
";

/// Sends a document as YAML.
pub fn send(client: &Client, path: &str, text: &str) -> Answer {
    crate::frame::support::send(client, path, "application/yaml", text)
}
