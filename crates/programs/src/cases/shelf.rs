//! Where documents come from: those that the binary brings along, or a folder.

use std::{fs, path::Path};

use super::Document;

include!(concat!(env!("OUT_DIR"), "/documents.rs"));

/// The documents of `programs/` as they were at build time.
pub(super) fn embedded() -> Result<Vec<Document>, String> {
    DOCUMENTS.iter().map(|(place, text)| Document::read(&format!("programs/{place}"), text)).collect()
}

/// How deep folders may lie in folders.
const DEPTH: usize = 8;

/// The documents of a folder and those in it: every file that ends in `.yaml`, `.yml` or `.json`, by path.
pub(super) fn folder(path: &Path) -> Result<Vec<Document>, String> {
    let mut files = Vec::new();
    collect(path, DEPTH, &mut files)?;
    files.sort();
    files
        .into_iter()
        .map(|file| {
            let text = fs::read_to_string(&file).map_err(|error| told(&file, &error))?;
            Document::read(&file.to_string_lossy(), &text)
        })
        .collect()
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<std::path::PathBuf>) -> Result<(), String> {
    for entry in fs::read_dir(folder).map_err(|error| told(folder, &error))? {
        let path = entry.map_err(|error| told(folder, &error))?.path();
        let is_document = || path.extension().is_some_and(|kind| ["yaml", "yml", "json"].iter().any(|it| kind == *it));
        if path.is_dir() && depth > 0 {
            collect(&path, depth - 1, files)?;
        } else if path.is_file() && is_document() {
            files.push(path);
        }
    }
    Ok(())
}

fn told(path: &Path, error: &std::io::Error) -> String {
    format!("{}: {error}", path.display())
}
