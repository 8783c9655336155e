//! A file of comma-separated values (RFC 4180): a row of names, then a row for each product.

use std::borrow::Cow;

use csv_core::{ReadRecordResult, Reader};
use domain::catalog::import::ImportProduct;

use super::{LINE_BYTES_MAX, Numbered, line, line_fault, too_long, upload::Upload};
use crate::{
    json::{Faults, FieldError, Json, card_walk::refuse_card_data, parse},
    problem::Problem,
};

/// How a cell is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    /// A number, or true or false.
    Value,
    /// A list or a document, in JSON.
    Nested,
}

type Column = (&'static str, Kind);

const COLUMNS: [Column; 16] = [
    ("product_id", Kind::Text),
    ("name", Kind::Text),
    ("sku", Kind::Text),
    ("price", Kind::Value),
    ("currency", Kind::Text),
    ("active", Kind::Value),
    ("requires_shipping", Kind::Value),
    ("track_stock", Kind::Value),
    ("weight_grams", Kind::Value),
    ("tax_class", Kind::Text),
    ("delivery_methods", Kind::Nested),
    ("variants", Kind::Nested),
    ("low_stock_at", Kind::Value),
    ("metadata", Kind::Nested),
    ("version", Kind::Value),
    ("on_hand", Kind::Value),
];

/// Without these columns no row can be read.
const NEEDED: [&str; 3] = ["product_id", "name", "price"];

/// One more than there are columns: a row of more is refused whatever it holds.
const CELLS_MAX: usize = COLUMNS.len() + 1;

pub(super) struct Table {
    upload: Upload,
    reader: Reader,
    /// The line that is being read.
    number: u64,
    columns: Vec<Column>,
    text: Vec<u8>,
    ends: [usize; CELLS_MAX],
}

/// The cells of one row.
pub(super) struct Row<'t> {
    columns: &'t [Column],
    cells: Vec<&'t str>,
}

impl Table {
    /// Reads the row of names.
    pub(super) async fn open(upload: Upload) -> Result<Table, Problem> {
        let mut table = Table {
            upload,
            reader: Reader::new(),
            number: 1,
            columns: COLUMNS.to_vec(),
            text: vec![0; LINE_BYTES_MAX + 1],
            ends: [0; CELLS_MAX],
        };
        let faults = Faults::default();
        let mut columns: Vec<Column> = Vec::new();
        match table.record().await? {
            None => faults.add(String::new(), "required", "must begin with the columns' names"),
            Some((_, Err(found))) => return Err(Problem::invalid(found)),
            Some((_, Ok(names))) => {
                for name in names {
                    let pointer = format!("/{}", name.trim());
                    match COLUMNS.iter().find(|(known, _)| *known == name.trim()) {
                        None => faults.add(pointer, "unknown_field", "is no column of a product"),
                        Some(column) if columns.contains(column) => {
                            faults.add(pointer, "duplicate_field", "must not be there twice");
                        }
                        Some(column) => columns.push(*column),
                    }
                }
                let missing = |name: &&str| !columns.iter().any(|(known, _)| known == name);
                for name in NEEDED.into_iter().filter(missing) {
                    faults.add(format!("/{name}"), "required", "is required as a column");
                }
            }
        }
        let columns = faults.finish(Some(columns))?;
        Ok(Table { columns, ..table })
    }

    /// The next row, with the number of the line where it begins.
    pub(super) async fn next(&mut self) -> Result<Option<Numbered<Row<'_>>>, Problem> {
        let wanted = self.columns.len();
        let Some((number, end)) = self.find().await? else { return Ok(None) };
        let cells = end.and_then(|count| cells(&self.text, &self.ends[..count]));
        let row = cells.and_then(|cells| match cells.len() == wanted {
            true => Ok(Row { columns: &self.columns, cells }),
            false => Err(uneven(wanted)),
        });
        Ok(Some((number, row)))
    }

    async fn record(&mut self) -> Result<Option<Numbered<Vec<&str>>>, Problem> {
        let Some((number, end)) = self.find().await? else { return Ok(None) };
        Ok(Some((number, end.and_then(|count| cells(&self.text, &self.ends[..count])))))
    }

    /// Reads to the end of a row: where it began, and how many cells it has.
    async fn find(&mut self) -> Result<Option<Numbered<usize>>, Problem> {
        while self.upload.wait().await? && matches!(self.upload.come[0], b'\r' | b'\n') {
            self.number += u64::from(self.upload.come[0] == b'\n');
            _ = self.upload.come.split_to(1);
        }
        let begin = self.number;
        let (mut read, mut filled, mut count, mut is_uneven) = (0, 0, 0, false);
        loop {
            // At the end of the file the reader is told by nothing.
            self.upload.wait().await?;
            let come = &mut self.upload.come;
            let (result, taken, written, ended) =
                self.reader.read_record(come, &mut self.text[filled..], &mut self.ends[count..]);
            let taken = come.split_to(taken);
            self.number += taken.iter().filter(|byte| **byte == b'\n').count() as u64;
            read += taken.len();
            (filled, count) = (filled + written, count + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                // What does not fit is read on over what is there: nothing of the row is used.
                ReadRecordResult::OutputFull => filled = 0,
                ReadRecordResult::OutputEndsFull => {
                    is_uneven = true;
                    count = 0;
                }
                ReadRecordResult::Record if read > LINE_BYTES_MAX + 2 => {
                    return Ok(Some((begin, Err(too_long()))));
                }
                ReadRecordResult::Record if is_uneven => {
                    return Ok(Some((begin, Err(uneven(self.columns.len())))));
                }
                ReadRecordResult::Record => return Ok(Some((begin, Ok(count)))),
                ReadRecordResult::End => return Ok(None),
            }
        }
    }
}

fn uneven(wanted: usize) -> Vec<FieldError> {
    line_fault("invalid_length", format!("must have {wanted} cells, as the first line has"))
}

fn cells<'t>(text: &'t [u8], ends: &[usize]) -> Result<Vec<&'t str>, Vec<FieldError>> {
    let mut begin = 0;
    let cells = ends.iter().map(|end| {
        let cell = std::str::from_utf8(&text[begin..*end]);
        begin = *end;
        cell.map_err(|_| line_fault("invalid_utf8", "must be UTF-8"))
    });
    cells.collect()
}

impl Row<'_> {
    pub(super) fn read(&self) -> Result<ImportProduct, Vec<FieldError>> {
        let faults = Faults::default();
        let mut members = Vec::with_capacity(self.cells.len());
        for ((name, kind), cell) in self.columns.iter().zip(&self.cells) {
            if cell.trim().is_empty() {
                continue;
            }
            let value = match kind {
                Kind::Text => Json::String(Cow::Borrowed(*cell)),
                Kind::Value => value(cell.trim()),
                Kind::Nested => match parse(cell.as_bytes()) {
                    Ok(tree) => tree,
                    Err(found) => {
                        for it in found {
                            faults.add(format!("/{name}{}", it.pointer), it.code, it.detail);
                        }
                        continue;
                    }
                },
            };
            members.push((Cow::Borrowed(*name), value));
        }
        let tree = Json::Object(members);
        refuse_card_data(&tree, &faults);
        line::read_tree(&tree, faults)
    }
}

/// What is neither a number nor true or false stays a text, and is refused where it is read.
fn value(cell: &str) -> Json<'_> {
    for (word, value) in [("true", true), ("false", false)] {
        if cell.eq_ignore_ascii_case(word) {
            return Json::Bool(value);
        }
    }
    match parse(cell.as_bytes()) {
        Ok(number @ Json::Number(_)) => number,
        Ok(Json::Null | Json::Bool(_) | Json::String(_) | Json::Array(_) | Json::Object(_))
        | Err(_) => Json::String(Cow::Borrowed(cell)),
    }
}
