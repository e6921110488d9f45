//! A way to the database that can be cut, closed, and led elsewhere, as crates.io's tests have it.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub struct Proxy {
    pub port: u16,
    /// Where it leads; nowhere while the way is closed. Each change cuts every connection.
    target: watch::Sender<Option<SocketAddr>>,
    listening: JoinHandle<()>,
}

impl Proxy {
    pub async fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let (target, leads) = watch::channel(Some(SocketAddr::from(([127, 0, 0, 1], port))));
        let port = listener.local_addr().expect("it has an address").port();
        let listening = tokio::spawn(async move {
            while let Ok((caller, _)) = listener.accept().await {
                tokio::spawn(connect(caller, leads.clone()));
            }
        });
        Self { port, target, listening }
    }

    /// Cuts what is connected, in the middle of whatever is said.
    pub fn cut(&self) {
        self.target.send_modify(|_| {});
    }

    /// Lets nobody through.
    pub fn close(&self) {
        self.target.send_replace(None);
    }

    pub fn lead_to(&self, port: u16) {
        self.target.send_replace(Some(SocketAddr::from(([127, 0, 0, 1], port))));
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn connect(mut caller: TcpStream, mut leads: watch::Receiver<Option<SocketAddr>>) {
    let Some(target) = *leads.borrow_and_update() else { return };
    tokio::select! {
        _ = leads.changed() => {}
        () = async {
            if let Ok(mut server) = TcpStream::connect(target).await {
                let _ = copy_bidirectional(&mut caller, &mut server).await;
            }
        } => {}
    }
}
