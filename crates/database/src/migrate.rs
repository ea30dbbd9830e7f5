//! Migrations: embedded in the binary, the same names in both folders.

use std::{fs::File, path::Path};

use diesel::{
    Connection as _, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query, sql_types::Text,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::{
    Settings,
    pool::{self, SqliteRole},
    settings::{Durability, Target},
};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Any number: it is only that all servers agree on it.
const LOCK: i64 = 0x456e_7465_6e74_6501;

/// The tables' changes, for one database. All errors are texts for the operator.
pub struct Migrations {
    target: Target,
}

impl Migrations {
    /// For the database that the settings name; SQLite's folder is made when it is missing.
    ///
    /// # Errors
    /// When the URL is not one, or the folder cannot be made.
    pub fn of(settings: &Settings) -> Result<Self, String> {
        let target = settings.target()?;
        if let Target::Sqlite(path) = &target {
            std::fs::create_dir_all(folder(path)).map_err(|e| format!("cannot make the folder of {path}: {e}"))?;
        }
        Ok(Self { target })
    }

    /// Brings the tables up to date. Servers that start together wait for each other.
    ///
    /// # Errors
    /// When the database cannot be reached or a migration fails.
    pub fn run(&self) -> Result<(), String> {
        self.with(|harness, from| harness.run_pending_migrations(from).map(drop).map_err(|e| e.to_string()))
    }

    /// Takes every change back, the last first. For tests.
    ///
    /// # Errors
    /// When the database cannot be reached or a migration fails.
    pub fn revert(&self) -> Result<(), String> {
        self.with(|harness, from| harness.revert_all_migrations(from).map(drop).map_err(|e| e.to_string()))
    }

    /// The tables, columns and indexes that are there now, each as a line that reads the same for both databases.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub fn shape(&self) -> Result<Vec<String>, String> {
        match &self.target {
            Target::Sqlite(path) => lines(&mut open_sqlite(path)?, SQLITE_SHAPE),
            Target::Postgres(url) => lines(&mut open_postgres(url)?, POSTGRES_SHAPE),
        }
    }

    fn with(
        &self,
        work: impl FnOnce(&mut dyn Harness, EmbeddedMigrations) -> Result<(), String>,
    ) -> Result<(), String> {
        match &self.target {
            Target::Sqlite(path) => {
                // The folder, because closing the file would also release SQLite's own locks on it. Held until
                // here ends; where folders cannot be opened, servers must be started one after the other.
                let folder = File::open(folder(path)).ok();
                if let Some(folder) = &folder {
                    folder.lock().map_err(|e| format!("cannot lock the folder of {path}: {e}"))?;
                }
                work(&mut open_sqlite(path)?, SQLITE)
            }
            Target::Postgres(url) => {
                let mut connection = open_postgres(url)?;
                sql_query(format!("SELECT pg_advisory_lock({LOCK})"))
                    .execute(&mut connection)
                    .map_err(|error| error.to_string())?;
                // The lock goes with the connection.
                work(&mut connection, POSTGRES)
            }
        }
    }
}

/// Both databases' harness behind one face.
trait Harness {
    fn run_pending_migrations(&mut self, from: EmbeddedMigrations) -> diesel::migration::Result<()>;
    fn revert_all_migrations(&mut self, from: EmbeddedMigrations) -> diesel::migration::Result<()>;
}

macro_rules! harness {
    ($($connection:ty),+) => {$(
        impl Harness for $connection {
            fn run_pending_migrations(&mut self, from: EmbeddedMigrations) -> diesel::migration::Result<()> {
                MigrationHarness::run_pending_migrations(self, from).map(drop)
            }
            fn revert_all_migrations(&mut self, from: EmbeddedMigrations) -> diesel::migration::Result<()> {
                MigrationHarness::revert_all_migrations(self, from).map(drop)
            }
        }
    )+};
}
harness!(SqliteConnection, PgConnection);

fn folder(path: &str) -> &Path {
    match Path::new(path).parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

fn open_sqlite(path: &str) -> Result<SqliteConnection, String> {
    match pool::sqlite(path, SqliteRole::Writer, Durability::Full) {
        Ok(crate::Connection::Sqlite(connection)) => Ok(connection),
        Ok(crate::Connection::Postgres(_)) => Err("not SQLite".into()),
        Err(error) => Err(format!("cannot open {path}: {error}")),
    }
}

fn open_postgres(url: &str) -> Result<PgConnection, String> {
    let settings = Settings::new(url);
    PgConnection::establish(url).map_err(|error| {
        format!("cannot connect to {}: {}", settings.redacted(), settings.scrubbed(&error.to_string()))
    })
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines<C>(connection: &mut C, query: &str) -> Result<Vec<String>, String>
where
    diesel::query_builder::SqlQuery: for<'q> diesel::query_dsl::LoadQuery<'q, C, Line>,
{
    let lines: Vec<Line> = diesel::query_dsl::RunQueryDsl::load(sql_query(query), connection)
        .map_err(|e: diesel::result::Error| e.to_string())?;
    Ok(lines.into_iter().map(|line| line.line).collect())
}

const SQLITE_SHAPE: &str = "
    SELECT line FROM (
        SELECT 'column ' || m.name || '.' || c.name || ' ' || upper(c.type) ||
               CASE WHEN c.\"notnull\" OR c.pk THEN ' NOT NULL' ELSE '' END || CASE WHEN c.pk THEN ' KEY ' || c.pk ELSE '' END AS line
        FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'
        UNION ALL
        SELECT 'index ' || m.name || '.' || i.name || CASE WHEN i.\"unique\" THEN ' UNIQUE' ELSE '' END || ' (' ||
               (SELECT group_concat(name, ', ') FROM (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) || ')'
        FROM sqlite_master m, pragma_index_list(m.name) i WHERE m.type = 'table' AND i.origin = 'c'
        UNION ALL
        SELECT 'reference ' || m.name || '.' || f.\"from\" || ' ' || f.\"table\"
        FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'
    ) WHERE line NOT LIKE '%sqlite_%' AND line NOT LIKE '%__diesel%' ORDER BY line";

const POSTGRES_SHAPE: &str = "
    SELECT line FROM (
        SELECT 'column ' || c.table_name || '.' || c.column_name || ' ' ||
               CASE c.data_type WHEN 'timestamp without time zone' THEN 'TIMESTAMP' WHEN 'bytea' THEN 'BLOB' ELSE upper(c.data_type) END ||
               CASE c.is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END ||
               coalesce(' KEY ' || array_position(p.conkey::int[], c.ordinal_position::int), '') AS line
        FROM information_schema.columns c
        LEFT JOIN pg_constraint p ON p.contype = 'p' AND p.conrelid = ('public.' || c.table_name)::regclass
        WHERE c.table_schema = 'public'
        UNION ALL
        SELECT 'index ' || t.relname || '.' || i.relname || CASE WHEN x.indisunique THEN ' UNIQUE' ELSE '' END || ' (' ||
               (SELECT string_agg(a.attname, ', ' ORDER BY k.n) FROM unnest(x.indkey::int[]) WITH ORDINALITY k(att, n)
                JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.att) || ')'
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
        JOIN pg_namespace n ON n.oid = t.relnamespace WHERE n.nspname = 'public' AND NOT x.indisprimary
        UNION ALL
        SELECT 'reference ' || t.relname || '.' || a.attname || ' ' || r.relname
        FROM pg_constraint f JOIN pg_class t ON t.oid = f.conrelid JOIN pg_class r ON r.oid = f.confrelid
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = f.conkey[1] WHERE f.contype = 'f'
    ) shape WHERE line NOT LIKE '%__diesel%' ORDER BY line COLLATE \"C\"";
