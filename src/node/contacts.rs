//! How a run that may speak is reached, and how its clock goes.

use super::link::Transmit;
use super::silence::BySilence;
use crate::time::{Time, UnixMillis};
use crate::wire::{Run, Seq};

/// What is known of every run that was heard, listed as a peer or not: at most [`COUNT_MAX`](Self::COUNT_MAX); the
/// longest silent makes room.
#[derive(Debug)]
pub(super) struct Contacts {
    contacts: BySilence<Contact>,
}

/// What is known of a run that was heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Contact {
    /// Where its unicast goes.
    pub(super) way: Transmit,
    clock: Clock,
    /// The last line that it had said when it was first heard; 0 for none.
    pub(super) met: u32,
    /// Its lines up to this one are not wanted, or were told.
    pub(super) told: u32,
    /// It was heard, and then forgotten how far: up to `told`.
    pub(super) is_forgotten: bool,
}

/// How a run's clock goes, by its last beacons.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Clock {
    leads: [Option<ClockLead>; 4],
    /// It was known once.
    has_told: bool,
}

impl Clock {
    fn note(&mut self, lead: ClockLead) {
        self.leads.rotate_right(1);
        self.leads[0] = Some(lead);
        self.has_told = true;
    }

    /// A beacon that took long to come makes a clock seem to be behind; so the greatest lead is the nearest.
    fn lead(&self) -> Option<ClockLead> {
        self.leads.iter().flatten().max().copied()
    }
}

impl Contact {
    /// By how much its clock is ahead of ours; `None` as long as it has not told.
    pub(super) fn ahead(&self) -> Option<ClockLead> {
        self.clock.lead()
    }

    /// Whether its clock was ever known.
    pub(super) fn has_told_time(&self) -> bool {
        self.clock.has_told
    }
}

/// By how many milliseconds another run's clock is ahead of ours; negative when it is behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ClockLead(i64);

impl ClockLead {
    pub(super) fn between(theirs: UnixMillis, ours: UnixMillis) -> Self {
        Self(theirs.0.cast_signed().saturating_sub(ours.0.cast_signed()))
    }

    /// What our clock said when theirs said `time`.
    pub(super) fn to_ours(self, time: UnixMillis) -> UnixMillis {
        UnixMillis(u64::try_from(time.0.cast_signed().saturating_sub(self.0)).unwrap_or(0))
    }
}

/// So many lines are wanted in any case of a run that is heard first by a line and not by a beacon. Should they be of
/// the time before this run came, its clock will tell.
const FEW: u32 = 100;

impl Contacts {
    const COUNT_MAX: usize = 8192;

    pub(super) const fn new() -> Self {
        Self { contacts: BySilence::new(Self::COUNT_MAX) }
    }

    pub(super) fn get(&self, run: Run) -> Option<&Contact> {
        self.contacts.get(run)
    }

    /// A beacon tells how the run is reached, and how its clock goes. Of one that is heard for the first time, the
    /// lines that it has said by now are wanted or not.
    pub(super) fn handle_beacon(
        &mut self,
        now: Time,
        run: Run,
        way: Transmit,
        ahead: ClockLead,
        last_seq: Option<Seq>,
        earlier_lines: EarlierLines,
    ) {
        if let Some(contact) = self.contacts.heard_roughly(run, now) {
            contact.way = way;
            contact.clock.note(ahead);
            return;
        }
        let met = last_seq.map_or(0, Seq::number);
        let told = if earlier_lines == EarlierLines::Wanted { 0 } else { met };
        let mut clock = Clock::default();
        clock.note(ahead);
        self.contacts.insert(run, now, Contact { way, clock, met, told, is_forgotten: false });
    }

    /// A run is heard for the first time by a line of its.
    pub(super) fn handle_line(&mut self, now: Time, run: Run, way: Transmit, first: Seq, earlier_lines: EarlierLines) {
        if self.contacts.heard_roughly(run, now).is_some() {
            return;
        }
        let met = first.number() - 1;
        // It may have come just as this run did, and its first beacon be still on its way.
        let most = if earlier_lines == EarlierLines::Wanted { met } else { FEW };
        let told = met.saturating_sub(most);
        self.contacts.insert(run, now, Contact { way, clock: Clock::default(), met, told, is_forgotten: false });
    }

    /// Who is there is not forgotten for the sake of others who may not be.
    pub(super) fn spare(&mut self, run: Run) {
        self.contacts.spare(run);
    }

    /// Our own clock was set, or the machine has slept: all leads are others now.
    pub(super) fn forget_clocks(&mut self) {
        self.contacts.values_mut().for_each(|contact| contact.clock.leads = Default::default());
    }

    /// How far an author was heard who is forgotten: should he speak again, he is heard from there on.
    pub(super) fn handle_forgotten(&mut self, run: Run, told: u32) {
        if let Some(contact) = self.contacts.get_mut(run) {
            contact.told = told;
            contact.is_forgotten = true;
        }
    }
}

/// Whether the lines are wanted that a run said before it was heard for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EarlierLines {
    /// This run has been here for a while: the other one was cut off, or its first datagrams got lost.
    Wanted,
    /// This run has just come.
    NotWanted,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beacon_that_was_long_on_its_way_does_not_set_a_clock_back() {
        let mut clock = Clock::default();
        assert_eq!(clock.lead(), None);
        [10, 12, -5000].into_iter().for_each(|lead| clock.note(ClockLead(lead)));
        assert_eq!(clock.lead(), Some(ClockLead(12)));
        (0..4).for_each(|_| clock.note(ClockLead(-60_000)));
        assert_eq!(clock.lead(), Some(ClockLead(-60_000)), "it was really set back");
    }

    #[test]
    fn clocks_that_are_wrong_by_decades_are_set_right() {
        let lead = ClockLead::between(UnixMillis(5_000), UnixMillis(1_700_000_000_000));
        assert_eq!(lead.to_ours(UnixMillis(4_000)), UnixMillis(1_699_999_999_000));
        let behind = ClockLead::between(UnixMillis(1_700_000_000_000), UnixMillis(5_000));
        assert_eq!(behind.to_ours(UnixMillis(0)), UnixMillis(0));
        assert_eq!(
            ClockLead::between(UnixMillis(u64::MAX), UnixMillis(1)).to_ours(UnixMillis(u64::MAX)),
            UnixMillis(1)
        );
    }

    #[test]
    fn of_whom_a_line_comes_first_a_few_earlier_ones_are_wanted_or_all() {
        let way = Transmit::Everywhere;
        let told = |earlier_lines| {
            let run = Run { peer: crate::wire::PeerId(1), epoch: crate::wire::Epoch(1) };
            let first = Seq::new(501).unwrap();
            let mut contacts = Contacts::new();
            contacts.handle_line(Time::ZERO, run, way, first, earlier_lines);
            let contact = contacts.get(run).unwrap();
            assert_eq!(contact.met, 500);
            contact.told
        };
        assert_eq!((told(EarlierLines::Wanted), told(EarlierLines::NotWanted)), (0, 400));
    }
}
