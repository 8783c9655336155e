use crate::{
    actor::Actor,
    command::{Command, Decision},
    moment::Moment,
    refusal::Refusals,
    world::World,
};

/// Decides one command on the facts as they stand: events, or a refusal. It changes nothing.
pub fn decide(
    world: &World,
    command: &Command,
    actor: &Actor,
    now: Moment,
) -> Result<Decision, Refusals> {
    match command {
        Command::PlaceOrder(it) => it.decide(world, actor, now),
        Command::ConfirmOrder(it) => it.decide(world, actor, now),
        Command::CancelOrder(it) => it.decide(world, actor, now),
        Command::ShipOrder(it) => it.decide(world, actor, now),
        Command::DeliverOrder(it) => it.decide(world, actor),
        Command::CollectPayment(it) => it.decide(world, actor, now),
        Command::ReopenOrder(it) => it.decide(world, actor),
        Command::PutProduct(it) => it.decide(world),
        Command::DeleteProduct(it) => it.decide(world),
        Command::SetStock(it) => it.decide(world),
        Command::AdjustStock(it) => it.decide(world),
        Command::PutDeliveryMethod(it) => it.decide(world),
        Command::DeleteDeliveryMethod(it) => it.decide(world),
    }
}
