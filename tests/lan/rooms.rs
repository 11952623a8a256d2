//! Which rooms there are.

use serde_json::Value;

use crate::cooee::{cooee, run, start};
use crate::network::{Host, Network};
use crate::process::{LIMIT, Running, Stream};
use crate::sealed::sealed_listener;
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("rooms::those_in_which_somebody_is_are_listed", Needs::Lan, those_in_which_somebody_is_are_listed),
    ("rooms::no_room_is_an_honest_no", Needs::Lan, no_room_is_an_honest_no),
    ("rooms::loss_hides_none", Needs::Filters, loss_hides_none),
];

fn member(host: &Host, room: &str) -> Running {
    let mut member = start(host, &["-v", "--room", room, "listen"]);
    member.expect_line(Stream::Err, |line| line.starts_with("cooee: using "), LIMIT);
    member
}

fn those_in_which_somebody_is_are_listed() {
    let network = Network::new(4).unwrap();
    let _members =
        [(1, "attic"), (2, "attic"), (1, "lobby"), (2, "\u{1F98A} den")].map(|(i, room)| member(network.host(i), room));
    let _sealed = sealed_listener(network.host(3), "magpie at dawn");
    // In which room one is oneself does not matter, and nobody is asked for a passphrase.
    for words in [&["rooms"][..], &["-r", "attic", "rooms"], &["-r", "nowhere", "--sealed", "rooms"]] {
        let (code, table, problems) = run(network.host(0), words);
        assert_eq!((code, &*problems), (Some(0), ""), "{words:?}");
        let rows: Vec<Vec<&str>> =
            table.lines().map(|line| line.split("  ").filter(|cell| !cell.is_empty()).collect()).collect();
        let first_two: Vec<(&str, &str)> = rows.iter().map(|row| (row[0], row[1].trim())).collect();
        // The sealed room does not answer: it is heard by its beacons alone, if one came in time.
        let expected = [("ROOM", "PEERS"), ("attic", "2"), ("lobby", "1"), ("\u{1F98A} den", "1")];
        assert_eq!(first_two[..4], expected, "{table}");
        assert!(first_two[4..].iter().all(|row| *row == ("(sealed)", "1")), "{table}");
    }
    let (_, objects, _) = run(network.host(0), &["rooms", "--json"]);
    let objects: Vec<Value> = objects.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let keys: Vec<&String> = objects[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["heard_ms", "peers", "room", "sealed", "time", "type"]);
    assert_eq!(
        (&objects[0]["type"], &objects[0]["room"], &objects[0]["peers"]),
        (&"room".into(), &"attic".into(), &2.into())
    );
    assert_eq!(objects[0]["sealed"], false);
    assert!(objects[0]["heard_ms"].as_u64().unwrap() < 5000);
}

fn no_room_is_an_honest_no() {
    let network = Network::new(1).unwrap();
    let (code, table, words) = run(network.host(0), &["-r", "attic", "rooms", "--wait", "0.4"]);
    assert_eq!((code, &*table), (Some(1), ""));
    assert!(words.starts_with("cooee: no room is heard on eth0; is cooee running there"), "{words}");
}

fn loss_hides_none() {
    let network = Network::new(4).unwrap();
    let _members =
        [(1, "attic"), (2, "attic"), (2, "cellar"), (3, "cellar")].map(|(i, room)| member(network.host(i), room));
    network.loss(0.2);
    let output = cooee(network.host(0), &["rooms", "--json", "--wait", "10"]).output().unwrap();
    let objects = String::from_utf8(output.stdout).unwrap();
    assert_eq!(objects.lines().count(), 2, "{objects}");
}
