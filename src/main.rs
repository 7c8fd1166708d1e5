//! Parses the command line, runs the command, and prints what went wrong.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use steepest::cli::{Cli, Failure};

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { message, code }) => {
            if !message.is_empty() {
                // Where even this cannot be said, the exit code says it.
                let _ = writeln!(std::io::stderr(), "error: {message}");
            }
            ExitCode::from(code)
        }
    }
}
