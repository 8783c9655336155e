//! What a refusal is over HTTP: its status, its code, its sentence. One `match`, no wildcard, so
//! that a new refusal can't be forgotten here.

use axum::http::StatusCode;
use domain::{Refusal, Refusals, Subject, delivery::Unsuitable, money::MoneyFault};
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
    if let Refusal::AlreadyProcessed { from: status, .. } | Refusal::NotCollectable { status, .. } =
        refusals.first()
    {
        return problem.with_member("current_status", status.name());
    }
    problem
}

fn told(refusal: &Refusal) -> (StatusCode, &'static str, String) {
    match refusal {
        Refusal::OrderNotFound(_) => (NOT_FOUND, "order_not_found", "Order not found".into()),
        Refusal::StoreNotFound(id) => {
            (NOT_FOUND, "store_not_found", format!("Store {id} not found"))
        }
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
        Refusal::PaymentRequired => {
            let detail = "This payment method is prepaid: place the order by \
                 POST /api/orders/with-payment";
            (BAD, "payment_required", detail.into())
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
        Refusal::StockBelowReserved { on_hand, reserved } => {
            let detail = format!("{on_hand} on hand would be below the {reserved} reserved");
            (CONFLICT, "stock_below_reserved", detail)
        }
        Refusal::StockOutOfRange => (BAD, "stock_out_of_range", "No shelf holds that many".into()),
        Refusal::StockNotTracked(product) => {
            let detail = format!("The stock of product '{product}' is not tracked");
            (CONFLICT, "stock_not_tracked", detail)
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

pub(crate) fn unavailable() -> Problem {
    Problem::unavailable("store_unavailable", "The database can't be reached; come again soon", 2)
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
