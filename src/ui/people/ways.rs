//! How somebody is reached, whether one is heard there, and how far the clock there is off.

use std::time::Duration;

use cooee::node::{ClockLead, HearsUs, Peer};

use crate::ui::safe::Safe;
use crate::ui::session::Session;

/// What stands where somebody is listed who does not hear this machine.
pub(crate) const DEAF: &str = "does not hear you";

/// A clock that is off by less is not worth a word.
const CLOCK_RIGHT_WITHIN: Duration = Duration::from_secs(60);

/// All addresses by which somebody is heard, the best one first: `192.0.2.7:26634 [fe80::7]:26634`.
pub(crate) fn addresses(peer: &Peer) -> Vec<String> {
    peer.ways.iter().map(|way| way.address.to_string()).collect()
}

/// `also [fe80::7%2]:26634`, the addresses but for the best one; nothing where that is the only one.
pub(crate) fn further(peer: &Peer) -> Option<String> {
    let further: Vec<String> = addresses(peer).into_iter().skip(1).collect();
    (!further.is_empty()).then(|| format!("also {}", further.join(" ")))
}

/// The interfaces by which somebody is heard, each once: `eth0,wlan0`.
pub(crate) fn links(peer: &Peer, session: &Session) -> Safe {
    let mut names: Vec<String> = Vec::new();
    for way in &peer.ways {
        let name = session.link_name(way.link).to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Safe::name(&names.join(","), "-")
}

/// All addresses, each with its interface: `192.0.2.7:26634 by eth0, [fe80::7]:26634 by eth0`.
pub(crate) fn ways(peer: &Peer, session: &Session) -> String {
    let ways = peer.ways.iter().map(|way| format!("{} by {}", way.address, session.link_name(way.link)));
    ways.collect::<Vec<_>>().join(", ")
}

/// `does not hear you`, of who tells so.
pub(crate) fn deaf(peer: &Peer) -> Option<&'static str> {
    (peer.hears_us == HearsUs::No).then_some(DEAF)
}

/// `clock 4 min ahead`, or `clock 2 days behind`; nothing of one that is right or does not tell.
pub(crate) fn clock(lead: Option<ClockLead>) -> Option<String> {
    let lead = lead?.millis();
    let off = Duration::from_millis(lead.unsigned_abs());
    let way = if lead > 0 { "ahead" } else { "behind" };
    (off > CLOCK_RIGHT_WITHIN).then(|| format!("clock {} {way}", roughly(off)))
}

fn roughly(time: Duration) -> String {
    const HOUR: u64 = 3600;
    const DAY: u64 = 24 * HOUR;
    match time.as_secs() {
        seconds if seconds < 2 * HOUR => format!("{} min", seconds / 60),
        seconds if seconds < 2 * DAY => format!("{} h", seconds / HOUR),
        seconds => format!("{} days", seconds / DAY),
    }
}

#[cfg(test)]
mod tests {
    use cooee::time::UnixMillis;

    use super::*;

    #[test]
    fn a_clock_that_is_off_is_told_roughly() {
        let now = 1_795_442_520;
        let told = |theirs: u64| clock(Some(ClockLead::between(UnixMillis(theirs * 1000), UnixMillis(now * 1000))));
        assert_eq!([told(now), told(now + 60), told(now - 60), clock(None)], [None, None, None, None]);
        assert_eq!(told(now + 61).unwrap(), "clock 1 min ahead");
        assert_eq!(told(now - 250).unwrap(), "clock 4 min behind");
        assert_eq!(told(now + 3 * 3600).unwrap(), "clock 3 h ahead");
        assert_eq!(told(0).unwrap(), "clock 20780 days behind");
    }
}
