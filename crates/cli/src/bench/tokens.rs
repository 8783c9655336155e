//! Where the tokens of the bench come from: signed with the key of the server under test, or
//! read from a file where that key is out of reach.

use super::failure::{Doing, Failure, Result};
use super::shop::Customer;
use super::{OpenSigner, Signer};
use std::path::Path;

pub(super) struct Tokens {
    pub(super) staff: String,
    pub(super) customers: Vec<Customer>,
}

impl Tokens {
    pub(super) fn sign(open_signer: OpenSigner<'_>, database: &str, count: usize) -> Result<Self> {
        let signer: Signer = open_signer(database).map_err(Failure::new)?;
        let customers = (0..count).map(|number| {
            let subject = format!("bench-c{number:05}");
            let token = signer(&subject, None);
            Customer::new(subject, token)
        });
        Ok(Self {
            staff: signer("bench-staff", Some("staff")),
            customers: customers.collect::<Result<_>>()?,
        })
    }

    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).doing(format!("reading {}", path.display()))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let staff =
            lines.next().ok_or_else(|| Failure::new("the file of tokens is empty"))?.to_owned();
        let customers = lines.map(|token| {
            let subject = subject_of(token).ok_or_else(|| {
                Failure::new("a line of the file of tokens is no JWT with a subject")
            })?;
            Customer::new(subject, token.to_owned())
        });
        Ok(Self { staff, customers: customers.collect::<Result<_>>()? })
    }
}

/// The `sub` claim, not verified: the server does that; the bench only has to name the customer.
fn subject_of(token: &str) -> Option<String> {
    let payload = decode_base64url(token.split('.').nth(1)?)?;
    let claims: serde_json::Value = serde_json::from_slice(&payload).ok()?;
    claims["sub"].as_str().map(str::to_owned)
}

fn decode_base64url(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut pending, mut pending_bits) = (0_u32, 0);
    for digit in text.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'-' => 62,
            b'_' => 63,
            _ => return None,
        };
        pending = (pending << 6) | u32::from(value);
        pending_bits += 6;
        if pending_bits >= 8 {
            pending_bits -= 8;
            bytes.push((pending >> pending_bits) as u8);
            pending &= (1 << pending_bits) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_base64url() {
        let check = |text: &str, expected: Option<&[u8]>| {
            assert_eq!(decode_base64url(text).as_deref(), expected, "{text}");
        };
        check("", Some(b""));
        check("Zg", Some(b"f"));
        check("aGk", Some(b"hi"));
        check("Zm9vYmFy", Some(b"foobar"));
        check("-_8", Some(&[0xfb, 0xff]));
        check("Zm9v=", None);
        check("Zm 9v", None);
    }

    #[test]
    fn reads_staff_first_and_the_subjects_of_the_rest() {
        // {"sub":"c1"}
        let tokens = Tokens::parse("staff-token\n\nh.eyJzdWIiOiJjMSJ9.s\n").unwrap();
        assert_eq!(tokens.staff, "staff-token");
        assert_eq!(tokens.customers.len(), 1);
        assert_eq!(subject_of("h.eyJzdWIiOiJjMSJ9.s").as_deref(), Some("c1"));
        assert!(Tokens::parse("").is_err());
        assert!(Tokens::parse("staff-token\nno-token").is_err());
    }
}
