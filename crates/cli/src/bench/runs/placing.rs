//! Placing orders, beside the raw rate of the store: by customers whose tokens are new, by all of
//! them, of one hot product, and by one client alone.

use super::{Figure, PLACED, Result, Run, Unit, milliseconds, processor, rate, share};
use crate::bench::load::Outcome;
use crate::bench::rounds::{Rounds, typical};

const COLD: &str = "placing, tokens not seen before";
const WARM: &str = "placing";
const HOT: &str = "placing, one hot product";
const P99_MAX_MS: f64 = 40.0;

impl Run<'_> {
    /// A round has customers who come for the first time, orders of all customers, and the raw rate
    /// of as many orders, so that both files grow alike. It is one rate for both: over the few
    /// orders of the new customers the raw store would never have to carry its log into its file.
    ///
    /// Returns the first order of each customer.
    pub(super) fn measure_placing(&self, figures: &mut Vec<Figure>) -> Result<Vec<(u64, String)>> {
        let customers = self.shop.customers() as u64;
        let cold = |round| {
            let mut plan = self.slice(round, customers, PLACED, self.shop.place_spread());
            plan.locations_every = Some(1);
            plan
        };
        let warm = |round| self.slice(round, self.scale.placing, PLACED, self.shop.place_spread());
        let mut raw = self.ground.raw()?;
        self.wait_until_fed()?;
        let Rounds { one, other } = Rounds::alternate(
            self.scale.rounds,
            |round| {
                let new = self.place_and_settle(&cold(round))?;
                Ok((new, self.place_and_settle(&warm(round))?))
            },
            |round| raw.orders_per_second(cold(round).requests + warm(round).requests),
        )?;
        if self.server.is_some() {
            figures.push(Figure::new("raw rate of the store", typical(&other), Unit::PerSecond));
        }
        let (new, all) = one.into_iter().unzip();
        let new = Rounds { one: new, other: other.clone() };
        let first_orders = self.tell_placing(COLD, new, figures)?.locations;
        self.tell_placing(WARM, Rounds { one: all, other }, figures)?;
        Ok(first_orders)
    }

    fn tell_placing(
        &self,
        name: &str,
        rounds: Rounds<Outcome, f64>,
        figures: &mut Vec<Figure>,
    ) -> Result<Outcome> {
        let of_raw = rounds.ratio();
        figures.push(rate(name, &rounds.one));
        let all = Outcome::in_sequence(rounds.one)?;
        figures.extend(processor(name, &all));
        if self.server.is_some() {
            figures.push(share(format!("{name}: of the raw rate"), of_raw).at_least(0.4));
        }
        figures.push(milliseconds(format!("{name}: p50"), all.p50_ms()));
        figures.push(milliseconds(format!("{name}: p99"), all.p99_ms()).under(P99_MAX_MS));
        Ok(all)
    }

    pub(super) fn measure_hot(&self, figures: &mut Vec<Figure>) -> Result<()> {
        let orders = self.scale.hot;
        let slice = |round, fill| self.place(&self.slice(round, orders, PLACED, fill));
        let rounds = Rounds::alternate(
            self.scale.rounds,
            |round| slice(round, self.shop.place_hot()),
            |round| slice(round, self.shop.place_spread()),
        )?;
        figures.push(rate(HOT, &rounds.one));
        figures.push(share(format!("{HOT}: of the spread rate"), rounds.ratio()).at_least(0.9));
        let all = Outcome::in_sequence(rounds.one)?;
        figures.push(milliseconds(format!("{HOT}: p99"), all.p99_ms()).under(P99_MAX_MS));
        Ok(())
    }

    pub(super) fn measure_alone(&self, figures: &mut Vec<Figure>) -> Result<()> {
        self.wait_until_fed()?;
        let rounds = Rounds::alternate(
            self.scale.rounds,
            |round| {
                let orders = self.scale.alone;
                let mut plan = self.slice(round, orders, PLACED, self.shop.place_spread());
                plan.connections = 1;
                Ok(self.place_and_settle(&plan)?.p50_ms())
            },
            |_| Ok(self.ground.bare_commit_ms()?.unwrap_or(f64::NAN)),
        )?;
        if self.server.is_some() {
            figures.push(milliseconds("one bare commit: p50", typical(&rounds.other)));
        }
        figures.push(milliseconds("one client alone: p50", typical(&rounds.one)));
        if self.server.is_some() {
            let name = "one client alone: of a bare commit";
            figures.push(Figure::new(name, rounds.ratio(), Unit::Times).under(3.0));
        }
        Ok(())
    }
}
