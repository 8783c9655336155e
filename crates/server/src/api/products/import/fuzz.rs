//! Files of an import, as they come in pieces: where they are cut must not matter, and a product is
//! the same in either format.

use std::convert::Infallible;

use axum::body::{Body, Bytes};
use futures_util::stream;
use proptest::{prelude::*, sample::Index};
use serde_json::{Value, json};
use testkit::random::{config, documents, number, pieces};
use tokio::runtime::{Builder, Runtime};

use super::{line, lines::JsonLines, table::Table, upload::Upload};

const PRODUCT: &str = r#"{"product_id": "p003", "name": "Lamp, \"tall\"", "price": 20.00,
    "active": true, "weight_grams": 1200, "delivery_methods": ["standard"], "on_hand": 5,
    "variants": [{"variant_id": "red", "name": "Red", "price": 21.00, "on_hand": 2}],
    "metadata": {"shelf": "4"}}"#;

const CELLS: &[&str] = &[
    "product_id",
    "name",
    "price",
    "on_hand",
    "variants",
    "metadata",
    "p003",
    "Lamp",
    "20.00",
    "5",
    ",",
    ",",
    "\n",
    "\r\n",
    "\r",
    "\"",
    "\"\"",
    "\"a,\nb\"",
    "true",
    "TRUE",
    "null",
    "1e2",
    "[]",
    "{\"a\":\"b\"}",
    "\"{\"\"a\"\":\"\"b\"\"}\"",
    " ",
    "\u{feff}",
    "\0",
    "'",
];
const HEAD: &str = "product_id,name,price,on_hand\n";

/// What is told of a file: of each line its number and what it says, and how the file ends.
type Told = (Vec<(u64, String)>, Option<&'static str>);

fn pieces_of(file: &[u8], cuts: &[Index]) -> Body {
    let mut ends: Vec<usize> = cuts.iter().map(|cut| cut.index(file.len() + 1)).collect();
    ends.push(file.len());
    ends.sort_unstable();
    let mut begin = 0;
    let pieces = ends.into_iter().map(|end| {
        let piece = Bytes::copy_from_slice(&file[begin..end]);
        begin = end;
        Ok::<_, Infallible>(piece)
    });
    Body::from_stream(stream::iter(pieces.collect::<Vec<_>>()))
}

async fn table(body: Body) -> Told {
    let mut told = Vec::new();
    let mut table = match Table::open(Upload::new(body)).await {
        Ok(table) => table,
        Err(problem) => return (told, Some(problem.code())),
    };
    loop {
        match table.next().await {
            Ok(Some((number, row))) => {
                told.push((number, format!("{:?}", row.and_then(|it| it.read()))));
            }
            Ok(None) => return (told, None),
            Err(problem) => return (told, Some(problem.code())),
        }
    }
}

async fn lines(body: Body) -> Told {
    let mut lines = JsonLines::new(Upload::new(body));
    let mut told = Vec::new();
    loop {
        match lines.next().await {
            Ok(Some((number, text))) => {
                told.push((number, format!("{:?}", text.and_then(|it| line::read_json(&it)))));
            }
            Ok(None) => return (told, None),
            Err(problem) => return (told, Some(problem.code())),
        }
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}

fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => value.to_string(),
    };
    format!("\"{}\"", text.replace('"', "\"\""))
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_table_is_the_same_however_it_comes(
        rows in pieces(CELLS, 0..=40),
        has_head: bool,
        cuts in prop::collection::vec(any::<Index>(), 0..6),
    ) {
        let file = if has_head { format!("{HEAD}{rows}") } else { rows };
        let runtime = runtime();
        let whole = runtime.block_on(table(pieces_of(file.as_bytes(), &[])));
        let in_pieces = runtime.block_on(table(pieces_of(file.as_bytes(), &cuts)));
        prop_assert_eq!(&whole, &in_pieces);
        // Rows that end with a carriage return alone are on one line.
        let is_rising = whole.0.windows(2).all(|pair| pair[0].0 <= pair[1].0);
        prop_assert!(is_rising, "{:?}", whole);
    }

    #[test]
    fn lines_are_the_same_however_they_come(
        found in prop::collection::vec(documents(&[PRODUCT]), 0..4),
        mark: bool,
        cuts in prop::collection::vec(any::<Index>(), 0..6),
    ) {
        let mut file = if mark { "\u{feff}".as_bytes().to_vec() } else { Vec::new() };
        file.extend(found.join(&b'\n'));
        let runtime = runtime();
        let whole = runtime.block_on(lines(pieces_of(&file, &[])));
        let in_pieces = runtime.block_on(lines(pieces_of(&file, &cuts)));
        prop_assert_eq!(whole, in_pieces);
    }

    #[test]
    fn a_product_is_the_same_in_either_format(
        name in "\\PC{0,20}|[ \",\n\r']{0,6}[a-z\",]{1,9}",
        price in number(),
        key in "[a-z\",=]{1,8}",
        value in "\\PC{0,12}",
    ) {
        let price: Value = serde_json::from_str(&price).unwrap_or(Value::Null);
        let metadata = json!({ key: value });
        let document = json!({
            "product_id": "p1", "name": name, "price": price, "metadata": metadata
        });
        let fields = ["product_id", "name", "price", "metadata"];
        let row: Vec<String> = fields.iter().map(|it| cell(&document[*it])).collect();
        let file = format!("{}\n{}\n", fields.join(","), row.join(","));
        let runtime = runtime();
        let of_table = runtime.block_on(table(pieces_of(file.as_bytes(), &[])));
        let of_lines = runtime.block_on(lines(pieces_of(document.to_string().as_bytes(), &[])));
        let says = |told: &Told| told.0.iter().map(|it| it.1.clone()).collect::<Vec<_>>();
        // A cell of blanks is a field that is left out, and so is told otherwise.
        if !name.trim().is_empty() {
            prop_assert_eq!(says(&of_table), says(&of_lines), "{}", file);
        }
    }
}
