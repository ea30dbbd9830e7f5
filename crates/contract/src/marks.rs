//! Where in a text each value stands.

use std::collections::BTreeMap;

/// A place in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Counted from 1.
    pub line: u32,
    /// The character in the line, counted from 1.
    pub column: u32,
}

impl Place {
    /// Where a text begins.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// Where a value stands, and everything in it.
///
/// A tree like the value: a table by JSON Pointer would hold each name once for every value below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marks {
    /// Where the value begins.
    pub at: Place,
    /// Where its name begins, if it has one.
    pub key: Option<Place>,
    pub(crate) inner: Inner,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Inner {
    Scalar,
    List(Vec<Marks>),
    Map(BTreeMap<String, Marks>),
}

impl Marks {
    pub(crate) fn new(at: Place, inner: Inner) -> Self {
        Self { at, key: None, inner }
    }

    /// Where the value of a JSON Pointer stands; of what is not there, where that stands in which it is missing.
    pub fn value(&self, pointer: &str) -> Place {
        self.walk(pointer).0.at
    }

    /// Where the name of what a JSON Pointer points at stands. An entry of a list has none, and stands where it is.
    pub fn name(&self, pointer: &str) -> Place {
        let (found, whole) = self.walk(pointer);
        found.key.filter(|_| whole).unwrap_or(found.at)
    }

    /// As far as the pointer leads, and whether that was all the way.
    fn walk(&self, pointer: &str) -> (&Self, bool) {
        let mut here = self;
        for step in pointer.split('/').skip(1) {
            let inner = match &here.inner {
                Inner::Scalar => None,
                Inner::List(items) => step.parse::<usize>().ok().and_then(|at| items.get(at)),
                Inner::Map(entries) => entries.get(&step.replace("~1", "/").replace("~0", "~")),
            };
            match inner {
                Some(inner) => here = inner,
                None => return (here, false),
            }
        }
        (here, true)
    }
}
