//! A complete order as a shop's own system imports it: flat, every key there, null where there is
//! nothing. All keys are plain identifiers, since programs make members of them.

use domain::{
    Order, RetrievalId,
    address::Address,
    order::{Adjustment, Line},
    payment::{Payment, PaymentState},
    shipment::Shipment,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::door::Shop;
use crate::{
    openapi::words,
    view::{Amount, Text, Time, order::totals},
};

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ShopOrder)]
pub(super) struct DetailView<'a> {
    #[schema(value_type = String)]
    order_id: Text<RetrievalId>,
    reference_id: Option<&'a str>,
    merchant_order_id: Option<&'a str>,
    #[schema(schema_with = words::merchant_status)]
    order_status: &'static str,
    order_status_date: Option<Time>,
    /// When the order became complete.
    order_date: Option<Time>,
    test_order: bool,
    po_number: Option<&'a str>,
    name: Option<&'a str>,
    company: Option<&'a str>,
    email: Option<&'a str>,
    phone: Option<&'a str>,
    alt_phone: Option<&'a str>,
    address1: Option<&'a str>,
    address2: Option<&'a str>,
    city: Option<&'a str>,
    state: Option<&'a str>,
    zip: Option<&'a str>,
    country_code: Option<&'static str>,
    /// Who pays; where nobody else was named, who receives.
    billing_name: Option<&'a str>,
    billing_company: Option<&'a str>,
    billing_email: Option<&'a str>,
    billing_phone: Option<&'a str>,
    billing_alt_phone: Option<&'a str>,
    billing_address1: Option<&'a str>,
    billing_address2: Option<&'a str>,
    billing_city: Option<&'a str>,
    billing_state: Option<&'a str>,
    billing_zip: Option<&'a str>,
    billing_country_code: Option<&'static str>,
    items_total: Amount,
    shipping_total: Amount,
    duty_taxes_total: Amount,
    discount_total: Amount,
    grand_total: Amount,
    currency_code: &'static str,
    /// In which the customer has paid.
    foreign_currency_code: &'static str,
    shipping_carrier_service_level: Option<&'a str>,
    customer_selected_shipping_name: Option<&'a str>,
    box_count: Option<u32>,
    #[schema(schema_with = words::shipping_status)]
    shipping_status: &'static str,
    tracking_list: Vec<TrackingView<'a>>,
    /// The first of them.
    tracking_number: Option<&'a str>,
    items: Vec<ItemView<'a>>,
    promo_code: Option<PromoCodeView<'a>>,
    notes: Vec<NoteView<'a>>,
    payment_processing: Option<ProcessingView<'a>>,
    birth_date: Option<&'a str>,
    national_identifier: Option<&'a str>,
    misc1: Option<&'a str>,
    misc2: Option<&'a str>,
    misc3: Option<&'a str>,
    misc4: Option<&'a str>,
    misc5: Option<&'a str>,
    misc6: Option<&'a str>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ShopOrderTracking)]
struct TrackingView<'a> {
    number: &'a str,
    carrier: Option<&'a str>,
    url: Option<&'a str>,
}

/// A discount is an item with a negative price and without a product.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ShopOrderItem)]
struct ItemView<'a> {
    product_id: Option<&'a str>,
    sku: Option<&'a str>,
    description: &'a str,
    quantity: u32,
    unit_price: Amount,
    /// The variant that was chosen.
    item_customization: Option<&'a str>,
    /// Of one piece, as the shop has told it.
    weight: Option<&'a str>,
    weight_units: Option<&'a str>,
    country_of_origin: Option<&'a str>,
    #[serde(rename = "imageURL")]
    image_url: Option<&'a str>,
    #[serde(rename = "itemURL")]
    item_url: Option<&'a str>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ShopOrderPromoCode)]
struct PromoCodeView<'a> {
    code: &'a str,
    amount: Amount,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ShopOrderNote)]
struct NoteView<'a> {
    note: &'a str,
    /// Whether the customer has written it.
    customer_note: bool,
    created_date: Time,
}

#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = ShopOrderPayment)]
struct ProcessingView<'a> {
    payment_gateway: Option<&'a str>,
    /// How it was paid.
    payment_processor: &'static str,
    card_type: Option<&'a str>,
    /// The provider's own id of the payment.
    transaction_id: Option<&'a str>,
    /// `SALE` once the money is there, `AUTHORIZATION` while it is promised.
    transaction_type: &'static str,
}

impl<'a> DetailView<'a> {
    /// Of an order that is complete.
    pub(super) fn new(order: &'a Order, shop: &'a Shop) -> DetailView<'a> {
        let amount = |money| Amount(money, order.currency);
        let totals = totals(order);
        let person = order.person.as_deref();
        let contact = person.map(|it| &it.contact);
        let email = contact.and_then(|it| it.email.as_deref());
        let phone = contact.and_then(|it| it.phone.as_deref());
        let to = Party::of(person.and_then(|it| it.shipping_address.as_ref()), phone);
        let bill_to = person.and_then(|it| it.billing_address.as_ref());
        let bill_to = bill_to.or_else(|| person.and_then(|it| it.shipping_address.as_ref()));
        let by = Party::of(bill_to, phone);
        let reference = order.merchant_reference();
        let misc = |nth: usize| reference.and_then(|it| it.misc.get(nth)?.as_deref());
        let method = order.shipping.method.as_ref();
        DetailView {
            order_id: Text(RetrievalId {
                store: order.store,
                no: order.retrieval_no.unwrap_or_default(),
            }),
            reference_id: reference.and_then(|it| it.reference_id.as_deref()),
            merchant_order_id: order.merchant_order_id(),
            order_status: order.merchant_status().name(),
            order_status_date: order.merchant_status_since().map(Time),
            order_date: order.confirmed_at.map(Time),
            test_order: shop.test,
            po_number: None,
            name: to.name,
            company: to.company,
            email,
            phone: to.phone,
            alt_phone: to.alt_phone,
            address1: to.address1,
            address2: to.address2,
            city: to.city,
            state: to.state,
            zip: to.zip,
            country_code: to.country_code,
            billing_name: by.name,
            billing_company: by.company,
            billing_email: email,
            billing_phone: by.phone,
            billing_alt_phone: by.alt_phone,
            billing_address1: by.address1,
            billing_address2: by.address2,
            billing_city: by.city,
            billing_state: by.state,
            billing_zip: by.zip,
            billing_country_code: by.country_code,
            items_total: amount(totals.subtotal),
            shipping_total: amount(totals.shipping),
            duty_taxes_total: amount(totals.tax),
            discount_total: amount(totals.discount),
            grand_total: amount(order.total),
            currency_code: order.currency.code(),
            foreign_currency_code: order.currency.code(),
            shipping_carrier_service_level: method.map(domain::DeliveryMethodId::as_str),
            customer_selected_shipping_name: method.and_then(|it| shop.known.delivery_method(it)),
            box_count: reference.and_then(|it| it.box_count),
            shipping_status: order.shipping_status.name(),
            tracking_list: order.shipments.iter().flat_map(tracking).collect(),
            tracking_number: order.shipments.iter().flat_map(Shipment::tracking_numbers).next(),
            items: items(order),
            promo_code: None,
            notes: notes(order),
            payment_processing: processing(order),
            birth_date: None,
            national_identifier: None,
            misc1: misc(0),
            misc2: misc(1),
            misc3: misc(2),
            misc4: misc(3),
            misc5: misc(4),
            misc6: misc(5),
        }
    }
}

/// What an address says, all of it absent where there is none.
#[derive(Default)]
struct Party<'a> {
    name: Option<&'a str>,
    company: Option<&'a str>,
    phone: Option<&'a str>,
    alt_phone: Option<&'a str>,
    address1: Option<&'a str>,
    address2: Option<&'a str>,
    city: Option<&'a str>,
    state: Option<&'a str>,
    zip: Option<&'a str>,
    country_code: Option<&'static str>,
}

impl<'a> Party<'a> {
    /// The contact's number is the other one where the address has its own.
    fn of(address: Option<&'a Address>, contact_phone: Option<&'a str>) -> Party<'a> {
        let Some(it) = address else {
            return Party { phone: contact_phone, ..Party::default() };
        };
        let phone = it.phone.as_deref().or(contact_phone);
        Party {
            name: it.name.as_deref(),
            company: it.company.as_deref(),
            phone,
            alt_phone: contact_phone.filter(|it| Some(*it) != phone),
            address1: Some(&it.address),
            address2: it.address2.as_deref(),
            city: Some(&it.city),
            state: it.state.as_deref(),
            zip: it.zip.as_deref(),
            country_code: Some(it.country.alpha2()),
        }
    }
}

fn tracking(shipment: &Shipment) -> impl Iterator<Item = TrackingView<'_>> {
    let carrier = shipment.carrier.as_deref();
    shipment.tracking_numbers().map(move |number| TrackingView { number, carrier, url: None })
}

fn items(order: &Order) -> Vec<ItemView<'_>> {
    let lines = order.lines.iter().map(|it| item(order, it));
    let is_discount = |it: &&Adjustment| it.amount < domain::Money::ZERO;
    let discounts = order.adjustments.iter().filter(is_discount).map(|it| discount(order, it));
    lines.chain(discounts).collect()
}

fn item<'a>(order: &Order, line: &'a Line) -> ItemView<'a> {
    let told = line.details.as_deref();
    let reference = told.and_then(|it| it.product_reference.as_deref());
    let variant = line.variant.as_ref().map(domain::VariantId::as_str);
    ItemView {
        product_id: line.product.as_ref().map(domain::ProductId::as_str).or(reference),
        sku: line.sku.as_deref(),
        description: &line.name,
        quantity: line.quantity.get(),
        unit_price: Amount(line.price, order.currency),
        item_customization: told.and_then(|it| it.customization.as_deref()).or(variant),
        weight: told.and_then(|it| it.weight.as_deref()),
        weight_units: told.and_then(|it| it.weight_units.as_deref()),
        country_of_origin: told.and_then(|it| it.country_of_origin.as_deref()),
        image_url: told.and_then(|it| it.image_url.as_deref()),
        item_url: told.and_then(|it| it.item_url.as_deref()),
    }
}

fn discount<'a>(order: &Order, adjustment: &'a Adjustment) -> ItemView<'a> {
    ItemView {
        product_id: None,
        sku: None,
        description: adjustment.name.as_deref().unwrap_or(&adjustment.kind),
        quantity: 1,
        unit_price: Amount(adjustment.amount, order.currency),
        item_customization: None,
        weight: None,
        weight_units: None,
        country_of_origin: None,
        image_url: None,
        item_url: None,
    }
}

fn notes(order: &Order) -> Vec<NoteView<'_>> {
    let written = order.person.iter().filter_map(|it| it.notes.as_deref());
    let created_date = Time(order.created_at);
    written.map(|note| NoteView { note, customer_note: true, created_date }).collect()
}

/// The payment that the order stands on.
fn processing(order: &Order) -> Option<ProcessingView<'_>> {
    let mut found = order.payments.iter().rev().filter_map(|it| Some((it, transaction_type(it)?)));
    let (payment, transaction_type) = found.next()?;
    Some(ProcessingView {
        payment_gateway: None,
        payment_processor: payment.method.name(),
        card_type: None,
        transaction_id: payment.intent.as_ref().map(domain::IntentId::as_str),
        transaction_type,
    })
}

fn transaction_type(payment: &Payment) -> Option<&'static str> {
    match payment.status {
        PaymentState::Captured => Some("SALE"),
        PaymentState::Authorized => Some("AUTHORIZATION"),
        PaymentState::Open
        | PaymentState::Processing
        | PaymentState::Failed
        | PaymentState::Cancelled => None,
    }
}
