//! Examples of requests and answers. The tests send the requests and get the answers.
//!
//! They are texts, not values: a value would turn `75.00` into a float. So a mark holds an
//! example's place until the description is a text, too.

use serde_json::{Value, json};

macro_rules! examples {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("examples/", $name, ".json")))),*]
    };
}

/// By operation, then the status of an answer or the name of a request.
const EXAMPLES: &[(&str, &str)] = &examples![
    "adjust_stock.200",
    "adjust_stock.request",
    "cancel_order.200",
    "cancel_sandbox_payment.200",
    "confirm_sandbox_payment.200",
    "confirm_sandbox_payment.request",
    "create_cart.201",
    "create_cart.request",
    "create_client.201",
    "create_client.request",
    "create_refund.201",
    "create_refund.amount",
    "create_refund.parts",
    "create_shipment.201",
    "create_shipment.request",
    "create_temp_cart.200",
    "create_temp_cart.request",
    "create_token.200",
    "decline_sandbox_payment.200",
    "get_cart.200",
    "get_client.200",
    "get_customer.200",
    "get_delivery_method.200",
    "get_order.200",
    "get_own_customer.200",
    "get_product.200",
    "get_public_keys.200",
    "get_review_rules.200",
    "get_reconciliation.200",
    "get_sandbox_payment.200",
    "get_shipment.200",
    "get_shop_order.200",
    "get_shop_order.request",
    "get_stock.200",
    "get_token_server.200",
    "get_store.200",
    "hold_order.200",
    "hold_order.request",
    "import_products.200",
    "list_admin_log.200",
    "list_clients.200",
    "list_customers.200",
    "list_delivery_methods.200",
    "list_events.200",
    "list_order_events.200",
    "list_orders.200",
    "list_products.200",
    "list_shipments.200",
    "list_shop_order_numbers.200",
    "list_shop_order_numbers.request",
    "list_stores.200",
    "place_order.201",
    "place_order.400",
    "place_order.own",
    "place_order.storefront",
    "place_order_with_payment.200",
    "place_order_with_payment.own",
    "place_order_with_payment.storefront",
    "process_sandbox_payment.200",
    "put_cart.200",
    "put_cart.request",
    "put_cart_items.200",
    "put_cart_items.request",
    "put_customer.201",
    "put_customer.request",
    "put_delivery_method.201",
    "put_delivery_method.request",
    "put_own_customer.201",
    "put_own_customer.request",
    "put_product.201",
    "put_product.request",
    "put_review_rules.200",
    "put_review_rules.request",
    "put_store.201",
    "put_store.request",
    "release_order.200",
    "release_order.request",
    "review_order.200",
    "review_order.request",
    "rotate_store_secret.200",
    "set_sandbox_behaviour.request",
    "set_shipment_tracking.200",
    "set_shipment_tracking.request",
    "set_stock.200",
    "set_stock.request",
    "start_payment.200",
    "try_review_rules.200",
    "try_review_rules.request",
    "update_merchant_order_id.200",
    "update_merchant_order_id.request",
    "update_order_status.200",
    "update_order_status.request",
    "update_shipment.200",
    "update_shipment.request",
    "update_vendor_order_status.200",
    "update_vendor_order_status.request",
];

const MARK: &str = "\"example of ";

pub(super) fn of_request(operation: &str) -> Value {
    let named = EXAMPLES.iter().filter_map(|(name, _)| {
        let (of, label) = name.split_once('.')?;
        let is_request = of == operation && label.parse::<u16>().is_err();
        is_request.then(|| (label.to_owned(), json!({"value": mark(name)})))
    });
    Value::Object(named.collect())
}

pub(super) fn of_answer(operation: &str, status: &str) -> Option<Value> {
    let wanted = format!("{operation}.{status}");
    EXAMPLES.iter().find(|(name, _)| *name == wanted).map(|(name, _)| mark(name))
}

/// The text of an operation's example, where it has a single one.
pub(crate) fn request(operation: &str) -> Option<&'static str> {
    let wanted = format!("{operation}.request");
    EXAMPLES.iter().find(|(name, _)| *name == wanted).map(|(_, text)| *text)
}

fn mark(name: &str) -> Value {
    format!("example of {name}").into()
}

/// Puts each example where its mark stands, indented as its neighbours are.
pub(super) fn fill_in(description: &str) -> String {
    let mut filled = String::with_capacity(2 * description.len());
    for line in description.lines() {
        let (before, name) = line.split_once(MARK).unwrap_or((line, ""));
        let (name, after) = name.split_once('"').unwrap_or(("", ""));
        filled.push_str(before);
        if let Some((_, example)) = EXAMPLES.iter().find(|(known, _)| *known == name) {
            let indent = " ".repeat(before.len() - before.trim_start().len());
            filled.push_str(&example.trim_end().replace('\n', &format!("\n{indent}")));
        }
        filled.push_str(after);
        filled.push('\n');
    }
    filled.truncate(filled.trim_end().len());
    filled
}
