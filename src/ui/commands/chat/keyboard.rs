//! What is typed, and what happens meanwhile, in one place to wait for.

use std::time::Duration;

use cooee::time::Time;
use crossbeam_channel::{Receiver, never};

use super::Chat;
use super::completion::Completer;
use crate::ui::ending::Ending;
use crate::ui::session::Happening;
use crate::ui::terminal::{Input, Typed};

/// Work that is done elsewhere is looked after so often.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(20);

/// Where what is typed comes from.
pub(super) enum Keyboard {
    /// The terminal: key by key.
    Keys(Receiver<Input>),
    /// stdin, line by line.
    Lines(Receiver<String>),
}

impl Keyboard {
    /// Whether nothing more has been typed yet.
    pub(super) fn is_idle(&self) -> bool {
        match self {
            Self::Keys(keys) => keys.is_empty(),
            Self::Lines(lines) => lines.is_empty(),
        }
    }
}

impl Chat<'_> {
    /// Waits for what comes next, or until there is something to be done.
    pub(super) fn next(&mut self, keyboard: &Keyboard) -> Result<Happening<Vec<Typed>>, Ending> {
        let deadline = self.deadline();
        // As long as too much waits to be said, what is typed or piped waits where it is.
        let is_taken = self.outgoing.has_room();
        let keys = match keyboard {
            Keyboard::Lines(lines) => {
                let lines = if is_taken { lines } else { &never() };
                return Ok(self.session.next(lines, deadline)?.map(|line| vec![Typed::Line(line)]));
            }
            Keyboard::Keys(keys) if is_taken => keys,
            Keyboard::Keys(_) => &never(),
        };
        let happening = self.session.next_typed_first(keys, deadline)?;
        // Who is here is asked only where a name is to be completed.
        let (handle, names, speakers) = (&self.session.handle, &self.names, &self.speakers);
        let completer = Completer {
            names: || handle.peers().map_or_else(|_| Vec::new(), |(_, peers)| speakers.names(names, &peers)),
        };
        Ok(happening.map(|input| self.screen.take(input, &completer)))
    }

    /// When there is something to be done: what is to be shown is drawn when nothing has come at once.
    fn deadline(&self) -> Option<Time> {
        let now = self.session.now();
        let drawing = self.screen.patience().map(|patience| now + patience);
        let elsewhere = (self.search.is_some() || self.examination.is_some()).then(|| now + LOOK_AGAIN_AFTER);
        let rooms = self.rooms_asked.map(|asked| asked.until);
        let telling = [self.greeting_deadline(), rooms, self.arrivals.deadline()];
        let all = [drawing, self.outgoing.deadline(now), elsewhere].into_iter().chain(telling);
        all.flatten().min()
    }
}
