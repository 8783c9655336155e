//! Machine clients: made once, removed once.

use domain::{
    AdminEvent, Command, Moment, Outcome, Refusal,
    client::{Client, SecretHash, create::CreateClient, remove::RemoveClient},
    refusal::Subject,
};

use crate::{
    house::{House, id, staff},
    refusals::Case,
};

fn create(name: &str) -> Command {
    Command::CreateClient(CreateClient {
        id: id(name),
        name: "ERP".into(),
        scope: "orders:read".into(),
        secret_hash: SecretHash::new([0x0f; 32]),
    })
}

fn remove(name: &str) -> Command {
    Command::RemoveClient(RemoveClient { id: id(name) })
}

#[test]
fn a_client_is_made_and_removed() {
    let mut house = House::new();
    house.must(&create("client_1"));
    let made = house.world.clients.get(&id("client_1")).cloned().unwrap();
    let hash = SecretHash::new([0x0f; 32]);
    assert_eq!(hash.as_str(), "0f".repeat(32));
    let expected = Client {
        id: id("client_1"),
        name: "ERP".into(),
        scope: "orders:read".into(),
        secret_hash: hash,
        created_at: made.created_at,
        removed_at: None,
    };
    assert_eq!(made, expected);
    house.must(&remove("client_1"));
    let removed = house.world.clients.get(&id("client_1")).cloned().unwrap();
    assert!(removed.is_removed() && removed.removed_at >= Some(made.created_at));
    assert_eq!(Client { removed_at: None, ..removed }, made, "the rest of it stays");
}

pub(crate) fn refused() -> Vec<Case> {
    let mut removed = House::new();
    removed.must(&create("client_1"));
    removed.must(&remove("client_1"));
    let case = |what, house| {
        let (who, asked, subject) = (staff(), remove("client_1"), Subject::Request);
        let refusal = Refusal::ClientNotFound(id("client_1"));
        Case { what, house, who, asked, subject, refusal }
    };
    vec![case("no client", House::new()), case("a client that was removed", removed)]
}

#[test]
fn both_stand_in_the_admin_log() {
    let mut house = House::new();
    let made = house.decide(&staff(), &create("client_1")).unwrap();
    let [AdminEvent::ClientCreated(it)] = &made.admin_events[..] else { panic!("{made:?}") };
    assert_eq!((it.id.as_str(), it.removed_at), ("client_1", None));
    assert_eq!(made.outcome, Outcome::Client(id("client_1")));
    house.apply(made);
    let removed = house.decide(&staff(), &remove("client_1")).unwrap();
    let [AdminEvent::ClientRemoved(it)] = &removed.admin_events[..] else { panic!("{removed:?}") };
    assert!(it.removed_at > Moment(0));
}
