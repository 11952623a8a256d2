//! stdin, stdout and stderr: closed, full, or nothing that can be read.

use std::fs::File;

use crate::running::{LIMIT, Running, Stream};
use crate::{Place, told};

const COMMANDS: [&str; 12] = [
    "chat",
    "peers --wait 0.1",
    "peers --all --json --wait 0.1",
    "send --wait 0.1 hi",
    "send --wait 0.1",
    "send --wait 0.1 --paste",
    "send --to bob hi",
    "id",
    "interfaces",
    "completions bash",
    "man",
    "--help",
];

/// A stream that is closed is one that nobody wants: whatever else there is to do is done, with the same exit code.
#[test]
fn closed_streams_change_nothing_but_what_is_written() {
    let place = Place::new(5);
    for words in COMMANDS {
        let run = |streams: &str| told(&mut place.script("sh", &format!(r#""$0" {words} < /dev/null {streams}"#)));
        let (code, printed, complaint) = run("");
        for streams in ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"] {
            let (closed, out, err) = run(streams);
            assert_eq!(closed, code, "{words} {streams}: {err}");
            assert!(!err.contains("panicked"), "{words} {streams}: {err}");
            let (has_out, has_err) = (!streams.starts_with('>') && !streams.contains(" >"), !streams.contains("2>"));
            // The times in a table are others each time.
            assert_eq!(
                (out.is_empty(), err.is_empty()),
                (!has_out || printed.is_empty(), !has_err || complaint.is_empty())
            );
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_written_is_told() {
    let place = Place::new(6);
    for words in ["id", "interfaces", "man", "completions zsh", "--help", "--version", "peers --all --wait 0.1"] {
        let (code, _, complaint) = told(&mut place.script("sh", &format!(r#""$0" {words} > /dev/full"#)));
        assert_eq!(code, Some(1), "{words}");
        assert!(complaint.starts_with("cooee: cannot write to stdout: No space left"), "{words}: {complaint}");
    }
    let mut listener = Running::start(&mut place.script("sh", r#"exec "$0" -v listen > /dev/full"#));
    listener.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    place.say("unwritten");
    listener.expect_line(Stream::Err, |line| line.starts_with("cooee: cannot write to stdout: No space left"), LIMIT);
    assert_eq!(listener.wait(LIMIT).code(), Some(1));
}

#[test]
fn a_stdin_that_cannot_be_read_is_told() {
    let place = Place::new(7);
    let _listener = place.listener(&[]);
    for words in [&["send"][..], &["send", "--to", "reader"], &["send", "--paste"]] {
        let mut command = place.command(&[&["--nick", "bob"], words].concat());
        let (code, _, complaint) = told(command.stdin(File::open(place.folder()).unwrap()));
        assert_eq!(code, Some(1), "{words:?}: {complaint}");
        assert!(complaint.contains("cannot read") && complaint.contains("irectory"), "{words:?}: {complaint}");
    }
}

/// Where nobody looks, no row tells how far it is.
#[test]
fn send_tells_its_end_alone_where_stderr_is_no_terminal() {
    let place = Place::new(17);
    let mut listener = place.listener(&[]);
    let mut sender = place.start(&["--nick", "bob", "send", "--wait", "2"]);
    sender.write_line("heard");
    listener.expect_line(Stream::Out, |line| line.ends_with("heard"), LIMIT);
    listener.signal("STOP");
    sender.write_line("unheard");
    sender.close_stdin();
    assert_eq!(sender.wait(LIMIT).code(), Some(1));
    listener.signal("CONT");
    let told: Vec<&str> = sender.heard().iter().map(|line| &*line.text).collect();
    assert!(told.len() == 1 && told[0].starts_with("cooee: reader has not got "), "{told:?}");
}

/// Each line is there when it is said, though a pipe is no terminal.
#[test]
fn a_pipe_has_each_line_at_once() {
    let place = Place::new(8);
    for words in [&["--json"][..], &[]] {
        let mut listener = place.listener(words);
        for text in ["one", "two"] {
            place.say(text);
            listener.expect_line(Stream::Out, |line| line.contains(text), LIMIT);
        }
    }
}

#[test]
fn a_reader_who_has_gone_is_a_quiet_end() {
    let place = Place::new(9);
    let script = r#"{ "$0" -v listen --exec "sh -c 'cat > /dev/null; echo run >&2'"; echo "code $?" >&2; } | head -1"#;
    let mut pipe = Running::start(&mut place.script("sh", script));
    pipe.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    place.say("enough");
    pipe.expect_line(Stream::Out, |line| line.ends_with("enough"), LIMIT);
    // The line that was printed has had its program run too.
    pipe.expect_line(Stream::Err, |line| line == "run", LIMIT);
    pipe.expect_line(Stream::Err, |line| line == "code 0", LIMIT);
    assert!(pipe.wait(LIMIT).success());
}
