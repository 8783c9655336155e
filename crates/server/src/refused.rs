//! What a refusal is over HTTP: its status, its code, its sentence. One `match`, no wildcard, so
//! that a new refusal can't be forgotten here.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header::RETRY_AFTER};
use domain::{
    Refusal, Refusals, Subject, delivery::Unsuitable, money::MoneyFault, order::ReviewStatus,
    stock::Stock,
};
use engine::Rejected;
use store::StoreError;

use crate::{
    json::{FieldError, Fields, Style},
    problem::Problem,
};

const BAD: StatusCode = StatusCode::BAD_REQUEST;
const FORBIDDEN: StatusCode = StatusCode::FORBIDDEN;
const NOT_FOUND: StatusCode = StatusCode::NOT_FOUND;
const CONFLICT: StatusCode = StatusCode::CONFLICT;
const STALE: StatusCode = StatusCode::PRECONDITION_FAILED;

/// Why the engine has not done what it was handed.
pub(crate) fn rejected(rejected: &Rejected, style: Style) -> Problem {
    match rejected {
        Rejected::Refused(refusals) => problem(refusals, style),
        Rejected::KeyReused => key_reused(),
        Rejected::Overloaded => overloaded(),
        Rejected::Unavailable => unavailable(),
        Rejected::Failed => Problem::internal(),
    }
}

/// The first refusal gives status, code and sentence; all of them are told. `style` is how the
/// request spelled its fields.
pub(crate) fn problem(refusals: &Refusals, style: Style) -> Problem {
    let (status, code, detail) = told(refusals.first());
    let errors = refusals.iter().filter_map(|(subject, refusal)| {
        let pointer = pointer(*subject, style)?;
        let (_, code, detail) = told(refusal);
        Some(FieldError { pointer, code, detail })
    });
    let problem = Problem::new(status, code, detail).with_errors(errors.collect());
    if let Refusal::CartOrdered { order: Some(order), .. } = refusals.first() {
        return problem.with_member("order_id", order.to_string());
    }
    if *refusals.first() == Refusal::CartServiceSilent {
        return problem.with_header(RETRY_AFTER, HeaderValue::from_static("2"));
    }
    match state(refusals.first()) {
        Some((name, state)) => problem.with_member(name, state),
        None => problem,
    }
}

/// The state that is the reason, where one is: the order's, or the payment's at its provider.
fn state(refusal: &Refusal) -> Option<(&'static str, &'static str)> {
    if let Refusal::AlreadyProcessed { from: status, .. }
    | Refusal::NotCollectable { status, .. }
    | Refusal::NotHoldable { status, .. }
    | Refusal::NotPayable { status, .. } = refusal
    {
        Some(("current_status", status.name()))
    } else if let Refusal::PaymentNotCompleted { state: Some(state), .. } = refusal {
        Some(("provider_status", state.name()))
    } else {
        None
    }
}

/// By which programs, and pages in several languages, know a refusal.
pub(crate) fn code(refusal: &Refusal) -> &'static str {
    told(refusal).1
}

fn told(refusal: &Refusal) -> (StatusCode, &'static str, String) {
    match refusal {
        Refusal::OrderNotFound(_) => (NOT_FOUND, "order_not_found", "Order not found".into()),
        Refusal::ShipmentNotFound(_) => {
            (NOT_FOUND, "shipment_not_found", "Shipment not found".into())
        }
        // It is named in a body; what is named in the address is looked for there.
        Refusal::StoreNotFound(id) => (BAD, "unknown_store", format!("There is no store {id}")),
        Refusal::StoreCurrencyFixed(id) => {
            let detail = format!("Store {id} has orders, so its currency can't change");
            (CONFLICT, "store_currency_fixed", detail)
        }
        Refusal::CustomerHasOpenOrders { customer, open } => {
            let open: Vec<String> = open.iter().map(ToString::to_string).collect();
            let open = open.join(", ");
            let detail = format!("Customer '{customer}' has orders that are open still: {open}");
            (CONFLICT, "customer_has_open_orders", detail)
        }
        Refusal::InvoicePrefixTaken(prefix) => {
            let detail = format!("The documents of another store are called '{prefix}'");
            (CONFLICT, "invoice_prefix_taken", detail)
        }
        Refusal::ClientNotFound(_) => (NOT_FOUND, "client_not_found", "Client not found".into()),
        Refusal::CartNotFound(_) => (NOT_FOUND, "cart_not_found", "Cart not found".into()),
        Refusal::VersionMismatch { current: Some(version) } => {
            (STALE, "version_mismatch", format!("It has changed; its version is now \"{version}\""))
        }
        Refusal::VersionMismatch { current: None } => {
            (STALE, "version_mismatch", "It does not exist, so it has no version".into())
        }
        Refusal::CustomerNotFound(_) => {
            (NOT_FOUND, "customer_not_found", "Customer not found".into())
        }
        Refusal::DeliveryMethodNotFound(_) => {
            (NOT_FOUND, "delivery_method_not_found", "Delivery method not found".into())
        }
        Refusal::ProductNotFound(_) => (NOT_FOUND, "product_not_found", "Product not found".into()),
        Refusal::ProductUnavailable { id, name } => {
            (BAD, "product_unavailable", format!("Product '{name}' ({id}) is not for sale"))
        }
        Refusal::VariantNotFound { product, variant } => {
            let detail = format!("Product '{product}' has no variant '{variant}'");
            (NOT_FOUND, "variant_not_found", detail)
        }
        Refusal::VariantRequired { product } => {
            let detail = format!("Product '{product}' has variants; one must be chosen");
            (BAD, "variant_required", detail)
        }
        Refusal::CurrencyMismatch { product, found, expected } => {
            let detail =
                format!("Product '{product}' is priced in {found}, the store sells in {expected}");
            (BAD, "currency_mismatch", detail)
        }
        Refusal::PriceChanged { product, shown, price, currency } => {
            let price = price.display(*currency);
            let detail = format!("Product '{product}' costs {price} {currency}, not {shown}");
            (BAD, "price_changed", detail)
        }
        Refusal::InsufficientStock { name, available, requested } => {
            let detail = format!(
                "Product '{name}' has insufficient stock. \
                 Available: {available}, Requested: {requested}"
            );
            (BAD, "insufficient_stock", detail)
        }
        Refusal::DeliveryMethodIncompatible { id, why } => {
            (BAD, "delivery_method_incompatible", unsuitable(id.as_str(), why))
        }
        Refusal::NoDeliveryMethod(country) => {
            let place = country.map(|it| format!(" in {it}")).unwrap_or_default();
            let detail = format!("No delivery method serves this address{place} with these goods");
            (BAD, "delivery_method_incompatible", detail)
        }
        Refusal::AddressRequired => {
            (BAD, "validation_failed", "A delivery address is required for these goods".into())
        }
        Refusal::AmountTooLarge => {
            (BAD, "amount_too_large", "The amount is larger than can be counted".into())
        }
        Refusal::InvalidAmount(MoneyFault::TooManyDecimals { allowed }) => {
            let detail = format!("An amount must have at most {allowed} decimals in this currency");
            (BAD, "validation_failed", detail)
        }
        Refusal::InvalidAmount(MoneyFault::TooLarge) => {
            (BAD, "amount_too_large", "An amount is larger than can be counted".into())
        }
        Refusal::InvalidAmount(MoneyFault::Negative) => {
            (BAD, "validation_failed", "An amount must not be negative".into())
        }
        Refusal::PaymentRequired => {
            let detail = "This payment method is prepaid: place the order by \
                 POST /api/orders/with-payment";
            (BAD, "payment_required", detail.into())
        }
        Refusal::TotalBelowZero { total, currency } => {
            let total = total.display(*currency);
            let detail = format!("The discounts are more than all the rest: {total} {currency}");
            (BAD, "total_below_zero", detail)
        }
        Refusal::TotalChanged { shown, total, currency } => {
            let [shown, total] = [shown, total].map(|it| it.display(*currency));
            let detail = format!("The total is {total} {currency}, and {shown} was shown");
            (BAD, "total_changed", detail)
        }
        Refusal::SecretRequired => {
            let detail = "Only the store itself, with its secret, may ask for this";
            (BAD, "secret_required", detail.into())
        }
        Refusal::CartEmpty(id) => (BAD, "cart_empty", format!("Cart '{id}' is empty")),
        Refusal::CartExists(id) => {
            (CONFLICT, "cart_exists", format!("There is a cart '{id}' already"))
        }
        Refusal::CartOrdered { cart, order: Some(order) } => {
            let detail = format!("Cart '{cart}' has been ordered: it is order {order}");
            (CONFLICT, "cart_already_ordered", detail)
        }
        Refusal::CartOrdered { cart, order: None } => {
            (CONFLICT, "cart_already_ordered", format!("Cart '{cart}' has been ordered"))
        }
        Refusal::AlreadyProcessed { order, from, to } => {
            let detail = format!("Order {order} is {}; it can't become {}", from.name(), to.name());
            (CONFLICT, "order_already_processed", detail)
        }
        Refusal::CancelForbidden(order) => {
            let detail = format!("Order {order} is confirmed; only the shop can cancel it now");
            (FORBIDDEN, "forbidden", detail)
        }
        Refusal::PartiallyShipped(order) => {
            let detail = format!("Order {order} is partly shipped and can't be cancelled");
            (CONFLICT, "order_partially_shipped", detail)
        }
        Refusal::UnderReview(order) => {
            (CONFLICT, "order_under_review", format!("Order {order} is under review"))
        }
        Refusal::OnHold(order) => (CONFLICT, "order_on_hold", format!("Order {order} is on hold")),
        Refusal::AlreadyPaid(_) => {
            (BAD, "already_paid", "Order has already been marked as paid".into())
        }
        Refusal::NotPrepaid(order) => {
            let detail = format!("Order {order} is not prepaid; the shop collects its payment");
            (BAD, "not_prepaid", detail)
        }
        Refusal::NotCollectable { order, status } => {
            let detail = format!("Order {order} is {}; nothing can be collected", status.name());
            (CONFLICT, "order_already_processed", detail)
        }
        Refusal::AmountTooSmall { total, minimum, currency } => {
            let (total, minimum) = (total.display(*currency), minimum.display(*currency));
            let detail = format!(
                "The total of {total} {currency} is below the {minimum} {currency} that the \
                 payment provider takes at least"
            );
            (BAD, "amount_too_small", detail)
        }
        Refusal::LineNotFound { line } => {
            (BAD, "validation_failed", format!("The order has no line {line}"))
        }
        Refusal::PaymentNotCompleted { order, state: Some(state) } => {
            let detail = format!("The payment of order {order} is {}", state.name());
            (BAD, "payment_not_completed", detail)
        }
        Refusal::PaymentNotCompleted { order, state: None } => {
            let detail = format!("The payment of order {order} has not been started");
            (BAD, "payment_not_completed", detail)
        }
        Refusal::PaymentMismatch(order) => {
            let detail = format!(
                "What was paid is not what order {order} asks for; it is on hold until the shop \
                 has looked at it"
            );
            (CONFLICT, "payment_mismatch", detail)
        }
        Refusal::NotPayable { order, status } => {
            let detail = format!("Order {order} is {}; no payment can be started", status.name());
            (CONFLICT, "order_already_processed", detail)
        }
        Refusal::RefundExceedsPayment { refundable, requested, currency } => {
            let (most, asked) = (refundable.display(*currency), requested.display(*currency));
            let detail =
                format!("{asked} {currency} is more than the {most} {currency} left to refund");
            (CONFLICT, "refund_exceeds_payment", detail)
        }
        Refusal::RefundExceedsLine { line, refundable, requested } => {
            let detail = format!("{requested} of line {line} is more than {refundable} left");
            (CONFLICT, "refund_exceeds_payment", detail)
        }
        Refusal::AmountNotPositive => {
            (BAD, "validation_failed", "The amount to refund must be more than zero".into())
        }
        Refusal::NotHoldable { order, status } => {
            let detail = format!("Order {order} is {}; it can't be held", status.name());
            (CONFLICT, "order_already_processed", detail)
        }
        Refusal::NothingToShip(order) => {
            let detail = format!("Nothing of order {order} is left to be shipped");
            (CONFLICT, "nothing_to_ship", detail)
        }
        Refusal::ShipmentExceedsLine { line, open, requested } => {
            let detail = format!("{requested} of line {line} is more than the {open} open");
            (CONFLICT, "shipment_exceeds_order", detail)
        }
        Refusal::NotOnHold(order) => {
            (CONFLICT, "order_not_on_hold", format!("Order {order} is not on hold"))
        }
        Refusal::NotUnderReview { order, review } => {
            let how = match review {
                ReviewStatus::None | ReviewStatus::UnderReview => "is not under review",
                ReviewStatus::Passed => "has passed its review",
                ReviewStatus::Failed => "has failed its review",
            };
            (CONFLICT, "order_not_under_review", format!("Order {order} {how}"))
        }
        Refusal::VendorStatusFixed { order, status } => {
            let detail = format!("Order {order} is {}; it stays so", status.name());
            (CONFLICT, "order_already_processed", detail)
        }
        Refusal::StockBelowReserved { on_hand, reserved } => {
            let detail = format!("{on_hand} on hand would be below the {reserved} reserved");
            (CONFLICT, "stock_below_reserved", detail)
        }
        Refusal::StockOutOfRange => (BAD, "stock_out_of_range", "No shelf holds that many".into()),
        Refusal::StockNotTracked(product) => {
            let detail = format!("The stock of product '{product}' is not tracked");
            (CONFLICT, "stock_not_tracked", detail)
        }
        Refusal::TooManyLocations(product) => {
            let most = Stock::LOCATIONS_MAX;
            let detail = format!("Product '{product}' lies in {most} other locations already");
            (CONFLICT, "too_many_locations", detail)
        }
        Refusal::CartServiceSilent => {
            let detail = "The cart service does not answer; come again soon";
            (StatusCode::SERVICE_UNAVAILABLE, "cart_service_unavailable", detail.into())
        }
        Refusal::CartUnreadable => {
            let detail = "The cart service has answered what is no cart";
            (StatusCode::BAD_GATEWAY, "cart_unreadable", detail.into())
        }
    }
}

fn unsuitable(id: &str, why: &Unsuitable) -> String {
    match why {
        Unsuitable::Inactive => format!("Delivery method '{id}' is not active"),
        Unsuitable::OtherCurrency => {
            format!("Delivery method '{id}' is priced in another currency")
        }
        Unsuitable::Country(country) => format!("Delivery method '{id}' does not serve {country}"),
        Unsuitable::TooHeavy { grams, max_grams } => {
            format!(
                "Delivery method '{id}' carries {max_grams} g at most, these goods weigh {grams} g"
            )
        }
        Unsuitable::Goods { product } => {
            format!("Delivery method '{id}' does not carry product '{product}'")
        }
    }
}

fn pointer(subject: Subject, style: Style) -> Option<String> {
    let spelled = |camel: &str, snake: &str| match style {
        Style::Camel => camel.to_owned(),
        Style::Snake | Style::Strict => snake.to_owned(),
    };
    Some(match subject {
        Subject::Request => return None,
        Subject::Cart => spelled("/cartId", "/cart_id"),
        Subject::Customer => spelled("/customerId", "/user_id"),
        Subject::DeliveryMethod => spelled("/deliveryMethodId", "/delivery_method_id"),
        Subject::Address => spelled("/deliveryAddress", "/shipping_address"),
        Subject::PaymentMethod => spelled("/paymentMethod", "/payment_method"),
        Subject::Item(index) => {
            format!("/items/{index}{}", spelled("/productId", "/product_id"))
        }
        Subject::ItemVariant(index) => {
            format!("/items/{index}{}", spelled("/variantId", "/variant_id"))
        }
        Subject::ItemQuantity(index) => format!("/items/{index}/quantity"),
        Subject::ItemPrice(index) => format!("/items/{index}/price"),
        Subject::Price => "/price".into(),
        Subject::VariantPrice(index) => format!("/variants/{index}/price"),
        Subject::FreeFrom => "/free_from".into(),
        Subject::OnHand => "/on_hand".into(),
        Subject::VariantOnHand(index) => format!("/variants/{index}/on_hand"),
        Subject::Amount => "/amount".into(),
        Subject::RefundItem(index) | Subject::ShipmentItem(index) => format!("/items/{index}"),
        Subject::RefundShipping => "/shipping".into(),
        Subject::Store => spelled("/storeId", "/store_id"),
        Subject::Currency => "/currency".into(),
        Subject::InvoicePrefix => "/invoice_prefix".into(),
        Subject::RuleAmount(index) => format!("/rules/{index}/amount"),
        Subject::DomesticShipping => "/domesticShippingCharge".into(),
    })
}

pub(crate) fn order_not_found(_id: &str) -> Problem {
    Problem::new(NOT_FOUND, "order_not_found", "Order not found")
}

pub(crate) fn not_found(code: &'static str, detail: &'static str) -> Problem {
    Problem::new(NOT_FOUND, code, detail)
}

/// The id that a URL gives to a thing, which its document may repeat but not contradict.
pub(crate) fn own_id<T: std::str::FromStr + PartialEq>(
    body: &Fields<'_, '_>,
    name: &'static str,
    named: Option<T>,
) -> Option<T> {
    let repeated = body.optional(name);
    match (named, repeated.id().and_then(|it| it.parse::<T>().ok())) {
        (Some(id), Some(other)) if id != other => {
            repeated.fault("id_mismatch", "must be the id in the address");
            None
        }
        (Some(id), _) => Some(id),
        (None, _) => {
            repeated.fault("invalid_id", "must be 1 to 64 of A-Z a-z 0-9 . _ - in the address");
            None
        }
    }
}

pub(crate) fn key_required() -> Problem {
    Problem::new(BAD, "idempotency_key_required", "This call needs an Idempotency-Key")
}

pub(crate) fn key_reused() -> Problem {
    let detail = "This Idempotency-Key was used for another request";
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", detail)
}

pub(crate) fn another_customer() -> Problem {
    Problem::new(FORBIDDEN, "forbidden", "A customer can't act for another customer")
}

pub(crate) fn another_store() -> Problem {
    Problem::new(FORBIDDEN, "forbidden", "Your token does not reach this store")
}

pub(crate) fn subject_is_no_customer() -> Problem {
    Problem::new(FORBIDDEN, "forbidden", "The subject of your token is no customer id")
}

pub(crate) fn overloaded() -> Problem {
    Problem::unavailable("overloaded", "Too many changes are waiting; come again soon", 1)
}

pub(crate) fn too_many_streams(most: usize) -> Problem {
    let detail = format!("You have {most} streams open already; close one of them first");
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", detail)
        .with_header(RETRY_AFTER, HeaderValue::from_static("1"))
}

pub(crate) fn streams_full() -> Problem {
    Problem::unavailable("overloaded", "Too many streams are open; come again soon", 5)
}

pub(crate) fn no_event_id() -> Problem {
    Problem::new(BAD, "invalid_header", "Last-Event-ID must be the number of an event")
}

pub(crate) fn unavailable() -> Problem {
    Problem::unavailable("store_unavailable", "The database can't be reached; come again soon", 2)
}

pub(crate) fn provider_unavailable(detail: impl Into<Cow<'static, str>>) -> Problem {
    Problem::unavailable("payment_provider_unavailable", detail, 2)
}

pub(crate) fn store(error: StoreError) -> Problem {
    match error {
        StoreError::Unavailable(why) => {
            tracing::warn!(why, "a read has failed");
            unavailable()
        }
        StoreError::Broken(why) => {
            tracing::error!(why, "a read has failed");
            Problem::internal()
        }
    }
}
