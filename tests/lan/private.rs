//! What is said to one alone: it gets there, in its order, and to nobody else.

use cooee::wire;

use crate::arriving::stop_unicast;
use crate::cooee::{expect_object, expect_text, listener, run, start, text, times_heard};
use crate::keys::{Unsigned, chat, expect, expect_arrival, marked};
use crate::network::Network;
use crate::probe::Probe;
use crate::process::{LIMIT, Running, Stream};
use crate::sealed::{sealed, sealed_listener};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("private::one_reads_it_and_nobody_else", Needs::Lan, one_reads_it_and_nobody_else),
    ("private::twenty_lines_come_in_their_order", Needs::Filters, twenty_lines_come_in_their_order),
    ("private::it_comes_where_unicast_is_stopped", Needs::Lan, it_comes_where_unicast_is_stopped),
    ("private::who_has_not_got_it_is_named", Needs::Lan, who_has_not_got_it_is_named),
    ("private::who_leaves_ends_it", Needs::Lan, who_leaves_ends_it),
    ("private::whom_it_is_for_is_never_guessed", Needs::Lan, whom_it_is_for_is_never_guessed),
    ("private::who_does_not_sign_is_told_nothing", Needs::Lan, who_does_not_sign_is_told_nothing),
    ("private::a_sealed_room_has_private_lines_too", Needs::Lan, a_sealed_room_has_private_lines_too),
    ("private::an_answer_goes_where_it_was_asked", Needs::Lan, an_answer_goes_where_it_was_asked),
    ("private::who_is_ignored_is_not_shown", Needs::Lan, who_is_ignored_is_not_shown),
];

/// A private line as it is shown: `private 14:02 alice → you  hi`, without the time.
#[track_caller]
fn expect_private(chat: &mut Running, end: &str) {
    chat.expect_line(Stream::Out, |line| line.starts_with("private ") && line.get(13..) == Some(end), LIMIT);
}

#[track_caller]
fn expect_told(chat: &mut Running, words: &str) {
    chat.expect_line(Stream::Err, |line| line == format!("cooee: {words}"), LIMIT);
}

fn one_reads_it_and_nobody_else() {
    let network = Network::new(4).unwrap();
    let mut probe = Probe::open(network.host(3), wire::PORT);
    let mut carol = listener(network.host(2), "carol");
    let mut bob = chat(network.host(1), "bob");
    let mut alice = start(network.host(0), &["--ephemeral", "-n", "alice"]);
    expect_arrival(&mut bob, "alice");
    expect_arrival(&mut alice, "bob");
    alice.write_line("/r hello?");
    expect_told(&mut alice, "nobody has said anything to you alone; /msg NICK TEXT begins; nothing was said");
    alice.write_line("/msg bob the key is under the mat");
    expect_private(&mut alice, " you → bob  the key is under the mat");
    expect_private(&mut bob, " alice → you  the key is under the mat");
    alice.write_line("/r in the garden");
    expect_private(&mut bob, " alice → you  in the garden");
    bob.write_line("/r thank you");
    expect_private(&mut bob, " you → alice  thank you");
    expect_private(&mut alice, " bob → you  thank you");
    let said = run(network.host(0), &["-n", "dave", "send", "--to", "BOB", "from", "a", "script"]);
    assert_eq!(said, (Some(0), String::new(), String::new()));
    expect_private(&mut bob, " dave → you  from a script");
    alice.write_line("/msg carol hello, carol");
    let (line, _) = expect_object(&mut carol, |_| true, LIMIT);
    assert_eq!((&line["text"], &line["private"]), (&"hello, carol".into(), &true.into()));
    assert_eq!((&line["type"], &line["nick"], &line["seq"]), (&"line".into(), &"alice".into(), &1.into()));
    assert_eq!((&line["address"], &line["link"]), (&"10.77.0.1:26634".into(), &"eth0".into()));
    assert!(line["fingerprint"].is_string() && line["late"] == false && line["history"] == false, "{line}");
    alice.write_line("now to all");
    // It is the next thing that she hears.
    let (line, _) = expect_object(&mut carol, |_| true, LIMIT);
    assert_eq!((&line["text"], &line["private"]), (&"now to all".into(), &false.into()));

    expect(&mut bob, " alice    now to all");
    // The probe hears all, as it heard the last of it.
    probe.expect(|datagram| datagram.holds("now to all"), LIMIT);
    for secret in ["under the mat", "garden", "thank you", "script", "hello, carol"] {
        assert!(!probe.heard().iter().any(|datagram| datagram.holds(secret)), "{secret} is on the LAN");
    }
}

fn twenty_lines_come_in_their_order() {
    let network = Network::new(3).unwrap();
    let mut bob = listener(network.host(1), "bob");
    let mut carol = listener(network.host(2), "carol");
    network.loss(0.1);
    let mut sender = start(network.host(0), &["-n", "alice", "send", "--to", "bob"]);
    (1..=20).for_each(|number| sender.write_line(&format!("line {number}")));
    sender.close_stdin();
    assert_eq!(sender.wait(LIMIT).code(), Some(0), "{:?}", sender.heard());
    for number in 1..=20 {
        let (line, _) = expect_object(&mut bob, |_| true, LIMIT);
        assert_eq!((text(&line, "text"), line["seq"].as_u64()), (format!("line {number}"), Some(number)));
        assert_eq!(line["private"], true);
    }
    // More at once than may wait, and one that has several parts.
    network.loss(0.0);
    let long = format!("long {}", "x".repeat(5000));
    let mut sender = start(network.host(0), &["-n", "alice", "send", "--to", "bob"]);
    sender.write_line("more 1");
    expect_text(&mut bob, "more 1");
    bob.signal("STOP");
    (2..=300).for_each(|number| sender.write_line(&format!("more {number}")));
    sender.write_line(&long);
    sender.close_stdin();
    bob.signal("CONT");
    assert_eq!(sender.wait(LIMIT).code(), Some(0), "{:?}", sender.heard());
    for number in 2..=300 {
        assert_eq!(expect_object(&mut bob, |_| true, LIMIT).0["text"], format!("more {number}"));
    }
    let mut paste = start(network.host(0), &["-n", "alice", "send", "--paste", "--to", "bob"]);
    ["first", "", "  third"].iter().for_each(|line| paste.write_line(line));
    paste.close_stdin();
    assert_eq!(paste.wait(LIMIT).code(), Some(0), "{:?}", paste.heard());
    for said in [&*long, "first\n\n  third"] {
        assert_eq!(expect_object(&mut bob, |_| true, LIMIT).0["text"], said);
    }
    assert_eq!(run(network.host(0), &["send", "to all"]).0, Some(0));
    assert_eq!(expect_object(&mut carol, |_| true, LIMIT).0["text"], "to all", "it is the first that she hears");
    expect_text(&mut bob, "to all");
    assert_eq!(times_heard(&mut bob, "line 20"), 1);
}

fn it_comes_where_unicast_is_stopped() {
    let network = Network::new(2).unwrap();
    (0..2).for_each(|i| stop_unicast(network.host(i)));
    let mut bob = listener(network.host(1), "bob");
    let mut sender = start(network.host(0), &["send", "--to", "bob"]);
    ["one", "two", "three"].iter().for_each(|line| sender.write_line(line));
    sender.close_stdin();
    assert_eq!(sender.wait(LIMIT).code(), Some(0), "{:?}", sender.heard());
    for said in ["one", "two", "three"] {
        assert_eq!(expect_text(&mut bob, said).0["private"], true);
    }
}

fn who_has_not_got_it_is_named() {
    let network = Network::new(3).unwrap();
    let mut bob = listener(network.host(1), "bob");
    let mut alice = chat(network.host(2), "alice");
    expect_arrival(&mut alice, "bob");
    let mut senders = [(); 2].map(|()| {
        let mut sender = start(network.host(0), &["send", "--to", "bob"]);
        sender.write_line("one");
        expect_text(&mut bob, "one");
        sender
    });
    let mut hasty = start(network.host(0), &["send", "--to", "bob", "--wait", "0"]);
    hasty.write_line("by the way");
    expect_text(&mut bob, "by the way");
    bob.signal("KILL");
    hasty.write_line("who does not wait is not told");
    hasty.close_stdin();
    assert_eq!((hasty.wait(LIMIT).code(), hasty.heard().len()), (Some(0), 0), "{:?}", hasty.heard());
    alice.write_line("/msg bob the key is under the mat");
    senders[0].write_line("two, which is a bit longer than that");
    ["two", "three"].iter().for_each(|line| senders[1].write_line(line));
    senders.iter_mut().for_each(Running::close_stdin);
    let told = ["\"two, which is a bit lon…\"", "2 lines, the first of them \"two\""];
    for (sender, told) in senders.iter_mut().zip(told) {
        expect_told(sender, &format!("bob has not got {told}: he does not answer"));
        assert_eq!(sender.wait(LIMIT).code(), Some(1));
    }
    expect_told(&mut alice, "bob has not got \"the key is under the mat\"");
}

/// Whoever pipes a log to him need not find out by himself.
fn who_leaves_ends_it() {
    let network = Network::new(2).unwrap();
    let mut bob = listener(network.host(1), "bob");
    let mut sender = start(network.host(0), &["send", "--to", "bob"]);
    sender.write_line("one");
    expect_text(&mut bob, "one");
    bob.signal("TERM");
    expect_told(&mut sender, "bob left before stdin ended");
    assert_eq!(sender.wait(LIMIT).code(), Some(1));
    let (code, _, words) = run(network.host(0), &["send", "--to", "bob", "hi"]);
    assert_eq!(code, Some(1));
    assert!(words.starts_with("cooee: nobody else is in room lobby on eth0; "), "{words}");
}

fn whom_it_is_for_is_never_guessed() {
    let network = Network::new(4).unwrap();
    let [mut first, mut second] = [0, 1].map(|i| listener(network.host(i), "alice"));
    let mut names = [0, 1].map(|i| marked("alice", network.host(i)));
    let second_name = names[1].clone();
    names.sort();
    let ambiguous = format!("alice may be {}; nothing was said", names.join(" or "));
    let (code, printed, told) = run(network.host(2), &["send", "--to", "alice", "for whom?"]);
    assert_eq!((code, &*printed, told), (Some(1), "", format!("cooee: {ambiguous}\n")));
    let said = run(network.host(2), &["send", "--to", &second_name, "for the second"]);
    assert_eq!(said, (Some(0), String::new(), String::new()));
    let nobody = run(network.host(2), &["send", "--to", "al", "for whom?"]);
    let told = "cooee: nobody is called al; cooee peers tells who is there; nothing was said\n";
    assert_eq!(nobody, (Some(1), String::new(), told.to_owned()));

    let mut bob = chat(network.host(3), "bob");
    for _ in &names {
        bob.expect_line(Stream::Out, |line| line.contains(" is here ("), LIMIT);
    }
    bob.write_line("/msg alice for whom?");
    expect_told(&mut bob, &ambiguous);
    bob.write_line(&format!("/msg {second_name} for the second too"));
    expect_private(&mut bob, &format!(" you → {second_name}  for the second too"));
    // The other one goes, but is not forgotten: her name is not free for the one who stays.
    first.signal("TERM");
    bob.expect_line(Stream::Out, |line| line.ends_with(" left"), LIMIT);
    bob.write_line("/msg alice for whom?");
    bob.expect_line(Stream::Err, |line| line.contains(" (not here)") && line.ends_with("; nothing was said"), LIMIT);
    bob.write_line("/msg carol hi");
    expect_told(&mut bob, "nobody is called carol; /names tells who is here; nothing was said");
    bob.write_line("/m carol hi");
    bob.write_line("to all");
    for said in ["for the second", "for the second too", "to all"] {
        assert_eq!(expect_object(&mut second, |_| true, LIMIT).0["text"], said);
    }
    first.wait(LIMIT);
    assert!(first.heard().iter().all(|line| line.stream == Stream::Err), "{:?}", first.heard());
}

fn who_does_not_sign_is_told_nothing() {
    let network = Network::new(2).unwrap();
    let mut carol = Unsigned::new(network.host(1), 0xca401);
    let mut bob = chat(network.host(0), "bob");
    carol.arrive("carol");
    expect_arrival(&mut bob, "?carol");
    for name in ["carol", "?carol", "car"] {
        bob.write_line(&format!("/msg {name} the key"));
        expect_told(&mut bob, "?carol signs nothing: nothing can be said to him alone; nothing was said");
    }
    let mut sender = start(network.host(0), &["-v", "send", "--to", "carol", "the key"]);
    sender.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    carol.arrive("carol");
    sender.expect_line(Stream::Err, |line| line.ends_with("; nothing was said"), LIMIT);
    assert_eq!(sender.wait(LIMIT).code(), Some(1));
}

fn a_sealed_room_has_private_lines_too() {
    const DAWN: &str = "magpie at dawn";
    let network = Network::new(3).unwrap();
    let mut outsider = listener(network.host(2), "bob");
    let mut carol = sealed_listener(network.host(2), DAWN);
    let mut bob = sealed(network.host(1), DAWN, &["-n", "bob"]);
    expect_arrival(&mut bob, "reader");
    let mut alice = sealed(network.host(0), DAWN, &["-n", "alice", "send", "--to", "bob", "the key"]);
    assert_eq!(alice.wait(LIMIT).code(), Some(0), "{:?}", alice.heard());
    expect_private(&mut bob, " alice → you  the key");
    bob.write_line("/msg reader hi");
    assert_eq!(expect_object(&mut carol, |_| true, LIMIT).0["text"], "hi");
    assert_eq!(run(network.host(0), &["send", "to all"]).0, Some(0));
    assert_eq!(expect_object(&mut outsider, |_| true, LIMIT).0["text"], "to all");
}

fn an_answer_goes_where_it_was_asked() {
    let network = Network::new(2).unwrap();
    let mut alice = chat(network.host(0), "alice");
    let [mut first, mut second] = [(); 2].map(|()| {
        let bob = chat(network.host(1), "bob");
        expect_arrival(&mut alice, "bob");
        bob
    });
    for bob in [&mut first, &mut second] {
        bob.expect_line(Stream::Out, |line| line.contains(" alice is here ("), LIMIT);
    }
    alice.write_line("/msg bob to both");
    expect_private(&mut first, " alice → you  to both");
    expect_private(&mut second, " alice → you  to both");
    second.write_line("/msg alice by the second");
    expect_private(&mut alice, " bob → you  by the second");
    alice.write_line("/r only there");
    expect_private(&mut second, " alice → you  only there");
    alice.write_line("to all");
    expect(&mut first, " alice    to all");
    assert!(first.heard().iter().all(|line| !line.text.contains("only there")));
    // It is closed: what is left of him is spoken to. That one of his runs has it is enough.
    second.close_stdin();
    second.wait(LIMIT);
    expect(&mut alice, "← bob left");
    alice.write_line("/r still there?");
    expect_private(&mut first, " alice → you  still there?");
    first.close_stdin();
    first.wait(LIMIT);
    expect(&mut alice, "← bob left");
    alice.write_line("/r and now?");
    expect_told(&mut alice, "bob is not here any more; nothing was said");
    assert!(alice.heard().iter().all(|line| !line.text.contains("has not got")));
}

fn who_is_ignored_is_not_shown() {
    let network = Network::new(3).unwrap();
    let mut bob = chat(network.host(1), "bob");
    let mut alice = chat(network.host(0), "alice");
    expect_arrival(&mut bob, "alice");
    bob.write_line("/ignore alice");
    expect(&mut bob, "alice is ignored from now on");
    let mut reader = start(network.host(1), &["-v", "-n", "reader", "listen", "--count", "1"]);
    expect_arrival(&mut alice, "reader");
    for name in ["bob", "reader"] {
        alice.write_line(&format!("/msg {name} hear me"));
        expect_private(&mut alice, &format!(" you → {name}  hear me"));
    }
    for name in ["bob", "reader"] {
        let said = run(network.host(2), &["-n", "carol", "send", "--to", name, "hi"]);
        assert_eq!(said, (Some(0), String::new(), String::new()));
    }
    expect_private(&mut bob, " carol → you  hi");
    expect_private(&mut reader, " carol → you  hi");
    assert_eq!(reader.wait(LIMIT).code(), Some(0));
    bob.write_line("/r hi");
    expect_told(&mut bob, "carol is not here any more; nothing was said");
    for running in [&mut bob, &mut reader] {
        assert!(running.heard().iter().all(|line| !line.text.contains("hear me")));
    }
}
