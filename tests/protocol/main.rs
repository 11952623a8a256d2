//! Holds cooee-protocol(7) to the code: its tables, its test vectors, its numbers, and the peer in Python that it shows.
//!
//! The page marks what is read here by comments, "begin NAME" and "end NAME". Without `python3`, the tests that need it
//! say so aloud and count as passed; `COOEE_PYTHON_TESTS=required` makes that a failure.

#![allow(clippy::disallowed_methods, reason = "processes and the kernel live in real time")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod format;
mod lab;
mod limits;
mod numbers;
mod page;
#[cfg(unix)]
#[path = "../lan/process.rs"]
#[allow(dead_code, reason = "the tests of the virtual LAN use all of it")]
mod process;
#[cfg(unix)]
mod program;
mod reading;
mod repetition;
mod sealing;
#[cfg(unix)]
mod spread;
mod telling;

use page::{PAGE, literal, part, rows};
