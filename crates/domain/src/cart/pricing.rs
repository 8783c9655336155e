//! What a cart comes to at this moment, by the catalogue as it is.

use super::Cart;
use crate::{
    catalog::Product,
    delivery,
    money::{Currency, Money},
    order::place::price_line,
    quantity::Quantity,
    shop::Shop,
    stock::allocation::available_anywhere,
    world::World,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Priced {
    pub currency: Currency,
    /// In the order of the cart's items.
    pub items: Vec<PricedItem>,
    /// Of all that has a price.
    pub subtotal: Money,
    /// Absent: no method is known to carry it.
    pub shipping: Option<Money>,
    /// With the shipping, as far as it is known.
    pub total: Money,
}

/// What can't be bought any more has no price, and nothing of it is available.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedItem {
    pub name: Option<String>,
    pub price: Option<Money>,
    pub total: Option<Money>,
    /// In all places together. Absent: it never runs out.
    pub available: Option<i64>,
}

impl PricedItem {
    fn unavailable(product: Option<&Product>) -> PricedItem {
        let name = product.map(|it| it.name.clone());
        PricedItem { name, price: None, total: None, available: Some(0) }
    }
}

/// Prices a cart by a world that has what its keys name.
pub fn price(cart: &Cart, world: &World) -> Priced {
    let usual = Shop::first();
    let shop = world.stores.get(&cart.store).unwrap_or(&usual);
    let mut items = Vec::with_capacity(cart.contents.items.len());
    let mut goods: Vec<(&Product, Quantity)> = Vec::new();
    for item in &cart.contents.items {
        let wanted = item.to_order();
        let product = world.products.get(&item.product);
        let line = product.and_then(|it| Some((it, price_line(1, &wanted, it, shop).ok()?)));
        let Some((product, line)) = line else {
            items.push(PricedItem::unavailable(product));
            continue;
        };
        goods.push((product, item.quantity));
        let available = line.stock_key().map(|main| available_anywhere(world, &main));
        items.push(PricedItem {
            name: Some(line.name),
            price: Some(line.price),
            total: Some(line.total),
            available,
        });
    }
    // A sum that can't be counted can't be ordered either; it is shown as the most there is.
    let most = Money(i64::MAX);
    let subtotal = Money::sum(items.iter().filter_map(|it| it.total)).unwrap_or(most);
    let country = cart.contents.person.shipping_address.as_ref().map(|it| it.country);
    let named = cart.contents.delivery_method.as_ref();
    let chosen = delivery::choose(world, shop.currency, named, country, subtotal, &goods);
    let shipping =
        chosen.ok().map(|method| method.map_or(Money::ZERO, |it| it.price_for(subtotal)));
    let total = subtotal.plus(shipping.unwrap_or(Money::ZERO)).unwrap_or(most);
    Priced { currency: shop.currency, items, subtotal, shipping, total }
}
