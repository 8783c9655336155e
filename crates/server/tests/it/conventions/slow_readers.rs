//! A client that takes nothing of its answer is cut off.

use std::{
    convert::Infallible,
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    time::Duration,
};

use axum::{
    Router,
    body::{Body, Bytes},
    routing::get,
};
use server::listener::{Limits, Listener};
use tokio::{net::TcpListener, sync::oneshot, time::timeout};

const PATIENCE: Duration = Duration::from_millis(300);

/// An answer without an end, which tells when nobody wants any more of it.
struct Endless(Option<oneshot::Sender<()>>);

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        static BYTES: [u8; 65536] = [b'x'; 65536];
        std::task::Poll::Ready(Some(Ok(http_body::Frame::data(Bytes::from_static(&BYTES)))))
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        _ = self.0.take().map(|it| it.send(()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_read_is_cut_off_and_a_slow_one_is_not() {
    let (asked, mut gone) = tokio::sync::mpsc::channel(2);
    let endless = move || async move {
        let (tell, told) = oneshot::channel();
        asked.send(told).await.expect("the test waits");
        Body::new(Endless(Some(tell)))
    };
    let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
    let address = tcp.local_addr().expect("an address");
    let router = Router::new().route("/", get(endless));
    let listener = Listener::new(tcp, Limits { write_time: PATIENCE, ..Limits::default() });
    let serving = tokio::spawn(listener.serve(router, std::future::pending()));
    let open = || {
        let mut client = TcpStream::connect(address).expect("the server listens");
        client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").expect("a request");
        client
    };

    let idle = open();
    let idle_gone = gone.recv().await.expect("the request came");
    timeout(20 * PATIENCE, idle_gone).await.expect("it is cut off").expect("it was told");
    drop(idle);

    let mut slow = open();
    let mut slow_gone = gone.recv().await.expect("the request came");
    let reading = tokio::task::spawn_blocking(move || {
        let mut some = vec![0; 4 << 20];
        for _ in 0..6 {
            std::thread::sleep(PATIENCE / 2);
            slow.read_exact(&mut some).expect("the answer goes on");
        }
        slow
    });
    let slow = reading.await.expect("all was read");
    assert!(slow_gone.try_recv().is_err(), "one that reads is served");
    drop(slow);
    serving.abort();
}
