//! The program itself: from its start to its first answer, and the memory that it takes.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::figures::{ROUNDS, median};
use crate::web::Web;

/// `database` holds an installation already.
pub async fn run(database: &str, folder: &Path) {
    let web = Web::new();
    let mut starts = Vec::new();
    for _ in 0..ROUNDS {
        let (mut server, _, took) = start(&web, database).await;
        starts.push(took.as_secs_f64() * 1_000.0);
        stop(&mut server);
    }
    println!("from start to first answer {:>34.0} ms (median of {ROUNDS})", median(&mut starts));
    let (mut server, at, _) = start(&web, database).await;
    let idle = memory(&server);
    web.rate(&format!("{at}/servizi"), "", 32).await;
    web.rate(&format!("{at}/"), "", 32).await;
    println!("memory, idle and after 32 clients {:>27.0} and {:.0} MB", idle, memory(&server));
    stop(&mut server);
    let _ = std::fs::remove_dir_all(folder.join("nothing"));
}

async fn start(web: &Web, database: &str) -> (Child, String, Duration) {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let begun = Instant::now();
    let mut server = Command::new(env!("CARGO_BIN_EXE_server"))
        .arg("serve")
        .env("DATABASE_URL", database)
        .env("DEMO", "1")
        .env("PORT", port.to_string())
        .env("LEPTOS_SITE_ROOT", "target/site")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let at = format!("http://127.0.0.1:{port}");
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(server.try_wait().unwrap().is_none(), "the server stopped");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    assert!(web.get(&format!("{at}/status"), "").await.status().is_success());
    (server, at, begun.elapsed())
}

fn stop(server: &mut Child) {
    server.kill().unwrap();
    server.wait().unwrap();
}

/// Resident, in megabytes.
fn memory(server: &Child) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse::<f64>().unwrap() / 1_000.0
}
