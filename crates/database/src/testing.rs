//! Databases for tests: each test has its own, on both kinds.

use std::{
    path::PathBuf,
    sync::{Mutex, OnceLock},
};

use diesel::{Connection as _, PgConnection, connection::SimpleConnection};

use crate::{Migrations, Settings};

/// Names the PostgreSQL server that tests may make databases on; `make test` starts one and sets it.
pub const POSTGRES: &str = "ENTENTE_TEST_POSTGRES";

/// A database that goes away with the value.
pub struct TestDatabase {
    /// What opens it.
    pub settings: Settings,
    remove: Remove,
}

enum Remove {
    Folder(PathBuf),
    Database { server: String, name: String },
}

static TEMPLATES: OnceLock<Mutex<Option<String>>> = OnceLock::new();

impl TestDatabase {
    /// An empty, migrated SQLite file: a copy of one that was migrated once.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn sqlite() -> Result<Self, String> {
        static MIGRATED: OnceLock<Result<Vec<u8>, String>> = OnceLock::new();
        let folder = std::env::temp_dir().join(unique());
        std::fs::create_dir_all(&folder).map_err(|e| e.to_string())?;
        let path = folder.join("test.db");
        let settings = Settings::new(path.to_string_lossy());
        let bytes = MIGRATED.get_or_init(|| {
            let template = Settings::new(folder.join("template.db").to_string_lossy());
            Migrations::of(&template)?.run()?;
            std::fs::read(&template.url).map_err(|e| e.to_string())
        });
        std::fs::write(&path, bytes.as_ref().map_err(Clone::clone)?).map_err(|e| e.to_string())?;
        Ok(Self { settings, remove: Remove::Folder(folder) })
    }

    /// An empty, migrated PostgreSQL database: a copy of one that was migrated once in this process.
    ///
    /// # Errors
    /// When no server is named, or it refuses.
    pub fn postgres() -> Result<Self, String> {
        let server = std::env::var(POSTGRES).map_err(|_| {
            format!("{POSTGRES} is not set: run the tests with `make test`, or under tests/with-postgres")
        })?;
        let mut template = TEMPLATES.get_or_init(Mutex::default).lock().map_err(|e| e.to_string())?;
        let mut connection = PgConnection::establish(&server).map_err(|e| e.to_string())?;
        let mut make = |sql: String| connection.batch_execute(&sql).map_err(|e| e.to_string());
        if template.is_none() {
            let name = unique();
            make(format!("CREATE DATABASE {name}"))?;
            Migrations::of(&Settings::new(on(&server, &name)?))?.run()?;
            *template = Some(name);
        }
        let name = unique();
        make(format!("CREATE DATABASE {name} TEMPLATE {}", template.as_deref().unwrap_or_default()))?;
        Ok(Self { settings: Settings::new(on(&server, &name)?), remove: Remove::Database { server, name } })
    }

    /// One of each.
    ///
    /// # Errors
    /// When either cannot be made.
    pub fn both() -> Result<[Self; 2], String> {
        Ok([Self::sqlite()?, Self::postgres()?])
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.remove {
            Remove::Folder(folder) => drop(std::fs::remove_dir_all(folder)),
            Remove::Database { server, name } => {
                if let Ok(mut connection) = PgConnection::establish(server) {
                    // The whole server goes away after the tests; a database that stays behind harms nobody.
                    let _ = connection.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"));
                }
            }
        }
    }
}

fn unique() -> String {
    format!("entente_test_{}", uuid::Uuid::new_v4().simple())
}

fn on(server: &str, name: &str) -> Result<String, String> {
    let mut url = url::Url::parse(server).map_err(|e| e.to_string())?;
    url.set_path(name);
    Ok(url.into())
}
