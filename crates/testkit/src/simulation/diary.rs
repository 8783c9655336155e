//! The last steps of a life, in words. Nobody writes them down the first time: that would take
//! longer than the steps.

use std::{cell::RefCell, collections::VecDeque};

pub(super) struct Diary {
    steps: RefCell<VecDeque<String>>,
    /// So many are remembered.
    last: usize,
}

impl Diary {
    pub(super) fn of_the_last(last: usize) -> Diary {
        Diary { steps: RefCell::default(), last }
    }

    pub(super) fn note(&self, step: impl FnOnce() -> String) {
        if self.last == 0 {
            return;
        }
        let mut steps = self.steps.borrow_mut();
        if steps.len() == self.last {
            steps.pop_front();
        }
        steps.push_back(step());
    }

    pub(super) fn close(self) -> Vec<String> {
        self.steps.into_inner().into()
    }
}
