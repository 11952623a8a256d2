//! Signals that end a program: goodbye is said first, and then it ends as the signal would have it.

use std::process::ExitCode;

use crossbeam_channel::Receiver;

#[cfg(unix)]
mod system {
    use std::thread;

    use crossbeam_channel::{bounded, never};
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;

    use super::*;

    pub(crate) fn watch() -> Receiver<i32> {
        // Where the system refuses, a signal ends the program at once, without a goodbye: the others find out.
        let Ok(mut signals) = Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return never() };
        let (sender, receiver) = bounded(4);
        // One that finds the channel full is one more of those that are in it.
        let forward = move || {
            for signal in signals.forever() {
                let _ = sender.try_send(signal);
            }
        };
        let started = thread::Builder::new().name("cooee-signals".into()).spawn(forward);
        started.map_or_else(|_| never(), |_| receiver)
    }

    pub(crate) fn end_by(signal: i32) -> ExitCode {
        let _ = signal_hook::low_level::emulate_default_handler(signal);
        // Not reached by a signal that ends a program.
        ExitCode::from(128_u8.saturating_add(u8::try_from(signal).unwrap_or(0)))
    }
}

#[cfg(not(unix))]
mod system {
    use super::*;

    pub(crate) fn watch() -> Receiver<i32> {
        crossbeam_channel::never()
    }

    pub(crate) fn end_by(_: i32) -> ExitCode {
        ExitCode::FAILURE
    }
}

/// Has SIGINT, SIGTERM and SIGHUP sent to a channel from now on instead of ending the program.
pub(crate) use system::watch;

/// Ends the program by a signal, as if it had not been handled.
pub(crate) use system::end_by;
