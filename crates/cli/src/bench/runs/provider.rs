//! Placing while the payment provider is slow or silent: who pays now waits for the provider, and
//! who pays later must not notice.

use super::{Figure, PLACED, Result, Run, Unit, load, rate};
use crate::bench::failure::Failure;
use crate::bench::server::ask;
use std::time::Duration;

/// Buyers that wait for the provider all the time.
const BUYERS: usize = 64;
const SLOW_MS: u64 = 2_000;
/// A silent provider fails the payment after a time; that is told with 500.
const PAID_OR_NOT: &[u16] = &[200, 500];
const ALL_ANSWERS: u64 = 1_000_000;
/// Until the buyers are under way.
const HEAD_START: Duration = Duration::from_millis(500);

impl Run<'_> {
    pub(super) fn measure_slow_provider(&mut self, figures: &mut Vec<Figure>) -> Result<()> {
        for (name, delay_ms, answers_lost) in [
            ("placing while the provider takes 2 s", SLOW_MS, 0),
            ("placing while the provider never answers", 0, ALL_ANSWERS),
        ] {
            let usual = self.plan(self.scale.hot, PLACED, self.shop.place_spread());
            let before = self.place(&usual)?;
            self.set_sandbox(delay_ms, answers_lost)?;
            let mut plan = self.plan(u64::MAX, PAID_OR_NOT, self.shop.place_with_payment(BUYERS)?);
            plan.connections = BUYERS;
            plan.threads = 1;
            plan.duration_max = self.scale.paying;
            let buyers = std::thread::spawn(move || load::run(&plan));
            std::thread::sleep(HEAD_START);
            let meanwhile = self.place(&usual)?;
            let waited = buyers.join().map_err(|_| Failure::new("the buyers panicked"))??;
            self.set_sandbox(0, 0)?;
            let after = self.place(&usual)?;

            let around = f64::midpoint(before.per_second(), after.per_second());
            figures.push(rate(name, &meanwhile));
            let share = meanwhile.per_second() / around;
            figures.push(
                Figure::new(format!("{name}: of the usual rate"), share, Unit::Share)
                    .at_least(0.95),
            );
            let answered = waited.accepted.len() as f64;
            figures.push(Figure::new(format!("{name}: buyers answered"), answered, Unit::Count));
            self.placed += waited.accepted.len();
        }
        Ok(())
    }

    fn set_sandbox(&self, delay_ms: u64, answers_lost: u64) -> Result<()> {
        let (status, body) =
            ask(self.address, &self.shop.sandbox_behaviour(delay_ms, answers_lost))?;
        if status == 204 {
            return Ok(());
        }
        let body = String::from_utf8_lossy(&body);
        Err(Failure::new(format!("the payment sandbox answered {status}: {body}")))
    }
}
