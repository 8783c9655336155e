//! What holds for every call.

mod accept;
mod browsers;
mod dry_run;
mod etags;
mod idempotency;
mod issuers;
mod methods;
mod ownership;
mod pages;
mod problems;
mod rate_limits;
mod refusal_order;
mod request_id;
mod rights;
mod sizes;
mod slow_readers;
mod slow_senders;
