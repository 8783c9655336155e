//! Opaque cursors for keyset pages: where the last page ended, bound to the list it belongs to.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

const VERSION: u8 = 1;
const BINDING_LENGTH: usize = 6;
/// Longer ones were never given out.
const TEXT_LENGTH_MAX: usize = 1024;

/// The values of the sort columns of the last row, in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Number(i64),
    Text(String),
}

/// What a cursor is valid for: the list, its filters and its sort, in short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Binding([u8; BINDING_LENGTH]);

impl Binding {
    /// The parameters in any order; the same ones give the same binding.
    pub fn new<'a>(list: &str, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut sorted: Vec<(&str, &str)> = parameters.into_iter().collect();
        sorted.sort_unstable();
        let mut hasher = Sha256::new();
        for text in
            [list].into_iter().chain(sorted.into_iter().flat_map(|(name, value)| [name, value]))
        {
            hasher.update((text.len() as u64).to_le_bytes());
            hasher.update(text);
        }
        let mut binding = [0; BINDING_LENGTH];
        binding.copy_from_slice(&hasher.finalize()[..BINDING_LENGTH]);
        Binding(binding)
    }
}

pub fn encode(binding: Binding, position: &[Part]) -> String {
    let mut bytes = Vec::with_capacity(1 + BINDING_LENGTH + position.len() * 9);
    bytes.push(VERSION);
    bytes.extend_from_slice(&binding.0);
    for part in position {
        match part {
            Part::Number(value) => {
                bytes.push(b'n');
                bytes.extend_from_slice(&value.to_be_bytes());
            }
            Part::Text(text) => {
                let length = u16::try_from(text.len()).expect("a key of a row is a short text");
                bytes.push(b't');
                bytes.extend_from_slice(&length.to_be_bytes());
                bytes.extend_from_slice(text.as_bytes());
            }
        }
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

/// `None` for what we never gave out, or gave out for another list.
pub fn decode(binding: Binding, cursor: &str) -> Option<Vec<Part>> {
    if cursor.len() > TEXT_LENGTH_MAX {
        return None;
    }
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (version, rest) = bytes.split_first()?;
    let mut rest = rest.strip_prefix(&binding.0)?;
    if *version != VERSION {
        return None;
    }
    let mut position = Vec::new();
    while let Some((tag, after)) = rest.split_first() {
        let (part, after) = match tag {
            b'n' => {
                let (value, after) = after.split_first_chunk()?;
                (Part::Number(i64::from_be_bytes(*value)), after)
            }
            b't' => {
                let (length, after) = after.split_first_chunk()?;
                let (text, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
                (Part::Text(std::str::from_utf8(text).ok()?.to_owned()), after)
            }
            _ => return None,
        };
        position.push(part);
        rest = after;
    }
    (!position.is_empty()).then_some(position)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cursor_belongs_to_its_list() {
        let orders = Binding::new("orders", [("status", "pending"), ("user_id", "u1")]);
        let reordered = Binding::new("orders", [("user_id", "u1"), ("status", "pending")]);
        let position = vec![Part::Number(-7), Part::Text("ä".to_owned())];
        let cursor = encode(orders, &position);
        assert_eq!(decode(reordered, &cursor), Some(position));
        for other in [
            Binding::new("orders", [("status", "pending")]),
            Binding::new("products", [("status", "pending"), ("user_id", "u1")]),
            Binding::new("orders", [("status", "pendingu"), ("ser_id", "u1")]),
        ] {
            assert_eq!(decode(other, &cursor), None);
        }
    }

    #[test]
    fn what_was_never_given_out_is_refused() {
        let binding = Binding::new("orders", []);
        let cursor = encode(binding, &[Part::Number(1)]);
        assert_eq!(decode(binding, &encode(binding, &[])), None);
        for length in 0..cursor.len() {
            assert_eq!(decode(binding, &cursor[..length]), None, "{length}");
        }
        for wrong in ["", "x", "====", "é", &format!("{cursor}A"), &"A".repeat(2000)] {
            assert_eq!(decode(binding, wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn positions_come_back(number: i64, text in "\\PC{0,60}") {
            let binding = Binding::new("products", []);
            let position = vec![Part::Text(text), Part::Number(number)];
            prop_assert_eq!(decode(binding, &encode(binding, &position)), Some(position));
        }

        #[test]
        fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let binding = Binding::new("products", []);
            let mut cursor = vec![VERSION];
            cursor.extend_from_slice(&binding.0);
            cursor.extend_from_slice(&bytes);
            let _ = decode(binding, &URL_SAFE_NO_PAD.encode(cursor));
        }
    }
}
