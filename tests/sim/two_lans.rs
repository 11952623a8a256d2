//! Two LANs, and a host that is on both: what is said on the one is not told on the other.

use std::time::Duration;

use cooee::node::{Arrival, CardId, Command, LinkId};
use cooee::wire::Run;

use crate::lan::{Card, HostNumber, Lan};
use crate::seeds::sweep;
use crate::weather::{CABLE, SECOND_CABLE, Start, Weather};

const SECOND: Duration = Duration::from_secs(1);

/// On the first LAN alone,
const HERE: [HostNumber; 2] = [0, 1];
/// on both,
const BETWEEN: HostNumber = 2;
/// and on the second LAN alone.
const THERE: [HostNumber; 2] = [3, 4];

/// By which name who walks over knows his way onto the LAN that he comes to.
const NEW_CABLE: LinkId = LinkId(7);

const fn card(link: LinkId, switch: usize) -> Card {
    Card { link, card: CardId(link.0), switch }
}

/// Five members, of whom one is on two LANs, and all know whom they can; only then the weather sets in.
fn two_lans(weather: Weather, seed: u64) -> Lan {
    let mut lan = laid(Weather { loss: 0.0, ..weather.clone() }, seed);
    lan.start_all();
    lan.run_for(6 * SECOND);
    lan.weather = weather;
    lan
}

fn laid(weather: Weather, seed: u64) -> Lan {
    let mut lan = Lan::new(5, weather, seed);
    lan.plug(BETWEEN, &[card(CABLE, 0), card(SECOND_CABLE, 1)]);
    THERE.into_iter().for_each(|host| lan.plug(host, &[card(CABLE, 1)]));
    lan
}

fn shown(lan: &Lan, reader: HostNumber, author: Run) -> usize {
    lan.model.shown_of(lan.node(reader).run(), author)
}

/// Whether everybody has all that was said on his own LAN.
fn have_all(lan: &Lan, said_by_each: usize) -> bool {
    let has = |reader: HostNumber, authors: &[HostNumber]| {
        let of_others = authors.iter().filter(|author| **author != reader).map(|author| lan.node(*author).run());
        of_others.into_iter().all(|author| shown(lan, reader, author) == said_by_each)
    };
    let [here, there] = [HERE, THERE].map(|lan| [&lan[..], &[BETWEEN]].concat());
    here.iter().all(|reader| has(*reader, &here)) && there.iter().all(|reader| has(*reader, &there))
}

/// Sees to it that nothing that was said on the one LAN is shown on the other, and nobody there listed.
fn assert_apart(lan: &Lan) {
    for (reader, author) in
        HERE.into_iter().flat_map(|here| THERE.into_iter().flat_map(move |there| [(here, there), (there, here)]))
    {
        let author = lan.node(author).run();
        assert_eq!(shown(lan, reader, author), 0, "host {reader} shows lines of the other LAN");
        assert!(!lan.table(reader).contains(&author), "host {reader} lists who is on the other LAN");
    }
}

#[test]
fn who_is_on_two_lans_is_no_relay() {
    sweep(|seed| {
        let mut lan = two_lans(Weather::losing(if seed % 2 == 0 { 0.0 } else { 0.25 }), seed);
        for _ in 0..10 {
            (0..5).for_each(|host| lan.say(host));
            lan.run_for(SECOND);
        }
        lan.weather.loss = 0.0;
        lan.run_until(8 * SECOND, |lan| have_all(lan, 10));
        lan.run_for(30 * SECOND);
        assert_apart(&lan);
    });
}

#[test]
fn beacons_of_who_is_on_two_lans_start_no_comparison_without_end() {
    sweep(|seed| {
        let mut lan = two_lans(Weather::FAIR, seed);
        (0..5).for_each(|host| lan.say(host));
        lan.run_for(30 * SECOND);
        let (unicasts, broadcasts) = (lan.unicasts, lan.broadcasts);
        lan.run_for(100 * SECOND);
        assert_eq!(lan.unicasts, unicasts, "nobody compares anything");
        // Six cables, and a beacon by each in five seconds.
        assert!((100..=140).contains(&(lan.broadcasts - broadcasts)), "{} beacons", lan.broadcasts - broadcasts);
    });
}

#[test]
fn a_newcomer_has_the_history_of_his_own_lan_alone() {
    sweep(|seed| {
        let mut lan = two_lans(Weather::FAIR, seed);
        for _ in 0..5 {
            (0..5).for_each(|host| lan.say(host));
            lan.run_for(SECOND);
        }
        // Only who is on both is left to be asked.
        lan.kill(HERE[0]);
        lan.kill(HERE[1]);
        lan.run_for(20 * SECOND);
        let newcomer = lan.start_as(HERE[0], Start { history: 50, ..Start::member(HERE[0]) });
        lan.run_until(SECOND, |lan| lan.model.shown_as(newcomer, Arrival::History) == 15);
        lan.run_for(20 * SECOND);
        assert_eq!(lan.model.shown_by(newcomer), 15);
    });
}

#[test]
fn who_walks_over_has_all_and_is_heard_with_all_he_said() {
    sweep(|seed| {
        let mut lan = two_lans(Weather::losing(0.1), seed);
        let walker = lan.node(HERE[0]).run();
        for _ in 0..5 {
            (0..5).for_each(|host| lan.say(host));
            lan.run_for(SECOND);
        }
        // What he says last is heard by nobody, and on his way he hears nothing.
        lan.plug(HERE[0], &[]);
        lan.say(BETWEEN);
        lan.run_for(10 * SECOND);
        lan.plug(HERE[0], &[card(NEW_CABLE, 1)]);
        lan.run_for(5 * SECOND);
        for _ in 0..5 {
            lan.say(HERE[0]);
            THERE.into_iter().for_each(|host| lan.say(host));
            lan.run_for(SECOND);
        }
        lan.weather.loss = 0.0;
        let others = [BETWEEN, THERE[0], THERE[1]];
        lan.run_until(10 * SECOND, |lan| others.into_iter().all(|reader| shown(lan, reader, walker) == 10));
        let said = [(BETWEEN, 6), (THERE[0], 10), (THERE[1], 10)];
        lan.run_until(10 * SECOND, |lan| {
            said.into_iter().all(|(author, said)| shown(lan, HERE[0], lan.node(author).run()) == said)
        });
        // Who has stayed hears no more of the other LAN than before.
        lan.run_for(20 * SECOND);
        THERE.into_iter().for_each(|author| assert_eq!(shown(&lan, HERE[1], lan.node(author).run()), 0));
    });
}

#[test]
fn who_is_moved_carries_along_what_he_has_heard() {
    sweep(|seed| {
        let mut lan = two_lans(Weather::FAIR, seed);
        lan.kill(BETWEEN);
        let author = lan.node(HERE[0]).run();
        (0..5).for_each(|_| lan.say(HERE[0]));
        lan.run_for(SECOND);
        lan.command(HERE[0], Command::Leave);
        lan.run_for(SECOND);
        // The same card at another switch, or another one.
        let link = if seed % 2 == 0 { CABLE } else { NEW_CABLE };
        if seed % 3 == 0 {
            lan.plug(HERE[1], &[]);
            lan.run_for(5 * SECOND);
        }
        lan.plug(HERE[1], &[card(link, 1)]);
        let took = |lan: &mut Lan| {
            lan.run_until(20 * SECOND, |lan| THERE.into_iter().all(|host| shown(lan, host, author) == 5))
        };
        took(&mut lan);
    });
}

#[test]
fn a_cable_that_is_pulled_and_plugged_makes_no_relay() {
    sweep(|seed| {
        let mut lan = two_lans(Weather::FAIR, seed);
        (0..5).for_each(|host| lan.say(host));
        lan.run_for(SECOND);
        for cards in [&[card(SECOND_CABLE, 1)][..], &[card(CABLE, 0)], &[]] {
            lan.plug(BETWEEN, cards);
            lan.run_for(10 * SECOND);
            (0..5).for_each(|host| lan.say(host));
            lan.run_for(10 * SECOND);
            // One after the other, in either order.
            lan.plug(BETWEEN, &[card(if seed % 2 == 0 { CABLE } else { SECOND_CABLE }, (seed % 2) as usize)]);
            lan.run_for(2 * SECOND);
            lan.plug(BETWEEN, &[card(CABLE, 0), card(SECOND_CABLE, 1)]);
            lan.run_for(20 * SECOND);
        }
        assert!(have_all(&lan, 4));
        assert_apart(&lan);
    });
}

#[test]
fn a_cut_through_one_of_the_lans_is_healed_also_of_who_has_left() {
    sweep(|seed| {
        let mut lan = two_lans(Weather::FAIR, seed);
        // Who is on both LANs is cut off from the one who has heard what is lacking.
        lan.cut(0..2, 2..5);
        let author = lan.node(HERE[0]).run();
        (0..5).for_each(|_| lan.say(HERE[0]));
        lan.say(BETWEEN);
        lan.say(THERE[0]);
        lan.run_for(SECOND);
        lan.command(HERE[0], Command::Leave);
        lan.run_for(30 * SECOND);
        lan.heal();
        lan.run_until(6 * SECOND, |lan| {
            shown(lan, BETWEEN, author) == 5 && shown(lan, HERE[1], lan.node(BETWEEN).run()) == 1
        });
        lan.run_for(20 * SECOND);
        THERE.into_iter().for_each(|reader| assert_eq!(shown(&lan, reader, author), 0));
        assert_eq!(shown(&lan, HERE[1], lan.node(THERE[0]).run()), 0);
    });
}

#[test]
fn two_who_are_on_both_lans_exchange_what_either_lacks_of_both() {
    sweep(|seed| {
        let mut lan = laid(Weather::FAIR, seed);
        lan.plug(THERE[1], &[card(CABLE, 0), card(SECOND_CABLE, 1)]);
        lan.start_all();
        lan.run_for(6 * SECOND);
        let authors = [HERE[0], THERE[0]].map(|host| lan.node(host).run());
        lan.plug(THERE[1], &[]);
        for host in [HERE[0], THERE[0]] {
            (0..5).for_each(|_| lan.say(host));
            lan.run_for(SECOND);
            lan.command(host, Command::Leave);
        }
        lan.kill(HERE[1]);
        lan.run_for(20 * SECOND);
        lan.plug(THERE[1], &[card(CABLE, 0), card(SECOND_CABLE, 1)]);
        // Of two beacons that go by two links, one may be overtaken by the other, and count as old.
        lan.run_until(60 * SECOND, |lan| authors.into_iter().all(|author| shown(lan, THERE[1], author) == 5));
    });
}

#[test]
fn two_cards_on_one_lan_and_one_on_another_are_two_lans() {
    sweep(|seed| {
        let mut lan = laid(Weather::losing(0.1), seed);
        lan.plug(BETWEEN, &[card(CABLE, 0), card(SECOND_CABLE, 1), card(NEW_CABLE, 1)]);
        lan.start_all();
        lan.run_for(6 * SECOND);
        for _ in 0..10 {
            (0..5).for_each(|host| lan.say(host));
            lan.run_for(SECOND);
        }
        lan.weather.loss = 0.0;
        lan.run_until(10 * SECOND, |lan| have_all(lan, 10));
        lan.run_for(20 * SECOND);
        assert_apart(&lan);
    });
}

#[test]
fn two_links_of_one_card_are_one_lan() {
    sweep(|seed| {
        // As by IPv4 and by IPv6: who has one of them alone does not hear who has the other.
        let [one, other] = [(CABLE, 0), (SECOND_CABLE, 1)].map(|(link, switch)| Card { link, card: CardId(1), switch });
        let mut lan = Lan::new(3, Weather::FAIR, seed);
        lan.plug(0, &[one]);
        lan.plug(1, &[one, other]);
        lan.plug(2, &[other]);
        let author = lan.start(0);
        lan.start(1);
        lan.run_for(6 * SECOND);
        (0..5).for_each(|_| lan.say(0));
        lan.run_for(SECOND);
        let newcomer = lan.start_as(2, Start { history: 50, ..Start::member(2) });
        lan.run_until(SECOND, |lan| lan.model.shown_of(newcomer, author) == 5);
        lan.say(0);
        lan.run_until(10 * SECOND, |lan| lan.model.shown_of(newcomer, author) == 6);
    });
}
