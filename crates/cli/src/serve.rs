//! `orderd serve`: open the store, start the engine, listen, and end in good order.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use clap::Args;
use domain::world::Policy;
use engine::{
    Engine, Options,
    clock::{Clock, SystemClock},
    ids::{Ids, RandomIds},
    payment::sandbox::{Sandbox, Surroundings},
};
use server::{
    App,
    auth::Verifier,
    listener::{Listener, WRITE_TIMEOUT},
    routes,
};
use store::Purpose;
use tokio::{
    net::TcpListener,
    signal::unix::{Signal, SignalKind, signal},
};
use tracing_subscriber::EnvFilter;

use crate::{
    demo, runtime,
    settings::{Overrides, Provider, Settings},
    signing, trust,
};

/// How long requests that are under way may take after the order to end.
const GRACE: Duration = Duration::from_secs(10);

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
}

pub(crate) fn run(arguments: &Arguments) -> Result<(), String> {
    let settings = Settings::read_with_listen(&arguments.overrides, arguments.listen)?;
    let filter = EnvFilter::try_new(&settings.log.filter)
        .map_err(|error| format!("the setting log.filter is wrong: {error}"))?;
    #[cfg(feature = "crash-points")]
    let _armed = engine::crash_points::arm();
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    runtime()?.block_on(serve(&settings, arguments.demo))
}

async fn serve(settings: &Settings, with_demo: bool) -> Result<(), String> {
    let store = store::open(&settings.database, Purpose::Serve).await;
    let store = store.map_err(|error| error.to_string())?;
    signing::key(&*store).await?;
    let trust = trust::trust(&settings.auth).await?;
    let verifier = Verifier::open(store.reads(), trust).await?;
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
    let options = Options { policy, queue_max, ..Options::with(sandbox.clone()) };
    let engine = Engine::start(&*store, Arc::new(SystemClock), Arc::new(RandomIds), options);
    let engine = engine.map_err(|error| error.to_string())?;
    if with_demo {
        demo::fill(&engine).await?;
    }
    let listener = TcpListener::bind(settings.listen).await;
    let listener =
        listener.map_err(|error| format!("can't listen on {}: {error}", settings.listen))?;
    let address = listener.local_addr().map_err(|error| error.to_string())?;
    let app = server::Settings {
        idempotency_required: settings.idempotency.required,
        ..server::Settings::default()
    };
    let app = Arc::new(App::new(engine, verifier, app, Some(sandbox)));
    // Whoever reads the address may tell the server to end, so it listens for that before.
    let told = Told::listen()?;
    println!("orderd listens on http://{address}");
    if with_demo {
        demo::invite(address, &settings.database);
    }
    listen(listener, app.clone(), told).await?;
    // The queue ends when its last sender goes, and with it the write path.
    if let Some(app) = Arc::into_inner(app) {
        app.into_engine().stop().await;
    }
    Ok(())
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

/// The signals that tell a server to end.
struct Told {
    terminate: Signal,
    interrupt: Signal,
}

impl Told {
    fn listen() -> Result<Told, String> {
        let listen = |kind| signal(kind).map_err(|error| error.to_string());
        let (terminate, interrupt) = (SignalKind::terminate(), SignalKind::interrupt());
        Ok(Told { terminate: listen(terminate)?, interrupt: listen(interrupt)? })
    }
}

async fn listen(listener: TcpListener, app: Arc<App>, told: Told) -> Result<(), String> {
    let Told { mut terminate, mut interrupt } = told;
    let (tell_to_end, mut told_to_end) = tokio::sync::watch::channel(false);
    let listener = Listener::new(listener, WRITE_TIMEOUT);
    let serving = axum::serve(listener, routes::router(app.clone()))
        .with_graceful_shutdown(async move { _ = told_to_end.wait_for(|it| *it).await });
    let mut serving = tokio::spawn(async move { serving.await });
    tokio::select! {
        ended = &mut serving => return ended.map_err(|error| error.to_string())
            .and_then(|it| it.map_err(|error| error.to_string())),
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
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
