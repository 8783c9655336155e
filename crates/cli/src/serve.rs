//! `orderd serve`: open the store, start the engine, listen, and end in good order.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use clap::Args;
use domain::world::Policy;
use engine::{
    Engine, Options,
    cart::{CartService, http::HttpCarts},
    clock::{Clock, SystemClock},
    ids::{Ids, RandomIds},
    payment::sandbox::{Sandbox, Surroundings},
};
use server::{
    App,
    auth::Verifier,
    listener::{Limits, Listener, Tls, bind},
    routes,
};
use store::Purpose;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    demo, runtime,
    settings::{Overrides, Provider, Settings},
    signing,
    telemetry::Telemetry,
    trust,
};

/// How long requests that are under way may take after the order to end.
const GRACE: Duration = Duration::from_secs(10);

/// How long what nobody waits for any more may take to end.
const LAST_GRACE: Duration = Duration::from_secs(1);

/// Files that are open beside connections: the database's, and those of a moment.
const OTHER_FILES_MAX: usize = 256;

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    overrides: Overrides,
    /// The address to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// Fill a new database with a small shop, and print what to try
    #[arg(long)]
    demo: bool,
    /// Listen on a public address although no real money is taken: whoever has a staff token may
    /// say of any order that it is paid
    #[arg(long)]
    allow_sandbox_on_public_address: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let settings = Settings::read_with_listen(&arguments.overrides, arguments.listen)?;
    #[cfg(feature = "crash-points")]
    let _armed = engine::crash_points::arm();
    let runtime = runtime()?;
    let telemetry = Telemetry::begin(&settings, runtime.handle())?;
    if !arguments.allow_sandbox_on_public_address {
        refuse_public_sandbox(&settings)?;
    }
    let served = runtime.block_on(serve(arguments, &settings, &telemetry));
    telemetry.end();
    // A name that is still being looked up keeps nobody from going.
    runtime.shutdown_timeout(LAST_GRACE);
    served
}

/// What stands in for the world must not be taken for it.
fn refuse_public_sandbox(settings: &Settings) -> Result<(), String> {
    let address = settings.listen;
    let takes_no_money = match settings.payment.provider {
        Provider::Sandbox => true,
    };
    if !takes_no_money || address.ip().to_canonical().is_loopback() {
        return Ok(());
    }
    Err(format!(
        "orderd does not listen on {address} while the payment provider is the sandbox, which \
         takes no money and believes whoever says that an order is paid; choose another provider \
         (payment.provider), listen on 127.0.0.1, or give the flag \
         --allow-sandbox-on-public-address if this is meant"
    ))
}

async fn serve(
    arguments: &Arguments,
    settings: &Settings,
    telemetry: &Telemetry,
) -> Result<(), String> {
    let with_demo = arguments.demo;
    let tls = settings.tls.files()?.map(|(certificate, key)| Tls::read(certificate, key));
    let tls = tls.transpose().map_err(|why| format!("the settings of tls are wrong: {why}"))?;
    let vault = signing::vault()?;
    let store = store::open(&settings.database, Purpose::Serve).await;
    let store = store.map_err(|error| error.to_string())?;
    signing::key(&*store, &vault).await?;
    signing::wrap_all(&*store, &vault).await?;
    let checkout = settings.checkout.with_key(signing::page_key(&*store, &vault).await?)?;
    let trust = trust::trust(&settings.auth).await?;
    let verifier = Verifier::open(store.reads(), trust, vault).await?;
    let sandbox = match settings.payment.provider {
        Provider::Sandbox => Arc::new(sandbox(settings)?),
    };
    let policy = Policy {
        auto_register: settings.customers.auto_register,
        reservation_ms: settings.payment.reservation_minutes * 60_000,
        capture: settings.payment.capture,
        cart_kept_ms: settings.cart.kept_days * 24 * 3600 * 1000,
        ..Policy::default()
    };
    let queue_max = settings.queue.max;
    let carts = carts(settings)?;
    let options = Options { policy, queue_max, carts, ..Options::with(sandbox.clone()) };
    let engine = Engine::start(&*store, Arc::new(SystemClock), Arc::new(RandomIds), options);
    let engine = engine.map_err(|error| error.to_string())?;
    if with_demo {
        demo::fill(&engine).await?;
    }
    let listener = bind(settings.listen)
        .map_err(|error| format!("can't listen on {}: {error}", settings.listen))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let app = server::Settings {
        idempotency_required: settings.idempotency.required,
        rate_limit: settings.rate_limit.per_minute.limits(),
        trusted_proxies: settings.rate_limit.trusted_proxies.clone(),
        cors_origins: settings.cors.values(),
        checkout,
        adopt: telemetry.adopt(),
        ..server::Settings::default()
    };
    let app = Arc::new(App::new(engine, verifier, app, Some(sandbox)));
    // Whoever reads the address may tell the server to end, so it listens for that before.
    let told = Told::listen()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    println!("orderd listens on {scheme}://{address}");
    if with_demo {
        demo::invite(scheme, address, &settings.database);
    }
    let listener = Listener::new(listener, connections(settings)).with_tls(tls.clone());
    let overrides = &arguments.overrides;
    let reload = Reload { overrides: overrides.clone(), listen: arguments.listen, tls };
    listen(listener, app.clone(), told, &reload).await?;
    // The queue ends when its last sender goes, and with it the write path.
    if let Some(app) = Arc::into_inner(app) {
        app.into_engine().stop().await;
    }
    Ok(())
}

/// A connection is a file to the system, which often allows few to begin with and more on request.
/// With fewer than are wanted, connections are turned away before the database has none.
fn connections(settings: &Settings) -> Limits {
    let limits = settings.connections.limits();
    let wanted = limits.connections_max.saturating_add(OTHER_FILES_MAX);
    let allowed = u64::try_from(wanted).map(rlimit::increase_nofile_limit);
    let Ok(Ok(allowed)) = allowed else { return limits };
    let allowed = usize::try_from(allowed).unwrap_or(usize::MAX);
    if allowed >= wanted {
        return limits;
    }
    let connections_max = allowed.saturating_sub(OTHER_FILES_MAX).max(1);
    tracing::warn!(connections_max, "the system allows no more open files for connections");
    Limits { connections_max, ..limits }
}

fn sandbox(settings: &Settings) -> Result<Sandbox, String> {
    let surroundings = Surroundings {
        now: Arc::new(|| SystemClock.now().0),
        fill: Arc::new(|bytes| RandomIds.fill(bytes)),
    };
    let file = settings.sandbox_file();
    Sandbox::open(&file, surroundings)
        .map_err(|error| format!("the payment sandbox's file {}: {error}", file.display()))
}

/// What a server reads again when it is told to, without a stop.
struct Reload {
    overrides: Overrides,
    listen: Option<SocketAddr>,
    tls: Option<Tls>,
}

impl Reload {
    /// What is wrong stays as it was, and is logged.
    fn now(&self, app: &App) {
        match Settings::read_with_listen(&self.overrides, self.listen) {
            Ok(settings) => {
                app.limit(settings.rate_limit.per_minute.limits());
                tracing::info!("told to read again: the rate limits are those of the settings");
            }
            Err(why) => tracing::error!(why, "the settings are not read again"),
        }
        app.read_issuers_again();
        match self.tls.as_ref().map(Tls::reload) {
            Some(Ok(())) => tracing::info!("new connections get the certificate as it is now"),
            Some(Err(why)) => tracing::error!(why, "the certificate is not read again"),
            None => {}
        }
    }
}

fn carts(settings: &Settings) -> Result<Option<Arc<dyn CartService>>, String> {
    let Some(url) = &settings.cart.url else { return Ok(None) };
    let carts = HttpCarts::at(url.as_str());
    let carts = carts.map_err(|error| format!("the setting cart.url: {error}"))?;
    Ok(Some(Arc::new(carts)))
}

/// The signals that tell a server to end, or to read its settings again.
struct Told {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Told {
    fn listen() -> Result<Told, String> {
        let listen = |kind| signal(kind).map_err(|error| error.to_string());
        Ok(Told {
            terminate: listen(SignalKind::terminate())?,
            interrupt: listen(SignalKind::interrupt())?,
            hang_up: listen(SignalKind::hangup())?,
        })
    }
}

async fn listen(
    listener: Listener,
    app: Arc<App>,
    told: Told,
    reload: &Reload,
) -> Result<(), String> {
    let Told { mut terminate, mut interrupt, mut hang_up } = told;
    let (tell_to_end, mut told_to_end) = tokio::sync::watch::channel(false);
    let router = routes::router(app.clone());
    let serving = listener.serve(router, async move { _ = told_to_end.wait_for(|it| *it).await });
    let mut serving = tokio::spawn(serving);
    loop {
        tokio::select! {
            ended = &mut serving => return ended.map_err(|error| error.to_string()),
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
            _ = hang_up.recv() => reload.now(&app),
        }
    }
    tracing::info!("told to end: no new requests, those under way are finished");
    app.end_streams();
    _ = tell_to_end.send(true);
    if tokio::time::timeout(GRACE, &mut serving).await.is_err() {
        tracing::warn!("some requests took longer than the grace they have");
        serving.abort();
    }
    Ok(())
}
