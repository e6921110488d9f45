//! Tells browsers to load their page again, over the WebSocket that the script of Leptos' `AutoReload` opens.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::{Condvar, Mutex, PoisonError};

use anyhow::{Context, Result};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha1::{Digest, Sha1};

/// The path that the script asks for.
pub const PATH: &str = "/live_reload";
/// By RFC 6455, 1.3.
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const MESSAGE: &str = r#"{"css":null,"view":null,"all":true}"#;

/// How many times browsers were told to reload.
#[derive(Default)]
pub struct Reload {
    count: Mutex<usize>,
    changed: Condvar,
}

impl Reload {
    pub fn tell(&self) {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.changed.notify_all();
    }

    fn wait(&self) {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *count;
        drop(self.changed.wait_while(count, |count| *count == before));
    }
}

/// Takes up the connection of a browser, and tells it once.
pub fn serve(mut stream: TcpStream, reload: &Reload) -> Result<()> {
    let mut key = None;
    for line in BufReader::new(stream.try_clone()?).lines() {
        let line = line?;
        match line.split_once(':') {
            Some((name, value)) if name.eq_ignore_ascii_case("sec-websocket-key") => {
                key = Some(value.trim().to_owned());
            }
            None if line.is_empty() => break,
            _ => {}
        }
    }
    let accept = accept(&key.context("this is no WebSocket")?);
    write!(
        stream,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    )?;
    reload.wait();
    stream.write_all(&frame(MESSAGE))?;
    Ok(())
}

fn accept(key: &str) -> String {
    BASE64_STANDARD.encode(Sha1::digest([key, GUID].concat()))
}

/// The whole of a short text in one frame.
fn frame(text: &str) -> Vec<u8> {
    const { assert!(MESSAGE.len() < 126, "a longer text has its length written otherwise") };
    let length = u8::try_from(text.len()).unwrap_or_default();
    [&[0x81, length], text.as_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_that_of_the_standard() {
        assert_eq!(accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }

    #[test]
    fn a_text_is_framed() {
        assert_eq!(frame("Hello"), [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f]);
    }
}
