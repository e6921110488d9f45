//! What listens at the site's address while the server behind it comes and goes.
//!
//! A request that comes while the server starts waits for it. The WebSocket for reloading is at the same address as the
//! pages, because their content security policy allows no other.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::{sleep, spawn};
use std::time::Duration;

use anyhow::Result;

use crate::websocket::{self, Reload};

/// How often a server that starts is tried again.
const PAUSE: Duration = Duration::from_millis(50);
/// Two minutes: a debug build loads the demonstration before it answers.
const TRIES: usize = 2_400;

/// Serves for ever.
pub fn serve(listener: &TcpListener, server: SocketAddr, reload: &Arc<Reload>) {
    for stream in listener.incoming().flatten() {
        let reload = Arc::clone(reload);
        spawn(move || {
            // A browser that goes away is no fault.
            let _ = if asks_for_reload(&stream) {
                websocket::serve(stream, &reload)
            } else {
                pass_on(&stream, server)
            };
        });
    }
}

fn asks_for_reload(stream: &TcpStream) -> bool {
    let wanted = format!("GET {} ", websocket::PATH);
    let mut start = vec![0; wanted.len()];
    stream.peek(&mut start).is_ok_and(|length| length == wanted.len()) && start == wanted.as_bytes()
}

/// Copies what either side says to the other.
fn pass_on(browser: &TcpStream, server: SocketAddr) -> Result<()> {
    let server = connect(server)?;
    let (from_browser, to_server) = (browser.try_clone()?, server.try_clone()?);
    spawn(move || copy(&from_browser, &to_server));
    copy(&server, browser);
    Ok(())
}

fn copy(mut from: &TcpStream, mut to: &TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}

/// Waits for the server to answer.
fn connect(server: SocketAddr) -> io::Result<TcpStream> {
    for _ in 1..TRIES {
        if let Ok(stream) = TcpStream::connect(server) {
            return Ok(stream);
        }
        sleep(PAUSE);
    }
    TcpStream::connect(server)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    /// A proxy, and what is behind it.
    fn started() -> (SocketAddr, TcpListener, Arc<Reload>) {
        let [front, back] = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").expect("a port"));
        let [address, server] = [&front, &back].map(|listener| listener.local_addr().expect("its address"));
        let reload = Arc::new(Reload::default());
        let told = Arc::clone(&reload);
        spawn(move || serve(&front, server, &told));
        (address, back, reload)
    }

    #[test]
    fn a_request_reaches_the_server_and_the_answer_the_browser() {
        let (address, server, _) = started();
        let mut browser = TcpStream::connect(address).expect("connected");
        browser.write_all(b"GET / HTTP/1.1\r\n\r\n").expect("sent");
        let (mut request, _) = server.accept().expect("passed on");
        let mut text = [0; 14];
        request.read_exact(&mut text).expect("read");
        assert_eq!(&text, b"GET / HTTP/1.1");
        request.write_all(b"answer").expect("sent");
        drop(request);
        let mut answer = [0; 6];
        browser.read_exact(&mut answer).expect("read");
        assert_eq!(&answer, b"answer");
    }

    #[test]
    fn a_browser_that_waits_is_told_to_reload() {
        let (address, _server, reload) = started();
        let mut browser = TcpStream::connect(address).expect("connected");
        let request = "GET /live_reload HTTP/1.1\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        browser.write_all(request.as_bytes()).expect("sent");
        let told = spawn(move || {
            let mut answer = Vec::new();
            browser.read_to_end(&mut answer).map(|_| answer)
        });
        for _ in 0..100 {
            if told.is_finished() {
                break;
            }
            reload.tell();
            sleep(PAUSE);
        }
        let answer = told.join().expect("ended").expect("read");
        assert!(String::from_utf8_lossy(&answer).ends_with(r#""all":true}"#));
    }
}
