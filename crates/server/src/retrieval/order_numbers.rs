//! `POST /v1/orderNumbers`: which orders are complete, from a number or a day on.
//!
//! A store's retrieval numbers have no gaps, rise in the order of commit, and are never taken back.
//! So a list of them needs no more than the last one; and since the moments of completion never
//! decrease along them, a range of days is found by halving. Only what is more than a number is
//! read, a page at a time, with nothing held open between two of them.

use std::{fmt::Write, future::Future, sync::Arc};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, header::CONTENT_TYPE},
    response::Response,
};
use domain::{Moment, Order, StoreId, counter::Counter};
use futures_util::{Stream, StreamExt, stream};
use store::{Reads, StoreError};
use utoipa::ToSchema;

use super::{
    door::{Echoed, Kind, Knock, NamedOrder, Refused, RefusedView, Shop, parse},
    parameters::Parameters,
};
use crate::{
    app::{App, Shared},
    openapi::{bodies, words},
    streams::read_in_turn,
    view::Time,
};

const UNREADABLE: &str = "Invalid post body";

/// Numbers that are written at once where nothing has to be read for them.
const NUMBERS_PAGE: u64 = 2000;
/// Orders that are read at once: short enough that others get their turn.
const ORDERS_PAGE: u32 = 200;

const DAY_MS: i64 = 24 * 3600 * 1000;
/// How far back a shop that asks for what it has not taken over is reminded.
const REMINDED_MS: i64 = 14 * DAY_MS;

#[derive(ToSchema)]
#[schema(as = ShopOrderNumbers, rename_all = "camelCase")]
#[expect(dead_code, reason = "described; it is written piece by piece")]
struct Answer {
    /// How many entries were sent. It may stand after them.
    order_count: u64,
    /// Rising by number.
    orders: Vec<Entry>,
}

#[derive(ToSchema)]
#[schema(as = ShopOrderNumber, rename_all = "camelCase")]
#[expect(dead_code, reason = "described; it is written piece by piece")]
struct Entry {
    id: String,
    test_order: bool,
    /// With `statuses`.
    #[schema(schema_with = words::merchant_status, required = false)]
    order_status: String,
    /// With `statuses`: since when.
    #[schema(required = false)]
    order_status_date: Time,
}

/// List the numbers of complete orders
///
/// Those after `sinceOrderId`, or from `sinceDate` on; all of them, however many, in one answer. A
/// program that remembers the last number it saw misses no order and sees none twice.
#[utoipa::path(
    post, path = "/v1/orderNumbers", operation_id = "list_shop_order_numbers",
    tag = "order retrieval",
    request_body = bodies::retrieval::OrderNumbersBody,
    responses(
        (status = 200, description = "The numbers", body = Answer),
        (status = 400, description = "What is wrong", body = RefusedView),
    ),
)]
pub(crate) async fn order_numbers(State(app): Shared, knock: Knock, body: Body) -> Response {
    let listed = list(app, &knock, body).await;
    listed.unwrap_or_else(|refused| refused.response(Kind::Reads))
}

async fn list(app: Arc<App>, knock: &Knock, body: Body) -> Result<Response, Refused> {
    let bytes = knock.read(body).await?;
    let tree = parse(&bytes, UNREADABLE)?;
    let asked = Parameters::of(&tree).ok_or_else(|| Refused::because(UNREADABLE))?;
    let shop = knock.shop(&app, &asked).await?;
    let wanted = Wanted::read(&asked, &shop)?;
    let range = range(&app, shop.store, &wanted).await.map_err(Refused::store)?;
    let writer = Writer { shop: shop.store, test: shop.test, wanted };
    let is_long = range.last.saturating_sub(range.after) > writer.page();
    let place = match is_long {
        true => Some(app.streams.enter_shop(shop.store).map_err(Refused::Problem)?),
        false => None,
    };
    let read = move |after| {
        let app = app.clone();
        async move {
            let page = app.reads().completed_orders(writer.shop, after, ORDERS_PAGE);
            read_in_turn(&app.engine, page).await
        }
    };
    let whole = chunks(writer, range, read).map(move |chunk| {
        // The shop's place is given back when the stream goes.
        let _place = &place;
        chunk
    });
    let mut response = Response::new(Body::from_stream(whole));
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    Ok(response)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    since: Since,
    /// The end of the last day.
    before: Option<Moment>,
    /// Only those of the last days that have no merchant order id.
    missing: bool,
    statuses: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Since {
    Beginning,
    Number(u64),
    Moment(Moment),
}

impl Wanted {
    fn read(asked: &Parameters<'_>, shop: &Shop) -> Result<Wanted, Refused> {
        let missing = asked.flag("missingMerchantOrderId");
        let (number, date) = (asked.text("sinceOrderId"), asked.text("sinceDate"));
        let since = match (number, date) {
            (Some(_), Some(_)) => {
                let sentence = "Cannot specify both Parameters sinceOrderId and sinceDate";
                return Err(Refused::because(sentence));
            }
            (Some(number), None) => Since::Number(since_number(number, shop)?),
            (None, Some(date)) => Since::Moment(day("sinceDate", date)?),
            (None, None) if missing => Since::Beginning,
            (None, None) => {
                let sentence = "Parameter sinceOrderId or sinceDate is required";
                return Err(Refused::because(sentence));
            }
        };
        let through = asked.text("throughDate").filter(|_| date.is_some());
        let through = through.map(|it| day("throughDate", it)).transpose()?;
        let before = through.map(|it| it.plus_ms(DAY_MS));
        Ok(Wanted { since, before, missing, statuses: asked.flag("statuses") })
    }

    /// Whether an entry is more than its number.
    fn needs_orders(&self) -> bool {
        self.missing || self.statuses
    }
}

/// A shop that has seen nothing yet begins with 0.
fn since_number(text: &str, shop: &Shop) -> Result<u64, Refused> {
    let is_zero = text == "0" || text.strip_suffix("-0") == Some(&shop.store.to_string());
    match shop.named(text) {
        _ if is_zero => Ok(0),
        NamedOrder::Own(id) => Ok(id.no),
        NamedOrder::Others | NamedOrder::Malformed => {
            let sentence = format!("sinceOrderId: {} is not a valid orderId", Echoed(text));
            Err(Refused::because(sentence))
        }
    }
}

/// The beginning of a day in UTC.
fn day(name: &str, text: &str) -> Result<Moment, Refused> {
    let read = || {
        let is_date = text.len() == 8 && text.bytes().all(|it| it.is_ascii_digit());
        let (year, rest) = text.split_at_checked(4).filter(|_| is_date)?;
        let (month, day) = rest.split_at(2);
        Moment::parse(&format!("{year}-{month}-{day}T00:00:00Z"))
    };
    read().ok_or_else(|| {
        let date = Echoed(text);
        Refused::because(format!("{name}: {date} is not a valid date (yyyymmdd)"))
    })
}

/// The numbers after one, up to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    after: u64,
    last: u64,
}

/// The list ends with the last number that there is now.
async fn range(app: &App, store: StoreId, wanted: &Wanted) -> Result<Range, StoreError> {
    let reads = app.reads();
    let newest = reads.counters().await?.value(Counter::Retrieval(store));
    let mut range = Range { after: 0, last: newest };
    match wanted.since {
        Since::Beginning => {}
        Since::Number(no) => range.after = no,
        Since::Moment(from) => range.after = completed_before(reads, store, newest, from).await?,
    }
    if let Some(before) = wanted.before {
        range.last = completed_before(reads, store, newest, before).await?;
    }
    if wanted.missing {
        let from = app.engine.clock().now().plus_ms(-REMINDED_MS);
        range.after = range.after.max(completed_before(reads, store, newest, from).await?);
    }
    Ok(range)
}

/// The last number that was given before a moment.
async fn completed_before(
    reads: &dyn Reads,
    store: StoreId,
    newest: u64,
    moment: Moment,
) -> Result<u64, StoreError> {
    let (mut before, mut not_before) = (0, newest + 1);
    while not_before - before > 1 {
        let middle = before + (not_before - before) / 2;
        let found = reads.completed_orders(store, middle - 1, 1).await?;
        let completed_at = found.first().filter(|it| it.retrieval_no == Some(middle));
        let completed_at = completed_at.and_then(|it| it.confirmed_at).ok_or_else(|| {
            StoreError::Broken(format!("no order was completed as {store}-{middle}"))
        })?;
        if completed_at < moment {
            before = middle;
        } else {
            not_before = middle;
        }
    }
    Ok(before)
}

#[derive(Clone, Copy)]
struct Writer {
    shop: StoreId,
    test: bool,
    wanted: Wanted,
}

impl Writer {
    fn page(&self) -> u64 {
        if self.wanted.needs_orders() { ORDERS_PAGE.into() } else { NUMBERS_PAGE }
    }

    fn number(&self, no: u64, text: &mut String) {
        let Writer { shop, test, .. } = self;
        _ = write!(text, "{{\"id\":\"{shop}-{no}\",\"testOrder\":{test}}}");
    }

    fn order(&self, no: u64, order: &Order, text: &mut String) {
        if !self.wanted.statuses {
            return self.number(no, text);
        }
        let Writer { shop, test, .. } = self;
        _ = write!(text, "{{\"id\":\"{shop}-{no}\",\"testOrder\":{test}");
        _ = write!(text, ",\"orderStatus\":\"{}\"", order.merchant_status().name());
        match order.merchant_status_since() {
            Some(since) => _ = write!(text, ",\"orderStatusDate\":\"{since}\"}}"),
            None => text.push_str(",\"orderStatusDate\":null}"),
        }
    }
}

/// What is written, and how far it has come.
struct Progress {
    range: Range,
    count: u64,
    is_begun: bool,
    is_done: bool,
}

/// One for each page that has something. An error is the last: it breaks the connection off, so
/// that nobody takes a short list for a whole one.
fn chunks<R>(
    writer: Writer,
    range: Range,
    read: impl Fn(u64) -> R + Send + Sync + 'static,
) -> impl Stream<Item = Result<Bytes, StoreError>> + Send + 'static
where
    R: Future<Output = Result<Vec<Order>, StoreError>> + Send,
{
    let start = (Progress { range, count: 0, is_begun: false, is_done: false }, read);
    stream::unfold(start, move |(mut state, read)| async move {
        if state.is_done {
            return None;
        }
        let mut text = String::new();
        if !std::mem::replace(&mut state.is_begun, true) {
            text.push_str("{\"orders\":[");
        }
        loop {
            let mut written = Ok(());
            if writer.wanted.needs_orders() {
                written = state.orders(writer, &read, &mut text).await;
            } else {
                state.numbers(writer, &mut text);
            }
            if let Err(error) = written {
                tracing::warn!(%error, "a list of order numbers was broken off");
                state.is_done = true;
                return Some((Err(error), (state, read)));
            }
            if state.range.after >= state.range.last {
                _ = write!(text, "],\"orderCount\":{}}}", state.count);
                state.is_done = true;
            }
            if !text.is_empty() {
                return Some((Ok(text.into()), (state, read)));
            }
        }
    })
}

impl Progress {
    fn numbers(&mut self, writer: Writer, text: &mut String) {
        let end = self.range.last.min(self.range.after.saturating_add(NUMBERS_PAGE));
        for no in self.range.after.saturating_add(1)..=end {
            self.separate(text);
            writer.number(no, text);
        }
        self.range.after = self.range.after.max(end);
    }

    async fn orders<R>(
        &mut self,
        writer: Writer,
        read: &(impl Fn(u64) -> R + Sync),
        text: &mut String,
    ) -> Result<(), StoreError>
    where
        R: Future<Output = Result<Vec<Order>, StoreError>> + Send,
    {
        let Range { after, last } = self.range;
        let page = if after < last { read(after).await? } else { Vec::new() };
        self.range.after = last;
        for order in &page {
            let Some(no) = order.retrieval_no.filter(|it| *it <= last) else { break };
            self.range.after = no;
            if writer.wanted.missing && order.merchant_order_id().is_some() {
                continue;
            }
            self.separate(text);
            writer.order(no, order, text);
        }
        Ok(())
    }

    fn separate(&mut self, text: &mut String) {
        if self.count > 0 {
            text.push(',');
        }
        self.count += 1;
    }
}
