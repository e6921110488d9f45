//! Connections: each is served until it ends; whoever takes too long to say what they want is let go.
//!
//! axum's own loop waits for ever for the rest of a request's head: some hundreds of clients that send a byte a
//! minute would hold all that the server has to give. How long a body and an answer may take is said in `http::layers`.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::serve::Listener;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use rustix::process::{Resource, getrlimit};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::util::MapRequest;

use crate::http::layers;

/// Longest that the head of a request may take, counted from when the connection is free for it.
pub const MOST_HEAD_TIME: Duration = Duration::from_secs(20);
/// Most bytes of a head that are read: enough to answer, to one that is larger than [`layers::MOST_HEAD`], why it is
/// refused. Whoever sends more is told the status alone.
pub const MOST_READ: usize = 2 * layers::MOST_HEAD;

/// Files that the database, the logs and the jobs may have open beside the connections.
const OTHER_FILES: u64 = 128;
/// Most connections, however many files may be open: each takes some memory.
const MOST_CONNECTIONS: usize = 10_000;

/// How much is given to those who connect.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For the head of a request.
    pub head_time: Duration,
    /// At once. Whoever comes later waits until one ends.
    pub connections: usize,
}

impl Limits {
    /// What this process may give: an answer may need an open file beside its connection.
    pub fn of_process() -> Self {
        let files = getrlimit(Resource::Nofile).current;
        let connections = files.map_or(MOST_CONNECTIONS, most_connections);
        Self { head_time: MOST_HEAD_TIME, connections }
    }
}

fn most_connections(files: u64) -> usize {
    let most = files.saturating_sub(OTHER_FILES) / 2;
    usize::try_from(most).unwrap_or(MOST_CONNECTIONS).clamp(16, MOST_CONNECTIONS)
}

/// Serves until `stop` resolves, then finishes what is under way.
pub async fn serve(
    mut listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.head_time).max_buf_size(MOST_READ);
    let connections = GracefulShutdown::new();
    let mut places = ConnectionLimit::new(limits.connections);
    let mut stop = pin!(stop);
    loop {
        // The place first: who finds none waits in the system's queue, and costs no open file.
        let accepted = async {
            let place = places.free().await;
            let (stream, peer) = Listener::accept(&mut listener).await;
            (stream, peer, place)
        };
        let (stream, peer, place) = tokio::select! {
            accepted = accepted => accepted,
            () = &mut stop => break,
        };
        let service = MapRequest::new(router.clone(), move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        });
        let service = TowerToHyperService::new(service);
        let connection = connections.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            // Whoever went away, or was too slow, is no fault of the server's.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection broke off");
            }
            drop(place);
        });
    }
    drop(listener);
    connections.shutdown().await;
}

/// The places for connections.
struct ConnectionLimit {
    free: Arc<Semaphore>,
    most: usize,
    /// That none was free is told once, until half of them are.
    told: bool,
}

impl ConnectionLimit {
    fn new(most: usize) -> Self {
        Self { free: Arc::new(Semaphore::new(most)), most, told: false }
    }

    /// Waits for one. None only if nobody could ever give one back, which never happens.
    async fn free(&mut self) -> Option<OwnedSemaphorePermit> {
        let free = self.free.available_permits();
        if free == 0 && !self.told {
            tracing::warn!(
                connections = self.most,
                "every connection is taken: others wait; raise the limit of open files"
            );
        }
        self.told = free == 0 || (self.told && free < self.most / 2);
        self.free.clone().acquire_owned().await.ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_files() {
        for (files, connections) in [(0, 16), (256, 64), (1_024, 448), (65_536, MOST_CONNECTIONS)] {
            assert_eq!(most_connections(files), connections, "{files}");
        }
        assert_eq!(most_connections(u64::MAX), MOST_CONNECTIONS);
    }
}
