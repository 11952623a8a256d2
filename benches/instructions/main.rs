//! How many instructions the hot path takes, counted by callgrind, which is the same on a busy machine and on an idle one:
//! `cargo run --profile test --example instructions`. It fails where something takes over 5 % more than
//! `expected.toml` says, and names it. It takes some twenty seconds, and needs valgrind.
//!
//! With `-- --record` behind it, `expected.toml` is written anew; it is to be committed with what has changed the counts.
//!
//! Counts depend on the compiler and its settings, on libc, whose allocator is counted with the rest, and, by signatures
//! and seals, on what the processor can do; all of which is the same wherever they are to be compared but for the
//! processor. Valgrind 3.19 shows programs a processor of its own, with AVX2 where the real one has it and neither
//! AVX-512 nor SHA instructions, so that all processors from about 2015 on count the same. With which of all these was
//! counted stands in `expected.toml` and is told where anything has changed. It is counted as the tests are built,
//! which has been done by then: a release would take minutes more, and what grows there grows here.
//!
//! Each function is run a number of times in a process of its own, and twice as often in another: what the second one
//! takes more, that many turns take, and all that goes before and after is left out.

#![allow(clippy::print_stderr, clippy::print_stdout, reason = "this is a command")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed measurement")]

mod conditions;
mod counting;
mod expected;
mod measured;
#[allow(dead_code, unused_imports, reason = "others use more of it")]
#[path = "../scene/mod.rs"]
mod scene;
/// The gate alone: the rest of what it is part of is not needed.
#[path = "../../src/ui"]
mod ui {
    #[allow(dead_code, reason = "the program uses more of it")]
    pub(crate) mod safe;
}

use std::env;
use std::process::ExitCode;

use expected::{Expected, Verdict};

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [counting::ROLE, name, turns] => measured::run(name, turns.parse().unwrap()),
        [conditions::ROLE] => conditions::tell(),
        _ => return count(words.iter().any(|word| word == "--record")),
    }
    ExitCode::SUCCESS
}

fn count(records: bool) -> ExitCode {
    let counted = conditions::now().and_then(|conditions| Ok(Expected { conditions, counts: counting::all()? }));
    match counted.and_then(|counted| if records { counted.write() } else { compare(&counted) }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

/// Prints each count beside the recorded one; where one is too high, the error says which.
fn compare(counted: &Expected) -> Result<(), String> {
    let recorded = Expected::read()?;
    let lines = recorded.against(counted);
    lines.iter().for_each(|(line, _)| println!("{line}"));
    let told = |verdict: Verdict| -> Vec<&str> {
        lines.iter().filter(|(_, of_line)| *of_line == verdict).map(|(line, _)| line.as_str()).collect()
    };
    let (worse, better) = (told(Verdict::Worse), told(Verdict::Better));
    if !better.is_empty() {
        println!("\nfaster than recorded; `-- --record` keeps it so:\n{}", better.join("\n"));
    }
    if worse.is_empty() {
        return Ok(());
    }
    let changed = recorded.conditions.changed(&counted.conditions);
    Err(format!("\nmore instructions than recorded (before, now):\n{}\n{changed}", worse.join("\n")))
}
