//! How quick it is, beside what the same machine can do at most in the same run: an axum "hello" for pages, a bare
//! fsync for writes. Absolute times mean little on shared machines; the ratios do. Run with `make bench`.

#![expect(clippy::disallowed_methods, reason = "a bench measures time")]
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]
#![expect(clippy::unwrap_used, reason = "a bench that can't go on stops")]

use std::fs::File;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, Response, header};
use axum::routing::get;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use leptos::config::LeptosOptions;
use model::api::people::Session;
use model::ids::PersonId;
use server::clock::Clock;
use server::demo;
use server::http::Site;
use server::office::Office;
use server::serve::router;
use server::store::Store;

type Http = Client<HttpConnector, Full<Bytes>>;

/// Rounds, in which what is compared takes turns.
const ROUNDS: usize = 6;
/// How long each turn lasts.
const TURN: Duration = Duration::from_millis(1_500);
/// Clients at once.
const CLIENTS: usize = 32;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("bench.sqlite").display());
    let store = Store::open(&url).await.unwrap();
    demo::make(&store, Clock::Real.now()).await.unwrap();
    let office = Office::open(store, Clock::Real, true).await.unwrap();
    let site = Site { office, secure: false };
    let options = LeptosOptions::builder().output_name("comunanza").site_root("target/site").build();
    let app = listen(router(&site, &options).unwrap()).await;
    let hello = listen(Router::new().route("/", get(|| async { "hello" }))).await;
    let http: Http = Client::builder(TokioExecutor::new()).build_http();
    let cookie = officer(&http, app).await;

    sizes(&http, app, &cookie).await;
    let page = Asked { url: format!("http://{app}/servizi"), cookie: cookie.clone() };
    let bare = Asked { url: format!("http://{hello}/"), cookie: String::new() };
    let mut ratios = Vec::new();
    let (mut pages, mut hellos) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let ours = rate(&http, &page).await;
        let theirs = rate(&http, &bare).await;
        ratios.push(ours / theirs);
        pages.push(ours);
        hellos.push(theirs);
    }
    println!("catalogue page, signed in   {:>8.0} a second (median)", median(&mut pages));
    println!("axum hello                  {:>8.0} a second (median)", median(&mut hellos));
    println!("catalogue / hello           {}", spread(&mut ratios, 100.0, "%"));

    let (mut writes, mut syncs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let ours = changes(&http, app, &cookie).await;
        let raw = fsyncs(&folder.path().join("raw"));
        ratios.push(ours / raw);
        writes.push(ours);
        syncs.push(raw);
    }
    println!("durable basket changes      {:>8.0} a second, {CLIENTS} clients (median)", median(&mut writes));
    println!("one fsync a write           {:>8.0} a second (median)", median(&mut syncs));
    println!("changes / fsyncs            {}", spread(&mut ratios, 1.0, "×"));
}

async fn listen(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn officer(http: &Http, app: SocketAddr) -> String {
    let session = send(http, Request::get(format!("http://{app}/api/v1/session"))).await;
    let session: Session = serde_json::from_slice(&body(session).await).unwrap();
    let bellagio = |name: &str| name == "Referente, Comune di Bellagio";
    let person = session.personas.iter().find(|persona| bellagio(&persona.name)).unwrap().person;
    let PersonId(id) = person;
    let request = Request::post(format!("http://{app}/api/v1/session/persona"))
        .header(header::CONTENT_TYPE, "application/json")
        .header("idempotency-key", "bench-sign-in");
    let answer =
        http.request(request.body(Full::from(format!("{{\"person\":{id}}}"))).unwrap()).await.unwrap();
    let cookie = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn send(http: &Http, request: axum::http::request::Builder) -> Response<Body> {
    http.request(request.body(Full::default()).unwrap()).await.unwrap().map(Body::new)
}

async fn body(answer: Response<Body>) -> Bytes {
    answer.into_body().collect().await.unwrap().to_bytes()
}

/// What travels for each kind of page, compressed.
async fn sizes(http: &Http, app: SocketAddr, cookie: &str) {
    for (name, path) in [
        ("home", "/"),
        ("catalogue", "/servizi"),
        ("service sheet", "/servizi/pagamento-contravvenzioni"),
        ("sign-in", "/accedi"),
        ("area of the municipality", "/area"),
    ] {
        let request = Request::get(format!("http://{app}{path}"))
            .header(header::COOKIE, if name == "sign-in" { "" } else { cookie })
            .header(header::ACCEPT_ENCODING, "br");
        let answer = send(http, request).await;
        let status = answer.status();
        println!("{name:<26} {:>8.1} kB of HTML, brotli ({status})", kilobytes(body(answer).await.len()));
    }
}

#[expect(clippy::cast_precision_loss, reason = "sizes and counts are small")]
fn kilobytes(bytes: usize) -> f64 {
    bytes as f64 / 1_000.0
}

struct Asked {
    url: String,
    cookie: String,
}

/// Answers a second, from as many clients at once.
async fn rate(http: &Http, asked: &Asked) -> f64 {
    let done = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let clients = (0..CLIENTS).map(|_| {
        let (http, url, cookie) = (http.clone(), asked.url.clone(), asked.cookie.clone());
        let done = Arc::clone(&done);
        tokio::spawn(async move {
            while begun.elapsed() < TURN {
                let answer = send(&http, Request::get(&url).header(header::COOKIE, &cookie)).await;
                assert!(answer.status().is_success(), "{url}: {}", answer.status());
                body(answer).await;
                done.fetch_add(1, Ordering::Relaxed);
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    per_second(done.load(Ordering::Relaxed), begun.elapsed())
}

/// Changes of a basket, each durable before it is answered: add and undo in turn.
async fn changes(http: &Http, app: SocketAddr, cookie: &str) -> f64 {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let area =
        send(http, Request::get(format!("http://{app}/api/v1/session")).header(header::COOKIE, cookie)).await;
    let session: Session = serde_json::from_slice(&body(area).await).unwrap();
    let bench = session.signed_in.unwrap().bodies()[0].id;
    let done = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let clients = (0..CLIENTS).map(|_| {
        let (http, cookie, done) = (http.clone(), cookie.to_owned(), Arc::clone(&done));
        let url = format!("http://{app}/api/v1/bodies/{bench}/basket");
        tokio::spawn(async move {
            while begun.elapsed() < TURN {
                let number = NEXT.fetch_add(1, Ordering::Relaxed);
                let change = if number.is_multiple_of(2) { "add" } else { "undo" };
                let request = Request::post(&url)
                    .header(header::COOKIE, &cookie)
                    .header(header::CONTENT_TYPE, "application/json")
                    .header("idempotency-key", format!("bench-change-{number}"));
                let asked = format!("{{\"change\":\"{change}\",\"service\":\"formazione-10-ore\"}}");
                let answer = http.request(request.body(Full::from(asked)).unwrap()).await.unwrap();
                // An undo that finds nothing is refused: only what was stored counts.
                if answer.status().is_success() {
                    done.fetch_add(1, Ordering::Relaxed);
                }
                answer.into_body().collect().await.unwrap();
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
    per_second(done.load(Ordering::Relaxed), begun.elapsed())
}

/// What the disk does at most when each write waits for its own fsync.
fn fsyncs(path: &std::path::Path) -> f64 {
    let mut file = File::create(path).unwrap();
    let begun = Instant::now();
    let mut count = 0;
    while begun.elapsed() < TURN {
        file.write_all(&[0; 4_096]).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    per_second(count, begun.elapsed())
}

#[expect(clippy::cast_precision_loss, reason = "sizes and counts are small")]
fn per_second(count: usize, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}

fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    f64::midpoint(figures[(figures.len() - 1) / 2], figures[figures.len() / 2])
}

fn spread(ratios: &mut [f64], times: f64, unit: &str) -> String {
    let middle = median(ratios) * times;
    let (least, most) = (ratios[0] * times, ratios[ratios.len() - 1] * times);
    format!("{middle:>8.2} {unit} (median of {ROUNDS} rounds; {least:.2} to {most:.2})")
}
