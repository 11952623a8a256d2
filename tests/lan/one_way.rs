//! One who is heard and does not hear: a firewall, or an access point that keeps its clients apart.

use std::time::Duration;

use crate::cooee::{expect_object, run, text, watcher};
use crate::keys::{chat, expect_arrival};
use crate::network::Network;
use crate::process::{LIMIT, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("one_way::one_that_never_heard_us_is_told_and_listed", Needs::Filters, one_that_never_heard_us_is_told_and_listed),
    ("one_way::one_that_falls_deaf_is_told_and_cured", Needs::Filters, one_that_falls_deaf_is_told_and_cured),
];

/// It takes three beacons, and some seconds more of one that was heard before.
const CERTAIN: Duration = Duration::from_secs(60);

fn one_that_never_heard_us_is_told_and_listed() {
    let network = Network::new(2).unwrap();
    network.silence(&[0], &[1]);
    let mut alice = chat(network.host(0), "alice");
    let mut watcher = watcher(network.host(0));
    let _carol = chat(network.host(1), "carol");
    let words = alice.expect_line(Stream::Err, |line| line.contains("does not hear you"), CERTAIN).text;
    assert!(words.starts_with("cooee: carol (") && words.contains(", 10.77.0.2) is heard, but"), "{words}");
    let (deaf, _) = expect_object(&mut watcher, |object| object["nick"] == "carol", CERTAIN);
    assert_eq!((&deaf["type"], &deaf["hears_us"]), (&"peer".into(), &false.into()));
    assert_eq!(deaf["addresses"], serde_json::json!([text(&deaf, "address")]));
    assert!(deaf["clock_ahead_ms"].as_i64().is_some_and(|ahead| ahead.abs() < 60_000), "{deaf}");

    alice.write_line("/who");
    let row = alice.expect_line(Stream::Out, |line| line.starts_with("carol "), LIMIT).text;
    assert!(row.contains(" 10.77.0.2:26634 ") && row.ends_with("  does not hear you"), "{row}");
    alice.write_line("/names");
    alice.expect_line(Stream::Out, |line| line.contains("Nobody"), LIMIT);

    // Alice answers, so the list is there at once; alone, one waits for as long as one wants.
    drop(alice);
    let (code, rows, told) = run(network.host(0), &["peers", "--wait", "25.5"]);
    assert_eq!(code, Some(1), "{rows}{told}");
    assert!(rows.lines().any(|row| row.starts_with("carol ") && row.ends_with("  does not hear you")), "{rows}");
    assert!(told.starts_with("cooee: carol (") && told.contains("does not hear you"), "{told}");

    let mut alice = chat(network.host(0), "alice");
    network.heal();
    expect_arrival(&mut alice, "carol");
    expect_object(&mut watcher, |object| object["nick"] == "carol" && object["hears_us"] == true, LIMIT);
    alice.write_line("/who");
    alice.expect_line(Stream::Out, |line| line.starts_with("carol ") && !line.contains("hear"), LIMIT);
}

fn one_that_falls_deaf_is_told_and_cured() {
    let network = Network::new(2).unwrap();
    let mut alice = chat(network.host(0), "alice");
    let _carol = chat(network.host(1), "carol");
    expect_arrival(&mut alice, "carol");
    network.silence(&[0], &[1]);
    alice.expect_line(Stream::Err, |line| line.contains("carol") && line.contains("does not hear you"), CERTAIN);
    alice.write_line("/whois carol");
    alice.expect_line(Stream::Out, |line| line.contains(" by eth0, ") && line.ends_with(", does not hear you"), LIMIT);
    network.heal();
    alice.expect_line(Stream::Out, |line| line.ends_with("→ carol hears you again"), LIMIT);
    alice.write_line("/who");
    alice.expect_line(Stream::Out, |line| line.starts_with("carol ") && !line.contains("hear"), LIMIT);
}
