//! Every line arrives, with the real program: loss, cuts, firewalls, pipes, late-comers.

use std::time::Duration;

use serde_json::Value;

use crate::cooee::{expect_object, expect_text, listener, start};
use crate::network::{Host, Network};
use crate::process::{LIMIT, Running, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("arriving::at_20_percent_loss_all_is_printed_once_and_in_order", Needs::Filters, at_20_percent_loss),
    ("arriving::at_40_percent_loss_all_is_printed_once_and_in_order", Needs::Filters, at_40_percent_loss),
    ("arriving::a_pipe_of_20000_lines_arrives_at_5_percent_loss", Needs::Filters, a_pipe_of_20000_lines_arrives),
    ("arriving::as_fast_as_all_take_it_in", Needs::Lan, as_fast_as_all_take_it_in),
    ("arriving::whoever_takes_in_nothing_is_not_waited_for", Needs::Lan, whoever_takes_in_nothing),
    ("arriving::what_a_person_types_does_not_wait_for_a_pipe", Needs::Lan, what_a_person_types),
    ("arriving::where_unicast_is_stopped_lines_and_acks_arrive", Needs::Filters, where_unicast_is_stopped),
    ("arriving::after_a_cut_both_sides_have_all", Needs::Filters, after_a_cut_both_sides_have_all),
    ("arriving::who_was_stopped_hears_the_rest_as_late", Needs::Lan, who_was_stopped_hears_the_rest_as_late),
    ("arriving::lines_that_nobody_has_are_told", Needs::Filters, lines_that_nobody_has_are_told),
    ("arriving::without_loss_nothing_is_said_twice", Needs::Lan, without_loss_nothing_is_said_twice),
];

pub(crate) fn text(number: usize) -> String {
    format!("line {number} of some length, as people talk")
}

/// Members on all hosts but the first, who know each other.
pub(crate) fn readers(network: &Network, hosts: usize) -> Vec<Running> {
    let readers: Vec<Running> = (1..hosts).map(|i| listener(network.host(i), &format!("reader-{i}"))).collect();
    // Each is listed by somebody who looks on.
    let mut watcher = start(network.host(0), &["peers", "--watch", "--json", "--wait", "0"]);
    for i in 1..hosts {
        let nick = format!("reader-{i}");
        let known = watcher.heard().iter().any(|line| line.text.contains(&nick));
        if !known {
            watcher.expect_line(Stream::Out, |line| line.contains(&nick), LIMIT);
        }
    }
    readers
}

/// Says so many lines and waits until all have been heard; asserts that each reader has printed them once, in order.
fn say_and_check(network: &Network, readers: Vec<Running>, lines: usize) {
    say_at_rate_and_check(network, readers, lines, "500");
}

fn say_at_rate_and_check(network: &Network, mut readers: Vec<Running>, lines: usize, rate: &str) {
    let mut speaker = start(network.host(0), &["--nick", "speaker", "send", "--wait", "60", "--rate", rate]);
    (0..lines).for_each(|number| speaker.write_line(&text(number)));
    speaker.close_stdin();
    assert_eq!(speaker.wait(Duration::from_secs(90)).code(), Some(0), "{:?}", speaker.heard());
    for reader in &mut readers {
        let last = text(lines - 1);
        expect_object(reader, |object| object["text"] == last, LIMIT);
        let printed = texts(reader);
        assert!(printed.iter().eq(&(0..lines).map(text).collect::<Vec<_>>()), "{} lines: {printed:?}", printed.len());
    }
}

pub(crate) fn texts(reader: &mut Running) -> Vec<String> {
    let objects = reader.heard().iter().filter(|line| line.stream == Stream::Out);
    let objects = objects.map(|line| serde_json::from_str::<Value>(&line.text).unwrap());
    objects.filter_map(|object| object["text"].as_str().map(ToOwned::to_owned)).collect()
}

fn at_20_percent_loss() {
    let network = Network::new(5).unwrap();
    let readers = readers(&network, 5);
    network.loss(0.2);
    say_and_check(&network, readers, 200);
}

fn at_40_percent_loss() {
    let network = Network::new(5).unwrap();
    let readers = readers(&network, 5);
    network.loss(0.4);
    say_and_check(&network, readers, 200);
}

fn a_pipe_of_20000_lines_arrives() {
    let network = Network::new(5).unwrap();
    let readers = readers(&network, 5);
    network.loss(0.05);
    say_and_check(&network, readers, 20_000);
}

fn as_fast_as_all_take_it_in() {
    let network = Network::new(3).unwrap();
    let readers = readers(&network, 3);
    say_at_rate_and_check(&network, readers, 100_000, "max");
}

/// One of two readers is stopped: the other one has all long before a peer that is silent counts as lost.
fn whoever_takes_in_nothing() {
    let network = Network::new(3).unwrap();
    let mut readers = readers(&network, 3);
    let mut speaker = start(network.host(0), &["--nick", "speaker", "send", "--wait", "1", "--rate", "max"]);
    speaker.write_line("both hear it");
    readers.iter_mut().for_each(|reader| drop(expect_text(reader, "both hear it")));
    readers[1].signal("STOP");
    let last = text(19_999);
    (0..20_000).for_each(|number| speaker.write_line(&text(number)));
    speaker.close_stdin();
    expect_object(&mut readers[0], |object| object["text"] == last, LIMIT);
    assert_eq!(speaker.wait(LIMIT).code(), Some(1));
    let told = speaker.heard().iter().any(|line| line.text.contains("reader-2 has not got"));
    assert!(told, "{:?}", speaker.heard());
    readers[1].signal("CONT");
}

/// While somebody pipes a book at any rate, what somebody else types is printed among its lines, not behind them.
fn what_a_person_types() {
    let network = Network::new(3).unwrap();
    let mut reader = listener(network.host(1), "reader");
    let mut person = start(network.host(2), &["--nick", "person", "send"]);
    person.write_line("good morning");
    expect_text(&mut reader, "good morning");
    let mut pipe = start(network.host(0), &["--nick", "pipe", "send", "--wait", "60", "--rate", "max"]);
    const LINES: usize = 100_000;
    for number in 0..LINES {
        pipe.write_line(&text(number));
        if number == LINES / 10 {
            person.write_line("may I?");
        }
    }
    pipe.close_stdin();
    let last = text(LINES - 1);
    expect_object(&mut reader, |object| object["text"] == last, 2 * LIMIT);
    assert_eq!(pipe.wait(LIMIT).code(), Some(0));
    let printed = texts(&mut reader);
    let place = printed.iter().position(|text| text == "may I?").expect("it is printed");
    assert!(place < LINES * 9 / 10, "it is printed behind {place} lines of {LINES}");
}

/// On every host only the shared port is open.
pub(crate) fn stop_unicast(host: &Host) {
    let rules = "table inet wall {
        chain in {
            type filter hook input priority 0
            iifname eth0 udp dport != 26633 drop
        }
    }";
    let made = host.command("nft").arg(rules).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn where_unicast_is_stopped() {
    let network = Network::new(4).unwrap();
    (0..4).for_each(|i| stop_unicast(network.host(i)));
    let readers = readers(&network, 4);
    network.loss(0.05);
    say_and_check(&network, readers, 100);
}

fn after_a_cut_both_sides_have_all() {
    let network = Network::new(4).unwrap();
    let mut members: Vec<Running> =
        (0..4).map(|i| start(network.host(i), &["--nick", &format!("host-{i}"), "chat"])).collect();
    for member in &mut members {
        (0..3).for_each(|_| drop(member.expect_line(Stream::Out, |line| line.contains(" is here ("), LIMIT)));
    }
    network.cut(&[0, 1], &[2, 3]);
    for number in 0..50 {
        members[0].write_line(&format!("one side, line {number}."));
        members[3].write_line(&format!("other side, line {number}."));
    }
    // Who is on the same side has it all; who is not has nothing.
    members[1].expect_line(Stream::Out, |line| line.ends_with("one side, line 49."), LIMIT);
    members[2].expect_line(Stream::Out, |line| line.ends_with("other side, line 49."), LIMIT);
    assert!(members[1].heard().iter().all(|line| !line.text.contains("other side")));
    // Long enough for all to lose one another.
    for member in &mut members {
        (0..2).for_each(|_| drop(member.expect_line(Stream::Out, |line| line.contains(" lost ("), 2 * LIMIT)));
    }
    network.heal();
    for (host, missing) in [(0, "other side"), (1, "other side"), (2, "one side"), (3, "one side")] {
        for number in 0..50 {
            let line = format!("{missing}, line {number}.");
            members[host].expect_line(Stream::Out, |shown| shown.starts_with("late ") && shown.ends_with(&line), LIMIT);
        }
    }
}

fn who_was_stopped_hears_the_rest_as_late() {
    let network = Network::new(3).unwrap();
    let mut readers = readers(&network, 3);
    let mut speaker = start(network.host(0), &["--nick", "speaker", "send", "--wait", "3"]);
    speaker.write_line("heard");
    expect_object(&mut readers[0], |object| object["text"] == "heard", LIMIT);
    readers[0].signal("STOP");
    speaker.write_line("unheard");
    speaker.close_stdin();
    let told = speaker.expect_line(Stream::Err, |_| true, LIMIT).text;
    // One line or two: it may have been stopped before it acked the first.
    assert!(told.starts_with("cooee: reader-1 has not got "), "{told}");
    assert_eq!(speaker.wait(LIMIT).code(), Some(1));
    readers[0].signal("CONT");
    let (line, _) = expect_object(&mut readers[0], |object| object["text"] == "unheard", LIMIT);
    assert_eq!((&line["late"], &line["history"]), (&true.into(), &false.into()));
}

fn lines_that_nobody_has_are_told() {
    let network = Network::new(3).unwrap();
    let mut readers = readers(&network, 3);
    let mut speaker = start(network.host(0), &["--nick", "speaker", "chat"]);
    speaker.write_line("before");
    expect_object(&mut readers[0], |object| object["text"] == "before", LIMIT);
    // More than anybody holds is said while one reader is cut off.
    network.cut(&[0, 2], &[1]);
    (0..12_000).for_each(|number| speaker.write_line(&text(number)));
    let last = text(11_999);
    expect_object(&mut readers[1], |object| object["text"] == last, LIMIT);
    network.heal();
    let (gap, _) = expect_object(&mut readers[0], |object| object["type"] == "gap", 2 * LIMIT);
    let keys: Vec<&String> = gap.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["epoch", "fingerprint", "from", "nick", "peer", "room", "time", "to", "type", "verified"]);
    assert_eq!((&gap["nick"], &gap["room"]), (&"speaker".into(), &"lobby".into()));
    // The other reader still holds the very first ones if he heard them before it was proven to him that their author is
    // there: they are of another share of his log. Whatever is told before the gap is told without one.
    let printed = readers[0].heard().iter().filter(|line| line.stream == Stream::Out);
    let told = printed.take_while(|line| !line.text.contains(r#""type":"gap""#)).count();
    let expected = std::iter::once("before".to_owned()).chain((0..told - 1).map(text));
    assert!(texts(&mut readers[0]).into_iter().take(told).eq(expected));
    assert_eq!(gap["from"], told + 1);
    let next = gap["to"].as_u64().unwrap() + 1;
    let (line, _) = expect_object(&mut readers[0], |object| object["type"] == "line", LIMIT);
    assert_eq!((line["seq"].as_u64(), line["text"].as_str()), (Some(next), Some(&*text(next as usize - 2))));
    assert!((1900..=2300).contains(&next), "what is held, 10,000 lines, is told from {next} on");
    expect_object(&mut readers[0], |object| object["text"] == last, LIMIT);
}

fn without_loss_nothing_is_said_twice() {
    let network = Network::new(3).unwrap();
    let _readers = readers(&network, 3);
    let mut speaker = start(network.host(0), &["--verbose", "--nick", "speaker", "send"]);
    (0..50).for_each(|number| speaker.write_line(&text(number)));
    speaker.close_stdin();
    assert_eq!(speaker.wait(LIMIT).code(), Some(0));
    let told = speaker.heard().iter().find(|line| line.text.contains("repairs")).unwrap().text.clone();
    assert!(told.contains("0 repairs"), "{told}");
}
