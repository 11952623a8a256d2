//! What the firewall's rules would do, and the command that opens the ports in it.

use cooee::net;

use crate::ui::commands::doctor::finding::{Finding, Topic};
use crate::ui::commands::doctor::machine::firewall::{Cast, Closed, Direction, Front, Place, Reading};
use crate::ui::commands::doctor::observations::{Echo, Observations};

pub(super) fn check(observed: &Observations) -> Vec<Finding> {
    let firewall = &observed.firewall;
    if firewall.closed.is_empty() {
        return open(observed).into_iter().collect();
    }
    let mut places: Vec<(Direction, &Place)> = Vec::new();
    for Closed { direction, place, .. } in &firewall.closed {
        if !places.contains(&(*direction, place)) {
            places.push((*direction, place));
        }
    }
    places.into_iter().map(|(direction, place)| closed(observed, direction, place)).collect()
}

fn open(observed: &Observations) -> Option<Finding> {
    let front = match observed.firewall.front {
        Some(Front::Ufw) => "ufw is on; ",
        Some(Front::Firewalld) => "firewalld is on; ",
        None => "",
    };
    let ports = super::ports(observed);
    // Rules are judged by what would come and go by a link.
    if observed.links.is_empty() {
        return None;
    }
    match observed.firewall.reading {
        Reading::NoProgram if front.is_empty() => None,
        Reading::Read if observed.firewall.unclear => Some(Finding::ok(
            Topic::Firewall,
            format!("{front}whether its rules let UDP {ports} through depends on more than can be told"),
        )),
        Reading::Read => Some(Finding::ok(Topic::Firewall, format!("{front}no rule keeps UDP {ports} in or out"))),
        Reading::Refused | Reading::NoProgram => {
            let words = format!("{front}its rules cannot be read by this user; \"sudo cooee doctor\" can");
            Some(Finding::ok(Topic::Firewall, words))
        }
    }
}

fn closed(observed: &Observations, direction: Direction, place: &Place) -> Finding {
    let ports = net::ports(observed.asked.port);
    let is_closed = |cast| observed.firewall.closed.contains(&Closed { direction, cast, place: place.clone() });
    let (broadcast, unicast) = (is_closed(Cast::Broadcast), is_closed(Cast::Unicast));
    let by = match place {
        Place::Nft { family, table, chain } => format!("nftables, table {family} {table}, chain {chain}"),
        Place::Iptables { chain } => format!("iptables, chain {chain}"),
    };
    let way = if direction == Direction::In { "in" } else { "out" };
    let (shared, behind) = (ports.start(), format!("{}-{}", ports.start().saturating_add(1), ports.end()));
    let what = match (broadcast, unicast) {
        (true, true) => format!("UDP {shared}-{}", ports.end()),
        (true, false) => format!("UDP {shared}"),
        (false, _) => format!("UDP {behind}"),
    };
    let words = format!("{what} is not let {way} ({by})");
    let finding = if !broadcast {
        let finding = Finding::warn(Topic::Firewall, format!("{words}: all works by broadcast, and more slowly"));
        finding.remedy("This opens the ports for unicast too:")
    } else if shows(observed, direction) {
        Finding::fail(Topic::Firewall, words).remedy("This opens the ports:")
    } else {
        let finding = Finding::warn(Topic::Firewall, format!("{words}, though the own beacon passes"));
        finding.remedy("This opens the ports:")
    };
    finding.command(command(observed, direction, place))
}

/// Whether what the rule says is seen: nothing comes back, or nothing can be sent.
fn shows(observed: &Observations, direction: Direction) -> bool {
    observed.links.is_empty()
        || observed.links.iter().any(|link| match link.echo {
            Echo::NotTried => true,
            Echo::CameBack => false,
            Echo::Lost => direction == Direction::In,
            Echo::NotSent(_) => direction == Direction::Out,
        })
}

/// What opens the ports: by the program that keeps the rules, where there is one, else in the chain that closes them.
fn command(observed: &Observations, direction: Direction, place: &Place) -> String {
    let ports = net::ports(observed.asked.port);
    let (first, last) = (ports.start(), ports.end());
    match (observed.firewall.front, place) {
        (Some(Front::Ufw), _) => {
            let out = if direction == Direction::In { "" } else { "out " };
            format!("sudo ufw allow {out}{first}:{last}/udp")
        }
        (Some(Front::Firewalld), Place::Nft { table, .. }) if table == "firewalld" && direction == Direction::In => {
            format!("sudo firewall-cmd --add-port={first}-{last}/udp")
        }
        (_, Place::Nft { family, table, chain }) => {
            format!("sudo nft insert rule {family} {table} {chain} udp dport {first}-{last} accept")
        }
        (_, Place::Iptables { chain }) => format!("sudo iptables -I {chain} -p udp --dport {first}:{last} -j ACCEPT"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{remedy, sound, told};
    use super::*;
    use crate::ui::commands::doctor::observations::SendProblem;

    fn wall(direction: Direction, casts: &[Cast]) -> Observations {
        let chain = if direction == Direction::In { "in" } else { "out" };
        let place = Place::Nft { family: "inet".to_owned(), table: "wall".to_owned(), chain: chain.to_owned() };
        let mut observed = sound();
        observed.firewall.closed =
            casts.iter().map(|cast| Closed { direction, cast: *cast, place: place.clone() }).collect();
        observed
    }

    const BOTH: [Cast; 2] = [Cast::Broadcast, Cast::Unicast];

    #[test]
    fn the_chain_and_the_command_are_named() {
        let mut observed = wall(Direction::In, &BOTH);
        observed.links[0].echo = Echo::Lost;
        let expected = "FAIL UDP 26633-26649 is not let in (nftables, table inet wall, chain in)";
        assert_eq!(told(&check(&observed)), [expected]);
        let command = "    sudo nft insert rule inet wall in udp dport 26633-26649 accept\n";
        assert_eq!(remedy(&check(&observed)), format!("This opens the ports:\n{command}"));
        observed.firewall.front = Some(Front::Ufw);
        assert!(remedy(&check(&observed)).ends_with("    sudo ufw allow 26633:26649/udp\n"));
        observed.firewall.front = None;
        observed.firewall.closed[0].place = Place::Iptables { chain: "INPUT".to_owned() };
        observed.firewall.closed.truncate(1);
        assert_eq!(told(&check(&observed)), ["FAIL UDP 26633 is not let in (iptables, chain INPUT)"]);
        assert!(
            remedy(&check(&observed)).ends_with("    sudo iptables -I INPUT -p udp --dport 26633:26649 -j ACCEPT\n")
        );
    }

    #[test]
    fn rules_that_seem_to_close_what_passes_are_a_warning() {
        let closed = told(&check(&wall(Direction::In, &BOTH))).concat();
        assert!(closed.starts_with("warn UDP 26633-26649 is not let in") && closed.ends_with("passes"), "{closed}");
        let mut out = wall(Direction::Out, &BOTH);
        assert!(told(&check(&out))[0].starts_with("warn UDP 26633-26649 is not let out"));
        out.links[0].echo = Echo::NotSent(SendProblem::NotPermitted);
        assert!(told(&check(&out))[0].starts_with("FAIL UDP 26633-26649 is not let out"));
    }

    #[test]
    fn where_only_unicast_is_closed_all_works_more_slowly() {
        let observed = wall(Direction::In, &[Cast::Unicast]);
        let words = told(&check(&observed)).concat();
        assert!(words.starts_with("warn UDP 26634-26649 is not let in (") && words.ends_with("more slowly"), "{words}");
    }

    #[test]
    fn what_may_not_be_read_is_no_problem() {
        let mut observed = sound();
        assert_eq!(told(&check(&observed)), ["ok no rule keeps UDP 26633-26649 in or out"]);
        observed.firewall.reading = Reading::Refused;
        let words = "its rules cannot be read by this user; \"sudo cooee doctor\" can";
        assert_eq!(told(&check(&observed)), [format!("ok {words}")]);
        observed.firewall.front = Some(Front::Ufw);
        assert_eq!(told(&check(&observed)), [format!("ok ufw is on; {words}")]);
        (observed.firewall.front, observed.firewall.reading) = (None, Reading::NoProgram);
        assert_eq!(check(&observed), []);
    }
}
