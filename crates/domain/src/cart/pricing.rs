//! What a cart comes to at this moment, by the catalogue as it is.

use super::{Cart, temp::Temp};
use crate::{
    delivery::{self, DeliveryMethod, Goods},
    money::{Currency, Money},
    order::{
        Line,
        place::{price_line, temp_line},
    },
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
    /// What is taken off.
    pub discount: Money,
    /// Absent: no method is known to carry it.
    pub shipping: Option<Money>,
    /// With the shipping, as far as it is known.
    pub total: Money,
}

/// What can't be bought any more has no price, and nothing of it is available.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PricedItem {
    pub name: Option<String>,
    pub quantity: Quantity,
    pub price: Option<Money>,
    pub total: Option<Money>,
    /// In all places together. Absent: it never runs out.
    pub available: Option<i64>,
}

impl PricedItem {
    fn of(line: Line, world: &World) -> PricedItem {
        let available = line.stock_key().map(|main| available_anywhere(world, &main));
        PricedItem {
            name: Some(line.name),
            quantity: line.quantity,
            price: Some(line.price),
            total: Some(line.total),
            available,
        }
    }

    fn unavailable(name: Option<String>, quantity: Quantity) -> PricedItem {
        PricedItem { name, quantity, price: None, total: None, available: Some(0) }
    }
}

/// A way to get the goods of a cart to where they go.
#[derive(Clone, Debug)]
pub struct Offer<'w> {
    pub method: &'w DeliveryMethod,
    /// All that the buyer pays for shipping by it.
    pub amount: Money,
}

/// Prices a cart by a world that has what its keys name.
pub fn price(cart: &Cart, world: &World) -> Priced {
    let usual = Shop::first();
    let shop = world.stores.get(&cart.store).unwrap_or(&usual);
    let (items, goods) = lines(cart, shop, world);
    // A sum that can't be counted can't be ordered either; it is shown as the most there is.
    let most = Money(i64::MAX);
    let subtotal = Money::sum(items.iter().filter_map(|it| it.total)).unwrap_or(most);
    let temp = cart.temp.as_deref();
    let discount = temp.map_or(Ok(Money::ZERO), Temp::discount).unwrap_or(most);
    let country = cart.contents.person.shipping_address.as_ref().map(|it| it.country);
    let named = cart.contents.delivery_method.as_ref();
    let chosen = delivery::choose(world, shop.currency, named, country, subtotal, &goods);
    let domestic = temp.map_or(Money::ZERO, |it| it.domestic_shipping);
    let shipping = chosen.ok().map(|method| {
        let amount = method.map_or(Money::ZERO, |it| it.price_for(subtotal));
        amount.plus(domestic).unwrap_or(most)
    });
    let total = subtotal.plus(shipping.unwrap_or(Money::ZERO));
    let total = total.and_then(|it| it.minus(discount)).unwrap_or(most);
    Priced { currency: shop.currency, items, subtotal, discount, shipping, total }
}

/// The methods that carry a cart to where it goes, the cheapest first, by a world that has all of
/// them. None, where nothing is to be shipped.
pub fn offers<'w>(cart: &Cart, world: &'w World) -> Vec<Offer<'w>> {
    let usual = Shop::first();
    let shop = world.stores.get(&cart.store).unwrap_or(&usual);
    let (items, goods) = lines(cart, shop, world);
    if !goods.iter().any(|it| it.requires_shipping) {
        return Vec::new();
    }
    let Ok(subtotal) = Money::sum(items.iter().filter_map(|it| it.total)) else {
        return Vec::new();
    };
    let country = cart.contents.person.shipping_address.as_ref().map(|it| it.country);
    let domestic = cart.temp.as_ref().map_or(Money::ZERO, |it| it.domestic_shipping);
    let suits = |it: &&DeliveryMethod| it.carries(shop.currency, country, &goods).is_ok();
    let offer = |method: &'w DeliveryMethod| {
        let amount = method.price_for(subtotal).plus(domestic).ok()?;
        Some(Offer { method, amount })
    };
    let mut offers: Vec<_> =
        world.delivery_methods.iter().filter(suits).filter_map(offer).collect();
    offers.sort_by_key(|it| (it.amount, it.method.id.clone()));
    offers
}

/// Whether anything of a cart has to be brought somewhere.
pub fn requires_shipping(cart: &Cart, world: &World) -> bool {
    let usual = Shop::first();
    let shop = world.stores.get(&cart.store).unwrap_or(&usual);
    lines(cart, shop, world).1.iter().any(|it| it.requires_shipping)
}

fn lines<'w>(cart: &Cart, shop: &Shop, world: &'w World) -> (Vec<PricedItem>, Vec<Goods<'w>>) {
    let mut items = Vec::new();
    let mut goods = Vec::new();
    for item in &cart.contents.items {
        let product = world.products.get(&item.product);
        let line = product.and_then(|it| {
            let line = price_line(1, &item.to_order(), it, shop).ok()?;
            Some((line, Goods::of(it, item.quantity)))
        });
        let name = || product.map(|it| it.name.clone());
        add(line, &mut items, &mut goods, world, || PricedItem::unavailable(name(), item.quantity));
    }
    for line in cart.temp.iter().flat_map(|it| &it.lines) {
        let priced = temp_line(0, line, world, shop).ok();
        add(priced, &mut items, &mut goods, world, || {
            let (name, quantity) = line.shown(world);
            PricedItem::unavailable(name, quantity)
        });
    }
    (items, goods)
}

fn add<'w>(
    line: Option<(Line, Goods<'w>)>,
    items: &mut Vec<PricedItem>,
    goods: &mut Vec<Goods<'w>>,
    world: &World,
    unavailable: impl FnOnce() -> PricedItem,
) {
    match line {
        Some((line, carried)) => {
            items.push(PricedItem::of(line, world));
            goods.push(carried);
        }
        None => items.push(unavailable()),
    }
}
