//! Goes on with erasures until nothing of the person is left.
//!
//! An erasure is a row that a command has begun. Its pieces are commands in the lane of bulk work:
//! an order forgets its person, carts go, stored answers lose what they show. Whatever is left by a
//! crash is found again by looking, so a piece that was done is done, and the row goes last.

use std::collections::HashMap;

use domain::{
    Command, CustomerId, Moment,
    customer::erasure::{CARTS_MAX, EndErasure, EraseCarts, ErasePerson, Erasure, ForgetAnswers},
};
use store::{OrderFilter, OrderQuery, OrderSort, StoreError};
use tokio::time::{MissedTickBehavior, interval};

use crate::{crash_points, effects::Context, submission::Rejected};

/// Erasures that are seen to in one round.
const ERASURES_MAX: u32 = 256;

/// Orders and answers that are looked at, and forgotten, at a time.
const ORDERS_MAX: u32 = 64;
const ANSWERS_MAX: u32 = 256;

/// One that has to wait for an order to arrive is left alone for so long.
const AGAIN_MS: i64 = 60_000;

const SUBJECT: &str = "erasure";

type Waiting = HashMap<(CustomerId, Moment), Moment>;

pub(crate) async fn run(context: Context) {
    let mut rounds = interval(context.pace.round_every);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut waiting = Waiting::new();
    loop {
        tokio::select! {
            _ = rounds.tick() => {}
            () = context.erasures.notified() => {}
        }
        // Nothing is lost: it goes on where it was.
        if let Err(error) = round(&context, &mut waiting).await {
            tracing::warn!(?error, "an erasure was not gone on with");
        }
    }
}

#[derive(Debug)]
enum Failure {
    #[expect(dead_code, reason = "it is told by Debug")]
    Store(StoreError),
    #[expect(dead_code, reason = "it is told by Debug")]
    Rejected(Rejected),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        Failure::Store(error)
    }
}

impl From<Rejected> for Failure {
    fn from(rejected: Rejected) -> Failure {
        Failure::Rejected(rejected)
    }
}

async fn round(context: &Context, waiting: &mut Waiting) -> Result<(), Failure> {
    let now = context.now();
    waiting.retain(|_, seen| now < seen.plus_ms(AGAIN_MS));
    let mut after = None;
    loop {
        let page = context.reads.erasures(after, ERASURES_MAX).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.customer.clone());
        for erasure in &page {
            let name = (erasure.customer.clone(), erasure.begun_at);
            if !waiting.contains_key(&name) && !erase(context, erasure).await? {
                waiting.insert(name, now);
            }
        }
    }
}

/// Whether it has come to its end.
async fn erase(context: &Context, erasure: &Erasure) -> Result<bool, Failure> {
    let all_forgotten = forget_orders(context, erasure).await?;
    let customer = &erasure.customer;
    while let Some(now) = context.reads.erasure(customer.clone()).await?
        && !now.carts.is_empty()
    {
        let (customer, carts) = (customer.clone(), now.carts.iter().take(CARTS_MAX));
        let carts = carts.cloned().collect();
        submit(context, Command::EraseCarts(EraseCarts { customer, carts })).await?;
    }
    // Nothing shows the person from now on, so these are the last answers that do.
    loop {
        let keys = context.reads.answers_showing(customer.clone(), ANSWERS_MAX).await?;
        if keys.is_empty() {
            break;
        }
        submit(context, Command::ForgetAnswers(ForgetAnswers { keys })).await?;
    }
    if all_forgotten {
        let (customer, begun_at) = (customer.clone(), erasure.begun_at);
        submit(context, Command::EndErasure(EndErasure { customer, begun_at })).await?;
    }
    Ok(all_forgotten)
}

/// Whether none is left that has to know its person still.
async fn forget_orders(context: &Context, erasure: &Erasure) -> Result<bool, Failure> {
    let mut all_forgotten = true;
    let mut after = None;
    loop {
        let customers = vec![erasure.customer.clone()];
        let page = context.reads.orders(OrderQuery {
            filter: OrderFilter { customers, ..OrderFilter::default() },
            sort: OrderSort::OldestFirst,
            after,
            limit: ORDERS_MAX,
            with_persons: false,
        });
        let page = page.await?;
        let mut pieces = Vec::new();
        for order in page.orders.iter().filter(|it| it.no <= erasure.until && !it.person_erased) {
            if order.needs_person() {
                all_forgotten = false;
                continue;
            }
            let piece = Command::ErasePerson(ErasePerson { order: order.no });
            pieces.push(context.submit_bulk(SUBJECT, piece).await?);
        }
        for piece in pieces {
            match piece.accepted().await {
                Ok(()) => {}
                Err(Rejected::Refused(_)) => all_forgotten = false,
                Err(rejected) => return Err(rejected.into()),
            }
        }
        crash_points::between_pieces();
        after = match page.next {
            Some(next) => Some(next),
            None => return Ok(all_forgotten),
        };
    }
}

async fn submit(context: &Context, command: Command) -> Result<(), Failure> {
    Ok(context.submit_bulk(SUBJECT, command).await?.accepted().await?)
}
