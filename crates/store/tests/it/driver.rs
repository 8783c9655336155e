//! Commands through a store, a batch at a time: what an engine does, and no more of it.

use domain::{
    Actor, Command, Decimal, Keys, Moment, Outcome, Quantity, Refusals, Role, StoreId, World,
    address::{Address, Person},
    catalog::put::PutProduct,
    decide,
    idempotency::{Fingerprint, KeyHash, Remembered},
    order::{
        PaymentMethod,
        place::{Item, PlaceOrder},
    },
    stock::set::SetStock,
    version::Expected,
    world::{Policy, Signature},
};
use store::{Next, Writer};

use crate::samples::{NOON, country, id, shelf};

#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) command: Command,
    pub(crate) actor: Actor,
    pub(crate) clock: Moment,
    /// The idempotency key.
    pub(crate) key: Option<u8>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reply {
    /// The outcome, and the thing as the command left it.
    Done(String),
    /// What was said the first time.
    Replayed(String),
    KeyReused,
    Refused(Refusals),
}

impl Request {
    pub(crate) fn staff(command: Command) -> Request {
        let actor = Actor { role: Role::Staff, subject: "boss".into(), stores: None };
        Request { command, actor, clock: Moment(NOON), key: None }
    }

    fn key(&self) -> Option<(KeyHash, Fingerprint)> {
        let mut fingerprint = [0_u8; 16];
        for (index, byte) in format!("{:?}", self.command).bytes().enumerate() {
            let at = &mut fingerprint[index % 16];
            *at = byte.wrapping_add(at.wrapping_mul(31));
        }
        self.key.map(|byte| (KeyHash([byte; 16]), Fingerprint(fingerprint)))
    }
}

/// Runs one batch.
pub(crate) fn run(writer: &mut dyn Writer, batch: &[Request]) -> Vec<Reply> {
    let mut keys = Keys::default();
    for request in batch {
        request.command.keys(&mut keys);
        keys.idempotency.extend(request.key().map(|(hash, _)| hash));
    }
    let mut replies = Vec::new();
    let mut is_split = false;
    let mut step = |world: &mut World| {
        // The store may have begun again.
        replies.clear();
        world.policy = Policy::default();
        let mut more = Keys::default();
        for request in batch {
            request.command.more_keys(world, &mut more);
        }
        if more.retain_unloaded(world) {
            return Next::LoadMore(more);
        }
        for request in batch {
            if !request.command.has_its_facts(world) {
                is_split = true;
                return Next::Abandon;
            }
            replies.push(answer(world, request));
        }
        Next::Write
    };
    writer.run_batch(&keys, &mut step).unwrap();
    if is_split {
        assert!(batch.len() > 1, "alone, every command has its facts");
        return batch.chunks(1).flat_map(|one| run(writer, one)).collect();
    }
    replies
}

fn answer(world: &mut World, request: &Request) -> Reply {
    if let Some((hash, fingerprint)) = request.key()
        && let Some(known) = world.idempotency.get(&hash)
    {
        if known.fingerprint != fingerprint {
            return Reply::KeyReused;
        }
        return Reply::Replayed(String::from_utf8(known.answer.clone()).unwrap());
    }
    let at = world.moment(request.clock);
    let decision = match decide(world, &request.command, &request.actor, at) {
        Ok(decision) => decision,
        Err(refusals) => return Reply::Refused(refusals),
    };
    let outcome = decision.outcome.clone();
    let actor = request.actor.to_string();
    let key = request.key().map(|(hash, _)| hash);
    let refusal = decision.refusal.clone();
    world.apply(decision, Signature { at, actor: &actor, request_id: "req", key });
    if let Some(refusal) = refusal {
        return Reply::Refused(refusal.into());
    }
    let said = format!("{outcome:?} {}", thing(world, &outcome));
    if let Some((hash, fingerprint)) = request.key() {
        let answer = said.clone().into_bytes();
        world.idempotency.put(hash, Remembered { fingerprint, at, answer, shows: None });
    }
    Reply::Done(said)
}

fn thing(world: &World, outcome: &Outcome) -> String {
    match outcome {
        Outcome::Order(no)
        | Outcome::Refund { order: no, id: _ }
        | Outcome::Shipment { order: no, id: _ } => {
            format!("{:?}", world.orders.get(no))
        }
        Outcome::Awaits(id) => format!("{:?}", world.effects.get(id)),
        Outcome::Claimed(ids) => {
            ids.iter().map(|id| format!("{:?}", world.effects.get(id))).collect()
        }
        Outcome::Recorded => String::new(),
        Outcome::Cart { key, created: _ } | Outcome::CartDeleted(key) => {
            format!("{:?}", world.carts.get(key))
        }
        Outcome::Product { id, created: _ } | Outcome::ProductDeleted(id) => {
            format!("{:?}", world.products.get(id))
        }
        Outcome::Stock(key) => format!("{:?}", world.stock.get(key)),
        Outcome::Client(id) => format!("{:?}", world.clients.get(id)),
        Outcome::DeliveryMethod { id, created: _ } | Outcome::DeliveryMethodDeleted(id) => {
            format!("{:?}", world.delivery_methods.get(id))
        }
        Outcome::Customer { id, created: _ } => format!("{:?}", world.customers.get(id)),
        Outcome::CustomerErased(id) => format!("{:?}", world.erasures.get(id)),
        Outcome::Store { id, created: _ } | Outcome::ReviewRules(id) => {
            format!("{:?}", world.stores.get(id))
        }
    }
}

/// A product that needs no delivery, at 10.00.
pub(crate) fn put_product(name: &str) -> Command {
    Command::PutProduct(Box::new(PutProduct {
        id: id(name),
        name: format!("The {name}"),
        sku: None,
        price: decimal("10.00"),
        currency: None,
        active: true,
        requires_shipping: false,
        track_stock: true,
        weight_grams: 100,
        tax_class: None,
        delivery_methods: Vec::new(),
        variants: Vec::new(),
        low_stock_at: None,
        metadata: [].into(),
        expected: Expected::Any,
    }))
}

pub(crate) fn set_stock(product: &str, on_hand: i64) -> Command {
    let stock = shelf(product, None);
    Command::SetStock(SetStock { stock, on_hand, reason: None, expected: Expected::Any })
}

pub(crate) fn place(items: &[(&str, u32)]) -> Command {
    let item = |(product, quantity): &(&str, u32)| Item {
        product: id(product),
        variant: None,
        quantity: Quantity::new(*quantity).unwrap(),
        price: None,
    };
    Command::PlaceOrder(Box::new(PlaceOrder {
        store: StoreId::FIRST,
        customer: None,
        items: items.iter().map(item).collect(),
        delivery_method: None,
        payment_method: PaymentMethod::CashOnDelivery,
        prepay: false,
        person: Box::new(Person { shipping_address: Some(address("US")), ..Person::default() }),
        metadata: [].into(),
    }))
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

pub(crate) fn decimal(text: &str) -> Decimal {
    text.parse().unwrap()
}
