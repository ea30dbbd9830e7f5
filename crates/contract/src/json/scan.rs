//! Where each value of a JSON text stands. The text is known to be JSON, and not too deep.

use std::{collections::BTreeMap, str::Chars};

use kernel::Fault;

use crate::{
    Bounds, Marks, Place,
    marks::Inner,
    number,
    text::{after, at, long_name, too_many},
    words::child,
};

/// Finds the places, and the numbers that cannot be taken.
pub(super) fn scan(text: &str, bounds: &Bounds) -> Result<(Marks, Vec<Fault>), Fault> {
    let mut scanner = Scanner {
        text,
        rest: text.chars(),
        place: Place::START,
        bounds,
        values: 0,
        faults: Vec::new(),
        path: Vec::new(),
    };
    let marks = scanner.value()?;
    Ok((marks, scanner.faults))
}

struct Scanner<'a> {
    text: &'a str,
    rest: Chars<'a>,
    place: Place,
    bounds: &'a Bounds,
    values: usize,
    faults: Vec<Fault>,
    /// The names and places that lead here.
    path: Vec<String>,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.next()?;
        self.place = after(self.place, next);
        Some(next)
    }

    /// Skips what separates values.
    fn space(&mut self) {
        while self.peek().is_some_and(|next| matches!(next, ' ' | '\t' | '\r' | '\n' | ',' | ':')) {
            self.next();
        }
    }

    /// What stands between here and where `step` has led.
    fn taken(&mut self, step: impl FnOnce(&mut Self)) -> &'a str {
        let from = self.text.len() - self.rest.as_str().len();
        step(self);
        let to = self.text.len() - self.rest.as_str().len();
        self.text.get(from..to).unwrap_or_default()
    }

    fn value(&mut self) -> Result<Marks, Fault> {
        self.space();
        let place = self.place;
        self.values += 1;
        if self.values > self.bounds.values {
            return Err(too_many(place, self.bounds));
        }
        let inner = match self.peek() {
            Some('{') => self.map()?,
            Some('[') => self.list()?,
            Some('"') => {
                self.text();
                Inner::Scalar
            }
            _ => {
                self.scalar(place);
                Inner::Scalar
            }
        };
        Ok(Marks::new(place, inner))
    }

    fn map(&mut self) -> Result<Inner, Fault> {
        self.next();
        let mut entries = BTreeMap::new();
        loop {
            self.space();
            let key = self.place;
            if self.peek() != Some('"') {
                self.next();
                return Ok(Inner::Map(entries));
            }
            let name: String = serde_json::from_str(self.text()).unwrap_or_default();
            if name.len() > self.bounds.name {
                return Err(long_name(key, self.bounds));
            }
            self.path.push(name.clone());
            let marks = self.value()?;
            self.path.pop();
            entries.insert(name, Marks { key: Some(key), ..marks });
        }
    }

    fn list(&mut self) -> Result<Inner, Fault> {
        self.next();
        let mut items = Vec::new();
        loop {
            self.space();
            if matches!(self.peek(), Some(']') | None) {
                self.next();
                return Ok(Inner::List(items));
            }
            self.path.push(items.len().to_string());
            items.push(self.value()?);
            self.path.pop();
        }
    }

    /// A text with its quotes.
    fn text(&mut self) -> &'a str {
        self.taken(|it| {
            it.next();
            while let Some(next) = it.next() {
                match next {
                    '"' => return,
                    '\\' => drop(it.next()),
                    _ => {}
                }
            }
        })
    }

    fn scalar(&mut self, place: Place) {
        let text = self.taken(|it| {
            while it.peek().is_some_and(|next| next.is_ascii_alphanumeric() || matches!(next, '+' | '-' | '.')) {
                it.next();
            }
        });
        let number = text.starts_with(|first: char| first.is_ascii_digit() || first == '-');
        if let Some(words) = number.then(|| number::fault(text)).flatten() {
            let mut fault = at(place, "number", words);
            fault.pointer = Some(self.path.iter().fold(String::new(), |pointer, step| child(&pointer, step)));
            self.faults.push(fault);
        }
    }
}
