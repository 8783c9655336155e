//! What queries and headers ask for; like the bodies, only described here.
#![expect(dead_code, reason = "described, never made")]

use utoipa::IntoParams;

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct PlacingHeaders {
    /// `return=representation` asks for 201 and the order instead of 204.
    #[param(rename = "Prefer")]
    prefer: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListOrders {
    /// Orders of this customer. Customers see their own.
    user_id: Option<String>,
    /// The storefront's spelling of `user_id`.
    #[param(rename = "customerId")]
    customer_id: Option<String>,
    /// Orders in this status; repeated or separated by commas: in any of them.
    status: Option<String>,
    /// Orders of this store; repeated or separated by commas: of any of them.
    store_id: Option<String>,
    /// Placed at this time or later.
    created_from: Option<String>,
    /// Placed at this time or earlier.
    created_to: Option<String>,
    /// `-created_at`, which is the default, or `created_at`.
    sort: Option<String>,
    /// Entries of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where the last page ended: its `next_cursor`, with the same filter and sort.
    cursor: Option<String>,
    /// Also counts all that the filter lets through.
    count: Option<bool>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CancelOrder {
    /// Why, for the shop.
    #[param(max_length = 500)]
    reason: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageOf {
    /// Entries of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Where the last page ended: its `next_cursor`.
    cursor: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct Shelf {
    /// One variant; needed for changes of a product that has some.
    variant_id: Option<String>,
    /// One place; `main` for changes without it.
    location_id: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ListDeliveryMethods {
    /// Those that go to this country: ISO 3166 code or English name.
    country: Option<String>,
    /// Prices as for an order of this subtotal.
    total: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadFeed {
    /// Events after this number; `last_seq` of the page before.
    #[param(minimum = 0, default = 0)]
    after: Option<i64>,
    /// Events of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Types (`order.paid`) or families (`order.*`); repeated or separated by commas.
    types: Option<String>,
}
