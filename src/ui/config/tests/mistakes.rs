//! Texts that are not right.

use super::*;
use crate::ui::safe::Safe;

#[test]
fn a_value_of_another_sort_is_refused_for_every_key() {
    for (wrong, message) in [
        ("nick = 5", "nick: has to be a string, as in nick = \"alice\"; here it is a whole number"),
        ("room = true", "room: has to be a string, as in room = \"lobby\"; here it is true"),
        (
            "interfaces = \"lo\"",
            "interfaces: has to be a list of strings, as in interfaces = [\"eth0\"]; here it is a string",
        ),
        ("port = \"1\"", "port: has to be a whole number, as in port = 26633; here it is a string"),
        ("identity = []", "identity: has to be a string, as in identity = \"~/keys/cooee\"; here it is a list"),
        ("ephemeral = \"yes\"", "ephemeral: has to be true or false, as in ephemeral = true; here it is a string"),
        ("sealed = 1", "sealed: has to be true or false, as in sealed = true; here it is a whole number"),
        (
            "passphrase_file = false",
            "passphrase_file: has to be a string, as in passphrase_file = \"~/keys/room\"; here it is false",
        ),
        (
            "signed_only = 1.5",
            "signed_only: has to be true or false, as in signed_only = true; here it is a number with a fraction",
        ),
        ("color = false", "color: has to be a string, as in color = \"never\"; here it is false"),
        ("verbose = 2026-11-25", "verbose: has to be true or false, as in verbose = true; here it is a date or a time"),
        ("log = \"~/log\"", "log: has to be true or false, as in log = true; here it is a string"),
        ("history = 5.0", "history: has to be a whole number, as in history = 50; here it is a number with a fraction"),
        ("timestamp = true", "timestamp: has to be a string, as in timestamp = \"%H:%M\"; here it is true"),
        (
            "nick_colors = \"red\"",
            "nick_colors: has to be true or false, as in nick_colors = false; here it is a string",
        ),
        ("bell = 3", "bell: has to be true or false, as in bell = false; here it is a whole number"),
        (
            "highlight = \"tea\"",
            "highlight: has to be a list of strings, as in highlight = [\"lunch\"]; here it is a string",
        ),
        (
            "notify = \"say\"",
            "notify: has to be true, false or a list of strings, as in notify = [\"notify-send\", \"{nick}\", \
             \"{text}\"]; here it is a string",
        ),
    ] {
        let column = wrong.find("= ").unwrap() + 3;
        assert_eq!(mistake(&format!("\n# ä\n{wrong}\n")), format!("line 3, column {column}, {message}"));
    }
    let tables = Key::ALL.map(|key| mistake(&format!("{}.x = 1", key.name())));
    assert!(tables.iter().all(|told| told.ends_with("; here it is a table")), "{tables:?}");
}

#[test]
fn a_value_that_is_not_allowed_is_refused() {
    let long = "x".repeat(65);
    for (wrong, message) in [
        ("nick = \"\"", "column 8, nick: the nick is empty"),
        (
            "nick = \"a#b\"",
            "column 8, nick: others would see the nick as a_b; let it begin with a letter or a digit, \
                            without # or anything unseen in it",
        ),
        (&format!("room = \"{long}\""), "column 8, room: the room's name has 65 bytes; 64 are the most"),
        ("room = \"a\\u001b\"", "column 8, room: the room's name has control characters in it"),
        ("room = \"a\\u0000\"", "column 8, room: has a NUL character in it"),
        ("interfaces = [\"lo\", \" \"]", "column 14, interfaces: the name of an interface is empty"),
        (
            "interfaces = [\"ä\", 5]",
            "column 20, interfaces: has to be a list of strings, as in interfaces = [\"eth0\"]; \
                                     an item of it is a whole number",
        ),
        ("port = 0", "column 8, port: not a port from 1 to 65535"),
        ("port = 65536", "column 8, port: not a port from 1 to 65535"),
        ("port = -1", "column 8, port: not a port from 1 to 65535"),
        ("history = 1001", "column 11, history: not a number of lines from 0 to 1000"),
        ("history = 99999999999999999999", "column 11, history: not a number of lines from 0 to 1000"),
        ("identity = \"key\"", "column 12, identity: not a path from the root, as in \"/media/key\", or from ~/"),
        (
            "passphrase_file = \"\"",
            "column 19, passphrase_file: not a path from the root, as in \"/media/key\", or from ~/",
        ),
        ("color = \"red\"", "column 9, color: not one of \"auto\", \"always\", \"never\": red"),
        (
            "timestamp = \"%Q\"",
            "column 13, timestamp: not a format of time, as in \"%H:%M:%S\"; \"%%\" stands for a % itself",
        ),
        ("timestamp = \"%n\"", "column 13, timestamp: the format prints nothing"),
        ("highlight = [\"\"]", "column 13, highlight: has an empty word in it"),
        ("notify = [\"\", \"x\"]", "column 10, notify: its first word, the program to run, is empty"),
        (
            "notify = [\"{text}\"]",
            "column 10, notify: its first word, the program to run, must not have {nick} or {text} \
                                   or {room} in it",
        ),
        ("notify = [\"x\", \"\\u0000\"]", "column 10, notify: has a NUL character in it"),
        (
            "ephemeral = true\nidentity = \"/k\"",
            "column 13, ephemeral: true does not go with identity in line 2; take one \
                                                 of them out",
        ),
        (
            "sealed = false\npassphrase_file = \"/k\"",
            "column 10, sealed: false does not go with passphrase_file in line 2; \
                                                      take one of them out",
        ),
    ] {
        assert_eq!(mistake(wrong), format!("line 1, {message}"));
    }
}

#[test]
fn what_is_not_toml_is_refused_with_its_place() {
    let see = "see \"cooee man cooee-config | man -l -\"";
    for (wrong, message) in [
        (
            "nick = alice",
            format!("column 8: this is not TOML: string values must be quoted, expected literal string; {see}"),
        ),
        ("nick \"alice\"", format!("column 6: this is not TOML: key with no value, expected `=`; {see}")),
        ("interfaces = [\"lo\"", format!("column 19: this is not TOML: unclosed array, expected `]`; {see}")),
        (
            "bell = true\nbell = false",
            "column 1: bell stands here for the second time; take one of them out".to_owned(),
        ),
    ] {
        let line = wrong.lines().count();
        assert_eq!(mistake(wrong), format!("line {line}, {message}"));
    }
    assert!(mistake("nick = \"a\0b\"").starts_with("line 1, column 10: this is not TOML: "));
    assert!(mistake("nick = \"a\"\r\n\r\nx\u{1b}[2J = 1").starts_with("line 3, column 3: this is not TOML: "));
    assert!(mistake(&format!("x = {}", "[".repeat(60_000))).contains(": this is not TOML: "), "nested without an end");
}

#[test]
fn a_passphrase_is_not_passed_over() {
    let told = mistake("nick = \"ada\"\npassphrase = \"magpie\"\n");
    assert!(told.starts_with("line 2, column 1: a passphrase does not stand among the settings"), "{told}");
    assert!(told.ends_with("behind passphrase_file") && !told.contains("magpie"), "{told}");
}

#[test]
fn what_there_is_not_is_passed_over_with_what_may_be_meant() {
    for (typed, meant) in [
        ("nik", Some("nick")),
        ("Nick", Some("nick")),
        ("interface", Some("interfaces")),
        ("signed-only", Some("signed_only")),
        ("colour", Some("color")),
        ("time_stamp", Some("timestamp")),
        ("passphrase-file", Some("passphrase_file")),
        ("exit", None),
        ("theme", None),
    ] {
        let hint = match meant {
            Some(meant) => format!("did you mean {meant}?"),
            None => "\"cooee config\" lists all that there are".to_owned(),
        };
        let words = format!("line 2, column 1: there is no setting {typed}, which is passed over; {hint}");
        assert_eq!(passed_over(&format!("\n{typed} = 1")), [words]);
    }
    let table = "line 1, column 2: settings stand in no table; what stands in chat is passed over";
    assert_eq!(passed_over("[chat]\nnick = 5\n"), [table]);
    let many: String = (0..5000).map(|number| format!("q{number} = 1\n")).collect();
    let told = passed_over(&many);
    assert!(told.len() == 9 && told[7].starts_with("line 8, "), "{told:?}");
    assert_eq!(told[8], ": 4992 more settings that there are not are passed over");
}

#[test]
fn nothing_of_the_text_steers_the_terminal() {
    for text in ["\"\\u001b[2J\\u202e\\n\" = 1", "color = \"\\u001b[2J\\nx\"", "[\"a\\u009b\"]\nx = 1"] {
        let told = understand(text).map_or_else(|mistake| mistake.to_string(), |_| passed_over(text).concat());
        assert_eq!(Safe::text(&told).as_str(), told, "{text}");
        assert!(!told.contains('\n'), "{told}");
    }
}
