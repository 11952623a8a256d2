//! The program as a process among others: its streams, signals and children, and the shell that completes its words.
//! Whatever is sent stays on loopback.

#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "processes live in real time")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod completing;
mod executing;
mod signals;
mod streams;

#[allow(dead_code, reason = "another test program uses the rest")]
#[path = "../lan/process.rs"]
mod running;

use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use running::{LIMIT, Running, Stream};

/// What somebody may have set for himself is not for the tests.
const VARIABLES: [&str; 7] =
    ["COOEE_NICK", "COOEE_ROOM", "COOEE_PORT", "COOEE_IDENTITY", "COOEE_PASSPHRASE", "NO_COLOR", "CLICOLOR_FORCE"];

/// Runs of one user on a port of their own, and the folder with what they keep.
struct Place {
    port: String,
    folder: TempDir,
}

impl Place {
    /// No two of a number in this process, nor most likely in another one that runs at the same time: far enough from
    /// the next one for the runs' own ports, which lie behind it.
    fn new(number: u32) -> Self {
        let port = (10_000 + (std::process::id() % 80) * 200 + number * 20).to_string();
        Self { port, folder: TempDir::new().unwrap() }
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Sets what holds for each run here.
    fn set(&self, command: &mut Command) {
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command.env("COOEE_INTERFACE", "lo").env("COOEE_PORT", &self.port);
        for variable in ["XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
            command.env(variable, self.folder().join("home"));
        }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cooee"));
        self.set(&mut command);
        command.args(words).stdin(Stdio::null());
        command
    }

    /// A script of a shell, in which `$0` is the program.
    fn script(&self, shell: &str, script: &str) -> Command {
        let mut command = Command::new(shell);
        self.set(&mut command);
        command.args(["-c", script, env!("CARGO_BIN_EXE_cooee")]).stdin(Stdio::null());
        command
    }

    fn start(&self, words: &[&str]) -> Running {
        Running::start(&mut self.command(words))
    }

    /// Runs it to its end; gives the exit code, and what it printed on stdout and stderr.
    fn run(&self, words: &[&str]) -> (Option<i32>, String, String) {
        told(&mut self.command(words))
    }

    /// One that listens, once nothing escapes it any more.
    fn listener(&self, words: &[&str]) -> Running {
        let mut listener = self.start(&[&["-v", "--nick", "reader", "listen"], words].concat());
        listener.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
        listener
    }

    /// Has bob say it to whoever listens.
    #[track_caller]
    fn say(&self, text: &str) {
        assert_eq!(self.run(&["--nick", "bob", "send", text]), (Some(0), String::new(), String::new()));
    }
}

/// What a command does, to its end.
fn told(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}
