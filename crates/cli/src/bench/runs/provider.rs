//! Placing while the payment provider is slow or silent: who pays now waits for the provider, and
//! who pays later must not notice.

use super::{Figure, Result, Run, Unit, load, rate, share};
use crate::bench::failure::Failure;
use crate::bench::load::Outcome;
use crate::bench::report::median;
use crate::bench::rounds::{Beside, Meanwhile};
use crate::bench::server::ask;
use std::thread;
use std::time::Duration;

/// Buyers that wait for the provider all the time.
const BUYERS: usize = 64;
const SLOW_MS: u64 = 2_000;
/// A silent provider fails the payment after a time; that is told with 500.
const PAID_OR_NOT: &[u16] = &[200, 500];
/// For how long buyers begin to pay.
const PAYING: Duration = Duration::from_secs(3);
/// Until the buyers are under way.
const HEAD_START: Duration = Duration::from_millis(500);
/// For the server to cancel at the provider what it got no answer to.
const CANCELLING: Duration = Duration::from_millis(1_500);

const SLOW: &str = "placing while the provider takes 2 s";
const SILENT: &str = "placing while the provider never answers";

/// One round of it.
#[derive(Clone, Copy)]
struct Buying {
    payments: u64,
    /// What others place meanwhile.
    slices: u32,
    /// What is left to do when the buyers are answered takes so long.
    rest: Duration,
}

impl Run<'_> {
    pub(super) fn measure_slow_provider(&self, figures: &mut Vec<Figure>) -> Result<()> {
        self.set_sandbox(SLOW_MS, 0)?;
        let buying = Buying { payments: u64::MAX, slices: 1, rest: Duration::ZERO };
        self.measure_buying(SLOW, || self.place_beside_buyers(buying), figures)?;
        self.set_sandbox(0, 0)
    }

    /// All buyers of a round wait as long as the server does. What it asks the provider afterwards,
    /// to cancel their payments, is answered.
    pub(super) fn measure_silent_provider(&self, figures: &mut Vec<Figure>) -> Result<()> {
        let payments = BUYERS as u64;
        let buying = Buying { payments, slices: 2, rest: CANCELLING };
        let round = || {
            self.set_sandbox(0, payments)?;
            self.place_beside_buyers(buying)
        };
        self.measure_buying(SILENT, round, figures)?;
        self.set_sandbox(0, 0)
    }

    fn measure_buying(
        &self,
        name: &str,
        round: impl Fn() -> Result<(Beside<Outcome>, u64)>,
        figures: &mut Vec<Figure>,
    ) -> Result<()> {
        let (mut meanwhile, mut of_usual, mut answered) = (Vec::new(), Vec::new(), 0);
        for _ in 0..self.scale.rounds {
            let (placing, buyers) = round()?;
            of_usual.push(placing.ratio());
            meanwhile.extend(placing.meanwhile);
            answered += buyers;
        }
        figures.push(rate(name, &meanwhile));
        let of_usual = share(format!("{name}: of the usual rate"), median(of_usual));
        figures.push(of_usual.at_least(0.95));
        let answered = answered as f64;
        figures.push(Figure::new(format!("{name}: buyers answered"), answered, Unit::Count));
        Ok(())
    }

    /// Returns how many buyers were answered, too.
    fn place_beside_buyers(&self, buying: Buying) -> Result<(Beside<Outcome>, u64)> {
        let usual = self.usual_slice();
        let fill = self.shop.place_with_payment(BUYERS)?;
        let mut plan = self.plan(buying.payments, PAID_OR_NOT, fill);
        plan.connections = BUYERS;
        plan.threads = 1;
        plan.duration_max = PAYING;
        let begin = || {
            let buyers = thread::spawn(move || {
                let answered = load::run(&plan)?.accepted.len();
                thread::sleep(buying.rest);
                Ok(answered)
            });
            thread::sleep(HEAD_START);
            Ok(buyers)
        };
        let meanwhile = Meanwhile::Slices(buying.slices);
        let (placing, answered) = Beside::measure(1, meanwhile, || self.place(&usual), begin)?;
        self.placed.set(self.placed.get() + answered);
        Ok((placing, answered))
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
