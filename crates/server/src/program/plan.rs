//! `entente program plan`: what a document would change.

use std::{
    fs,
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

use chrono::NaiveDate;
use clap::Args;
use comfy_table::{Cell, Color};
use database::Database;
use indicatif::{ProgressBar, ProgressStyle};
use kernel::{Actor, Timestamp};
use programs::ProgramDocument;
use serde_json::Value;
use tiers::plan::{
    self, Asked, BenefitEffect, Direction, Effect, PlanFindings, PlanMove, PlanState, Population, ProgramPlanDetail,
    Progress,
};

use super::{
    desk::{self, PrintArguments},
    paint::{Painter, signed},
};
use crate::{
    arguments::DatabaseArguments,
    output::{self, Outcome},
};

/// How many moves are printed; the stored plan has all.
const PRINTED: usize = 50;

/// What to plan.
#[derive(Args)]
pub struct PlanArguments {
    /// The document: YAML, or JSON if the name ends in .json; - reads YAML from standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    when: WhenArguments,
    #[command(flatten)]
    print: PrintArguments,
    /// Write the plan to this file too, as JSON.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArguments,
}

/// Of when to plan, and for when.
#[derive(Args)]
pub struct WhenArguments {
    /// The day for which both rules are asked; today in the program's time zone, if it is left out.
    #[arg(long, value_name = "DAY")]
    as_of: Option<NaiveDate>,
    /// Look at past review days too, from this day on.
    #[arg(long, value_name = "DAY")]
    since: Option<NaiveDate>,
    /// From when on the document is to hold, such as 2027-01-01T00:00:00Z; as soon as it is applied, if it is left out.
    #[arg(long, value_name = "TIME")]
    effective_from: Option<Timestamp>,
}

impl WhenArguments {
    pub(super) fn asked(&self, document: ProgramDocument) -> Asked {
        Asked { document, as_of: self.as_of, since: self.since, effective_from: self.effective_from }
    }
}

/// Plans, prints and keeps the plan. Ends with 2 if there are changes.
pub(super) fn plan(arguments: &PlanArguments) -> Result<Outcome, String> {
    let document = match desk::document(&arguments.file, arguments.print.json)? {
        Ok(document) => document,
        Err(outcome) => return Ok(outcome),
    };
    let database = desk::open(&arguments.database)?;
    let made = make(&database, arguments.when.asked(document))?;
    if let Some(path) = &arguments.out {
        write(path, &made)?;
    }
    if arguments.print.json {
        output::json(&made)?;
    } else {
        print(&made, &arguments.print)?;
        if made.plan.has_changes {
            let id = made.plan.id;
            output::line(&format!("\nTo apply it, until {}: entente program apply --plan {id}", made.plan.expires_at))?;
        }
    }
    Ok(if made.plan.has_changes { Outcome::Changes } else { Outcome::Fine })
}

/// Draws a plan, with a bar where somebody looks on, and keeps it.
pub(super) fn make(database: &Database, asked: Asked) -> Result<ProgramPlanDetail, String> {
    let bar = bar();
    let mut progress = |Progress { done, total }: Progress| {
        bar.set_length(total);
        bar.set_position(done);
    };
    let (actor, slug) = (Actor::system(), asked.document.slug.clone());
    let drawn = plan::draw(database, &actor, &slug, asked, &mut progress);
    bar.finish_and_clear();
    let drawn = drawn.map_err(desk::told)?;
    database.write_blocking(move |tx| plan::store(tx, &Actor::system(), &drawn)).map_err(desk::told)
}

fn bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    match ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} partners, {eta} to go") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

fn write(path: &Path, made: &ProgramPlanDetail) -> Result<(), String> {
    let text = serde_json::to_string_pretty(made).map_err(|error| error.to_string())?;
    fs::write(path, text + "\n").map_err(|error| format!("{}: {error}", path.display()))
}

/// Prints a plan for people.
pub(super) fn print(made: &ProgramPlanDetail, arguments: &PrintArguments) -> Result<(), String> {
    let painter = Painter::new(arguments.color);
    let ProgramPlanDetail { plan, state, moved, moves } = made;
    let Some(base) = plan.base_version else {
        let tiers = plan.document.0.tiers.len();
        painter.title(&format!("{} will be created, with {tiers} tiers", plan.program))?;
        return stale(*state, moved);
    };
    if !plan.has_changes {
        painter.title(&format!("{}: no changes; the document says what version {base} says", plan.program))?;
        return reviews(painter, &plan.findings.0);
    }
    let next = plan.newest_version.map_or(base, |newest| newest + 1);
    painter.title(&format!("{}: version {base} → {next}", plan.program))?;
    painter.changes(&plan.changes.0)?;
    let findings = &plan.findings.0;
    painter.title(&format!("\nTiers that {} partners meet as of {}", findings.enrollments, plan.as_of))?;
    let mut table = painter.table(&["Tier", "Hold it now", "Before", "After", ""]);
    for Population { tier, held, before, after } in &findings.populations {
        let tier = tier.as_deref().unwrap_or("none");
        table.add_row(vec![
            Cell::new(tier),
            Cell::new(held),
            Cell::new(before),
            Cell::new(after),
            signed(i64::from(*after) - i64::from(*before)),
        ]);
    }
    output::line(&table.to_string())?;
    people(painter, findings, moves)?;
    benefits(painter, findings)?;
    reviews(painter, findings)?;
    takes_effect(findings)?;
    stale(*state, moved)
}

fn people(painter: Painter, findings: &PlanFindings, moves: &[PlanMove]) -> Result<(), String> {
    let PlanFindings { up, down, aside, .. } = findings;
    let others = if *aside > 0 { format!(", {aside} to another of the same height") } else { String::new() };
    painter.title(&format!("\nWho would meet another tier: {up} up, {down} down{others}"))?;
    if moves.is_empty() {
        return Ok(());
    }
    let mut table = painter.table(&["Partner", "From", "To", "Because"]);
    for one in moves.iter().take(PRINTED) {
        let colour = match one.direction {
            Direction::Up => Color::Green,
            Direction::Down => Color::Red,
            Direction::Aside => Color::Yellow,
        };
        let because: Vec<&str> = one.because.0.iter().map(|because| because.words.as_str()).collect();
        table.add_row(vec![
            Cell::new(&one.partner_name),
            Cell::new(one.before_tier.as_deref().unwrap_or("none")),
            Cell::new(one.after_tier.as_deref().unwrap_or("none")).fg(colour),
            Cell::new(because.join("\n")),
        ]);
    }
    output::line(&table.to_string())?;
    let all = usize::try_from(up + down + aside).unwrap_or(usize::MAX);
    if all > PRINTED {
        output::line(&format!("… and {} more, in the stored plan", all - PRINTED))?;
    }
    Ok(())
}

fn benefits(painter: Painter, findings: &PlanFindings) -> Result<(), String> {
    effects(painter, "\nBenefits that change as soon as the document holds", &findings.benefits_at_once)?;
    let PlanFindings { protection_days_changed, open_protections, .. } = findings;
    if *protection_days_changed > 0 {
        output::line(&format!(
            "{protection_days_changed} partners get other days of protection for what they register from then on; their \
             {open_protections} open protections keep their end"
        ))?;
    }
    effects(painter, "\nBenefits of those who would meet another tier", &findings.benefits_of_moves)
}

fn effects(painter: Painter, title: &str, effects: &[BenefitEffect]) -> Result<(), String> {
    if effects.is_empty() {
        return Ok(());
    }
    painter.title(title)?;
    let mut table = painter.table(&["Tier", "Benefit", "Before", "After", "Partners"]);
    for one in effects {
        let colour = match one.change.effect {
            Effect::Gains => Color::Green,
            Effect::Loses => Color::Red,
            Effect::Changes => Color::Yellow,
        };
        let tier = |tier: &Option<String>| tier.clone().unwrap_or_else(|| "none".into());
        let (from, to) = (tier(&one.tier_before), tier(&one.tier_after));
        table.add_row(vec![
            Cell::new(if from == to { from } else { format!("{from} → {to}") }),
            Cell::new(one.change.benefit.replace('_', " ")),
            Cell::new(shown(one.change.before.as_ref())),
            Cell::new(shown(one.change.after.as_ref())).fg(colour),
            Cell::new(one.enrollments),
        ]);
    }
    output::line(&table.to_string())
}

/// A benefit as people write it.
fn shown(value: Option<&Value>) -> String {
    match value {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(true)) => "yes".to_owned(),
        Some(value) => value.to_string(),
        None => "nothing".to_owned(),
    }
}

fn reviews(painter: Painter, findings: &PlanFindings) -> Result<(), String> {
    if findings.reviews.is_empty() {
        return Ok(());
    }
    painter.title("\nPast reviews, had either rules been in force")?;
    let mut columns = vec!["Review", "Partners", "Up", "Down"];
    let tiers: Vec<Option<&str>> = findings.populations.iter().map(|row| row.tier.as_deref()).collect();
    columns.extend(tiers.iter().map(|tier| tier.unwrap_or("none")));
    let mut table = painter.table(&columns);
    for review in &findings.reviews {
        let of = |tier: &Option<&str>| {
            let row = review.populations.iter().find(|row| row.tier.as_deref() == *tier);
            row.map_or_else(String::new, |row| format!("{} → {}", row.before, row.after))
        };
        let counts = [review.enrollments, review.up, review.down].map(|count| count.to_string());
        table.add_row([review.as_of.to_string()].into_iter().chain(counts).chain(tiers.iter().map(of)));
    }
    output::line(&table.to_string())
}

fn takes_effect(findings: &PlanFindings) -> Result<(), String> {
    let effect = findings.takes_effect;
    match (effect.promotions_from, effect.demotions_from) {
        (Some(up), Some(down)) => output::line(&format!(
            "\nThis compares what is met. By the document's evaluation, partners rise from {up} on, and fall on {down} at \
             the earliest"
        )),
        _ => output::line("\nThis compares what is met. The document evaluates no tiers by itself: nobody moves"),
    }
}

fn stale(state: PlanState, moved: &[String]) -> Result<(), String> {
    if state != PlanState::Stale {
        return Ok(());
    }
    output::line(&format!("\nThe plan does not hold any more: {}", moved.join("; ")))
}
