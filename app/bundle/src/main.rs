//! Builds what the browser loads: the program in WebAssembly with its portions, the style, the files of `public/`.
//!
//! ```text
//! bundle front PROFILE [--full]   builds the site's folder; --full makes its files as small as can be
//! bundle watch ADDRESS            serves the site there, builds it anew after each change, reloads the browser
//! ```
//!
//! Where things are stands in `[[workspace.metadata.leptos]]` of Cargo.toml, which cargo-leptos reads as well.

mod compile;
mod finish;
mod names;
mod parallel;
mod project;
mod proxy;
mod site;
mod watch;
mod websocket;

use std::process::ExitCode;

use anyhow::{Result, bail};

use crate::finish::Finish;
use crate::project::Project;

const USAGE: &str = "usage: bundle front PROFILE [--full] | bundle watch ADDRESS";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bundle: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<()> {
    match arguments {
        ["front", profile] => site::build(&Project::read()?, profile, Finish::Quick),
        ["front", profile, "--full"] => site::build(&Project::read()?, profile, Finish::Full),
        ["watch", address] => watch::watch(&Project::read()?, address),
        _ => bail!(USAGE),
    }
}
