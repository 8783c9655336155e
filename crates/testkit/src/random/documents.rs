//! JSON documents: sound ones, with a few edits.

use proptest::{
    prelude::*,
    sample::{Index, select},
};

use server::json::{Json, parse};

use super::number;

/// What a value is replaced with; some of it is no JSON.
const VALUES: &[&str] = &[
    "null",
    "true",
    "false",
    "0",
    "-0",
    "-1",
    "1",
    "2.0",
    "2e0",
    "0.1e1",
    "10.001",
    "4.35",
    "1e400",
    "1e-400",
    "1e99999999999999999999",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "90071992547409.93",
    "123456789012345678901234567890",
    "NaN",
    "-",
    "01",
    "+1",
    ".5",
    "1.",
    "\"\"",
    "\" \"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\ud83d\\ude00\"",
    "\"\\x\"",
    "\"4111 1111 1111 1111\"",
    "4111111111111111",
    "\"ORD1\"",
    "\"1-1\"",
    "\"US\"",
    "\"2025-06-27T12:00:00Z\"",
    "\"credit_card\"",
    "\"invoice\"",
    "\"p002\"",
    "\"7\"",
    "[]",
    "{}",
    "[null]",
    "[[]]",
    "{\"\":1}",
    "{\"a\":1,\"a\":2}",
    "",
];

const NAMES: &[&str] = &[
    "items",
    "quantity",
    "product_id",
    "productId",
    "variant_id",
    "price",
    "currency",
    "name",
    "shipping_address",
    "deliveryAddress",
    "address",
    "zip",
    "zipCode",
    "country",
    "metadata",
    "notes",
    "cvc",
    "card_number",
    "pan",
    "cart_id",
    "user_id",
    "customerId",
    "store_id",
    "amount",
    "variants",
    "on_hand",
    "",
    "a/b",
    "m~n",
    "é",
    "\\u0061",
    "\\ud800",
    "\\u0000",
];

const TEXTS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\\u",
    "\\ud800",
    " ",
    "\n",
    "\t",
    "\u{feff}",
    "0",
    "-",
    ".",
    "e",
    "null",
    "//",
    "\u{0}",
    "é",
    "\u{1f600}",
];

/// The edits of a tree come first, then those of its text.
#[derive(Clone, Debug)]
enum Edit {
    Value(Index, String),
    Remove(Index),
    Repeat(Index),
    Rename(Index, &'static str),
    Nest(Index, usize),
    Insert(Index, &'static str),
    Byte(Index, u8),
    Cut(Index, usize),
}

/// One of these sound documents with a few edits: often a faulty one.
pub fn documents(seeds: &[&'static str]) -> impl Strategy<Value = Vec<u8>> + use<> {
    let edits = prop::collection::vec(edit(), 0..5);
    (select(seeds.to_vec()), edits).prop_map(|(seed, edits)| edited(seed, &edits))
}

fn edit() -> impl Strategy<Value = Edit> {
    let value = prop_oneof![
        8 => select(VALUES).prop_map(str::to_owned),
        2 => number(),
        2 => any::<String>().prop_map(|text| serde_json::Value::String(text).to_string()),
    ];
    prop_oneof![
        8 => (any::<Index>(), value).prop_map(|(at, value)| Edit::Value(at, value)),
        2 => any::<Index>().prop_map(Edit::Remove),
        1 => any::<Index>().prop_map(Edit::Repeat),
        2 => (any::<Index>(), select(NAMES)).prop_map(|(at, name)| Edit::Rename(at, name)),
        1 => (any::<Index>(), 1..40_usize).prop_map(|(at, depth)| Edit::Nest(at, depth)),
        1 => (any::<Index>(), select(TEXTS)).prop_map(|(at, text)| Edit::Insert(at, text)),
        1 => (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Edit::Byte(at, byte)),
        1 => (any::<Index>(), 1..20_usize).prop_map(|(at, length)| Edit::Cut(at, length)),
    ]
}

fn edited(seed: &'static str, edits: &[Edit]) -> Vec<u8> {
    let sound = parse(seed.trim().as_bytes()).expect("a seed is sound");
    let mut tree = Tree::of(&sound);
    for edit in edits {
        tree.edit(edit);
    }
    let mut text = String::new();
    tree.print(&mut text);
    let mut bytes = text.into_bytes();
    for edit in edits {
        edit_text(&mut bytes, edit);
    }
    bytes
}

fn edit_text(bytes: &mut Vec<u8>, edit: &Edit) {
    if bytes.is_empty() {
        return;
    }
    match edit {
        Edit::Insert(at, text) => {
            let at = at.index(bytes.len());
            bytes.splice(at..at, text.bytes());
        }
        Edit::Byte(at, byte) => {
            let at = at.index(bytes.len());
            bytes[at] = *byte;
        }
        Edit::Cut(at, length) => {
            let at = at.index(bytes.len());
            let end = (at + length).min(bytes.len());
            bytes.drain(at..end);
        }
        Edit::Value(..) | Edit::Remove(_) | Edit::Repeat(_) | Edit::Rename(..) | Edit::Nest(..) => {
        }
    }
}

/// A document that may be wrong: names and leaves are text as it will stand there.
#[derive(Clone)]
enum Tree {
    Leaf(String),
    List(Vec<(String, Tree)>),
    Map(Vec<(String, Tree)>),
}

impl Tree {
    fn of(json: &Json<'_>) -> Tree {
        match json {
            Json::Array(elements) => {
                Tree::List(elements.iter().map(|it| (String::new(), Tree::of(it))).collect())
            }
            Json::Object(members) => {
                Tree::Map(members.iter().map(|(name, it)| (inside(name), Tree::of(it))).collect())
            }
            Json::Null => Tree::Leaf("null".to_owned()),
            Json::Bool(it) => Tree::Leaf(it.to_string()),
            Json::Number(text) => Tree::Leaf((*text).to_owned()),
            Json::String(text) => Tree::Leaf(format!("\"{}\"", inside(text))),
        }
    }

    fn edit(&mut self, edit: &Edit) {
        match edit {
            Edit::Value(at, value) => *self.nth(*at) = Tree::Leaf(value.clone()),
            Edit::Remove(at) => self.member(*at, |members, at| _ = members.remove(at)),
            Edit::Repeat(at) => self.member(*at, |members, at| members.push(members[at].clone())),
            Edit::Rename(at, name) => {
                self.member(*at, |members, at| members[at].0 = (*name).to_owned());
            }
            Edit::Nest(at, depth) => {
                let place = self.nth(*at);
                for _ in 0..*depth {
                    let inner = std::mem::replace(place, Tree::Leaf(String::new()));
                    *place = Tree::List(vec![(String::new(), inner)]);
                }
            }
            Edit::Insert(..) | Edit::Byte(..) | Edit::Cut(..) => {}
        }
    }

    fn count(&self) -> usize {
        1 + self.members().iter().map(|(_, it)| it.count()).sum::<usize>()
    }

    fn members(&self) -> &[(String, Tree)] {
        match self {
            Tree::Leaf(_) => &[],
            Tree::List(members) | Tree::Map(members) => members,
        }
    }

    fn nth(&mut self, at: Index) -> &mut Tree {
        let at = at.index(self.count());
        self.find(at)
    }

    fn find(&mut self, at: usize) -> &mut Tree {
        if at == 0 {
            return self;
        }
        let mut left = at - 1;
        let members = match self {
            Tree::Leaf(_) => unreachable!("a leaf has one value"),
            Tree::List(members) | Tree::Map(members) => members,
        };
        let mut chosen = 0;
        for (index, (_, it)) in members.iter().enumerate() {
            chosen = index;
            if left < it.count() {
                break;
            }
            left -= it.count();
        }
        members[chosen].1.find(left)
    }

    /// A member of what is found there, where it has some.
    fn member(&mut self, at: Index, change: impl FnOnce(&mut Vec<(String, Tree)>, usize)) {
        match self.nth(at) {
            Tree::List(members) | Tree::Map(members) if !members.is_empty() => {
                let chosen = at.index(members.len());
                change(members, chosen);
            }
            Tree::Leaf(_) | Tree::List(_) | Tree::Map(_) => {}
        }
    }

    fn print(&self, text: &mut String) {
        let (open, close) = match self {
            Tree::Leaf(leaf) => {
                text.push_str(leaf);
                return;
            }
            Tree::List(_) => ('[', ']'),
            Tree::Map(_) => ('{', '}'),
        };
        text.push(open);
        for (index, (name, it)) in self.members().iter().enumerate() {
            if index > 0 {
                text.push(',');
            }
            if open == '{' {
                text.push('"');
                text.push_str(name);
                text.push_str("\":");
            }
            it.print(text);
        }
        text.push(close);
    }
}

/// A text as it stands between quotes.
fn inside(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}
