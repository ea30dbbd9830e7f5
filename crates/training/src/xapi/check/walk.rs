//! Walking through a value with the place at hand, and the faults found on the way.

use kernel::Fault;
use serde_json::{Map, Value};

/// How many faults are told.
const MOST: usize = 100;

/// Whether a member must be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    Optional,
}

/// Checks a value at the place where the walk is.
pub(super) type Rule = fn(&mut Walk, &Value);

/// A walk through a value.
pub(crate) struct Walk {
    at: String,
    faults: Vec<Fault>,
}

impl Walk {
    /// A walk that begins at this pointer.
    pub(crate) fn new(at: &str) -> Self {
        Self { at: at.to_owned(), faults: Vec::new() }
    }

    /// Notes a fault here.
    pub(crate) fn fault(&mut self, code: &str, detail: impl Into<String>) {
        if self.faults.len() < MOST {
            self.faults.push(Fault::at(&self.at, code, detail));
        }
    }

    /// What was found.
    pub(crate) fn faults(self) -> Vec<Fault> {
        self.faults
    }

    /// Goes to a member, and comes back.
    pub(crate) fn within(&mut self, name: &str, look: impl FnOnce(&mut Self)) {
        // Whoever looks for more faults than are told need not go on.
        if self.faults.len() >= MOST {
            return;
        }
        let length = self.at.len();
        self.at.push('/');
        self.at.push_str(&name.replace('~', "~0").replace('/', "~1"));
        look(self);
        self.at.truncate(length);
    }

    /// The members of an object, if it is one.
    pub(super) fn members<'v>(&mut self, value: &'v Value) -> Option<&'v Map<String, Value>> {
        let members = value.as_object();
        if members.is_none() {
            self.fault("type", "must be an object");
        }
        members
    }

    /// The items of an array, if it is one.
    pub(super) fn items(&mut self, value: &Value, rule: impl Fn(&mut Self, &Value)) {
        let Some(items) = value.as_array() else { return self.fault("type", "must be an array") };
        for (place, item) in items.iter().enumerate() {
            self.within(&place.to_string(), |walk| rule(walk, item));
        }
    }

    /// A text, if it is one.
    pub(super) fn text<'v>(&mut self, value: &'v Value) -> Option<&'v str> {
        let text = value.as_str();
        if text.is_none() {
            self.fault("type", "must be a string");
        }
        text
    }

    /// Checks an object with these members and no others.
    pub(super) fn object<'v>(
        &mut self,
        value: &'v Value,
        known: &[(&str, Need, Rule)],
    ) -> Option<&'v Map<String, Value>> {
        self.object_but(value, known, &[])
    }

    /// The same, where some that are known elsewhere are not allowed.
    pub(super) fn object_but<'v>(
        &mut self,
        value: &'v Value,
        known: &[(&str, Need, Rule)],
        not_here: &[&str],
    ) -> Option<&'v Map<String, Value>> {
        let members = self.members(value)?;
        for (name, need, rule) in known {
            match members.get(*name) {
                Some(member) => self.within(name, |walk| rule(walk, member)),
                None if *need == Need::Required => self.within(name, |walk| walk.fault("required", "is required")),
                None => {}
            }
        }
        for name in members.keys().filter(|name| !known.iter().any(|(known, ..)| known == name)) {
            let words = if not_here.contains(&name.as_str()) { "is not allowed here" } else { "is not known here" };
            self.within(name, |walk| walk.fault("unknown_field", words));
        }
        Some(members)
    }
}
