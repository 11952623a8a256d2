//! How long a datagram takes to somebody and back, and whether it gets through.

use std::time::Duration;

use cooee::node::Peer;
use cooee::wire::{PingWay, Run};

use super::Chat;
use crate::ui::ending::Ending;
use crate::ui::round_trips::outcome;
use crate::ui::safe::Safe;

/// Most runs that are pinged at once: each answers with a broadcast, too.
const RUNS_MAX: usize = 20;

/// Pings of which not all is known yet: at most as many as the run takes.
#[derive(Debug, Default)]
pub(super) struct Pings {
    open: Vec<Ping>,
}

/// A run that is pinged by both ways.
#[derive(Debug)]
struct Ping {
    run: Run,
    name: Safe,
    /// What came of it; `None` while that is open.
    unicast: Option<Outcome>,
    broadcast: Option<Outcome>,
}

/// How long a round trip took; `None` where nothing came back.
type Outcome = Option<Duration>;

impl Pings {
    fn begin(&mut self, peer: &Peer, name: Safe) {
        self.open.push(Ping { run: peer.run, name, unicast: None, broadcast: None });
    }

    /// Takes in what came of a ping; gives what is to be told, when both are known.
    fn take(&mut self, run: Run, way: PingWay, outcome: Outcome) -> Option<String> {
        let is_open = |ping: &Ping| match way {
            PingWay::Unicast => ping.unicast.is_none(),
            PingWay::Broadcast => ping.broadcast.is_none(),
        };
        let at = self.open.iter().position(|ping| ping.run == run && is_open(ping))?;
        let ping = self.open.get_mut(at)?;
        match way {
            PingWay::Unicast => ping.unicast = Some(outcome),
            PingWay::Broadcast => ping.broadcast = Some(outcome),
        }
        ping.unicast.and(ping.broadcast)?;
        Some(self.open.remove(at).words())
    }
}

impl Ping {
    /// `bob: unicast 0.42 ms, broadcast lost`.
    fn words(&self) -> String {
        let by = |way, came: Option<Outcome>| outcome(way, came.flatten());
        let (unicast, broadcast) = (by(PingWay::Unicast, self.unicast), by(PingWay::Broadcast, self.broadcast));
        format!("{}: {unicast}, {broadcast}", self.name)
    }
}

impl Chat<'_> {
    /// Pings somebody's runs, or everybody.
    pub(super) fn ping(&mut self, typed: Option<&str>) -> Result<(), Ending> {
        let mut peers = self.peers()?;
        if let Some(typed) = typed {
            let Some(person) = self.find(typed)? else { return Ok(()) };
            let own = self.session.handle.run();
            peers = person.peers.into_iter().filter(|peer| peer.run != own).collect();
            if peers.is_empty() {
                return self.tell(&format!("{} is not here, beside this run", person.name));
            }
        }
        if peers.is_empty() {
            return self.tell("nobody else is here");
        }
        if peers.len() > RUNS_MAX {
            self.tell(&format!("{} are here; {RUNS_MAX} of them are pinged", peers.len()))?;
            peers.truncate(RUNS_MAX);
        }
        for peer in peers {
            self.pings.begin(&peer, self.names.peer(&peer));
            for way in [PingWay::Unicast, PingWay::Broadcast] {
                // Whoever has left meanwhile cannot be asked any more.
                if self.session.handle.ping(peer.run, way)?.is_err() {
                    self.tell_round_trip(peer.run, way, None)?;
                }
            }
        }
        Ok(())
    }

    /// What came of a ping.
    pub(super) fn tell_round_trip(&mut self, run: Run, way: PingWay, outcome: Outcome) -> Result<(), Ending> {
        self.pings.take(run, way, outcome).map_or(Ok(()), |words| self.screen.line(&words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::sample;

    #[test]
    fn both_ways_are_told_together() {
        let mut pings = Pings::default();
        for (number, name) in [(1, "bob"), (2, "carol"), (1, "bob")] {
            pings.begin(&sample::peer(number, name), Safe::literal(name));
        }
        let [bob, carol] = [1, 2].map(sample::run);
        let (fast, slow) = (Some(Duration::from_micros(420)), Some(Duration::from_micros(12_345)));
        assert_eq!(pings.take(bob, PingWay::Unicast, fast), None);
        assert_eq!(pings.take(carol, PingWay::Broadcast, slow), None);
        assert_eq!(pings.take(bob, PingWay::Broadcast, None).unwrap(), "bob: unicast 0.42 ms, broadcast lost");
        assert_eq!(pings.take(carol, PingWay::Unicast, None).unwrap(), "carol: unicast lost, broadcast 12.3 ms");
        assert_eq!(pings.take(bob, PingWay::Broadcast, fast), None, "he was pinged twice");
        assert_eq!(pings.take(sample::run(3), PingWay::Unicast, fast), None, "whom nobody has asked");
        assert_eq!(pings.open.len(), 1);
    }
}
