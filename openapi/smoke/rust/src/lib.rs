//! The client that progenitor generates.

#![allow(clippy::all)]

include!(concat!(env!("OUT_DIR"), "/client.rs"));
