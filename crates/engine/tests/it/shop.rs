//! A shop on a database of its own, and whatever can be asked of it.

use std::{
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use crate::provider::Scripted;
use domain::{
    Actor, Command, Expected, Moment, OrderNo, Outcome, Quantity, Role, StoreId, World,
    address::{Address, Person},
    catalog::put::PutProduct,
    counter::Counter,
    country::Country,
    delivery::put::PutDeliveryMethod,
    idempotency::{Fingerprint, KeyHash},
    order::{
        PaymentMethod,
        cancel::CancelOrder,
        collect::CollectPayment,
        deliver::DeliverOrder,
        place::{Item, PlaceOrder},
        ship::ShipOrder,
    },
    stock::{StockKey, adjust::AdjustStock, set::SetStock},
};
use engine::{
    Answer, Engine, Idempotency, Options, Rejected, Reply, Submission,
    clock::ManualClock,
    ids::{Ids, SeededIds},
};
use store::{EventQuery, OrderFilter, OrderQuery, OrderSort, ProductQuery, Purpose, Reads, Store};

pub(crate) const PRODUCTS: u64 = 4;
pub(crate) const NOON: Moment = Moment(1_750_000_000_000);

/// A new database in a folder that goes with it.
pub(crate) async fn database() -> (tempfile::TempDir, Arc<dyn Store>) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("orderd.db").display());
    let store = store::open(&url, Purpose::Serve).await.unwrap();
    (folder, store)
}

pub(crate) fn start(store: &dyn Store, clock: &Arc<ManualClock>, options: Options) -> Arc<Engine> {
    let ids = Arc::new(SeededIds::new(1));
    Arc::new(Engine::start(store, clock.clone(), ids, options).unwrap())
}

/// As a server starts, with a provider that nobody talks to.
pub(crate) fn options() -> Options {
    Options::with(Arc::new(Scripted::default()))
}

pub(crate) async fn stop(engine: Arc<Engine>) {
    let engine = Arc::into_inner(engine).expect("nobody else has the engine");
    assert!(engine.stop().await, "the write path ended in a panic");
}

/// Products, their stock and a delivery method.
pub(crate) async fn fill(engine: &Engine) {
    for command in catalogue() {
        engine.submit(by_staff(command)).await.unwrap();
    }
}

fn catalogue() -> Vec<Command> {
    let mut commands = vec![Command::PutDeliveryMethod(Box::new(method("standard", "5.00")))];
    for number in 0..PRODUCTS {
        let product = PutProduct {
            id: product_id(number),
            name: format!("Product {number}"),
            sku: None,
            price: format!("{number}.25").parse().unwrap(),
            currency: None,
            active: true,
            requires_shipping: true,
            track_stock: number != 0,
            weight_grams: 100,
            tax_class: None,
            delivery_methods: Vec::new(),
            variants: Vec::new(),
            low_stock_at: Some(15),
            metadata: Default::default(),
            expected: Expected::Any,
        };
        commands.push(Command::PutProduct(Box::new(product)));
        if number != 0 {
            commands.push(set_stock(number, 30));
        }
    }
    commands
}

pub(crate) fn method(id: &str, price: &str) -> PutDeliveryMethod {
    PutDeliveryMethod {
        id: id.parse().unwrap(),
        name: id.into(),
        price: price.parse().unwrap(),
        currency: None,
        free_from: None,
        countries: Vec::new(),
        max_weight_grams: None,
        active: true,
        estimated_days: None,
        expected: Expected::Any,
    }
}

fn product_id(number: u64) -> domain::ProductId {
    format!("p{number}").parse().unwrap()
}

pub(crate) fn set_stock(product: u64, on_hand: i64) -> Command {
    let stock = StockKey::main(product_id(product), None);
    Command::SetStock(SetStock { stock, on_hand, reason: None, expected: Expected::Any })
}

pub(crate) fn adjust_stock(product: u64, delta: i64) -> Command {
    let stock = StockKey::main(product_id(product), None);
    Command::AdjustStock(AdjustStock { stock, delta, reason: None, expected: Expected::Any })
}

/// An order of some customer for products and how many of each.
pub(crate) fn place(customer: &str, items: &[(u64, u32)]) -> Command {
    let items = items.iter().map(|(product, quantity)| Item {
        product: product_id(*product),
        variant: None,
        quantity: Quantity::new(*quantity).unwrap(),
        price: None,
    });
    let address = Address {
        name: Some("Jane Doe".into()),
        company: None,
        address: "123 Main St".into(),
        address2: None,
        city: "New York".into(),
        state: Some("NY".into()),
        zip: Some("10001".into()),
        country: Country::parse("US").unwrap(),
        phone: None,
    };
    Command::PlaceOrder(Box::new(PlaceOrder {
        store: StoreId::FIRST,
        customer: Some(customer.parse().unwrap()),
        items: items.collect(),
        delivery_method: None,
        payment_method: PaymentMethod::CashOnDelivery,
        prepay: false,
        person: Box::new(Person { shipping_address: Some(address), ..Person::default() }),
        metadata: Default::default(),
    }))
}

pub(crate) fn ship(no: u64) -> Command {
    Command::ShipOrder(ShipOrder {
        order: OrderNo(no),
        reason: None,
        carrier: None,
        tracking_number: None,
        expected: Expected::Any,
    })
}

pub(crate) fn cancel(no: u64) -> Command {
    let order = OrderNo(no);
    Command::CancelOrder(CancelOrder { order, reason: None, expected: Expected::Any })
}

pub(crate) fn deliver(no: u64) -> Command {
    let order = OrderNo(no);
    Command::DeliverOrder(DeliverOrder { order, reason: None, expected: Expected::Any })
}

pub(crate) fn collect(no: u64) -> Command {
    Command::CollectPayment(CollectPayment { order: OrderNo(no), expected: Expected::Any })
}

/// Its answer shows all that the command has left behind, so that equal answers mean much.
pub(crate) fn by_staff(command: Command) -> Submission {
    Submission {
        command,
        actor: Actor { role: Role::Staff, subject: "boss".into(), stores: None },
        request_id: "request".into(),
        idempotency: None,
        render: Box::new(answer),
    }
}

pub(crate) fn with_key(key: u8, command: Command) -> Submission {
    let idempotency = Idempotency { key: KeyHash([key; 16]), fingerprint: Fingerprint([key; 16]) };
    Submission { idempotency: Some(idempotency), ..by_staff(command) }
}

pub(crate) fn answer(world: &World, outcome: &Outcome) -> Answer {
    let body = match outcome {
        Outcome::Order(no)
        | Outcome::Refund { order: no, .. }
        | Outcome::Shipment { order: no, .. } => {
            format!("{:?}", world.orders.get(no))
        }
        Outcome::Stock(key) => format!("{:?}", world.stock.get(key)),
        Outcome::Awaits(_)
        | Outcome::Claimed(_)
        | Outcome::Recorded
        | Outcome::Cart { .. }
        | Outcome::CartDeleted(_)
        | Outcome::Product { .. }
        | Outcome::ProductDeleted(_)
        | Outcome::DeliveryMethod { .. }
        | Outcome::DeliveryMethodDeleted(_)
        | Outcome::Client(_)
        | Outcome::Store { .. }
        | Outcome::ReviewRules(_)
        | Outcome::Customer { .. }
        | Outcome::CustomerErased(_) => format!("{outcome:?}"),
    };
    Answer { status: 200, location: None, etag: None, body, shows: None }
}

/// Submits all of them while the write path is held, so that they wait for one batch together.
pub(crate) async fn submit_together(
    engine: &Arc<Engine>,
    submissions: Vec<Submission>,
) -> Vec<Result<Reply, Rejected>> {
    let gate = hold(engine).await;
    let mut waiting = Vec::new();
    for submission in submissions {
        let mut outcome = Box::pin({
            let engine = engine.clone();
            async move { engine.submit(submission).await }
        });
        // Polled once, a submission stands in the queue.
        let early = futures_util::future::select(&mut outcome, std::future::ready(())).await;
        let early = match early {
            futures_util::future::Either::Left((outcome, _)) => Some(outcome),
            futures_util::future::Either::Right(_) => None,
        };
        waiting.push((early, outcome));
    }
    gate.open().await;
    let mut outcomes = Vec::new();
    for (early, outcome) in waiting {
        outcomes.push(match early {
            Some(outcome) => outcome,
            None => outcome.await,
        });
    }
    outcomes
}

/// The write path waits inside a batch until the gate is opened.
pub(crate) struct Gate {
    open: mpsc::Sender<()>,
    held: tokio::task::JoinHandle<Result<Reply, Rejected>>,
}

impl Gate {
    pub(crate) async fn open(self) {
        self.open.send(()).unwrap();
        self.held.await.unwrap().unwrap();
    }
}

pub(crate) async fn hold(engine: &Arc<Engine>) -> Gate {
    let (entered, has_entered) = mpsc::channel();
    let (open, is_open) = mpsc::channel();
    let is_open = Mutex::new(is_open);
    let submission = Submission {
        render: Box::new(move |_, _| {
            entered.send(()).unwrap();
            is_open.lock().unwrap().recv().unwrap();
            Answer::default()
        }),
        ..by_staff(Command::PutDeliveryMethod(Box::new(method("gate", "1000.00"))))
    };
    let engine = engine.clone();
    let held = tokio::spawn(async move { engine.submit(submission).await });
    tokio::task::spawn_blocking(move || has_entered.recv().unwrap()).await.unwrap();
    Gate { open, held }
}

/// The same choices for the same seed.
pub(crate) struct Random(SeededIds);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(SeededIds::new(seed))
    }

    pub(crate) fn below(&self, bound: u64) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes) % bound
    }

    /// Any command; many are refused, and some keys come twice.
    pub(crate) fn submission(&self, orders: u64) -> Submission {
        let no = 1 + self.below(orders);
        let product = self.below(PRODUCTS + 1);
        let few = u32::try_from(1 + self.below(6)).unwrap();
        let command = match self.below(12) {
            0..5 => {
                let customer = format!("customer{}", self.below(5));
                place(&customer, &[(product, few), (self.below(PRODUCTS), 1), (product, 1)])
            }
            5 => ship(no),
            6 => cancel(no),
            7 => deliver(no),
            8 => collect(no),
            9 => adjust_stock(product, i64::from(few) - 2),
            10 => set_stock(product, i64::from(20 * few)),
            _ => Command::PutDeliveryMethod(Box::new(method("express", &format!("{few}.50")))),
        };
        match self.below(3) {
            0 => with_key(u8::try_from(self.below(250)).unwrap(), command),
            _ => by_staff(command),
        }
    }
}

/// All that can be read, as text.
pub(crate) async fn everything(reads: &dyn Reads) -> String {
    let query = OrderQuery {
        filter: OrderFilter::default(),
        sort: OrderSort::OldestFirst,
        after: None,
        limit: 100_000,
        with_persons: false,
    };
    let mut orders = Vec::new();
    for order in reads.orders(query).await.unwrap().orders {
        orders.push(reads.order(order.no).await.unwrap());
    }
    let limit = 100_000;
    let events = EventQuery { limit, ..EventQuery::default() };
    let products = ProductQuery { limit, ..ProductQuery::default() };
    format!(
        "{orders:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}",
        reads.events(events).await.unwrap(),
        reads.admin_events(0, limit).await.unwrap(),
        reads.stock_after(None, limit).await.unwrap(),
        reads.products(products).await.unwrap(),
        reads.delivery_methods().await.unwrap(),
        reads.counters().await.unwrap(),
    )
}

/// Waits until what is fed behind the writer has come up to it.
pub(crate) async fn settle(reads: &dyn Reads) {
    let last = reads.counters().await.unwrap().value(Counter::Event);
    for _ in 0..2000 {
        if reads.segment(0).await.unwrap().as_of_seq >= last {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the indexes of lists are not fed");
}

/// The books must be right.
pub(crate) async fn assert_healthy(reads: &dyn Reads) {
    let differences = engine::verify::differences(reads).await.unwrap();
    let told: Vec<String> = differences.iter().map(ToString::to_string).collect();
    assert_eq!(told, Vec::<String>::new());
}
