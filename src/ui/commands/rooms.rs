//! `cooee rooms`: which rooms there are.

use std::time::Duration;

use cooee::node::HeardRoom;
use cooee::time::Time;
use crossbeam_channel::never;

use crate::ui::arguments::RoomsOptions;
use crate::ui::ending::Ending;
use crate::ui::finding::{QUIET, no_room};
use crate::ui::json::{self, RoomObject};
use crate::ui::look::short_time;
use crate::ui::output::Output;
use crate::ui::safe::{Safe, caseless};
use crate::ui::session::{Happening, Session};
use crate::ui::settings::Settings;
use crate::ui::table::Table;

/// How often is looked whether anything new was heard.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// A sealed room in the table; nobody outside knows what it is called.
const SEALED: &str = "(sealed)";

/// Lists the rooms in which somebody is.
pub(crate) fn rooms(settings: Settings, options: &RoomsOptions, output: &mut Output) -> Result<(), Ending> {
    // Whoever asks says in his own hellos in which room he is: in the lobby that tells nothing.
    let settings = settings.in_lobby();
    let mut session = Session::visit(&settings)?;
    let done = find(&mut session, options.wait).and_then(|(now, mut rooms)| {
        if rooms.is_empty() {
            return Err(no_room(&session, &settings));
        }
        rooms.sort_by_key(|room| (room.name.is_none(), room.name.as_ref().map(|name| caseless(name.as_str()))));
        print(&session, &rooms, now, options, output)
    });
    session.end(done)
}

/// Asks, and waits until the answers have been quiet for a while, but at most `wait`; where nobody answers, the whole of
/// it.
fn find(session: &mut Session, wait: Duration) -> Result<(Time, Vec<HeardRoom>), Ending> {
    let end = session.now() + wait;
    session.handle.ask_rooms()?;
    let (mut known, mut deadline) = ((0, 0), end);
    loop {
        let look_at = deadline.min(session.now() + LOOK_EVERY);
        while !matches!(session.next(&never::<()>(), Some(look_at))?, Happening::Deadline) {}
        let (now, rooms) = session.handle.rooms()?;
        let heard = (rooms.len(), rooms.iter().map(|room| room.peers).sum());
        if heard != known {
            (known, deadline) = (heard, end.min(session.now() + QUIET));
        }
        if session.now() >= deadline {
            return Ok((now, rooms));
        }
    }
}

fn print(
    session: &Session,
    rooms: &[HeardRoom],
    now: Time,
    options: &RoomsOptions,
    output: &mut Output,
) -> Result<(), Ending> {
    if options.json {
        let time = session.clock().unix();
        return rooms.iter().try_for_each(|room| json::print(&RoomObject::new(room, now, time), output));
    }
    let mut table = Table::new(["ROOM", "PEERS", "HEARD"]);
    for room in rooms {
        table.row([
            shown(room),
            Safe::name(&room.peers.to_string(), "-"),
            Safe::name(&short_time(now.since(room.heard)), "-"),
        ]);
    }
    table.lines().try_for_each(|line| output.line(&line))
}

/// What a room is called. A name that begins like the word for sealed rooms stands in quotes, so that none poses as one.
fn shown(room: &HeardRoom) -> Safe {
    let Some(name) = &room.name else { return Safe::literal(SEALED) };
    let shown = Safe::name(name.as_str(), "?");
    if shown.as_str().starts_with('(') { Safe::name(&format!("\"{shown}\""), "?") } else { shown }
}

#[cfg(test)]
mod tests {
    use cooee::wire::RoomName;

    use super::*;

    #[test]
    fn no_open_room_poses_as_a_sealed_one() {
        let room = |name: Option<&'static str>| {
            let name = name.map(|name| RoomName::new(name).unwrap());
            shown(&HeardRoom { name, peers: 1, heard: Time::ZERO }).to_string()
        };
        assert_eq!([room(None), room(Some("attic"))], ["(sealed)", "attic"]);
        assert_eq!(room(Some("(sealed)")), "\"(sealed)\"");
        assert_eq!(room(Some("\u{200b}(sealed)\u{200b}")), "\"(sealed)\"");
        assert_eq!(room(Some("at\u{202e}tic")), "attic");
    }
}
