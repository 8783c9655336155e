//! Which problems a call may meet, by status; what is common to many calls is added by rule.

/// The codes of one operation beyond those of its kind, in the order in which they decide.
pub(super) fn own(operation: &str) -> &'static [(u16, &'static [&'static str])] {
    match operation {
        "place_order" => &[
            (404, &["cart_not_found"]),
            (404, NOT_FOUND_AT_PLACING),
            (400, REFUSED_AT_PLACING),
            (400, &["payment_required", "amount_too_small", "total_below_zero", "cart_empty"]),
            (409, &["cart_already_ordered"]),
            (502, &["cart_unreadable"]),
            (503, &["cart_service_unavailable"]),
        ],
        "place_order_with_payment" => &[
            (404, NOT_FOUND_AT_PLACING),
            (400, REFUSED_AT_PLACING),
            (400, &["amount_too_small"]),
            (409, &["idempotency_key_in_use"]),
            (500, &["payment_initialization_failed"]),
            (503, &["payment_provider_unavailable"]),
        ],
        "start_payment" => &[
            (404, &["order_not_found"]),
            (400, &["already_paid", "not_prepaid"]),
            (409, &["order_already_processed", "payment_mismatch", "idempotency_key_in_use"]),
            (500, &["payment_initialization_failed"]),
            (503, &["payment_provider_unavailable"]),
        ],
        "create_refund" => &[(404, &["order_not_found"]), (409, &["refund_exceeds_payment"])],
        "create_shipment" => &[
            (404, &["order_not_found"]),
            (
                409,
                &[
                    "order_already_processed",
                    "order_under_review",
                    "order_on_hold",
                    "nothing_to_ship",
                    "shipment_exceeds_order",
                ],
            ),
        ],
        "list_shipments" => &[(404, &["order_not_found"])],
        "get_shipment" | "update_shipment" => &[(404, &["order_not_found", "shipment_not_found"])],
        "hold_order" => {
            &[(404, &["order_not_found"]), (409, &["order_already_processed", "order_on_hold"])]
        }
        "review_order" => &[(404, &["order_not_found"]), (409, &["order_not_under_review"])],
        "get_review_rules" => &[(404, &["store_not_found"])],
        "put_review_rules" | "try_review_rules" => {
            &[(404, &["store_not_found"]), (400, &["amount_too_large"])]
        }
        "release_order" => &[(404, &["order_not_found"]), (409, &["order_not_on_hold"])],
        "get_reconciliation" => &[(503, &["payment_provider_unavailable"])],
        "get_sandbox_payment" => {
            &[(404, &["intent_not_found"]), (503, &["payment_provider_unavailable"])]
        }
        "confirm_sandbox_payment"
        | "decline_sandbox_payment"
        | "process_sandbox_payment"
        | "cancel_sandbox_payment" => &[
            (404, &["intent_not_found"]),
            (409, &["intent_already_processed"]),
            (503, &["payment_provider_unavailable"]),
        ],
        "set_sandbox_behaviour" => &[(503, &["payment_provider_unavailable"])],
        "list_orders" => &[(400, &["invalid_cursor"]), (503, &["overloaded"])],
        "list_events" => &[(503, &["overloaded"])],
        "get_order" | "list_order_events" => &[(404, &["order_not_found"])],
        "cancel_order" => &[
            (404, &["order_not_found"]),
            (409, &["order_already_processed", "order_partially_shipped"]),
        ],
        "update_order_status" => &[
            (404, &["order_not_found"]),
            (
                409,
                &[
                    "order_already_processed",
                    "order_partially_shipped",
                    "order_under_review",
                    "order_on_hold",
                    "nothing_to_ship",
                ],
            ),
        ],
        "mark_order_paid" => &[
            (404, &["order_not_found"]),
            (400, &["already_paid", "not_prepaid", "payment_not_completed"]),
            (409, &["order_already_processed", "payment_mismatch"]),
            (503, &["payment_provider_unavailable"]),
        ],
        "get_cart" => &[(404, &["cart_not_found"])],
        "delete_cart" => &[(404, &["cart_not_found"]), (409, &["cart_already_ordered"])],
        "create_cart" => {
            &[(404, NOT_FOUND_IN_CARTS), (400, REFUSED_IN_CARTS), (409, &["cart_exists"])]
        }
        "put_cart" => &[
            (404, &["cart_not_found"]),
            (404, NOT_FOUND_IN_CARTS),
            (400, REFUSED_IN_CARTS),
            (409, &["cart_already_ordered"]),
        ],
        "put_cart_items" => &[
            (404, &["cart_not_found", "product_not_found", "variant_not_found"]),
            (400, REFUSED_IN_CARTS),
            (409, &["cart_already_ordered"]),
        ],
        "get_client" | "remove_client" => &[(404, &["client_not_found"])],
        "create_token" => {
            &[(429, &["rate_limited"]), (413, &["body_too_large"]), (408, &["request_timeout"])]
        }
        "get_customer" => &[(404, &["customer_not_found"])],
        "erase_customer" => &[(404, &["customer_not_found"]), (409, &["customer_has_open_orders"])],
        "list_customers" => &[(400, &["invalid_cursor"])],
        "get_store" | "rotate_store_secret" => &[(404, &["store_not_found"])],
        "put_store" => {
            &[(404, &["store_not_found"]), (409, &["store_currency_fixed", "invoice_prefix_taken"])]
        }
        "list_products" | "list_stores" => &[(400, &["invalid_cursor"])],
        "get_product" | "delete_product" => &[(404, &["product_not_found"])],
        "put_product" | "put_delivery_method" => &[(400, &["amount_too_large"])],
        "get_stock" => &[(404, &["product_not_found", "variant_not_found"])],
        "set_stock" | "adjust_stock" => &[
            (404, &["product_not_found", "variant_not_found"]),
            (400, &["variant_required", "stock_out_of_range"]),
            (409, &["stock_below_reserved", "stock_not_tracked", "too_many_locations"]),
        ],
        "get_delivery_method" | "delete_delivery_method" => {
            &[(404, &["delivery_method_not_found"])]
        }
        _ => &[],
    }
}

const NOT_FOUND_AT_PLACING: &[&str] =
    &["customer_not_found", "delivery_method_not_found", "product_not_found", "variant_not_found"];

const NOT_FOUND_IN_CARTS: &[&str] =
    &["delivery_method_not_found", "product_not_found", "variant_not_found"];

const REFUSED_IN_CARTS: &[&str] = &[
    "unknown_store",
    "product_unavailable",
    "variant_required",
    "currency_mismatch",
    "amount_too_large",
];

const REFUSED_AT_PLACING: &[&str] = &[
    "unknown_store",
    "product_unavailable",
    "variant_required",
    "currency_mismatch",
    "price_changed",
    "insufficient_stock",
    "delivery_method_incompatible",
    "amount_too_large",
];

/// Of every call that is counted.
pub(super) const COUNTED: &[(u16, &[&str])] = &[(429, &["rate_limited"])];

/// Of every call that reads parameters or headers.
pub(super) const ASKING: &[(u16, &[&str])] =
    &[(400, &["validation_failed", "unknown_parameter", "invalid_header"])];

/// Of every call that needs a token.
pub(super) const WITH_TOKEN: &[(u16, &[&str])] =
    &[(401, &["token_required", "invalid_token"]), (403, &["forbidden"])];

/// Of every call that may do without one.
pub(super) const WITHOUT_TOKEN: &[(u16, &[&str])] = &[(401, &["token_required", "invalid_token"])];

/// Of every call that may have a body.
pub(super) const BODY: &[(u16, &[&str])] = &[
    (413, &["body_too_large"]),
    (408, &["request_timeout"]),
    (415, &["unsupported_media_type"]),
    (
        400,
        &[
            "body_required",
            "body_incomplete",
            "invalid_json",
            "invalid_utf8",
            "duplicate_key",
            "nesting_too_deep",
            "card_data_refused",
        ],
    ),
];

/// Of every call that takes a file: what is wrong with a line is told of that line.
pub(super) const STREAMED: &[(u16, &[&str])] = &[
    (408, &["request_timeout"]),
    (415, &["unsupported_media_type"]),
    (400, &["body_incomplete", "idempotency_key_invalid", "idempotency_key_required"]),
];

/// Of every call that changes something.
pub(super) const CHANGING: &[(u16, &[&str])] = &[
    (400, &["idempotency_key_invalid", "idempotency_key_required"]),
    (422, &["idempotency_key_reused"]),
    (503, &["overloaded"]),
];

/// Of every call that changes a thing which has a version.
pub(super) const VERSIONED: &[(u16, &[&str])] = &[(412, &["version_mismatch"])];

/// Of every call that needs the store.
pub(super) const STORED: &[(u16, &[&str])] =
    &[(500, &["internal_error"]), (503, &["store_unavailable"])];
