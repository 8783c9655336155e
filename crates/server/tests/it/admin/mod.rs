//! What staff alone may see.

mod log;
