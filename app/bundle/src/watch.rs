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

use anyhow::{Context, Result, anyhow, ensure};

use crate::finish::Finish;
use crate::project::{Project, gentle_cargo};
use crate::websocket::Reload;
use crate::{compile, proxy, site};

/// How often the files are looked at: some hundred of them, which takes milliseconds.
const PAUSE: Duration = Duration::from_millis(200);
const PROFILE: &str = "dev";

/// When each file was written.
type ModifiedTimes = BTreeMap<PathBuf, SystemTime>;

/// Serves at the address until it is stopped.
pub fn watch(project: &Project, address: &str) -> Result<()> {
    let listener = TcpListener::bind(address)
        .with_context(|| format!("{address} can't be used (PORT or LEPTOS_SITE_ADDR names another)"))?;
    let address = listener.local_addr()?;
    let behind = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let reload = Arc::new(Reload::default());
    let told = Arc::clone(&reload);
    spawn(move || proxy::serve(&listener, behind, &told));

    let mut server = Server { project, address, behind, running: None };
    let mut seen = ModifiedTimes::new();
    loop {
        let files = files()?;
        let changed: Vec<_> = changed(&seen, &files).collect();
        if !changed.is_empty() {
            if let Err(error) = update(project, &changed, &mut server, &reload) {
                eprintln!("bundle: {error:#}; the next change is waited for");
            }
            seen = files;
        }
        sleep(PAUSE);
    }
}

/// Brings up to date what the changed files are part of, and tells the browser.
fn update(project: &Project, changed: &[&Path], server: &mut Server<'_>, reload: &Reload) -> Result<()> {
    let within =
        |folders: &[&str]| changed.iter().any(|file| folders.iter().any(|folder| file.starts_with(folder)));
    if within(&["style"]) || !project.style_file.exists() {
        build_style()?;
    }
    let site = within(&["app", "public", "style", "Cargo.toml", "Cargo.lock"]);
    let program = build(project, site)?;
    server.restart()?;
    reload.tell();
    // The style keeps the classes that the sources name. Seldom are they others than before: nobody waits for it.
    if within(&["app", "server"]) {
        let style = || fs::read(&project.style_file).unwrap_or_default();
        let before = style();
        build_style()?;
        if style() != before {
            site::lay_out(project, &program, Finish::None)?;
            server.restart()?;
            reload.tell();
        }
    }
    Ok(())
}

/// Builds program and server at the same time, and the site's folder where that is needed; answers where the program
/// is. The server's compiler gives way to the program's, which has more to do afterwards.
fn build(project: &Project, site: bool) -> Result<PathBuf> {
    scope(|threads| {
        let served = threads.spawn(|| build_server(project));
        let program = compile::compile(project, PROFILE)?;
        if site {
            site::lay_out(project, &program, Finish::None)?;
        }
        served.join().map_err(|_| anyhow!("the building of the server panicked"))??;
        Ok(program)
    })
}

fn build_style() -> Result<()> {
    let status = Command::new("npm").args(["--prefix", "style", "run", "--silent", "build"]).status();
    ensure!(status.context("npm is missing")?.success(), "the style can't be built: see above");
    Ok(())
}

fn build_server(project: &Project) -> Result<()> {
    let package = format!("--package={}", project.bin_package);
    let program = format!("--bin={}", project.bin_package);
    let status = gentle_cargo().args(["build", &package, &program]).status().context("cargo can't be run")?;
    ensure!(status.success(), "the server does not compile: see above");
    Ok(())
}

/// The server, which comes and goes.
struct Server<'a> {
    project: &'a Project,
    /// Where people reach it, and where it listens.
    address: SocketAddr,
    behind: SocketAddr,
    running: Option<Child>,
}

impl Server<'_> {
    /// Stops the one that runs and starts the one that was built.
    fn restart(&mut self) -> Result<()> {
        if let Some(mut old) = self.running.take() {
            let _ = old.kill();
            let _ = old.wait();
        }
        let folder = self.project.target.join("debug");
        // It looks for the names of the site's files beside itself.
        fs::copy(self.project.hash_file(), folder.join("hash.txt"))
            .context("hash.txt can't be put beside the server")?;
        let started = Command::new(folder.join(&self.project.bin_package))
            .arg("serve")
            .env_remove("PORT")
            .env("LEPTOS_SITE_ADDR", self.behind.to_string())
            .env("PUBLIC_URL", format!("http://{}", self.address))
            .env("LEPTOS_SITE_ROOT", &self.project.site_root)
            .env("LEPTOS_HASH_FILES", "true")
            .env("LEPTOS_WATCH", "true")
            .env("LEPTOS_RELOAD_PORT", self.address.port().to_string())
            .spawn();
        let running = self.running.insert(started.context("the server can't be started")?);
        // A debug build loads the demonstration before it answers.
        while TcpStream::connect(self.behind).is_err() {
            ensure!(running.try_wait()?.is_none(), "the server ended: see above");
            sleep(PAUSE / 4);
        }
        eprintln!("bundle: http://{} is up to date", self.address);
        Ok(())
    }
}

fn changed<'a>(before: &'a ModifiedTimes, after: &'a ModifiedTimes) -> impl Iterator<Item = &'a Path> {
    let gone = before.keys().filter(|file| !after.contains_key(*file));
    let written = after.iter().filter(|(file, time)| before.get(*file) != Some(time)).map(|(file, _)| file);
    gone.chain(written).map(PathBuf::as_path)
}

/// What the site is made of. This crate is not, for who changes it must start it anew; nor is what `style/` makes or
/// installs.
fn files() -> Result<ModifiedTimes> {
    let mut files = ModifiedTimes::new();
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
        let before = ModifiedTimes::from([
            ("kept".into(), at(1)),
            ("written".into(), at(1)),
            ("deleted".into(), at(1)),
        ]);
        let after =
            ModifiedTimes::from([("kept".into(), at(1)), ("written".into(), at(2)), ("new".into(), at(1))]);
        let mut changed: Vec<_> = changed(&before, &after).collect();
        changed.sort();
        assert_eq!(changed, ["deleted", "new", "written"].map(Path::new));
    }
}
