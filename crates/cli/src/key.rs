//! `orderd key`: the keys that sign this server's tokens. They are changed in the database, beside
//! the processes that serve it; those look at them several times a second.

use std::time::Duration;

use clap::{Args, Subcommand};
use domain::Moment;
use engine::clock::{Clock, SystemClock};
use server::auth::{LOOK_EVERY, Vault, signing};
use store::{KeptKey, KeyChange, Purpose, Store};

use crate::{
    runtime,
    settings::{Overrides, Settings},
    signing::{self as keys, change},
};

/// Until every process has seen what was changed: several looks, so that some may be slow.
const SEEN_AFTER: Duration = LOOK_EVERY.saturating_mul(8);

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Sign with a new key from now on; tokens of the old one live until they expire
    Rotate(Overrides),
    /// List the keys, the oldest first
    List(Overrides),
    /// Refuse all tokens of a key from now on
    Withdraw {
        /// The key's name, as list shows it
        key_id: String,
        #[command(flatten)]
        overrides: Overrides,
    },
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let (Action::Rotate(overrides) | Action::List(overrides) | Action::Withdraw { overrides, .. }) =
        &arguments.action;
    let settings = Settings::read(overrides)?;
    runtime()?.block_on(async {
        let store = store::open(&settings.database, Purpose::Beside).await;
        let store = store.map_err(|error| error.to_string())?;
        let vault = keys::vault()?;
        keys::key(&*store, &vault).await?;
        match &arguments.action {
            Action::Rotate(_) => rotate(&*store, &vault).await,
            Action::List(_) => list(&*store).await,
            Action::Withdraw { key_id, .. } => withdraw(&*store, key_id, &vault).await,
        }
    })
}

/// The new key is known everywhere before it signs, so that none of its tokens is refused.
async fn rotate(store: &dyn Store, vault: &Vault) -> Result<(), String> {
    let key_id = announce(store, vault).await?;
    change(store, vec![KeyChange::Sign { key_id: key_id.clone(), from: now() }]).await?;
    println!("{key_id} signs from now on");
    Ok(())
}

async fn list(store: &dyn Store) -> Result<(), String> {
    let kept = kept(store).await?;
    let signs = signing(&kept).map(|it| it.key_id.clone());
    for key in &kept {
        println!("{}  {}  {}", key.key_id, key.created_at, state(key, signs.as_deref()));
    }
    Ok(())
}

async fn withdraw(store: &dyn Store, key_id: &str, vault: &Vault) -> Result<(), String> {
    let kept = kept(store).await?;
    let Some(key) = kept.iter().find(|it| it.key_id == key_id) else {
        return Err(format!("there is no key {key_id}; orderd key list shows all of them"));
    };
    if key.withdrawn_at.is_some() {
        println!("{key_id} was withdrawn before");
        return Ok(());
    }
    let withdrawal = KeyChange::Withdraw { key_id: key_id.into(), at: now() };
    if signing(&kept).is_some_and(|it| it.key_id == key_id) {
        let key_id = announce(store, vault).await?;
        let sign = KeyChange::Sign { key_id: key_id.clone(), from: now() };
        change(store, vec![sign, withdrawal]).await?;
        println!("{key_id} signs from now on");
    } else {
        change(store, vec![withdrawal]).await?;
    }
    tokio::time::sleep(SEEN_AFTER).await;
    println!("{key_id} is withdrawn; all its tokens are refused");
    Ok(())
}

/// A new key, which every process that serves knows when this returns.
async fn announce(store: &dyn Store, vault: &Vault) -> Result<String, String> {
    let key = keys::announced(vault)?;
    let key_id = key.key_id.clone();
    change(store, vec![KeyChange::Add(key)]).await?;
    tokio::time::sleep(SEEN_AFTER).await;
    Ok(key_id)
}

fn state(key: &KeptKey, signs: Option<&str>) -> &'static str {
    if key.withdrawn_at.is_some() {
        "withdrawn"
    } else if signs == Some(key.key_id.as_str()) {
        "signs"
    } else if key.signs_from.is_some() {
        "retired: its tokens live until they expire"
    } else {
        "announced"
    }
}

async fn kept(store: &dyn Store) -> Result<Vec<KeptKey>, String> {
    store.reads().signing_keys().await.map_err(|error| error.to_string())
}

fn now() -> Moment {
    SystemClock.now()
}
