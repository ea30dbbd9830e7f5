//! Ladders: tiers by a score, by rules, or both.

use serde_json::{Map, Value as Json, json};

use super::{Reading, is_number, metric::first, rule::together, section, unreadable};
use crate::cases::{Supported, compare::number};

impl Reading<'_> {
    /// A tier table as the ladder of a book, lowest tier first.
    pub fn tiers(&mut self, wanted: &Json) -> Supported<Vec<Json>> {
        let file = self.file;
        let (at, table) = section(&file.tier_tables, "tier_tables", wanted)?;
        let listed = table.as_array().or_else(|| table.get("tiers")?.as_array());
        let Some(listed) = listed.filter(|listed| !listed.is_empty()) else {
            return unreadable(&at, "is no list of tiers");
        };
        let mut tiers = Vec::new();
        for (place, tier) in listed.iter().enumerate() {
            let here = format!("{at}/{place}");
            let Some(tier) = tier.as_object() else { return unreadable(&here, "is no tier") };
            let Some(name) = first(tier, &["id", "name", "tier"]).and_then(Json::as_str) else {
                return unreadable(&here, "has no id");
            };
            tiers.push((tier, json!({"name": name, "requires": self.requires(tier, &here)?})));
        }
        // A table says by rank or by score which tier is the higher; else by its order.
        let by = ["rank", "min_score"]
            .into_iter()
            .find(|key| tiers.iter().all(|(tier, _)| tier.get(*key).is_some_and(is_number)));
        if let Some(by) = by {
            tiers.sort_by_key(|(tier, _)| tier.get(by).and_then(number));
        }
        Ok(tiers.into_iter().map(|(_, tier)| tier).collect())
    }

    fn requires(&mut self, tier: &Map<String, Json>, at: &str) -> Supported<Json> {
        let mut rules = Vec::new();
        for (key, limit) in tier.iter().filter(|(_, limit)| !limit.is_null()) {
            let here = format!("{at}/{key}");
            let (relation, name) = match (key.strip_prefix("min_"), key.strip_prefix("max_"), key.as_str()) {
                (Some(name), ..) => ("at_least", name),
                (_, Some(name), _) => ("at_most", name),
                (.., "requires") => {
                    rules.push(self.rule(limit, &here)?);
                    continue;
                }
                _ => continue,
            };
            if !is_number(limit) {
                return unreadable(&here, "is no number");
            }
            rules.push(json!({"metric": self.measured(name, &here)?, relation: limit}));
        }
        Ok(together(rules))
    }

    /// What a threshold is about. A score is the model's, the given one, or the one number that is given.
    fn measured(&mut self, name: &str, at: &str) -> Supported<Json> {
        let scored = ["score", "points"].contains(&name);
        if !scored || self.facts.given(name).is_some() {
            return self.metric(&json!(name), at);
        }
        if let Some(score) = &self.score {
            return Ok(json!(score));
        }
        match self.facts.only_number().map(str::to_owned) {
            Some(number) => self.metric(&json!(number), at),
            None => unreadable(at, "there is no score, and not exactly one number is given"),
        }
    }
}
