//! Goes back in the log: an order as it was.

use domain::{Moment, Order, OrderNo, Recorded};
use store::{EventQuery, Reads, StoreError};

/// Events that are read at once.
const PAGE: u32 = 500;

/// How far the log is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// With the event of this number.
    Seq(u64),
    /// With all events of this moment.
    Moment(Moment),
}

impl Until {
    fn includes(self, event: &Recorded) -> bool {
        match self {
            Until::Seq(seq) => event.seq <= seq,
            Until::Moment(moment) => event.at <= moment,
        }
    }
}

/// An order as its events up to then leave it, with the person as it is known now; `None` if there
/// was none yet.
pub async fn order_at(
    reads: &dyn Reads,
    no: OrderNo,
    until: Until,
) -> Result<Option<Order>, StoreError> {
    let Some(now) = reads.order(no).await? else { return Ok(None) };
    let folded = Order::fold(&events(reads, no, until).await?);
    Ok(folded.map(|order| Order { person: now.person, ..order }))
}

/// An order's events, in their order. Neither their numbers nor their moments ever fall.
pub(crate) async fn events(
    reads: &dyn Reads,
    no: OrderNo,
    until: Until,
) -> Result<Vec<Recorded>, StoreError> {
    let mut events: Vec<Recorded> = Vec::new();
    loop {
        let after = events.last().map_or(0, |it| it.seq);
        let query = EventQuery { after, limit: PAGE, order: Some(no), ..EventQuery::default() };
        let page = reads.events(query).await?.events;
        let is_last = page.is_empty() || page.iter().any(|it| !until.includes(it));
        events.extend(page.into_iter().filter(|it| until.includes(it)));
        if is_last {
            return Ok(events);
        }
    }
}
