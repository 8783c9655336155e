//! The feed of events.

mod list;
mod live;
