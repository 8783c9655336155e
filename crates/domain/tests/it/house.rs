//! A shop to try commands on: a world that forgets nothing, and hands to put things into it.

use domain::{
    Actor, Command, Currency, Decimal, Decision, Event, Keys, Moment, Money, Order, OrderNo,
    Outcome, Quantity, Refusals, Role, StoreId, World,
    address::{Address, Person},
    cart::Cart,
    catalog::{Product, Variant},
    client::Client,
    counter::Counter,
    country::Country,
    customer::{Customer, erasure::Erasure},
    decide,
    delivery::DeliveryMethod,
    effect::Effect,
    event::OrderCreated,
    idempotency::{KeyHash, Remembered},
    order::{
        Line, OrderKind, PaymentMethod, Shipping, Status,
        cancel::CancelOrder,
        collect::CollectPayment,
        confirm::ConfirmOrder,
        deliver::DeliverOrder,
        place::{Item, PlaceOrder},
        reopen::ReopenOrder,
        ship::ShipOrder,
    },
    review::velocity::Velocity,
    shipment::{ShipmentItem, create::CreateShipment, update::UpdateShipment},
    shop::Shop,
    stock::{Stock, StockKey},
    version::Expected,
    world::{InUse, Signature},
};

/// 2025-06-27T12:00:00Z.
pub(crate) const NOON: Moment = Moment(1_751_025_600_000);

pub(crate) struct House {
    pub(crate) world: World,
    pub(crate) clock: Moment,
    /// Of the requests that follow.
    pub(crate) key: Option<KeyHash>,
}

impl House {
    /// Store 1 with two products at 10.00 (`desk` is tracked, ten of it; `book` never runs out)
    /// and the method `standard` at 5.00.
    pub(crate) fn new() -> House {
        let mut world =
            World { has_every_delivery_method: true, has_every_store: true, ..World::default() };
        world.stores.load(StoreId::FIRST, Some(Shop::first()));
        let mut house = House { world, clock: NOON, key: None };
        house.product("desk", |_| {});
        house.product("book", |it| it.track_stock = false);
        house.method("standard", |_| {});
        house.stock("desk", 10, 0);
        house
    }

    pub(crate) fn product(&mut self, name: &str, change: impl FnOnce(&mut Product)) {
        let mut product = Product {
            id: id(name),
            name: format!("The {name}"),
            sku: None,
            price: Money(1000),
            currency: Currency::USD,
            active: true,
            requires_shipping: true,
            track_stock: true,
            weight_grams: 100,
            tax_class: None,
            delivery_methods: Vec::new(),
            variants: Vec::new(),
            low_stock_at: None,
            metadata: [].into(),
            version: 1,
        };
        change(&mut product);
        self.world.products.load(product.id.clone(), Some(product));
    }

    pub(crate) fn method(&mut self, name: &str, change: impl FnOnce(&mut DeliveryMethod)) {
        let mut method = DeliveryMethod {
            id: id(name),
            name: format!("By {name}"),
            price: Money(500),
            currency: Currency::USD,
            free_from: None,
            countries: Vec::new(),
            max_weight_grams: None,
            active: true,
            estimated_days: None,
            version: 1,
        };
        change(&mut method);
        self.world.delivery_methods.load(method.id.clone(), Some(method));
    }

    pub(crate) fn stock(&mut self, product: &str, on_hand: i64, reserved: i64) {
        let stock = Stock { on_hand, reserved, version: 1 };
        self.world.stock.load(shelf(product), Some(stock));
    }

    pub(crate) fn shelf(&self, product: &str) -> (i64, i64) {
        let stock = self.world.stock.get(&shelf(product)).copied().unwrap_or_default();
        (stock.on_hand, stock.reserved)
    }

    pub(crate) fn order(&self, no: OrderNo) -> &Order {
        self.world.orders.get(&no).unwrap()
    }

    pub(crate) fn counter(&self, counter: Counter) -> u64 {
        self.world.counters.value(counter)
    }

    /// What the decision would be; rows that nobody has put are absent.
    pub(crate) fn decide(&mut self, who: &Actor, command: &Command) -> Result<Decision, Refusals> {
        let mut keys = Keys::default();
        command.keys(&mut keys);
        self.load_absent(keys);
        // As often as a store does it.
        for _ in 0..2 {
            let mut keys = Keys::default();
            command.more_keys(&self.world, &mut keys);
            self.load_absent(keys);
        }
        let now = self.world.moment(self.clock);
        decide(&self.world, command, who, now)
    }

    /// Decides and makes it so.
    pub(crate) fn run(&mut self, who: &Actor, command: &Command) -> Result<Outcome, Refusals> {
        let decision = self.decide(who, command)?;
        let outcome = decision.outcome.clone();
        self.apply(decision);
        Ok(outcome)
    }

    /// Staff run it, and it must succeed.
    pub(crate) fn must(&mut self, command: &Command) {
        self.run(&staff(), command).unwrap();
    }

    pub(crate) fn apply(&mut self, decision: Decision) {
        let at = self.world.moment(self.clock);
        let signed = Signature { at, actor: "staff:boss", request_id: "req", key: self.key };
        self.world.apply(decision, signed);
    }

    pub(crate) fn load_absent(&mut self, mut keys: Keys) {
        keys.retain_unloaded(&self.world);
        let world = &mut self.world;
        keys.orders.into_iter().for_each(|it| world.orders.load(it, None::<Order>));
        keys.products.into_iter().for_each(|it| world.products.load(it, None::<Product>));
        keys.stock.into_iter().for_each(|it| world.stock.load(it, None::<Stock>));
        keys.delivery_methods
            .into_iter()
            .for_each(|it| world.delivery_methods.load(it, None::<DeliveryMethod>));
        keys.customers.into_iter().for_each(|it| world.customers.load(it, None::<Customer>));
        keys.erasures.into_iter().for_each(|it| world.erasures.load(it, None::<Erasure>));
        keys.stores.into_iter().for_each(|it| world.stores.load(it, None::<Shop>));
        keys.used_stores.into_iter().for_each(|it| world.used_stores.load(it, None::<InUse>));
        keys.idempotency.into_iter().for_each(|it| world.idempotency.load(it, None::<Remembered>));
        keys.effects.into_iter().for_each(|it| world.effects.load(it, None::<Effect>));
        keys.carts.into_iter().for_each(|it| world.carts.load(it, None::<Cart>));
        keys.clients.into_iter().for_each(|it| world.clients.load(it, None::<Client>));
        keys.velocities.into_iter().for_each(|it| world.velocities.load(it, None::<Velocity>));
    }

    /// Three desks and two books, to be paid so; confirmed, unless that is prepaid.
    pub(crate) fn order_paid_by(&mut self, method: PaymentMethod) -> OrderNo {
        if method.is_prepaid() {
            return self.pending_order(method);
        }
        let mut place = place(&[("desk", 3), ("book", 2)]);
        place.payment_method = method;
        let Ok(Outcome::Order(no)) = self.run(&staff(), &command(place)) else { unreachable!() };
        no
    }

    /// As its first event leaves it: nobody has asked for an intent, and no time runs out.
    fn pending_order(&mut self, payment_method: PaymentMethod) -> OrderNo {
        let no = OrderNo(self.world.counters.next(Counter::Order));
        let created = OrderCreated {
            kind: OrderKind::Sale,
            customer: Some(id("ann")),
            currency: Currency::USD,
            lines: vec![line(1, "desk", 3, true), line(2, "book", 2, false)],
            shipping: Shipping {
                method: Some(id("standard")),
                amount: Money(500),
                tax_lines: Vec::new(),
            },
            adjustments: Vec::new(),
            total: Money(5500),
            payment_method,
            expires_at: None,
            with_payment: false,
            merchant: None,
            metadata: [].into(),
        };
        self.tell(no, vec![Event::OrderCreated(Box::new(created))]);
        no
    }

    /// Events that no command of today brings about.
    pub(crate) fn tell(&mut self, no: OrderNo, events: Vec<Event>) {
        self.apply(Decision {
            store: StoreId::FIRST,
            order: Some(no),
            events,
            admin_events: Vec::new(),
            person: None,
            secret: None,
            personal: None,
            cart: None,
            velocities: Vec::new(),
            wishes: Vec::new(),
            effects: Vec::new(),
            closes: None,
            refusal: None,
            outcome: Outcome::Order(no),
        });
    }

    /// A card order that has come so far by the commands of staff.
    pub(crate) fn order_in(&mut self, status: Status) -> OrderNo {
        let no = self.order_paid_by(PaymentMethod::CreditCard);
        match status {
            Status::Pending => {}
            Status::Confirmed => self.must(&confirm(no)),
            Status::Shipped => [confirm(no), ship(no)].iter().for_each(|it| self.must(it)),
            Status::Delivered => {
                [confirm(no), ship(no), deliver(no)].iter().for_each(|it| self.must(it));
            }
            Status::Cancelled => self.must(&cancel(no)),
        }
        assert_eq!(self.order(no).status, status);
        no
    }

    /// One of the three desks has left the house.
    pub(crate) fn ship_one(&mut self, no: OrderNo) {
        self.must(&ship_some(no, &[(1, 1)]));
    }
}

pub(crate) fn line(no: u32, product: &str, count: u32, tracked: bool) -> Line {
    Line {
        no,
        kind: domain::order::LineKind::Goods,
        product: Some(id(product)),
        variant: None,
        sku: None,
        name: format!("The {product}"),
        quantity: quantity(count),
        price: Money(1000),
        total: Money(1000 * i64::from(count)),
        tax_lines: Vec::new(),
        location: tracked.then(|| id("main")),
        counts: domain::order::Counts::default(),
        details: None,
    }
}

/// An order of Ann's, to the United States, in cash.
pub(crate) fn place(items: &[(&str, u32)]) -> PlaceOrder {
    let item = |(product, count): &(&str, u32)| Item {
        product: id(product),
        variant: None,
        quantity: quantity(*count),
        price: None,
    };
    PlaceOrder {
        store: StoreId::FIRST,
        customer: Some(id("ann")),
        items: items.iter().map(item).collect(),
        delivery_method: None,
        payment_method: PaymentMethod::CashOnDelivery,
        prepay: false,
        person: Box::new(Person { shipping_address: Some(address("US")), ..Person::default() }),
        metadata: [].into(),
    }
}

pub(crate) fn command(place: PlaceOrder) -> Command {
    Command::PlaceOrder(Box::new(place))
}

pub(crate) fn confirm(order: OrderNo) -> Command {
    Command::ConfirmOrder(ConfirmOrder { order, expected: Expected::Any })
}

pub(crate) fn cancel(order: OrderNo) -> Command {
    let reason = Some("changed my mind".into());
    Command::CancelOrder(CancelOrder { order, reason, expected: Expected::Any })
}

pub(crate) fn ship(order: OrderNo) -> Command {
    Command::ShipOrder(ShipOrder {
        order,
        reason: None,
        carrier: Some("DHL".into()),
        tracking_number: Some("0034".into()),
        expected: Expected::Any,
    })
}

/// So many of each line.
pub(crate) fn ship_some(order: OrderNo, items: &[(u32, u32)]) -> Command {
    let item =
        |(line, count): &(u32, u32)| ShipmentItem { line: *line, quantity: quantity(*count) };
    create_shipment(order, Some(items.iter().map(item).collect()))
}

/// All that is open.
pub(crate) fn ship_open(order: OrderNo) -> Command {
    create_shipment(order, None)
}

fn create_shipment(order: OrderNo, items: Option<Vec<ShipmentItem>>) -> Command {
    let (carrier, tracking_number) = (Some("DHL".into()), None);
    let expected = Expected::Any;
    Command::CreateShipment(CreateShipment { order, items, carrier, tracking_number, expected })
}

/// The `k`th shipment of the order has arrived.
pub(crate) fn arrive(order: OrderNo, k: u32) -> Command {
    Command::UpdateShipment(UpdateShipment {
        order,
        shipment: format!("shp_{}_{k}", order.0),
        carrier: None,
        tracking_number: None,
        delivered: true,
        expected: Expected::Any,
    })
}

pub(crate) fn deliver(order: OrderNo) -> Command {
    Command::DeliverOrder(DeliverOrder { order, reason: None, expected: Expected::Any })
}

pub(crate) fn reopen(order: OrderNo) -> Command {
    Command::ReopenOrder(ReopenOrder { order, expected: Expected::Any })
}

pub(crate) fn collect(order: OrderNo) -> Command {
    Command::CollectPayment(CollectPayment { order, expected: Expected::Any })
}

pub(crate) fn actor(role: Role) -> Actor {
    Actor { role, subject: "somebody".into(), stores: None }
}

pub(crate) fn staff() -> Actor {
    actor(Role::Staff)
}

pub(crate) fn customer(name: &str) -> Actor {
    actor(Role::Customer(id(name)))
}

pub(crate) fn id<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().unwrap()
}

pub(crate) fn shelf(product: &str) -> StockKey {
    StockKey::main(id(product), None)
}

pub(crate) fn quantity(count: u32) -> Quantity {
    Quantity::new(count).unwrap()
}

pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}

pub(crate) fn country(text: &str) -> Country {
    Country::parse(text).unwrap()
}

pub(crate) fn variant(name: &str, price: Option<i64>) -> Variant {
    Variant { id: id(name), name: name.into(), sku: None, price: price.map(Money) }
}

pub(crate) fn address(to: &str) -> Address {
    Address {
        name: None,
        company: None,
        address: "123 Main St".into(),
        address2: None,
        city: "Springfield".into(),
        state: None,
        zip: None,
        country: country(to),
        phone: None,
    }
}
