//! Random input for everything that reads what strangers send, reader by reader. Whole requests are
//! made in `tests/it/fuzz.rs`. Input that was a fault once stands in `corpus/`, or in a table of
//! the reader's own tests.

mod bodies;
mod cursors;
mod headers;
mod ids;
mod numbers;
mod queries;
