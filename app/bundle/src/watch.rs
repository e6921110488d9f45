//! Serves the site while somebody works on it: builds what a change asks for, starts the server anew, reloads the
//! browser.

use std::collections::BTreeMap;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::sync::Arc;
use std::thread::{scope, sleep, spawn};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};

use crate::finish::Finish;
use crate::project::{Project, cargo};
use crate::websocket::Reload;
use crate::{compile, proxy, site};

/// How often the files are looked at: some hundred of them, which takes milliseconds.
const PAUSE: Duration = Duration::from_millis(200);
const PROFILE: &str = "dev";

/// When each file was written.
type Files = BTreeMap<PathBuf, SystemTime>;

/// Serves at the address until it is stopped.
pub fn watch(project: &Project, address: &str) -> Result<()> {
    let listener = TcpListener::bind(address)
        .with_context(|| format!("{address} can't be used (PORT or LEPTOS_SITE_ADDR names another)"))?;
    let address = listener.local_addr()?;
    let behind = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let reload = Arc::new(Reload::default());
    let told = Arc::clone(&reload);
    spawn(move || proxy::serve(&listener, behind, &told));

    let (mut seen, mut server) = (Files::new(), None);
    loop {
        let files = files()?;
        let changed: Vec<_> = changed(&seen, &files).collect();
        if !changed.is_empty() {
            match build(project, &changed).and_then(|()| restart(project, &mut server, address, behind)) {
                Ok(()) => reload.tell(),
                Err(error) => eprintln!("bundle: {error:#}; the next change is waited for"),
            }
            seen = files;
        }
        sleep(PAUSE);
    }
}

/// Builds what the changed files are part of: style, program and server at the same time.
fn build(project: &Project, changed: &[&Path]) -> Result<()> {
    let within =
        |folders: &[&str]| changed.iter().any(|file| folders.iter().any(|folder| file.starts_with(folder)));
    let (program, sources) =
        (within(&["app", "Cargo.toml", "Cargo.lock"]), within(&["app", "server", "style"]));
    let style = || fs::read(&project.style_file).unwrap_or_default();
    let style_before = style();
    scope(|threads| {
        // The style keeps the classes that the sources name.
        let styled = threads.spawn(move || if sources { build_style() } else { Ok(()) });
        let served = threads.spawn(|| build_server(project));
        let compiled = compile::compile(project, PROFILE)?;
        joined(styled.join())?;
        if program || style() != style_before || within(&["public"]) {
            site::lay_out(project, &compiled, Finish::Quick)?;
        }
        joined(served.join())
    })
}

fn joined(result: std::thread::Result<Result<()>>) -> Result<()> {
    result.unwrap_or_else(|_| Err(anyhow::anyhow!("a step of the build panicked")))
}

fn build_style() -> Result<()> {
    let status = Command::new("npm").args(["--prefix", "style", "run", "--silent", "build"]).status();
    ensure!(status.context("npm is missing")?.success(), "the style can't be built: see above");
    Ok(())
}

fn build_server(project: &Project) -> Result<()> {
    let package = format!("--package={}", project.bin_package);
    let program = format!("--bin={}", project.bin_package);
    let status = cargo().args(["build", &package, &program]).status().context("cargo can't be run")?;
    ensure!(status.success(), "the server does not compile: see above");
    Ok(())
}

/// Stops the server that runs and starts the one that was built.
fn restart(
    project: &Project,
    server: &mut Option<Child>,
    address: SocketAddr,
    behind: SocketAddr,
) -> Result<()> {
    if let Some(mut old) = server.take() {
        let _ = old.kill();
        let _ = old.wait();
    }
    let folder = project.target.join("debug");
    // The server looks for the names of the site's files beside itself.
    fs::copy(project.hash_file(), folder.join("hash.txt"))
        .context("the site's names can't be put beside the server")?;
    let started = Command::new(folder.join(&project.bin_package))
        .arg("serve")
        .env_remove("PORT")
        .env("LEPTOS_SITE_ADDR", behind.to_string())
        .env("PUBLIC_URL", format!("http://{address}"))
        .env("LEPTOS_SITE_ROOT", &project.site_root)
        .env("LEPTOS_HASH_FILES", "true")
        .env("LEPTOS_WATCH", "true")
        .env("LEPTOS_RELOAD_PORT", address.port().to_string())
        .spawn();
    let running = server.insert(started.context("the server can't be started")?);
    wait_for_answer(running, behind)?;
    eprintln!("bundle: http://{address} is up to date");
    Ok(())
}

/// As long as it runs: a debug build loads the demonstration first.
fn wait_for_answer(server: &mut Child, address: SocketAddr) -> Result<()> {
    while TcpStream::connect(address).is_err() {
        ensure!(server.try_wait()?.is_none(), "the server ended: see above");
        sleep(PAUSE / 4);
    }
    Ok(())
}

fn changed<'a>(before: &'a Files, after: &'a Files) -> impl Iterator<Item = &'a Path> {
    let gone = before.keys().filter(|file| !after.contains_key(*file));
    let written = after.iter().filter(|(file, time)| before.get(*file) != Some(time)).map(|(file, _)| file);
    gone.chain(written).map(PathBuf::as_path)
}

/// What the site is made of. This crate is not, for who changes it must start it anew; nor is what `style/` makes or
/// installs.
fn files() -> Result<Files> {
    let mut files = Files::new();
    let mut paths: Vec<_> =
        ["app", "server", "style", "public", "Cargo.toml", "Cargo.lock"].map(PathBuf::from).into();
    while let Some(path) = paths.pop() {
        if ["app/bundle", "style/dist", "style/node_modules"].iter().any(|apart| path == Path::new(apart)) {
            continue;
        }
        let Ok(about) = fs::metadata(&path) else {
            continue;
        };
        if about.is_dir() {
            paths.extend(fs::read_dir(&path)?.flatten().map(|entry| entry.path()));
        } else {
            files.insert(path, about.modified()?);
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_written_and_deleted_files_are_changes() {
        let at = |seconds| SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        let before =
            Files::from([("kept".into(), at(1)), ("written".into(), at(1)), ("deleted".into(), at(1))]);
        let after = Files::from([("kept".into(), at(1)), ("written".into(), at(2)), ("new".into(), at(1))]);
        let mut changed: Vec<_> = changed(&before, &after).collect();
        changed.sort();
        assert_eq!(changed, ["deleted", "new", "written"].map(Path::new));
    }
}
