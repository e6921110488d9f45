//! A browser without eyes: asks over a socket, and counts answers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use crate::figures::{TURN, per_second};

#[derive(Clone)]
pub struct Web(Client<HttpConnector, Full<Bytes>>);

impl Web {
    pub fn new() -> Self {
        Self(Client::builder(TokioExecutor::new()).build_http())
    }

    pub async fn get(&self, url: &str, cookie: &str) -> Response<Body> {
        let request = Request::get(url).header(header::COOKIE, cookie).header(header::ACCEPT_ENCODING, "br");
        self.0.request(request.body(Full::default()).unwrap()).await.unwrap().map(Body::new)
    }

    /// Answers a second, from so many clients at once.
    pub async fn rate(&self, url: &str, cookie: &str, clients: usize) -> f64 {
        let done = Arc::new(AtomicUsize::new(0));
        let begun = Instant::now();
        let clients = (0..clients).map(|_| {
            let (web, url, cookie) = (self.clone(), url.to_owned(), cookie.to_owned());
            let done = Arc::clone(&done);
            tokio::spawn(async move {
                while begun.elapsed() < TURN {
                    let answer = web.get(&url, &cookie).await;
                    assert!(answer.status().is_success(), "{url}: {}", answer.status());
                    size(answer).await;
                    done.fetch_add(1, Ordering::Relaxed);
                }
            })
        });
        for client in clients.collect::<Vec<_>>() {
            client.await.unwrap();
        }
        per_second(done.load(Ordering::Relaxed), begun.elapsed())
    }
}

/// Bytes of an answer, as they travelled.
pub async fn size(answer: Response<Body>) -> usize {
    answer.into_body().collect().await.unwrap().to_bytes().len()
}

pub async fn listen(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}
