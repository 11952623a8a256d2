//! How instructions are counted: by callgrind, in processes of their own.

use std::env;
use std::process::{Command, Output};
use std::thread;

use crate::measured::MEASURED;

/// As which this program runs one function a number of times.
pub(crate) const ROLE: &str = "--run";

/// The functions and how many instructions a turn of each takes.
pub(crate) type Counts = Vec<(String, u64)>;

/// Counts all of them, two at a time.
pub(crate) fn all() -> Result<Counts, String> {
    MEASURED.iter().map(|measured| Ok((measured.name.to_owned(), turn(measured.name, measured.turns)?))).collect()
}

/// How many instructions a turn takes.
fn turn(name: &str, turns: u32) -> Result<u64, String> {
    let (once, twice) = thread::scope(|scope| {
        let once = scope.spawn(|| run(name, turns));
        (run(name, 2 * turns), once.join().unwrap())
    });
    Ok((once?.abs_diff(twice?)) / u64::from(turns))
}

/// How many instructions a whole process takes.
fn run(name: &str, turns: u32) -> Result<u64, String> {
    let mut command = under_valgrind("callgrind");
    let output = said(command.args([ROLE, name, &turns.to_string()]))?;
    let told = String::from_utf8_lossy(&output.stderr);
    // `==7== Collected : 123456`.
    let count = told.lines().find_map(|line| line.split_once("Collected : ")?.1.trim().parse().ok());
    count.ok_or_else(|| format!("callgrind tells no count of {name}:\n{told}"))
}

/// This program under a tool of valgrind.
pub(crate) fn under_valgrind(tool: &str) -> Command {
    let mut command = Command::new("valgrind");
    // What lies in the environment lies on the stack, and would shift what is there.
    command.env_clear().env("PATH", env::var_os("PATH").unwrap_or_default());
    command.arg(format!("--tool={tool}"));
    if tool == "callgrind" {
        command.arg("--callgrind-out-file=/dev/null");
    }
    command.arg(env::current_exe().unwrap());
    command
}

/// What a command said that went well.
pub(crate) fn said(command: &mut Command) -> Result<Output, String> {
    let name = command.get_program().to_owned();
    let output = command.output().map_err(|error| format!("nothing is counted: cannot run {name:?}: {error}"))?;
    if !output.status.success() {
        let told = String::from_utf8_lossy(&output.stderr);
        return Err(format!("nothing is counted: {command:?} ended with {}:\n{told}", output.status));
    }
    Ok(output)
}
