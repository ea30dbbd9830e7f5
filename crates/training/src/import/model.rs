//! An import, and what is told of it.

use database::schema::{
    training_import_chunks as chunks, training_import_faults as faults, training_imports as imports,
};
use diesel::prelude::*;
use kernel::{PartnerId, Timestamp, ids};
use serde::Serialize;
use utoipa::ToSchema;

ids! {
    /// An import of people or completions.
    TrainingImportMark = "import" => TrainingImportId;
}

database::text_enum! {
    /// What the rows of a file tell of.
    pub enum Kind as TrainingImportKind {
        /// People, to add or to change.
        People,
        /// Courses that were completed, and exams that were tried.
        Completions,
    }
}

database::text_enum! {
    /// Where an import stands.
    pub enum Status as TrainingImportStatus {
        /// It begins soon.
        Queued,
        /// It goes on by itself.
        Running,
        /// All rows are done.
        Finished,
        /// It cannot go on; `reason` says why. What is done stays.
        Failed,
        /// Somebody has ended it. What is done stays.
        Cancelled,
    }
}

impl Status {
    /// Whether it goes on.
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

database::text_enum! {
    /// What became of a row of which something is told.
    pub enum Outcome as TrainingImportOutcome {
        /// It has a fault, and nothing came of it.
        Refused,
        /// It speaks of a person or an item that is not known: it waits in the review list, unless this is a dry run.
        Waiting,
    }
}

/// A file of people or completions, and how far it has come.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = imports, treat_none_as_null = true)]
pub struct TrainingImport {
    /// Unique.
    pub id: TrainingImportId,
    /// What the rows tell of.
    pub kind: Kind,
    /// Whether nothing is to change: it only tells what would come of the file.
    pub dry_run: bool,
    /// What the file is called.
    #[schema(required = true, max_length = 200, example = "completions-2026-11.csv")]
    pub filename: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// Why it failed.
    #[schema(required = true, max_length = 4000)]
    pub reason: Option<String>,
    /// How many rows the file has.
    #[schema(format = Int64, minimum = 0, example = 1200)]
    pub rows_total: i32,
    /// How many are done.
    #[schema(format = Int64, minimum = 0, example = 1200)]
    pub rows_done: i32,
    /// Of them, how many people, completions or attempts were new.
    #[schema(format = Int64, minimum = 0, example = 1100)]
    pub created: i32,
    /// How many people were changed.
    #[schema(format = Int64, minimum = 0, example = 0)]
    pub updated: i32,
    /// How many rows said what was known.
    #[schema(format = Int64, minimum = 0, example = 80)]
    pub unchanged: i32,
    /// How many rows wait in the review list.
    #[schema(format = Int64, minimum = 0, example = 15)]
    pub waiting: i32,
    /// How many rows have faults.
    #[schema(format = Int64, minimum = 0, example = 5)]
    pub refused: i32,
    /// How many faults they have.
    #[schema(format = Int64, minimum = 0, example = 7)]
    pub faults: i32,
    /// The partner whose people alone it reaches: whoever started it belongs to that partner.
    #[schema(required = true)]
    pub partner_id: Option<PartnerId>,
    /// Who started it: a user or an API client.
    #[schema(max_length = 120, example = "client_01h455vb4pex5vsknk084sn02q")]
    pub created_by: String,
    /// When its first rows were done.
    #[schema(required = true)]
    pub started_at: Option<Timestamp>,
    /// When it was finished, failed or was cancelled.
    #[schema(required = true)]
    pub finished_at: Option<Timestamp>,
    /// When it was handed in.
    pub created_at: Timestamp,
    /// When it last came further.
    pub updated_at: Timestamp,
}

/// What is wrong with a row, or what it waits for.
#[derive(Debug, Clone, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(table_name = faults)]
pub struct TrainingImportFault {
    /// The line of the file on which the row begins, counted from 1.
    #[diesel(column_name = line)]
    #[schema(format = Int64, minimum = 1, example = 17)]
    pub row: i32,
    #[serde(skip)]
    #[schema(ignore)]
    pub(super) nth: i32,
    /// Whether the row was refused, or waits.
    pub outcome: Outcome,
    /// The column; null for the whole row.
    #[diesel(column_name = cell)]
    #[schema(required = true, max_length = 40, example = "completed_on")]
    pub column: Option<String>,
    /// Stable name of the fault.
    #[schema(max_length = 64, example = "format")]
    pub code: String,
    /// What is wrong, for a person.
    #[schema(max_length = 4000, example = "must be a date such as 2026-01-31")]
    pub detail: String,
    /// What stands there, shortened.
    #[schema(required = true, max_length = 100, example = "31.12.2026")]
    pub value: Option<String>,
}

/// What is wrong with a row, on its way to the database.
#[derive(Debug, Insertable)]
#[diesel(table_name = faults)]
pub(super) struct NewFault<'f> {
    pub import_id: TrainingImportId,
    pub line: i32,
    pub nth: i32,
    pub outcome: Outcome,
    pub cell: Option<&'f str>,
    pub code: &'f str,
    pub detail: &'f str,
    pub value: Option<&'f str>,
}

/// Rows that are done together.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = chunks)]
pub(super) struct Chunk {
    pub import_id: TrainingImportId,
    pub number: i32,
    pub content: String,
}

/// Which imports to list.
#[derive(Debug, Default)]
pub struct TrainingImportFilter {
    /// Only of this kind.
    pub kind: Option<Kind>,
    /// Only with this status.
    pub status: Option<Status>,
    /// Only those that came further at or after this time.
    pub updated_after: Option<Timestamp>,
}
