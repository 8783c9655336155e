//! What a line says: a product, and what lies on its shelves.

use domain::{
    catalog::import::{Counted, ImportProduct},
    stock::Stock,
};

use super::super::put;
use crate::{
    api::orders::id,
    body::parse_json,
    json::{Faults, Field, FieldError, Fields, Json, Style},
};

pub(super) fn read_json(line: &[u8]) -> Result<ImportProduct, Vec<FieldError>> {
    let faults = Faults::default();
    let tree = parse_json(line, &faults).map_err(|problem| problem.errors().to_vec())?;
    read_tree(&tree, faults)
}

pub(super) fn read_tree(tree: &Json<'_>, faults: Faults) -> Result<ImportProduct, Vec<FieldError>> {
    let product = read(tree, &faults);
    faults.finish(product).map_err(|problem| problem.errors().to_vec())
}

fn read(tree: &Json<'_>, faults: &Faults) -> Option<ImportProduct> {
    let body = Fields::of_document(tree, Style::Strict, faults)?;
    let id = id(body.required("product_id"));
    let on_hand = on_hand(body.optional("on_hand"));
    let mut counted: Vec<Counted> =
        on_hand.map(|on_hand| Counted { variant: None, on_hand }).into_iter().collect();
    let product = put::product(&body, id, &mut |variant, body| {
        let on_hand = self::on_hand(body.optional("on_hand"));
        let named = variant.cloned().zip(on_hand);
        counted.extend(named.map(|(id, on_hand)| Counted { variant: Some(id), on_hand }));
    });
    Some(ImportProduct { product: product?, counted })
}

fn on_hand(field: Field<'_, '_>) -> Option<i64> {
    field.integer(0..=Stock::MAX)
}
