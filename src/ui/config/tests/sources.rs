//! Who has the say. What is set in the environment for an option is tried with the real program: tests/command.

use std::ffi::OsString;

use serde_json::{Value, json};

use super::*;
use crate::ui::arguments::{Global, try_parse};
use crate::ui::commands::config::value;
use crate::ui::passphrase::{Seal, VARIABLE};
use crate::ui::settings::Settings;

/// The settings of somebody with this file, these words and this one variable.
fn settings(text: &str, words: &[&str], variable: Option<(&str, &str)>) -> Settings {
    let (values, _) = understand(text).unwrap();
    let global = match words {
        [] => Global::default(),
        _ => try_parse([&["cooee"], words].concat().into_iter().map(OsString::from)).unwrap().global,
    };
    let value = |name: &str| variable.filter(|(set, _)| *set == name).map(|(_, value)| OsString::from(value));
    settle(global, Config { place: Place::Nowhere, values }, value).unwrap()
}

#[test]
fn the_example_of_every_key_is_taken() {
    for (line, key) in Key::ALL.into_iter().enumerate() {
        let text = format!("{}{} = {}\n", "\n".repeat(line), key.name(), key.example());
        assert_eq!(passed_over(&text), [""; 0]);
        let settings = settings(&text, &[], None);
        assert_eq!(settings.sources.of(key), Source::File { line: line + 1 }, "{text}");
        let others = Key::ALL.into_iter().filter(|other| *other != key).map(|other| settings.sources.of(other));
        let by_it = if key == Key::PassphraseFile { vec![Source::File { line: line + 1 }] } else { Vec::new() };
        let mut others: Vec<_> = others.filter(|source| *source != Source::Default).collect();
        // Who seals the room has it sealed, and who has no key in a file has none.
        others.retain(|source| key != Key::Ephemeral || *source != Source::File { line: line + 1 });
        assert_eq!(others, by_it, "{text}");
    }
}

#[test]
fn where_nothing_is_said_all_is_default() {
    let settings = settings("", &[], None);
    assert!(Key::ALL.into_iter().all(|key| settings.sources.of(key) == Source::Default));
}

#[test]
fn a_path_may_begin_at_home() {
    let home = std::env::home_dir().unwrap();
    let named = |text: &str| value(&settings(text, &[], None), Key::Identity);
    assert_eq!(named("identity = \"~/k\""), json!(home.join("k").to_str().unwrap()));
    assert_eq!(named("identity = \"/~/k\""), json!("/~/k"));
}

#[test]
fn a_passphrase_is_taken_from_whom_counts_most() {
    let magpie = Some((VARIABLE, "magpie"));
    let file = "passphrase_file = \"/f\"";
    let seal = |text: &str, words: &[&str], variable| settings(text, words, variable).seal;
    assert!(matches!(seal("", &[], None), Seal::Open));
    assert!(matches!(seal("", &["--sealed"], None), Seal::Asked));
    assert!(matches!(seal("sealed = true", &[], None), Seal::Asked));
    assert!(matches!(seal("sealed = true", &[], magpie), Seal::InVariable));
    assert!(matches!(seal("sealed = true", &["--sealed=false"], magpie), Seal::Open));
    assert!(matches!(seal("sealed = false", &[], Some((VARIABLE, ""))), Seal::InVariable), "to be refused");
    assert!(matches!(seal(file, &["--sealed"], None), Seal::InFile(path) if path.ends_with("f")));
    assert!(matches!(seal(file, &["--sealed"], magpie), Seal::InVariable));
    assert!(matches!(seal(file, &["--passphrase-file", "/x"], magpie), Seal::InFile(path) if path.ends_with("x")));
}

#[test]
fn the_variables_of_all_programs_count_more_than_the_file() {
    let color = |text: &str, words: &[&str], variable| {
        let settings = settings(text, words, variable);
        (value(&settings, Key::Color), settings.sources.of(Key::Color))
    };
    let by = |color: &str, name| (json!(color), Source::Environment(name));
    let always = "color = \"always\"";
    assert_eq!(color(always, &[], Some(("NO_COLOR", "1"))), by("never", "NO_COLOR"));
    assert_eq!(color("color = \"never\"", &[], Some(("CLICOLOR_FORCE", "1"))), by("always", "CLICOLOR_FORCE"));
    assert_eq!(color(always, &[], Some(("CLICOLOR", "0"))), by("never", "CLICOLOR"));
    for says_nothing in [("NO_COLOR", ""), ("CLICOLOR_FORCE", ""), ("CLICOLOR", "1")] {
        assert_eq!(color(always, &[], Some(says_nothing)), (json!("always"), Source::File { line: 1 }));
    }
    assert_eq!(color(always, &["--color=never"], Some(("CLICOLOR_FORCE", "1"))).1, Source::Flag("--color"));
}

#[test]
fn switches_are_typed_alone_or_with_a_value_behind_an_equals_sign() {
    for (key, flag) in Key::ALL.into_iter().filter_map(|key| Some((key, key.flag()?))) {
        if key.shape().words() != "true or false" {
            continue;
        }
        let typed = |words: &[&str]| value(&settings(&format!("{} = true", key.name()), words, None), key);
        let off = format!("{flag}=false");
        assert_eq!(
            [typed(&[flag]), typed(&[&off]), typed(&["--port=1"])],
            [true, false, true].map(Value::Bool),
            "{flag}"
        );
        // What follows is the command, not the value.
        assert_eq!(typed(&[flag, "peers"]), json!(true));
        assert!(try_parse(["cooee", flag, "false"].map(OsString::from)).is_err());
    }
    assert_eq!(value(&settings("", &["-vp1"], None), Key::Verbose), json!(true));
}
