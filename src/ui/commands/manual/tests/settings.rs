//! cooee(5) tells of all settings with what they may be and their defaults, and its example is one.

use super::*;
use crate::ui::arguments::Global;
use crate::ui::commands::config::value;
use crate::ui::config::{Config, Place, Values, settle, understand};

pub(super) const PAGE: &str = include_str!("../../../../../man/cooee.5");

/// Those whose default depends on who starts the program, or that have none, with what the page says of it.
const DEFAULTS_IN_WORDS: [(Key, &str); 3] = [
    (Key::Nick, "The default is your user name."),
    (Key::Identity, "The default is\n.Pa ~/.local/share/cooee/identity ."),
    (Key::PassphraseFile, "By default, there is none."),
];

#[test]
fn every_setting_with_what_it_may_be() {
    let page = items_of(PAGE).into_iter().filter(|item| item.section == "SETTINGS");
    // Behind the subsection that they belong to.
    let page = page.map(|item| item.head.split_once(": ").map(|(_, head)| head.to_owned()).unwrap()).collect();
    let program = Key::ALL.map(|key| format!("Ic {} Pq {}", key.name(), key.shape().words()));
    assert_same("cooee(5)", page, program);
}

#[test]
fn every_default_and_what_sets_it_too() {
    let nothing = Config { place: Place::Nowhere, values: Values::default() };
    let settings = settle(Global::default(), nothing, |_| None).unwrap();
    let items = items_of(PAGE);
    for key in Key::ALL {
        let head = format!(": Ic {} Pq ", key.name());
        let item = items.iter().find(|item| item.head.contains(&head)).unwrap();
        let in_words = DEFAULTS_IN_WORDS.iter().find(|(other, _)| *other == key);
        let default = match in_words {
            Some((_, words)) => (*words).to_owned(),
            None => format!("The default is\n.Ql {}", value(&settings, key).to_string().replace('"', "\\(dq")),
        };
        assert!(item.text.contains(&default), "{}: cooee(5) does not say {default:?}", key.name());
        let flag = key.flag().map(|flag| format!(".Fl Fl {}", flag.trim_start_matches('-')));
        for name in flag.into_iter().chain(key.variable().map(|name| format!(".Ev {name}"))) {
            assert!(item.text.contains(&name), "{}: cooee(5) does not tell of {name}", key.name());
        }
    }
}

#[test]
fn the_example_is_understood() {
    let (_, from) = PAGE.split_once(".Bd -literal -offset indent\n").unwrap();
    let example = from.split_once(".Ed\n").unwrap().0;
    let (_, passed_over) = understand(example).unwrap();
    assert_eq!(passed_over, []);
    assert!(example.lines().filter(|line| line.contains(" = ")).count() > 5, "it shows something");
}
