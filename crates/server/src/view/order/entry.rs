//! An order in a list, with those of its parts that were asked for.

use domain::Order;
use serde::Serialize;
use utoipa::ToSchema;

use super::{AddressView, ContactView, LineView, OrderSummary, Viewer};
use crate::view::payment::{PaymentView, RefundView};

/// The parts that entries of a list have beside themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expanded {
    pub(crate) items: bool,
    pub(crate) addresses: bool,
    pub(crate) payments: bool,
}

/// An entry of a list: the order, with the parts that `expand` names.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderEntry<'a> {
    #[serde(flatten)]
    pub(super) summary: OrderSummary<'a>,
    #[serde(flatten)]
    pub(super) items: Option<Items<'a>>,
    #[serde(flatten)]
    pub(super) addresses: Option<Addresses<'a>>,
    #[serde(flatten)]
    pub(super) payments: Option<Payments<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = OrderEntryItems)]
pub(crate) struct Items<'a> {
    pub(super) items: Vec<LineView<'a>>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = OrderEntryAddresses)]
pub(crate) struct Addresses<'a> {
    pub(super) shipping_address: Option<AddressView<'a>>,
    pub(super) billing_address: Option<AddressView<'a>>,
    pub(super) contact: ContactView<'a>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = OrderEntryPayments)]
pub(crate) struct Payments<'a> {
    pub(super) payments: Vec<PaymentView<'a>>,
    pub(super) refunds: Vec<RefundView<'a>>,
}

impl<'a> OrderEntry<'a> {
    pub(crate) fn new(order: &'a Order, expanded: Expanded, viewer: Viewer) -> OrderEntry<'a> {
        let currency = order.currency;
        let items =
            || Items { items: order.lines.iter().map(|it| LineView::new(it, currency)).collect() };
        let addresses = || {
            let person = order.person.as_deref();
            let shipping = person.and_then(|it| it.shipping_address.as_ref());
            let billing = person.and_then(|it| it.billing_address.as_ref());
            Addresses {
                shipping_address: shipping.map(AddressView::new),
                billing_address: billing.map(AddressView::new),
                contact: ContactView::new(person.map(|it| &it.contact)),
            }
        };
        let payments = || {
            let payments = order.payments.iter();
            let refunds = order.refunds.iter();
            Payments {
                payments: payments.map(|it| PaymentView::new(it, currency, viewer)).collect(),
                refunds: refunds.map(|it| RefundView::new(it, currency, viewer)).collect(),
            }
        };
        OrderEntry {
            summary: OrderSummary::new(order, viewer),
            items: expanded.items.then(items),
            addresses: expanded.addresses.then(addresses),
            payments: expanded.payments.then(payments),
        }
    }
}
