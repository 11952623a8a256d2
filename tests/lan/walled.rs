//! Firewalls that let the shared port through and no unicast: all works by broadcast, and takes hardly longer.

use std::thread;
use std::time::{Duration, Instant};

use crate::arriving::{readers, text, texts};
use crate::cooee::{expect_object, nicks, run, start};
use crate::network::{Host, Network};
use crate::process::{LIMIT, Running, Stream};
use crate::{Needs, TrialTable};

pub(crate) const TRIALS: TrialTable = &[
    ("walled::behind_five_walls_all_arrives_within_2_seconds", Needs::Filters, behind_five_walls),
    ("walled::behind_one_wall_all_arrives_within_2_seconds", Needs::Filters, behind_one_wall),
    ("walled::whose_unicast_is_kept_in_hears_all_within_2_seconds", Needs::Filters, whose_unicast_is_kept_in),
    ("walled::all_that_one_does_works_behind_walls", Needs::Filters, all_that_one_does_works_behind_walls),
];

/// The figure to keep.
const WORST: Duration = Duration::from_secs(2);

/// Has a host's firewall drop all unicast, on its way in or out.
fn wall(host: &Host, hook: &str) {
    let rules = format!(
        "table inet wall {{\nchain {hook} {{\ntype filter hook {hook} priority 0\nudp dport 26634-26649 drop\n}}\n}}"
    );
    let made = host.command("nft").arg(rules).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// Says 200 lines at the pace of a lively talk, of which each reader loses one in five; asserts that each has printed
/// all of them in order and in time.
fn talk(name: &str, network: &Network, mut readers: Vec<Running>) {
    network.loss(0.2);
    let mut speaker = start(network.host(0), &["--nick", "speaker", "send", "--wait", "60"]);
    let mut said = Vec::new();
    for number in 0..200 {
        said.push(Instant::now());
        speaker.write_line(&text(number));
        thread::sleep(Duration::from_millis(25));
    }
    speaker.close_stdin();
    assert_eq!(speaker.wait(Duration::from_secs(90)).code(), Some(0), "{:?}", speaker.heard());
    let mut delays = Vec::new();
    for reader in &mut readers {
        expect_object(reader, |object| object["text"] == text(199), LIMIT);
        assert!(texts(reader).iter().eq(&(0..200).map(text).collect::<Vec<_>>()), "{:?}", texts(reader));
        let printed = reader.heard().iter().filter(|line| line.stream == Stream::Out).map(|line| line.at);
        delays.extend(printed.zip(&said).map(|(at, said)| at.duration_since(*said)));
    }
    delays.sort();
    let within = |percent: usize| delays[(delays.len() - 1) * percent / 100];
    println!("{name}: half within {:?}, 99 % {:?}, all {:?}", within(50), within(99), within(100));
    assert!(within(100) < WORST, "{:?}", within(100));
}

fn behind_five_walls() {
    let network = Network::new(5).unwrap();
    (0..5).for_each(|i| wall(network.host(i), "input"));
    let readers = readers(&network, 5);
    talk("five walls", &network, readers);
}

fn behind_one_wall() {
    let network = Network::new(4).unwrap();
    wall(network.host(1), "input");
    let readers = readers(&network, 4);
    talk("one wall, on the way in", &network, readers);
}

fn whose_unicast_is_kept_in() {
    let network = Network::new(4).unwrap();
    wall(network.host(1), "output");
    let readers = readers(&network, 4);
    talk("one wall, on the way out", &network, readers);
}

fn all_that_one_does_works_behind_walls() {
    let network = Network::new(4).unwrap();
    (0..4).for_each(|i| wall(network.host(i), "input"));
    let mut readers = readers(&network, 4);
    assert_eq!(nicks(network.host(0)), ["reader-1", "reader-2", "reader-3"]);
    // One private line in a hundred and fifty is not known to be heard at a loss of one in five.
    network.loss(0.05);
    for number in 0..5 {
        let said = format!("time {number}");
        assert_eq!(run(network.host(0), &["send", &said]), (Some(0), String::new(), String::new()));
        let secret = format!("secret {number}");
        let told = run(network.host(0), &["send", "--to", "reader-1", &secret]);
        assert_eq!(told, (Some(0), String::new(), String::new()));
        readers.iter_mut().for_each(|reader| drop(expect_object(reader, |object| object["text"] == *said, LIMIT)));
        expect_object(&mut readers[0], |object| object["text"] == *secret && object["private"] == true, LIMIT);
    }
    let (code, told, _) = run(network.host(0), &["ping", "reader-1", "--count", "5"]);
    assert_eq!(code, Some(0));
    assert!(told.contains("reader-1  unicast    5 sent, 0 received, 100 % lost\n"), "{told}");
    assert!(told.contains("reader-1  broadcast  5 sent, ") && !told.contains("broadcast  5 sent, 0"), "{told}");
}
