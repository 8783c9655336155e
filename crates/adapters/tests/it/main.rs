//! What adapters must do. A port's contract is asked of each adapter behind it, and what only one
//! of them can do stands beside it.
#![cfg(test)]

mod cart;
mod keys;
mod payment;
