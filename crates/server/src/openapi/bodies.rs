//! What requests carry. They are read field by field, so that all faults are found at once; these
//! types only describe what those readers take.
#![expect(dead_code, reason = "described, never made")]

pub(crate) mod retrieval;
pub(crate) mod review;

use std::collections::BTreeMap;

use utoipa::ToSchema;

use super::words;
use crate::view::Amount;

/// Either spelling, also mixed; a field in both is refused. Items or a cart, never both.
#[derive(ToSchema)]
#[serde(untagged)]
pub(crate) enum PlaceOrderBody {
    Own(PlaceOrder),
    Cart(OrderCart),
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
    #[schema(schema_with = words::optional_payment_method, required = false)]
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

/// From a cart; in the API's own spelling. What is left out is the cart's.
#[derive(ToSchema)]
pub(crate) struct OrderCart {
    cart_id: String,
    /// Whose cart and order it is. Customers leave it out or name themselves; staff and
    /// integrations must say it, null for a guest.
    user_id: Option<String>,
    /// The store that sells; else the token's, else the cart's. For staff and integrations.
    #[schema(minimum = 1)]
    store_id: Option<u32>,
    /// Else the cart's, else the cheapest that suits.
    delivery_method_id: Option<String>,
    /// Without one, `cash_on_delivery`. One that is prepaid leaves the order pending.
    #[schema(schema_with = words::optional_payment_method, required = false)]
    payment_method: String,
    shipping_address: Option<AddressBody>,
    billing_address: Option<AddressBody>,
    contact: Option<ContactBody>,
    #[schema(max_length = 2000)]
    notes: Option<String>,
    /// At most 50 entries; names of up to 40 characters, values of up to 500.
    metadata: Option<BTreeMap<String, String>>,
}

/// May be left out: then it is empty. Either spelling; fields that are not known are ignored.
#[derive(ToSchema)]
pub(crate) struct CreateCartBody {
    /// The caller's own id; without one, the server makes one.
    cart_id: Option<String>,
    /// Whose cart it is, named by staff and integrations; without it, a guest's.
    user_id: Option<String>,
    /// Else the token's, else 1. For staff and integrations.
    #[schema(minimum = 1)]
    store_id: Option<u32>,
    #[schema(max_items = 500)]
    items: Option<Vec<CartItem>>,
    delivery_method_id: Option<String>,
    shipping_address: Option<AddressBody>,
    billing_address: Option<AddressBody>,
    contact: Option<ContactBody>,
}

/// What is left out is empty. Either spelling; fields that are not known are ignored.
#[derive(ToSchema)]
pub(crate) struct PutCartBody {
    /// May repeat the id in the address.
    cart_id: Option<String>,
    /// Of a cart that is there: without it, its own. Of a new one: else the token's, else 1. From
    /// customers it is ignored.
    #[schema(minimum = 1)]
    store_id: Option<u32>,
    #[schema(max_items = 500)]
    items: Option<Vec<CartItem>>,
    delivery_method_id: Option<String>,
    shipping_address: Option<AddressBody>,
    billing_address: Option<AddressBody>,
    contact: Option<ContactBody>,
}

#[derive(ToSchema)]
pub(crate) struct CreateClientBody {
    /// For people.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// What its tokens may have at most: known scopes but `customer`, separated by spaces.
    #[schema(min_length = 1, max_length = 500)]
    scope: String,
}

#[derive(ToSchema)]
pub(crate) struct TokenForm {
    /// `client_credentials`.
    grant_type: String,
    /// Where they are not in the `Authorization` header.
    client_id: Option<String>,
    client_secret: Option<String>,
    /// Less than the client may; without it, all of that.
    scope: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct PutCartItemsBody {
    #[schema(max_items = 500)]
    items: Vec<CartItem>,
}

#[derive(ToSchema)]
#[schema(as = CartItemBody)]
pub(crate) struct CartItem {
    product_id: String,
    /// Needed where the product has variants.
    variant_id: Option<String>,
    #[schema(minimum = 1, maximum = 1000000)]
    quantity: u32,
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
    #[schema(schema_with = words::optional_payment_method, required = false)]
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
#[serde(untagged)]
pub(crate) enum RefundBody {
    Amount(RefundAmountBody),
    Parts(RefundPartsBody),
}

#[derive(ToSchema)]
pub(crate) struct RefundAmountBody {
    amount: Amount,
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// Items or shipping, or both.
#[derive(ToSchema)]
pub(crate) struct RefundPartsBody {
    #[schema(min_items = 1, max_items = 500)]
    items: Option<Vec<RefundItemBody>>,
    /// So much of what the delivery cost.
    shipping: Option<Amount>,
    /// Whether the goods of `items` are for sale again; without it, they are not.
    restock: Option<bool>,
    #[schema(max_length = 500)]
    reason: Option<String>,
}

#[derive(ToSchema)]
pub(crate) struct RefundItemBody {
    /// Of the order's items.
    #[schema(minimum = 1)]
    line: u32,
    #[schema(minimum = 1, maximum = 1000000)]
    quantity: u32,
}

/// May be left out.
#[derive(ToSchema)]
pub(crate) struct CreateShipmentBody {
    /// Without them, all that is open.
    #[schema(min_items = 1, max_items = 500)]
    items: Option<Vec<ShipmentItemBody>>,
    #[schema(max_length = 100)]
    carrier: Option<String>,
    #[schema(max_length = 100)]
    tracking_number: Option<String>,
    /// `true` is refused while no carrier is connected that sells labels.
    buy_label: Option<bool>,
}

#[derive(ToSchema)]
pub(crate) struct ShipmentItemBody {
    /// Of the order's items; one that is named twice is meant twice.
    #[schema(minimum = 1)]
    line: u32,
    #[schema(minimum = 1, maximum = 1000000)]
    quantity: u32,
}

#[derive(ToSchema)]
pub(crate) struct UpdateShipmentBody {
    #[schema(max_length = 100)]
    carrier: Option<String>,
    #[schema(max_length = 100)]
    tracking_number: Option<String>,
    #[schema(schema_with = words::optional_arrival, required = false)]
    status: String,
}

/// May be left out.
#[derive(ToSchema)]
pub(crate) struct ReasonBody {
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// May be left out.
#[derive(ToSchema)]
pub(crate) struct SandboxPaymentBody {
    /// What is paid, where that is not what was asked for.
    amount: Option<Amount>,
}

#[derive(ToSchema)]
pub(crate) struct SandboxBehaviourBody {
    #[schema(minimum = 0, maximum = 600000)]
    delay_ms: Option<u32>,
    #[schema(minimum = 0)]
    fail_next: Option<u32>,
    #[schema(minimum = 0)]
    lose_answer_next: Option<u32>,
    #[schema(schema_with = words::optional_callback, required = false)]
    callback: String,
}

/// What a change would be answered with, and what it would leave behind. Ids that would be given
/// are null, in every document here.
#[derive(ToSchema)]
pub(crate) struct DryRun {
    /// The status that the change would be answered with.
    status: u16,
    /// Its headers, by name in small letters.
    headers: BTreeMap<String, Option<String>>,
    /// Its body; a problem document where it would be refused.
    body: Option<serde_json::Value>,
    /// The order afterwards; null where it would be refused or none is concerned.
    order: Option<serde_json::Value>,
    /// The events that it would write, as in the feed.
    events: Vec<serde_json::Value>,
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
    /// Tells `stock.low` when an order takes what is available in a location down to this.
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
    /// ISO 4217, of `price` and `free_from`. Without one, that of store 1.
    currency: Option<String>,
    /// Ignored, so that what GET shows may be put back.
    version: Option<u64>,
}

#[derive(ToSchema)]
pub(crate) struct PutCustomerBody {
    /// May repeat the id in the address.
    customer_id: Option<String>,
    #[schema(max_length = 200)]
    name: Option<String>,
    #[schema(max_length = 254)]
    email: Option<String>,
    #[schema(max_length = 50)]
    phone: Option<String>,
    /// A language tag, such as `en` or `nb-NO`.
    #[schema(max_length = 35)]
    locale: Option<String>,
    /// How to tell the customer what becomes of orders. Without it, by e-mail.
    #[schema(schema_with = words::channels, required = false)]
    notify: Vec<String>,
    /// Ignored, so that what GET shows may be put back; `If-Match` is what compares versions.
    version: Option<u64>,
}

#[derive(ToSchema)]
pub(crate) struct PutStoreBody {
    /// May repeat the number in the address.
    #[schema(minimum = 1)]
    store_id: Option<u32>,
    #[schema(max_length = 200)]
    name: String,
    /// ISO 4217. It stays once the store has orders.
    currency: String,
    /// An IANA name; it decides in which year an invoice falls. Without one, UTC.
    time_zone: Option<String>,
    /// How the numbers of its invoices begin: 1 to 16 of `A-Z 0-9 -`, of no other store. Without
    /// one, `INV` in store 1, `INV2` in store 2.
    #[schema(max_length = 16)]
    invoice_prefix: Option<String>,
    /// Where a customer goes who has paid: http or https.
    #[schema(max_length = 2000)]
    success_url: Option<String>,
    /// The hosts that `success_url` may be on; empty: any.
    #[schema(max_items = 100)]
    success_hosts: Option<Vec<String>>,
    /// Whether it is for tests alone; without it, it is not.
    test: Option<bool>,
    /// Ignored, so that what GET shows may be put back; `If-Match` is what compares versions.
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
    /// Where the payment at its provider is the reason: how it stands there.
    #[schema(schema_with = words::intent_state, required = false)]
    provider_status: String,
    /// Where a cart has been ordered: as what.
    #[schema(required = false)]
    order_id: String,
}

#[derive(ToSchema)]
pub(crate) struct FieldProblem {
    /// RFC 6901, in the client's spelling; `/name` for a query parameter.
    pointer: String,
    code: String,
    detail: String,
}
