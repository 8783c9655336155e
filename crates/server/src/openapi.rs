//! The OpenAPI 3.1 description of every call.
//!
//! What is special about a call stands at its handler. What holds for all calls of a kind (headers,
//! refusals, who may call) is added here by rule, so that no handler can forget it. A copy is
//! committed as `openapi.json`; a test compares it.

pub(crate) mod bodies;
mod components;
mod examples;
mod names;
pub(crate) mod queries;
mod refusals;
mod rules;
pub(crate) mod words;

pub(crate) use examples::request as example_of_request;

use std::sync::LazyLock;

use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

use crate::{
    api::{
        admin, carts, clients, customers, delivery_methods, events, health, metrics, oauth,
        openapi, orders, products, reconciliation, review_rules, sandbox, stock, stores,
        well_known,
    },
    retrieval,
};

/// The description as JSON.
pub fn document() -> &'static str {
    static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
        let mut description =
            serde_json::to_value(Description::openapi()).expect("a description is plain data");
        rules::complete(&mut description);
        names::give(&mut description);
        let text = serde_json::to_string_pretty(&description).expect("a description is plain data");
        examples::fill_in(&text)
    });
    &DOCUMENT
}

#[derive(OpenApi)]
#[openapi(
    info(title = "orderd", description = OVERVIEW, license(name = "")),
    modifiers(&Bearer),
    paths(
        orders::place::place,
        orders::list::list,
        orders::get::get,
        orders::cancel::cancel,
        orders::status::status,
        orders::mark_paid::mark_paid,
        orders::with_payment::with_payment,
        orders::payments::payments,
        orders::refunds::refunds,
        orders::shipments::create::create,
        orders::shipments::list::list,
        orders::shipments::get::get,
        orders::shipments::update::update,
        orders::hold::hold,
        orders::hold::release,
        orders::review::review,
        orders::events::events,
        carts::create::create,
        carts::get::get,
        carts::put::put,
        carts::put_items::put_items,
        carts::delete::delete,
        products::list::list,
        products::get::get,
        products::put::put,
        products::import::import,
        products::delete::delete,
        stock::get::get,
        stock::set::set,
        stock::adjust::adjust,
        delivery_methods::list::list,
        delivery_methods::get::get,
        delivery_methods::put::put,
        delivery_methods::delete::delete,
        customers::list::list,
        customers::own::get,
        customers::own::put,
        customers::get::get,
        customers::put::put,
        customers::erase::erase,
        stores::list::list,
        stores::get::get,
        stores::put::put,
        review_rules::get::get,
        review_rules::put::put,
        review_rules::try_out::try_out,
        stores::rotate_secret::rotate_secret,
        retrieval::create_temp_cart::create_temp_cart,
        retrieval::order_numbers::order_numbers,
        retrieval::order_detail::order_detail,
        retrieval::update_merchant_order_id::update_merchant_order_id,
        retrieval::update_vendor_order_status::update_vendor_order_status,
        retrieval::set_shipment_tracking::set_shipment_tracking,
        events::feed,
        reconciliation::get,
        sandbox::payments::get,
        sandbox::payments::confirm,
        sandbox::payments::decline,
        sandbox::payments::process,
        sandbox::payments::cancel,
        sandbox::behaviour::behave,
        admin::log::log,
        clients::create::create,
        clients::list::list,
        clients::get::get,
        clients::remove::remove,
        oauth::token::token,
        well_known::jwks::jwks,
        well_known::metadata::metadata,
        health::alive,
        health::ready,
        metrics::show,
        openapi::document,
    ),
    components(schemas(bodies::DryRun, bodies::Problem)),
    tags(
        (name = "orders", description = "Place, read and move orders"),
        (name = "payments", description = "Pay, refund, and hold the books against the provider's"),
        (name = "shipments", description = "Send orders, as a whole or part by part"),
        (name = "carts", description = "What customers mean to buy"),
        (name = "products", description = "What is for sale"),
        (name = "stock", description = "What lies on the shelves"),
        (name = "delivery methods", description = "How goods reach the customer"),
        (name = "customers", description = "Who buys, and forgetting who did"),
        (name = "stores", description = "Where it is sold: currency, time zone, invoice numbers"),
        (name = "fraud review", description = "Which new orders a person looks at, and what then"),
        (
            name = "order retrieval",
            description = "How a shop's own system fetches its complete orders: each call under \
                `/v1` and `/v2` alike. The store and its secret stand in the body; what is wrong \
                is told as `{\"error\": …}`",
        ),
        (name = "events", description = "What happened, in the order of commit"),
        (
            name = "sandbox",
            description = "The payment sandbox's own side, for tests. There only while the sandbox \
                is the payment provider in use",
        ),
        (name = "tokens", description = "Who comes in: programs, their tokens, and keys"),
        (name = "server", description = "The server itself"),
    ),
)]
struct Description;

const OVERVIEW: &str = "\
Takes orders, prices them, reserves stock, takes payment, ships and bills.

**Money** is a JSON number in major units with exactly the currency's number of decimals \
(`75.00` USD, `7500` JPY, `7.500` KWD), with `currency` (ISO 4217) beside it. More decimals than \
the currency has are refused. **Times** are RFC 3339 in UTC. **Ids** of products, variants, \
delivery methods and customers are the caller's own: 1 to 64 of `A-Z a-z 0-9 . _ -`. An order has \
an id (`ORD12345`) and, once it is complete, a retrieval id (`1-10042`); either is accepted \
wherever an order is named.

**Errors** are problem documents (RFC 9457) with a stable `code` and all faulty fields at once in \
`errors`; with `Accept: text/plain` the sentence alone. **Changes** take an `Idempotency-Key`: \
the first accepted answer is given again to the same request, with `Idempotent-Replayed: true`. \
With `dry_run=true` a change is decided and forgotten: the answer tells what it would have been. \
**Versions** are strong ETags: `If-Match` guards a change, `If-None-Match` spares an answer. \
**Lists** come in pages: hand back `next_cursor`, or follow `Link`. Bodies may have 256 KiB, \
orders 500 items. A caller may ask so much in a minute; every answer tells what is left in \
`RateLimit`, and too much is 429 with `Retry-After`.

Card data is refused wherever it stands, and never stored.";

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .bearer_format("JWT")
            .description(Some(
                "A token of this server. Its `scope` says what it may do: `staff` everything; \
                 `orders:read`, `orders:write`, `catalog:write`, `events:read`, `webhooks:write` \
                 just those; without one it is a customer's, good for the customer's own orders.",
            ))
            .build();
        let components = description.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}
