//! Clients that take their time: a head that trickles, a body that never ends, one that is longer than any.
//!
//! With limits that are short enough to be waited for; heads over a real socket.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use axum::routing::get;
use futures::stream;
use server::connections::{self, Limits};
use server::http::api_within;
use server::http::layers::MOST_TIME;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::test_app::{TestApp, assert_same};

/// How long the head of a request may take here.
const HEAD_TIME: Duration = Duration::from_millis(400);
/// And its body.
const BODY_TIME: Duration = Duration::from_millis(400);
/// No story waits longer for what must happen.
const AT_MOST: Duration = Duration::from_secs(20);

pub struct Listening {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

pub async fn listen(router: Router) -> Listening {
    listen_for(router, 100).await
}

/// Lets so many connect at once.
async fn listen_for(router: Router, connections: usize) -> Listening {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let limits = Limits { head_time: HEAD_TIME, connections };
    let served = tokio::spawn(connections::serve(listener, router, limits, async move {
        let _ = stopped.await;
    }));
    Listening { address, stop, served }
}

fn hello() -> Router {
    Router::new().route("/", get(|| async { "hello" }))
}

/// All that the server says until it hangs up; fails when it does not.
pub async fn until_cut(stream: &mut TcpStream) -> String {
    let mut said = Vec::new();
    let read = timeout(AT_MOST, stream.read_to_end(&mut said)).await.expect("the server hangs up");
    // A reset is a way of hanging up, too.
    let _ = read;
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test]
async fn a_head_that_trickles_is_cut_off_and_the_others_are_served() {
    let server = listen(hello()).await;
    let mut slow = Vec::new();
    for beginning in ["", "G", "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\r\nhost: localhost\r\n"] {
        let mut stream = TcpStream::connect(server.address).await.expect("it listens");
        stream.write_all(beginning.as_bytes()).await.expect("it is sent");
        slow.push(stream);
    }
    let mut quick = TcpStream::connect(server.address).await.expect("it listens");
    quick.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.expect("sent");
    let said = until_cut(&mut quick).await;
    assert!(said.starts_with("HTTP/1.1 200") && said.ends_with("hello"), "{said}");
    for mut stream in slow {
        // A byte now and then does not win more time: the limit is for the whole head.
        let trickle = async {
            while stream.write_all(b"x").await.is_ok() {
                tokio::time::sleep(HEAD_TIME / 4).await;
            }
        };
        timeout(AT_MOST, trickle).await.expect("the server does not listen any longer");
        let said = until_cut(&mut stream).await;
        assert!(!said.contains("200") && !said.contains("hello"), "{said}");
    }
}

#[tokio::test]
async fn a_head_has_a_size() {
    let server = listen(hello()).await;
    let mut stream = TcpStream::connect(server.address).await.expect("it listens");
    let head =
        format!("GET / HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "x".repeat(4 * connections::MOST_READ));
    let _ = stream.write_all(head.as_bytes()).await;
    let said = until_cut(&mut stream).await;
    assert!(said.is_empty() || said.starts_with("HTTP/1.1 431"), "{said}");
    let mut stream = TcpStream::connect(server.address).await.expect("it listens");
    let head = format!("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx: {}\r\n\r\n", "x".repeat(8_000));
    stream.write_all(head.as_bytes()).await.expect("it is sent");
    assert!(until_cut(&mut stream).await.starts_with("HTTP/1.1 200"), "cookies and all, that is enough");
}

#[tokio::test]
async fn one_connection_too_many_waits_for_its_turn() {
    let server = listen_for(hello(), 2).await;
    let mut first = TcpStream::connect(server.address).await.expect("it listens");
    let mut second = TcpStream::connect(server.address).await.expect("it listens");
    let head = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let mut said = [0; 12];
    for stream in [&mut first, &mut second] {
        stream.write_all(head).await.expect("it is sent");
        timeout(AT_MOST, stream.read_exact(&mut said)).await.expect("in time").expect("an answer");
        assert_eq!(&said, b"HTTP/1.1 200");
    }
    let mut third = TcpStream::connect(server.address).await.expect("the system lets it wait");
    third
        .write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await
        .expect("it is sent");
    let waits = timeout(HEAD_TIME / 4, third.read_exact(&mut said)).await;
    assert!(waits.is_err(), "nobody answers yet");
    drop(first);
    assert!(until_cut(&mut third).await.ends_with("hello"), "its turn came");
}

#[tokio::test]
async fn who_is_being_answered_is_answered_to_the_end_when_the_server_stops() {
    let router = Router::new().route(
        "/",
        get(|| async {
            tokio::time::sleep(HEAD_TIME * 2).await;
            "hello"
        }),
    );
    let server = listen(router).await;
    let mut stream = TcpStream::connect(server.address).await.expect("it listens");
    stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.expect("it is sent");
    tokio::time::sleep(HEAD_TIME / 4).await;
    server.stop.send(()).expect("it is told");
    assert!(until_cut(&mut stream).await.ends_with("hello"), "longer than a head may take");
    timeout(AT_MOST, server.served).await.expect("it stops").expect("in order");
    TcpStream::connect(server.address).await.expect_err("nobody listens any more");
}

#[tokio::test]
async fn a_body_that_never_ends_is_given_up() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio").at(api_within(&app.site, BODY_TIME));
    let before = app.dump().await;
    let path = format!("/api/v1/bodies/{}/basket", app.body("Bellagio"));
    // A blank now and then: never too long between two, never the end.
    let trickle = stream::unfold((), |()| async {
        tokio::time::sleep(BODY_TIME / 8).await;
        Some((Ok::<_, Infallible>(Bytes::from_static(b" ")), ()))
    });
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header("content-type", "application/json")
        .header("idempotency-key", officer.fresh_key())
        .body(Body::from_stream(trickle));
    let reply = timeout(AT_MOST, officer.send(request.expect("a request"))).await.expect("it is given up");
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::SERVICE_UNAVAILABLE, "unavailable"));
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_same(&before, &app.dump().await, "half a body");
    assert!(MOST_TIME <= Duration::from_secs(30), "in earnest nobody is waited for longer");
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused_before_it_ends() {
    let app = TestApp::new().await;
    let officer = app.officer("Bellagio");
    let path = format!("/api/v1/bodies/{}/basket", app.body("Bellagio"));
    // Ten gigabytes, if anybody read them.
    let piece = Bytes::from(vec![b' '; 10_000]);
    let endless = stream::iter((0..1_000_000).map(move |_| Ok::<_, Infallible>(piece.clone())));
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header("content-type", "application/json")
        .header("idempotency-key", officer.fresh_key())
        .body(Body::from_stream(endless));
    let reply = timeout(AT_MOST, officer.send(request.expect("a request"))).await.expect("at once");
    assert_eq!((reply.status, reply.code().as_str()), (StatusCode::PAYLOAD_TOO_LARGE, "too_large"));
}
