//! The program itself, serving as a process of its own, so that it can be killed; and a caller who reaches it.

use std::fs::File;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use axum::body::Bytes;
use axum::http::{Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use model::api::{Method, Operation, encode};

use super::load::{Load, Purse};
use super::now;

/// A server that runs beside the stories.
pub struct Server {
    process: Child,
    pub address: SocketAddr,
    url: String,
    folder: tempfile::TempDir,
}

impl Server {
    /// Starts on a free port, over this database.
    pub fn start(url: &str) -> Self {
        let free = std::net::TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.expect("a free port");
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("pkg")).expect("an empty site");
        let process = spawn(url, address, &folder);
        Self { process, address, url: url.to_owned(), folder }
    }

    /// Ends it as `kill -9` does, in the middle of whatever it does.
    pub fn kill(&mut self) {
        self.process.kill().expect("it is killed");
        self.process.wait().expect("it is gone");
    }

    pub fn start_again(&mut self) {
        self.process = spawn(&self.url, self.address, &self.folder);
    }

    /// Waits for its first answer.
    pub async fn answers(&mut self) {
        let caller = Caller::new(self.address, "127.0.0.1", "");
        let began = now();
        while caller.get("/status").await.is_none_or(|(status, _)| status != 200) {
            let ended = self.process.try_wait().expect("it is watched");
            assert!(ended.is_none() && began.elapsed() < Duration::from_mins(1), "{ended:?}\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// Callers who spend at this server.
    pub fn load(&self, purse: &Purse) -> Load {
        let caller = Caller::new(self.address, &purse.host, &purse.cookie);
        let purse = purse.clone();
        Load::begin(move |number, key| {
            let (caller, purse) = (caller.clone(), purse.clone());
            async move {
                let answer = caller.ask(Some(&key), &purse.spend(number, &key)).await;
                // Anything but an answer, or a plain "not now", is a fault of its own.
                let told = answer.as_ref().map(|(status, _)| *status);
                assert!(matches!(told, None | Some(200 | 503)), "{answer:?}");
                told == Some(200)
            }
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if !std::thread::panicking() {
            let log = self.log();
            assert!(!log.contains("panicked"), "the server panicked:\n{log}");
        }
    }
}

fn spawn(url: &str, address: SocketAddr, folder: &tempfile::TempDir) -> Child {
    let log = File::options().create(true).append(true).open(folder.path().join("log")).expect("a log");
    Command::new(env!("CARGO_BIN_EXE_server"))
        .arg("serve")
        .env_clear()
        .env("DATABASE_URL", url)
        .env("LEPTOS_SITE_ADDR", address.to_string())
        .env("LEPTOS_SITE_ROOT", folder.path())
        .env("LEPTOS_OUTPUT_NAME", "comunanza")
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a log"))
        .stderr(log)
        .spawn()
        .expect("the program starts")
}

/// Who reaches a server over the network.
#[derive(Clone)]
pub struct Caller {
    http: Client<HttpConnector, Full<Bytes>>,
    address: SocketAddr,
    host: String,
    cookie: String,
}

/// Status and text of an answer; none when the connection broke.
pub type Answer = Option<(u16, String)>;

impl Caller {
    pub fn new(address: SocketAddr, host: &str, cookie: &str) -> Self {
        let http = Client::builder(TokioExecutor::new()).build_http();
        Self { http, address, host: host.to_owned(), cookie: cookie.to_owned() }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(format!("http://{}{path}", self.address)), String::new()).await
    }

    pub async fn ask<O: Operation>(&self, key: Option<&str>, operation: &O) -> Answer {
        let sent = encode(operation);
        let url = format!("http://{}{}", self.address, sent.path);
        let request = if O::METHOD == Method::Get { Request::get(url) } else { Request::post(url) };
        let request = request
            .header(header::CONTENT_TYPE, "application/json")
            .header("idempotency-key", key.unwrap_or_default());
        self.send(request, sent.body).await
    }

    async fn send(&self, request: axum::http::request::Builder, body: String) -> Answer {
        let request = request.header(header::HOST, &self.host).header(header::COOKIE, &self.cookie);
        let request = request.body(Full::from(body)).expect("a request");
        let (parts, body) = self.http.request(request).await.ok()?.into_parts();
        let bytes = body.collect().await.ok()?.to_bytes();
        Some((parts.status.as_u16(), String::from_utf8_lossy(&bytes).into_owned()))
    }
}
