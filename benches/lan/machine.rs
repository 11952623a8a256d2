//! When and on what it was measured.

use std::{fs, thread};

/// One line: the date, the processor and how many there are of it, the kernel, and how busy it all was before.
pub(crate) fn account() -> String {
    let date = chrono::Local::now().format("%Y-%m-%d");
    let cores = thread::available_parallelism().map_or(0, usize::from);
    let kernel = read("/proc/sys/kernel/osrelease");
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    format!("{date}, {}, cores: {cores}, Linux {}, load before: {load}", processor(), kernel.trim())
}

fn processor() -> String {
    let all = read("/proc/cpuinfo");
    let name = all.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
    name.unwrap_or("an unnamed processor").to_owned()
}

fn read(file: &str) -> String {
    fs::read_to_string(file).unwrap_or_default()
}
