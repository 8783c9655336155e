//! What staff alone may see.

pub(crate) mod log;

pub(crate) use log::log;
