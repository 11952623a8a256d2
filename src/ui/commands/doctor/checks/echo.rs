//! Whether the own broadcasts come back by each link: what does not come back here does not come in from others.

use std::io;

use super::{ports, with_commands};
use crate::ui::commands::doctor::finding::{Finding, Topic};
use crate::ui::commands::doctor::machine::firewall::{Cast, Direction};
use crate::ui::commands::doctor::observations::{Echo, Observations, ObservedLink, SendProblem};
use crate::ui::safe::Safe;

pub(super) fn check(observed: &Observations) -> Vec<Finding> {
    observed.links.iter().filter_map(|link| of_link(observed, link)).collect()
}

fn of_link(observed: &Observations, link: &ObservedLink) -> Option<Finding> {
    let (everybody, interface) = (link.everybody, Safe::name(&link.interface, "?"));
    let finding = match link.echo {
        Echo::NotTried => return None,
        Echo::CameBack => Finding::ok(Topic::Echo, format!("own beacon to {everybody} came back by {interface}")),
        Echo::Lost => {
            let words = format!("own beacon to {everybody} did not come back in 1 s by {interface}");
            let finding = Finding::fail(Topic::Echo, words);
            if observed.firewall.closes(Direction::In, Cast::Broadcast) {
                finding.remedy("A rule of the firewall keeps it out; see below.")
            } else {
                with_commands(finding.remedy("Most often a firewall of this machine keeps it out."), observed)
            }
        }
        Echo::NotSent(problem) => not_sent(observed, link, problem),
    };
    Some(finding.on(&link.interface))
}

fn not_sent(observed: &Observations, link: &ObservedLink, problem: SendProblem) -> Finding {
    let begin = format!("own beacon to {} cannot be sent by {}", link.everybody, Safe::name(&link.interface, "?"));
    match problem {
        SendProblem::NotPermitted if observed.firewall.closes(Direction::Out, Cast::Broadcast) => {
            let finding = Finding::fail(Topic::Echo, format!("{begin}: it is not permitted"));
            finding.remedy("A rule of the firewall lets it not out; see below.")
        }
        SendProblem::NotPermitted => {
            let finding = Finding::fail(Topic::Echo, format!("{begin}: it is not permitted"));
            finding.remedy(format!("A firewall of this machine, or a sandbox, has to let UDP {} out.", ports(observed)))
        }
        SendProblem::NoRoute if cfg!(target_os = "macos") => {
            let finding = Finding::fail(Topic::Echo, format!("{begin}: there is no route"));
            let finding = finding.remedy("macOS lets a program reach the LAN only when it is allowed to. Switch your");
            finding.remedy("terminal on in System Settings > Privacy & Security > Local Network.")
        }
        SendProblem::NoRoute => {
            let finding = Finding::fail(Topic::Echo, format!("{begin}: there is no route"));
            finding
                .remedy("Its address has no route to its own subnet, or a rule forbids it:")
                .command("ip route; ip rule")
        }
        SendProblem::Other(kind) => Finding::fail(Topic::Echo, format!("{begin}: {}", io::Error::from(kind)))
            .remedy("\"cooee interfaces\" tells of each interface."),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{remedy, sound, told};
    use super::*;
    use crate::ui::commands::doctor::machine::firewall::{Closed, Front, Place};

    #[test]
    fn what_came_back_is_told() {
        assert_eq!(told(&check(&sound())), ["ok own beacon to 192.0.2.255 came back by eth0"]);
    }

    #[test]
    fn what_does_not_come_back_is_most_often_a_firewall() {
        let mut observed = sound();
        observed.links[0].echo = Echo::Lost;
        assert_eq!(told(&check(&observed)), ["FAIL own beacon to 192.0.2.255 did not come back in 1 s by eth0"]);
        let both = remedy(&check(&observed));
        assert!(both.contains("    sudo ufw allow 26633:26649/udp\n"), "{both}");
        assert!(both.contains("    sudo firewall-cmd --add-port=26633-26649/udp\n"), "{both}");
        observed.firewall.front = Some(Front::Ufw);
        assert!(!remedy(&check(&observed)).contains("firewall-cmd"));
        let place = Place::Iptables { chain: "INPUT".to_owned() };
        observed.firewall.closed = vec![Closed { direction: Direction::In, cast: Cast::Broadcast, place }];
        assert_eq!(remedy(&check(&observed)), "A rule of the firewall keeps it out; see below.\n");
    }

    #[test]
    fn what_cannot_be_sent_is_told_with_the_reason() {
        let mut observed = sound();
        let mut of = |problem| {
            observed.links[0].echo = Echo::NotSent(problem);
            told(&check(&observed)).concat()
        };
        let begin = "FAIL own beacon to 192.0.2.255 cannot be sent by eth0: ";
        assert_eq!(of(SendProblem::NotPermitted), format!("{begin}it is not permitted"));
        assert_eq!(of(SendProblem::NoRoute), format!("{begin}there is no route"));
        assert!(of(SendProblem::Other(io::ErrorKind::NetworkDown)).starts_with(begin));
    }
}
