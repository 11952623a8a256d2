//! What follows from what was observed: a file for each group of findings, all of them pure.

mod drops;
mod echo;
mod firewall;
mod isolation;
mod links;
mod peers;
mod port;
mod remote;
mod rooms;
#[cfg(test)]
mod sample;

use cooee::net;

use super::finding::Finding;
use super::machine::firewall::Front;
use super::observations::Observations;

/// All findings, in the order in which a datagram meets what they are about: the card, the port, the firewall, others.
pub(super) fn findings(observed: &Observations) -> Vec<Finding> {
    let groups = [
        links::check,
        port::check,
        drops::check,
        echo::check,
        firewall::check,
        peers::check,
        isolation::check,
        remote::check,
        rooms::check,
    ];
    groups.iter().flat_map(|check| check(observed)).collect()
}

/// `26633-26649`: the ports of a run.
fn ports(observed: &Observations) -> String {
    let ports = net::ports(observed.asked.port);
    format!("{}-{}", ports.start(), ports.end())
}

/// The same with what opens the ports in this machine's firewall, whichever it may be: a command for each that it can
/// be.
fn with_commands(finding: Finding, observed: &Observations) -> Finding {
    let ports = net::ports(observed.asked.port);
    let ufw = format!("sudo ufw allow {}:{}/udp", ports.start(), ports.end());
    let firewalld = format!("sudo firewall-cmd --add-port={}-{}/udp", ports.start(), ports.end());
    match observed.firewall.front {
        Some(Front::Ufw) => finding.remedy("This opens the ports:").command(ufw),
        Some(Front::Firewalld) => finding.remedy("This opens the ports:").command(firewalld),
        None => finding.remedy("One of these opens the ports:").command(ufw).command(firewalld),
    }
}
