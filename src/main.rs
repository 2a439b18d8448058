//! Parse, run, exit code.

use std::process::ExitCode;

use clap::Parser;
use esdr::{
    cli::Cli,
    commands::{
        dispatch::{dispatch, run_to_exit},
        session::Session,
    },
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    run_to_exit(dispatch(&cli, &Session::open))
}
