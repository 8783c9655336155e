//! Reads one HTTP/1.1 response out of bytes as they arrive. It knows only what a load generator
//! needs from a server that keeps its connections open: status, length, and three headers.
//! A response whose length is not told beforehand is refused, because reading it exactly would
//! cost more than the rest of the generator together.

use super::failure::{Failure, Result};
use std::ops::Range;

const HEADERS_MAX: usize = 64;

/// The bytes of one response, filled by whoever owns the connection.
#[derive(Default)]
pub(super) struct Reader {
    buffer: Vec<u8>,
    head: Option<Head>,
}

#[derive(Clone)]
struct Head {
    status: u16,
    body: Range<usize>,
    location: Option<Range<usize>>,
    retry_after: bool,
    closing: bool,
}

pub(super) struct Response<'a> {
    pub(super) status: u16,
    pub(super) location: Option<&'a str>,
    pub(super) retry_after: bool,
    /// The server will close the connection, so the next request needs another.
    pub(super) closing: bool,
    pub(super) body: &'a [u8],
}

impl Reader {
    /// Forgets the last response and hands out the buffer for the next one's first bytes.
    pub(super) fn clear(&mut self) {
        self.buffer.clear();
        self.head = None;
    }

    /// Where to append the bytes that arrive.
    pub(super) fn room(&mut self) -> &mut Vec<u8> {
        // Always more than a read returns: a read that leaves room over tells the runtime that
        // the socket is drained, which saves one system call a response.
        self.buffer.reserve(16 * 1024);
        &mut self.buffer
    }

    /// The response once it is whole, `None` while bytes are missing.
    pub(super) fn response(&mut self) -> Result<Option<Response<'_>>> {
        if self.head.is_none() {
            self.head = parse_head(&self.buffer)?;
        }
        let Some(head) = &self.head else { return Ok(None) };
        if self.buffer.len() < head.body.end {
            return Ok(None);
        }
        if self.buffer.len() > head.body.end {
            return Err(Failure::new("the server sent bytes past the end of a response"));
        }
        let location = match &head.location {
            Some(range) => Some(text(&self.buffer[range.clone()])?),
            None => None,
        };
        Ok(Some(Response {
            status: head.status,
            location,
            retry_after: head.retry_after,
            closing: head.closing,
            body: &self.buffer[head.body.clone()],
        }))
    }
}

fn parse_head(buffer: &[u8]) -> Result<Option<Head>> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut parsed = httparse::Response::new(&mut headers);
    let status = parsed
        .parse(buffer)
        .map_err(|error| Failure::new(format!("the server's answer is not HTTP: {error}")))?;
    let httparse::Status::Complete(body_at) = status else { return Ok(None) };
    let code = parsed.code.unwrap_or_default();

    let mut length = None;
    let mut head =
        Head { status: code, body: 0..0, location: None, retry_after: false, closing: false };
    for header in parsed.headers.iter() {
        let name = header.name;
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(text(header.value)?.trim().parse::<usize>().map_err(|_| {
                Failure::new("the server sent a content-length that is not a number")
            })?);
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            return Err(Failure::new(format!(
                "the server answered {code} with a transfer-encoding; the bench reads only \
                 responses with a content-length"
            )));
        } else if name.eq_ignore_ascii_case("location") {
            head.location = Some(offset_in(buffer, header.value));
        } else if name.eq_ignore_ascii_case("retry-after") {
            head.retry_after = true;
        } else if name.eq_ignore_ascii_case("connection") {
            head.closing = header.value.eq_ignore_ascii_case(b"close");
        }
    }
    let without_body = code < 200 || code == 204 || code == 304;
    let body_bytes = match length {
        _ if without_body => 0,
        Some(length) => length,
        None => {
            return Err(Failure::new(format!("the server answered {code} without its length")));
        }
    };
    head.body = body_at..body_at + body_bytes;
    Ok(Some(head))
}

fn text(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|_| Failure::new("the server sent a header not in UTF-8"))
}

/// The head outlives the parse, so a header's value is remembered as a place, not as a slice.
fn offset_in(buffer: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr() as usize - buffer.as_ptr() as usize;
    start..start + part.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Feeds the response in pieces of every size: nothing may depend on how TCP cuts it.
    fn check(raw: &str, status: u16, location: Option<&str>, body: &str) {
        for piece_bytes in 1..=raw.len() {
            let mut reader = Reader::default();
            let mut pieces = raw.as_bytes().chunks(piece_bytes).peekable();
            while let Some(piece) = pieces.next() {
                reader.room().extend_from_slice(piece);
                let response = reader.response().unwrap();
                if pieces.peek().is_some() {
                    assert!(response.is_none(), "whole too early, in pieces of {piece_bytes}");
                    continue;
                }
                let response = response.unwrap();
                assert_eq!(response.status, status);
                assert_eq!(response.location, location);
                assert_eq!(response.body, body.as_bytes());
            }
        }
    }

    fn check_refused(raw: &str, sentence: &str) {
        let mut reader = Reader::default();
        reader.room().extend_from_slice(raw.as_bytes());
        let failure = reader.response().err().unwrap().to_string();
        assert!(failure.contains(sentence), "{failure}");
    }

    #[test]
    fn reads_responses_however_they_are_cut() {
        check("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, None, "hello");
        check("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", 404, None, "");
        check(
            "HTTP/1.1 204 No Content\r\nlocation: /api/orders/ORD1\r\n\r\n",
            204,
            Some("/api/orders/ORD1"),
            "",
        );
        check(
            "HTTP/1.1 201 Created\r\nLocation: /x\r\nContent-Length: 2\r\n\r\n{}",
            201,
            Some("/x"),
            "{}",
        );
    }

    #[test]
    fn sees_the_headers_that_steer_the_generator() {
        let mut reader = Reader::default();
        reader.room().extend_from_slice(
            b"HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nConnection: close\r\n\
              Content-Length: 0\r\n\r\n",
        );
        let response = reader.response().unwrap().unwrap();
        assert!(response.retry_after && response.closing);

        reader.clear();
        reader.room().extend_from_slice(b"HTTP/1.1 204 No Content\r\n\r\n");
        let response = reader.response().unwrap().unwrap();
        assert!(!response.retry_after && !response.closing);
    }

    #[test]
    fn refuses_what_it_cannot_read_exactly() {
        check_refused(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
            "transfer-encoding",
        );
        check_refused("HTTP/1.1 200 OK\r\n\r\nhello", "without its length");
        check_refused("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", "not a number");
        check_refused("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nhello", "past the end");
        check_refused("SSH-2.0-OpenSSH_9.6\r\n", "not HTTP");
    }
}
