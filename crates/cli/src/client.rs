//! `orderd client`: programs that get their tokens for an id and a secret.
//!
//! To add or remove one is a command of the write path, as over HTTP. Where another process has the
//! file to itself, as one that serves SQLite does, that process is asked over HTTP.

use std::{net::SocketAddr, sync::Arc, thread, time::Duration};

use clap::{Args, Subcommand};
use domain::{Actor, Command, Role, client::remove::RemoveClient, world::Policy};
use engine::{
    Answer, Inline, Rejected, Submission,
    clock::{Clock, SystemClock},
    ids::RandomIds,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::auth::{Grant, NewClient, client_scope};
use store::{OpenError, Purpose, Store};

use crate::{
    runtime,
    settings::{Overrides, Settings},
    signing,
};

/// Who acts, as the admin log names it.
const ACTOR: &str = "cli";

/// Of the token by which a serving process is asked.
const TOKEN_TTL_S: u64 = 60;
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
const NAME_LENGTH_MAX: usize = 200;

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Add a client, and print its id and its secret, which nobody can read again
    Add {
        /// What people call it
        #[arg(long)]
        name: String,
        /// What its tokens may: orders:read, events:read, … separated by spaces
        #[arg(long)]
        scope: String,
        #[command(flatten)]
        server: ServerAddress,
        #[command(flatten)]
        overrides: Overrides,
    },
    /// List the clients
    List(Overrides),
    /// Remove a client: it gets no more tokens, and those that it has are refused
    Remove {
        client_id: String,
        #[command(flatten)]
        server: ServerAddress,
        #[command(flatten)]
        overrides: Overrides,
    },
}

#[derive(Args)]
struct ServerAddress {
    /// Where the process that serves the file listens [default: the setting listen]
    #[arg(long, value_name = "URL")]
    url: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let (Action::Add { overrides, .. }
    | Action::List(overrides)
    | Action::Remove { overrides, .. }) = &arguments.action;
    let settings = Settings::read(overrides)?;
    runtime()?.block_on(async {
        match &arguments.action {
            Action::Add { name, scope, server, .. } => add(&settings, name, scope, server).await,
            Action::List(_) => list(&settings).await,
            Action::Remove { client_id, server, .. } => remove(&settings, client_id, server).await,
        }
    })
}

async fn add(
    settings: &Settings,
    name: &str,
    scope: &str,
    server: &ServerAddress,
) -> Result<(), String> {
    let scope = client_scope(scope).map_err(|why| format!("--scope {why}"))?;
    if name.is_empty() || name.chars().count() > NAME_LENGTH_MAX {
        return Err(format!("--name must have 1 to {NAME_LENGTH_MAX} characters"));
    }
    let (id, secret) = match open(settings).await? {
        Some(store) => {
            let made = NewClient::new(&RandomIds, SystemClock.now(), name.into(), scope);
            let NewClient { command, secret } = made.ok_or("no id could be made")?;
            let id = command.id.to_string();
            submit(&*store, Command::CreateClient(command))?;
            (id, secret)
        }
        None => {
            let wanted = json!({"name": name, "scope": scope});
            let made = ask(settings, server, Method::POST, "/api/clients", Some(wanted)).await?;
            let text = |name: &str| made[name].as_str().map(ToOwned::to_owned);
            text("client_id").zip(text("client_secret")).ok_or("the answer has no secret in it")?
        }
    };
    println!("client_id: {id}\nclient_secret: {secret}");
    Ok(())
}

async fn remove(
    settings: &Settings,
    client_id: &str,
    server: &ServerAddress,
) -> Result<(), String> {
    let id = client_id.parse().map_err(|_| format!("{client_id:?} is no client's id"))?;
    match open(settings).await? {
        Some(store) => submit(&*store, Command::RemoveClient(RemoveClient { id }))?,
        None => {
            let path = format!("/api/clients/{client_id}");
            ask(settings, server, Method::DELETE, &path, None).await?;
        }
    }
    println!("{client_id} is removed; all its tokens are refused");
    Ok(())
}

async fn list(settings: &Settings) -> Result<(), String> {
    let store = store::open(&settings.database, Purpose::Beside).await;
    let store = store.map_err(|error| error.to_string())?;
    let clients = store.reads().clients().await.map_err(|error| error.to_string())?;
    for it in clients.iter().filter(|it| !it.is_removed()) {
        println!("{}  {}  {}  {}", it.id, it.created_at, it.scope, it.name);
    }
    Ok(())
}

/// The database, to be written to; nothing where another process has it to itself.
async fn open(settings: &Settings) -> Result<Option<Arc<dyn Store>>, String> {
    match store::open(&settings.database, Purpose::Write).await {
        Ok(store) => Ok(Some(store)),
        Err(OpenError::Locked(_)) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

/// One batch of one command.
fn submit(store: &dyn Store, command: Command) -> Result<(), String> {
    let writer = store.writer().map_err(|error| error.to_string())?;
    let submission = Submission {
        command,
        actor: Actor { role: Role::System, subject: ACTOR.into(), stores: None },
        request_id: ACTOR.into(),
        idempotency: None,
        render: Box::new(|_, _| Answer::default()),
    };
    // A writer waits for its database, which a thread of the runtime must not.
    let committing = thread::spawn(move || {
        let mut inline = Inline::new(writer, Arc::new(SystemClock), Policy::default());
        inline.commit([submission]).outcomes.pop()
    });
    match committing.join() {
        Ok(Some(Ok(_))) => Ok(()),
        Ok(Some(Err(Rejected::Refused(_)))) => Err("there is no such client".into()),
        Ok(Some(Err(other))) => Err(format!("the database did not take it: {other:?}")),
        Ok(None) | Err(_) => Err("the database did not take it".into()),
    }
}

/// Asks the process that serves the file, with a token of staff that only who has the file can
/// sign.
async fn ask(
    settings: &Settings,
    server: &ServerAddress,
    method: Method,
    path: &str,
    body: Option<Value>,
) -> Result<Value, String> {
    let store = store::open(&settings.database, Purpose::Beside).await;
    let store = store.map_err(|error| error.to_string())?;
    let key = signing::key(&*store, &signing::vault()?).await?;
    let grant = Grant { subject: ACTOR, scope: "staff", ..Grant::default() };
    let token = signing::mint(&key, &grant, TOKEN_TTL_S)?;
    let scheme = if settings.tls.certificate.is_some() { "https" } else { "http" };
    let local = || format!("{scheme}://{}", local(settings.listen));
    let url = server.url.clone().unwrap_or_else(local);
    let url = format!("{}{path}", url.trim_end_matches('/'));
    let client = reqwest::Client::builder().timeout(ANSWER_TIMEOUT).build();
    let client = client.map_err(|error| error.to_string())?;
    let mut request = client.request(method, &url).bearer_auth(token);
    if let Some(body) = body {
        request = request.json(&body);
    }
    let away = |error: reqwest::Error| {
        format!(
            "another process has the file, and {url} does not answer ({error}); \
            --url says where it listens"
        )
    };
    let response = request.send().await.map_err(away)?;
    let status = response.status();
    let text = response.text().await.map_err(away)?;
    let document: Value = serde_json::from_str(&text).unwrap_or_default();
    match status {
        status if status.is_success() => Ok(document),
        StatusCode::NOT_FOUND => Err("there is no such client".into()),
        status => {
            let why = document["detail"].as_str().unwrap_or_default();
            Err(format!("{url} answers {status}: {why}"))
        }
    }
}

/// Who listens everywhere listens here too.
fn local(listen: SocketAddr) -> SocketAddr {
    let mut address = listen;
    match listen {
        SocketAddr::V4(it) if it.ip().is_unspecified() => address.set_ip([127, 0, 0, 1].into()),
        SocketAddr::V6(it) if it.ip().is_unspecified() => {
            address.set_ip(std::net::Ipv6Addr::LOCALHOST.into());
        }
        SocketAddr::V4(_) | SocketAddr::V6(_) => {}
    }
    address
}
