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
    /// Orders of this customer. Like the other filters it may be repeated, or have values separated
    /// by commas: any of them. Customers see their own.
    user_id: Option<String>,
    /// The storefront's spelling of `user_id`.
    #[param(rename = "customerId")]
    customer_id: Option<String>,
    /// `pending`, `confirmed`, `shipped`, `delivered`, `cancelled`.
    status: Option<String>,
    /// `unpaid`, `authorized`, `paid`, `partially_refunded`, `refunded`.
    payment_status: Option<String>,
    /// `pending`, `processing`, `partially_shipped`, `shipped`, `delivered`, `cancelled`.
    shipping_status: Option<String>,
    /// `none`, `under_review`, `passed`, `failed`.
    review_status: Option<String>,
    /// Those that are on hold, or those that are not.
    on_hold: Option<bool>,
    /// Orders of this store.
    store_id: Option<String>,
    /// Orders with a line of this product. It may lag a moment; then `as_of_seq` is there.
    product_id: Option<String>,
    /// Placed at this time or later.
    created_from: Option<String>,
    /// Placed at this time or earlier.
    created_to: Option<String>,
    /// Changed at this time or later.
    updated_since: Option<String>,
    /// An order's id, a customer's, or beginnings of words: of the names, companies, e-mail
    /// address and tracking numbers of an order, which must have all of them. It may lag a moment;
    /// then `as_of_seq` is there.
    #[param(min_length = 1, max_length = 200)]
    q: Option<String>,
    /// `-created_at`, which is the default, `created_at`, `-total` or `updated_at`. By `-total` it
    /// may lag a moment; then `as_of_seq` is there.
    sort: Option<String>,
    /// Parts that entries have too: `items`, `addresses`, `payments`.
    expand: Option<String>,
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
pub(crate) struct OfStore {
    /// Whose rules they are.
    #[param(minimum = 1, default = 1)]
    store_id: Option<u32>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhoseCart {
    /// Whose cart it is, named by staff and integrations; without it, a guest's. Customers have
    /// their own.
    user_id: Option<String>,
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
pub(crate) struct Reconciliation {
    /// Payments made and orders placed at this time or later; without it, in the seven days before
    /// `to`.
    from: Option<String>,
    /// And at this time or earlier; without it, until now.
    to: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct GetOrder {
    /// The order as it was then: after the event of this number, or at this time. For
    /// `orders:read` and staff.
    at: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadFeed {
    /// Events after this number; `last_seq` of the page before. Without it pages begin with the
    /// first event, streams with the next one.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// Events of a page; of a stream, events that are read at once.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Types (`order.paid`) or families (`order.*`); repeated or separated by commas.
    types: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(crate) struct FollowFeed {
    /// The last `id` that was seen of a stream, which goes on after it.
    #[param(rename = "Last-Event-ID")]
    last_event_id: Option<String>,
}

#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReadAdminLog {
    /// Entries after this number; `last_seq` of the page before.
    #[param(minimum = 0, default = 0)]
    after: Option<i64>,
    /// Entries of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u32>,
    /// Types (`product.put`) or families (`product.*`); repeated or separated by commas.
    types: Option<String>,
}
