//! What each part of it costs, in time and in allocations: `cargo bench --bench parts`. It takes a minute and judges
//! nothing; whether the hot path got slower, benches/instructions tells.
//!
//! `cargo bench --bench parts -- WORD` measures only what has the word in its name: wire, trust, node, ui, or what is
//! printed below these. Absolute times depend on the machine, and on what else it does: compare only medians that one
//! machine printed in one hour.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed measurement")]

#[allow(dead_code, reason = "others use more of it")]
#[path = "../scene/mod.rs"]
mod scene;
/// The command, as it is in the program: gate and look are no part of the library.
#[allow(dead_code, unused_imports, reason = "the program uses more of it, and so do its tests, which are not run here")]
#[path = "../../src/ui/mod.rs"]
mod ui;

mod node;
mod showing;
mod trust;
mod wire;

/// Counts the allocations of what is measured.
#[global_allocator]
static ALLOCATOR: divan::AllocProfiler = divan::AllocProfiler::system();

fn main() {
    divan::main();
}
