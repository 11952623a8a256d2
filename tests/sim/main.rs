//! The protocol on a simulated LAN: many nodes in one process, in virtual time, from one seed.
//!
//! A failing run prints its seed; `COOEE_SEED=that-seed cargo test --test sim NAME` runs it again, the same to the
//! microsecond. `COOEE_SEEDS=1000` sweeps more seeds than usual.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test may be blunt, and tells")]

mod crowd;
mod finding;
mod lan;
mod model;
mod seeds;
mod simulator;
mod talking;
