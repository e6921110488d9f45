//! Connections: each is served until it ends; whoever takes too long to say what they want is let go.
//!
//! axum's own loop waits for ever for the rest of a request's head: some hundreds of clients that send a byte a
//! minute would hold all that the server has to give. How long a body and an answer may take is said in `http::layers`.

use std::future::Future;
use std::pin::pin;
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
use tokio::net::TcpListener;
use tower::util::MapRequest;

/// Longest that the head of a request may take, counted from when the connection is free for it.
pub const MOST_HEAD_TIME: Duration = Duration::from_secs(20);
/// Largest head of a request, in bytes.
pub const MOST_HEAD: usize = 32 * 1024;

/// Serves until `stop` resolves, then finishes what is under way.
pub async fn serve(
    mut listener: TcpListener,
    router: Router,
    head_time: Duration,
    stop: impl Future<Output = ()>,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head_time).max_buf_size(MOST_HEAD);
    let connections = GracefulShutdown::new();
    let mut stop = pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = Listener::accept(&mut listener) => accepted,
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
        });
    }
    drop(listener);
    connections.shutdown().await;
}
