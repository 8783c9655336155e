//! Random changes of all that is cached; what the writer then knows is what the file says.

use domain::{
    Currency, Keys, Moment, Money, StoreId, World,
    catalog::Product,
    counter::Counter,
    customer::Customer,
    delivery::DeliveryMethod,
    stock::{Stock, StockKey},
};

use super::Pace;
use crate::sqlite::trial::{Dice, Trial, id};

/// As many rows of each kind as there are names for.
const NAMES: [&str; 6] = ["a", "b", "c", "d", "e", "f"];

const ROOMY: Pace = Pace {
    segment: 9,
    filter_bits: 16,
    keys_slice: 1,
    feed: 9,
    orders_slice: 1,
    events_slice: 4,
    cached_rows: 64,
};

/// Rows are forgotten all the time.
const TIGHT: Pace = Pace { cached_rows: 2, ..ROOMY };

#[test]
fn what_is_known_is_what_the_file_says() {
    for pace in [ROOMY, TIGHT] {
        let mut trial = Trial::new(pace);
        let mut dice = Dice(21);
        for version in 1..=300 {
            let end = dice.end();
            let changes = Changes::draw(&mut dice, version);
            trial.batch(end, &every_key(), |world| changes.make(world, version));
            let keys = some_keys(&mut dice);
            check(&mut trial, &keys, &format!("{end:?} of {changes:?}"));
        }
        trial.reopen();
        check(&mut trial, &every_key(), "all of them");
    }
}

fn check(trial: &mut Trial, keys: &Keys, after: &str) {
    let known = trial.load(keys);
    let fresh = trial.load_afresh(keys);
    assert_eq!(known.counters, fresh.counters, "{after}");
    for it in &keys.products {
        assert_eq!(known.products.get(it), fresh.products.get(it), "{after}");
    }
    for it in &keys.stock {
        assert_eq!(known.stock.get(it), fresh.stock.get(it), "{after}");
        assert_eq!(known.stock.is_loaded(&attic(it)), fresh.stock.is_loaded(&attic(it)), "{after}");
        if fresh.stock.is_loaded(&attic(it)) {
            assert_eq!(known.stock.get(&attic(it)), fresh.stock.get(&attic(it)), "{after}");
        }
    }
    assert_eq!(known.elsewhere, fresh.elsewhere, "{after}");
    for it in &keys.delivery_methods {
        assert_eq!(known.delivery_methods.get(it), fresh.delivery_methods.get(it), "{after}");
    }
    assert_eq!(known.delivery_methods.iter().count(), fresh.delivery_methods.iter().count());
    for it in &keys.customers {
        assert_eq!(known.customers.get(it), fresh.customers.get(it), "{after}");
    }
    for it in &keys.stores {
        assert_eq!(known.stores.get(it), fresh.stores.get(it), "{after}");
    }
}

/// Names of what a batch puts, and of what it deletes.
#[derive(Debug)]
struct Changes {
    put: Vec<(Kind, &'static str)>,
    deleted: Vec<(Kind, &'static str)>,
    on_hand: i64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Product,
    Stock,
    /// The same goods in another place.
    StockElsewhere,
    DeliveryMethod,
    Customer,
}

const KINDS: [Kind; 5] =
    [Kind::Product, Kind::Stock, Kind::StockElsewhere, Kind::DeliveryMethod, Kind::Customer];

impl Changes {
    fn draw(dice: &mut Dice, version: u64) -> Changes {
        let mut some = |most| {
            let count = dice.below(most);
            (0..count).map(|_| (*dice.pick(&KINDS), *dice.pick(&NAMES))).collect::<Vec<_>>()
        };
        let (put, mut deleted) = (some(6), some(3));
        // A shelf stays once it is there.
        deleted.retain(|(kind, _)| ![Kind::Stock, Kind::StockElsewhere].contains(kind));
        Changes { put, deleted, on_hand: i64::try_from(version).unwrap() }
    }

    fn make(&self, world: &mut World, version: u64) {
        world.counters.take(Counter::Event, version);
        world.counters.advance(Moment(self.on_hand));
        for (kind, name) in &self.put {
            match kind {
                Kind::Product => world.products.put(id(name), product(name, version)),
                Kind::Stock => {
                    let stock = Stock { on_hand: self.on_hand, reserved: 0, version };
                    world.stock.put(shelf(name), stock);
                }
                Kind::StockElsewhere => {
                    let stock = Stock { on_hand: self.on_hand, reserved: 1, version };
                    world.stock.put(attic(&shelf(name)), stock);
                }
                Kind::DeliveryMethod => {
                    world.delivery_methods.put(id(name), method(name, version));
                }
                Kind::Customer => world.customers.put(id(name), customer(name, self.on_hand)),
            }
        }
        for (kind, name) in &self.deleted {
            match kind {
                Kind::Product => world.products.remove(id(name)),
                Kind::Stock | Kind::StockElsewhere => {
                    unreachable!("a shelf is never deleted")
                }
                Kind::DeliveryMethod => world.delivery_methods.remove(id(name)),
                Kind::Customer => world.customers.remove(id(name)),
            }
        }
    }
}

fn every_key() -> Keys {
    named(&NAMES)
}

fn some_keys(dice: &mut Dice) -> Keys {
    let from = usize::try_from(dice.below(3)).unwrap();
    named(&NAMES[from..from + 3])
}

fn named(names: &[&str]) -> Keys {
    let mut keys = Keys { every_delivery_method: true, ..Keys::default() };
    keys.stores.insert(StoreId::FIRST);
    for name in names {
        keys.products.insert(id(name));
        keys.stock.insert(shelf(name));
        keys.delivery_methods.insert(id(name));
        keys.customers.insert(id(name));
    }
    keys
}

fn shelf(name: &str) -> StockKey {
    StockKey::main(id(name), None)
}

fn attic(main: &StockKey) -> StockKey {
    StockKey { location: id("attic"), ..main.clone() }
}

fn product(name: &str, version: u64) -> Product {
    Product {
        id: id(name),
        name: name.into(),
        sku: None,
        price: Money(1),
        currency: Currency::USD,
        active: version.is_multiple_of(2),
        requires_shipping: false,
        track_stock: true,
        weight_grams: 1,
        tax_class: None,
        delivery_methods: Vec::new(),
        variants: Vec::new(),
        low_stock_at: None,
        metadata: [].into(),
        version,
    }
}

fn method(name: &str, version: u64) -> DeliveryMethod {
    DeliveryMethod {
        id: id(name),
        name: name.into(),
        price: Money(1),
        currency: Currency::USD,
        free_from: None,
        countries: Vec::new(),
        max_weight_grams: None,
        active: true,
        estimated_days: None,
        version,
    }
}

fn customer(name: &str, at: i64) -> Customer {
    Customer {
        id: id(name),
        name: None,
        email: None,
        phone: None,
        locale: None,
        notify: Vec::new(),
        registered_at: Moment(at),
        version: 1,
    }
}
