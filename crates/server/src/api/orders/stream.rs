//! All of a list as a table or as lines of JSON, in constant memory: a page is read when the one
//! before it is on its way, and nothing is held open between two of them. So a slow client keeps
//! neither the database nor anybody else waiting.

use std::{future::Future, sync::Arc};

use axum::{
    body::{Body, Bytes},
    http::{
        HeaderName, HeaderValue,
        header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::Response,
};
use domain::{Order, OrderNo, counter::Counter};
use futures_util::{Stream, StreamExt, stream};
use store::{OrderPage, Position, StoreError};

use super::listing::Listing;
use crate::{
    app::App,
    call::Call,
    problem::Problem,
    refused,
    reply::json,
    streams::read_in_turn,
    view::order::{self, Expanded, OrderEntry, Viewer},
};

/// Orders that are read at once: short enough that others get their turn.
const PAGE: u32 = 200;

/// Up to which event what is streamed is complete: the feed goes on from there.
const AS_OF_SEQ: HeaderName = HeaderName::from_static("x-as-of-seq");

#[derive(Clone, Copy)]
pub(super) enum Format {
    Csv,
    Lines,
}

pub(super) async fn stream(
    app: Arc<App>,
    call: &Call,
    listing: Listing,
    format: Format,
) -> Result<Response, Problem> {
    let place = app.streams.enter(&call.caller)?;
    let mut query = listing.query;
    query.limit = PAGE;
    let counters = app.reads().counters().await.map_err(refused::store)?;
    query.filter.up_to = Some(OrderNo(counters.value(Counter::Order)));
    // What goes wrong here is told in a problem; later, only the connection can tell.
    let first = app.reads().orders(query.clone()).await.map_err(refused::store)?;
    let as_of_seq = first.as_of_seq.unwrap_or(u64::MAX).min(counters.value(Counter::Event));
    let viewer = Viewer::of(call.caller.is_customer());
    let writer = Writer { format, expanded: listing.expanded, viewer };
    let read = move |after| {
        let (app, mut query) = (app.clone(), query.clone());
        query.after = Some(after);
        async move { read_in_turn(&app.engine, app.reads().orders(query)).await }
    };
    let whole = chunks(writer, first, read).map(move |chunk| {
        // The caller's place is given back when the stream goes.
        let _place = &place;
        chunk
    });
    let mut response = Response::new(Body::from_stream(whole));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, format.content_type());
    headers.insert(CONTENT_DISPOSITION, format.disposition());
    headers.insert(AS_OF_SEQ, HeaderValue::from(as_of_seq));
    Ok(response)
}

enum Next {
    Page(Vec<u8>, OrderPage),
    After(Position),
    End,
}

/// One for each page that has something. An error is the last: it breaks the connection off, so
/// that nobody takes a short file for a whole one.
fn chunks<R>(
    writer: Writer,
    first: OrderPage,
    read: impl Fn(Position) -> R + Send + 'static,
) -> impl Stream<Item = Result<Bytes, StoreError>> + Send + 'static
where
    R: Future<Output = Result<OrderPage, StoreError>> + Send,
{
    let start = Next::Page(writer.start(), first);
    stream::unfold((start, read), move |(mut next, read)| async move {
        loop {
            let (mut chunk, page) = match next {
                Next::Page(chunk, page) => (chunk, page),
                Next::After(place) => match read(place).await {
                    Ok(page) => (Vec::new(), page),
                    Err(error) => {
                        tracing::warn!(%error, "a stream of orders was broken off");
                        return Some((Err(error), (Next::End, read)));
                    }
                },
                Next::End => return None,
            };
            for order in &page.orders {
                writer.add(order, &mut chunk);
            }
            next = page.next.map_or(Next::End, Next::After);
            if !chunk.is_empty() {
                return Some((Ok(chunk.into()), (next, read)));
            }
        }
    })
}

#[derive(Clone, Copy)]
struct Writer {
    format: Format,
    expanded: Expanded,
    viewer: Viewer,
}

impl Writer {
    fn start(self) -> Vec<u8> {
        let mut chunk = Vec::new();
        match self.format {
            Format::Csv => order::header(self.expanded, &mut chunk),
            Format::Lines => {}
        }
        chunk
    }

    fn add(self, order: &Order, chunk: &mut Vec<u8>) {
        match self.format {
            Format::Csv => order::add_order(order, self.expanded, self.viewer, chunk),
            Format::Lines => {
                let entry = OrderEntry::new(order, self.expanded, self.viewer);
                chunk.extend_from_slice(json(&entry).as_bytes());
                chunk.push(b'\n');
            }
        }
    }
}

impl Format {
    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Format::Csv => "text/csv; charset=utf-8; header=present",
            Format::Lines => "application/x-ndjson",
        })
    }

    fn disposition(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Format::Csv => "attachment; filename=\"orders.csv\"",
            Format::Lines => "attachment; filename=\"orders.ndjson\"",
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use domain::{
        Currency, Moment, Money, StoreId,
        event::OrderCreated,
        order::{OrderKind, PaymentMethod, Shipping},
    };

    use super::*;

    fn page(numbers: &[u64], next: Option<u64>) -> OrderPage {
        let created = OrderCreated {
            kind: OrderKind::Sale,
            customer: None,
            currency: Currency::USD,
            lines: Vec::new(),
            shipping: Shipping { method: None, amount: Money(0), tax_lines: Vec::new() },
            adjustments: Vec::new(),
            total: Money(100),
            payment_method: PaymentMethod::CashOnDelivery,
            expires_at: None,
            with_payment: false,
            merchant: None,
            metadata: [].into(),
        };
        let order = |no: &u64| Order::created(OrderNo(*no), StoreId::FIRST, Moment(0), &created);
        let next = next.map(|it| OrderNo(it).into());
        OrderPage {
            orders: numbers.iter().map(|no| Arc::new(order(no))).collect(),
            next,
            as_of_seq: None,
        }
    }

    /// The ids of each chunk, `*` for a line without one, `!` for an error.
    async fn told(
        format: Format,
        first: OrderPage,
        later: impl Fn(u64) -> Result<OrderPage, StoreError> + Send + 'static,
    ) -> Vec<String> {
        let writer = Writer { format, expanded: Expanded::default(), viewer: Viewer::Shop };
        let read = move |after: Position| std::future::ready(later(after.no.0));
        let told = chunks(writer, first, read).map(|chunk| match chunk {
            Ok(chunk) => {
                let text = String::from_utf8(chunk.into()).unwrap();
                let id = |line: &str| {
                    let from = line.find("ORD").map(|it| &line[it + 3..]).unwrap_or("*");
                    from.split(['"', ',']).next().unwrap().to_owned()
                };
                text.lines().map(id).collect::<Vec<_>>().join(" ")
            }
            Err(_) => "!".into(),
        });
        told.collect().await
    }

    #[tokio::test]
    async fn every_page_is_a_chunk() {
        let pages = |after| Ok(if after == 2 { page(&[3], None) } else { page(&[], Some(2)) });
        assert_eq!(told(Format::Lines, page(&[1, 2], Some(2)), pages).await, ["1 2", "3"]);
        assert_eq!(told(Format::Csv, page(&[1, 2], Some(7)), pages).await, ["* 1 2", "3"]);
        assert_eq!(told(Format::Csv, page(&[], None), pages).await, ["*"]);
        assert_eq!(told(Format::Lines, page(&[], None), pages).await, [""; 0]);
    }

    #[tokio::test]
    async fn a_failure_is_the_end_and_not_a_short_file() {
        let reads = AtomicU64::new(0);
        let broken = move |_| match reads.fetch_add(1, Ordering::Relaxed) {
            0 => Ok(page(&[2], Some(2))),
            1 => Err(StoreError::Broken("a page can't be read".into())),
            _ => panic!("nothing is read after a failure"),
        };
        assert_eq!(told(Format::Lines, page(&[1], Some(1)), broken).await, ["1", "2", "!"]);
    }
}
