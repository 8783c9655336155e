//! Place an order from items: price it, reserve its stock and, unless it is prepaid, confirm it.

use std::collections::BTreeMap;

use super::{
    Line, LineKind, OrderKind, PaymentMethod, Shipping,
    confirm::{self, completion},
    discounts,
};
use crate::{
    actor::Actor,
    address::{Address, Person},
    cart::temp::{Temp, TempLine},
    catalog::Product,
    command::{Decision, Outcome},
    counter::Counter,
    customer::Customer,
    delivery::{self, Goods},
    event::{AdminEvent, CustomerRegistered, Event, OrderCreated, OrderPaid},
    id::{CustomerId, DeliveryMethodId, LocationId, OrderNo, ProductId, StoreId, VariantId},
    moment::Moment,
    money::{Currency, Decimal, Money, Overflow},
    payment::start::{initialization, payment_id},
    quantity::Quantity,
    refusal::{Found, Refusal, Refusals, Subject},
    review::{Suspect, velocity},
    shop::Shop,
    stock::{
        StockKey,
        allocation::{allocate, running_low},
    },
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
    /// The customer pays now, by an intent of the provider.
    pub prepay: bool,
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
    pub(crate) fn stock_key(&self) -> StockKey {
        StockKey::main(self.product.clone(), self.variant.clone())
    }
}

/// What becomes of an order that is to be paid first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prepaying {
    /// It is not placed this way.
    Refused,
    /// Its intent is made with it.
    AtOnce,
    /// It has no intent until somebody asks for one.
    OnRequest,
}

/// What a command adds to the placing that it makes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms<'a> {
    pub(crate) prepaying: Prepaying,
    /// The items are those of this cart.
    pub(crate) temp: Option<&'a Temp>,
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

    /// Known once the store and the customer are.
    pub(crate) fn velocity_keys(&self, world: &World, keys: &mut Keys) {
        let shop = world.stores.share(&self.store);
        let Some(shop) = shop.filter(|it| velocity::in_force(it).is_some()) else { return };
        let customer = self.customer.as_ref().and_then(|id| world.customers.get(id));
        let person = self.completed_person(customer);
        let suspect = self.suspect(&person, Money::ZERO, shop.currency);
        keys.velocities.extend(velocity::keys_of(&shop, &suspect));
    }

    fn suspect<'a>(&'a self, person: &'a Person, total: Money, currency: Currency) -> Suspect<'a> {
        Suspect::new(self.store, self.customer.as_ref(), (total, currency), Some(person))
    }

    pub(crate) fn decide(
        &self,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let prepaying = if self.prepay { Prepaying::AtOnce } else { Prepaying::Refused };
        self.decide_for(Terms { prepaying, temp: None }, world, actor, now)
    }

    pub(crate) fn decide_for(
        &self,
        terms: Terms<'_>,
        world: &World,
        actor: &Actor,
        now: Moment,
    ) -> Result<Decision, Refusals> {
        let Terms { prepaying, temp } = terms;
        let shop = world.stores.get(&self.store).filter(|it| actor.may_use(it.id));
        let shop = shop.ok_or((Subject::Store, Refusal::StoreNotFound(self.store)))?;
        let mut found = Found::default();
        let pays_first = self.payment_method.is_prepaid() && prepaying != Prepaying::Refused;
        if self.payment_method.is_prepaid() && !pays_first {
            found.add(Subject::PaymentMethod, Refusal::PaymentRequired);
        }
        let customer = self.customer.as_ref().and_then(|id| world.customers.get(id));
        if let (Some(id), None, false) = (&self.customer, customer, world.policy.auto_register) {
            found.add(Subject::Customer, Refusal::CustomerNotFound(id.clone()));
        }
        let before_pricing = found.count();
        let (mut lines, goods) = match temp {
            Some(temp) => temp_lines(temp, world, shop, &mut found),
            None => self.lines(world, shop, &mut found),
        };
        let subtotal = Money::sum(lines.iter().map(|it| it.total));
        let subtotal = subtotal.unwrap_or_else(|_| {
            found.add(Subject::Request, Refusal::AmountTooLarge);
            Money::ZERO
        });
        let mut shipping = self.shipping(world, shop, subtotal, &goods, &mut found);
        let mut total = subtotal.plus(shipping.amount);
        if let Some(temp) = temp {
            shipping.amount = shipping.amount.plus(temp.domestic_shipping)?;
            total = total?.plus(temp.domestic_shipping)?.minus(temp.discount()?);
            check_not_negative(total, shop, &mut found);
        }
        if pays_first && found.count() == before_pricing {
            check_minimum(world, shop, total, &mut found);
        }
        let taken = allocate(world, &mut lines, &mut found);
        found.settle()?;

        let total = total?;
        let no = OrderNo(world.counters.next(Counter::Order));
        let owes = pays_first && total > Money::ZERO;
        let discounts = temp.map(|it| it.discounts.as_slice()).unwrap_or_default();
        let created = OrderCreated {
            kind: OrderKind::Sale,
            customer: self.customer.clone(),
            currency: shop.currency,
            adjustments: discounts::adjustments(no, discounts, &lines)?,
            lines,
            shipping,
            total,
            payment_method: self.payment_method,
            expires_at: owes.then(|| now.plus_ms(world.policy.reservation_ms)),
            with_payment: owes && prepaying == Prepaying::AtOnce,
            merchant: temp.and_then(|it| it.merchant.clone()),
            metadata: self.metadata.clone(),
        };
        let mut events = vec![Event::OrderCreated(Box::new(created))];
        let person = self.completed_person(customer);
        let mut velocities = Vec::new();
        if let Some(rules) = velocity::in_force(shop) {
            let suspect = self.suspect(&person, total, shop.currency);
            let (verdict, counted) = velocity::judge(world, rules, &suspect, no, now);
            events.extend(rules.started(verdict).map(Event::OrderReviewStarted));
            velocities = counted;
        }
        if !owes {
            let confirmed = completion(world, shop, now, confirm::Terms::Ordinary);
            events.push(Event::OrderConfirmed(confirmed));
        }
        if total == Money::ZERO {
            events.push(Event::OrderPaid(OrderPaid { amount: total, currency: shop.currency }));
        }
        events.extend(running_low(world, &taken));
        let mut decision = Decision::on_order(self.store, no, events);
        decision.velocities = velocities;
        if owes && prepaying == Prepaying::AtOnce {
            let payment = payment_id(no, 1);
            let wish = initialization(world, no, payment, total, shop.currency);
            decision.outcome = Outcome::Awaits(wish.id.clone());
            decision.wishes.push(wish);
        }
        decision.person = Some(person);
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
    ) -> (Vec<Line>, Vec<Goods<'w>>) {
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
                    goods.push(Goods::of(product, item.quantity));
                }
                Err((part, refusal)) => found.add(part.at(index), refusal),
            }
        }
        (lines, goods)
    }

    fn shipping(
        &self,
        world: &World,
        shop: &Shop,
        subtotal: Money,
        goods: &[Goods<'_>],
        found: &mut Found,
    ) -> Shipping {
        let none = Shipping { method: None, amount: Money::ZERO, tax_lines: Vec::new() };
        let named = self.delivery_method.as_ref().map(|id| (id, world.delivery_methods.get(id)));
        if let Some((id, None)) = named {
            found.add(Subject::DeliveryMethod, Refusal::DeliveryMethodNotFound(id.clone()));
            return none;
        }
        if !goods.iter().any(|it| it.requires_shipping) {
            return none;
        }
        let country = self.person.shipping_address.as_ref().map(|it| it.country);
        if country.is_none() {
            found.add(Subject::Address, Refusal::AddressRequired);
        }
        let named = self.delivery_method.as_ref();
        let chosen = delivery::choose(world, shop.currency, named, country, subtotal, goods);
        match chosen {
            Ok(None) => none,
            Ok(Some(method)) => Shipping {
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

/// The same of what a shop has put into a cart. What is its own needs no catalogue.
fn temp_lines<'w>(
    temp: &Temp,
    world: &'w World,
    shop: &Shop,
    found: &mut Found,
) -> (Vec<Line>, Vec<Goods<'w>>) {
    let mut lines = Vec::with_capacity(temp.lines.len());
    let mut goods = Vec::with_capacity(temp.lines.len());
    for (index, line) in temp.lines.iter().enumerate() {
        match temp_line(index, line, world, shop) {
            Ok((line, carried)) => {
                lines.push(line);
                goods.push(carried);
            }
            Err((part, refusal)) => found.add(part.at(index), refusal),
        }
    }
    (lines, goods)
}

pub(crate) fn temp_line<'w>(
    index: usize,
    line: &TempLine,
    world: &'w World,
    shop: &Shop,
) -> Result<(Line, Goods<'w>), (Part, Refusal)> {
    let no = u32::try_from(index + 1).unwrap_or(u32::MAX);
    match line {
        TempLine::Catalogue(it) => {
            let id = &it.item.product;
            let product = world.products.get(id);
            let product =
                product.ok_or_else(|| (Part::Whole, Refusal::ProductNotFound(id.clone())))?;
            let line = price_line(no, &it.item.to_order(), product, shop)?;
            let line = Line { details: it.details.clone(), ..line };
            Ok((line, Goods::of(product, it.item.quantity)))
        }
        TempLine::Own(it) => {
            let line = it.line(no).map_err(|_| (Part::Whole, Refusal::AmountTooLarge))?;
            let grams = u64::from(it.weight_grams) * u64::from(it.quantity.get());
            let goods = Goods { product: None, requires_shipping: it.requires_shipping, grams };
            Ok((line, goods))
        }
    }
}

/// The part of an item that a refusal is about.
pub(crate) enum Part {
    Whole,
    Variant,
    Price,
}

impl Part {
    pub(crate) fn at(&self, index: usize) -> Subject {
        match self {
            Part::Whole => Subject::Item(index),
            Part::Variant => Subject::ItemVariant(index),
            Part::Price => Subject::ItemPrice(index),
        }
    }
}

pub(crate) fn price_line(
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
        details: None,
    })
}

/// Prices may have fallen since the shop took something off.
fn check_not_negative(total: Result<Money, Overflow>, shop: &Shop, found: &mut Found) {
    if let Ok(total) = total
        && total < Money::ZERO
        && found.count() == 0
    {
        let currency = shop.currency;
        found.add(Subject::Request, Refusal::TotalBelowZero { total, currency });
    }
}

/// Below it the provider takes nothing; nothing at all needs no provider.
fn check_minimum(world: &World, shop: &Shop, total: Result<Money, Overflow>, found: &mut Found) {
    let (currency, minimum) = (shop.currency, world.policy.minimum(shop.currency));
    if let Ok(total) = total
        && total > Money::ZERO
        && total < minimum
    {
        let refusal = Refusal::AmountTooSmall { total, minimum, currency };
        found.add(Subject::Request, refusal);
    }
}
