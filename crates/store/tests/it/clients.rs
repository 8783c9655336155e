//! Machine clients, and the keys of the server's own tokens.

use domain::{Keys, Moment, client::Client};
use store::{KeptKey, KeyChange};

use crate::{
    fixture::Fixture,
    samples::{client, id, keys},
};

fn of(names: &[&str]) -> Keys {
    keys(|keys| keys.clients.extend(names.iter().map(|name| id(name))))
}

pub(crate) fn clients_are_found_as_they_were_written(it: &Fixture) {
    let both = of(&["client_1", "client_2"]);
    assert_eq!(it.load(&both).clients.get(&id("client_1")), None);
    assert_eq!(it.wait(it.reads().client(id("client_1"))), Ok(None));
    assert_eq!(it.wait(it.reads().clients()), Ok(Vec::new()));
    it.write(&both, |world| {
        world.clients.put(id("client_2"), client("client_2"));
        world.clients.put(id("client_1"), client("client_1"));
    });
    let removed = Client { removed_at: Some(Moment(7)), ..client("client_2") };
    it.write(&both, |world| {
        world.clients.change(&id("client_2"), |it| it.removed_at = Some(Moment(7)));
    });
    let world = it.load(&both);
    assert_eq!(world.clients.get(&id("client_1")), Some(&client("client_1")));
    assert_eq!(world.clients.get(&id("client_2")), Some(&removed));
    assert_eq!(it.wait(it.reads().client(id("client_2"))), Ok(Some(removed.clone())));
    assert_eq!(it.wait(it.reads().clients()), Ok(vec![client("client_1"), removed]));
    it.write(&both, |world| world.clients.remove(id("client_1")));
    assert_eq!(it.wait(it.reads().client(id("client_1"))), Ok(None));
}

pub(crate) fn keys_change_one_by_one(it: &Fixture) {
    let key = |name: &str, at: i64| KeptKey {
        key_id: name.into(),
        seed: vec![0, 255, 39, 1],
        created_at: Moment(at),
        signs_from: None,
        withdrawn_at: None,
    };
    let change = |changes: &[KeyChange]| {
        assert_eq!(it.wait(it.store().change_signing_keys(changes.to_vec())), Ok(()));
    };
    let kept = || it.wait(it.reads().signing_keys()).unwrap();
    assert_eq!(kept(), []);
    let first = KeptKey { signs_from: Some(Moment(5)), ..key("b", 5) };
    change(&[KeyChange::Add(first.clone()), KeyChange::Add(key("c", 4))]);
    assert_eq!(kept(), [key("c", 4), first.clone()], "the oldest first");
    change(&[KeyChange::Add(key("b", 9))]);
    assert_eq!(kept(), [key("c", 4), first.clone()], "what is there is left alone");
    let rewrap = |from: &[u8], to: &[u8]| {
        let (from, to) = (from.to_vec(), to.to_vec());
        change(&[KeyChange::Rewrap { key_id: "c".into(), from, to }]);
    };
    rewrap(&[7], &[8]);
    assert_eq!(kept(), [key("c", 4), first.clone()], "what was not read is left alone");
    rewrap(&[0, 255, 39, 1], &[0, 8, 255]);
    assert_eq!(kept(), [KeptKey { seed: vec![0, 8, 255], ..key("c", 4) }, first.clone()]);
    rewrap(&[0, 8, 255], &[0, 255, 39, 1]);
    change(&[
        KeyChange::Sign { key_id: "c".into(), from: Moment(6) },
        KeyChange::Withdraw { key_id: "b".into(), at: Moment(7) },
    ]);
    let signing = KeptKey { signs_from: Some(Moment(6)), ..key("c", 4) };
    let withdrawn = KeptKey { withdrawn_at: Some(Moment(7)), seed: Vec::new(), ..first };
    assert_eq!(kept(), [signing.clone(), withdrawn.clone()], "its seed is gone");
    change(&[KeyChange::Sign { key_id: "nobody".into(), from: Moment(8) }]);
    assert_eq!(kept(), [signing, withdrawn]);
}
