//! The secrets of machine clients: how one is made, and how one is proved.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::client::create::CreateClient;
use domain::client::{Client, SecretHash};
use domain::{ClientId, Moment};
use engine::ids::Ids;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::caller::Scopes;

const SECRET_BYTES: usize = 32;

/// A client to be created, and the secret that it will be told.
#[derive(Debug)]
pub struct NewClient {
    pub command: CreateClient,
    pub secret: String,
}

impl NewClient {
    /// With a scope that [`client_scope`] has found to be one.
    pub fn new(ids: &dyn Ids, now: Moment, name: String, scope: String) -> Option<NewClient> {
        let mut random = [0; SECRET_BYTES];
        ids.fill(&mut random);
        let secret = format!("secret_{}", URL_SAFE_NO_PAD.encode(random));
        let id: ClientId = format!("client_{}", ids.uuid(now).simple()).parse().ok()?;
        let command = CreateClient { id, name, scope, secret_hash: hash(&secret) };
        Some(NewClient { command, secret })
    }
}

/// A client's scope: each word known and once, in the order of the table. A program is no customer.
pub fn client_scope(text: &str) -> Result<String, &'static str> {
    let mut words = text.split(' ').filter(|it| !it.is_empty());
    if !words.all(|it| it != "customer" && Scopes::has_word(it)) {
        return Err("must be scopes that a program can have, separated by spaces");
    }
    let known: Vec<&str> = Scopes::known(text).words().collect();
    if known.is_empty() { Err("must name a scope") } else { Ok(known.join(" ")) }
}

/// Whether this is its secret. It takes as long whatever is wrong with it.
pub(crate) fn proves(client: &Client, secret: &str) -> bool {
    let offered = hash(secret);
    client.secret_hash.as_str().as_bytes().ct_eq(offered.as_str().as_bytes()).into()
}

/// The secret is random, so there is nothing to slow down a guess for.
fn hash(secret: &str) -> SecretHash {
    SecretHash::new(Sha256::digest(secret).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::ids::RandomIds;

    #[test]
    fn a_scope_is_known_and_of_a_program() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(client_scope(text).ok().as_deref(), expected, "{text:?}");
        };
        check("orders:read", Some("orders:read"));
        check(" events:read  orders:read events:read", Some("orders:read events:read"));
        check("staff", Some("staff"));
        check("", None);
        check(" ", None);
        check("customer", None);
        check("orders:read customer", None);
        check("orders:read openid", None);
        check("Staff", None);
    }

    #[test]
    fn a_secret_proves_its_client_alone() {
        let make = || {
            let made = NewClient::new(&RandomIds, Moment(1), "ERP".into(), "staff".into());
            let NewClient { command, secret } = made.expect("an id");
            let client = Client {
                id: command.id,
                name: command.name,
                scope: command.scope,
                secret_hash: command.secret_hash,
                created_at: Moment(1),
                removed_at: None,
            };
            (client, secret)
        };
        let ((one, secret), (other, other_secret)) = (make(), make());
        assert!(secret.len() >= 43 && secret.starts_with("secret_"), "{secret}");
        assert!(proves(&one, &secret) && proves(&other, &other_secret));
        assert!(!proves(&one, &other_secret) && !proves(&one, ""));
        assert!(!proves(&one, one.secret_hash.as_str()), "the hash is no secret");
    }
}
