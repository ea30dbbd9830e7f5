//! Rates of bands, and tables.

use super::{
    Run, arg,
    arithmetic::{Known, fits},
};
use crate::{
    Number, Unknown, Value,
    book::Applies,
    node::{Edges, Entries, Node},
};

impl<'a> Run<'a> {
    pub(super) fn rates(&mut self, edges: &'a Edges, applies: Applies, args: &'a [Node]) -> Known {
        let amount = self.number(arg(args, 0))?;
        if applies == Applies::Retroactive {
            return match edges.find(amount) {
                Some(place) => fits(amount.times(self.number(arg(args, place + 1))?)),
                None => Ok(Number::ZERO),
            };
        }
        let mut sum = Number::ZERO;
        for (place, (from, to)) in edges.ends.iter().enumerate() {
            let start = from.unwrap_or(Number::ZERO);
            let reached = if edges.upper_included { amount > start } else { amount >= start };
            if !reached || amount.is_negative() {
                break;
            }
            let upper = to.map_or(amount, |to| to.min(amount));
            let base = match applies {
                Applies::Marginal => fits(upper.minus(start))?,
                Applies::StackedCapped => upper,
                Applies::StackedFull | Applies::Retroactive => amount,
            };
            let part = fits(base.times(self.number(arg(args, place + 1))?))?;
            sum = fits(sum.plus(part))?;
        }
        Ok(sum)
    }

    pub(super) fn lookup(&mut self, table: usize, args: &'a [Node], otherwise: bool) -> Value {
        let keys = if otherwise { args.len().saturating_sub(1) } else { args.len() };
        let mut entries = self.program.tables.get(table);
        for node in args.iter().take(keys) {
            let next = match (entries, self.eval(node)) {
                (_, Value::Unknown(why)) => return Value::Unknown(why),
                (Some(Entries::Map(map)), Value::Text(key)) => map.get(&*key),
                (Some(Entries::Map(map)), key) => map.get(&key.to_string()),
                _ => None,
            };
            entries = next;
        }
        match entries {
            Some(Entries::Value(value)) => value.clone(),
            _ if otherwise => self.eval(arg(args, keys)),
            _ => Value::Unknown(Unknown::Undefined),
        }
    }
}
