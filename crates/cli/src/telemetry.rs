//! What a server tells of itself as it goes: its log on standard error, and spans to a collector
//! of traces, if it was built with the feature `telemetry` and knows of one.

#[cfg(feature = "telemetry")]
mod export;

use server::Adopt;
use tokio::runtime::Handle;
#[cfg(feature = "telemetry")]
use tracing_subscriber::Layer;
use tracing_subscriber::{
    EnvFilter, filter::Directive, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::settings::Settings;

/// Alive as long as there is something to tell.
pub(crate) struct Telemetry {
    #[cfg(feature = "telemetry")]
    export: Option<export::Export>,
}

impl Telemetry {
    /// Spans are sent on the runtime.
    pub(crate) fn begin(settings: &Settings, runtime: &Handle) -> Result<Telemetry, String> {
        let log = tracing_subscriber::fmt::layer().json().with_writer(std::io::stderr);
        let filter = log_filter(settings)?;
        #[cfg(feature = "telemetry")]
        if let Some(export) = export::Export::begin(&settings.telemetry, runtime)? {
            let log = log.with_filter(filter);
            tracing_subscriber::registry().with(log).with(export.layer()).init();
            return Ok(Telemetry { export: Some(export) });
        }
        #[cfg(not(feature = "telemetry"))]
        let _ = runtime;
        // One filter over all, so that what is not logged costs as little as can be.
        tracing_subscriber::registry().with(log).with(filter).init();
        Ok(Telemetry {
            #[cfg(feature = "telemetry")]
            export: None,
        })
    }

    /// How requests come into the traces that they name; `None` where nobody collects any.
    pub(crate) fn adopt(&self) -> Option<Adopt> {
        #[cfg(feature = "telemetry")]
        if self.export.is_some() {
            return Some(export::adopt);
        }
        None
    }

    /// What is still here is sent, if that takes no time to speak of.
    pub(crate) fn end(self) {
        #[cfg(feature = "telemetry")]
        if let Some(export) = self.export {
            export.end();
        }
    }
}

/// What is logged. Spans for a collector are not, whatever the operator wants to see.
pub(crate) fn log_filter(settings: &Settings) -> Result<EnvFilter, String> {
    let filter = EnvFilter::try_new(&settings.log.filter)
        .map_err(|error| format!("the setting log.filter is wrong: {error}"))?;
    let off: Directive =
        format!("{}=off", engine::traces::TARGET).parse().expect("the target is a plain word");
    Ok(filter.add_directive(off))
}
