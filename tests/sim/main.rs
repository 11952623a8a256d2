//! The protocol on a simulated LAN: many nodes in one process, in virtual time, from one seed.
//!
//! A failing run prints its seed; `COOEE_SEED=that-seed cargo test --test sim NAME` runs it again, the same to the
//! microsecond. `COOEE_SEEDS=1000` sweeps more seeds than usual, and `COOEE_TRACE=1` prints what happens.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr, reason = "a test may be blunt, and tells")]

mod chaos;
mod claims;
mod crowd;
mod finding;
mod forged;
mod garbled;
mod healing;
mod health;
mod lan;
mod long_texts;
mod model;
mod one_way;
mod pinging;
mod private;
mod remote;
mod repair;
mod replay;
mod rooms;
mod seeds;
mod simulator;
mod talking;
mod two_lans;
mod walled;
mod weather;
