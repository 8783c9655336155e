//! `orderd bench-constant`: a server with the product's HTTP stack and nothing behind it. Every
//! request gets the same bytes, so its rate is what HTTP alone leaves possible.

use super::failure::{Doing, Result};
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::serve::ListenerExt;
use clap::Args;
use std::process::ExitCode;

#[derive(Args)]
pub(crate) struct ConstantArgs {
    /// Size of every answer's body
    #[arg(long)]
    bytes: usize,
}

pub(crate) fn run(args: &ConstantArgs) -> ExitCode {
    match serve(args.bytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("orderd bench-constant: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn serve(bytes: usize) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .doing("starting the runtime")?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.doing("listening")?;
        let address = listener.local_addr().doing("listening")?;
        let listener = listener.tap_io(|stream| {
            // A socket that refuses the option is slower, and still answers.
            let _ = stream.set_nodelay(true);
        });
        println!("http://{address}");
        axum::serve(listener, router(bytes)).await.doing("serving")
    })
}

fn router(bytes: usize) -> Router {
    let body: &'static str = String::leak("x".repeat(bytes));
    Router::new().fallback(move || async move { ([(CONTENT_TYPE, "application/json")], body) })
}
