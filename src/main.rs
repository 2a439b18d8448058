//! Parse, run, exit code.

use std::process::ExitCode;

use clap::Parser;
use esdr::{
    cli::Cli,
    commands::{dispatch::dispatch, session::Session},
    outcome::exit,
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    match runtime {
        Ok(runtime) => ExitCode::from(runtime.block_on(dispatch(&cli, &Session::open))),
        Err(_) => ExitCode::from(exit::UNEXPECTED),
    }
}
