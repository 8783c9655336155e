//! What a seed has chosen before anything happens: the shop, its policy, what goes wrong how often,
//! and what its people mostly do. Each seed leaves some things out, so that others happen more.

use std::{collections::BTreeMap, sync::Arc};

use adapters::payment::PaymentProvider;
use domain::{
    Command, Currency, Decimal, Expected, Moment, Money, ProductId, StoreId, VariantId,
    catalog::put::{PutProduct, PutVariant},
    delivery::put::PutDeliveryMethod,
    payment::Capture,
    review::{
        put::{Draft, DraftCheck, DraftRule, PutReviewRules},
        velocity::By,
    },
    shop::Shop,
    stock::{StockKey, set::SetStock},
    world::Policy,
};

use super::{
    act::{ACTS, Act},
    provider::{Line, Troubles},
    random::Random,
};

pub(super) struct Plan {
    pub(super) shop: Shop,
    pub(super) begin: Moment,
    pub(super) capture: Capture,
    pub(super) reservation_ms: i64,
    pub(super) with_minimums: bool,
    /// Processes on one database: with one, whatever another has left is of a dead one.
    pub(super) processes: usize,
    pub(super) troubles: Troubles,
    /// Batches that come to nothing, and batches whose answer is lost, in a thousand.
    pub(super) failed_commits: usize,
    pub(super) lost_commits: usize,
    pub(super) weights: Vec<usize>,
    pub(super) goods: Vec<Good>,
}

/// Something that can be ordered.
#[derive(Clone)]
pub(super) struct Good {
    pub(super) product: ProductId,
    pub(super) variant: Option<VariantId>,
    pub(super) is_counted: bool,
}

impl Good {
    pub(super) fn stock_key(&self) -> StockKey {
        StockKey::main(self.product.clone(), self.variant.clone())
    }
}

/// Half an hour before a year ends in UTC: numbers that count by the year begin anew soon.
const NEW_YEARS_EVE: Moment = Moment(1_767_223_800_000);
const SUMMER: Moment = Moment(1_751_025_600_000);

impl Plan {
    pub(super) fn draw(random: &mut Random) -> Plan {
        let (code, zone) = match random.below(4) {
            0 => ("JPY", "Asia/Tokyo"),
            1 => ("KWD", "Asia/Kuwait"),
            _ => ("USD", "America/New_York"),
        };
        let currency = Currency::parse(code).unwrap_or(Currency::USD);
        let shop = Shop { currency, time_zone: zone.into(), ..Shop::first() };
        let scale = [0, 1, 4][random.below(3)];
        Plan {
            shop,
            begin: if random.one_in(3) { NEW_YEARS_EVE } else { SUMMER },
            capture: if random.one_in(3) { Capture::AtShipment } else { Capture::AtOnce },
            reservation_ms: [20_000, 60_000, 30 * 60_000, 24 * 3_600_000][random.below(4)],
            with_minimums: random.one_in(4),
            processes: if random.one_in(3) { 2 } else { 1 },
            troubles: draw_troubles(random, scale),
            failed_commits: random.below(20) * scale,
            lost_commits: random.below(20) * scale,
            weights: ACTS.iter().map(|act| draw_weight(random, act)).collect(),
            goods: goods(),
        }
    }

    pub(super) fn policy(&self, line: &Line) -> Policy {
        let minimum = line.minimum(self.shop.currency);
        let minimums = if self.with_minimums {
            BTreeMap::from([(self.shop.currency.code(), minimum)])
        } else {
            BTreeMap::new()
        };
        Policy {
            reservation_ms: self.reservation_ms,
            capture: self.capture,
            minimums: Arc::new(minimums),
            sole_process: self.processes == 1,
            ..Policy::default()
        }
    }

    /// An amount of minor units, as a request writes it.
    pub(super) fn decimal(&self, minor: i64) -> Decimal {
        let text = Money(minor).display(self.shop.currency).to_string();
        text.parse().expect("a printed amount is a decimal")
    }

    /// What fills the catalogue: much and little stock, variants, a service without any, and a gift
    /// that costs nothing.
    pub(super) fn catalogue(&self) -> Vec<Command> {
        let mut commands = vec![Command::PutDeliveryMethod(Box::new(PutDeliveryMethod {
            id: "standard".parse().expect("a plain id"),
            name: "Standard".into(),
            price: self.decimal(499),
            currency: None,
            free_from: Some(self.decimal(50_000)),
            countries: Vec::new(),
            max_weight_grams: None,
            active: true,
            estimated_days: None,
            expected: Expected::Any,
        }))];
        for (id, price, variants) in
            [("rare", 3_333, false), ("plenty", 1_001, false), ("shirt", 2_599, true)]
        {
            commands.push(self.product(id, price, true, variants));
        }
        commands.push(self.product("advice", 10_007, false, false));
        commands.push(self.product("leaflet", 0, false, false));
        let counted = self.goods.iter().filter(|it| it.is_counted);
        for (place, good) in counted.enumerate() {
            let on_hand = [2, 40, 3, 12][place % 4];
            commands.push(set_stock(good.stock_key(), on_hand));
        }
        commands
    }

    /// Some rules of each kind, and now and then none in force.
    pub(super) fn put_rules(&self, random: &mut Random) -> Command {
        let mut checks = Vec::new();
        if random.one_in(3) {
            checks.push(DraftCheck::TotalOver {
                amount: self.decimal(random.between(1_000, 20_000)),
            });
        }
        if random.one_in(3) {
            checks.push(DraftCheck::CountriesDiffer);
        }
        for by in By::ALL {
            if random.one_in(3) {
                let orders = [1, 3, 10][random.below(3)];
                let within_minutes = [1, 10, 1_440][random.below(3)];
                checks.push(DraftCheck::Velocity { by, orders, within_minutes });
            }
        }
        if random.one_in(4) {
            let email_domains = vec!["bad.example".into()];
            let (countries, customers) = (Vec::new(), Vec::new());
            checks.push(DraftCheck::Blocked { countries, email_domains, customers });
        }
        let rules = checks.into_iter().enumerate().map(|(place, check)| DraftRule {
            id: format!("rule{place}").parse().expect("a plain id"),
            score: [40, 100][random.below(2)],
            reason: "it is strange".into(),
            check,
        });
        let rules = rules.collect();
        let draft = Draft { enabled: !random.one_in(5), threshold: 100, rules };
        let (store, expected) = (STORE, Expected::Any);
        Command::PutReviewRules(Box::new(PutReviewRules { store, draft, expected }))
    }

    fn product(&self, id: &str, price: i64, is_counted: bool, has_variants: bool) -> Command {
        let variant = |id: &str, price: Option<i64>| PutVariant {
            id: id.parse().expect("a plain id"),
            name: id.into(),
            sku: None,
            price: price.map(|it| self.decimal(it)),
        };
        let variants = if has_variants {
            vec![variant("small", None), variant("large", Some(2_799))]
        } else {
            Vec::new()
        };
        Command::PutProduct(Box::new(PutProduct {
            id: id.parse().expect("a plain id"),
            name: id.into(),
            sku: None,
            price: self.decimal(price),
            currency: None,
            active: true,
            requires_shipping: is_counted,
            track_stock: is_counted,
            weight_grams: 100,
            tax_class: None,
            delivery_methods: Vec::new(),
            variants,
            low_stock_at: is_counted.then_some(1),
            metadata: BTreeMap::new(),
            expected: Expected::Any,
        }))
    }
}

pub(super) fn set_stock(stock: StockKey, on_hand: i64) -> Command {
    Command::SetStock(SetStock { stock, on_hand, reason: None, expected: Expected::Any })
}

fn goods() -> Vec<Good> {
    let good = |product: &str, variant: Option<&str>, is_counted| Good {
        product: product.parse().expect("a plain id"),
        variant: variant.map(|it| it.parse().expect("a plain id")),
        is_counted,
    };
    vec![
        good("rare", None, true),
        good("plenty", None, true),
        good("shirt", Some("small"), true),
        good("shirt", Some("large"), true),
        good("advice", None, false),
        good("leaflet", None, false),
    ]
}

fn draw_troubles(random: &mut Random, scale: usize) -> Troubles {
    Troubles {
        refused: random.below(50) * scale,
        down: random.below(25) * scale,
        lost_request: random.below(25) * scale,
        lost_answer: random.below(25) * scale,
        late_request: random.below(25) * scale,
        lost_notice: [0, 100, 1000][random.below(3)],
        double_notice: [0, 100, 1000][random.below(3)],
        slow_refunds: random.one_in(3),
    }
}

/// As often as usual, much more often, or never; what everything needs is never left out.
fn draw_weight(random: &mut Random, (act, usual): &(Act, usize)) -> usize {
    match random.below(4) {
        0 if !act.is_needed() => 0,
        1 => 3 * usual,
        _ => *usual,
    }
}

pub(super) const STORE: StoreId = StoreId::FIRST;
