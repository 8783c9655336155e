//! The only source of time.

use std::{
    fmt::Debug,
    sync::atomic::{AtomicI64, Ordering},
};

use domain::Moment;

pub trait Clock: Debug + Send + Sync {
    fn now(&self) -> Moment;
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> Moment {
        Moment(jiff::Timestamp::now().as_millisecond())
    }
}

/// A clock that stands still until it is moved: tests and simulations see the same time twice.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    pub fn at(moment: Moment) -> ManualClock {
        ManualClock(AtomicI64::new(moment.0))
    }

    pub fn advance_ms(&self, by: i64) {
        self.0.fetch_add(by, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Moment {
        Moment(self.0.load(Ordering::SeqCst))
    }
}
