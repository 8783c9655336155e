//! A file of JSON documents, one a line.

use super::{LINE_BYTES_MAX, Numbered, too_long, upload::Upload};
use crate::problem::Problem;

pub(super) struct JsonLines {
    upload: Upload,
    number: u64,
}

impl JsonLines {
    pub(super) fn new(upload: Upload) -> JsonLines {
        JsonLines { upload, number: 0 }
    }

    /// The next line that is not blank, with its number; of one that is too long, that it is.
    pub(super) async fn next(&mut self) -> Result<Option<Numbered<Vec<u8>>>, Problem> {
        loop {
            let Some(line) = self.line().await? else { return Ok(None) };
            self.number += 1;
            match line {
                Some(line) if line.trim_ascii().is_empty() => {}
                Some(line) => return Ok(Some((self.number, Ok(line)))),
                None => return Ok(Some((self.number, Err(too_long())))),
            }
        }
    }

    /// One that is too long is read to its end and given as `None`.
    async fn line(&mut self) -> Result<Option<Option<Vec<u8>>>, Problem> {
        let mut line = Some(Vec::new());
        let mut is_begun = false;
        while self.upload.wait().await? {
            is_begun = true;
            let come = &mut self.upload.come;
            let end = come.iter().position(|byte| *byte == b'\n');
            let piece = come.split_to(end.map_or(come.len(), |end| end + 1));
            let text = piece.strip_suffix(b"\n").unwrap_or(&piece);
            line = line.filter(|line| line.len() + text.len() <= LINE_BYTES_MAX);
            if let Some(line) = &mut line {
                line.extend_from_slice(text);
            }
            if end.is_some() {
                break;
            }
        }
        Ok(is_begun.then_some(line))
    }
}
