//! Conditions: their kinds and units, and whether they can be met at all.

use super::{About, Compiler, Fate, Kind, Range, Typed};
use crate::{
    Number, Value,
    book::{Comparison, Contains, EveryComponent, Expr, Group, Level, Literal, Rule, Upper},
    fault::below,
    node::{Every, Op, Relation},
};

impl Compiler<'_> {
    pub(super) fn rule(&mut self, rule: &Rule, at: &str) -> Typed {
        match rule {
            Rule::Always(it) => self.literal(Value::Boolean(*it), at),
            Rule::Name(name) => {
                let typed = self.use_name(name, at);
                self.must_be(typed, at, &Kind::Boolean)
            }
            Rule::Comparison(comparison) => self.deeper(at, |it| it.comparison(comparison, at)),
            Rule::Group(group) => self.deeper(at, |it| it.group(group, at)),
        }
    }

    fn condition(fate: Fate) -> About {
        About { fate, ..About::new(Kind::Boolean) }
    }

    fn comparison(&mut self, it: &Comparison, at: &str) -> Typed {
        let left = self.expr(&it.metric, &below(at, "metric"));
        let relations = [
            ("at_least", &it.at_least, Relation::AtLeast),
            ("more_than", &it.more_than, Relation::MoreThan),
            ("at_most", &it.at_most, Relation::AtMost),
            ("less_than", &it.less_than, Relation::LessThan),
            ("equals", &it.equals, Relation::Equals),
            ("not_equals", &it.not_equals, Relation::NotEquals),
        ];
        let given: Vec<_> = relations.iter().filter_map(|(key, expr, by)| Some((*key, expr.as_ref()?, *by))).collect();
        let others = [it.is.is_some(), it.one_of.is_some(), it.between.is_some()];
        if given.len() + others.iter().filter(|given| **given).count() != 1 {
            let words =
                "needs exactly one of at_least, more_than, at_most, less_than, equals, not_equals, is, one_of, between";
            self.error(at, "comparison", words);
            return self.nothing(at);
        }
        if let Some((key, expr, by)) = given.into_iter().next() {
            return self.relation(left, expr, by, key, at);
        }
        if let Some(between) = &it.between {
            return self.between(left, between, &below(at, "between"));
        }
        match (&it.is, &it.one_of) {
            (Some(literal), _) => self.one_of(left, std::slice::from_ref(literal), "is", &below(at, "is")),
            (_, Some(literals)) => {
                let here = below(at, "one_of");
                self.some(literals.len(), &here);
                self.one_of(left, literals, "one_of", &here)
            }
            _ => self.nothing(at),
        }
    }

    fn relation(&mut self, left: Typed, right: &Expr, by: Relation, key: &'static str, at: &str) -> Typed {
        let here = below(at, key);
        let equality = matches!(by, Relation::Equals | Relation::NotEquals);
        let left = if equality { self.scalar(left, at) } else { self.ordered(left, &below(at, "metric")) };
        let right = self.expect(right, &here, &left.about.kind.clone());
        let right = if equality { self.scalar(right, &here) } else { self.ordered(right, &here) };
        self.common_unit(&[&left, &right], at);
        let fate = fate(left.about.range, right.about.range, by);
        if !fate.met && left.about.kind == Kind::Number && left.about.range.only().is_none() {
            let words = format!("can never be met: it is {}", range_words(left.about.range));
            self.warning(&here, "never_met", words);
        }
        self.node(key, at, Op::Compare(by), vec![left, right], Self::condition(fate))
    }

    /// Lists, maps and rows are not compared as such.
    pub(super) fn scalar(&mut self, mut typed: Typed, at: &str) -> Typed {
        if matches!(typed.about.kind, Kind::List(_) | Kind::Map(_) | Kind::Records(_) | Kind::People) {
            self.error(
                at,
                "type",
                format!("is {}, where one value is needed; a list is asked with contains", typed.about.kind),
            );
            typed.about.kind = Kind::Any;
        }
        typed
    }

    fn between(&mut self, left: Typed, between: &crate::book::Between, at: &str) -> Typed {
        let left = self.ordered(left, at);
        let kind = left.about.kind.clone();
        let from = self.expect(&between.from, &below(at, "from"), &kind);
        let to = self.expect(&between.to, &below(at, "to"), &kind);
        self.common_unit(&[&left, &from, &to], at);
        let upper_included = between.upper == Upper::Included;
        let above = fate(left.about.range, from.about.range, Relation::AtLeast);
        let upper = if upper_included { Relation::AtMost } else { Relation::LessThan };
        let under = fate(left.about.range, to.about.range, upper);
        let both = Fate { met: above.met && under.met, unmet: above.unmet || under.unmet };
        if let (Some(low), Some(high)) = (from.about.range.only(), to.about.range.only())
            && low > high
        {
            self.error(at, "contradiction", format!("is empty: from {low} to {high}"));
        }
        self.node("between", at, Op::Between { upper_included }, vec![left, from, to], Self::condition(both))
    }

    fn one_of(&mut self, left: Typed, literals: &[Literal], name: &'static str, at: &str) -> Typed {
        let left = self.scalar(left, at);
        let values = self.values(literals, &left.about.kind.clone(), name == "is", at);
        self.node(name, at, Op::OneOf(values.into()), vec![left], Self::condition(Fate::OPEN))
    }

    fn values(&mut self, literals: &[Literal], kind: &Kind, single: bool, at: &str) -> Vec<Value> {
        let mut values = Vec::with_capacity(literals.len());
        for (place, literal) in literals.iter().enumerate() {
            match literal.of_kind(kind) {
                Some(value) => values.push(value),
                None => {
                    let here = if single { at.to_owned() } else { below(at, place) };
                    self.error(&here, "type", format!("is not {kind}, which it is compared with"));
                }
            }
        }
        values
    }

    fn group(&mut self, group: &Group, above: &str) -> Typed {
        match group {
            Group::All(rules) => {
                let at = below(above, "all");
                let args = self.each(rules, &at);
                let contradiction = self.contradiction(rules, &at);
                let met = !contradiction && args.iter().all(|arg| arg.about.fate.met);
                let unmet = args.iter().any(|arg| arg.about.fate.unmet);
                self.node("all", &at, Op::All, args, Self::condition(Fate { met, unmet }))
            }
            Group::Any(rules) => {
                let at = below(above, "any");
                let args = self.each(rules, &at);
                let met = args.iter().any(|arg| arg.about.fate.met);
                let unmet = args.iter().all(|arg| arg.about.fate.unmet);
                self.node("any", &at, Op::Any, args, Self::condition(Fate { met, unmet }))
            }
            Group::None(rules) => {
                let at = below(above, "none");
                let args = self.each(rules, &at);
                let met = args.iter().all(|arg| arg.about.fate.unmet);
                let unmet = args.iter().any(|arg| arg.about.fate.met);
                self.node("none", &at, Op::None, args, Self::condition(Fate { met, unmet }))
            }
            Group::Not(rule) => {
                let at = below(above, "not");
                let arg = self.rule(rule, &at);
                let fate = arg.about.fate.not();
                self.node("not", &at, Op::Not, vec![arg], Self::condition(fate))
            }
            Group::AtLeastOf(of) => self.at_least_of(of, &below(above, "at_least_of")),
            Group::Contains(contains) => self.contains(contains, &below(above, "contains")),
            Group::EveryComponent(every) => self.every(every, &below(above, "every_component")),
        }
    }

    fn each(&mut self, rules: &[Rule], at: &str) -> Vec<Typed> {
        self.some(rules.len(), at);
        rules.iter().enumerate().map(|(place, rule)| self.rule(rule, &below(at, place))).collect()
    }

    fn at_least_of(&mut self, of: &crate::book::AtLeastOf, at: &str) -> Typed {
        let mut args = self.each(&of.of, &below(at, "of"));
        let count = usize::from(of.count);
        if count == 0 || count > args.len() {
            let words = format!("is {count}, but must be between 1 and the number of rules, {}", args.len());
            self.error(&below(at, "count"), "count", words);
        }
        let mut fate = Fate {
            met: args.iter().filter(|arg| arg.about.fate.met).count() >= count,
            unmet: args.iter().filter(|arg| !arg.about.fate.unmet).count() < count,
        };
        if let Some(including) = &of.including {
            let arg = self.rule(including, &below(at, "including"));
            fate = Fate { met: fate.met && arg.about.fate.met, unmet: fate.unmet || arg.about.fate.unmet };
            args.push(arg);
        }
        let op = Op::AtLeastOf { count, including: of.including.is_some() };
        self.node("at_least_of", at, op, args, Self::condition(fate))
    }

    fn contains(&mut self, contains: &Contains, at: &str) -> Typed {
        let list = self.expr(&contains.list, &below(at, "list"));
        let kind = match &list.about.kind {
            Kind::List(of) => (**of).clone(),
            Kind::Any => Kind::Any,
            other => {
                let words = format!("is {other}, but a list is needed");
                self.error(&below(at, "list"), "type", words);
                Kind::Any
            }
        };
        let (key, literals) = match (&contains.any, &contains.all) {
            (Some(any), None) => ("any", any),
            (None, Some(all)) => ("all", all),
            _ => {
                self.error(at, "required", "needs either any or all");
                return self.nothing(at);
            }
        };
        let here = below(at, key);
        self.some(literals.len(), &here);
        let values = self.values(literals, &kind, false, &here);
        let op = Op::Contains { all: key == "all", values: values.into() };
        self.node("contains", at, op, vec![list], Self::condition(Fate::OPEN))
    }

    fn every(&mut self, every: &EveryComponent, at: &str) -> Typed {
        let (strict, least) = match (every.more_than, every.at_least) {
            (Some(more), None) => (true, more),
            (None, Some(least)) => (false, least),
            _ => {
                self.error(at, "required", "needs either more_than or at_least");
                return self.nothing(at);
            }
        };
        let here = below(at, "score");
        let used = self.use_name(&format!("score.{}", every.score), &here);
        let Op::Score(score) = used.node.op else { return self.nothing(at) };
        let outermost = every.level == Some(Level::Outermost);
        let parts = self.every_part(score, outermost, &every.except, &below(at, "except"));
        let can = |range: Range| {
            fate(range, Range::exactly(least), if strict { Relation::MoreThan } else { Relation::AtLeast }).met
        };
        let fate = Fate { met: self.every_can(score, &parts, can), unmet: true };
        let op = Op::Every(Box::new(Every { score, parts, strict, least }));
        self.node("every_component", at, op, vec![used], Self::condition(fate))
    }

    /// Whether comparisons of the same thing exclude each other.
    fn contradiction(&mut self, rules: &[Rule], at: &str) -> bool {
        let limits: Vec<(usize, &Expr, Limit)> = rules.iter().enumerate().filter_map(limit).collect();
        for (first, (_, metric, limit)) in limits.iter().enumerate() {
            for (place, other, beside) in limits.iter().skip(first + 1) {
                if metric == other && limit.excludes(beside) {
                    let words =
                        format!("excludes another rule of this group: it is {} and {}", limit.words(), beside.words());
                    self.error(&below(at, place), "contradiction", words);
                    return true;
                }
            }
        }
        false
    }
}

/// What a comparison with a number leaves: from and to, and whether each end is excluded.
struct Limit {
    low: Option<(Number, bool)>,
    high: Option<(Number, bool)>,
}

impl Limit {
    fn excludes(&self, other: &Self) -> bool {
        let empty = |low: Option<(Number, bool)>, high: Option<(Number, bool)>| {
            let (Some((low, low_out)), Some((high, high_out))) = (low, high) else { return false };
            low > high || low == high && (low_out || high_out)
        };
        empty(self.low, other.high) || empty(other.low, self.high)
    }

    fn words(&self) -> String {
        let low = self.low.map(|(n, out)| format!("{} {n}", if out { "more than" } else { "at least" }));
        let high = self.high.map(|(n, out)| format!("{} {n}", if out { "less than" } else { "at most" }));
        low.into_iter().chain(high).collect::<Vec<_>>().join(" and ")
    }
}

fn limit((place, rule): (usize, &Rule)) -> Option<(usize, &Expr, Limit)> {
    let Rule::Comparison(it) = rule else { return None };
    let number = |expr: &Option<Expr>| match expr {
        Some(Expr::Literal(Value::Number(number))) => Some(*number),
        _ => None,
    };
    let low = number(&it.at_least).map(|n| (n, false)).or(number(&it.more_than).map(|n| (n, true)));
    let high = number(&it.at_most).map(|n| (n, false)).or(number(&it.less_than).map(|n| (n, true)));
    let exact = number(&it.equals).or(match &it.is {
        Some(Literal::Number(number)) => Some(*number),
        _ => None,
    });
    let exact = exact.map(|n| (n, false));
    let limit = Limit { low: low.or(exact), high: high.or(exact) };
    (limit.low.is_some() || limit.high.is_some()).then_some((place, &it.metric, limit))
}

/// Whether a value in one range can stand so to one in another.
fn fate(left: Range, right: Range, by: Relation) -> Fate {
    let below = |a: Option<Number>, b: Option<Number>| a.zip(b).is_some_and(|(a, b)| a < b);
    let at_most = |a: Option<Number>, b: Option<Number>| a.zip(b).is_some_and(|(a, b)| a <= b);
    match by {
        Relation::AtLeast => Fate { met: !below(left.high, right.low), unmet: !at_most(right.high, left.low) },
        Relation::MoreThan => Fate { met: !at_most(left.high, right.low), unmet: !below(right.high, left.low) },
        Relation::AtMost => fate(right, left, Relation::AtLeast),
        Relation::LessThan => fate(right, left, Relation::MoreThan),
        Relation::Equals => {
            let apart = below(left.high, right.low) || below(right.high, left.low);
            Fate { met: !apart, unmet: left.only().is_none() || left.only() != right.only() }
        }
        Relation::NotEquals => fate(left, right, Relation::Equals).not(),
    }
}

fn range_words(range: Range) -> String {
    match (range.low, range.high) {
        (Some(low), Some(high)) => format!("from {low} to {high}"),
        (Some(low), None) => format!("at least {low}"),
        (None, Some(high)) => format!("at most {high}"),
        (None, None) => "any number".to_owned(),
    }
}
