//! The ladder: tiers that nobody can reach, and tiers that ask less than those below.

use super::{Compiler, Fate};
use crate::{
    Number, Value,
    book::{Expr, Group, Rule},
    fault::below,
};

impl Compiler<'_> {
    pub(super) fn tiers(&mut self) {
        let book = self.book;
        let mut seen: Vec<String> = Vec::new();
        for (place, tier) in book.tiers.iter().enumerate() {
            let at = below("/tiers", place);
            let folded = tier.name.to_lowercase();
            if seen.contains(&folded) {
                self.error(&below(&at, "name"), "duplicate", "is the name of another tier too");
            }
            seen.push(folded);
            let here = below(&at, "requires");
            let node = tier.requires.as_ref().map(|rule| {
                let typed = self.rule(rule, &here);
                self.reachable(typed.about.fate, &tier.name, &here);
                typed.node
            });
            if tier.requires.is_none() && place > 0 {
                self.warning(&at, "always_met", "requires nothing, so that nobody has a lower tier");
            }
            self.tiers.push((tier.name.clone(), node));
        }
        for (place, pair) in book.tiers.windows(2).enumerate() {
            if let [lower, upper] = pair
                && let (Some(lower_rule), Some(upper_rule)) = (&lower.requires, &upper.requires)
            {
                let at = below(&below("/tiers", place + 1), "requires");
                self.weaker(lower_rule, upper_rule, &lower.name, &at);
            }
        }
    }

    fn reachable(&mut self, fate: Fate, tier: &str, at: &str) {
        if !fate.met {
            self.error(at, "unreachable", format!("nobody can reach {tier}: what it requires can never be met"));
        }
    }

    fn weaker(&mut self, lower: &Rule, upper: &Rule, name: &str, at: &str) {
        let below_it = minimums(lower);
        for (metric, least) in minimums(upper) {
            let stronger = below_it.iter().find(|(other, more)| *other == metric && *more > least);
            if let Some((_, more)) = stronger {
                let words = format!("asks for {least} where {name}, the tier below, asks for {more}");
                self.warning(at, "weaker_than_below", words);
            }
        }
    }
}

/// What a rule asks for at least, of which metric: itself, or the rules of its outermost `all`.
fn minimums(rule: &Rule) -> Vec<(&Expr, Number)> {
    match rule {
        Rule::Group(group) => match &**group {
            Group::All(rules) => rules.iter().flat_map(minimums).collect(),
            _ => Vec::new(),
        },
        Rule::Comparison(it) => match it.at_least.as_ref().or(it.more_than.as_ref()) {
            Some(Expr::Literal(Value::Number(least))) => vec![(&it.metric, *least)],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}
