//! The only place where the bench looks at a clock. Everything else in the product takes the
//! engine's clock, which can be driven by a test; a bench is of use only in real time.

use std::time::{Duration, Instant};

#[derive(Clone, Copy)]
pub(super) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a bench measures real time")]
    pub(super) fn start() -> Self {
        Self(Instant::now())
    }

    pub(super) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }

    pub(super) fn elapsed_ms(self) -> f64 {
        self.elapsed().as_secs_f64() * 1_000.0
    }
}
