//! The port that everybody shares, and the own one for unicast.

use cooee::{net, wire};

use crate::ui::commands::doctor::finding::{Finding, Topic};
use crate::ui::commands::doctor::machine::Holder;
use crate::ui::commands::doctor::observations::{Observations, PortState};
use crate::ui::words;

pub(super) fn check(observed: &Observations) -> Vec<Finding> {
    let mut findings = match &observed.port {
        PortState::Open { unicast } => open(observed, *unicast),
        PortState::NotTried => Vec::new(),
        PortState::Held => vec![held(observed)],
        PortState::Unusable(problem) => vec![Finding::fail(Topic::Port, problem)],
    };
    findings.extend(elsewhere(observed));
    findings.extend(on_usual_port(observed));
    findings
}

fn open(observed: &Observations, unicast: u16) -> Vec<Finding> {
    let port = observed.asked.port;
    let (runs, programs): (Vec<_>, Vec<_>) = observed.sockets.on_port.iter().partition(|holder| holder.is_cooee);
    let mut shared: Vec<String> = programs.into_iter().map(named).collect();
    match runs.len() {
        0 => {}
        1 => shared.insert(0, "another run".to_owned()),
        more => shared.insert(0, format!("{more} other runs")),
    }
    let shared = if shared.is_empty() { String::new() } else { format!("; shared with {}", words::names(&shared)) };
    let mut findings = vec![Finding::ok(Topic::Port, format!("UDP {port} is open, and {unicast} for unicast{shared}"))];
    if !net::ports(port).contains(&unicast) {
        let words = format!("unicast comes to UDP {unicast}, as {} are all taken", super::ports(observed));
        let finding = Finding::warn(Topic::Port, words);
        findings
            .push(finding.remedy("A firewall that opens these ports alone keeps it out; end a few runs or programs."));
    }
    findings
}

/// `nc (pid 7)`.
fn named(holder: &Holder) -> String {
    format!("{} (pid {})", holder.name, holder.pid)
}

fn held(observed: &Observations) -> Finding {
    let port = observed.asked.port;
    let holders: Vec<String> = observed.sockets.on_port.iter().map(named).collect();
    let (by, end) = match &observed.sockets.on_port[..] {
        [] => ("another program".to_owned(), "End it".to_owned()),
        [only] => (named(only), format!("End it (kill {})", only.pid)),
        _ => (words::names(&holders), "End them".to_owned()),
    };
    let finding = Finding::fail(Topic::Port, format!("UDP {port} is held by {by}, which does not share it"));
    let finding = finding.remedy(format!("{end}, or choose another port with --port, the same on every machine."));
    if holders.is_empty() {
        return finding.remedy("Which one it is, \"sudo cooee doctor\" can tell.");
    }
    finding
}

/// Runs of this machine that nobody on the port hears.
fn elsewhere(observed: &Observations) -> Option<Finding> {
    let elsewhere = &observed.sockets.elsewhere;
    let first = elsewhere.first()?;
    let runs: Vec<String> = elsewhere.iter().map(|run| format!("pid {} on UDP {}", run.pid, run.port)).collect();
    let words = format!("cooee runs here on another port too: {}", words::names(&runs));
    let finding = Finding::warn(Topic::Port, words).remedy("Who is on another port is not heard. To be on the same:");
    Some(finding.command(format!("cooee --port {}", first.port)))
}

fn on_usual_port(observed: &Observations) -> Option<Finding> {
    let count = observed.on_usual_port;
    let (is, usual) = (if count == 1 { "peer is" } else { "peers are" }, wire::PORT);
    let words = || format!("{count} {is} heard on the usual port {usual}, and this is {}", observed.asked.port);
    let finding =
        || Finding::warn(Topic::Port, words()).remedy("Who is on another port is not heard. To be on the same:");
    (count > 0).then(|| finding().command(format!("cooee --port {usual}")))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{remedy, sound, told};
    use super::*;
    use crate::ui::commands::doctor::machine::Elsewhere;
    use crate::ui::safe::Safe;

    fn holder(name: &'static str, pid: i32) -> Holder {
        Holder { name: Safe::literal(name), pid, is_cooee: name == "cooee" }
    }

    #[test]
    fn who_shares_the_port_is_told() {
        let mut observed = sound();
        assert_eq!(told(&check(&observed)), ["ok UDP 26633 is open, and 26634 for unicast"]);
        observed.sockets.on_port = vec![holder("cooee", 7), holder("nc", 8), holder("cooee", 9)];
        let shared = "ok UDP 26633 is open, and 26634 for unicast; shared with 2 other runs and nc (pid 8)";
        assert_eq!(told(&check(&observed)), [shared]);
    }

    #[test]
    fn who_holds_the_port_is_named_where_the_system_tells() {
        let mut observed = sound();
        observed.port = PortState::Held;
        assert_eq!(told(&check(&observed)), ["FAIL UDP 26633 is held by another program, which does not share it"]);
        observed.sockets.on_port = vec![holder("nc", 8)];
        assert_eq!(told(&check(&observed)), ["FAIL UDP 26633 is held by nc (pid 8), which does not share it"]);
        assert!(remedy(&check(&observed)).starts_with("End it (kill 8), or choose another port"));
    }

    #[test]
    fn a_port_for_unicast_beyond_those_that_a_firewall_opens_is_told() {
        let mut observed = sound();
        observed.port = PortState::Open { unicast: 26649 };
        assert_eq!(told(&check(&observed)).len(), 1);
        observed.port = PortState::Open { unicast: 40123 };
        assert!(
            told(&check(&observed))[1].starts_with("warn unicast comes to UDP 40123, as 26633-26649 are all taken")
        );
    }

    #[test]
    fn runs_on_other_ports_are_told() {
        let mut observed = sound();
        observed.sockets.elsewhere = vec![Elsewhere { pid: 71, port: 5000 }];
        assert_eq!(told(&check(&observed))[1], "warn cooee runs here on another port too: pid 71 on UDP 5000");
        assert!(remedy(&check(&observed)).ends_with("    cooee --port 5000\n"));
        observed.sockets.elsewhere.clear();
        (observed.asked.port, observed.on_usual_port) = (5000, 2);
        observed.port = PortState::Open { unicast: 5001 };
        assert_eq!(told(&check(&observed))[1], "warn 2 peers are heard on the usual port 26633, and this is 5000");
    }
}
