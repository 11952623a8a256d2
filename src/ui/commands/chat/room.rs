//! The room that one is in, and the others; from one to another without leaving the chat.

use std::time::Duration;

use cooee::node::{HeardRoom, Role};
use cooee::time::Time;
use cooee::wire::RoomName;

use super::Chat;
use super::arrivals::Arrivals;
use super::completion::Speakers;
use super::own_lines::OwnLines;
use super::pinging::Pings;
use super::private::Private;
use crate::ui::ending::Ending;
use crate::ui::log::Log;
use crate::ui::people::names::Names;
use crate::ui::safe::Safe;
use crate::ui::words;

/// How long answers are waited for until it is told which rooms there are.
const ANSWERS: Duration = Duration::from_millis(400);

/// A question which other rooms there are.
#[derive(Clone, Copy, Debug)]
pub(super) struct RoomsAsked {
    /// When it is told what was answered.
    pub(super) until: Time,
    why: Why,
}

/// Why one wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Because nobody else is here: where that is so because all are elsewhere, it is to be told.
    Alone,
    /// Because the user asks.
    Asked,
}

impl Chat<'_> {
    /// Tells in which room one is, and asks which others there are.
    pub(super) fn tell_rooms(&mut self) -> Result<(), Ending> {
        self.screen.line(&format!("You are in {}.", self.settings.room_in_words()))?;
        self.ask_rooms(Why::Asked)
    }

    pub(super) fn ask_rooms(&mut self, why: Why) -> Result<(), Ending> {
        self.session.handle.ask_rooms()?;
        self.rooms_asked = Some(RoomsAsked { until: self.session.now() + ANSWERS, why });
        Ok(())
    }

    /// Tells which rooms were heard, where it is time to.
    pub(super) fn tell_rooms_when_due(&mut self) -> Result<(), Ending> {
        let now = self.session.now();
        let Some(RoomsAsked { why, .. }) = self.rooms_asked.take_if(|asked| now >= asked.until) else { return Ok(()) };
        if why == Why::Alone && !self.peers()?.is_empty() {
            return Ok(());
        }
        let (_, rooms) = self.session.handle.rooms()?;
        match (in_words(&rooms, &self.settings.room), why) {
            (Some(rooms), Why::Alone) => self.tell(&format!("but {rooms}; /room NAME goes there")),
            (Some(rooms), Why::Asked) => self.screen.line(&format!("Others: {rooms}. /room NAME goes there.")),
            (None, Why::Asked) => self.screen.line("No other room is heard."),
            (None, Why::Alone) => Ok(()),
        }
    }

    /// Leaves this room and enters that one. A sealed chat stays sealed, with the same passphrase: nobody comes to speak
    /// in the open by going to another room.
    pub(super) fn change_room(&mut self, name: RoomName<'static>) -> Result<(), Ending> {
        if name == self.settings.room {
            return self.tell(&format!("you are in {} already", self.settings.room_in_words()));
        }
        // What was entered here is said here.
        self.say_the_rest()?;
        let before = std::mem::replace(&mut self.settings.room, name);
        match self.settings.for_run(Role::Member, self.settings.history, true) {
            Ok(wanted) => self.session.change_room(wanted)?,
            Err(ending @ Ending::Signal(_)) => return Err(ending),
            Err(ending) => {
                self.settings.room = before;
                return self.tell(&format!("{}; you are still in {}", ending.words(), self.settings.room_in_words()));
            }
        }
        self.forget_room();
        if self.screen.is_terminal() {
            self.greet()
        } else {
            self.tell(&format!("now in {}", self.settings.room_in_words()))
        }
    }

    /// Of those in the room before, and of what was said to them, nothing is true any more.
    fn forget_room(&mut self) {
        let known = std::mem::take(&mut self.names.known);
        self.names = Names::new(&self.session.handle.key(), self.settings.nick.clone(), known);
        self.log = Log::open(&self.settings, self.session.clock().unix());
        self.session.heed(self.log.notices());
        self.greeting = None;
        self.rooms_asked = None;
        self.arrivals = Arrivals::default();
        self.own_lines = OwnLines::default();
        self.private = Private::default();
        self.pings = Pings::default();
        self.speakers = Speakers::default();
    }
}

/// `3 are in attic and 1 is in lab`: of the open rooms but one's own, those with most people first.
fn in_words(rooms: &[HeardRoom], own: &RoomName<'_>) -> Option<String> {
    let mut others: Vec<(usize, &RoomName<'_>)> =
        rooms.iter().filter_map(|room| Some((room.peers, room.name.as_ref()?))).collect();
    others.retain(|(_, name)| **name != *own);
    others.sort_by(|(a, a_name), (b, b_name)| b.cmp(a).then_with(|| a_name.as_str().cmp(b_name.as_str())));
    let words: Vec<String> = others
        .iter()
        .map(|(peers, name)| {
            let verb = if *peers == 1 { "is" } else { "are" };
            format!("{peers} {verb} in {}", Safe::name(name.as_str(), "?"))
        })
        .collect();
    (!words.is_empty()).then(|| words::names(&words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_rooms_are_told_the_fullest_first() {
        let room = |name: Option<&'static str>, peers| HeardRoom {
            name: name.map(|name| RoomName::new(name).unwrap()),
            peers,
            heard: Time::ZERO,
        };
        let lobby = RoomName::new("lobby").unwrap();
        assert_eq!(in_words(&[room(Some("lobby"), 2), room(None, 4)], &lobby), None);
        let rooms = [room(Some("lab"), 1), room(Some("lobby"), 9), room(Some("attic"), 3)];
        assert_eq!(in_words(&rooms, &lobby).unwrap(), "3 are in attic and 1 is in lab");
    }
}
