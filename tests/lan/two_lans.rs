//! A host with a card on each of two LANs: it talks with both, and neither hears of the other.

use crate::cooee::{expect_object, expect_text, listener, nicks, run, start, text, times_heard};
use crate::network::{Host, Network};
use crate::process::{LIMIT, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("two_lans::who_is_on_both_is_no_relay", Needs::Lan, who_is_on_both_is_no_relay),
    ("two_lans::a_cable_of_one_lan_pulled_and_plugged_in", Needs::Lan, a_cable_of_one_lan_pulled_and_plugged_in),
];

/// On the first LAN, on both, and on the second.
const HERE: usize = 0;
const BETWEEN: usize = 1;
const THERE: usize = 2;

/// The card of the second LAN.
const OTHER_CARD: &str = "lan2";

/// Two hosts more with a cable of their own between them, which is the second LAN; the last of them is on no other.
fn two_lans() -> Network {
    let network = Network::new(3).unwrap();
    let (between, there) = (network.host(BETWEEN), network.host(THERE));
    there.ip("link set eth0 down");
    between.lay_cable(OTHER_CARD, there);
    for (host, number) in [(between, 1), (there, 2)] {
        host.ip(&format!("address add 192.0.2.{number}/24 broadcast 192.0.2.255 dev {OTHER_CARD}"));
        host.ip(&format!("link set {OTHER_CARD} up"));
    }
    [between, there].iter().for_each(|host| host.await_carrier(OTHER_CARD));
    network
}

fn say(host: &Host, nick: &str, said: &str) {
    let (code, _, told) = run(host, &["--nick", nick, "send", said]);
    assert_eq!(code, Some(0), "{told}");
}

/// Whom a host lists when two more beacons have come of who is on both LANs, and notes were compared with him.
fn listed_in_the_end(host: &Host) -> Vec<String> {
    let (code, told, _) = run(host, &["ping", "between", "--count", "14"]);
    assert_eq!(code, Some(0), "a ping a second: {told}");
    nicks(host)
}

fn who_is_on_both_is_no_relay() {
    let network = two_lans();
    let [here, between, there] = [HERE, BETWEEN, THERE].map(|number| network.host(number));
    let mut readers = [(here, "here"), (between, "between"), (there, "there")].map(|(host, nick)| listener(host, nick));
    assert_eq!(nicks(between), ["between", "here", "there"]);
    say(here, "xavier", "said here");
    say(there, "yvonne", "said there");
    say(between, "zoe", "said to both");
    let [x, m, y] = &mut readers;
    expect_text(x, "said here");
    expect_text(y, "said there");
    ["said here", "said there"].iter().for_each(|said| drop(expect_text(m, said)));
    [&mut *x, &mut *y].into_iter().for_each(|reader| drop(expect_text(reader, "said to both")));

    assert_eq!(listed_in_the_end(here), ["between", "here"]);
    assert_eq!(listed_in_the_end(there), ["between", "there"]);
    // Nobody else is there who could tell it.
    x.signal("KILL");
    let mut newcomer = start(here, &["--nick", "newcomer", "listen", "--json", "--history", "10"]);
    for said in ["said here", "said to both"] {
        let (line, _) = expect_object(&mut newcomer, |_| true, LIMIT);
        assert_eq!((text(&line, "text"), &line["history"]), (said.to_owned(), &true.into()));
    }
    say(between, "zoe", "once more");
    [&mut newcomer, &mut *y].into_iter().for_each(|reader| drop(expect_text(reader, "once more")));
    assert_eq!((times_heard(x, "said there"), times_heard(&mut newcomer, "said there")), (0, 0));
    assert_eq!(times_heard(y, "said here"), 0);
}

fn a_cable_of_one_lan_pulled_and_plugged_in() {
    let network = two_lans();
    let [here, between, there] = [HERE, BETWEEN, THERE].map(|number| network.host(number));
    let mut readers = [(here, "here"), (between, "between"), (there, "there")].map(|(host, nick)| listener(host, nick));
    say(here, "xavier", "said here");
    say(there, "yvonne", "said there");
    let [x, m, y] = &mut readers;
    ["said here", "said there"].iter().for_each(|said| drop(expect_text(m, said)));
    there.ip(&format!("link set {OTHER_CARD} down"));
    m.expect_line(Stream::Err, |line| line.starts_with("cooee: no longer using lan2 "), LIMIT);
    say(here, "xavier", "meanwhile");
    expect_text(m, "meanwhile");
    there.ip(&format!("link set {OTHER_CARD} up"));
    for run in [&mut *m, &mut *y] {
        run.expect_line(Stream::Err, |line| line.starts_with("cooee: using lan2 "), LIMIT);
    }
    assert_eq!(nicks(there), ["between", "there"]);
    say(between, "zoe", "to both again");
    [&mut *x, &mut *y].into_iter().for_each(|reader| drop(expect_text(reader, "to both again")));

    assert_eq!(listed_in_the_end(there), ["between", "there"]);
    say(between, "zoe", "in the end");
    [&mut *x, &mut *y].into_iter().for_each(|reader| drop(expect_text(reader, "in the end")));
    assert!(["said here", "meanwhile"].iter().all(|said| times_heard(y, said) == 0));
    assert_eq!(times_heard(x, "said there"), 0);
}
