//! The marketplace's program. What it can be told to do stands in [`server::commands`].

use std::process::ExitCode;

use clap::Parser as _;
use server::commands::{self, Program};

#[tokio::main]
async fn main() -> ExitCode {
    match commands::run(Program::parse()).await {
        Ok(said) => {
            print!("{said}");
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}
