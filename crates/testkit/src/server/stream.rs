//! An answer that does not end: server-sent events as a client reads them.

use std::time::Duration;

use tokio::time::error::Elapsed;

use super::TestServer;

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(10);

/// One event of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    pub id: String,
    pub event: String,
    pub data: String,
}

/// To drop it is to close its connection.
pub struct Stream<'s> {
    server: &'s TestServer,
    response: reqwest::Response,
    unread: String,
}

impl<'s> Stream<'s> {
    #[track_caller]
    pub(super) fn new(server: &'s TestServer, response: reqwest::Response) -> Stream<'s> {
        assert_eq!(response.status(), 200, "{response:?}");
        Stream { server, response, unread: String::new() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name).map(|it| it.to_str().expect("headers are ASCII"))
    }

    /// The next event; `None` when the stream has ended in good order.
    #[track_caller]
    pub fn event(&mut self) -> Option<Sent> {
        self.event_within(PATIENCE).expect("an event comes in time")
    }

    /// The same, or an error when nothing has come within so long.
    pub fn event_within(&mut self, patience: Duration) -> Result<Option<Sent>, Elapsed> {
        loop {
            while let Some((block, rest)) = self.unread.split_once("\n\n") {
                let sent = read(block);
                self.unread = rest.to_owned();
                if sent.is_some() {
                    return Ok(sent);
                }
            }
            match self.chunk(patience)? {
                Some(chunk) => self.unread.push_str(&chunk),
                None => return Ok(None),
            }
        }
    }

    /// What comes next, as it comes.
    pub fn chunk(&mut self, patience: Duration) -> Result<Option<String>, Elapsed> {
        let chunk = async { tokio::time::timeout(patience, self.response.chunk()).await };
        let chunk = self.server.runtime.block_on(chunk)?.expect("the stream is not broken");
        Ok(chunk.map(|it| String::from_utf8(it.into()).expect("events are UTF-8, chunk by chunk")))
    }
}

/// A block of lines; comments alone are no event.
fn read(block: &str) -> Option<Sent> {
    let field = |name: &str| {
        let mut lines = block.lines().filter_map(|it| it.strip_prefix(name)?.strip_prefix(": "));
        lines.next().map(str::to_owned)
    };
    Some(Sent { data: field("data")?, id: field("id")?, event: field("event")? })
}
