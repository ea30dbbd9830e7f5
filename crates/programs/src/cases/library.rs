//! Our documents, and which of them answers a case.

use std::path::Path;

use super::{Answer, Case, CaseFile, Document, Supported, Unsupported, shelf};

/// Documents, by the programs and versions that they state.
#[derive(Debug, Clone, Default)]
pub struct Library {
    documents: Vec<Document>,
}

impl Library {
    /// The documents that the binary brings along.
    ///
    /// # Errors
    /// The first document that has faults, and which.
    pub fn embedded() -> Result<Self, String> {
        shelf::embedded().map(Self::of)
    }

    /// The documents of a folder and of those in it.
    ///
    /// # Errors
    /// The first file that cannot be read or has faults, and which.
    pub fn folder(path: &Path) -> Result<Self, String> {
        shelf::folder(path).map(Self::of)
    }

    /// These documents.
    pub fn of(documents: Vec<Document>) -> Self {
        Self { documents }
    }

    /// Its documents.
    pub fn documents(&self) -> &[Document] {
        &self.documents
    }

    /// What a document answers that states the case's version. Of several, the one that knows most of what is given.
    pub(super) fn answer(&self, file: &CaseFile, case: &Case) -> Supported<Vec<Answer>> {
        let mut claiming: Vec<&Document> =
            self.documents.iter().filter(|document| document.states(&file.program, &case.version)).collect();
        if claiming.is_empty() {
            let words = format!("no document states version \"{}\" of \"{}\"", case.version, file.program);
            return Err(Unsupported::new(words));
        }
        claiming.sort_by_key(|document| std::cmp::Reverse(document.knows(case)));
        let mut reasons = Vec::new();
        for document in claiming {
            match document.answer(case) {
                Ok(answers) => return Ok(answers),
                Err(Unsupported(reason)) => reasons.push(format!("{}: {reason}", document.slug)),
            }
        }
        Err(Unsupported(reasons.join("; ")))
    }
}
