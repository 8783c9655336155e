//! What requests carry. They are read field by field, so that all faults are found at once; these
//! types only describe what those readers take.
#![expect(dead_code, reason = "described, never made")]

use std::collections::BTreeMap;

use utoipa::ToSchema;

use super::words;
use crate::view::Amount;

/// Either spelling, also mixed; a field in both is refused.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum PlaceOrderBody {
    Own(PlaceOrder),
    Storefront(PlaceOrderStorefront),
}

/// In the API's own spelling.
#[derive(ToSchema)]
pub(crate) struct PlaceOrder {
    /// Whose order it is. Customers leave it out or name themselves; staff and integrations must
    /// say it, null for a guest.
    user_id: Option<String>,
    /// The store that sells; else the token's, else 1. For staff and integrations.
    #[schema(minimum = 1)]
    store_id: Option<u32>,
    /// Lines of one product are summed when its stock is checked.
    #[schema(min_items = 1, max_items = 500)]
    items: Vec<Item>,
    /// Without one, the cheapest that suits.
    delivery_method_id: Option<String>,
    /// Without one, `cash_on_delivery`. Prepaid methods are refused with `payment_required`.
    #[schema(schema_with = words::payment_method, required = false)]
    payment_method: String,
    /// Needed where there is something to ship.
    shipping_address: Option<AddressBody>,
    billing_address: Option<AddressBody>,
    contact: Option<ContactBody>,
    #[schema(max_length = 2000)]
    notes: Option<String>,
    /// At most 50 entries; names of up to 40 characters, values of up to 500.
    metadata: Option<BTreeMap<String, String>>,
}

#[derive(ToSchema)]
#[schema(as = ItemBody)]
pub(crate) struct Item {
    product_id: String,
    /// Needed where the product has variants.
    variant_id: Option<String>,
    #[schema(minimum = 1, maximum = 1000000)]
    quantity: u32,
    /// What the customer was shown. It is compared with the catalogue's, never taken.
    price: Option<Amount>,
}

/// `state` and `zip` are required where the country has them.
#[derive(ToSchema)]
pub(crate) struct AddressBody {
    name: Option<String>,
    company: Option<String>,
    address: String,
    address2: Option<String>,
    city: String,
    state: Option<String>,
    zip: Option<String>,
    /// ISO 3166 alpha-2, alpha-3, or the English name.
    country: String,
    phone: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct ContactBody {
    /// Else the one in the token, else the customer's.
    email: Option<String>,
    phone: Option<String>,
}

/// In the storefront's spelling.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct PlaceOrderStorefront {
    customer_id: Option<String>,
    #[schema(minimum = 1)]
    store_id: Option<u32>,
    #[schema(min_items = 1, max_items = 500)]
    items: Vec<StorefrontItem>,
    delivery_method_id: Option<String>,
    #[schema(schema_with = words::payment_method, required = false)]
    payment_method: String,
    delivery_address: Option<StorefrontAddress>,
    billing_address: Option<StorefrontAddress>,
    contact: Option<ContactBody>,
    #[schema(max_length = 2000)]
    notes: Option<String>,
    metadata: Option<BTreeMap<String, String>>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct StorefrontItem {
    product_id: String,
    variant_id: Option<String>,
    #[schema(minimum = 1, maximum = 1000000)]
    quantity: u32,
    price: Option<Amount>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct StorefrontAddress {
    name: Option<String>,
    company: Option<String>,
    street: String,
    address2: Option<String>,
    city: String,
    state: Option<String>,
    zip_code: Option<String>,
    country: String,
    phone: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct OrderStatusChange {
    #[schema(schema_with = words::order_status)]
    status: String,
    #[schema(max_length = 500)]
    reason: Option<String>,
    #[schema(max_length = 100)]
    carrier: Option<String>,
    #[schema(max_length = 100)]
    tracking_number: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct PutProductBody {
    /// May repeat the id in the address.
    product_id: Option<String>,
    #[schema(max_length = 200)]
    name: String,
    #[schema(max_length = 100)]
    sku: Option<String>,
    price: Amount,
    /// ISO 4217. Without one, the store's.
    currency: Option<String>,
    /// Whether it is for sale; without it, it is.
    active: Option<bool>,
    /// Without it, it does.
    requires_shipping: Option<bool>,
    /// Without it, stock is counted; a product that is not tracked never runs out.
    track_stock: Option<bool>,
    weight_grams: Option<u32>,
    #[schema(max_length = 100)]
    tax_class: Option<String>,
    /// The methods that may carry it; empty: all.
    #[schema(max_items = 100)]
    delivery_methods: Option<Vec<String>>,
    #[schema(max_items = 500)]
    variants: Option<Vec<VariantBody>>,
    /// Tells `stock.low` when an order takes what is available down to this.
    low_stock_at: Option<u32>,
    metadata: Option<BTreeMap<String, String>>,
    /// Ignored, so that what GET shows may be put back; `If-Match` is what compares versions.
    version: Option<u64>,
}

#[derive(ToSchema)]
pub(crate) struct VariantBody {
    variant_id: String,
    #[schema(max_length = 200)]
    name: String,
    #[schema(max_length = 100)]
    sku: Option<String>,
    /// Without one, the product's.
    price: Option<Amount>,
}

#[derive(ToSchema)]
pub(crate) struct SetStockBody {
    #[schema(minimum = 0)]
    on_hand: i64,
    #[schema(max_length = 500)]
    reason: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct AdjustStockBody {
    delta: i64,
    #[schema(max_length = 500)]
    reason: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct PutDeliveryMethodBody {
    /// May repeat the id in the address.
    delivery_method_id: Option<String>,
    #[schema(max_length = 200)]
    name: String,
    /// In the store's currency.
    price: Amount,
    /// From this subtotal on, delivery costs nothing.
    free_from: Option<Amount>,
    /// Where it goes, as ISO 3166 codes or English names; empty: everywhere.
    countries: Option<Vec<String>>,
    #[schema(minimum = 1)]
    max_weight_grams: Option<u64>,
    /// Whether it can be chosen; without it, it can.
    active: Option<bool>,
    /// Fewest and most.
    #[schema(min_items = 2, max_items = 2)]
    estimated_days: Option<Vec<u16>>,
    /// Ignored, so that what GET shows may be put back.
    currency: Option<String>,
    /// Ignored, too.
    version: Option<u64>,
}

#[derive(ToSchema)]
pub(crate) struct Message {
    message: String,
}

/// RFC 9457. `code` is stable; `detail` is for people.
#[derive(ToSchema)]
pub(crate) struct Problem {
    /// `/problems/` and the code.
    r#type: String,
    /// The code in words.
    title: String,
    status: u16,
    /// What is wrong, as a sentence. With `Accept: text/plain` it is the whole body.
    detail: String,
    code: String,
    /// The id of the request.
    instance: String,
    /// Every faulty field, or every refusal of a command.
    #[schema(required = false)]
    errors: Vec<FieldProblem>,
    /// Where the state of an order is the reason: that state.
    #[schema(schema_with = words::order_status, required = false)]
    current_status: String,
}

#[derive(ToSchema)]
pub(crate) struct FieldProblem {
    /// RFC 6901, in the client's spelling; `/name` for a query parameter.
    pointer: String,
    code: String,
    detail: String,
}
