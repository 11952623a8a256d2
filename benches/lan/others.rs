//! Programs that people would take instead: Serf where it is installed, and a small one of mdns-sd that is built here.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, fs};

use crate::network::Network;
use crate::process::{LIMIT, Running, Stream};
use crate::programs::Program;
use crate::saying::Arrived;
use crate::{Bench, floor, pause, tell};

/// With nothing built yet, and a slow line to the registry.
const BUILDING: Duration = Duration::from_secs(300);

/// Those that are there.
pub(crate) struct Others {
    serf: Result<PathBuf, String>,
    mdns: Result<PathBuf, String>,
}

impl Others {
    /// Looks for the one and builds the other.
    pub(crate) fn look() -> Self {
        Self { serf: find_serf(), mdns: build_mdns() }
    }

    /// None of them.
    pub(crate) fn none(why: &str) -> Self {
        Self { serf: Err(why.to_owned()), mdns: Err(why.to_owned()) }
    }

    /// Serf's file.
    pub(crate) fn serf(&self) -> Result<&Path, String> {
        self.serf.as_deref().map_err(String::clone)
    }

    /// The file of the program with mdns-sd.
    pub(crate) fn mdns(&self) -> Result<&Path, String> {
        self.mdns.as_deref().map_err(String::clone)
    }

    /// Which are not there, and why.
    pub(crate) fn left_out(&self) -> Vec<String> {
        let named = [("Serf", self.serf()), ("mdns-sd", self.mdns())];
        named.into_iter().filter_map(|(name, file)| Some(format!("{name} is left out: {}.", file.err()?))).collect()
    }
}

fn find_serf() -> Result<PathBuf, String> {
    let path = env::var("PATH").unwrap_or_default() + ":/usr/sbin:/usr/local/bin";
    let mut files = env::split_paths(&path).map(|folder| folder.join("serf"));
    files.find(|file| file.is_file()).ok_or_else(|| "`serf` is not installed (Debian package serf)".to_owned())
}

fn build_mdns() -> Result<PathBuf, String> {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/mdns/Cargo.toml");
    let target = concat!(env!("CARGO_TARGET_TMPDIR"), "/mdns");
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    tell("nothing yet: the program with mdns-sd is built");
    let words = ["build", "--quiet", "--release", "--locked", "--manifest-path", manifest, "--target-dir", target];
    let built = crate::attempt(|| {
        let mut building = Running::start(Command::new(cargo).args(words));
        building.close_stdin();
        let ended = building.wait(BUILDING);
        let said = building.heard().iter().find(|line| line.text.starts_with("error")).map(|line| line.text.clone());
        if ended.success() { Ok(()) } else { Err(said.unwrap_or_else(|| ended.to_string())) }
    });
    let file = PathBuf::from(target).join("release/cooee-mdns");
    built.and_then(|ended| ended).map_err(|why| format!("benches/mdns is not built: {why}")).map(|()| file)
}

/// The bytes of a program's file.
pub(crate) fn size(file: &Path) -> Result<u64, String> {
    fs::metadata(file).map(|file| file.len()).map_err(|error| format!("{}: {error}", file.display()))
}

/// So many user events from one host of Serf's to so many, one after the other as fast as `serf event` ends.
pub(crate) fn serf_events(bench: &Bench, percent: u32, hearers: usize, events: usize) -> Result<String, String> {
    let serf = bench.others.serf()?;
    bench.lan_with_loss(percent)?;
    crate::attempt(|| {
        let network = Network::new(hearers + 1).unwrap();
        Program::Serf.prepare(&network, hearers + 1);
        let mut runs: Vec<Running> = (0..=hearers).map(|i| Program::Serf.start(bench, network.host(i), i)).collect();
        for run in &mut runs {
            for _ in 0..=hearers {
                run.expect_line(Stream::Out, |line| line.contains("EventMemberJoin: "), LIMIT);
            }
        }
        network.loss(f64::from(percent) / 100.0);
        for number in 0..events {
            let name = floor::text(number);
            let words = ["event", "-coalesce=false", &name];
            let said = network.host(0).command(serf).args(words).output().unwrap();
            assert!(said.status.success(), "serf event: {}", String::from_utf8_lossy(&said.stderr));
        }
        // Gossip goes on for a few rounds of 200 ms each.
        pause(Duration::from_secs(3));
        let numbers = runs[1..].iter_mut().map(events_heard).collect::<Vec<_>>();
        Arrived::of(&numbers, events).to_string()
    })
}

/// The numbers of the events that a run of Serf's tells of, in order.
fn events_heard(run: &mut Running) -> Vec<usize> {
    let lines = run.heard().iter().filter(|line| line.stream == Stream::Out);
    lines.filter_map(|line| floor::number(line.text.split_once("Received event: user-event: ")?.1)).collect()
}
