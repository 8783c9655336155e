//! Discounts on a whole order: each falls on the lines by what is left of their price, and what is
//! more than that on the shipping. So each line knows what was agreed for it, and a refund of it
//! gives back no more.

use super::{Adjustment, AdjustmentScope, Line};
use crate::{
    cart::temp::Discount,
    id::OrderNo,
    money::{Money, Overflow},
};

const KIND: &str = "discount";
const SOURCE: &str = "merchant";

pub(crate) fn adjustments(
    order: OrderNo,
    discounts: &[Discount],
    lines: &[Line],
) -> Result<Vec<Adjustment>, Overflow> {
    let mut left: Vec<i64> = lines.iter().map(|it| it.total.0).collect();
    let mut adjustments: Vec<Adjustment> = Vec::new();
    for discount in discounts {
        let whole = discount.total()?;
        let of_lines = whole.0.min(left.iter().sum());
        let shares = spread(of_lines, &left);
        for (left, share) in left.iter_mut().zip(&shares) {
            *left -= share;
        }
        let allocations = lines.iter().zip(shares).filter(|(_, share)| *share > 0);
        let allocations = allocations.map(|(line, share)| (line.no, Money(-share))).collect();
        let parts = [
            (AdjustmentScope::Order, of_lines, allocations),
            (AdjustmentScope::Shipping, whole.0 - of_lines, Vec::new()),
        ];
        for (scope, amount, allocations) in parts.into_iter().filter(|it| it.1 > 0) {
            adjustments.push(Adjustment {
                id: format!("adj_{}_{}", order.0, adjustments.len() + 1),
                scope,
                kind: KIND.into(),
                name: Some(discount.name.clone()),
                amount: Money(-amount),
                source: SOURCE.into(),
                allocations,
            });
        }
    }
    Ok(adjustments)
}

/// Parts of an amount by weight, none more than its weight. What rounding down leaves goes to the
/// largest fractions, and among equal ones to the first.
fn spread(amount: i64, weights: &[i64]) -> Vec<i64> {
    let all: i128 = weights.iter().map(|it| i128::from(*it)).sum();
    if all == 0 {
        return vec![0; weights.len()];
    }
    let exact = |weight: i64| i128::from(amount) * i128::from(weight);
    let mut parts: Vec<i64> = Vec::with_capacity(weights.len());
    for weight in weights {
        parts.push(i64::try_from(exact(*weight) / all).expect("a part is not more than the whole"));
    }
    let given: i64 = parts.iter().sum();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    order.sort_by_key(|index| std::cmp::Reverse(exact(weights[*index]) % all));
    let rest = usize::try_from(amount - given).unwrap_or(0);
    for index in order.into_iter().take(rest) {
        parts[index] += 1;
    }
    parts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::spread;

    #[test]
    fn what_is_left_goes_to_the_largest_fractions() {
        assert_eq!(spread(100, &[1000, 1000, 1000]), [34, 33, 33]);
        assert_eq!(spread(100, &[100, 200, 300]), [17, 33, 50]);
        assert_eq!(spread(3, &[1, 1, 1]), [1, 1, 1]);
        assert_eq!(spread(1, &[0, 5]), [0, 1]);
        assert_eq!(spread(0, &[0, 0]), [0, 0]);
        assert_eq!(spread(0, &[]), [0; 0]);
    }

    proptest! {
        #[test]
        fn parts_are_the_whole_and_fit_their_weights(
            weights in prop::collection::vec(0_i64..10_000, 1..9),
            share in 0_i64..=100,
        ) {
            let amount = weights.iter().sum::<i64>() * share / 100;
            let parts = spread(amount, &weights);
            prop_assert_eq!(parts.iter().sum::<i64>(), amount);
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!((0..=*weight).contains(part), "{} of {}", part, weight);
            }
        }
    }
}
