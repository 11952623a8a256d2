//! Round trips, as people and scripts read them.

use std::time::Duration;

use cooee::node::Peer;
use cooee::time::UnixMillis;
use cooee::wire::PingWay;
use serde::Serialize;

use crate::ui::people::names::Standing;
use crate::ui::timestamp::rfc3339;

/// What became of the pings to one peer by one way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    sent: u32,
    /// So many came back.
    pub(crate) received: u32,
    least: Duration,
    most: Duration,
    total: Duration,
}

impl Tally {
    pub(crate) fn note_sent(&mut self) {
        self.sent = self.sent.saturating_add(1);
    }

    pub(crate) fn note_received(&mut self, round_trip: Duration) {
        self.least = if self.received == 0 { round_trip } else { self.least.min(round_trip) };
        self.most = self.most.max(round_trip);
        self.total = self.total.saturating_add(round_trip);
        self.received = self.received.saturating_add(1);
    }

    /// `3 sent, 2 received, 33 % lost, min/avg/max 0.31/0.40/0.49 ms`.
    pub(crate) fn words(self) -> String {
        let lost = f64::from(self.sent.saturating_sub(self.received)) * 100.0 / f64::from(self.sent.max(1));
        let begin = format!("{} sent, {} received, {lost:.0} % lost", self.sent, self.received);
        if self.received == 0 {
            return begin;
        }
        let [least, mean, most] = [self.least, self.total / self.received, self.most].map(digits);
        format!("{begin}, min/avg/max {least}/{mean}/{most} ms")
    }
}

/// `unicast 0.42 ms`, or `broadcast lost`.
pub(crate) fn outcome(way: PingWay, round_trip: Option<Duration>) -> String {
    let time = round_trip.map_or_else(|| "lost".to_owned(), |time| format!("{} ms", digits(time)));
    format!("{} {time}", name(way))
}

/// What a way is called.
pub(crate) const fn name(way: PingWay) -> &'static str {
    match way {
        PingWay::Unicast => "unicast",
        PingWay::Broadcast => "broadcast",
    }
}

/// Milliseconds with as many digits as tell something.
fn digits(time: Duration) -> String {
    let millis = millis(time);
    if millis < 10.0 { format!("{millis:.2}") } else { format!("{millis:.1}") }
}

fn millis(time: Duration) -> f64 {
    time.as_micros() as f64 / 1000.0
}

/// `ping --json`.
#[derive(Serialize)]
#[serde(tag = "type", rename = "pong")]
pub(crate) struct PongObject {
    time: String,
    peer: String,
    epoch: String,
    nick: String,
    fingerprint: Option<String>,
    way: &'static str,
    round_trip_ms: Option<f64>,
}

impl PongObject {
    pub(crate) fn new(
        peer: &Peer,
        standing: Standing,
        way: PingWay,
        round_trip: Option<Duration>,
        time: UnixMillis,
    ) -> Self {
        Self {
            time: rfc3339(time),
            peer: peer.run.peer.to_string(),
            epoch: peer.run.epoch.to_string(),
            nick: peer.profile.nick.to_string(),
            fingerprint: standing.fingerprint.map(|fingerprint| fingerprint.to_string()),
            way: name(way),
            round_trip_ms: round_trip.map(millis),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_tells_what_came_back_and_how_fast() {
        let mut tally = Tally::default();
        (0..3).for_each(|_| tally.note_sent());
        assert_eq!(tally.words(), "3 sent, 0 received, 100 % lost");
        [490, 310].into_iter().for_each(|micros| tally.note_received(Duration::from_micros(micros)));
        assert_eq!(tally.words(), "3 sent, 2 received, 33 % lost, min/avg/max 0.31/0.40/0.49 ms");
    }

    #[test]
    fn an_outcome_is_a_time_or_a_loss() {
        assert_eq!(outcome(PingWay::Unicast, Some(Duration::from_micros(420))), "unicast 0.42 ms");
        assert_eq!(outcome(PingWay::Unicast, Some(Duration::from_micros(12_345))), "unicast 12.3 ms");
        assert_eq!(outcome(PingWay::Broadcast, None), "broadcast lost");
    }
}
