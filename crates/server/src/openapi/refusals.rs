//! Which problems a call may meet, by status; what is common to many calls is added by rule.

/// The codes of one operation beyond those of its kind, in the order in which they decide.
pub(super) fn own(operation: &str) -> &'static [(u16, &'static [&'static str])] {
    match operation {
        "place_order" => &[
            (
                404,
                &[
                    "store_not_found",
                    "customer_not_found",
                    "delivery_method_not_found",
                    "product_not_found",
                    "variant_not_found",
                ],
            ),
            (
                400,
                &[
                    "product_unavailable",
                    "variant_required",
                    "currency_mismatch",
                    "price_changed",
                    "insufficient_stock",
                    "delivery_method_incompatible",
                    "amount_too_large",
                    "payment_required",
                ],
            ),
        ],
        "list_orders" => &[(400, &["invalid_cursor"])],
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
                ],
            ),
        ],
        "mark_order_paid" => &[
            (404, &["order_not_found"]),
            (400, &["already_paid", "not_prepaid"]),
            (409, &["order_already_processed"]),
        ],
        "list_products" => &[(400, &["invalid_cursor"])],
        "get_product" | "delete_product" => &[(404, &["product_not_found"])],
        "put_product" | "put_delivery_method" => &[(400, &["amount_too_large"])],
        "get_stock" => &[(404, &["product_not_found", "variant_not_found"])],
        "set_stock" | "adjust_stock" => &[
            (404, &["product_not_found", "variant_not_found"]),
            (400, &["variant_required", "stock_out_of_range"]),
            (409, &["stock_below_reserved", "stock_not_tracked"]),
        ],
        "get_delivery_method" | "delete_delivery_method" => {
            &[(404, &["delivery_method_not_found"])]
        }
        _ => &[],
    }
}

/// Of every call that reads parameters or headers.
pub(super) const ASKING: &[(u16, &[&str])] =
    &[(400, &["validation_failed", "unknown_parameter", "invalid_header"])];

/// Of every call that needs a token.
pub(super) const WITH_TOKEN: &[(u16, &[&str])] =
    &[(401, &["token_required", "invalid_token"]), (403, &["forbidden"])];

/// Of every call that may do without one.
pub(super) const WITHOUT_TOKEN: &[(u16, &[&str])] = &[(401, &["token_required", "invalid_token"])];

/// Of every call that changes something.
pub(super) const CHANGING: &[(u16, &[&str])] = &[
    (413, &["body_too_large"]),
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
            "idempotency_key_invalid",
            "idempotency_key_required",
        ],
    ),
    (422, &["idempotency_key_reused"]),
    (503, &["overloaded"]),
];

/// Of every call that changes a thing which has a version.
pub(super) const VERSIONED: &[(u16, &[&str])] = &[(412, &["version_mismatch"])];

/// Of every call that needs the store.
pub(super) const STORED: &[(u16, &[&str])] =
    &[(500, &["internal_error"]), (503, &["store_unavailable"])];
