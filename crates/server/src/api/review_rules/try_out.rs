//! `POST /api/review-rules/try`: what rules would have found in orders that are there already.

use std::sync::Arc;

use axum::{body::Body, extract::State, response::Response};
use domain::{
    Moment, StoreId,
    review::{
        ReviewRules,
        put::Draft,
        trial::{PastOrder, Trial},
    },
};
use store::{OrderFilter, OrderPage, OrderQuery, OrderSort, Position};

use super::{named_store, reading, shop, store_of};
use crate::{
    app::{App, Shared},
    call::Call,
    json::{Field, Fields, Style},
    openapi::{bodies::review::TryReviewRulesBody, queries},
    problem::Problem,
    refused,
    reply::document,
    view::review_rules::{TrialView, Tried},
};

/// Orders that are looked at; where there are more, the answer says where it has stopped.
pub(crate) const TRIED_MAX: u32 = 10_000;

/// Where nobody says how many.
const TRIED_USUALLY: u32 = 1_000;

/// Orders that are read at once.
const PAGE: u32 = 200;

/// Which orders the rules are tried on.
enum Range {
    Last(u32),
    Between { from: Option<Moment>, to: Option<Moment> },
}

/// Try rules on past orders
///
/// Tells what the rules would have found in orders of the store, had they been in force when each
/// was placed; nothing is stored. Tried are the `last` so many orders, 1,000 without a word, or
/// those placed `from` one time `to` another, 10,000 at most. Within these what is counted is
/// counted anew. An order whose person was erased is judged by what is left.
#[utoipa::path(
    post, path = "/api/review-rules/try", operation_id = "try_review_rules", tag = "fraud review",
    params(queries::OfStore), request_body = TryReviewRulesBody,
    responses((status = 200, description = "What they would have found", body = TrialView)),
)]
pub(crate) async fn try_out(
    State(app): Shared,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let named = named_store(&call);
    let read = call.question(
        body,
        |tree, faults| {
            let fields = Fields::of_document(tree, Style::Strict, faults)?;
            let draft = reading::draft(&fields, named);
            let range = range(&fields);
            fields.deny_unknown();
            draft.zip(range)
        },
        store_of,
    );
    let ((draft, range), store) = read.await?;
    let shop = shop(&app, &call, store).await?;
    let rules = Draft::rules(&draft, shop.currency);
    let rules = rules.map_err(|refusals| refused::problem(&refusals, Style::Strict))?;
    let tried = tried(&app, store, &rules, range).await?;
    Ok(document(&TrialView::new(store, &rules, &tried), None, None))
}

fn range(body: &Fields<'_, '_>) -> Option<Range> {
    let last = body.optional("last");
    let (from, to) = (body.optional("from"), body.optional("to"));
    let between = from.is_present() || to.is_present();
    if last.is_present() && between {
        last.fault("last_or_times", "must not stand beside from and to");
    }
    let count = last.integer(1..=TRIED_MAX.into()).and_then(|it| u32::try_from(it).ok());
    let (from, to) = (time(from), time(to));
    Some(match between {
        true => Range::Between { from, to },
        false => Range::Last(count.unwrap_or(TRIED_USUALLY)),
    })
}

fn time(field: Field<'_, '_>) -> Option<Moment> {
    field.parse(field.string(1..=64), "invalid_time", |text| {
        Moment::parse(text).ok_or("must be an RFC 3339 time")
    })
}

async fn tried(
    app: &App,
    store: StoreId,
    rules: &ReviewRules,
    range: Range,
) -> Result<Tried, Problem> {
    let mut trial = Trial::new(rules);
    let mut tried = Tried::default();
    match range {
        Range::Last(count) => {
            let mut orders = Vec::new();
            let mut after = None;
            loop {
                let left = count.saturating_sub(u32::try_from(orders.len()).unwrap_or(count));
                let filter = OrderFilter::default();
                let sort = OrderSort::NewestFirst;
                let page = page(app, store, filter, sort, after, left.min(PAGE)).await?;
                let page_orders = page.orders.into_iter().map(Arc::unwrap_or_clone);
                orders.extend(page_orders.map(PastOrder::from));
                after = page.next;
                if after.is_none() || orders.len() >= usize::try_from(count).unwrap_or(0) {
                    break;
                }
            }
            for order in orders.iter().rev() {
                tried.add(rules, order.no, trial.judge(order));
            }
        }
        Range::Between { from, to } => {
            let mut after = None;
            loop {
                let filter =
                    OrderFilter { created_from: from, created_to: to, ..OrderFilter::default() };
                let limit = PAGE.min(TRIED_MAX - tried.orders.min(TRIED_MAX));
                let page = page(app, store, filter, OrderSort::OldestFirst, after, limit).await?;
                for order in page.orders {
                    let order = PastOrder::from(Arc::unwrap_or_clone(order));
                    tried.add(rules, order.no, trial.judge(&order));
                }
                after = page.next;
                tried.is_complete = after.is_none();
                if tried.is_complete || tried.orders >= TRIED_MAX {
                    break;
                }
            }
        }
    }
    Ok(tried)
}

async fn page(
    app: &App,
    store: StoreId,
    filter: OrderFilter,
    sort: OrderSort,
    after: Option<Position>,
    limit: u32,
) -> Result<OrderPage, Problem> {
    let filter = OrderFilter { stores: vec![store], ..filter };
    let query = OrderQuery { filter, sort, after, limit, with_persons: true };
    app.reads().orders(query).await.map_err(refused::store)
}
