//! `entente`: the one binary.

mod arguments;
mod catalogue;
mod demo;
mod output;
mod program;
mod serve;
mod telemetry;
mod tier;

use std::process::ExitCode;

use arguments::{Arguments, Command, KeysCommand};
use clap::Parser;
use database::{Database, Migrations};
use kernel::Clock;
use output::Outcome;

/// A write makes some thousand small allocations; the C library's allocator took an eighth of its time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(outcome) => outcome.into(),
        Err(message) => {
            eprintln!("entente: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<Outcome, String> {
    match arguments.command {
        Command::Program { command } => return program::run(command),
        Command::Catalogue { command } => return catalogue::run(command),
        Command::Tiers { command } => return tier::run(command),
        Command::Serve(arguments) => serve::serve(&arguments)?,
        Command::Migrate { database } => {
            let settings = database.settings();
            Migrations::of(&settings)?.run()?;
            println!("{} is up to date", settings.redacted());
        }
        Command::Openapi { sandbox, older } => {
            let document = api::Published::new(sandbox)?;
            let document = if older { document.older() } else { document };
            output::line(&serde_json::to_string_pretty(&document).map_err(|error| error.to_string())?)?;
        }
        Command::Demo { database, password } => {
            let loaded = demo::load(&database.settings(), password.as_deref().unwrap_or(demo::PASSWORD))?;
            println!("{}", if loaded { "the demo is loaded" } else { "there are users already: nothing was changed" });
        }
        Command::Keys { command: KeysCommand::Rotate { database, withdraw } } => {
            let database = Database::open(&database.settings(), Clock::default())?;
            let key = database.write_blocking(move |tx| identity::rotate(tx, withdraw));
            let key = key.map_err(|error| error.to_string())?;
            println!("tokens are now signed with {key}; servers take it up within a minute");
        }
    }
    Ok(Outcome::Fine)
}
