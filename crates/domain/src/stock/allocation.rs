//! Which location serves a line of a new order. One serves it whole: the first that has enough,
//! `main` before the others, and those in the order of their ids. A line is never split, so what an
//! order holds, ships and gives back of a line is on one shelf.

use std::collections::{BTreeMap, BTreeSet};

use super::{Stock, StockKey};
use crate::{
    event::{Event, StockLow},
    order::Line,
    refusal::{Found, Refusal, Subject},
    world::World,
};

/// Gives every line whose stock is counted its location, and tells how much is taken from each
/// shelf. Lines of one product are served one after the other, each of what those before it left.
pub(crate) fn allocate(
    world: &World,
    lines: &mut [Line],
    found: &mut Found,
) -> BTreeMap<StockKey, i64> {
    let mut taken: BTreeMap<StockKey, i64> = BTreeMap::new();
    let mut short = BTreeSet::new();
    for line in &mut *lines {
        let Some(main) = line.stock_key() else { continue };
        let wanted = i64::from(line.quantity.get());
        let left = |key: &StockKey| available(world, key) - taken.get(key).unwrap_or(&0);
        if left(&main) >= wanted {
            *taken.entry(main).or_insert(0) += wanted;
        } else if let Some(key) = elsewhere(world, &main).find(|it| left(it) >= wanted) {
            line.location = Some(key.location.clone());
            *taken.entry(key).or_insert(0) += wanted;
        } else {
            short.insert(main);
        }
    }
    if !short.is_empty() {
        tell(world, lines, short, found);
    }
    taken
}

/// Each product once, at its first line. What one location has most of is what a customer could
/// have had; it is less than what is requested, else that location had served all the lines.
fn tell(world: &World, lines: &[Line], mut short: BTreeSet<StockKey>, found: &mut Found) {
    let mains: Vec<_> = lines.iter().map(|it| it.stock_key().map(|key| key.at_main())).collect();
    for (line, main) in lines.iter().zip(&mains) {
        let Some(main) = main.as_ref().filter(|it| short.remove(it)) else { continue };
        let same = lines.iter().zip(&mains).filter(|(_, it)| it.as_ref() == Some(main));
        let requested = same.map(|(it, _)| i64::from(it.quantity.get())).sum();
        let others = elsewhere(world, main).map(|it| available(world, &it));
        let available = others.fold(available(world, main), i64::max);
        let index = usize::try_from(line.no).unwrap_or(usize::MAX) - 1;
        let name = line.name.clone();
        let refusal = Refusal::InsufficientStock { name, available, requested };
        found.add(Subject::ItemQuantity(index), refusal);
    }
}

/// Tells, once, when an order takes a shelf to where somebody wants to know.
pub(crate) fn running_low(world: &World, taken: &BTreeMap<StockKey, i64>) -> Vec<Event> {
    let mut events = Vec::new();
    for (key, taken) in taken {
        let low_at = world.products.get(&key.product).and_then(|it| it.low_stock_at);
        let before = available(world, key);
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

/// What there is of the goods of a main shelf, in all places together.
pub(crate) fn available_anywhere(world: &World, main: &StockKey) -> i64 {
    let others = elsewhere(world, main).map(|it| available(world, &it));
    others.fold(available(world, main), i64::saturating_add)
}

fn available(world: &World, key: &StockKey) -> i64 {
    world.stock.get(key).map_or(0, Stock::available)
}

/// The shelves of the same goods in other places, in the order of their ids.
fn elsewhere<'w>(world: &'w World, main: &StockKey) -> impl Iterator<Item = StockKey> + 'w {
    let (product, variant) = (main.product.clone(), main.variant.clone());
    let locations = world.elsewhere.get(main).into_iter().flat_map(|it| it.iter());
    locations.map(move |it| StockKey {
        product: product.clone(),
        variant: variant.clone(),
        location: it.clone(),
    })
}
