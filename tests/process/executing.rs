//! `listen --exec`: the user's program for each line.

use std::fs;
use std::os::unix::process::ExitStatusExt;

use crate::Place;
use crate::running::{LIMIT, Stream};

#[test]
fn a_program_is_run_for_each_line_and_to_its_end() {
    let place = Place::new(0);
    let folder = place.folder().to_str().unwrap();
    // The second line ends it: what was begun then takes a while more.
    let script = r#"cat > "$0/$COOEE_LINE_TEXT.json"; sleep 0.5; echo "$1 $COOEE_LINE_NICK" > "$0/$COOEE_LINE_TEXT""#;
    let command = format!("sh -c '{script}' {folder} 'from cooee'");
    let mut listener = place.listener(&["--count", "2", "--exec", &command]);
    place.say("one");
    place.say("two");
    assert_eq!(listener.wait(LIMIT).code(), Some(0));
    for text in ["one", "two"] {
        listener.expect_line(Stream::Out, |line| line.ends_with(&format!(" bob      {text}")), LIMIT);
        assert_eq!(fs::read_to_string(place.folder().join(text)).unwrap(), "from cooee bob\n");
        let json = fs::read_to_string(place.folder().join(format!("{text}.json"))).unwrap();
        let object: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!((&object["type"], &object["text"], &object["nick"]), (&"line".into(), &text.into(), &"bob".into()));
        assert!(json.ends_with("}\n"), "{json}");
    }
}

#[test]
fn what_it_prints_is_no_data_and_its_failure_no_end() {
    let place = Place::new(1);
    let mut listener = place.listener(&["--json", "--count", "2", "--exec", "sh -c 'echo heard; exit 7'"]);
    place.say("one");
    listener.expect_line(Stream::Err, |line| line == "heard", LIMIT);
    listener.expect_line(Stream::Err, |line| line == "cooee: sh failed (exit status: 7)", LIMIT);
    place.say("two");
    listener.expect_line(Stream::Err, |line| line == "heard", LIMIT);
    assert_eq!(listener.wait(LIMIT).code(), Some(0));
    let printed: Vec<_> = listener.heard().iter().filter(|line| line.stream == Stream::Out).collect();
    assert!(printed.len() == 2 && printed.iter().all(|line| line.text.starts_with('{')), "{printed:?}");
}

#[test]
fn nothing_that_is_said_becomes_part_of_a_command() {
    let place = Place::new(2);
    let file = place.folder().join("pwned");
    let mut listener = place.listener(&["--count", "1", "--exec", "sh -c 'printf \"%s\\n\" \"$COOEE_LINE_TEXT\"'"]);
    let text = format!("$(touch {0}) `touch {0}` ; touch {0} '\"", file.display());
    place.say(&text);
    listener.expect_line(Stream::Err, |line| line == text, LIMIT);
    assert_eq!(listener.wait(LIMIT).code(), Some(0));
    assert!(!file.exists());
}

#[test]
fn a_program_that_there_is_not_is_told_before_anything_is_heard() {
    let place = Place::new(3);
    for (command, why) in [
        (
            "no-such-program x",
            "cannot start \"no-such-program\": no folder of PATH has a program of that name (--exec)",
        ),
        ("/", "cannot start \"/\": it is not a file (--exec)"),
        ("say 'hi", "a quote or a backslash in it has no end"),
        ("", "it names no program"),
    ] {
        let (code, printed, told) = place.run(&["listen", "--exec", command]);
        assert_eq!((code, &*printed), (Some(2), ""));
        assert!(told.starts_with("cooee: ") && told.contains(why), "{told}");
    }
}

#[test]
fn a_signal_leaves_what_runs_to_itself() {
    let place = Place::new(4);
    let folder = place.folder().to_str().unwrap();
    let gate = place.folder().join("gate");
    assert!(std::process::Command::new("mkfifo").arg(&gate).status().unwrap().success());
    // It waits for whoever opens the other end, tells that it has gone on, and waits for that to be read.
    let script = r#"echo begun; read word < "$0/gate"; echo "$word" > "$0/gate""#;
    let mut listener = place.listener(&["--exec", &format!("sh -c '{script}' {folder}")]);
    place.say("hi");
    listener.expect_line(Stream::Err, |line| line == "begun", LIMIT);
    listener.signal("TERM");
    // It holds the pipe of stderr open, so this waits for the end of the listener alone.
    listener.expect_line(Stream::Err, |line| line.starts_with("cooee: received "), LIMIT);
    fs::write(&gate, "go on\n").unwrap();
    assert_eq!(fs::read_to_string(&gate).unwrap(), "go on\n");
    assert_eq!(listener.wait(LIMIT).signal(), Some(15));
}
