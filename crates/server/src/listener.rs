//! Connections that are given up when the other side takes nothing.

use std::{io, net::SocketAddr, pin::Pin, time::Duration};

use axum::serve;
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;

/// How long a client may take nothing of what is there for it. Then its connection is cut, so that
/// one that does not read holds neither memory nor a stream's place.
pub const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

pub struct Listener {
    tcp: TcpListener,
    write_timeout: Duration,
}

impl Listener {
    pub fn new(tcp: TcpListener, write_timeout: Duration) -> Listener {
        Listener { tcp, write_timeout }
    }
}

impl serve::Listener for Listener {
    type Io = Pin<Box<TimeoutStream<TcpStream>>>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, SocketAddr) {
        let (connection, address) = serve::Listener::accept(&mut self.tcp).await;
        // An answer is one write; to wait for more to send with it only delays it.
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "a connection keeps its delay");
        }
        let mut connection = TimeoutStream::new(connection);
        connection.set_write_timeout(Some(self.write_timeout));
        (Box::pin(connection), address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }
}
