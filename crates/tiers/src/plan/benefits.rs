//! What one tier gives more or less than another. Pure.

use std::{cmp::Ordering, collections::BTreeMap};

use programs::{SupportLevel, TierBenefits};
use rules::Number;
use serde_json::{Value, json};

use super::model::{BenefitChange, Effect};

/// A benefit, so that more can be told from less.
#[derive(Debug, Clone, PartialEq)]
enum Benefit {
    Amount(Number),
    Level(u8, Value),
    Text(String),
}

/// Every benefit that is another; nothing is given without a tier.
pub(super) fn changes(before: Option<&TierBenefits>, after: Option<&TierBenefits>) -> Vec<BenefitChange> {
    let (mut before, mut after) = (before.map(typed).unwrap_or_default(), after.map(typed).unwrap_or_default());
    let mut names: Vec<String> = before.keys().chain(after.keys()).cloned().collect();
    names.sort_unstable();
    names.dedup();
    let change = |name: String| {
        let (was, is) = (before.remove(&name), after.remove(&name));
        let effect = effect(was.as_ref(), is.as_ref())?;
        Some(BenefitChange { benefit: name, effect, before: was.map(shown), after: is.map(shown) })
    };
    names.into_iter().filter_map(change).collect()
}

fn effect(was: Option<&Benefit>, is: Option<&Benefit>) -> Option<Effect> {
    let more = match (was, is) {
        (None, None) => return None,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(was), Some(is)) if was == is => return None,
        (Some(Benefit::Amount(was)), Some(Benefit::Amount(is))) => was.cmp(is),
        (Some(Benefit::Level(was, _)), Some(Benefit::Level(is, _))) => was.cmp(is),
        (Some(_), Some(_)) => return Some(Effect::Changes),
    };
    Some(match more {
        Ordering::Less => Effect::Gains,
        Ordering::Greater => Effect::Loses,
        Ordering::Equal => Effect::Changes,
    })
}

fn typed(benefits: &TierBenefits) -> BTreeMap<String, Benefit> {
    let TierBenefits { protection_days, margin_percent, mdf_percent, leads, badge, support, other } = benefits;
    let mut typed =
        BTreeMap::from([("protection_days".to_owned(), Benefit::Amount(Number::count(usize::from(*protection_days))))]);
    let mut add = |name: &str, benefit: Option<Benefit>| {
        if let Some(benefit) = benefit {
            typed.insert(name.to_owned(), benefit);
        }
    };
    add("margin_percent", margin_percent.map(Benefit::Amount));
    add("mdf_percent", mdf_percent.map(Benefit::Amount));
    add("leads", leads.then(|| Benefit::Level(1, json!(true))));
    add("badge", badge.clone().map(Benefit::Text));
    add("support", support.map(|support| Benefit::Level(level(support), json!(support))));
    for (name, text) in other {
        add(&format!("other.{name}"), Some(Benefit::Text(text.clone())));
    }
    typed
}

fn level(support: SupportLevel) -> u8 {
    match support {
        SupportLevel::Community => 0,
        SupportLevel::Standard => 1,
        SupportLevel::Priority => 2,
        SupportLevel::Dedicated => 3,
    }
}

fn shown(benefit: Benefit) -> Value {
    match benefit {
        Benefit::Amount(number) => json!(number),
        Benefit::Level(_, value) => value,
        Benefit::Text(text) => json!(text),
    }
}
