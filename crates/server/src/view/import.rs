//! What has become of an import.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{json::FieldError, openapi::bodies};

#[derive(Serialize, ToSchema)]
#[schema(as = Import)]
pub(crate) struct ImportView<'a> {
    /// Lines that were applied, those too that changed nothing.
    pub(crate) imported: u64,
    /// Lines that were not.
    pub(crate) failed: u64,
    /// The first of those that failed, in the order of the file.
    pub(crate) errors: &'a [LineView],
    /// Whether more has failed than `errors` tells.
    pub(crate) errors_truncated: bool,
}

#[derive(Serialize, ToSchema)]
#[schema(as = ImportLine)]
pub(crate) struct LineView {
    /// Its number in the file, counted from 1.
    pub(crate) line: u64,
    #[schema(value_type = Vec<bodies::FieldProblem>)]
    pub(crate) errors: Vec<FieldError>,
}
