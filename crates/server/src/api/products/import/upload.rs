//! The bytes of a file as they come, without a byte order mark.

use std::{future::poll_fn, pin::Pin};

use axum::body::{Body, Bytes, HttpBody};

use crate::{body, problem::Problem};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

pub(super) struct Upload {
    body: Body,
    /// What has come and is not read yet.
    pub(super) come: Bytes,
    is_begun: bool,
    is_over: bool,
}

impl Upload {
    pub(super) fn new(body: Body) -> Upload {
        Upload { body, come: Bytes::new(), is_begun: false, is_over: false }
    }

    /// Waits until something has come; `false` at the end of the file.
    pub(super) async fn wait(&mut self) -> Result<bool, Problem> {
        if !self.is_begun {
            self.is_begun = true;
            self.skip_mark().await?;
        }
        while self.come.is_empty() {
            match self.piece().await? {
                Some(piece) => self.come = piece,
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// The mark may come in pieces, too.
    async fn skip_mark(&mut self) -> Result<(), Problem> {
        let mut begin = Vec::new();
        while begin.len() < BYTE_ORDER_MARK.len() && BYTE_ORDER_MARK.starts_with(&begin) {
            let Some(piece) = self.piece().await? else { break };
            begin.extend_from_slice(&piece);
        }
        self.come = begin.into();
        if self.come.starts_with(BYTE_ORDER_MARK) {
            _ = self.come.split_to(BYTE_ORDER_MARK.len());
        }
        Ok(())
    }

    async fn piece(&mut self) -> Result<Option<Bytes>, Problem> {
        if self.is_over {
            return Ok(None);
        }
        let body = &mut self.body;
        while let Some(frame) = poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
            if let Ok(data) = frame.map_err(|error| body::broken(&error))?.into_data() {
                return Ok(Some(data));
            }
        }
        self.is_over = true;
        Ok(None)
    }
}
