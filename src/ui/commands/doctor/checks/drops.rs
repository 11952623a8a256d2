//! What this machine was too slow for, or has too little room for.

use cooee::net::ReceiveBuffer;

use crate::ui::commands::doctor::finding::{Finding, Topic};
use crate::ui::commands::doctor::observations::{Drops, Observations};

pub(super) fn check(observed: &Observations) -> Vec<Finding> {
    let Drops { datagrams, buffer } = observed.drops;
    if datagrams == 0 {
        return Vec::new();
    }
    let room = buffer.map_or_else(String::new, |buffer| format!(" ({} KiB)", buffer.bytes >> 10));
    let were = if datagrams == 1 { "datagram was" } else { "datagrams were" };
    let full = "as a run had not read yet what came before, and the socket's buffer was full";
    let ports = super::ports(observed);
    let words = format!("{datagrams} {were} dropped by this machine for UDP {ports}, {full}{room}");
    let finding = Finding::warn(Topic::Drops, words);
    let finding = match buffer {
        Some(ReceiveBuffer { bytes, wanted, .. }) if bytes < wanted => finding
            .remedy("This lets a run have more room, when it is started anew:")
            .command(format!("sudo sysctl -w net.core.rmem_max={wanted}")),
        _ => finding.remedy("The machine is too busy, or a run was halted; what was dropped of lines is repaired."),
    };
    vec![finding]
}

#[cfg(test)]
mod tests {
    use super::super::sample::{remedy, sound, told};
    use super::*;

    #[test]
    fn what_was_dropped_is_told_with_what_gives_more_room() {
        let mut observed = sound();
        let buffer = ReceiveBuffer { bytes: 212_992, wanted: 1 << 20, dropped: Some(0) };
        observed.drops = Drops { datagrams: 4711, buffer: Some(buffer) };
        let words = "warn 4711 datagrams were dropped by this machine for UDP 26633-26649, as a run had not read yet what \
                     came before, and the socket's buffer was full (208 KiB)";
        assert_eq!(told(&check(&observed)), [words]);
        assert!(remedy(&check(&observed)).ends_with("    sudo sysctl -w net.core.rmem_max=1048576\n"));
    }

    #[test]
    fn where_there_is_room_enough_no_more_of_it_is_asked_for() {
        let mut observed = sound();
        let buffer = ReceiveBuffer { bytes: 1 << 20, wanted: 1 << 20, dropped: Some(0) };
        for buffer in [Some(buffer), None] {
            observed.drops = Drops { datagrams: 1, buffer };
            assert!(told(&check(&observed))[0].starts_with("warn 1 datagram was dropped by this machine"));
            assert!(remedy(&check(&observed)).starts_with("The machine is too busy"));
        }
        observed.drops.datagrams = 0;
        assert_eq!(check(&observed), []);
    }
}
