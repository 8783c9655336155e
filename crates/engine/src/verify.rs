//! Checks the books.
