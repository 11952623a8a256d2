//! cooee(1) tells of all that the program has, and of nothing else. Whatever can be read from both sides is compared.

mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use clap::{Arg, ValueEnum};
use cooee::net::{self, Address, Interface, State, Unused, Use};
use cooee::node::{Arrival, Departure, Gap, HeardLine, HeardRoom, HearsUs, Peer};
use cooee::time::{Time, UnixMillis};
use cooee::trust::PublicKey;
use cooee::wire::{PingWay, RoomName, Seq, SeqRange, Text};
use serde_json::{Value, json};

use super::*;
use crate::ui::arguments::{Color, definition};
use crate::ui::commands::doctor::{Finding, FindingObject, Summary, SummaryObject, Topic};
use crate::ui::config::{Key, Source};
use crate::ui::json::{
    GapObject, IdObject, InterfaceObject, LeftObject, LineObject, PeerObject, RoomObject, SettingObject,
};
use crate::ui::people::names::Standing;
use crate::ui::round_trips::PongObject;
use crate::ui::safe::Safe;
use crate::ui::{locale, passphrase, sample};

const PAGE: &str = include_str!("../../../../man/cooee.1");

/// Variables that clap knows nothing of: whoever chooses the colours reads them.
const COLOR_VARIABLES: [&str; 5] = ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "CI", "TERM"];
/// Variables that stand for no flag.
const OTHER_VARIABLES: [&str; 4] = [passphrase::VARIABLE, "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME"];

/// An item of a list on the page.
struct Item {
    section: &'static str,
    /// What follows `.It`; behind the subsection, or the command, that it belongs to: `peers: Fl Fl all`.
    head: String,
    text: String,
}

fn items() -> Vec<Item> {
    items_of(PAGE)
}

fn items_of(page: &'static str) -> Vec<Item> {
    let (mut section, mut part, mut items) = ("", String::new(), Vec::<Item>::new());
    for line in page.lines() {
        match line.split_once(' ') {
            Some((".Sh", name)) => (section, part) = (name, String::new()),
            Some((".Ss", name)) => part = format!("{name}: "),
            Some((".It", head)) => {
                let command = head.strip_prefix("Cm ").and_then(|command| command.split(' ').next());
                let head = if command.is_some() { head.to_owned() } else { part.clone() + head };
                part = command.map_or(part, |command| format!("{command}: "));
                items.push(Item { section, head, text: String::new() });
            }
            _ => items.last_mut().into_iter().for_each(|item| item.text += &format!("{line}\n")),
        }
    }
    items
}

fn heads(section: &str) -> BTreeSet<String> {
    items().into_iter().filter(|item| item.section == section).map(|item| item.head).collect()
}

fn assert_same<P: Into<String>>(what: &str, page: BTreeSet<String>, program: impl IntoIterator<Item = P>) {
    let program: BTreeSet<String> = program.into_iter().map(Into::into).collect();
    let (lacks, invents): (Vec<_>, Vec<_>) = (program.difference(&page).collect(), page.difference(&program).collect());
    assert!(lacks.is_empty() && invents.is_empty(), "{what}: cooee(1) lacks {lacks:?} and invents {invents:?}");
}

/// An option as it stands on the page: `Fl w , Fl Fl wait Ar secs`.
fn option(arg: &Arg) -> String {
    names(arg).join(" , ") + &value(arg)
}

/// The short name first, if there is one.
fn names(arg: &Arg) -> Vec<String> {
    let short = arg.get_short().map(|short| format!("Fl {short}"));
    short.into_iter().chain(arg.get_long().map(|long| format!("Fl Fl {long}"))).collect()
}

/// The name of an argument's value: ` Ar secs`; ` Ns Op = Ns Ar bool` of one that can do without; nothing where it takes
/// none.
fn value(arg: &Arg) -> String {
    let name = arg.get_value_names().filter(|_| arg.get_action().takes_values()).map(|names| names[0].to_lowercase());
    let before = if arg.is_require_equals_set() { " Ns Op = Ns Ar" } else { " Ar" };
    name.map(|name| format!("{before} {name}")).unwrap_or_default()
}

/// An argument without a flag: `Op Ar text ...`.
fn positional(arg: &Arg) -> String {
    let many = if arg.get_num_args().is_some_and(|count| count.max_values() > 1) { " ..." } else { "" };
    if arg.is_required_set() { value(arg).trim().to_owned() + many } else { format!("Op{}{many}", value(arg)) }
}

/// A command as it stands on the page: `Cm send Op Ar text ...`.
fn command(command: &clap::Command) -> String {
    let name = format!("Cm {command}");
    command.get_positionals().fold(name, |words, arg| words + " " + &positional(arg))
}

#[test]
fn options_and_commands() {
    let program = definition();
    let by_clap = ["Fl h , Fl Fl help", "Fl V , Fl Fl version"].map(str::to_owned);
    assert_same("OPTIONS", heads("OPTIONS"), program.get_opts().map(option).chain(by_clap));
    let tasks = program.get_subcommands().flat_map(|task| {
        assert!(!task.has_subcommands(), "{task} has commands of its own, at which nobody looks here");
        task.get_opts().map(move |arg| format!("{task}: {}", option(arg))).chain([command(task)])
    });
    assert_same("COMMANDS", heads("COMMANDS"), tasks);
}

/// Each option stands in the synopsis by its short name if it has one: `.Op Fl w Ar secs`.
#[test]
fn synopsis() {
    let sorted = |lines: BTreeSet<String>| lines.into_iter().collect::<Vec<_>>().join(" ");
    let from = PAGE.split_once(".Sh SYNOPSIS\n.Nm\n").unwrap().1;
    let page = from.split_once(".Sh ").unwrap().0.split(".Nm\n");
    let program = definition();
    let usages = program.get_subcommands().map(|task| {
        let name = format!(".{}Cm {}", if task.get_name() == "chat" { "Op " } else { "" }, task.get_name());
        let options = task.get_opts().map(|arg| format!(".Op {}{}", names(arg)[0], value(arg)));
        let positionals = task.get_positionals().map(|arg| format!(".{}", positional(arg)));
        [".Op Ar option ...".to_owned(), name].into_iter().chain(options).chain(positionals).collect()
    });
    let page = page.map(|usage| sorted(usage.lines().map(str::to_owned).collect()));
    assert_same("SYNOPSIS", page.collect(), usages.map(sorted));
}

#[test]
fn defaults_and_choices() {
    let (items, program) = (items(), definition());
    for task in [&program].into_iter().chain(program.get_subcommands()) {
        for arg in task.get_arguments().filter(|arg| arg.get_action().takes_values()) {
            let head = match (arg.is_positional(), task.get_name()) {
                (true, _) => command(task),
                (false, "cooee") => option(arg),
                (false, task) => format!("{task}: {}", option(arg)),
            };
            let item = items.iter().find(|item| item.head == head).unwrap_or_else(|| panic!("cooee(1) lacks {head:?}"));
            let says = |word: &str| item.text.split(|c: char| !c.is_alphanumeric() && c != '-').any(|w| w == word);
            let defaults = arg.get_default_values().iter().map(|value| value.to_str().unwrap().to_owned());
            let choices = if arg.is_hide_possible_values_set() { Vec::new() } else { arg.get_possible_values() };
            for word in defaults.chain(choices.iter().map(|value| value.get_name().to_owned())) {
                assert!(says(&word), "cooee(1) does not tell of {word:?} at {head:?}");
            }
        }
    }
}

#[test]
fn environment() {
    let program = definition();
    let tasks = [&program].into_iter().chain(program.get_subcommands());
    let variables = tasks.flat_map(clap::Command::get_arguments).filter_map(|arg| arg.get_env()?.to_str());
    let others = COLOR_VARIABLES.into_iter().chain(OTHER_VARIABLES).chain(locale::VARIABLES);
    assert_same("ENVIRONMENT", heads("ENVIRONMENT"), variables.chain(others).map(|name| format!("Ev {name}")));
}

/// The chat keeps its table to itself, so it is read from the source.
#[test]
fn commands_of_the_chat() {
    let (_, table) = include_str!("../chat/entry.rs").split_once("const COMMANDS").unwrap();
    let quoted = |text: &str| text.split('"').nth(1).unwrap().to_lowercase();
    let commands = table.split_once("\n];").unwrap().0.split("name: ").skip(1).map(|command| {
        let usage = quoted(command.split_once("usage: ").unwrap().1);
        let optional = usage.strip_prefix('[').and_then(|usage| usage.strip_suffix(']'));
        let usage = match optional.map(|usage| usage.split_once("] [").ok_or(usage)) {
            Some(Ok((first, second))) => format!("Oo Ar {first} Oc Op Ar {second}"),
            Some(Err(optional)) => format!("Op Ar {optional}"),
            None => format!("Ar {usage}"),
        };
        format!("Commands: Ic /{} {usage}", quoted(command)).trim_end_matches(" Ar ").to_owned()
    });
    let page = heads("THE CHAT").into_iter().filter(|head| head.starts_with("Commands: ")).collect();
    assert_same("THE CHAT", page, commands);
}

#[test]
fn exit_codes() {
    assert_same("EXIT STATUS", heads("EXIT STATUS"), ["0", "1", "2", "3"]);
    let why = || "an exit code is tried".to_owned();
    let network = net::Error::NoLink { why: why() };
    let codes = [Ending::Done, Ending::No(why()), Ending::Usage(why()), Ending::Network(network)].map(Ending::finish);
    assert_eq!(codes, [0, 1, 2, 3].map(ExitCode::from));
}

#[test]
fn reasons_for_which_an_interface_is_not_used() {
    use Unused::{Down, Ignored, Loopback, NoAddress, NoBroadcast, NotAskedFor, PointToPoint, Port, Tentative};
    let all = [NotAskedFor, Ignored, Down, Port, NoAddress, Tentative, PointToPoint, NoBroadcast, Loopback];
    let all = all.map(Unused::reason);
    assert_same("NETWORK", heads("NETWORK"), all);
}

#[test]
fn keys_of_json() {
    let mut keys = BTreeMap::new();
    for object in samples() {
        note_keys(&object, &format!("{}: Va ", object["type"].as_str().unwrap()), &mut keys);
    }
    let types = |types: BTreeSet<&str>| types.into_iter().collect::<Vec<_>>().join(" or ");
    assert_same("JSON", heads("JSON"), keys.into_iter().map(|(key, found)| format!("{key} Pq {}", types(found))));
}

/// Notes each key with the types of its values; those of objects in an array as `addresses[].prefix`.
fn note_keys(object: &Value, before: &str, keys: &mut BTreeMap<String, BTreeSet<&str>>) {
    for (key, value) in object.as_object().unwrap() {
        let key = format!("{before}{key}");
        let objects = value.as_array().into_iter().flatten().filter(|item| item.is_object());
        objects.for_each(|object| note_keys(object, &format!("{key}[]."), keys));
        let words = [(value.is_null(), "null"), (value.is_boolean(), "boolean"), (value.is_number(), "number")];
        let last = if value.is_string() { "string" } else { "array" };
        let word = words.into_iter().find_map(|(is, word)| is.then_some(word)).unwrap_or(last);
        keys.entry(key).or_default().insert(word);
    }
}

/// An object of each type; two where a value may be missing.
fn samples() -> Vec<Value> {
    let (run, peer) = (sample::run(1), sample::peer(1, "bob"));
    let reader = Peer { signer: Some(PublicKey([1; 32])), ..peer.clone() };
    let little_known = Peer { hears_us: HearsUs::Unknown, clock_ahead: None, ..peer.clone() };
    let (nick, from, link) = (peer.profile.nick.clone(), peer.address, peer.link);
    let (now, time, eth0) = (Time::ZERO, UnixMillis(0), Safe::literal("eth0"));
    let (room, text) = (RoomName::new("lobby").unwrap(), Text::new("hi").unwrap());
    let unsigned = Standing::default();
    let signed = Standing { fingerprint: Some(PublicKey([1; 32]).fingerprint()), ..unsigned };
    let gap = |nick, standing| {
        let gap = Gap { author: run, signer: None, nick, range: SeqRange::one(Seq::FIRST) };
        json!(GapObject::new(&gap, standing, &room, time))
    };
    let line = HeardLine {
        author: run,
        signer: None,
        nick,
        seq: Seq::FIRST,
        action: false,
        text,
        said: time,
        arrival: Arrival::InTime,
        link,
        from,
    };
    let interface = |everybody, used| {
        let addresses = vec![Address { ip: Ipv4Addr::LOCALHOST.into(), prefix: 8, everybody }];
        let interface = Interface { name: "eth0".to_owned(), index: 1, state: State::Up, addresses, used };
        json!(InterfaceObject::new(&interface))
    };
    let setting = |value, source| json!(SettingObject::new(Key::Room, value, source, Some(Path::new("config.toml"))));
    let heard_room = |name| json!(RoomObject::new(&HeardRoom { name, peers: 1, heard: now }, now, time));
    let finding = |finding: &Finding| json!(FindingObject::new(finding, time));
    let pong = |standing, round_trip| json!(PongObject::new(&peer, standing, PingWay::Unicast, round_trip, time));
    vec![
        heard_room(Some(room.clone())),
        heard_room(None),
        finding(&Finding::ok(Topic::Links, "eth0").remedy("none").on("eth0").about(&peer)),
        finding(&Finding::ok(Topic::Links, "eth0")),
        json!(SummaryObject::new(&Summary::new(&[]), time)),
        pong(signed, Some(Duration::ZERO)),
        pong(unsigned, None),
        json!(PeerObject::new(&peer, signed, &eth0, false, now, time)),
        json!(PeerObject::new(&little_known, unsigned, &eth0, false, now, time)),
        json!(LeftObject::new(&peer, Departure::Lost(Duration::ZERO), time)),
        json!(LineObject::new(&line, false, signed, &room, &eth0, time)),
        json!(LineObject::new(&line, true, unsigned, &room, &eth0, time)),
        json!(LineObject::new(&line, true, signed, &room, &eth0, time).said_here(Some(&reader))),
        gap(Some(line.nick), signed),
        gap(None, unsigned),
        json!(IdObject::new(PublicKey([1; 32]).fingerprint(), Some(Path::new("identity")))),
        json!(IdObject::new(PublicKey([1; 32]).fingerprint(), None)),
        interface(Some(Ipv4Addr::BROADCAST.into()), Use::Used),
        interface(Some(net::GROUP.into()), Use::Used),
        interface(None, Use::Unused(Unused::NoBroadcast)),
        setting(json!("lobby"), Source::Flag("--room")),
        setting(json!(26633), Source::Environment("COOEE_PORT")),
        setting(json!(true), Source::File { line: 1 }),
        setting(json!([]), Source::Default),
        setting(Value::Null, Source::Default),
    ]
}

/// stdout cannot be read from within: so this test runs itself again, and the page is what the other one prints.
#[test]
fn man_prints_the_pages_as_they_are() {
    const PRINT: &str = "COOEE_TEST_PRINT_PAGES";
    if env::var_os(PRINT).is_some() {
        let mut output = Output::open(Color::Auto);
        return Page::value_variants().iter().for_each(|page| man(*page, &mut output).unwrap());
    }
    let protocol = include_bytes!("../../../../man/cooee-protocol.7");
    assert!([PAGE.as_bytes(), settings::PAGE.as_bytes(), protocol].iter().all(|page| !page.is_empty()));
    let this = concat!(module_path!(), "::man_prints_the_pages_as_they_are").split_once("::").unwrap().1;
    let mut other = Command::new(env::current_exe().unwrap());
    let printed = other.args([this, "--exact", "--nocapture"]).env(PRINT, "").output().unwrap().stdout;
    let pages = [PAGE.as_bytes(), settings::PAGE.as_bytes(), protocol].concat();
    assert!(printed.windows(pages.len()).any(|part| part == pages), "cooee man prints something else than the pages");
}
