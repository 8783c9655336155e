//! What a large database keeps of the speed of a small one. Both are served side by side and
//! measured in turn, and whoever is not measured has nothing to do.

use super::{
    Figure, Ground, OpenSigner, PLACED, READ, Result, Run, Unit, load, milliseconds, quantile_ms,
    rate, share,
};
use crate::bench::failure::Failure;
use crate::bench::load::{Fill, Outcome};
use crate::bench::rounds::Rounds;
use std::time::Duration;

/// Growing may be slow on a slow store, but not slower than this.
const GROWTH_PER_SECOND_MIN: u64 = 200;
/// Orders of a database that are read back: spread over all of it.
const ORDERS_READ: u64 = 20_000;

/// Where orders are, with the turns in which they were placed.
type Orders = Vec<(u64, String)>;

impl Run<'_> {
    /// Grows the database to so many orders and measures again what must not depend on that.
    pub(in crate::bench) fn measure_large(
        &mut self,
        orders: u64,
        open_signer: OpenSigner<'_>,
    ) -> Result<Vec<Figure>> {
        let mut figures = Vec::new();
        let orders = self.grow(orders, &mut figures)?;
        self.measure_kept(&orders, open_signer, &mut figures)?;

        let mut lists = Vec::new();
        self.measure_lists(&orders, &mut lists)?;
        self.measure_order_numbers(&mut lists)?;
        let mut restart = Vec::new();
        self.measure_restart(&mut restart)?;
        lists.extend(restart.into_iter().map(Figure::without_bound));
        figures.extend(lists.into_iter().map(|figure| {
            let name = format!("grown: {}", figure.name);
            figure.renamed(name)
        }));
        Ok(figures)
    }

    fn grow(&self, orders: u64, figures: &mut Vec<Figure>) -> Result<Orders> {
        let missing = orders.saturating_sub(self.placed.get());
        let growth = self.place_many(missing)?;
        if self.placed.get() < orders {
            let placed = self.placed.get();
            return Err(Failure::new(format!("growing ended at {placed} orders")));
        }
        figures.push(Figure::new("grown: orders", self.placed.get() as f64, Unit::Count));
        // The phases before may have placed so many that there was nothing left to grow.
        let mut orders = self.first_orders.clone();
        orders.extend_from_slice(&growth.locations);
        if missing > 0 {
            figures.push(rate("grown: rate while growing", &[growth]));
        }
        Ok(orders)
    }

    fn place_many(&self, orders: u64) -> Result<Outcome> {
        eprintln!("placing {orders} orders");
        let mut plan = self.plan(orders, PLACED, self.shop.place_spread());
        plan.duration_max = Duration::from_secs(60 + orders / GROWTH_PER_SECOND_MIN);
        plan.locations_every = Some((orders / ORDERS_READ).max(1));
        self.place_and_settle(&plan)
    }

    /// Beside a server of the same shop whose database is as small as this one was.
    fn measure_kept(
        &self,
        orders: &[(u64, String)],
        open_signer: OpenSigner<'_>,
        figures: &mut Vec<Figure>,
    ) -> Result<()> {
        let ground = Ground::prepare(self.args)?;
        let small = Run::start(self.args, self.scale, ground, open_signer)?;
        small.set_up()?;
        let few = small.place_many(self.scale.placing)?.locations;

        let places = |run: &Run<'_>, round| {
            let fill = run.shop.place_spread();
            run.place_and_settle(&run.slice(round, run.scale.placing, PLACED, fill))
        };
        let rounds = self.scale.rounds;
        let placing =
            Rounds::alternate(rounds, |round| places(self, round), |round| places(&small, round))?;
        figures.push(rate("grown: placing", &placing.one));
        figures.push(share("grown: placing keeps", placing.ratio()).at_least(0.6));
        let all = Outcome::in_sequence(placing.one)?;
        figures.push(milliseconds("grown: placing, p99", all.p99_ms()));
        figures.push(milliseconds("grown: placing, slowest", quantile_ms(&all.accepted, 1.0)));

        let reads = |run: &Run<'_>, orders| run.shop.shuffled(run.shop.read_orders(orders));
        let fills = (reads(self, orders), reads(&small, &few));
        let mut asked = vec![("reading an order", "reading", self.scale.reading, fills)];
        for ((name, of_large), (_, of_small)) in self.lists().into_iter().zip(small.lists()) {
            asked.push((name, name, self.scale.listing, (of_large, of_small)));
        }
        for (name, what, requests, (of_large, of_small)) in asked {
            let asks = |run: &Run<'_>, round, fill: &Fill| {
                load::run(&run.slice(round, requests, READ, Fill::clone(fill)))
            };
            let asking = Rounds::alternate(
                rounds,
                |round| asks(self, round, &of_large),
                |round| asks(&small, round, &of_small),
            )?;
            figures.push(rate(format!("grown: {name}"), &asking.one));
            figures.push(share(format!("grown: {what} keeps"), asking.ratio()).at_least(0.8));
        }
        Ok(())
    }
}
