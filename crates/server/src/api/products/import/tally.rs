//! What has become of the lines. However many fail, what is told of them is bounded.

use crate::{
    json::FieldError,
    view::import::{ImportView, LineView},
};

/// Lines that are named.
const LINES_MAX: usize = 1_000;
/// Faults that are told of one line.
const FAULTS_MAX: usize = 10;
/// Of all that is told: pointers repeat the names in the file, which may be long.
const BYTES_MAX: usize = 256 * 1024;

#[derive(Default)]
pub(super) struct Tally {
    pub(super) imported: u64,
    pub(super) failed: u64,
    lines: Vec<LineView>,
    bytes: usize,
    is_truncated: bool,
}

impl Tally {
    pub(super) fn count(&mut self, line: u64, outcome: Result<(), Vec<FieldError>>) {
        let Err(mut errors) = outcome else {
            self.imported += 1;
            return;
        };
        self.failed += 1;
        self.is_truncated |= errors.len() > FAULTS_MAX;
        errors.truncate(FAULTS_MAX);
        let bytes: usize = errors.iter().map(|it| it.pointer.len() + it.detail.len()).sum();
        // Once something is left out, so is the rest: those that are named are the first.
        if self.is_full(bytes) {
            self.is_truncated = true;
            self.bytes = BYTES_MAX;
            return;
        }
        self.bytes += bytes;
        self.lines.push(LineView { line, errors });
    }

    fn is_full(&self, bytes: usize) -> bool {
        self.lines.len() == LINES_MAX || self.bytes + bytes > BYTES_MAX
    }

    pub(super) fn view(&self) -> ImportView<'_> {
        ImportView {
            imported: self.imported,
            failed: self.failed,
            errors: &self.lines,
            errors_truncated: self.is_truncated,
        }
    }
}
