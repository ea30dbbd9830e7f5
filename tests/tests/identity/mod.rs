//! Who may sign in, with what, and what they may then do.

mod administrator;
mod api_clients;
mod credentials;
mod errors;
mod foreign;
mod forged;
mod grants;
mod isolation;
mod keys;
mod me;
mod rate;
mod roles;
pub mod support;
mod users;
