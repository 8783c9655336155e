//! Placing while the payment provider is slow or silent: who pays now waits for the provider, and
//! who pays later must not notice.

use super::{Figure, PLACED, Result, Run, Unit, load};
use crate::bench::failure::Failure;
use crate::bench::report::median;
use crate::bench::server::ask;
use std::thread;
use std::time::Duration;

/// Buyers that wait for the provider all the time.
const BUYERS: usize = 64;
const SLOW_MS: u64 = 2_000;
/// A silent provider fails the payment after a time; that is told with 500.
const PAID_OR_NOT: &[u16] = &[200, 500];
const ALL_ANSWERS: u64 = 1_000_000;
/// Until the buyers are under way.
const HEAD_START: Duration = Duration::from_millis(500);

/// Until the provider has answered all that it was asked.
const PAUSE: Duration = Duration::from_millis(2_500);
const SLOW: &str = "placing while the provider takes 2 s";
const SILENT: &str = "placing while the provider never answers";

/// Placing while buyers pay, beside placing without them right before and right after.
struct Round {
    per_second: f64,
    of_usual: f64,
    answered: u64,
}

impl Run<'_> {
    pub(super) fn measure_slow_provider(&mut self, figures: &mut Vec<Figure>) -> Result<()> {
        self.set_sandbox(SLOW_MS, 0)?;
        let orders = self.scale.hot / u64::from(self.scale.slow_rounds);
        let mut rounds = Vec::new();
        for _ in 0..self.scale.slow_rounds {
            rounds.push(self.place_beside_buyers(orders, Duration::from_secs(3))?);
            thread::sleep(PAUSE);
        }
        let answered = rounds.iter().map(|it| it.answered).sum();
        let per_second = median(rounds.iter().map(|it| it.per_second).collect());
        let of_usual = median(rounds.iter().map(|it| it.of_usual).collect());
        tell(figures, SLOW, &Round { per_second, of_usual, answered });

        self.set_sandbox(0, ALL_ANSWERS)?;
        let round = self.place_beside_buyers(self.scale.hot, self.scale.paying)?;
        tell(figures, SILENT, &round);
        self.set_sandbox(0, 0)
    }

    fn place_beside_buyers(&mut self, orders: u64, paying: Duration) -> Result<Round> {
        let usual = self.plan(orders, PLACED, self.shop.place_spread());
        let before = self.place(&usual)?;
        let mut plan = self.plan(u64::MAX, PAID_OR_NOT, self.shop.place_with_payment(BUYERS)?);
        plan.connections = BUYERS;
        plan.threads = 1;
        plan.duration_max = paying;
        let buyers = thread::spawn(move || load::run(&plan));
        thread::sleep(HEAD_START);
        let meanwhile = self.place(&usual)?;
        let waited = buyers.join().map_err(|_| Failure::new("the buyers panicked"))??;
        let after = self.place(&usual)?;
        let around = f64::midpoint(before.per_second(), after.per_second());
        let answered = waited.accepted.len();
        self.placed += answered;
        Ok(Round {
            per_second: meanwhile.per_second(),
            of_usual: meanwhile.per_second() / around,
            answered,
        })
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

fn tell(figures: &mut Vec<Figure>, name: &str, round: &Round) {
    figures.push(Figure::new(name, round.per_second, Unit::PerSecond));
    figures.push(
        Figure::new(format!("{name}: of the usual rate"), round.of_usual, Unit::Share)
            .at_least(0.95),
    );
    let answered = round.answered as f64;
    figures.push(Figure::new(format!("{name}: buyers answered"), answered, Unit::Count));
}
