//! What the types cannot say: every contradiction of a document, with its place.

use std::collections::BTreeSet;

use kernel::Fault;
use rules::Number;

use super::{EvaluationPolicy, ProgramDocument, Region, TierBenefits};

/// A slug: how a program is called in paths and documents.
const SLUG: &str = "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$";
/// A product: how a price list would call it.
const PRODUCT: &str = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";
/// What stands beside slugs in paths.
const RESERVED: [&str; 2] = ["validate", "evaluate"];
/// How many other benefits a tier may name, and how long their names and words may be.
const OTHER: usize = 50;
const OTHER_NAME: usize = 64;
const OTHER_TEXT: usize = 500;

impl ProgramDocument {
    /// What the types cannot say: every contradiction, with its place. The rule book has a check of its own.
    pub fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if RESERVED.contains(&self.slug.as_str()) {
            faults.push(Fault::at("/slug", "reserved", "is the name of an operation; use another"));
        }
        for (at, tier) in self.tiers.iter().enumerate() {
            benefits(&tier.benefits, &format!("/tiers/{at}/benefits"), &mut faults);
        }
        regions(&self.regions, &mut faults);
        if let Some(evaluation) = &self.evaluation {
            reviews(evaluation, &mut faults);
        }
        if self.agreement.as_ref().is_some_and(|agreement| !is_slug(&agreement.slug)) {
            faults.push(Fault::at("/agreement/slug", "pattern", format!("does not match {SLUG}")));
        }
        self.examples_named_twice(&mut faults);
        self.deals(&mut faults);
        faults
    }

    fn deals(&self, faults: &mut Vec<Fault>) {
        let policy = &self.deal_registration;
        for (at, product) in policy.products.iter().enumerate() {
            if !is_product(product) {
                let pointer = format!("/deal_registration/products/{at}");
                faults.push(Fault::at(&pointer, "pattern", format!("does not match {PRODUCT}")));
            }
        }
        for (at, slug) in policy.exclusive_with.iter().enumerate() {
            let pointer = format!("/deal_registration/exclusive_with/{at}");
            if !is_slug(slug) {
                faults.push(Fault::at(&pointer, "pattern", format!("does not match {SLUG}")));
            } else if *slug == self.slug {
                faults.push(Fault::at(&pointer, "contradiction", "is this program, whose protections always count"));
            }
        }
        if policy.auto_approve.as_ref().and_then(|auto| auto.up_to).is_some_and(|limit| limit.minor < 0) {
            faults.push(Fault::at("/deal_registration/auto_approve/up_to/amount", "minimum", "is less than 0"));
        }
        if policy.decision.weekend.len() > 6 {
            faults.push(Fault::at("/deal_registration/decision/weekend", "contradiction", "leaves no business day"));
        }
    }

    fn examples_named_twice(&self, faults: &mut Vec<Fault>) {
        let mut seen = BTreeSet::new();
        for (at, example) in self.examples.iter().enumerate() {
            if !seen.insert(&example.name) {
                let pointer = format!("/examples/{at}/name");
                faults.push(Fault::at(&pointer, "duplicate", "is the name of another example too"));
            }
        }
    }
}

fn benefits(benefits: &TierBenefits, at: &str, faults: &mut Vec<Fault>) {
    let hundred = Number::whole(100);
    for (name, percent) in [("margin_percent", benefits.margin_percent), ("mdf_percent", benefits.mdf_percent)] {
        if percent.is_some_and(|percent| percent < Number::ZERO || percent > hundred) {
            faults.push(Fault::at(&format!("{at}/{name}"), "out_of_range", "must be from 0 to 100"));
        }
    }
    if benefits.other.len() > OTHER {
        faults.push(Fault::at(&format!("{at}/other"), "too_many", format!("must have at most {OTHER} fields")));
    }
    for (name, words) in &benefits.other {
        let place = || contract::child(&format!("{at}/other"), name);
        if name.chars().count() > OTHER_NAME || name.is_empty() {
            faults.push(Fault::at(&place(), "name", format!("must have a name of 1 to {OTHER_NAME} characters")));
        }
        if words.chars().count() > OTHER_TEXT {
            faults.push(Fault::at(&place(), "too_long", format!("must be at most {OTHER_TEXT} characters")));
        }
    }
}

fn regions(regions: &[Region], faults: &mut Vec<Fault>) {
    let (mut names, mut countries) = (BTreeSet::new(), BTreeSet::new());
    for (at, region) in regions.iter().enumerate() {
        if !names.insert(region.name.to_lowercase()) {
            let pointer = format!("/regions/{at}/name");
            faults.push(Fault::at(&pointer, "duplicate", "is the name of another region too"));
        }
        for (place, country) in region.countries.iter().enumerate() {
            if !countries.insert(*country) {
                let pointer = format!("/regions/{at}/countries/{place}");
                faults.push(Fault::at(&pointer, "duplicate", format!("{country} is in a region already")));
            }
        }
    }
}

fn reviews(policy: &EvaluationPolicy, faults: &mut Vec<Fault>) {
    let (given, wanted) = (policy.dates.len(), policy.cadence.reviews());
    if given > 0 && given != wanted {
        let words = format!("has {given} days, and the cadence {wanted} a year: give as many, or none");
        faults.push(Fault::at("/evaluation/dates", "count", words));
    }
    let days: Vec<_> = policy.dates.iter().map(|day| (day.month, day.day)).collect();
    for (at, pair) in days.windows(2).enumerate() {
        if let [earlier, later] = pair
            && earlier >= later
        {
            let pointer = format!("/evaluation/dates/{}", at + 1);
            faults.push(Fault::at(&pointer, "order", "is not after the day before it"));
        }
    }
}

/// Whether the text is a program's slug.
pub fn is_slug(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    (1..=64).contains(&text.len()) && text.bytes().all(inner) && !text.starts_with('-') && !text.ends_with('-')
}

/// Whether the text can be a product.
pub fn is_product(text: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    (1..=64).contains(&text.len())
        && text.bytes().all(inner)
        && text.starts_with(|first: char| first.is_ascii_alphanumeric())
}
