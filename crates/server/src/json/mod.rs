//! Request documents: read to a tree first, so that every faulty field is found at once and
//! decimals keep their exact text; then field by field, by name and type.
//!
//! `tree.rs` parses, `fields.rs` reads typed fields, `field.rs` says what each type is,
//! `card_walk.rs` looks for card data in the whole tree before anything else does.

pub mod card_walk;
mod fault;
pub(crate) mod field;
mod fields;
pub mod number;
mod tree;

pub use fault::{Faults, FieldError, Path};
pub use field::{Field, Items, Nullable};
pub use fields::{ADDRESS, Fields, Names, SHIPPING_ADDRESS, Style, USER_ID, ZIP};
pub use tree::{Json, NESTING_MAX, parse};
