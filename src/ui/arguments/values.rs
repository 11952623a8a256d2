//! What a value may be.

use std::num::NonZeroU32;
use std::time::Duration;

use cooee::node::Rate;

pub(super) fn seconds(typed: &str) -> Result<Duration, String> {
    const MOST: f64 = 3600.0;
    match typed.parse::<f64>() {
        Ok(seconds) if (0.0..=MOST).contains(&seconds) => Ok(Duration::from_secs_f64(seconds)),
        _ => Err(format!("not a number of seconds from 0 to {MOST}")),
    }
}

pub(super) fn count(typed: &str) -> Result<u64, String> {
    typed.parse().ok().filter(|count| *count > 0).ok_or_else(|| "not a number of lines from 1".to_owned())
}

pub(super) fn rate(typed: &str) -> Result<Rate, String> {
    /// More than any machine sends.
    const MOST: u32 = 1_000_000;
    if typed == "max" {
        return Ok(Rate::Max);
    }
    let rate = typed.parse().ok().filter(|rate: &NonZeroU32| rate.get() <= MOST);
    rate.map(Rate::PerSecond).ok_or_else(|| format!("not a number of datagrams from 1 to {MOST}, nor max"))
}

pub(super) fn rounds(typed: &str) -> Result<u64, String> {
    typed.parse().ok().filter(|count| *count > 0).ok_or_else(|| "not a number of rounds from 1".to_owned())
}

/// Most lines of history: peers tell of no more.
pub(crate) const HISTORY_MAX: u32 = 1000;

pub(super) fn history(typed: &str) -> Result<u32, String> {
    let lines = typed.parse().ok().filter(|lines| *lines <= HISTORY_MAX);
    lines.ok_or_else(|| format!("not a number of lines from 0 to {HISTORY_MAX}"))
}

pub(super) fn logged(typed: &str) -> Result<usize, String> {
    /// The places of so many lines are held while the log is read, in some 30 MiB.
    const MOST: usize = 1_000_000;
    let count = typed.parse().ok().filter(|count| (1..=MOST).contains(count));
    count.ok_or_else(|| format!("not a number of lines from 1 to {MOST}"))
}

pub(super) fn port(typed: &str) -> Result<u16, String> {
    typed.parse().ok().filter(|port| *port > 0).ok_or_else(|| "not a port from 1 to 65535".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn history_is_bounded() {
        assert_eq!((history("0"), history("1000")), (Ok(0), Ok(1000)));
        for bad in ["-1", "1001", "", "x"] {
            assert!(history(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_rate_is_a_number_or_the_most_that_can_be() {
        assert_eq!((rate("500"), rate("max")), (Ok(Rate::DEFAULT), Ok(Rate::Max)));
        for bad in ["0", "-1", "1000001", "1.5", "Max", ""] {
            assert!(rate(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn seconds_are_bounded() {
        assert_eq!(seconds("0.3"), Ok(Duration::from_millis(300)));
        for bad in ["-1", "inf", "NaN", "3601", "", "x"] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}
