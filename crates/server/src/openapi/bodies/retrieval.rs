//! What a shop's own system sends to `/v1`.

use utoipa::ToSchema;

use crate::openapi::words;

/// One of `sinceOrderId`, `sinceDate` and `missingMerchantOrderId`, the last also with one of the
/// others. Numbers may come as texts, and truth too; null is as good as nothing.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct OrderNumbersBody {
    /// The store's number; also `storeId`.
    store: u32,
    /// The store's secret, which staff get once.
    secret: String,
    /// The orders after this one; 0: all.
    since_order_id: Option<String>,
    /// `yyyymmdd`, in UTC: from the start of that day.
    since_date: Option<String>,
    /// `yyyymmdd`, with `sinceDate`: to the end of that day.
    through_date: Option<String>,
    /// Of the last 14 days, those alone that have no merchant order id.
    missing_merchant_order_id: Option<bool>,
    /// Entries have `orderStatus` and `orderStatusDate` too.
    statuses: Option<bool>,
}

/// One of `orderId` and `referenceId`.
#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct OrderDetailBody {
    /// The store's number; also `storeId`.
    store: u32,
    /// The store's secret, which staff get once.
    secret: String,
    /// `1-10042`, or the number alone.
    order_id: Option<String>,
    /// What the shop called the order before it was placed; of several, the one that became
    /// complete last.
    reference_id: Option<String>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct TempCartBody {
    /// The store's number; also `storeId`.
    store: u32,
    /// Only the shop itself, from its own server, has it.
    secret: Option<String>,
    /// What is bought. An item outside the catalogue needs the secret.
    #[schema(min_items = 1, max_items = 500)]
    items: Vec<TempCartItemBody>,
    /// What the shop calls the order; orderDetail finds it by this.
    reference_id: Option<String>,
    /// Where the buyer goes who has bought: on one of the store's hosts.
    #[schema(rename = "externalConfirmationPageURL")]
    external_confirmation_page_url: Option<String>,
    /// Where the buyer goes who has not.
    #[schema(rename = "contShoppingURL")]
    cont_shopping_url: Option<String>,
    /// With the secret: added to the price of the delivery.
    domestic_shipping_charge: Option<f64>,
    /// How many parcels the shop expects to send.
    box_count: Option<u32>,
    /// The shop's own; orderDetail tells it again.
    misc1: Option<String>,
    /// The shop's own; orderDetail tells it again.
    misc2: Option<String>,
    /// The shop's own; orderDetail tells it again.
    misc3: Option<String>,
    /// The shop's own; orderDetail tells it again.
    misc4: Option<String>,
    /// The shop's own; orderDetail tells it again.
    misc5: Option<String>,
    /// The shop's own; orderDetail tells it again.
    misc6: Option<String>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct TempCartItemBody {
    /// What the buyer reads.
    description: String,
    /// How many pieces.
    #[schema(minimum = 1, maximum = 1_000_000)]
    quantity: u32,
    /// With the secret it may be negative: a discount.
    unit_price: f64,
    /// Of the catalogue, where there is such a product.
    product_id: Option<String>,
    /// Of the product, where it has variants.
    variant_id: Option<String>,
    /// The shop's own number of the article.
    sku: Option<String>,
    /// Of one piece.
    weight: Option<f64>,
    /// `OZ`, `LB`, `G` or `KG`.
    weight_units: Option<String>,
    /// Of one piece, in the shop's own unit; kept as it is told, like the next two.
    length: Option<f64>,
    /// Across.
    width: Option<f64>,
    /// Up.
    height: Option<f64>,
    /// It needs no delivery.
    non_shippable: Option<bool>,
    /// What was made to the buyer's wish.
    item_customization: Option<String>,
    /// Where it was made.
    country_of_origin: Option<String>,
    /// Who makes it.
    item_brand: Option<String>,
    /// What the shop counts it among.
    item_category: Option<String>,
    /// Its number in the Harmonized System, for the customs.
    #[schema(rename = "itemHSCode")]
    item_hs_code: Option<String>,
    /// A picture of it.
    #[schema(rename = "imageURL")]
    image_url: Option<String>,
    /// The shop's page about it.
    #[schema(rename = "itemURL")]
    item_url: Option<String>,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct MerchantOrderIdBody {
    /// The store's number; also `storeId`.
    store: u32,
    /// The store's secret, which staff get once.
    secret: String,
    /// `1-10042`, or the number alone.
    order_id: String,
    /// What the shop calls the order from now on.
    #[schema(max_length = 255)]
    merchant_order_id: String,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct VendorOrderStatusBody {
    /// The store's number; also `storeId`.
    store: u32,
    /// The store's secret, which staff get once.
    secret: String,
    /// `1-10042`, or the number alone.
    order_id: String,
    #[schema(schema_with = words::vendor_status)]
    order_status: String,
}

#[derive(ToSchema)]
#[schema(rename_all = "camelCase")]
pub(crate) struct ShipmentTrackingBody {
    /// The store's number; also `storeId`.
    store: u32,
    /// The store's secret, which staff get once.
    secret: String,
    /// `1-10042`, or the number alone.
    order_id: String,
    /// The parcels.
    #[schema(min_items = 1, max_items = 100)]
    tracking_list: Vec<TrackingBody>,
}

#[derive(ToSchema)]
pub(crate) struct TrackingBody {
    /// By which the carrier finds the parcel.
    #[schema(max_length = 100)]
    number: String,
}
