//! What can be known of a value before any partner is looked at: between which numbers it lies, and whether a
//! condition can be met. That is how a tier that nobody can reach is found.

use crate::Number;

/// Between which numbers a value lies, both included. `None` is no limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Range {
    pub low: Option<Number>,
    pub high: Option<Number>,
}

impl Range {
    pub const ANY: Self = Self { low: None, high: None };
    pub const NOT_NEGATIVE: Self = Self { low: Some(Number::ZERO), high: None };

    pub fn exactly(number: Number) -> Self {
        Self { low: Some(number), high: Some(number) }
    }

    /// The number, if there is but one.
    pub fn only(self) -> Option<Number> {
        self.low.filter(|low| self.high == Some(*low))
    }

    pub fn plus(self, other: Self) -> Self {
        let add = |a: Option<Number>, b: Option<Number>| a?.plus(b?);
        Self { low: add(self.low, other.low), high: add(self.high, other.high) }
    }

    pub fn negated(self) -> Self {
        Self { low: self.high.map(Number::negated), high: self.low.map(Number::negated) }
    }

    /// The range of a product. Without all four ends, only the sign is kept.
    pub fn times(self, other: Self) -> Self {
        if let (Some(a), Some(b), Some(c), Some(d)) = (self.low, self.high, other.low, other.high) {
            let corners = [a.times(c), a.times(d), b.times(c), b.times(d)];
            let known: Option<Vec<Number>> = corners.into_iter().collect();
            return known
                .map_or(Self::ANY, |all| Self { low: all.iter().min().copied(), high: all.iter().max().copied() });
        }
        let positive = |it: Self| it.low.is_some_and(|low| !low.is_negative());
        if positive(self) && positive(other) { Self::NOT_NEGATIVE } else { Self::ANY }
    }

    /// The range of what is the one or the other.
    pub fn or(self, other: Self) -> Self {
        let both = |a: Option<Number>, b: Option<Number>, pick: fn(Number, Number) -> Number| Some(pick(a?, b?));
        Self { low: both(self.low, other.low, Ord::min), high: both(self.high, other.high, Ord::max) }
    }

    /// At least `low`.
    pub fn raised(self, low: Option<Number>) -> Self {
        let Some(floor) = low else { return self };
        let raise = |end: Number| end.max(floor);
        Self { low: Some(self.low.map_or(floor, raise)), high: self.high.map(raise) }
    }

    /// At most `high`.
    pub fn lowered(self, high: Option<Number>) -> Self {
        let Some(cap) = high else { return self };
        let lower = |end: Number| end.min(cap);
        Self { low: self.low.map(lower), high: Some(self.high.map_or(cap, lower)) }
    }

    /// The range of the greater of a value in each.
    pub fn max(self, other: Self) -> Self {
        let high = self.high.zip(other.high).map(|(a, b)| a.max(b));
        Self { low: self.raised(other.low).low, high }
    }

    /// The range of the lesser of a value in each.
    pub fn min(self, other: Self) -> Self {
        self.negated().max(other.negated()).negated()
    }

    /// The range of the greatest of some that lie in these, of which each may be unknown and skipped.
    pub fn greatest(all: &[Self]) -> Self {
        all.iter().copied().reduce(Self::or).unwrap_or(Self::ANY)
    }
}

/// Whether a condition can be met, and whether it can be not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fate {
    pub met: bool,
    pub unmet: bool,
}

impl Fate {
    pub const OPEN: Self = Self { met: true, unmet: true };

    pub fn of(always: bool) -> Self {
        Self { met: always, unmet: !always }
    }

    pub fn not(self) -> Self {
        Self { met: self.unmet, unmet: self.met }
    }
}
