//! Random commands in random batches: every store gives the same replies, logs and state, and
//! batches give what the same commands give one by one.
//!
//! `PROPTEST_CASES` asks for more cases than the few of an ordinary run.

use std::{collections::BTreeMap, env, sync::Arc};

use domain::{
    Actor, Command, Currency, CustomerId, DeliveryMethodId, Logged, Moment, Order, OrderNo,
    Quantity, Recorded, Role, StoreId,
    address::Person,
    cart::{
        Cart, CartItem, CartKey, CartStatus, Contents,
        delete::DeleteCart,
        order::OrderCart,
        outside::{Outside, OutsideCart},
        put::PutCart,
        put_items::PutCartItems,
    },
    catalog::{Product, put::PutVariant},
    client::{Client, SecretHash, create::CreateClient, remove::RemoveClient},
    counter::Counter,
    customer::{
        Customer,
        erase::EraseCustomer,
        erasure::{EraseCarts, ErasePerson, Erasure, ForgetAnswers},
        put::PutCustomer,
    },
    delivery::{DeliveryMethod, delete::DeleteDeliveryMethod, put::PutDeliveryMethod},
    idempotency::KeyHash,
    order::{
        Line, PaymentMethod, VendorStatus, cancel::CancelOrder, collect::CollectPayment,
        confirm::ConfirmOrder, deliver::DeliverOrder, place::Item, reopen::ReopenOrder,
        set_merchant_order_id::SetMerchantOrderId, set_vendor_status::SetVendorStatus,
        ship::ShipOrder,
    },
    review::velocity::{Velocity, VelocityKey},
    shipment::{
        ShipmentItem, create::CreateShipment, set_tracking::SetTracking, update::UpdateShipment,
    },
    shop::{Shop, put::PutStore, rotate_secret::RotateSecret},
    stock::{Stock, StockKey, adjust::AdjustStock, set::SetStock},
    version::Expected,
};
use proptest::{bool::weighted, collection::vec, option, prelude::*, sample::select};
use store::{EventQuery, OrderFilter, OrderQuery, OrderSort, ProductQuery, ShopQuery};

use crate::{
    driver::{self, Reply, Request},
    fixture::{self, Fixture},
    random_reviews,
    samples::{country, id, keys, shelf},
    temp_cart_commands,
};

pub(crate) const PRODUCTS: [&str; 4] = ["p0", "p1", "p2", "never"];
const CLIENTS: [&str; 2] = ["client_1", "client_2"];
const METHODS: [&str; 3] = ["m0", "m1", "never"];
const CUSTOMERS: [&str; 2] = ["ann", "bob"];
pub(crate) const CARTS: [&str; 2] = ["c0", "c1"];

/// Ten seconds before a year ends in which invoices are numbered.
const OLD_YEAR: i64 = 1_767_225_590_000;

#[test]
fn sqlite_does_as_memory_does() {
    proptest!(config(24), |(batches in batches(150))| {
        let (expected, found) = (fixture::memory(), fixture::sqlite());
        prop_assert_eq!(replies(&found, &batches), replies(&expected, &batches));
        prop_assert_eq!(State::of(&found), State::of(&expected));
    });
}

#[test]
fn postgres_does_as_memory_does() {
    proptest!(config(10), |(batches in batches(150))| {
        let (expected, found) = (fixture::memory(), fixture::postgres());
        prop_assert_eq!(replies(&found, &batches), replies(&expected, &batches));
        prop_assert_eq!(State::of(&found), State::of(&expected));
    });
}

#[test]
fn grouping_is_invisible() {
    proptest!(config(150), |(batches in batches(150))| {
        let (expected, found) = (fixture::memory(), fixture::memory());
        let one_by_one: Vec<_> = batches.iter().flatten().map(|it| vec![it.clone()]).collect();
        prop_assert_eq!(replies(&found, &batches), replies(&expected, &one_by_one));
        let state = State::of(&found);
        prop_assert_eq!(&state, &State::of(&expected));
        state.check_books();
    });
}

/// Sequences in which nothing ever succeeds would prove little.
#[test]
fn the_sequences_reach_every_kind_of_event() {
    use proptest::{strategy::ValueTree, test_runner::TestRunner};

    let mut runner = TestRunner::deterministic();
    let mut kinds = BTreeMap::new();
    let mut elsewhere = 0;
    for _ in 0..150 {
        let it = fixture::memory();
        replies(&it, &batches(150).new_tree(&mut runner).unwrap().current());
        let state = State::of(&it);
        let events = state.events.iter().map(|it| it.event.kind());
        for kind in events.chain(state.admin_events.iter().map(|it| it.event.kind())) {
            *kinds.entry(kind).or_insert(0) += 1;
        }
        let lines = state.orders.iter().flat_map(|it| &it.lines);
        elsewhere += lines.filter_map(Line::stock_key).filter(|it| !it.is_main()).count();
    }
    assert_eq!(kinds.len(), 17 + 13, "{kinds:?}");
    assert!(elsewhere > 9, "{elsewhere} lines are served by another location than the main one");
}

pub(crate) fn config(cases: u32) -> ProptestConfig {
    let cases = env::var("PROPTEST_CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(cases);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

fn replies(it: &Fixture, batches: &[Vec<Request>]) -> Vec<Reply> {
    let mut writer = it.writer();
    batches.iter().flat_map(|batch| driver::run(&mut *writer, batch)).collect()
}

/// All that a store remembers.
#[derive(Clone, Debug, PartialEq)]
struct State {
    orders: Vec<Order>,
    listed: Vec<Arc<Order>>,
    events: Vec<Recorded>,
    admin_events: Vec<Logged>,
    products: Vec<Product>,
    stock: Vec<(StockKey, Stock)>,
    delivery_methods: Vec<DeliveryMethod>,
    clients: Vec<Client>,
    customers: Vec<Option<Customer>>,
    stores: Vec<Shop>,
    erasures: Vec<Erasure>,
    carts: Vec<Option<Cart>>,
    velocities: Vec<(VelocityKey, Velocity)>,
    counters: Vec<u64>,
}

impl State {
    fn of(it: &Fixture) -> State {
        let reads = it.reads();
        let filter = OrderFilter::default();
        let sort = OrderSort::OldestFirst;
        let limit = 100_000;
        let query = OrderQuery { filter, sort, after: None, limit, with_persons: false };
        let listed = it.wait(reads.orders(query)).unwrap().orders;
        let whole = listed.iter().map(|order| it.wait(reads.order(order.no)).unwrap().unwrap());
        let named = CUSTOMERS.map(id::<CustomerId>);
        let world = it.load(&keys(|keys| {
            keys.customers.extend(named.clone());
            keys.carts.extend(every_cart());
        }));
        let events = EventQuery { limit, ..EventQuery::default() };
        let products = ProductQuery { after: None, limit, active_only: false };
        let counters = it.wait(reads.counters()).unwrap();
        State {
            orders: whole.collect(),
            events: it.wait(reads.events(events)).unwrap().events,
            admin_events: it.wait(reads.admin_events(0, limit)).unwrap(),
            products: it.wait(reads.products(products)).unwrap(),
            stock: it.wait(reads.stock_after(None, limit)).unwrap(),
            delivery_methods: it.wait(reads.delivery_methods()).unwrap(),
            clients: it.wait(reads.clients()).unwrap(),
            customers: named.iter().map(|id| world.customers.get(id).cloned()).collect(),
            erasures: it.wait(reads.erasures(None, limit)).unwrap(),
            stores: it.wait(reads.shops(ShopQuery { limit, ..ShopQuery::default() })).unwrap(),
            carts: every_cart().iter().map(|key| world.carts.get(key).cloned()).collect(),
            counters: every_counter().into_iter().map(|it| counters.value(it)).collect(),
            velocities: it.wait(reads.velocities(None, limit)).unwrap(),
            listed,
        }
    }

    fn check_books(&self) {
        for order in &self.orders {
            let events = self.events.iter().filter(|it| it.order == Some(order.no));
            let folded = Order::fold(events).unwrap();
            assert_eq!(folded, Order { person: None, ..order.clone() }, "an order is its events");
        }
        let mut held = BTreeMap::new();
        for line in self.orders.iter().flat_map(|it| &it.lines) {
            if let Some(key) = line.stock_key() {
                *held.entry(key).or_insert(0) += i64::from(line.open());
            }
        }
        for (key, stock) in &self.stock {
            let held = held.get(key).copied().unwrap_or(0);
            assert_eq!(stock.reserved, held, "{key:?} is held by open orders");
        }
        assert!(self.events.is_sorted_by_key(|it| it.at));
        let numbers = (1..).zip(&self.events);
        assert!(numbers.into_iter().all(|(seq, it)| it.seq == seq), "no gap in the log");
    }
}

fn every_cart() -> Vec<CartKey> {
    let owners = [None, Some("ann"), Some("bob")];
    let of = |owner: Option<&'static str>| {
        CARTS.map(|name| CartKey { owner: owner.map(id), id: id(name) })
    };
    owners.into_iter().flat_map(of).collect()
}

fn every_counter() -> Vec<Counter> {
    let mut counters = vec![Counter::Order, Counter::Event, Counter::AdminEvent, Counter::Moment];
    for store in [StoreId(1), StoreId(2)] {
        counters.push(Counter::Retrieval(store));
        for year in [2025, 2026] {
            counters.extend([Counter::Invoice(store, year), Counter::CreditNote(store, year)]);
        }
    }
    counters
}

/// A shop with something in it, and up to `most` random requests, cut at random.
fn batches(most: usize) -> impl Strategy<Value = Vec<Vec<Request>>> {
    let sizes = vec(1..9_usize, most);
    (vec(request(), most / 5..most), sizes, weighted(0.8)).prop_map(|(requests, sizes, stocked)| {
        let mut requests = requests.into_iter();
        let mut batches = if stocked { vec![shop()] } else { Vec::new() };
        for size in sizes {
            let batch: Vec<_> = requests.by_ref().take(size).collect();
            if batch.is_empty() {
                break;
            }
            batches.push(batch);
        }
        batches
    })
}

fn shop() -> Vec<Request> {
    let mut commands = Vec::new();
    for product in ["p0", "p1"] {
        commands.extend([driver::put_product(product), driver::set_stock(product, 20)]);
    }
    let clock = Moment(OLD_YEAR);
    commands.into_iter().map(|it| Request { clock, ..Request::staff(it) }).collect()
}

fn request() -> impl Strategy<Value = Request> {
    let clock = (0..20_000_i64).prop_map(|it| Moment(OLD_YEAR + it));
    let key = option::weighted(0.1, 0..6_u8);
    (command(), actor(), clock, key).prop_map(|(command, actor, clock, key)| Request {
        command,
        actor,
        clock,
        key,
    })
}

fn actor() -> impl Strategy<Value = Actor> {
    let customer = select(&CUSTOMERS[..]).prop_map(|it| Role::Customer(id(it)));
    let role = prop_oneof![
        8 => Just(Role::Staff),
        2 => customer,
        1 => Just(Role::Integration),
        1 => Just(Role::System),
    ];
    role.prop_map(|role| Actor { role, subject: "somebody".into(), stores: None })
}

fn command() -> impl Strategy<Value = Command> {
    let order = || (1..10_u64).prop_map(OrderNo);
    let confirm = (order(), expected())
        .prop_map(|(order, expected)| Command::ConfirmOrder(ConfirmOrder { order, expected }));
    let reopen = (order(), expected())
        .prop_map(|(order, expected)| Command::ReopenOrder(ReopenOrder { order, expected }));
    let cancel = (order(), expected()).prop_map(|(order, expected)| {
        Command::CancelOrder(CancelOrder { order, reason: Some("why not".into()), expected })
    });
    let ship = (order(), expected()).prop_map(|(order, expected)| {
        let (carrier, tracking_number) = (Some("DHL".into()), None);
        Command::ShipOrder(ShipOrder { order, reason: None, carrier, tracking_number, expected })
    });
    let deliver = (order(), expected()).prop_map(|(order, expected)| {
        Command::DeliverOrder(DeliverOrder { order, reason: None, expected })
    });
    let parcel = (order(), vec((1..4_u32, 1..3_u32), 0..3), expected());
    let parcel = parcel.prop_map(|(order, some, expected)| {
        let item = |(line, count)| ShipmentItem { line, quantity: Quantity::new(count).unwrap() };
        let items = (!some.is_empty()).then(|| some.into_iter().map(item).collect());
        let (carrier, tracking_number) = (None, Some("0034".into()));
        let it = CreateShipment { order, items, carrier, tracking_number, expected };
        Command::CreateShipment(it)
    });
    let arrival = (order(), 1..3_u32, any::<bool>(), expected());
    let arrival = arrival.prop_map(|(order, k, delivered, expected)| {
        let (shipment, carrier) = (format!("shp_{}_{k}", order.0), Some("DHL".into()));
        let tracking_number = None;
        Command::UpdateShipment(UpdateShipment {
            order,
            shipment,
            carrier,
            tracking_number,
            delivered,
            expected,
        })
    });
    let adopt = (order(), select(&["1", "2"][..])).prop_map(|(order, id)| {
        let merchant_order_id = id.to_owned();
        Command::SetMerchantOrderId(SetMerchantOrderId { order, merchant_order_id })
    });
    let report = (order(), select(&VendorStatus::ALL[..])).prop_map(|(order, vendor_status)| {
        Command::SetVendorStatus(SetVendorStatus { order, vendor_status })
    });
    let track = (order(), vec(select(&["1Z", "2Z", "3Z"][..]), 1..3)).prop_map(|(order, found)| {
        let mut numbers: Vec<String> = found.into_iter().map(Into::into).collect();
        numbers.dedup();
        Command::SetTracking(SetTracking { order, numbers })
    });
    let collect = (order(), expected())
        .prop_map(|(order, expected)| Command::CollectPayment(CollectPayment { order, expected }));
    prop_oneof![
        10 => place(),
        1 => confirm,
        1 => reopen,
        3 => cancel,
        4 => ship,
        3 => deliver,
        3 => parcel,
        2 => arrival,
        1 => adopt,
        1 => report,
        1 => track,
        3 => collect,
        6 => catalogue(),
        4 => carts(),
        3 => people(),
        6 => random_reviews::commands(),
    ]
}

fn place() -> impl Strategy<Value = Command> {
    let names = prop_oneof![12 => select(&PRODUCTS[..2]), 1 => select(&PRODUCTS[..])];
    let item = (names, variant(), 1..5_u32, option::weighted(0.05, price()));
    let item = item.prop_map(|(product, variant, quantity, price)| Item {
        product: id(product),
        variant: variant.map(id),
        quantity: Quantity::new(quantity).unwrap(),
        price: price.map(driver::decimal),
    });
    let methods = option::weighted(0.2, select(&METHODS[..]));
    let payment = prop_oneof![12 => Just(PaymentMethod::CashOnDelivery), 1 => every_payment()];
    let customer = option::of(select(&CUSTOMERS[..]));
    let to = option::weighted(0.9, select(&["US", "DE"][..]));
    let store = prop_oneof![15 => Just(1), 1 => Just(2)];
    let parts = (vec(item, 1..4), methods, payment, customer, to, store);
    parts.prop_map(|(items, method, payment, customer, to, store)| {
        let Command::PlaceOrder(mut command) = driver::place(&[]) else { unreachable!() };
        command.items = items;
        command.delivery_method = method.map(id);
        command.payment_method = payment;
        command.customer = customer.map(id);
        command.person.shipping_address = to.map(driver::address);
        command.store = StoreId(store);
        Command::PlaceOrder(command)
    })
}

fn cart() -> impl Strategy<Value = CartKey> {
    let owner = option::of(select(&CUSTOMERS[..]));
    (owner, select(&CARTS[..]))
        .prop_map(|(owner, name)| CartKey { owner: owner.map(id), id: id(name) })
}

fn carts() -> impl Strategy<Value = Command> {
    let item = (select(&PRODUCTS[..2]), 1..4_u32).prop_map(|(product, quantity)| CartItem {
        product: id(product),
        variant: None,
        quantity: Quantity::new(quantity).unwrap(),
    });
    let items = vec(item, 0..3);
    let method = option::weighted(0.2, select(&METHODS[..]));
    let put =
        (cart(), items.clone(), method, expected()).prop_map(|(cart, items, method, expected)| {
            let shipping_address = Some(driver::address("US"));
            let person = Person { shipping_address, ..Person::default() };
            let contents = Contents { items, delivery_method: method.map(id), person };
            let (store, usual_store) = (None, StoreId::FIRST);
            let put = PutCart { cart, store, usual_store, contents, expected };
            Command::PutCart(Box::new(put))
        });
    let owner = option::of(select(&CUSTOMERS[..]));
    let outside = (owner, option::weighted(0.3, items.clone())).prop_map(|(owner, items)| {
        let Some(items) = items else { return Outside::Nothing };
        let shipping_address = Some(driver::address("US"));
        let person = Person { shipping_address, ..Person::default() };
        let contents = Contents { items, delivery_method: None, person };
        let (owner, status) = (owner.map(id), CartStatus::Open);
        Outside::Cart(Box::new(OutsideCart { owner, store: None, status, contents }))
    });
    let put_items = (cart(), items, expected()).prop_map(|(cart, items, expected)| {
        Command::PutCartItems(PutCartItems { cart, items, expected })
    });
    let delete = (cart(), expected())
        .prop_map(|(cart, expected)| Command::DeleteCart(DeleteCart { cart, expected }));
    let order = (cart(), outside, every_payment()).prop_map(|(cart, outside, payment_method)| {
        Command::OrderCart(Box::new(OrderCart {
            cart,
            outside,
            store: None,
            delivery_method: None,
            payment_method,
            person: Box::default(),
            email: None,
            metadata: [].into(),
            total: None,
        }))
    });
    prop_oneof![4 => put, 2 => put_items, 1 => delete, 3 => order, 2 => temp_cart_commands::some()]
}

fn people() -> impl Strategy<Value = Command> {
    let name = || select(&CUSTOMERS[..]);
    let text = option::of(select(&["A", "B"][..]));
    let put = (name(), text, expected()).prop_map(|(name, text, expected)| {
        let text: Option<String> = text.map(Into::into);
        Command::PutCustomer(Box::new(PutCustomer {
            id: id(name),
            email: text.as_ref().map(|it| format!("{it}@x.example")),
            name: text,
            phone: None,
            locale: None,
            notify: Vec::new(),
            expected,
        }))
    });
    let erase = (name(), vec(1..10_u64, 0..3), weighted(0.5), expected());
    let erase = erase.prop_map(|(name, orders, with_carts, expected)| {
        let orders = orders.into_iter().map(OrderNo).collect();
        let of = |key: &CartKey| with_carts && key.owner == Some(id(name));
        let carts = every_cart().into_iter().filter(of).collect();
        let erase = EraseCustomer { id: id(name), orders, carts, expected };
        Command::EraseCustomer(Box::new(erase))
    });
    let forget =
        (1..10_u64).prop_map(|order| Command::ErasePerson(ErasePerson { order: OrderNo(order) }));
    let carts = (name(), name()).prop_map(|(customer, owner)| {
        let of = |key: &CartKey| key.owner == Some(id(owner));
        let carts = every_cart().into_iter().filter(of).collect();
        Command::EraseCarts(EraseCarts { customer: id(customer), carts })
    });
    let answers = vec(0..6_u8, 0..3).prop_map(|keys| {
        let keys = keys.into_iter().map(|it| KeyHash([it; 16])).collect();
        Command::ForgetAnswers(ForgetAnswers { keys })
    });
    prop_oneof![3 => put, 2 => erase, 3 => forget, 2 => carts, 1 => answers]
}

fn every_payment() -> impl Strategy<Value = PaymentMethod> {
    select(&PaymentMethod::ALL[..])
}

fn catalogue() -> impl Strategy<Value = Command> {
    let set = (stock(), -5..30_i64, expected()).prop_map(|(stock, on_hand, expected)| {
        Command::SetStock(SetStock { stock, on_hand, reason: None, expected })
    });
    let adjust = (stock(), -10..20_i64, expected()).prop_map(|(stock, delta, expected)| {
        let reason = Some("counted again".into());
        Command::AdjustStock(AdjustStock { stock, delta, reason, expected })
    });
    let delete_product = (select(&PRODUCTS[..]), expected()).prop_map(|(name, expected)| {
        Command::DeleteProduct(domain::catalog::delete::DeleteProduct { id: id(name), expected })
    });
    let delete_method = (select(&METHODS[..]), expected()).prop_map(|(name, expected)| {
        Command::DeleteDeliveryMethod(DeleteDeliveryMethod { id: id(name), expected })
    });
    let create_client = select(&CLIENTS[..]).prop_map(|name| {
        Command::CreateClient(CreateClient {
            id: id(name),
            name: "ERP".into(),
            scope: "orders:read".into(),
            secret_hash: SecretHash::new([7; 32]),
        })
    });
    let remove_client =
        select(&CLIENTS[..]).prop_map(|name| Command::RemoveClient(RemoveClient { id: id(name) }));
    prop_oneof![
        1 => create_client,
        1 => remove_client,
        2 => put_store(),
        1 => rotate_secret(),
        3 => set,
        3 => adjust,
        4 => put_product(),
        1 => delete_product,
        3 => put_method(),
        1 => delete_method,
    ]
}

fn put_product() -> impl Strategy<Value = Command> {
    // Tracked, shipped, active.
    let flags = (weighted(0.7), weighted(0.3), weighted(0.9));
    let listed = vec(select(&METHODS[..]), 0..2);
    let low = option::of(0..20_i64);
    let parts = (select(&PRODUCTS[..3]), price(), flags, weighted(0.1), listed, low, expected());
    parts.prop_map(|(name, price, flags, has_variants, listed, low, expected)| {
        let Command::PutProduct(mut put) = driver::put_product(name) else { unreachable!() };
        put.price = driver::decimal(price);
        (put.track_stock, put.requires_shipping, put.active) = flags;
        put.delivery_methods = listed.into_iter().map(id).collect();
        put.low_stock_at = low;
        put.expected = expected;
        if has_variants {
            put.variants = ["red", "blue"]
                .map(|name| {
                    let price = (name == "red").then(|| driver::decimal("3.5"));
                    PutVariant { id: id(name), name: name.into(), sku: None, price }
                })
                .into();
        }
        Command::PutProduct(put)
    })
}

/// Whose prefix is whose is for the stores to agree on, and so are orders that fix a currency.
fn put_store() -> impl Strategy<Value = Command> {
    let prefix = option::of(select(&["INV", "A", "B"][..]));
    let currency = prop_oneof![6 => Just("USD"), 1 => Just("EUR")];
    (1..4_u32, currency, prefix, expected()).prop_map(|(number, currency, prefix, expected)| {
        Command::PutStore(Box::new(PutStore {
            id: StoreId(number),
            name: format!("Store {number}"),
            currency: Currency::parse(currency).unwrap(),
            time_zone: "Europe/Oslo".into(),
            invoice_prefix: prefix.map(Into::into),
            success_url: None,
            success_hosts: Vec::new(),
            test: false,
            expected,
        }))
    })
}

fn rotate_secret() -> impl Strategy<Value = Command> {
    (1..4_u32, 0..3_u8).prop_map(|(number, byte)| {
        let secret_hash = SecretHash::new([byte; 32]);
        Command::RotateSecret(RotateSecret { id: StoreId(number), secret_hash })
    })
}

fn put_method() -> impl Strategy<Value = Command> {
    let free_from = option::of(price());
    let weight = option::of(0..2000_u64);
    let countries = vec(select(&["US", "DE", "JP"][..]), 0..2);
    let active = weighted(0.8);
    let parts = (select(&METHODS[..2]), price(), free_from, weight, countries, active, expected());
    parts.prop_map(|(name, price, free_from, weight, countries, active, expected)| {
        Command::PutDeliveryMethod(Box::new(PutDeliveryMethod {
            id: id::<DeliveryMethodId>(name),
            name: format!("By {name}"),
            price: driver::decimal(price),
            currency: None,
            free_from: free_from.map(driver::decimal),
            countries: countries.into_iter().map(country).collect(),
            max_weight_grams: weight,
            active,
            estimated_days: Some((1, 2)),
            expected,
        }))
    })
}

fn stock() -> impl Strategy<Value = StockKey> {
    let locations = option::weighted(0.4, select(&["attic", "zoo"][..]));
    (select(&PRODUCTS[..]), variant(), locations).prop_map(|(product, variant, location)| {
        let main = shelf(product, variant);
        StockKey { location: location.map_or(main.location, id), ..main }
    })
}

fn variant() -> impl Strategy<Value = Option<&'static str>> {
    option::weighted(0.05, select(&["red", "blue", "never"][..]))
}

/// The last has too many decimals for the currency.
fn price() -> impl Strategy<Value = &'static str> {
    prop_oneof![8 => select(&["10.00", "0", "3.5", "99.99"][..]), 1 => Just("1.005")]
}

pub(crate) fn expected() -> impl Strategy<Value = Expected> {
    prop_oneof![
        10 => Just(Expected::Any),
        1 => Just(Expected::Existing),
        2 => vec(0..6_u64, 1..3).prop_map(Expected::OneOf),
    ]
}
