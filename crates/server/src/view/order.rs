//! An order, as its owner and as the shop sees it.

mod csv;
mod entry;

use std::collections::BTreeMap;

use domain::{
    Order, RetrievalId,
    address::{Address, Contact},
    order::{CancelCause, DocumentNumber, Line, ReviewStatus, Totals, VendorStatus},
};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use self::{
    csv::{add_order, header},
    entry::{Expanded, OrderEntry},
};
use super::{
    Amount, Text, Time,
    payment::{PaymentView, RefundView},
    shipment::ShipmentView,
};
use crate::openapi::words;

/// Who looks: a customer sees nothing of the shop's own reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Viewer {
    Customer,
    Shop,
}

impl Viewer {
    pub(crate) fn of(is_customer: bool) -> Viewer {
        if is_customer { Viewer::Customer } else { Viewer::Shop }
    }
}

/// They were checked when the order was placed; what can't be summed was never stored.
pub(crate) fn totals(order: &Order) -> Totals {
    let none = domain::Money::ZERO;
    order.totals().unwrap_or(Totals {
        subtotal: none,
        shipping: none,
        tax: none,
        discount: none,
        paid: none,
        refunded: none,
    })
}

#[derive(Serialize, ToSchema)]
#[schema(as = Order)]
pub(crate) struct OrderView<'a> {
    #[serde(flatten)]
    summary: OrderSummary<'a>,
    items: Vec<LineView<'a>>,
    shipping_address: Option<AddressView<'a>>,
    billing_address: Option<AddressView<'a>>,
    contact: ContactView<'a>,
    shipments: Vec<ShipmentView<'a>>,
    payments: Vec<PaymentView<'a>>,
    refunds: Vec<RefundView<'a>>,
    adjustments: Vec<AdjustmentView<'a>>,
    /// What the shop's own system has said of it. For the shop.
    merchant: Option<MerchantView<'a>>,
}

/// An order without items, addresses and payments.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderSummary<'a> {
    #[schema(value_type = String)]
    order_id: Text<domain::OrderNo>,
    #[schema(value_type = Option<String>)]
    retrieval_id: Option<Text<RetrievalId>>,
    store_id: u32,
    user_id: Option<&'a str>,
    #[schema(schema_with = words::order_status)]
    status: &'static str,
    #[schema(schema_with = words::payment_status)]
    payment_status: &'static str,
    #[schema(schema_with = words::shipping_status)]
    shipping_status: &'static str,
    #[schema(schema_with = words::review_status)]
    review_status: &'static str,
    on_hold: bool,
    /// For the shop.
    hold_reason: Option<&'a str>,
    currency: &'static str,
    subtotal: Amount,
    shipping_total: Amount,
    tax_total: Amount,
    discount_total: Amount,
    total: Amount,
    paid_total: Amount,
    refunded_total: Amount,
    #[schema(schema_with = words::payment_method)]
    payment_method: &'static str,
    delivery_method_id: Option<&'a str>,
    /// In lists with the addresses.
    notes: Option<&'a str>,
    #[schema(value_type = Option<String>)]
    invoice_number: Option<Text<&'a DocumentNumber>>,
    #[schema(value_type = Option<String>)]
    credit_note_number: Option<Text<&'a DocumentNumber>>,
    metadata: &'a BTreeMap<String, String>,
    version: u64,
    created_at: Time,
    updated_at: Time,
    confirmed_at: Option<Time>,
    shipped_at: Option<Time>,
    delivered_at: Option<Time>,
    cancelled_at: Option<Time>,
    cancel_reason: Option<&'a str>,
    /// Until when the stock is kept for a payment.
    expires_at: Option<Time>,
}

impl<'a> OrderSummary<'a> {
    pub(crate) fn new(order: &'a Order, viewer: Viewer) -> OrderSummary<'a> {
        let amount = |money| Amount(money, order.currency);
        let totals = totals(order);
        let person = order.person.as_deref();
        let shown_reason =
            viewer == Viewer::Shop || order.cancelled_by == Some(CancelCause::Customer);
        OrderSummary {
            order_id: Text(order.no),
            retrieval_id: order.retrieval_id().map(Text),
            store_id: order.store.0,
            user_id: order.customer.as_ref().map(domain::CustomerId::as_str),
            status: order.status.name(),
            payment_status: order.payment_status().name(),
            shipping_status: order.shipping_status.name(),
            review_status: match (viewer, order.review_status) {
                (Viewer::Customer, ReviewStatus::UnderReview) => ReviewStatus::None.name(),
                (_, status) => status.name(),
            },
            on_hold: order.on_hold,
            hold_reason: order.hold_reason.as_deref().filter(|_| viewer == Viewer::Shop),
            currency: order.currency.code(),
            subtotal: amount(totals.subtotal),
            shipping_total: amount(totals.shipping),
            tax_total: amount(totals.tax),
            discount_total: amount(totals.discount),
            total: amount(order.total),
            paid_total: amount(totals.paid),
            refunded_total: amount(totals.refunded),
            payment_method: order.payment_method.name(),
            delivery_method_id: order
                .shipping
                .method
                .as_ref()
                .map(domain::DeliveryMethodId::as_str),
            notes: person.and_then(|it| it.notes.as_deref()),
            invoice_number: order.invoice.as_ref().map(Text),
            credit_note_number: order.credit_note.as_ref().map(Text),
            metadata: &order.metadata,
            version: order.version,
            created_at: Time(order.created_at),
            updated_at: Time(order.updated_at),
            confirmed_at: order.confirmed_at.map(Time),
            shipped_at: order.shipped_at.map(Time),
            delivered_at: order.delivered_at.map(Time),
            cancelled_at: order.cancelled_at.map(Time),
            cancel_reason: order.cancel_reason.as_deref().filter(|_| shown_reason),
            expires_at: order.expires_at.map(Time),
        }
    }
}

impl<'a> OrderView<'a> {
    pub(crate) fn new(order: &'a Order, viewer: Viewer) -> OrderView<'a> {
        let person = order.person.as_deref();
        let currency = order.currency;
        OrderView {
            summary: OrderSummary::new(order, viewer),
            items: order.lines.iter().map(|it| LineView::new(it, currency)).collect(),
            shipping_address: person
                .and_then(|it| it.shipping_address.as_ref())
                .map(AddressView::new),
            billing_address: person
                .and_then(|it| it.billing_address.as_ref())
                .map(AddressView::new),
            contact: ContactView::new(person.map(|it| &it.contact)),
            shipments: order.shipments.iter().map(ShipmentView::new).collect(),
            payments: order
                .payments
                .iter()
                .map(|it| PaymentView::new(it, currency, viewer))
                .collect(),
            refunds: order.refunds.iter().map(|it| RefundView::new(it, currency, viewer)).collect(),
            adjustments: order
                .adjustments
                .iter()
                .map(|it| AdjustmentView {
                    adjustment_id: &it.id,
                    kind: &it.kind,
                    amount: Amount(it.amount, currency),
                })
                .collect(),
            merchant: order
                .merchant
                .as_ref()
                .filter(|_| viewer == Viewer::Shop)
                .map(|_| MerchantView::new(order)),
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = OrderLine)]
pub(crate) struct LineView<'a> {
    line: u32,
    product_id: Option<&'a str>,
    variant_id: Option<&'a str>,
    sku: Option<&'a str>,
    name: &'a str,
    quantity: u32,
    price: Amount,
    total: Amount,
    cancelled_quantity: u32,
    shipped_quantity: u32,
    returned_quantity: u32,
    refunded_quantity: u32,
}

impl<'a> LineView<'a> {
    pub(crate) fn new(line: &'a Line, currency: domain::Currency) -> LineView<'a> {
        LineView {
            line: line.no,
            product_id: line.product.as_ref().map(domain::ProductId::as_str),
            variant_id: line.variant.as_ref().map(domain::VariantId::as_str),
            sku: line.sku.as_deref(),
            name: &line.name,
            quantity: line.quantity.get(),
            price: Amount(line.price, currency),
            total: Amount(line.total, currency),
            cancelled_quantity: line.counts.cancelled,
            shipped_quantity: line.counts.shipped,
            returned_quantity: line.counts.returned,
            refunded_quantity: line.counts.refunded,
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Address)]
pub(crate) struct AddressView<'a> {
    name: Option<&'a str>,
    company: Option<&'a str>,
    address: &'a str,
    address2: Option<&'a str>,
    city: &'a str,
    state: Option<&'a str>,
    zip: Option<&'a str>,
    country: &'static str,
    phone: Option<&'a str>,
}

impl<'a> AddressView<'a> {
    pub(crate) fn new(address: &'a Address) -> AddressView<'a> {
        AddressView {
            name: address.name.as_deref(),
            company: address.company.as_deref(),
            address: &address.address,
            address2: address.address2.as_deref(),
            city: &address.city,
            state: address.state.as_deref(),
            zip: address.zip.as_deref(),
            country: address.country.alpha2(),
            phone: address.phone.as_deref(),
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Contact)]
pub(crate) struct ContactView<'a> {
    email: Option<&'a str>,
    phone: Option<&'a str>,
}

impl<'a> ContactView<'a> {
    pub(crate) fn new(contact: Option<&'a Contact>) -> ContactView<'a> {
        ContactView {
            email: contact.and_then(|it| it.email.as_deref()),
            phone: contact.and_then(|it| it.phone.as_deref()),
        }
    }
}

#[derive(Serialize, ToSchema)]
#[schema(as = Adjustment)]
struct AdjustmentView<'a> {
    adjustment_id: &'a str,
    kind: &'a str,
    amount: Amount,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Merchant)]
struct MerchantView<'a> {
    /// What it called the order before it was placed.
    reference_id: Option<&'a str>,
    /// Its own id of the order.
    merchant_order_id: Option<&'a str>,
    /// How far its people have come, by their own account.
    #[schema(schema_with = words::optional_vendor_status)]
    vendor_status: Option<&'static str>,
}

impl<'a> MerchantView<'a> {
    fn new(order: &'a Order) -> MerchantView<'a> {
        let reference = order.merchant_reference();
        MerchantView {
            reference_id: reference.and_then(|it| it.reference_id.as_deref()),
            merchant_order_id: order.merchant_order_id(),
            vendor_status: order.vendor_status().map(VendorStatus::name),
        }
    }
}
