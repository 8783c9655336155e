//! Reads the log: [`feed`] follows it as it grows, [`history`] goes back in it.

pub mod feed;
pub mod history;
