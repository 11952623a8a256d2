use super::*;
use crate::wire::{BeaconInterval, Epoch, Heard, Hears, HostName, Nick, PeerId, Profile, ProgramVersion, Seq, Status};

const ETH0: LinkId = LinkId(1);
const WLAN0: LinkId = LinkId(2);

fn author(number: u64) -> (Run, Option<PublicKey>) {
    (run(number), None)
}

fn run(number: u64) -> Run {
    Run { peer: PeerId(number), epoch: Epoch(1) }
}

fn seconds(seconds: u64) -> Time {
    Time::from_micros(seconds * 1_000_000)
}

fn by(link: LinkId, host: u8, heard: Time) -> Sighting {
    let path = Path { link, address: SocketAddr::from(([192, 0, 2, host], 26634)), heard };
    Sighting { path, ahead: ClockLead::between(UnixMillis(0), UnixMillis(0)), tells: Hears::Surely }
}

fn beacon(nick: &'static str) -> Beacon<'static> {
    Beacon {
        hello: false,
        visitor: false,
        acks: true,
        remote: false,
        profile: Profile {
            nick: Nick::new(nick).unwrap(),
            host: HostName::new("desk").unwrap(),
            version: ProgramVersion::new("0").unwrap(),
            status: Status::new("").unwrap(),
        },
        port: 26634,
        interval: BeaconInterval::clamped(Duration::from_secs(10)),
        started: UnixMillis(0),
        time: UnixMillis(0),
        last_seq: None::<Seq>,
        digest: crate::wire::Digest(0),
        hears: 0,
        heard: Heard::NOBODY,
        room: None,
    }
}

fn peers_with(number: u64) -> Peers {
    let mut peers = Peers::new(&mut fastrand::Rng::with_seed(1));
    let change = peers.handle_beacon(author(number), Counter(5), &beacon("bob"), by(ETH0, 7, Time::ZERO));
    assert!(matches!(change, Change::Joined { .. }));
    peers
}

#[test]
fn a_silent_peer_is_asked_four_times_and_then_lost() {
    let mut peers = peers_with(1);
    let asked = Silence::Asked(Transmit::Unicast { link: ETH0, to: "192.0.2.7:26634".parse().unwrap() });
    let at_percent = |percent| Time::ZERO + BeaconInterval::clamped(Duration::from_secs(10)).share(percent);
    for percent in ASK_PERCENT {
        let at = peers.deadline().unwrap().at;
        assert_eq!(look(&mut peers, at), [Silence::Asked(asked.transmit())]);
        assert!((at_percent(percent)..=at_percent(percent + ASK_WITHIN_PERCENT)).contains(&at), "{at:?}");
    }
    assert_eq!(peers.deadline().unwrap().at, seconds(35));
    let silences = look(&mut peers, seconds(35));
    assert!(matches!(&silences[..], [Silence::Lost(peer, silent)] if peer.run == run(1) && silent.as_secs() == 35));
    assert_eq!((peers.len(), peers.deadline()), (0, None));
}

/// Who announces himself seldom holds up nobody who does often.
#[test]
fn who_announces_himself_often_is_asked_soon() {
    for seed in 1..=20 {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut peers = Peers::new(&mut rng);
        let mut hear = |number: u64, interval, counter, millis| {
            let beacon = Beacon { interval: BeaconInterval::clamped(Duration::from_secs(interval)), ..beacon("bob") };
            let heard = Time::ZERO + Duration::from_millis(millis);
            peers.handle_beacon(author(number), Counter(counter), &beacon, by(ETH0, number as u8, heard));
        };
        // Missed from 255 s on; and from 255.1 s on; and one who makes look before, and is there.
        hear(1, 100, 1, 0);
        hear(3, 5, 1, 237_000);
        hear(2, 5, 1, 242_350);
        hear(3, 5, 2, 248_000);
        let asked_at = core::iter::from_fn(|| {
            let at = peers.deadline()?.at;
            Some((at, peers.handle_timeout(at, &mut rng)))
        });
        let (at, _) = asked_at.into_iter().find(|(_, silences)| !silences.is_empty()).unwrap();
        assert!((seconds(255)..=seconds(256) + Duration::from_millis(100)).contains(&at), "{at:?}");
    }
}

fn look(peers: &mut Peers, now: Time) -> Vec<Silence> {
    peers.handle_timeout(now, &mut fastrand::Rng::with_seed(now.as_micros()))
}

/// When half of a crowd falls silent, not each one of it is asked four times, and all of it is lost in the end.
#[test]
fn who_misses_many_asks_some_of_them() {
    let mut peers = Peers::new(&mut fastrand::Rng::with_seed(1));
    for number in 1..=500 {
        let heard = Time::ZERO + Duration::from_millis(number * 20);
        peers.handle_beacon(author(number), Counter(5), &beacon("bob"), by(ETH0, 7, heard));
    }
    let (mut asked, mut lost) = (0, 0);
    while let Some(deadline) = peers.deadline() {
        for silence in look(&mut peers, deadline.at) {
            match silence {
                Silence::Asked(_) => asked += 1,
                Silence::Lost(..) => lost += 1,
            }
        }
    }
    // From the first to the last question nearly 18 s pass.
    assert!((40..=32 + 2 * 18).contains(&asked), "{asked} asked");
    assert_eq!(lost, 500);
}

impl Silence {
    fn transmit(&self) -> Transmit {
        let Self::Asked(transmit) = self else { panic!("{self:?}") };
        *transmit
    }
}

#[test]
fn any_sign_of_life_ends_a_silence() {
    let mut peers = peers_with(1);
    assert_eq!(look(&mut peers, seconds(27)).len(), 1);
    peers.handle_sign_of_life(seconds(28), run(1));
    assert_eq!(look(&mut peers, seconds(35)), []);
    let begins = seconds(28) + Duration::from_millis(25_500);
    assert!((begins..=begins + Duration::from_secs(2)).contains(&peers.deadline().unwrap().at));
}

#[test]
fn a_silent_peer_is_not_surely_heard() {
    let peers = peers_with(1);
    assert_eq!(peers.surely_heard(seconds(25)), [run(1)]);
    assert_eq!(peers.surely_heard(seconds(26)), []);
}

#[test]
fn old_beacons_and_copies_change_nothing() {
    let mut peers = peers_with(1);
    for counter in [4, 5] {
        let change = peers.handle_beacon(author(1), Counter(counter), &beacon("eve"), by(ETH0, 7, seconds(9)));
        assert_eq!(change, Change::Stale);
    }
    let change = peers.handle_beacon(author(1), Counter(6), &beacon("rob"), by(ETH0, 7, seconds(9)));
    assert!(
        matches!(change, Change::Told { peer, before } if peer.profile.nick.as_str() == "rob" && before.nick.as_str() == "bob")
    );
}

#[test]
fn after_a_goodbye_only_a_newer_beacon_brings_back() {
    let mut peers = peers_with(1);
    assert_eq!(peers.handle_goodbye(run(1), Counter(4)), None, "older than the beacon");
    assert!(peers.handle_goodbye(run(1), Counter(7)).is_some());
    assert_eq!(peers.handle_goodbye(run(1), Counter(8)), None, "the second goodbye");
    assert_eq!(peers.handle_goodbye(run(3), Counter(2)), None, "of one who was not known");
    let late = peers.handle_beacon(author(3), Counter(1), &beacon("ada"), by(ETH0, 9, seconds(1)));
    assert_eq!(late, Change::Stale);
    let late = peers.handle_beacon(author(1), Counter(6), &beacon("bob"), by(ETH0, 7, seconds(1)));
    assert_eq!(late, Change::Stale);
    let newer = peers.handle_beacon(author(1), Counter(9), &beacon("bob"), by(ETH0, 7, seconds(1)));
    assert!(matches!(newer, Change::Joined { .. }));
}

#[test]
fn whoever_makes_up_runs_displaces_only_his_own() {
    let key = Some(PublicKey([1; 32]));
    let mut peers = Peers::new(&mut fastrand::Rng::with_seed(1));
    let mut hear = |number: u64, signer, host| {
        let path = by(ETH0, host, Time::from_micros(number));
        let change = peers.handle_beacon((run(number), signer), Counter(1), &beacon("x"), path);
        let displaced = match change {
            Change::Joined { displaced, .. } => displaced.map(|peer| peer.run),
            Change::NoRoom => Some(run(number)),
            other => panic!("{other:?}"),
        };
        (displaced, peers.len())
    };
    let most = Peers::COUNT_MAX as u64;
    (0..most - 100).for_each(|number| assert_eq!(hear(number, key, (number % 200) as u8).0, None));
    (most..most + 100).for_each(|number| assert_eq!(hear(number, None, 201).0, None));
    assert_eq!(hear(10_000, None, 201), (Some(run(10_000)), Peers::COUNT_MAX), "one more who does not sign");
    assert_eq!(hear(10_001, key, 7), (Some(run(most + 99)), Peers::COUNT_MAX), "and one who does");
    (20_000..20_099).for_each(|number| assert!(hear(number, key, 7).0 >= Some(run(most))));
    // 7 has some 140 of them now, all others some 40.
    assert_eq!(hear(30_000, key, 7), (Some(run(30_000)), Peers::COUNT_MAX));
    assert_eq!(hear(30_001, key, 8), (Some(run(20_098)), Peers::COUNT_MAX), "the last that came from there");
}

#[test]
fn two_cards_are_one_row_that_does_not_hop_until_one_falls_silent() {
    let mut peers = peers_with(1);
    let mut link_after = |counter, at, link, host| {
        peers.handle_beacon(author(1), Counter(counter), &beacon("bob"), by(link, host, at));
        assert_eq!(peers.len(), 1);
        peers.iter().next().unwrap().link
    };
    let soon = |at: Time| at + Duration::from_millis(1);
    assert_eq!(link_after(5, soon(Time::ZERO), WLAN0, 8), ETH0);
    assert_eq!(link_after(6, seconds(10), WLAN0, 8), WLAN0, "eth0 is late");
    assert_eq!(link_after(6, soon(seconds(10)), ETH0, 7), ETH0, "and comes");
    assert_eq!(link_after(7, seconds(20), WLAN0, 8), WLAN0);
    assert_eq!(link_after(8, seconds(30), WLAN0, 8), WLAN0);
    peers.handle_links(|link| link == ETH0);
    assert_eq!(peers.iter().next().unwrap().link, ETH0);
}

#[test]
fn ipv4_is_the_way_whichever_family_was_heard_first() {
    let by_ipv6 = |heard| {
        let path = Path { link: LinkId(3), address: "[fe80::7%2]:26634".parse().unwrap(), heard };
        Sighting { path, ..by(ETH0, 7, heard) }
    };
    let mut peers = Peers::new(&mut fastrand::Rng::with_seed(1));
    let soon = Time::ZERO + Duration::from_millis(1);
    peers.handle_beacon(author(1), Counter(5), &beacon("bob"), by_ipv6(Time::ZERO));
    assert_eq!(peers.iter().next().unwrap().link, LinkId(3), "as long as it is the only one");
    peers.handle_copy(run(1), Counter(5), by(WLAN0, 8, soon).path);
    peers.handle_copy(run(1), Counter(5), by(ETH0, 7, soon).path);
    assert_eq!(peers.iter().next().unwrap().link, WLAN0);
    peers.handle_beacon(author(1), Counter(6), &beacon("bob"), by_ipv6(seconds(10)));
    assert_eq!(peers.iter().next().unwrap().link, LinkId(3), "IPv4 has fallen silent");
}
