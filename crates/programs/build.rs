//! Lists the documents under `programs/`, so that they are part of the binary: a new one is there with the next build.

use std::{
    env, fs,
    io::{Error, Result},
    path::{Path, PathBuf},
};

fn main() -> Result<()> {
    let variable = |name: &str| env::var_os(name).map(PathBuf::from).ok_or_else(|| Error::other(format!("no {name}")));
    let root = variable("CARGO_MANIFEST_DIR")?.join("../../programs").canonicalize()?;
    println!("cargo::rerun-if-changed={}", root.display());
    let mut found = Vec::new();
    collect(&root, &mut found)?;
    found.sort();
    let mut table = String::from("/// Path below `programs/`, and text.\nstatic DOCUMENTS: &[(&str, &str)] = &[\n");
    for path in found {
        let name = path.strip_prefix(&root).map_err(Error::other)?.to_string_lossy().replace('\\', "/");
        table.push_str(&format!("    ({name:?}, include_str!({:?})),\n", path.to_string_lossy()));
    }
    table.push_str("];\n");
    fs::write(variable("OUT_DIR")?.join("documents.rs"), table)
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        } else if path.extension().is_some_and(|kind| kind == "yaml") {
            found.push(path);
        }
    }
    Ok(())
}
