//! Runs a scenario from many seeds, and says which one it fails with.

use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Seeds that a scenario is run from, unless the environment says otherwise.
const USUAL_COUNT: u64 = 200;

/// Runs `scenario` from each seed of the sweep.
pub(crate) fn sweep(scenario: impl Fn(u64)) {
    sweep_some(USUAL_COUNT, scenario);
}

/// Runs a scenario that takes long, from so many seeds unless the environment says otherwise.
pub(crate) fn sweep_some(usual_count: u64, scenario: impl Fn(u64)) {
    let seeds = match (number("COOEE_SEED"), number("COOEE_SEEDS")) {
        (Some(seed), _) => seed..seed + 1,
        (None, count) => 0..count.unwrap_or(usual_count),
    };
    for seed in seeds {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| scenario(seed))) {
            eprintln!("this was seed {seed}: run it again with COOEE_SEED={seed}");
            resume_unwind(panic);
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    let value = env::var(variable).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{variable} is not a number: {value}")))
}
