//! Who is who: keys tell apart those whom nicks do not.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use cooee::time::UnixMillis;
use cooee::wire::{
    self, Beacon, Counter, Epoch, Lines, Manner, Message, Nick, Packet, Part, PeerId, Profile, Room, RoomName, Run, Seq,
};

use crate::cooee::{expect_text, listener, peers, run, start, text, times_heard};
use crate::hostile::{EVERYBODY, encoded, heard_beacon};
use crate::network::{Host, Network};
use crate::probe::Probe;
use crate::process::{LIMIT, Running, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("keys::an_impostor_is_told_apart", Needs::Lan, an_impostor_is_told_apart),
    ("keys::a_host_keeps_its_key", Needs::Lan, a_host_keeps_its_key),
    ("keys::who_does_not_sign_is_marked_or_kept_out", Needs::Lan, who_does_not_sign_is_marked_or_kept_out),
    ("keys::who_is_verified_is_known_again", Needs::Lan, who_is_verified_is_known_again),
    ("keys::who_is_ignored_is_not_shown", Needs::Lan, who_is_ignored_is_not_shown),
    ("keys::who_does_not_sign_is_ignored_by_run", Needs::Lan, who_does_not_sign_is_ignored_by_run),
];

pub(crate) fn fingerprint(host: &Host) -> String {
    let (code, printed, told) = run(host, &["id"]);
    assert_eq!((code, &*told), (Some(0), ""));
    printed.trim_end().to_owned()
}

/// `alice#7f3a` of the host's key.
pub(crate) fn marked(nick: &str, host: &Host) -> String {
    format!("{nick}#{}", &fingerprint(host)[..4])
}

pub(crate) fn chat(host: &Host, nick: &str) -> Running {
    let mut chat = start(host, &["-v", "--nick", nick]);
    chat.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    chat
}

#[track_caller]
pub(crate) fn expect(chat: &mut Running, end: &str) -> String {
    chat.expect_line(Stream::Out, |line| line.ends_with(end), LIMIT).text
}

#[track_caller]
pub(crate) fn expect_arrival(chat: &mut Running, name: &str) {
    chat.expect_line(Stream::Out, |line| line.contains(&format!("→ {name} is here (")), LIMIT);
}

fn known_peers(host: &Host) -> String {
    fs::read_to_string(host.data().join("cooee/known_peers")).unwrap()
}

fn an_impostor_is_told_apart() {
    let network = Network::new(3).unwrap();
    let [alices, bobs, others] = [0, 1, 2].map(|i| network.host(i));
    let mut bob = chat(bobs, "bob");
    let mut alice = chat(alices, "alice");
    expect_arrival(&mut bob, "alice");
    alice.write_line("it is me");
    expect(&mut bob, " alice    it is me");

    let mut other = chat(others, "Alice");
    let (first, second) = (marked("alice", alices), marked("Alice", others));
    expect_arrival(&mut bob, &second);
    let is_warning = |line: &str| line.contains(" is not the Alice known since ");
    let warning = bob.expect_line(Stream::Err, is_warning, LIMIT).text;
    assert!(
        warning.starts_with("cooee: Alice is not") && warning.ends_with(&format!("shown as {second}")),
        "{warning}"
    );
    assert!(warning.contains(&format!("({}-…)", &fingerprint(alices)[..4])), "{warning}");
    other.write_line("no, it is me");
    expect(&mut bob, &format!(" {second} no, it is me"));
    alice.write_line("who is that?");
    expect(&mut bob, &format!(" {first} who is that?"));
    // It is her own nick that somebody has taken.
    alice.expect_line(Stream::Err, |line| line.contains(&format!("another {second} (")), LIMIT);

    other.close_stdin();
    assert_eq!(other.wait(LIMIT).code(), Some(0));
    expect(&mut bob, &format!("← {second} left"));
    // A later start of bob's, which knows both from a file, is not warned again, and neither is this one.
    let mut later = chat(bobs, "robert");
    let mut other = chat(others, "Alice");
    for chat in [&mut bob, &mut later] {
        expect_arrival(chat, &second);
    }
    other.write_line("here I am again");
    for (chat, warnings) in [(&mut bob, 1), (&mut later, 0)] {
        expect(chat, &format!(" {second} here I am again"));
        assert_eq!(chat.heard().iter().filter(|line| is_warning(&line.text)).count(), warnings);
    }
    let table = run(bobs, &["peers"]).1;
    assert!(table.contains(&format!("\n{first} ")) && table.contains(&format!("\n{second} ")), "{table}");
}

fn a_host_keeps_its_key() {
    let network = Network::new(2).unwrap();
    let mut reader = listener(network.host(1), "reader");
    let key = fingerprint(network.host(0));
    let mut ids = Vec::new();
    for said in ["one", "two"] {
        assert_eq!(run(network.host(0), &["-n", "alice", "send", said]).0, Some(0));
        let (line, _) = expect_text(&mut reader, said);
        assert_eq!((&line["fingerprint"], &line["verified"]), (&key.clone().into(), &false.into()));
        ids.push((text(&line, "peer"), text(&line, "epoch")));
    }
    assert!(ids[0].0 == ids[1].0 && ids[0].1 != ids[1].1, "one installation, two runs: {ids:?}");
    assert_eq!(run(network.host(0), &["--ephemeral", "-n", "alice", "send", "three"]).0, Some(0));
    let (line, _) = expect_text(&mut reader, "three");
    assert!(line["fingerprint"].is_string() && line["fingerprint"] != key);
    let row = &peers(network.host(0))[0];
    assert_eq!(text(row, "fingerprint"), fingerprint(network.host(1)));
    // Who is there was met; who only spoke was not.
    let _alice = listener(network.host(0), "alice");
    let mut watcher = chat(network.host(1), "watcher");
    expect_arrival(&mut watcher, "alice");
    let known = known_peers(network.host(1));
    let line: Vec<&str> = known.lines().last().unwrap().split(' ').collect();
    assert_eq!((line.len(), line[0], line[2], line[3]), (4, &*key, "-", "alice"), "{known}");
}

/// A run that signs nothing.
pub(crate) struct Unsigned {
    probe: Probe,
    run: Run,
    said: u32,
}

impl Unsigned {
    pub(crate) fn new(host: &Host, number: u64) -> Self {
        let run = Run { peer: PeerId::unsigned(number), epoch: Epoch(1) };
        Self { probe: Probe::open(host, wire::PORT), run, said: 0 }
    }

    fn send(&mut self, message: Message<'_>) {
        let room = Room::open(&RoomName::new("lobby").unwrap()).id();
        self.probe.send(EVERYBODY, &encoded(&Packet { room, author: self.run, signer: None, message }));
    }

    fn say(&mut self, nick: &'static str, text: &str) {
        self.said += 1;
        let (nick, part) = (Nick::new(nick).unwrap(), Part::new(text).unwrap());
        let seq = Seq::new(self.said).unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
        let now = UnixMillis(now.try_into().unwrap());
        self.send(Message::Lines(Lines::starting(seq, now, nick, Manner::default(), &part)));
    }

    /// Lets itself be listed, as it has heard somebody else do it.
    pub(crate) fn arrive(&mut self, nick: &'static str) {
        let bytes = heard_beacon(&mut self.probe);
        let Ok(Packet { message: Message::Beacon(_, beacon), .. }) = wire::parse(&bytes) else { unreachable!() };
        let profile = Profile { nick: Nick::new(nick).unwrap(), ..beacon.profile.clone() };
        self.send(Message::Beacon(Counter(1), Beacon { profile, ..beacon }));
    }
}

fn who_does_not_sign_is_marked_or_kept_out() {
    let network = Network::new(4).unwrap();
    let mut carol = Unsigned::new(network.host(3), 0xca401);
    let mut bob = chat(network.host(1), "bob");
    carol.arrive("alice");
    expect_arrival(&mut bob, "?alice");
    let mut alice = chat(network.host(0), "alice");
    expect_arrival(&mut bob, "alice");
    let mut reader = listener(network.host(0), "reader");
    let mut strict = start(network.host(2), &["-v", "--signed-only", "-n", "strict", "listen", "--json"]);
    strict.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    carol.arrive("alice");
    carol.say("alice", "trust me");
    expect(&mut bob, " ?alice   trust me");
    let (line, _) = expect_text(&mut reader, "trust me");
    assert!(line["fingerprint"].is_null() && line["verified"] == false, "{line}");
    alice.write_line("that was not me");
    expect(&mut bob, " alice    that was not me");
    expect_text(&mut strict, "that was not me");
    assert_eq!(times_heard(&mut strict, "trust me"), 0);
    assert!(!known_peers(network.host(1)).contains("?alice"), "who has no key cannot be known again");
    assert!(bob.heard().iter().all(|line| !line.text.contains("is not the alice")), "the mark says it all");
    bob.write_line("/whois ?alice");
    expect(&mut bob, "?alice signs nothing: anybody may be he");
    bob.write_line("/verify ?alice");
    bob.expect_line(Stream::Err, |line| line.contains("nothing can be verified"), LIMIT);
}

fn who_is_verified_is_known_again() {
    let network = Network::new(2).unwrap();
    let [alices, bobs] = [0, 1].map(|i| network.host(i));
    let key = fingerprint(alices);
    let alice = chat(alices, "alice");
    let mut bob = chat(bobs, "bob");
    expect_arrival(&mut bob, "alice");
    bob.write_line("/whois ALI");
    expect(&mut bob, &format!("alice signs with the key {key}"));
    let line = expect(&mut bob, " as alice");
    assert!(line.starts_with("  not verified, known since 20"), "{line}");
    let whereabouts = ", 10.77.0.1:26634 by eth0, last heard ";
    let line = bob.expect_line(Stream::Out, |line| line.contains(whereabouts), LIMIT).text;
    let (_, heard) = line.split_once(whereabouts).unwrap();
    let seconds = heard.split_once(" s ago, here since ").and_then(|(seconds, _)| seconds.parse().ok());
    assert!(seconds.is_some_and(|seconds: f64| seconds < LIMIT.as_secs_f64()), "{line}");
    bob.write_line("/verify alice");
    bob.expect_line(Stream::Out, |line| line.starts_with("alice is verified now") && line.contains(&key), LIMIT);
    bob.write_line("/whois bob");
    expect(&mut bob, &format!("bob is you, by the key {}", fingerprint(bobs)));
    bob.write_line("/whois nobody-of-the-name");
    bob.expect_line(Stream::Err, |line| line.contains("nobody is called nobody-of-the-name"), LIMIT);
    bob.close_stdin();
    assert_eq!(bob.wait(LIMIT).code(), Some(0));
    drop(alice);

    // Another nick, another start on both sides: it is the same key.
    let mut reader = listener(bobs, "bob");
    assert_eq!(run(alices, &["-n", "ann", "send", "it is me"]).0, Some(0));
    assert_eq!(expect_text(&mut reader, "it is me").0["verified"], true);
    let _ann = listener(alices, "ann");
    let row = peers(bobs).into_iter().find(|row| row["nick"] == "ann").unwrap();
    assert_eq!((&row["verified"], &row["ignored"]), (&true.into(), &false.into()));
    let mut bob = chat(bobs, "bob");
    expect_arrival(&mut bob, "ann");
    bob.write_line("/whois ann");
    let line = expect(&mut bob, " as alice, ann");
    assert!(line.starts_with("  verified by you, known since 20"), "{line}");
    bob.write_line("/unverify ann");
    expect(&mut bob, "ann is not verified any more");
    let known = known_peers(bobs);
    let marks: Vec<&str> = known.lines().skip(1).map(|line| line.split_once("Z ").unwrap().1).collect();
    assert_eq!(marks, ["- alice", "verified alice", "verified ann", "- ann"], "{known}");
}

fn who_is_ignored_is_not_shown() {
    let network = Network::new(3).unwrap();
    let [alices, bobs, carols] = [0, 1, 2].map(|i| network.host(i));
    let mut bob = chat(bobs, "bob");
    let mut alice = chat(alices, "alice");
    let mut carol = chat(carols, "carol");
    expect_arrival(&mut bob, "alice");
    expect_arrival(&mut carol, "alice");
    bob.write_line("/ignore");
    expect(&mut bob, "Nobody is ignored.");
    bob.write_line("/ignore alice");
    expect(&mut bob, "alice is ignored from now on");
    let mut reader = listener(bobs, "reader");
    alice.write_line("nobody hears me");
    expect(&mut carol, " alice    nobody hears me");
    alice.write_line("/nick ann");
    alice.close_stdin();
    assert_eq!(alice.wait(LIMIT).code(), Some(0));
    expect(&mut carol, "← ann left");
    let mut alice = chat(alices, "alice");
    expect_arrival(&mut carol, "alice");
    carol.write_line("what was that?");
    expect(&mut bob, " carol    what was that?");
    expect_text(&mut reader, "what was that?");
    assert_eq!(times_heard(&mut reader, "nobody hears me"), 0);
    let heard = bob.heard();
    let since = heard.iter().position(|line| line.text == "alice is ignored from now on").unwrap();
    for line in &heard[since + 1..] {
        assert!(!line.text.contains("alice") && !line.text.contains("ann"), "{line:?}");
    }

    let table = run(bobs, &["peers"]).1;
    assert!(table.lines().any(|row| row.starts_with("alice ") && row.ends_with(" ignored")), "{table}");
    bob.write_line("/names");
    bob.expect_line(Stream::Out, |line| line.contains(" here: alice (ignored), carol, reader."), LIMIT);
    bob.close_stdin();
    bob.wait(LIMIT);
    let mut bob = chat(bobs, "bob");
    expect_arrival(&mut bob, "carol");
    bob.write_line("/ignore");
    bob.expect_line(Stream::Out, |line| line.starts_with("1 ignored: a"), LIMIT);
    bob.write_line("/unignore alice");
    expect(&mut bob, "alice is not ignored any more");
    alice.write_line("here I am");
    expect(&mut bob, " alice    here I am");
}

fn who_does_not_sign_is_ignored_by_run() {
    let network = Network::new(3).unwrap();
    let mut carol = Unsigned::new(network.host(2), 0xca401);
    let mut bob = chat(network.host(1), "bob");
    carol.arrive("carol");
    expect_arrival(&mut bob, "?carol");
    bob.write_line("/ignore carol");
    bob.expect_line(Stream::Out, |line| line.starts_with("?carol is ignored from now on, as long as"), LIMIT);
    carol.say("carol", "unheard");
    let mut other = Unsigned::new(network.host(0), 0xca402);
    other.say("carol", "heard");
    expect(&mut bob, " ?carol   heard");
    assert!(bob.heard().iter().all(|line| !line.text.ends_with("unheard")));
    let file = network.host(1).data().join("cooee/known_peers");
    assert!(!file.exists(), "nothing is kept of who has no key");
}
