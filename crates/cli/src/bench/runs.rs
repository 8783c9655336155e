//! One run of the bench, phase by phase. What is divided by something else is measured next to
//! it, because a shared machine is not as fast now as it was a minute ago.

mod import;
mod lists;
mod overload;
mod provider;
mod retrieval;

use super::BenchArgs;
use super::OpenSigner;
use super::failure::{Failure, Result};
use super::ground::Ground;
use super::load::{self, Fill, Outcome, Plan, quantile_ms};
use super::random::fresh_seed;
use super::report::{Figure, Unit};
use super::server::{Server, ask};
use super::shop::{Shop, in_turn, ready_request};
use super::tokens::Tokens;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

const SET_UP_STATUSES: &[u16] = &[200, 201, 204];
const PLACED: &[u16] = &[204];
const READ: &[u16] = &[200];
const MEMORY_CONNECTIONS: usize = 256;
const SET_UP_MAX: Duration = Duration::from_secs(300);
/// Growing may be slow on a slow store, but not slower than this.
const GROWTH_PER_SECOND_MIN: u64 = 200;
/// Orders of a grown database that are read back: spread over all of it.
const GROWN_ORDERS_READ: u64 = 20_000;
/// The system gives so many files to the bench besides its connections.
const FILES_KEPT_BACK: usize = 100;

const PLACING: &str = "placing";
const READING: &str = "reading an order";
const CUSTOMER_LIST: &str = "first page of a customer's orders";
const STAFF_LIST: &str = "first page of all orders";

/// How much of everything; in requests, each bounded by `phase_max` in time.
pub(super) struct Scale {
    pub(super) runs: u32,
    pub(super) products: usize,
    customers: usize,
    placing: u64,
    hot: u64,
    alone: u64,
    reading: u64,
    listing: u64,
    overload: Duration,
    /// The same with a rate that is held, and how long the rate of the peak is looked for.
    sustained: Duration,
    peak: Duration,
    /// How long buyers pay at a provider that never answers, while others place.
    paying: Duration,
    /// How often placing is measured with and without a provider that is slow.
    slow_rounds: u32,
    /// Products of an import that goes on while others place.
    imported: usize,
    phase_max: Duration,
}

impl Scale {
    pub(super) const FULL: Self = Self {
        runs: 3,
        products: 10_000,
        customers: 10_000,
        placing: 100_000,
        hot: 50_000,
        alone: 1_000,
        reading: 60_000,
        listing: 10_000,
        overload: Duration::from_secs(5),
        sustained: Duration::from_secs(30),
        peak: Duration::from_secs(5),
        paying: Duration::from_secs(12),
        slow_rounds: 5,
        imported: 100_000,
        phase_max: Duration::from_secs(60),
    };
    pub(super) const QUICK: Self = Self {
        runs: 1,
        products: 1_000,
        customers: 1_000,
        placing: 20_000,
        hot: 10_000,
        alone: 200,
        reading: 10_000,
        listing: 2_000,
        overload: Duration::from_secs(1),
        sustained: Duration::from_secs(5),
        peak: Duration::from_secs(1),
        paying: Duration::from_secs(4),
        slow_rounds: 3,
        imported: 10_000,
        phase_max: Duration::from_secs(10),
    };
}

pub(super) struct Run<'a> {
    args: &'a BenchArgs,
    scale: &'a Scale,
    shop: Arc<Shop>,
    address: SocketAddr,
    // Before the ground in this order, so that the server is gone when its database goes.
    server: Option<Server>,
    ground: Ground,
    placed: u64,
}

impl<'a> Run<'a> {
    pub(super) fn start(
        args: &'a BenchArgs,
        scale: &'a Scale,
        ground: Ground,
        open_signer: OpenSigner<'_>,
    ) -> Result<Self> {
        let (server, tokens) = match (ground.database(), &args.tokens) {
            (Some(database), _) => {
                let server = ground.start_server(&database)?;
                (Some(server), Tokens::sign(open_signer, &database, scale.customers)?)
            }
            (None, Some(path)) => (None, Tokens::read(path)?),
            (None, None) => return Err(Failure::new("an outside server needs --tokens")),
        };
        let address = server
            .as_ref()
            .map(|server| server.address)
            .or(ground.outside_address())
            .ok_or_else(|| Failure::new("there is no server to measure"))?;
        let shop = Shop::new(tokens.staff, tokens.customers, scale.products, fresh_seed())?;
        Ok(Self { args, scale, shop: Arc::new(shop), address, server, ground, placed: 0 })
    }

    /// Everything that is measured on a database that begins empty.
    pub(super) fn measure_small(&mut self) -> Result<Vec<Figure>> {
        let mut figures = Vec::new();
        self.set_up()?;
        let orders = self.measure_placing(&mut figures)?;
        self.measure_alone(&mut figures)?;
        self.measure_reading(&orders, &mut figures)?;
        self.measure_listing(&mut figures)?;
        self.measure_retrieval(&orders, &mut figures)?;
        if self.server.is_some() {
            self.measure_slow_provider(&mut figures)?;
            self.measure_import(&mut figures)?;
            self.measure_memory(&mut figures)?;
            self.measure_overload(&mut figures)?;
            self.measure_restart(&mut figures)?;
        }
        Ok(figures)
    }

    /// Grows the database to so many orders and measures again what must not depend on that.
    pub(super) fn measure_large(&mut self, orders: u64, small: &[Figure]) -> Result<Vec<Figure>> {
        let missing = orders.saturating_sub(self.placed);
        eprintln!("placing {missing} orders");
        let mut plan = self.plan(missing, PLACED, self.shop.place_spread());
        plan.duration_max = Duration::from_secs(60 + missing / GROWTH_PER_SECOND_MIN);
        plan.locations_every = Some((missing / GROWN_ORDERS_READ).max(1));
        let growth = self.place(&plan)?;
        if self.placed < orders {
            return Err(Failure::new(format!("growing ended at {} orders", self.placed)));
        }
        let mut figures = Vec::new();
        figures.push(Figure::new("grown: orders", self.placed as f64, Unit::Count));
        if missing > 0 {
            figures.push(rate("grown: rate while growing", &growth));
        }

        let mut plan = self.plan(self.scale.placing, PLACED, self.shop.place_spread());
        plan.locations_every = Some((self.placed / GROWN_ORDERS_READ).max(1));
        let placing = self.place(&plan)?;
        figures.push(rate("grown: placing", &placing));
        figures.push(kept("grown: placing keeps", &placing, PLACING, small).at_least(0.6));
        figures.push(milliseconds("grown: placing, p99", placing.p99_ms()));
        figures.push(milliseconds("grown: placing, slowest", quantile_ms(&placing.accepted, 1.0)));

        // The phases before may have placed so many that there was nothing left to grow.
        let mut orders = growth.locations;
        orders.extend(placing.locations);
        let fill = self.shop.shuffled(self.shop.read_orders(&orders));
        let reading = load::run(&self.plan(self.scale.reading, READ, fill))?;
        figures.push(rate("grown: reading an order", &reading));
        figures.push(kept("grown: reading keeps", &reading, READING, small).at_least(0.8));
        for (name, fill) in self.lists() {
            let listing = load::run(&self.plan(self.scale.listing, READ, fill))?;
            figures.push(rate(format!("grown: {name}"), &listing));
            let keeps = format!("grown: {name} keeps");
            figures.push(kept(keeps, &listing, name, small).at_least(0.8));
        }
        let mut lists = Vec::new();
        self.measure_lists(&orders, &mut lists)?;
        self.measure_order_numbers(&mut lists)?;
        figures.extend(lists.into_iter().map(|figure| {
            let name = format!("grown: {}", figure.name);
            figure.renamed(name)
        }));
        let mut restart = Vec::new();
        self.measure_restart(&mut restart)?;
        figures.extend(restart.into_iter().map(|figure| {
            let name = format!("grown: {}", figure.name);
            figure.without_bound().renamed(name)
        }));
        Ok(figures)
    }

    fn set_up(&self) -> Result<()> {
        for requests in self.shop.set_up() {
            let count = requests.len() as u64;
            let mut plan = self.plan(count, SET_UP_STATUSES, in_turn(requests));
            plan.duration_max = SET_UP_MAX;
            if load::run(&plan)?.accepted.len() < count {
                return Err(Failure::new("setting up the shop took too long"));
            }
        }
        Ok(())
    }

    /// Placing in its three ways, with the raw rate before and after. Returns the first order of
    /// each customer.
    fn measure_placing(&mut self, figures: &mut Vec<Figure>) -> Result<Vec<(u64, String)>> {
        let raw_before = self.ground.raw_orders_per_second(self.scale.placing)?;
        let spread = self.shop.place_spread();
        let mut plan = self.plan(self.shop.customers() as u64, PLACED, Arc::clone(&spread));
        plan.locations_every = Some(1);
        let (cold, cold_work) = self.place_watched(&plan)?;
        let plan = self.plan(self.scale.placing, PLACED, spread);
        let (warm, warm_work) = self.place_watched(&plan)?;
        let hot = self.place(&self.plan(self.scale.hot, PLACED, self.shop.place_hot()))?;
        let raw_after = self.ground.raw_orders_per_second(self.scale.placing)?;

        let raw = match (raw_before, raw_after) {
            (Some(before), Some(after)) => Some(f64::midpoint(before, after)),
            _ => None,
        };
        if let Some(raw) = raw {
            figures.push(Figure::new("raw rate of the store", raw, Unit::PerSecond));
        }
        for (name, outcome, work) in
            [("placing, tokens not seen before", &cold, cold_work), (PLACING, &warm, warm_work)]
        {
            figures.push(rate(name, outcome));
            figures.extend(work.map(|us| processor(name, us)));
            if let Some(raw) = raw {
                let share = outcome.per_second() / raw;
                let name = format!("{name}: of the raw rate");
                figures.push(Figure::new(name, share, Unit::Share).at_least(0.4));
            }
            figures.push(milliseconds(format!("{name}: p50"), outcome.p50_ms()));
            figures.push(milliseconds(format!("{name}: p99"), outcome.p99_ms()).under(40.0));
        }
        let share = hot.per_second() / warm.per_second();
        figures.push(rate("placing, one hot product", &hot));
        figures.push(
            Figure::new("placing, one hot product: of the spread rate", share, Unit::Share)
                .at_least(0.9),
        );
        figures.push(milliseconds("placing, one hot product: p99", hot.p99_ms()).under(40.0));
        Ok(cold.locations)
    }

    fn measure_alone(&mut self, figures: &mut Vec<Figure>) -> Result<()> {
        let bare = self.ground.bare_commit_ms()?;
        let mut plan = self.plan(self.scale.alone, PLACED, self.shop.place_spread());
        plan.connections = 1;
        let alone = self.place(&plan)?;
        if let Some(bare) = bare {
            figures.push(milliseconds("one bare commit: p50", bare));
        }
        figures.push(milliseconds("one client alone: p50", alone.p50_ms()));
        if let Some(bare) = bare {
            let times = alone.p50_ms() / bare;
            figures.push(
                Figure::new("one client alone: of a bare commit", times, Unit::Times).under(3.0),
            );
        }
        Ok(())
    }

    fn measure_reading(&self, orders: &[(u64, String)], figures: &mut Vec<Figure>) -> Result<()> {
        let requests = self.shop.read_orders(orders);
        let first = requests.first().ok_or_else(|| {
            Failure::new("the server named no Location for the orders that it took")
        })?;
        let (status, body) = ask(self.address, first)?;
        if status != 200 {
            let body = String::from_utf8_lossy(&body);
            return Err(Failure::new(format!("reading an order was answered {status}: {body}")));
        }
        // What is fed behind the writer is work of placing, not of reading.
        self.wait_until_fed()?;
        let fill = self.shop.shuffled(requests);
        let plan = self.plan(self.scale.reading, READ, Arc::clone(&fill));
        let (reading, reading_work) = watched(self.server.as_ref(), &plan)?;

        let constant_server = self.ground.start_constant(body.len())?;
        let mut plan = self.plan(self.scale.reading, READ, fill);
        plan.address = constant_server.address;
        let (constant, constant_work) = watched(Some(&constant_server), &plan)?;
        drop(constant_server);

        figures.push(rate(READING, &reading));
        figures.extend(reading_work.map(|us| processor(READING, us)));
        figures.push(milliseconds("reading an order: p99", reading.p99_ms()));
        figures.push(rate("a constant of that size", &constant));
        figures.extend(constant_work.map(|us| processor("a constant of that size", us)));
        if self.server.is_some() {
            let share = reading.per_second() / constant.per_second();
            figures.push(
                Figure::new("reading an order: of the constant's rate", share, Unit::Share)
                    .at_least(0.5),
            );
        }
        Ok(())
    }

    fn measure_listing(&self, figures: &mut Vec<Figure>) -> Result<()> {
        for (name, fill) in self.lists() {
            let listing = load::run(&self.plan(self.scale.listing, READ, fill))?;
            figures.push(rate(name, &listing));
            figures.push(milliseconds(format!("{name}: p99"), listing.p99_ms()));
        }
        Ok(())
    }

    fn measure_memory(&mut self, figures: &mut Vec<Figure>) -> Result<()> {
        let Some(server) = &self.server else { return Ok(()) };
        let watch = server.watch_memory();
        let mut plan = self.plan(self.scale.hot, PLACED, self.shop.place_spread());
        plan.connections = MEMORY_CONNECTIONS;
        let outcome = self.place(&plan)?;
        figures.push(rate("placing, 256 connections", &outcome));
        figures.push(milliseconds("placing, 256 connections: p99", outcome.p99_ms()));
        if let Some(megabytes) = watch.finish_mb() {
            figures.push(
                Figure::new("anonymous memory, 256 connections", megabytes, Unit::Megabytes)
                    .under(200.0),
            );
        }
        Ok(())
    }

    /// Far more clients than the queue holds, then the usual number again.
    fn measure_overload(&mut self, figures: &mut Vec<Figure>) -> Result<()> {
        let usual = self.plan(self.scale.hot, PLACED, self.shop.place_spread());
        let before = self.place(&usual)?;
        let mut plan = self.plan(u64::MAX, PLACED, self.shop.place_spread());
        plan.connections = self.overload_connections();
        plan.duration_max = self.scale.overload;
        plan.refusals_counted = true;
        let overload = self.place(&plan)?;
        let after = self.place(&usual)?;

        figures.push(Figure::new("overload: connections", plan.connections as f64, Unit::Count));
        figures.push(rate("overload: placed", &overload));
        let refused = overload.refused.len() as f64;
        figures.push(
            Figure::new("overload: refused with 503 and Retry-After", refused, Unit::Count)
                .at_least(1.0),
        );
        if refused > 0.0 {
            let p99 = quantile_ms(&overload.refused, 0.99);
            figures.push(milliseconds("overload: refusals, p99", p99));
        }
        let share = after.per_second() / before.per_second();
        figures.push(
            Figure::new("after the overload: of the rate before it", share, Unit::Share)
                .at_least(0.9),
        );
        Ok(())
    }

    fn measure_restart(&mut self, figures: &mut Vec<Figure>) -> Result<()> {
        let (Some(server), Some(database)) = (self.server.take(), self.ground.database()) else {
            return Ok(());
        };
        server.stop()?;
        let server = self.ground.start_server(&database)?;
        let first_answer_ms = loop {
            let (status, _) = ask(server.address, ready_request())?;
            if status == 200 {
                break server.since_start.elapsed_ms();
            }
        };
        let mut order = Vec::new();
        (self.shop.place_spread())(0, &mut order);
        let (status, body) = ask(server.address, &order)?;
        let first_order_ms = server.since_start.elapsed_ms();
        if !PLACED.contains(&status) {
            let body = String::from_utf8_lossy(&body);
            return Err(Failure::new(format!("the first order was answered {status}: {body}")));
        }
        self.placed += 1;
        self.address = server.address;
        self.server = Some(server);
        figures.push(milliseconds("start: first answer", first_answer_ms).under(100.0));
        figures.push(milliseconds("start: first order placed", first_order_ms).under(100.0));
        Ok(())
    }

    fn lists(&self) -> [(&'static str, Fill); 2] {
        [
            (CUSTOMER_LIST, self.shop.shuffled(self.shop.list_by_customer())),
            (STAFF_LIST, in_turn(self.shop.list_by_staff())),
        ]
    }

    fn plan(&self, requests: u64, wanted: &'static [u16], fill: Fill) -> Plan {
        Plan {
            address: self.address,
            threads: self.args.load_threads,
            connections: self.args.connections,
            requests,
            duration_max: self.scale.phase_max,
            wanted,
            per_second: None,
            refusals_counted: false,
            locations_every: None,
            fill,
        }
    }

    fn place(&mut self, plan: &Plan) -> Result<Outcome> {
        let outcome = load::run(plan)?;
        self.placed += outcome.accepted.len();
        Ok(outcome)
    }

    fn place_watched(&mut self, plan: &Plan) -> Result<(Outcome, Option<f64>)> {
        let (outcome, work) = watched(self.server.as_ref(), plan)?;
        self.placed += outcome.accepted.len();
        Ok((outcome, work))
    }

    fn overload_connections(&self) -> usize {
        let wanted = self.args.overload_connections;
        match open_files_max() {
            Some(files) if files < wanted + FILES_KEPT_BACK => {
                let possible = files.saturating_sub(FILES_KEPT_BACK).max(1);
                eprintln!(
                    "only {possible} connections for the overload: raise the limit of open files \
                     (ulimit -n) for more"
                );
                possible
            }
            Some(_) | None => wanted,
        }
    }
}

/// The limit that the server inherits too; `None` where the system does not tell.
fn open_files_max() -> Option<usize> {
    let limits = std::fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// With what the server's processors worked for each answer, in microseconds: unlike a rate it
/// hardly minds what else the machine does.
fn watched(server: Option<&Server>, plan: &Plan) -> Result<(Outcome, Option<f64>)> {
    let before = server.and_then(Server::worked);
    let outcome = load::run(plan)?;
    let worked = server.and_then(Server::worked).zip(before).map(|(after, before)| after - before);
    let each_us = worked.map(|it| it.as_secs_f64() * 1e6 / outcome.accepted.len() as f64);
    Ok((outcome, each_us))
}

fn processor(name: &str, us: f64) -> Figure {
    Figure::new(format!("{name}: server's processor time"), us, Unit::Microseconds)
}

fn rate(name: impl Into<String>, outcome: &Outcome) -> Figure {
    Figure::new(name, outcome.per_second(), Unit::PerSecond)
}

fn milliseconds(name: impl Into<String>, value: f64) -> Figure {
    Figure::new(name, value, Unit::Milliseconds)
}

/// What the grown database keeps of a rate that was measured when it was small.
fn kept(name: impl Into<String>, grown: &Outcome, figure: &str, small: &[Figure]) -> Figure {
    let before = small.iter().find(|known| known.name == figure).map_or(f64::NAN, |f| f.value);
    Figure::new(name, grown.per_second() / before, Unit::Share)
}
