//! The life of a paid order, as ARCHITECTURE.md draws it: each arrow there is a row here.

mod arrows;
mod batches;
mod crashes;
mod intents;
mod late;
mod news;
pub(crate) mod refused;
mod reordered;
mod sound;
mod starting;
mod states;
mod time;

use std::collections::BTreeSet;

use arrows::Arrow;

const PAGE: &str = include_str!("../../../../../ARCHITECTURE.md");

/// Arrows that are no command once more; each has a test that is named after it.
const BY_HAND: [&str; 7] = ["P1", "P2", "K1", "K2", "K3", "K4", "K5"];

/// People cancel paid orders as they cancel others.
const ELSEWHERE: [&str; 2] = ["C2", "C3"];

fn rows() -> Vec<Arrow> {
    let groups = [starting::rows(), intents::rows(), news::rows(), late::rows(), time::rows()];
    groups.into_iter().flatten().collect()
}

#[test]
fn each_arrow_does_what_the_page_says() {
    rows().iter().for_each(Arrow::check);
}

#[test]
fn the_page_has_these_arrows_and_no_others() {
    let rows = rows();
    let tested = rows.iter().map(|it| it.name).chain(BY_HAND).chain(ELSEWHERE);
    let tested: BTreeSet<&str> = tested.collect();
    let cells = PAGE.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    let told: BTreeSet<&str> = cells.filter(|it| is_name(it)).collect();
    assert_eq!(told, tested);
    let drawn = PAGE.lines().filter_map(|line| line.split_once(" --> ")?.1.split_once(": "));
    for (_, label) in drawn {
        let name = label.split(' ').next().unwrap();
        assert!(told.contains(name), "{label:?} is drawn and not told");
    }
}

/// `N12`.
fn is_name(cell: &str) -> bool {
    let mut letters = cell.chars();
    let group = letters.next().is_some_and(|it| it.is_ascii_uppercase());
    let mut digits = letters.as_str().bytes();
    group && digits.len() > 0 && digits.all(|it| it.is_ascii_digit())
}
