//! Cursors: what was given out comes back, what was changed is refused or is another one that could
//! have been given out.

use proptest::{prelude::*, sample::Index};
use testkit::random::config;

use crate::cursor::{Binding, Part, decode, encode};

fn position() -> impl Strategy<Value = Vec<Part>> {
    let part = prop_oneof![any::<i64>().prop_map(Part::Number), "\\PC{0,40}".prop_map(Part::Text),];
    prop::collection::vec(part, 1..4)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_cursor_that_was_changed_is_refused_or_sound(
        position in position(),
        status in "[a-z]{0,8}",
        changes in prop::collection::vec((any::<Index>(), "[A-Za-z0-9_-]|\\PC|"), 0..4),
    ) {
        let binding = Binding::new("orders", [("status", status.as_str())]);
        let cursor = encode(binding, &position);
        prop_assert_eq!(decode(binding, &cursor), Some(position));
        let mut text: Vec<String> = cursor.chars().map(String::from).collect();
        for (at, by) in changes {
            let at = at.index(text.len());
            text[at] = by;
        }
        let changed = text.concat();
        if let Some(position) = decode(binding, &changed) {
            prop_assert_eq!(encode(binding, &position), changed);
        }
        let other = Binding::new("products", [("status", status.as_str())]);
        prop_assert_eq!(decode(other, &cursor), None);
    }
}
