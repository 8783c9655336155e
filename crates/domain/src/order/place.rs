//! Place an order from items: price it, reserve its stock and, unless it is prepaid, confirm it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Line, LineKind, OrderKind, PaymentMethod, Shipping,
    confirm::{self, completion},
};
use crate::{
    actor::Actor,
    address::{Address, Person},
    catalog::Product,
    command::Decision,
    counter::Counter,
    customer::Customer,
    delivery::DeliveryMethod,
    event::{AdminEvent, CustomerRegistered, Event, OrderCreated, OrderPaid, StockLow},
    id::{CustomerId, DeliveryMethodId, LocationId, OrderNo, ProductId, StoreId, VariantId},
    moment::Moment,
    money::{Decimal, Money},
    quantity::Quantity,
    refusal::{Found, Refusal, Refusals, Subject},
    shop::Shop,
    stock::{Stock, StockKey},
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq)]
pub struct PlaceOrder {
    pub store: StoreId,
    /// Absent: a guest.
    pub customer: Option<CustomerId>,
    pub items: Vec<Item>,
    /// Absent: the cheapest that suits.
    pub delivery_method: Option<DeliveryMethodId>,
    pub payment_method: PaymentMethod,
    pub person: Box<Person>,
    pub metadata: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub product: ProductId,
    pub variant: Option<VariantId>,
    pub quantity: Quantity,
    /// What the customer was shown. It is compared, never taken.
    pub price: Option<Decimal>,
}

impl Item {
    fn stock_key(&self) -> StockKey {
        StockKey::main(self.product.clone(), self.variant.clone())
    }
}

impl PlaceOrder {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.stores.insert(self.store);
        keys.customers.extend(self.customer.clone());
        match &self.delivery_method {
            Some(method) => _ = keys.delivery_methods.insert(method.clone()),
            None => keys.every_delivery_method = true,
        }
        for item in &self.items {
            keys.products.insert(item.product.clone());
            keys.stock.insert(item.stock_key());
        }
    }

    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let shop = world.stores.get(&self.store).filter(|it| actor.may_use(it.id));
        let shop = shop.ok_or(Refusal::StoreNotFound(self.store))?;
        let mut found = Found::default();
        if self.payment_method.is_prepaid() {
            found.add(Subject::PaymentMethod, Refusal::PaymentRequired);
        }
        let customer = self.customer.as_ref().and_then(|id| world.customers.get(id));
        if let (Some(id), None, false) = (&self.customer, customer, world.policy.auto_register) {
            found.add(Subject::Customer, Refusal::CustomerNotFound(id.clone()));
        }
        let (lines, goods) = self.lines(world, shop, &mut found);
        let wanted = self.wanted(&lines);
        check_stock(world, &wanted, &lines, &mut found);
        let subtotal = Money::sum(lines.iter().map(|it| it.total));
        let subtotal = subtotal.unwrap_or_else(|_| {
            found.add(Subject::Request, Refusal::AmountTooLarge);
            Money::ZERO
        });
        let shipping = self.shipping(world, shop, subtotal, &goods, &mut found);
        found.settle()?;

        let total = subtotal.plus(shipping.amount)?;
        let no = OrderNo(world.counters.next(Counter::Order));
        let created = OrderCreated {
            kind: OrderKind::Sale,
            customer: self.customer.clone(),
            currency: shop.currency,
            lines,
            shipping,
            total,
            payment_method: self.payment_method,
            metadata: self.metadata.clone(),
        };
        let confirmed = completion(world, shop, now, confirm::Terms::Ordinary);
        let mut events =
            vec![Event::OrderCreated(Box::new(created)), Event::OrderConfirmed(confirmed)];
        if total == Money::ZERO {
            events.push(Event::OrderPaid(OrderPaid { amount: total, currency: shop.currency }));
        }
        events.extend(running_low(world, &wanted));
        let mut decision = Decision::on_order(self.store, no, events);
        decision.person = Some(self.completed_person(customer));
        if let (Some(id), None) = (&self.customer, customer) {
            let registered = CustomerRegistered { id: id.clone(), registered_at: now };
            decision.admin_events.push(AdminEvent::CustomerRegistered(registered));
        }
        Ok(decision)
    }

    /// The priced lines, and the products behind them. A faulty item is left out and told.
    fn lines<'w>(
        &self,
        world: &'w World,
        shop: &Shop,
        found: &mut Found,
    ) -> (Vec<Line>, Vec<(&'w Product, Quantity)>) {
        let mut lines = Vec::with_capacity(self.items.len());
        let mut goods = Vec::with_capacity(self.items.len());
        for (index, item) in self.items.iter().enumerate() {
            let Some(product) = world.products.get(&item.product) else {
                let refusal = Refusal::ProductNotFound(item.product.clone());
                found.add(Subject::Item(index), refusal);
                continue;
            };
            let no = u32::try_from(index + 1).unwrap_or(u32::MAX);
            match price_line(no, item, product, shop) {
                Ok(line) => {
                    lines.push(line);
                    goods.push((product, item.quantity));
                }
                Err((part, refusal)) => found.add(part.at(index), refusal),
            }
        }
        (lines, goods)
    }

    /// How much of each tracked stock the order takes; lines of one product are summed.
    fn wanted(&self, lines: &[Line]) -> BTreeMap<StockKey, i64> {
        let mut wanted = BTreeMap::new();
        for line in lines {
            if let Some(key) = line.stock_key() {
                *wanted.entry(key).or_insert(0) += i64::from(line.quantity.get());
            }
        }
        wanted
    }

    fn shipping(
        &self,
        world: &World,
        shop: &Shop,
        subtotal: Money,
        goods: &[(&Product, Quantity)],
        found: &mut Found,
    ) -> Shipping {
        let none = Shipping { method: None, amount: Money::ZERO, tax_lines: Vec::new() };
        let named = self.delivery_method.as_ref().map(|id| (id, world.delivery_methods.get(id)));
        if let Some((id, None)) = named {
            found.add(Subject::DeliveryMethod, Refusal::DeliveryMethodNotFound(id.clone()));
            return none;
        }
        let shipped = || goods.iter().filter(|(product, _)| product.requires_shipping);
        if shipped().next().is_none() {
            return none;
        }
        let country = self.person.shipping_address.as_ref().map(|it| it.country);
        if country.is_none() {
            found.add(Subject::Address, Refusal::AddressRequired);
        }
        let grams = shipped()
            .map(|(product, quantity)| u64::from(product.weight_grams) * u64::from(quantity.get()))
            .sum();
        let suits = |method: &DeliveryMethod| {
            method.suits(shop.currency, country, grams, shipped().map(|(product, _)| *product))
        };
        let chosen = match named {
            Some((id, Some(method))) => suits(method)
                .map(|()| method)
                .map_err(|why| Refusal::DeliveryMethodIncompatible { id: id.clone(), why }),
            Some((_, None)) | None => {
                let suitable = world.delivery_methods.iter().filter(|it| suits(it).is_ok());
                suitable
                    .min_by_key(|it| (it.price_for(subtotal), it.id.clone()))
                    .ok_or(Refusal::NoDeliveryMethod(country))
            }
        };
        match chosen {
            Ok(method) => Shipping {
                method: Some(method.id.clone()),
                amount: method.price_for(subtotal),
                tax_lines: Vec::new(),
            },
            Err(refusal) => {
                found.add(Subject::DeliveryMethod, refusal);
                none
            }
        }
    }

    /// What the request left out about the person is what the customer has told before.
    fn completed_person(&self, customer: Option<&Customer>) -> Box<Person> {
        let mut person = self.person.clone();
        let Some(customer) = customer else { return person };
        let Person { shipping_address, billing_address, contact, notes: _ } = &mut *person;
        for Address { name, .. } in shipping_address.iter_mut().chain(billing_address) {
            *name = name.take().or_else(|| customer.name.clone());
        }
        contact.email = contact.email.take().or_else(|| customer.email.clone());
        contact.phone = contact.phone.take().or_else(|| customer.phone.clone());
        person
    }
}

/// The part of an item that a refusal is about.
enum Part {
    Whole,
    Variant,
    Price,
}

impl Part {
    fn at(&self, index: usize) -> Subject {
        match self {
            Part::Whole => Subject::Item(index),
            Part::Variant => Subject::ItemVariant(index),
            Part::Price => Subject::ItemPrice(index),
        }
    }
}

fn price_line(
    no: u32,
    item: &Item,
    product: &Product,
    shop: &Shop,
) -> Result<Line, (Part, Refusal)> {
    if !product.active {
        let (id, name) = (product.id.clone(), product.name.clone());
        return Err((Part::Whole, Refusal::ProductUnavailable { id, name }));
    }
    let variant = match &item.variant {
        Some(id) => Some(product.variant(id).ok_or_else(|| {
            let (product, variant) = (product.id.clone(), id.clone());
            (Part::Variant, Refusal::VariantNotFound { product, variant })
        })?),
        None if product.variants.is_empty() => None,
        None => {
            let product = product.id.clone();
            return Err((Part::Variant, Refusal::VariantRequired { product }));
        }
    };
    if product.currency != shop.currency {
        let refusal = Refusal::CurrencyMismatch {
            product: product.id.clone(),
            found: product.currency,
            expected: shop.currency,
        };
        return Err((Part::Whole, refusal));
    }
    let price = variant.and_then(|it| it.price).unwrap_or(product.price);
    if let Some(shown) = item.price
        && Money::from_decimal(shown, shop.currency) != Ok(price)
    {
        let refusal = Refusal::PriceChanged {
            product: product.id.clone(),
            shown: shown.to_string(),
            price,
            currency: shop.currency,
        };
        return Err((Part::Price, refusal));
    }
    let total = price.times(item.quantity.get());
    Ok(Line {
        no,
        kind: LineKind::Goods,
        product: Some(product.id.clone()),
        variant: item.variant.clone(),
        sku: variant.and_then(|it| it.sku.clone()).or_else(|| product.sku.clone()),
        name: match variant {
            Some(variant) => format!("{}, {}", product.name, variant.name),
            None => product.name.clone(),
        },
        quantity: item.quantity,
        price,
        total: total.map_err(|_| (Part::Whole, Refusal::AmountTooLarge))?,
        tax_lines: Vec::new(),
        location: product.track_stock.then(LocationId::main),
        counts: super::Counts::default(),
    })
}

fn check_stock(world: &World, wanted: &BTreeMap<StockKey, i64>, lines: &[Line], found: &mut Found) {
    let mut told = BTreeSet::new();
    for line in lines {
        let Some(key) = line.stock_key() else { continue };
        let available = world.stock.get(&key).map_or(0, Stock::available);
        let requested = wanted[&key];
        if requested > available && told.insert(key) {
            let index = usize::try_from(line.no).unwrap_or(usize::MAX) - 1;
            let name = line.name.clone();
            let refusal = Refusal::InsufficientStock { name, available, requested };
            found.add(Subject::ItemQuantity(index), refusal);
        }
    }
}

/// Tells, once, when an order takes a product's stock to where somebody wants to know.
fn running_low(world: &World, wanted: &BTreeMap<StockKey, i64>) -> Vec<Event> {
    let mut events = Vec::new();
    for (key, taken) in wanted {
        let low_at = world.products.get(&key.product).and_then(|it| it.low_stock_at);
        let before = world.stock.get(key).map_or(0, Stock::available);
        let available = before - taken;
        if let Some(low_stock_at) = low_at
            && before > low_stock_at
            && available <= low_stock_at
        {
            let stock = key.clone();
            events.push(Event::StockLow(StockLow { stock, available, low_stock_at }));
        }
    }
    events
}
