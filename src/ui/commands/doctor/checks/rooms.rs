//! Other rooms in which somebody is: the likeliest cause where nobody is in the own one.

use crate::ui::commands::doctor::finding::{Finding, Topic};
use crate::ui::commands::doctor::observations::{Observations, OtherRoom};
use crate::ui::safe::Safe;

/// Most rooms that are told of.
const ROOMS_MAX: usize = 5;

pub(super) fn check(observed: &Observations) -> Vec<Finding> {
    // Where one is not alone, that others are elsewhere is nothing to be warned of.
    let is_alone = !observed.hears_anybody();
    observed.rooms.iter().take(ROOMS_MAX).map(|room| of_room(observed, room, is_alone)).collect()
}

fn of_room(observed: &Observations, room: &OtherRoom, is_alone: bool) -> Finding {
    let are = if room.peers == 1 { "1 is".to_owned() } else { format!("{} are", room.peers) };
    let what = match &room.name {
        Some(name) => format!("room {}", Safe::name(name, "?")),
        None => "a sealed room".to_owned(),
    };
    let words = format!("{are} in {what}, and this is {}", observed.asked.room);
    let finding = if is_alone { Finding::warn(Topic::Rooms, words) } else { Finding::ok(Topic::Rooms, words) };
    match &room.name {
        Some(name) => match typed(name) {
            Some(typed) => finding.remedy("To be there:").command(format!("cooee --room {typed}")),
            None => finding.remedy("Its name cannot be typed as it is shown."),
        },
        None if observed.asked.sealed => {
            finding.remedy("If yours should be it, its passphrase or its name is another.")
        }
        None => finding.remedy("Who knows its name and its passphrase gets in by --sealed."),
    }
}

/// A room's name as it can be typed in a shell: strangers choose it, and it is not to be a command.
fn typed(name: &str) -> Option<String> {
    let shown = Safe::name(name, "?");
    let quoted = shlex::try_quote(shown.as_str()).ok()?.into_owned();
    (shown.as_str() == name).then_some(quoted)
}

#[cfg(test)]
mod tests {
    use super::super::sample::{remedy, sound, told};
    use super::*;

    fn alone_beside(name: Option<&str>) -> Observations {
        let mut observed = sound();
        observed.peers.clear();
        observed.rooms = vec![OtherRoom { name: name.map(str::to_owned), peers: 2 }];
        observed
    }

    #[test]
    fn where_one_is_alone_another_room_is_a_warning() {
        let mut observed = alone_beside(Some("attic"));
        assert_eq!(told(&check(&observed)), ["warn 2 are in room attic, and this is room lobby"]);
        assert_eq!(remedy(&check(&observed)), "To be there:\n    cooee --room attic\n");
        observed.peers = sound().peers;
        assert_eq!(told(&check(&observed)), ["ok 2 are in room attic, and this is room lobby"]);
    }

    #[test]
    fn a_sealed_room_has_no_name() {
        let mut observed = alone_beside(None);
        observed.rooms[0].peers = 1;
        assert_eq!(told(&check(&observed)), ["warn 1 is in a sealed room, and this is room lobby"]);
        assert!(remedy(&check(&observed)).contains("--sealed"));
        observed.asked.sealed = true;
        assert!(remedy(&check(&observed)).contains("its passphrase or its name is another"));
    }

    #[test]
    fn no_name_becomes_a_command() {
        let command = |name| remedy(&check(&alone_beside(Some(name))));
        assert!(command("x; rm -rf ~").ends_with("    cooee --room 'x; rm -rf ~'\n"));
        assert_eq!(command("at\u{202e}tic"), "Its name cannot be typed as it is shown.\n");
    }
}
