//! One run of the bench, phase by phase. What is divided by something else is measured beside it in
//! short rounds (`rounds.rs`), because a shared machine is not as fast now as it was a minute ago.

mod grown;
mod import;
mod lists;
mod overload;
mod placing;
mod process;
mod provider;
mod reading;
mod retrieval;

use super::BenchArgs;
use super::OpenSigner;
use super::failure::{Failure, Result};
use super::ground::Ground;
use super::load::{self, Fill, Outcome, Plan, quantile_ms};
use super::random::fresh_seed;
use super::report::{Figure, Unit};
use super::rounds::{part, typical};
use super::server::Server;
use super::shop::{Shop, in_turn};
use super::tokens::Tokens;
use std::cell::Cell;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

const SET_UP_STATUSES: &[u16] = &[200, 201, 204];
const PLACED: &[u16] = &[204];
const READ: &[u16] = &[200];
const SET_UP_MAX: Duration = Duration::from_secs(300);

/// How much of everything; in requests, each bounded by `phase_max` in time. What is compared is
/// shared out among the rounds.
pub(super) struct Scale {
    pub(super) runs: u32,
    rounds: u32,
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
    /// Products of an import that goes on while others place.
    imported: usize,
    phase_max: Duration,
}

impl Scale {
    pub(super) const FULL: Self = Self {
        runs: 3,
        rounds: 5,
        products: 10_000,
        customers: 10_000,
        placing: 100_000,
        hot: 50_000,
        alone: 1_000,
        reading: 100_000,
        listing: 10_000,
        overload: Duration::from_secs(5),
        sustained: Duration::from_secs(30),
        peak: Duration::from_secs(5),
        imported: 100_000,
        phase_max: Duration::from_secs(60),
    };
    pub(super) const QUICK: Self = Self {
        runs: 1,
        rounds: 3,
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
    placed: Cell<u64>,
    /// The first order of each customer.
    first_orders: Vec<(u64, String)>,
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
        Ok(Self {
            args,
            scale,
            shop: Arc::new(shop),
            address,
            server,
            ground,
            placed: Cell::new(0),
            first_orders: Vec::new(),
        })
    }

    /// Everything that is measured on a database that begins empty.
    pub(super) fn measure_small(&mut self) -> Result<Vec<Figure>> {
        let mut figures = Vec::new();
        self.set_up()?;
        self.first_orders = self.measure_placing(&mut figures)?;
        self.measure_hot(&mut figures)?;
        self.measure_alone(&mut figures)?;
        self.measure_reading(&mut figures)?;
        self.measure_listing(&mut figures)?;
        self.measure_retrieval(&mut figures)?;
        if self.server.is_some() {
            // Before a lot of orders more are placed.
            self.measure_restart(&mut figures)?;
            self.measure_slow_provider(&mut figures)?;
            self.measure_silent_provider(&mut figures)?;
            self.measure_import(&mut figures)?;
            self.measure_memory(&mut figures)?;
            self.measure_overload(&mut figures)?;
        }
        Ok(figures)
    }

    /// A failure with what the server itself has to say of it.
    pub(super) fn explain(&mut self, failure: &Failure) -> Failure {
        match &mut self.server {
            Some(server) => Failure::new(format!("{failure}\n{}", server.last_words())),
            None => Failure::new(failure.to_string()),
        }
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

    fn plan(&self, requests: u64, wanted: &'static [u16], fill: Fill) -> Plan {
        Plan {
            address: self.address,
            threads: self.args.load_threads,
            connections: self.args.connections,
            first_turn: 0,
            requests,
            duration_max: self.scale.phase_max,
            wanted,
            per_second: None,
            refusals_counted: false,
            locations_every: None,
            fill,
        }
    }

    /// What a round has of so many requests.
    fn slice(&self, round: u32, requests: u64, wanted: &'static [u16], fill: Fill) -> Plan {
        let turns = part(requests, round, self.scale.rounds);
        let mut plan = self.plan(turns.end - turns.start, wanted, fill);
        plan.first_turn = turns.start;
        plan
    }

    /// So many orders as are placed beside something else at a time.
    fn usual_slice(&self) -> Plan {
        self.slice(0, self.scale.hot, PLACED, self.shop.place_spread())
    }

    fn place(&self, plan: &Plan) -> Result<Outcome> {
        let outcome = watched(self.server.as_ref(), plan)?;
        self.placed.set(self.placed.get() + outcome.accepted.len());
        Ok(outcome)
    }

    /// For something else to be measured next: it shall not share the machine with what the server
    /// still feeds behind its writer.
    fn place_and_settle(&self, plan: &Plan) -> Result<Outcome> {
        let outcome = self.place(plan)?;
        self.wait_until_fed()?;
        Ok(outcome)
    }
}

/// With what the server's processors worked meanwhile: unlike a rate it hardly minds what else the
/// machine does.
fn watched(server: Option<&Server>, plan: &Plan) -> Result<Outcome> {
    let before = server.and_then(Server::worked);
    let outcome = load::run(plan)?;
    let worked = server.and_then(Server::worked).zip(before).map(|(after, before)| after - before);
    Ok(Outcome { worked, ..outcome })
}

/// For each answer; `None` where the system does not tell.
fn processor(name: &str, outcome: &Outcome) -> Option<Figure> {
    let us = outcome.worked?.as_secs_f64() * 1e6 / outcome.accepted.len() as f64;
    Some(Figure::new(format!("{name}: server's processor time"), us, Unit::Microseconds))
}

/// Of one run, or the typical one of several.
fn rate(name: impl Into<String>, outcomes: &[Outcome]) -> Figure {
    Figure::new(name, typical(outcomes), Unit::PerSecond)
}

fn milliseconds(name: impl Into<String>, value: f64) -> Figure {
    Figure::new(name, value, Unit::Milliseconds)
}

fn share(name: impl Into<String>, value: f64) -> Figure {
    Figure::new(name, value, Unit::Share)
}
