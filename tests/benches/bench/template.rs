//! The statements of one request with slots where two requests differ.

use crate::{names::Name, subject::Subject};

/// What differs between two requests of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// The customer's name.
    Name,
    /// The same in small letters.
    Lower,
    /// The same, words sorted.
    Sorted,
    /// The first label of its domain.
    Label,
    /// Its country.
    Country,
    /// One of its blocking keys.
    Key(usize),
    /// The account's id.
    Account,
    /// The registration's id.
    Deal,
    /// The id of the registration that holds the account.
    HeldBy,
    /// The id of an event.
    Event(u64),
    /// The id of an entry in the audit trail.
    Audit(u64),
    /// The partner's id.
    Partner,
    /// Its user's id.
    User,
    /// The id of the partner that holds the account.
    Holder,
    /// The time of day at which it was made.
    Time,
    /// The event's place in the feed, where the writer gives it.
    Position,
}

/// A statement as it was logged.
#[derive(Debug, Clone)]
pub struct Said {
    /// Its text, with `$1` and so on.
    pub sql: String,
    /// Its parameters.
    pub parameters: Vec<Option<String>>,
}

/// A statement to run again.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Its text, with `$1` and so on.
    pub sql: String,
    /// Its parameters; null stays null.
    pub parameters: Vec<Option<Parameter>>,
}

/// A parameter: texts and slots.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parameter(pub Vec<Piece>);

/// A part of a parameter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Piece {
    /// What is the same each time.
    Text(String),
    /// What is not.
    Slot(Slot),
}

/// The statements of one request.
pub struct Template {
    /// From `BEGIN` to `COMMIT`, of each transaction.
    pub statements: Vec<Statement>,
    /// The time in the ids that it made.
    pub era: String,
    /// The time of day at which it was made.
    pub time: String,
}

impl Said {
    /// Without parameters yet.
    pub fn new(sql: &str) -> Self {
        Self { sql: sql.to_owned(), parameters: Vec::new() }
    }

    /// The ids of the rows that it inserts, if they are of this kind.
    pub fn made(&self, kind: &str) -> Vec<&str> {
        let value = |(column, at): &(&str, usize)| if *column == "id" { self.parameters[*at].as_deref() } else { None };
        let ids = rows(&self.sql).into_iter().filter_map(|row| row.first().and_then(value));
        ids.filter(|id| id.strip_prefix(kind).is_some_and(|rest| rest.starts_with('_'))).collect()
    }
}

impl Template {
    /// Finds in what was said the values of `subject` and the ids that were made.
    pub fn new(said: &[Said], subject: &Subject, era: String) -> Self {
        use Slot::{
            Account, Audit, Country, Deal, Event, HeldBy, Holder, Key, Label, Lower, Name, Partner, Sorted, Time, User,
        };
        let insert = said.iter().find(|said| !said.made("deal").is_empty());
        let time = insert.and_then(time_of).unwrap_or_default();
        let own = [Name, Lower, Sorted, Label, Country, Account, Deal, HeldBy, Partner, User, Holder];
        let mut known: Vec<(String, Slot)> = own.into_iter().map(|slot| (subject.fill(slot), slot)).collect();
        let ids = |kind| said.iter().flat_map(move |said| said.made(kind)).map(str::to_owned);
        known.extend(ids("account").map(|id| (id, Account)));
        known.extend(ids("deal").map(|id| (id, Deal)));
        known.extend((0..).zip(ids("event")).map(|(at, id)| (id, Event(at))));
        known.extend((0..).zip(ids("audit")).map(|(at, id)| (id, Audit(at))));
        known.push((time.clone(), Time));
        known.extend(subject.name.keys().into_iter().enumerate().map(|(at, key)| (key, Key(at))));
        known.retain(|(text, _)| !text.is_empty());
        // What is made comes after what is known: of equal texts the later one counts.
        known.reverse();
        let statements = said.iter().map(|said| statement(said, &known)).collect();
        Self { statements, era, time }
    }

    /// How many statements there are, without `BEGIN` and `COMMIT`.
    pub fn len(&self) -> usize {
        self.statements.iter().filter(|one| !one.is_frame()).count()
    }

    /// What the product stores as keys of this name must be what [`Name::keys`] says, or the seeded rows are not like
    /// its own.
    pub fn check_keys(&self, name: &Name) {
        let inserts = self.statements.iter().filter(|one| one.table() == Some("account_keys"));
        let stored: Vec<_> =
            inserts.flat_map(Statement::rows).flatten().filter(|(column, _)| *column == "key").collect();
        let is_known = |parameter: &Parameter| matches!(parameter.0.as_slice(), [Piece::Slot(Slot::Key(_))]);
        let known = stored.iter().filter(|(_, parameter)| parameter.is_some_and(is_known)).count();
        let same = stored.len() == known && (known == 0 || known == name.keys().len());
        assert!(same, "names.rs makes other keys than the product");
    }
}

impl Statement {
    /// Whether it begins or ends a transaction.
    pub fn is_frame(&self) -> bool {
        self.sql.starts_with("BEGIN") || self.ends()
    }

    /// Whether it takes a lock that one writer alone needs not.
    pub fn is_lock(&self) -> bool {
        self.sql.contains("pg_advisory")
    }

    /// Whether it ends a transaction.
    pub fn ends(&self) -> bool {
        self.sql.ends_with("COMMIT")
    }

    /// Whether the other asks the same.
    pub fn is_same(&self, other: &Self) -> bool {
        self.sql == other.sql && self.parameters == other.parameters
    }

    /// The table into which it inserts.
    pub fn table(&self) -> Option<&str> {
        self.sql.strip_prefix("INSERT INTO ")?.split(' ').next().map(|table| table.trim_matches('"'))
    }

    /// The rows that it inserts: columns with what they get, without those that get their default.
    pub fn rows(&self) -> Vec<Vec<(&str, Option<&Parameter>)>> {
        let value = |(column, at): (_, usize)| (column, self.parameters[at].as_ref());
        rows(&self.sql).into_iter().map(|row| row.into_iter().map(value).collect()).collect()
    }
}

/// Of an INSERT the rows: columns with the place of their parameter.
fn rows(sql: &str) -> Vec<Vec<(&str, usize)>> {
    let Some((into, values)) = sql.split_once(" VALUES (").filter(|(into, _)| into.starts_with("INSERT")) else {
        return Vec::new();
    };
    let columns = into.split_once(" (").expect("columns").1.trim_end_matches(')');
    let row = |row: &'_ str| {
        let columns = columns.split(", ").map(|column| column.trim_matches('"'));
        let numbers =
            row.split(", ").map(|value| value.strip_prefix('$').and_then(|number| number.parse::<usize>().ok()));
        columns.zip(numbers).filter_map(|(column, number)| Some((column, number? - 1))).collect()
    };
    values.trim_end_matches(')').split("), (").map(row).collect()
}

impl Parameter {
    /// The text, if it is the same each time.
    pub fn constant(&self) -> Option<&str> {
        match self.0.as_slice() {
            [] => Some(""),
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether it is just this slot.
    pub fn is(&self, slot: Slot) -> bool {
        self.0 == [Piece::Slot(slot)]
    }

    /// The elements of `{a,b}`.
    pub fn elements(&self) -> Vec<Self> {
        let mut elements = vec![Vec::new()];
        for piece in &self.0 {
            let Piece::Text(text) = piece else {
                elements.last_mut().expect("an element").push(piece.clone());
                continue;
            };
            for (at, part) in text.trim_matches(['{', '}']).split(',').enumerate() {
                if at > 0 {
                    elements.push(Vec::new());
                }
                if !part.is_empty() {
                    elements.last_mut().expect("an element").push(Piece::Text(part.to_owned()));
                }
            }
        }
        elements.into_iter().map(Self).collect()
    }

    /// The text for a subject.
    pub fn fill(&self, subject: &Subject) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Slot(slot) => text.push_str(&subject.fill(*slot)),
            }
        }
        text
    }
}

fn statement(said: &Said, known: &[(String, Slot)]) -> Statement {
    let parameters = said.parameters.iter().map(|text| text.as_ref().map(|text| pieces(text, known))).collect();
    Statement { sql: said.sql.clone(), parameters }
}

fn pieces(text: &str, known: &[(String, Slot)]) -> Parameter {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some((at, known, slot)) = first(rest, known) {
        if at > 0 {
            pieces.push(Piece::Text(rest[..at].to_owned()));
        }
        pieces.push(Piece::Slot(slot));
        rest = &rest[at + known.len()..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Parameter(pieces)
}

/// What is known and comes first; of several at one place the longest, and of equal ones the first in the list.
fn first<'k>(text: &str, known: &'k [(String, Slot)]) -> Option<(usize, &'k str, Slot)> {
    let found = known.iter().filter_map(|(known, slot)| Some((text.find(known)?, known.as_str(), *slot)));
    found.min_by_key(|(at, known, _)| (*at, std::cmp::Reverse(known.len())))
}

/// The time of day of the row's making.
fn time_of(insert: &Said) -> Option<String> {
    let (_, at) = rows(&insert.sql).into_iter().flatten().find(|(column, _)| *column == "created_at")?;
    insert.parameters[at].as_ref()?.split_once(' ').map(|(_, time)| time.to_owned())
}

/// `$1 = 'it''s', $2 = NULL`
pub fn parameters(text: &str) -> Vec<Option<String>> {
    let (mut parameters, mut rest) = (Vec::new(), text);
    while let Some((_, value)) = rest.split_once(" = ") {
        if let Some(after) = value.strip_prefix("NULL") {
            parameters.push(None);
            rest = after;
        } else {
            let quoted = value.strip_prefix('\'').expect("a quoted value");
            let end = closing_quote(quoted);
            parameters.push(Some(quoted[..end].replace("''", "'")));
            rest = &quoted[end + 1..];
        }
    }
    parameters
}

fn closing_quote(text: &str) -> usize {
    let (bytes, mut at) = (text.as_bytes(), 0);
    loop {
        match (bytes.get(at), bytes.get(at + 1)) {
            (Some(b'\''), Some(b'\'')) => at += 2,
            (Some(b'\''), _) => return at,
            (Some(_), _) => at += 1,
            (None, _) => panic!("no closing quote in {text}"),
        }
    }
}
