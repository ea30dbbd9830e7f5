//! A table with every type that may stand in a column, and two rows for it: one full, one bare.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use database::{Database, Json, MultiBackend, testing::TestDatabase};
use diesel::{connection::SimpleConnection, prelude::*};
use kernel::{Country, Currency, Timestamp};
use serde::{Deserialize, Serialize};

use crate::support::attach;

kernel::ids! { Specimen = "specimen" => SpecimenId; }

diesel::table! {
    specimens (id) {
        id -> Text,
        made_at -> Timestamp,
        seen_at -> Nullable<Timestamp>,
        country -> Text,
        origin -> Nullable<Text>,
        currency -> Text,
        unit -> Nullable<Text>,
        document -> Text,
        remarks -> Nullable<Text>,
        due_on -> Date,
        gone_on -> Nullable<Date>,
        mood -> Text,
        former_mood -> Nullable<Text>,
        parent_id -> Nullable<Text>,
        rare -> Bool,
        legs -> Integer,
        worth -> BigInt,
        debt -> Nullable<BigInt>,
    }
}

pub const TABLE: &str = "CREATE TABLE specimens (
    id TEXT NOT NULL PRIMARY KEY, made_at TIMESTAMP NOT NULL, seen_at TIMESTAMP, country TEXT NOT NULL, origin TEXT,
    currency TEXT NOT NULL, unit TEXT, document TEXT NOT NULL, remarks TEXT, due_on DATE NOT NULL, gone_on DATE,
    mood TEXT NOT NULL, former_mood TEXT, parent_id TEXT, rare BOOLEAN NOT NULL, legs INTEGER NOT NULL,
    worth BIGINT NOT NULL, debt BIGINT)";

database::text_enum! {
    pub enum Mood {
        Calm,
        VeryAngry,
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub title: String,
    pub tags: Vec<String>,
    pub counts: BTreeMap<String, i64>,
    pub nothing: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = specimens, check_for_backend(MultiBackend))]
pub struct Row {
    pub id: SpecimenId,
    pub made_at: Timestamp,
    pub seen_at: Option<Timestamp>,
    pub country: Country,
    pub origin: Option<Country>,
    pub currency: Currency,
    pub unit: Option<Currency>,
    pub document: Json<Document>,
    pub remarks: Option<Json<serde_json::Value>>,
    pub due_on: NaiveDate,
    pub gone_on: Option<NaiveDate>,
    pub mood: Mood,
    pub former_mood: Option<Mood>,
    pub parent_id: Option<SpecimenId>,
    pub rare: bool,
    pub legs: i32,
    pub worth: i64,
    pub debt: Option<i64>,
}

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// One row with everything in it, at the edges of what fits.
pub fn full() -> Row {
    let counts = BTreeMap::from([("most".to_owned(), i64::MAX), ("least".to_owned(), i64::MIN)]);
    let tags = vec!["naïve \"quotes\" \\ ' ; --".to_owned(), "日本語 🦀".to_owned(), String::new()];
    Row {
        id: SpecimenId::from_bytes([0xff; 16]),
        made_at: at("2026-01-31T12:00:00.123456Z"),
        seen_at: Some(at("1969-12-31T23:59:59.999999Z")),
        country: "DE".parse().unwrap(),
        origin: Some("JP".parse().unwrap()),
        currency: "EUR".parse().unwrap(),
        unit: Some("KWD".parse().unwrap()),
        document: Json(Document { title: "line\nbreak".into(), tags, counts, nothing: None }),
        remarks: Some(Json(serde_json::json!({ "a": [1, 2.5, null, true], "b": {} }))),
        due_on: day("2028-02-29"),
        gone_on: Some(day("1999-12-31")),
        mood: Mood::VeryAngry,
        former_mood: Some(Mood::Calm),
        parent_id: Some(SpecimenId::from_bytes([0; 16])),
        rare: true,
        legs: i32::MIN,
        worth: i64::MAX,
        debt: Some(i64::MIN),
    }
}

/// One row with nothing in it that may be missing.
pub fn bare() -> Row {
    Row {
        id: SpecimenId::from_bytes([0; 16]),
        made_at: at("2026-01-31T12:00:00Z"),
        seen_at: None,
        country: "FR".parse().unwrap(),
        origin: None,
        currency: "JPY".parse().unwrap(),
        unit: None,
        document: Json(Document::default()),
        remarks: None,
        due_on: day("0001-01-01"),
        gone_on: None,
        mood: Mood::Calm,
        former_mood: None,
        parent_id: None,
        rare: false,
        legs: 0,
        worth: -1,
        debt: None,
    }
}

pub fn with(test: &TestDatabase, rows: Vec<Row>) -> Database {
    let database = attach(test);
    database
        .write_blocking(move |tx| {
            tx.sql().batch_execute(TABLE)?;
            rows.iter()
                .try_for_each(|row| diesel::insert_into(specimens::table).values(row).execute(tx.sql()).map(drop))?;
            Ok(())
        })
        .unwrap();
    database
}
