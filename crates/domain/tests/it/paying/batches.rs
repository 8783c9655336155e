//! Several commands about one order in one batch: what they will look at is named before the first
//! of them is decided, and to look at anything else panics.

use domain::{Actor, Command, Keys, decide, payment::IntentState};
use proptest::{collection::vec, prelude::*, sample::select};

use super::{
    sound::check_books,
    states::{
        MINUTE_MS, NO, State, expire, made, news, not_made, record, recording, start, system, told,
    },
};
use crate::house::{House, collect, confirm, customer, ship, staff};

const STATES: [State; 16] = [
    State::Unasked,
    State::Starting,
    State::StartingByItself,
    State::Open,
    State::Processing,
    State::Declined,
    State::OpenAgain,
    State::Mismatched,
    State::Authorized,
    State::Paid,
    State::OnAccount,
    State::OnAccountStarting,
    State::Expired,
    State::ExpiredStarting,
    State::Cancelled,
    State::CancelledByProvider,
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_batch_names_all_that_it_looks_at(
        state in select(&STATES[..]),
        later in any::<bool>(),
        batch in vec(command(), 1..6),
    ) {
        let mut house = state.house();
        house.clock.0 += if later { 31 * MINUTE_MS } else { 0 };
        load(&mut house, |_, command, keys| command.keys(keys), &batch);
        for _ in 0..2 {
            load(&mut house, |house, command, keys| command.more_keys(&house.world, keys), &batch);
        }
        for (who, command) in &batch {
            let now = house.world.moment(house.clock);
            if let Ok(decision) = decide(&house.world, command, who, now) {
                house.apply(decision);
            }
        }
        check_books(&house);
    }
}

type Name = fn(&House, &Command, &mut Keys);

fn load(house: &mut House, name: Name, batch: &[(Actor, Command)]) {
    let mut keys = Keys::default();
    batch.iter().for_each(|(_, command)| name(house, command, &mut keys));
    house.load_absent(keys);
}

fn command() -> impl Strategy<Value = (Actor, Command)> {
    use IntentState::{Authorized, Cancelled, Declined, Open, Processing, Succeeded};
    let states = vec![Authorized, Cancelled, Declined, Open, Processing, Succeeded];
    let k = || 1..4_u32;
    let void = |(k, state)| (system(), recording(Some(news(k, state)), Some("void_1_1")));
    prop_oneof![
        6 => (k(), select(states.clone())).prop_map(|(k, state)| (system(), told(k, state))),
        2 => (k(), select(states.clone())).prop_map(|(k, state)| (customer("ann"), told(k, state))),
        1 => (k(), select(states)).prop_map(void),
        1 => Just((system(), record(super::states::another_amount()))),
        4 => k().prop_map(|k| (system(), made(k))),
        4 => (k(), any::<bool>()).prop_map(|(k, may)| (system(), not_made(k, may))),
        4 => Just((customer("ann"), start())),
        2 => Just((system(), expire())),
        2 => Just((staff(), confirm(NO))),
        2 => Just((staff(), collect(NO))),
        1 => Just((staff(), ship(NO))),
    ]
}
