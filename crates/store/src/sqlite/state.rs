//! An order's state as one number: an index of such numbers costs an order little more than an
//! index of nothing, and has a run of orders for each state. The codes are part of the file's
//! format.

use std::ops::RangeInclusive;

use domain::{
    StoreId,
    order::{PaymentStatus, ReviewStatus, ShippingStatus, Status},
};

use crate::list::State;

const STATUS: u32 = 0;
const PAYMENT: u32 = 3;
const SHIPPING: u32 = 6;
const REVIEW: u32 = 9;
const HOLD: u32 = 11;
const STORE: u32 = 12;

pub(super) fn code(state: &State) -> i64 {
    (i64::from(state.store.0) << STORE)
        | (i64::from(state.on_hold) << HOLD)
        | (review_code(state.review_status) << REVIEW)
        | (shipping_code(state.shipping_status) << SHIPPING)
        | (payment_code(state.payment_status) << PAYMENT)
        | (status_code(state.status) << STATUS)
}

/// The codes of all states of a store's orders.
pub(super) fn codes_of(store: StoreId) -> RangeInclusive<i64> {
    let first = i64::from(store.0) << STORE;
    first..=first + (1 << STORE) - 1
}

/// Nothing for a code that no state has.
pub(super) fn decode(code: i64) -> Option<State> {
    let digits = |from: u32, to: u32| (code >> from) & ((1 << (to - from)) - 1);
    let (status, payment) = (digits(STATUS, PAYMENT), digits(PAYMENT, SHIPPING));
    let (shipping, review) = (digits(SHIPPING, REVIEW), digits(REVIEW, HOLD));
    Some(State {
        store: StoreId(u32::try_from(code >> STORE).ok()?),
        status: Status::ALL.into_iter().find(|it| status_code(*it) == status)?,
        payment_status: PaymentStatus::ALL.into_iter().find(|it| payment_code(*it) == payment)?,
        shipping_status: ShippingStatus::ALL
            .into_iter()
            .find(|it| shipping_code(*it) == shipping)?,
        review_status: ReviewStatus::ALL.into_iter().find(|it| review_code(*it) == review)?,
        on_hold: digits(HOLD, STORE) == 1,
    })
}

fn status_code(status: Status) -> i64 {
    match status {
        Status::Pending => 0,
        Status::Confirmed => 1,
        Status::Shipped => 2,
        Status::Delivered => 3,
        Status::Cancelled => 4,
    }
}

fn payment_code(status: PaymentStatus) -> i64 {
    match status {
        PaymentStatus::Unpaid => 0,
        PaymentStatus::Authorized => 1,
        PaymentStatus::Paid => 2,
        PaymentStatus::PartiallyRefunded => 3,
        PaymentStatus::Refunded => 4,
    }
}

fn shipping_code(status: ShippingStatus) -> i64 {
    match status {
        ShippingStatus::Pending => 0,
        ShippingStatus::Processing => 1,
        ShippingStatus::PartiallyShipped => 2,
        ShippingStatus::Shipped => 3,
        ShippingStatus::Delivered => 4,
        ShippingStatus::Cancelled => 5,
    }
}

fn review_code(status: ReviewStatus) -> i64 {
    match status {
        ReviewStatus::None => 0,
        ReviewStatus::UnderReview => 1,
        ReviewStatus::Passed => 2,
        ReviewStatus::Failed => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_code_of_its_own() {
        let mut known = std::collections::BTreeSet::new();
        for store in [StoreId(1), StoreId(2), StoreId(u32::MAX)] {
            for status in Status::ALL {
                for payment_status in PaymentStatus::ALL {
                    for shipping_status in ShippingStatus::ALL {
                        for review_status in ReviewStatus::ALL {
                            for on_hold in [false, true] {
                                let state = State {
                                    store,
                                    status,
                                    payment_status,
                                    shipping_status,
                                    review_status,
                                    on_hold,
                                };
                                let code = code(&state);
                                assert!(known.insert(code), "{state:?}");
                                assert!(codes_of(store).contains(&code), "{state:?}");
                                assert_eq!(decode(code), Some(state));
                            }
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_codes_stay_what_they_are_in_files() {
        let state = State {
            store: StoreId(3),
            status: Status::Cancelled,
            payment_status: PaymentStatus::Refunded,
            shipping_status: ShippingStatus::Cancelled,
            review_status: ReviewStatus::Failed,
            on_hold: true,
        };
        assert_eq!(code(&state), 3 * 4096 + 2048 + 1536 + 320 + 32 + 4);
        for strange in [-1, 4096 + 5, 4096 + (5 << PAYMENT), 4096 + (6 << SHIPPING)] {
            assert_eq!(decode(strange), None, "{strange}");
        }
    }
}
