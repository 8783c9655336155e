//! Put a customer: what the shop knows of the person is as the document says from now on.

use super::{Channel, Customer, PersonalChange};
use crate::{
    catalog::put::version_after,
    command::{Decision, Outcome},
    event::{AdminEvent, CustomerPut},
    id::CustomerId,
    moment::Moment,
    refusal::Refusals,
    version::Expected,
    world::{Keys, World},
};

#[derive(Clone, Debug, PartialEq)]
pub struct PutCustomer {
    pub id: CustomerId,
    pub name: Option<String>,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub locale: Option<String>,
    pub notify: Vec<Channel>,
    pub expected: Expected,
}

impl PutCustomer {
    pub(crate) fn keys(&self, keys: &mut Keys) {
        keys.customers.insert(self.id.clone());
    }

    pub(crate) fn decide(&self, world: &World, now: Moment) -> Result<Decision, Refusals> {
        let before = world.customers.get(&self.id);
        self.expected.check(before.map(|it| it.version))?;
        let customer = Customer {
            id: self.id.clone(),
            name: self.name.clone(),
            email: self.email.clone(),
            phone: self.phone.clone(),
            locale: self.locale.clone(),
            notify: self.notify.clone(),
            registered_at: before.map_or(now, |it| it.registered_at),
            version: version_after(world, before.map(|it| it.version)),
        };
        let changed = changed(before, &customer).into_iter().map(Into::into).collect();
        let event = AdminEvent::CustomerPut(CustomerPut { id: self.id.clone(), changed });
        let outcome = Outcome::Customer { id: self.id.clone(), created: before.is_none() };
        let personal = Some(PersonalChange::Put(Box::new(customer)));
        Ok(Decision { personal, ..Decision::on_catalogue(event, outcome) })
    }
}

/// The names of what is another than before: what it says stands in no log.
fn changed(before: Option<&Customer>, now: &Customer) -> Vec<&'static str> {
    let text = |of: fn(&Customer) -> &Option<String>| {
        before.and_then(|it| of(it).as_ref()) != of(now).as_ref()
    };
    let notify = before.is_none_or(|it| it.notify != now.notify);
    let fields = [
        ("name", text(|it| &it.name)),
        ("email", text(|it| &it.email)),
        ("phone", text(|it| &it.phone)),
        ("locale", text(|it| &it.locale)),
        ("notify", notify),
    ];
    fields.into_iter().filter(|(_, is_changed)| *is_changed).map(|(name, _)| name).collect()
}
