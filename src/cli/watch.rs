//! Looking again and again.

use std::time::Duration;

use clap::Args;

use crate::duration;

/// How a command that looks goes on looking.
#[derive(Args, Clone, Debug, Eq, PartialEq)]
pub struct WatchArgs {
    /// Look again every so many seconds, until Ctrl-C
    #[arg(
        long,
        value_name = "SECONDS",
        num_args = 0..=1,
        default_missing_value = "5",
        value_parser = pause,
    )]
    pub watch: Option<Duration>,
}

/// The time between two looks: plain seconds or a length of time, above zero.
fn pause(text: &str) -> Result<Duration, String> {
    let time = match text.parse::<u32>() {
        Ok(seconds) => Duration::from_secs(u64::from(seconds)),
        Err(_) => duration::parse(text).map_err(|error| error.to_string())?,
    };
    if time.is_zero() { Err("must be longer than zero".to_owned()) } else { Ok(time) }
}
