//! Who is pinged, and what came of it.

use std::time::Duration;

use cooee::net::{Closed, Handle};
use cooee::wire::{PingWay, Run};

use crate::ui::commands::doctor::observations::Ping;

/// Most peers that are pinged: each answers with a broadcast, too.
const PEERS_MAX: usize = 20;
/// One ping or its answer may get lost by chance.
const TRIES: u8 = 2;
const WAYS: [PingWay; 2] = [PingWay::Unicast, PingWay::Broadcast];

/// What came of asking somebody by both ways.
pub(super) struct Pinged {
    pub(super) unicast: Ping,
    pub(super) broadcast: Ping,
}

/// All who are pinged, by both ways.
#[derive(Debug, Default)]
pub(super) struct Pings(Vec<(Run, [Asked; 2])>);

#[derive(Clone, Copy, Debug)]
struct Asked {
    tries: u8,
    outcome: Option<Ping>,
}

impl Pings {
    /// Asks somebody, unless enough are asked.
    pub(super) fn begin(&mut self, handle: &Handle, run: Run) -> Result<(), Closed> {
        if self.0.len() < PEERS_MAX && self.0.iter().all(|(asked, _)| *asked != run) {
            self.0.push((run, [Asked { tries: 1, outcome: None }; 2]));
            for way in WAYS {
                self.ask(handle, run, way)?;
            }
        }
        Ok(())
    }

    /// Takes in what came of a ping; where nothing did, asks again.
    pub(super) fn note(
        &mut self,
        handle: &Handle,
        run: Run,
        way: PingWay,
        time: Option<Duration>,
    ) -> Result<(), Closed> {
        let Some(asked) = self.asked(run, way) else { return Ok(()) };
        match time {
            Some(time) => asked.outcome = Some(Ping::Answered(time)),
            None if asked.tries < TRIES => {
                asked.tries += 1;
                self.ask(handle, run, way)?;
            }
            None => asked.outcome = Some(Ping::Lost),
        }
        Ok(())
    }

    /// Whether something may still come back.
    pub(super) fn are_open(&self) -> bool {
        self.0.iter().flat_map(|(_, ways)| ways).any(|asked| asked.outcome.is_none())
    }

    /// What came of it; what has not come back is lost.
    pub(super) fn outcome(&self, run: Run) -> Pinged {
        let asked = self.0.iter().find(|(asked, _)| *asked == run);
        let by = |way: usize| asked.map_or(Ping::NotAsked, |(_, ways)| ways[way].outcome.unwrap_or(Ping::Lost));
        Pinged { unicast: by(0), broadcast: by(1) }
    }

    fn ask(&mut self, handle: &Handle, run: Run, way: PingWay) -> Result<(), Closed> {
        // Whoever has left meanwhile cannot be asked any more.
        if handle.ping(run, way)?.is_err()
            && let Some(asked) = self.asked(run, way)
        {
            asked.outcome = Some(Ping::Lost);
        }
        Ok(())
    }

    fn asked(&mut self, run: Run, way: PingWay) -> Option<&mut Asked> {
        let (_, ways) = self.0.iter_mut().find(|(asked, _)| *asked == run)?;
        ways.get_mut(WAYS.into_iter().position(|known| known == way)?)
    }
}
