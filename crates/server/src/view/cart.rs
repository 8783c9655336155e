//! A cart, at the prices of the moment.

use domain::{
    Currency, World,
    cart::{
        Cart, CartItem,
        pricing::{self, PricedItem},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Amount, Time,
    order::{AddressView, ContactView},
};
use crate::openapi::words;

#[derive(Serialize, ToSchema)]
#[schema(as = Cart)]
pub(crate) struct CartView<'a> {
    #[schema(value_type = String)]
    cart_id: Option<&'a str>,
    /// Null: a guest's.
    user_id: Option<&'a str>,
    store_id: u32,
    #[schema(schema_with = words::cart_status)]
    status: &'static str,
    currency: &'static str,
    items: Vec<CartItemView<'a>>,
    delivery_method_id: Option<&'a str>,
    shipping_address: Option<AddressView<'a>>,
    billing_address: Option<AddressView<'a>>,
    contact: ContactView<'a>,
    /// Of the items that have a price.
    subtotal: Amount,
    /// Null: no delivery method carries these goods to this address.
    shipping_total: Option<Amount>,
    /// With the shipping, where it is known.
    total: Amount,
    version: u64,
    /// Each change puts it off.
    expires_at: Option<Time>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = CartItem)]
struct CartItemView<'a> {
    product_id: &'a str,
    variant_id: Option<&'a str>,
    quantity: u32,
    /// The catalogue's of now; null: it can't be bought any more.
    price: Option<Amount>,
    /// Null where the product is gone.
    name: Option<String>,
    total: Option<Amount>,
    /// How many there are to be had in all locations together, whatever the quantity; 0 where it
    /// can't be bought, null where it never runs out.
    available: Option<i64>,
}

impl<'a> CartView<'a> {
    /// By a world that has what the cart's keys name.
    pub(crate) fn new(cart: &'a Cart, world: &World) -> CartView<'a> {
        let priced = pricing::price(cart, world);
        let (currency, contents) = (priced.currency, &cart.contents);
        let amount = |money| Amount(money, currency);
        let items = contents.items.iter().zip(priced.items);
        let address = |it: &'a Option<domain::address::Address>| it.as_ref().map(AddressView::new);
        CartView {
            cart_id: Some(cart.key.id.as_str()),
            user_id: cart.key.owner.as_ref().map(domain::CustomerId::as_str),
            store_id: cart.store.0,
            status: cart.status.name(),
            currency: currency.code(),
            items: items.map(|(item, it)| CartItemView::new(item, it, currency)).collect(),
            delivery_method_id: contents
                .delivery_method
                .as_ref()
                .map(domain::DeliveryMethodId::as_str),
            shipping_address: address(&contents.person.shipping_address),
            billing_address: address(&contents.person.billing_address),
            contact: ContactView::new(Some(&contents.person.contact)),
            subtotal: amount(priced.subtotal),
            shipping_total: priced.shipping.map(amount),
            total: amount(priced.total),
            version: cart.version,
            expires_at: cart.expires_at.map(Time),
        }
    }

    /// The same of a cart that has no id yet.
    pub(crate) fn without_id(self) -> CartView<'a> {
        CartView { cart_id: None, ..self }
    }
}

impl<'a> CartItemView<'a> {
    fn new(item: &'a CartItem, priced: PricedItem, currency: Currency) -> CartItemView<'a> {
        let amount = |money| Amount(money, currency);
        CartItemView {
            product_id: item.product.as_str(),
            variant_id: item.variant.as_ref().map(domain::VariantId::as_str),
            quantity: item.quantity.get(),
            price: priced.price.map(amount),
            name: priced.name,
            total: priced.total.map(amount),
            available: priced.available,
        }
    }
}
