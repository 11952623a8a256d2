//! Peers beyond the subnet: how they are given, and what is told of where they are.

use cooee::net::{NotReached, PeerAddress, Resolved};

use crate::ui::safe::Safe;

/// Most that can be given.
const MOST: usize = 64;

/// Those that somebody gave, in the order in which he did; the error says what is wrong with one of them.
pub(crate) fn parse<'a>(given: impl Iterator<Item = &'a str>) -> Result<Vec<PeerAddress>, String> {
    let parse = |text: &str| {
        text.parse::<PeerAddress>().map_err(|problem| format!("{}: {problem}", Safe::text(&format!("{text:?}"))))
    };
    let peers = given.map(parse).collect::<Result<Vec<_>, _>>()?;
    if peers.len() > MOST {
        Err(format!("{} peers beyond the subnet; {MOST} are the most", peers.len()))
    } else {
        Ok(peers)
    }
}

/// That a name was not found, with what to do.
pub(crate) fn not_found(resolved: &Resolved) -> Option<String> {
    let error = resolved.addresses.as_ref().err()?;
    Some(format!(
        "cannot find peer {}: {error}; is the name right, and does this machine know it? It is looked up again",
        resolved.peer
    ))
}

/// Where a name leads.
pub(crate) fn found(resolved: &Resolved) -> Option<String> {
    let addresses: Vec<String> = resolved.addresses.as_ref().ok()?.iter().map(ToString::to_string).collect();
    Some(format!("peer {} is called at {}", resolved.peer, addresses.join(", ")))
}

/// That nothing could be sent to an address, with what to do.
pub(crate) fn not_reached(NotReached { to, error }: &NotReached) -> String {
    format!("cannot send to {to}, beyond the subnet: {error}; is the VPN up, and is there a route?")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_with_what_was_given() {
        let told = |text| parse([text].into_iter()).unwrap_err();
        assert_eq!(told("host:x"), "\"host:x\": not a port from 1 to 65535");
        assert_eq!(told(""), "\"\": not a host: a name or an address, as in vpn-host, 10.8.0.3 or [fd00::3]:26633");
        let many = vec!["host"; 65];
        assert_eq!(parse(many.into_iter()).unwrap_err(), "65 peers beyond the subnet; 64 are the most");
    }
}
