//! Signals: those that end it, with a goodbye, and those that stop it for a while.

use std::os::unix::process::ExitStatusExt;

use crate::Place;
use crate::running::{LIMIT, Running, Stream};

/// One who watches who comes and goes.
fn watcher(place: &Place) -> Running {
    place.start(&["peers", "--watch", "--json", "--wait", "0"])
}

#[test]
fn each_that_ends_it_is_its_end_and_goodbye_is_said() {
    let place = Place::new(10);
    let mut watcher = watcher(&place);
    for (signal, number) in [("INT", 2), ("TERM", 15), ("HUP", 1)] {
        for (words, nick) in [(&["listen"][..], "a"), (&["listen", "--json"], "b"), (&["chat"], "c")] {
            let nick = format!("{nick}{number}");
            let mut run = place.start(&[&["--nick", &nick], words].concat());
            let is_of = |line: &str, kind: &str| line.contains(kind) && line.contains(&format!(r#""nick":"{nick}""#));
            watcher.expect_line(Stream::Out, |line| is_of(line, r#""type":"peer""#), LIMIT);
            run.signal(signal);
            assert_eq!(run.wait(LIMIT).signal(), Some(number), "{words:?}");
            let left = watcher.expect_line(Stream::Out, |line| is_of(line, r#""type":"left""#), LIMIT);
            assert!(left.text.contains(r#""reason":"goodbye""#), "{words:?}: {}", left.text);
        }
    }
    watcher.signal("INT");
    assert_eq!(watcher.wait(LIMIT).signal(), Some(2));
}

#[test]
fn a_shell_sees_the_usual_codes() {
    let place = Place::new(11);
    for (signal, code) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        // With job control, a shell does not have its children ignore SIGINT.
        let script = r#"set -m; "$0" -v listen & read word; kill -s "$word" $!; wait $!; echo "code $?""#;
        let mut shell = Running::start(&mut place.script("sh", script));
        shell.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
        shell.write_line(signal);
        shell.expect_line(Stream::Out, |line| line == format!("code {code}"), LIMIT);
        shell.wait(LIMIT);
    }
}

#[test]
fn send_ends_by_a_signal_while_it_reads_and_while_it_waits() {
    let place = Place::new(12);
    let mut listener = place.listener(&[]);
    let mut reading = place.start(&["--nick", "bob", "send"]);
    reading.write_line("before");
    listener.expect_line(Stream::Out, |line| line.ends_with("before"), LIMIT);
    reading.signal("INT");
    assert_eq!(reading.wait(LIMIT).signal(), Some(2));

    listener.signal("STOP");
    let mut waiting = place.start(&["--nick", "bob", "send", "--wait", "600"]);
    waiting.write_line("unheard");
    waiting.close_stdin();
    waiting.signal("TERM");
    assert_eq!(waiting.wait(LIMIT).signal(), Some(15));
    listener.signal("CONT");
}

/// As by Ctrl-Z and `fg`.
#[test]
fn who_was_stopped_goes_on() {
    let place = Place::new(13);
    let mut listener = place.listener(&[]);
    let mut sender = place.start(&["--nick", "bob", "send"]);
    sender.write_line("one");
    listener.expect_line(Stream::Out, |line| line.ends_with("one"), LIMIT);
    sender.signal("STOP");
    sender.write_line("two");
    sender.signal("CONT");
    listener.expect_line(Stream::Out, |line| line.ends_with("two"), LIMIT);
    listener.signal("STOP");
    sender.write_line("three");
    listener.signal("CONT");
    listener.expect_line(Stream::Out, |line| line.ends_with("three"), LIMIT);
    sender.close_stdin();
    assert_eq!(sender.wait(LIMIT).code(), Some(0));
}
