//! tshark with the dissector.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Output};
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;

use crate::capture::{Captured, pcap};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/contrib/wireshark/cooee.lua");

/// What shows that the dissector failed, or that Wireshark had to stop it.
pub(crate) const FAILURES: [&str; 2] = ["_ws.lua.error", "_ws.malformed.expert"];
/// What Wireshark shows beside each remark that something is malformed.
pub(crate) const MALFORMED: &str = "_ws.malformed";
/// What is said of what is wrong with a datagram, all of it by the dissector.
pub(crate) const REMARKS: &str = "_ws.expert.message";

/// What tshark shows of a datagram: the values of each field, in their order. Numbers are decimal.
pub(crate) type Shown = BTreeMap<String, Vec<String>>;

/// All fields that the dissector has.
pub(crate) static FIELDS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let listed = run(&["-G", "fields"], None);
    let fields = listed.lines().filter_map(|line| line.strip_prefix("F\t")?.split('\t').nth(1));
    let fields: Vec<_> = fields.filter(|field| field.starts_with("cooee.")).map(str::to_owned).collect();
    assert!(!fields.is_empty(), "tshark does not run the script; its init.lua may forbid that to root");
    fields
});

/// Whether there is one that runs scripts; otherwise why not.
pub(crate) fn available() -> Result<(), String> {
    let found = Command::new("tshark").arg("--version").output().map_err(|e| format!("cannot start tshark: {e}"))?;
    let version = String::from_utf8_lossy(&found.stdout);
    // It breaks its lines anywhere.
    let version = version.split_whitespace().collect::<Vec<_>>().join(" ");
    if version.contains("with Lua ") { Ok(()) } else { Err(format!("tshark has no Lua: {version}")) }
}

/// What the dissector shows of each datagram.
pub(crate) fn dissect(captured: &[Captured]) -> Vec<Shown> {
    let mut words = vec!["-T", "json", "-e", "frame.number", "-e", REMARKS, "-e", MALFORMED];
    words.extend(FAILURES.iter().flat_map(|field| ["-e", field]));
    words.extend(FIELDS.iter().flat_map(|field| ["-e", field.as_str()]));
    let Value::Array(frames) = serde_json::from_str(&run(&words, Some(captured))).unwrap() else { panic!("no frames") };
    assert_eq!(frames.len(), captured.len());
    frames.iter().map(|frame| shown(&frame["_source"]["layers"])).collect()
}

/// The line that tshark prints of each datagram: protocol and info.
pub(crate) fn summaries(captured: &[Captured]) -> Vec<String> {
    let columns = "gui.column.format:\"Protocol\",\"%p\",\"Info\",\"%i\"";
    run(&["-o", columns], Some(captured)).lines().map(|line| line.trim_start().to_owned()).collect()
}

fn shown(layers: &Value) -> Shown {
    let texts =
        |values: &Value| values.as_array().unwrap().iter().map(|value| plain(value.as_str().unwrap())).collect();
    let fields = layers.as_object().unwrap().iter().filter(|(name, _)| *name != "frame.number");
    fields.map(|(name, values)| (name.clone(), texts(values))).collect()
}

/// A value without the manner of this or that version of tshark.
fn plain(value: &str) -> String {
    match value {
        "True" => "1".to_owned(),
        "False" => "0".to_owned(),
        // Of bytes that are none.
        "<MISSING>" => String::new(),
        _ => match value.strip_prefix("0x").and_then(|hex| u64::from_str_radix(hex, 16).ok()) {
            Some(number) => number.to_string(),
            None => value.to_owned(),
        },
    }
}

/// Runs it where nobody's settings and plugins matter; gives what it prints.
fn run(words: &[&str], captured: Option<&[Captured]>) -> String {
    let home = TempDir::new().unwrap();
    let mut command = Command::new("tshark");
    command.env("HOME", home.path()).env("XDG_CONFIG_HOME", home.path()).env("LC_ALL", "C.UTF-8");
    // The words go first: "-G" is one only there.
    command.env_remove("WIRESHARK_CONFIG_DIR").args(words).args(["-n", "-X", &format!("lua_script:{SCRIPT}")]);
    if let Some(captured) = captured {
        let file = home.path().join("session.pcap");
        fs::write(&file, pcap(captured)).unwrap();
        command.arg("-r").arg(file);
    }
    let Output { status, stdout, stderr } = command.output().unwrap();
    let complaints = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "tshark {words:?}: {status}: {complaints}");
    // Who runs it as root is warned, which has nothing to do with the script.
    assert!(!complaints.contains("Lua") && !complaints.contains("cooee"), "{complaints}");
    String::from_utf8(stdout).unwrap()
}
