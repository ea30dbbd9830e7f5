//! Programs: their rules as versions.

mod versions;
