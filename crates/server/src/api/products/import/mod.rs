//! `POST /api/products/import`: a catalogue of any length, a line for each product.
//!
//! Lines are read as they come and handed to the engine's bulk lane, and more is read only when the
//! lane has taken them: an upload goes no faster than its lines reach the disk. Each line is
//! applied whole or not at all. One that says what is so already changes nothing, so an import that
//! broke off is simply sent again.

#[cfg(test)]
mod fuzz;
mod line;
mod lines;
mod table;
mod tally;
mod upload;

use std::collections::VecDeque;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::Response,
};
use domain::{Command, catalog::import::ImportProduct};
use engine::{Answer, BULK_QUEUE_MAX, Pending, Rehearsal, Rejected};

use self::{lines::JsonLines, table::Table, tally::Tally, upload::Upload};
use crate::{
    app::{App, Shared, submission},
    call::Call,
    dry_run,
    json::{FieldError, Style},
    problem::Problem,
    refused,
    reply::{json, no_content, response},
    view::{import::ImportView, order::Viewer},
};

/// Of an NDJSON file, or of a row of a CSV file.
const LINE_BYTES_MAX: usize = 64 * 1024;

/// Lines of one import that wait for their batch or for being counted.
const WAITING_MAX: usize = 2 * BULK_QUEUE_MAX;

/// The log tells of an import that is under way after so many lines.
const TOLD_EVERY: u64 = 10_000;

/// Import products
///
/// A line is a product as PUT takes it, with its `product_id`, and optionally `on_hand`: so many
/// lie on its shelf (in each of `variants`, where it has some). Empty lines are skipped. Each line
/// is applied whole or not at all, in the order of the file; those that failed are counted and
/// named, and the others stand. A line that says what is so already changes nothing: after a break,
/// send the file again. No key is needed, and no answer is kept under one.
///
/// CSV begins with a line of the columns' names, which are the document's; an empty cell is a field
/// that is left out. `delivery_methods`, `variants` and `metadata` are cells of JSON. The number of
/// a line is that of the file, the line where a row begins.
///
/// A line may have 64 KiB, a file any number of lines. Lines of a dry run are judged one by one, as
/// things stand.
#[utoipa::path(
    post, path = "/api/products/import", operation_id = "import_products", tag = "products",
    request_body(content(
        (String = "application/x-ndjson", example = "{\"product_id\": \"p003\", \
            \"name\": \"Lamp\", \"price\": 20.00, \"on_hand\": 5}\n\
            {\"product_id\": \"p004\", \"name\": \"Rug\"}\n"),
        (String = "text/csv", example = "product_id,name,price,on_hand\np004,Rug,,\n\
            p003,Lamp,20.00,5\n"),
    )),
    responses((status = 200, description = "What has become of the lines", body = ImportView)),
)]
pub(crate) async fn import(
    State(app): Shared,
    call: Call,
    body: Body,
) -> Result<Response, Problem> {
    let format = Format::of(&call.headers)?;
    let is_dry = call.query(|query| Some(query.flag("dry_run").unwrap_or(false)))?;
    if !is_dry {
        call.allow_key()?;
    }
    call.caller.require_catalog()?;
    let upload = Upload::new(body);
    let mut import = Import {
        app: &app,
        call: &call,
        is_dry,
        waiting: VecDeque::new(),
        tally: Tally::default(),
    };
    match format {
        Format::Json => {
            let mut lines = JsonLines::new(upload);
            while let Some((number, line)) = lines.next().await? {
                import.take(number, line.and_then(|it| line::read_json(&it))).await?;
            }
        }
        Format::Csv => {
            let mut table = Table::open(upload).await?;
            while let Some((number, row)) = table.next().await? {
                import.take(number, row.and_then(|it| it.read())).await?;
            }
        }
    }
    let tally = import.finish().await?;
    let answer = Answer { status: 200, body: json(&tally.view()), ..Answer::default() };
    if is_dry {
        let rehearsal = Rehearsal { answer: Some(answer), order: None, events: Vec::new() };
        return Ok(dry_run::accepted(&rehearsal, None, Viewer::of(false)));
    }
    Ok(response(answer, false))
}

/// A line by its number in the file, or what is wrong with it.
type Numbered<T> = (u64, Result<T, Vec<FieldError>>);

enum Format {
    Json,
    Csv,
}

impl Format {
    fn of(headers: &HeaderMap) -> Result<Format, Problem> {
        let content_type = headers.get(CONTENT_TYPE).and_then(|it| it.to_str().ok());
        let media_type = content_type.and_then(|it| it.split(';').next()).map(str::trim);
        match media_type {
            Some(it) if it.eq_ignore_ascii_case("application/x-ndjson") => Ok(Format::Json),
            Some(it) if it.eq_ignore_ascii_case("text/csv") => Ok(Format::Csv),
            Some(_) | None => {
                let detail = "The Content-Type must be application/x-ndjson or text/csv, in UTF-8";
                let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
                Err(Problem::new(status, "unsupported_media_type", detail))
            }
        }
    }
}

struct Import<'a> {
    app: &'a App,
    call: &'a Call,
    is_dry: bool,
    /// In the order of the file.
    waiting: VecDeque<(u64, Judged)>,
    tally: Tally,
}

enum Judged {
    Faulty(Vec<FieldError>),
    Waits(Pending),
}

impl Import<'_> {
    async fn take(
        &mut self,
        number: u64,
        read: Result<ImportProduct, Vec<FieldError>>,
    ) -> Result<(), Problem> {
        let judged = match read {
            Ok(product) => Judged::Waits(self.hand_in(product).await?),
            Err(faults) => Judged::Faulty(faults),
        };
        self.waiting.push_back((number, judged));
        if self.waiting.len() >= WAITING_MAX {
            self.count_next().await?;
        }
        Ok(())
    }

    async fn hand_in(&self, product: ImportProduct) -> Result<Pending, Problem> {
        let command = Command::ImportProduct(Box::new(product));
        let submission = submission(self.call, command, None, no_content())?;
        let engine = &self.app.engine;
        let handed_in = match self.is_dry {
            true => engine.rehearse_bulk(submission).await,
            false => engine.submit_bulk(submission).await,
        };
        handed_in.map_err(|it| refused::rejected(&it, Style::Strict))
    }

    /// Counts the line that was read first of those that wait.
    async fn count_next(&mut self) -> Result<(), Problem> {
        let Some((number, judged)) = self.waiting.pop_front() else { return Ok(()) };
        let outcome = match judged {
            Judged::Faulty(faults) => Err(faults),
            Judged::Waits(pending) => match pending.accepted().await {
                Ok(()) => Ok(()),
                // Nobody's fault in the file: what is not done yet comes with the next try.
                Err(it @ (Rejected::Unavailable | Rejected::Overloaded)) => {
                    return Err(refused::rejected(&it, Style::Strict));
                }
                Err(it @ (Rejected::Refused(_) | Rejected::KeyReused | Rejected::Failed)) => {
                    Err(faults_of(&refused::rejected(&it, Style::Strict)))
                }
            },
        };
        self.tally.count(number, outcome);
        let Tally { imported, failed, .. } = self.tally;
        if (imported + failed).is_multiple_of(TOLD_EVERY) {
            let request_id = self.call.request_id();
            tracing::info!(request_id, imported, failed, "an import is under way");
        }
        Ok(())
    }

    async fn finish(mut self) -> Result<Tally, Problem> {
        while !self.waiting.is_empty() {
            self.count_next().await?;
        }
        let Tally { imported, failed, .. } = self.tally;
        let (request_id, is_dry) = (self.call.request_id(), self.is_dry);
        tracing::info!(request_id, is_dry, imported, failed, "an import has ended");
        Ok(self.tally)
    }
}

/// What a whole request would be refused with, as the faults of its line.
fn faults_of(problem: &Problem) -> Vec<FieldError> {
    if !problem.errors().is_empty() {
        return problem.errors().to_vec();
    }
    line_fault(problem.code(), problem.detail())
}

/// A fault of a line as a whole.
fn line_fault(code: &'static str, detail: impl Into<String>) -> Vec<FieldError> {
    vec![FieldError { pointer: String::new(), code, detail: detail.into() }]
}

fn too_long() -> Vec<FieldError> {
    line_fault("line_too_long", "must not be longer than 64 KiB")
}
