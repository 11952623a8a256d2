//! The rules of iptables, as `iptables -S` lists them: one command a line that would make the same rule again.

use super::rules::{Action, Chains, Fate, Packet, Truth};
use super::{Cast, Direction, Place};

/// What becomes of a datagram in the chain that it goes through.
pub(super) fn fates(listing: &str, packet: &Packet<'_>) -> Vec<(Place, Fate)> {
    let mut chains = Chains::default();
    for line in listing.lines() {
        let Some(words) = shlex::split(line) else { continue };
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words[..] {
            ["-P", chain, policy] => {
                let policy = if policy == "DROP" { Fate::Closed } else { Fate::Open };
                if let Some(direction) = direction(chain) {
                    chains.base(chain, direction, policy);
                }
            }
            ["-N", chain] => chains.declare(chain),
            ["-A", chain, ref rule @ ..] => note_rule(&mut chains, chain, rule, packet),
            _ => {}
        }
    }
    let place = |chain: &str| Place::Iptables { chain: chain.to_owned() };
    chains.fates(packet.direction).map(|(chain, fate)| (place(chain), fate)).collect()
}

fn direction(chain: &str) -> Option<Direction> {
    match chain {
        "INPUT" => Some(Direction::In),
        "OUTPUT" => Some(Direction::Out),
        _ => None,
    }
}

fn note_rule(chains: &mut Chains, chain: &str, rule: &[&str], packet: &Packet<'_>) {
    let (mut holds, mut words) = (Truth::Yes, rule.iter().copied());
    while let Some(word) = words.next() {
        let (is_negated, option) = if word == "!" { (true, words.next().unwrap_or_default()) } else { (false, word) };
        if matches!(option, "-j" | "-g") {
            let target = words.next().unwrap_or_default();
            if let Some(action) = action(target, option == "-g") {
                chains.push(chain, holds, action);
            }
            // What follows belongs to the target.
            return;
        }
        // A module alone says nothing; what is asked of it follows.
        if option == "-m" {
            let _ = words.next();
            continue;
        }
        let truth = words.next().map_or(Truth::Maybe, |value| condition(option, value, packet));
        holds = holds.and(if is_negated { truth.negated() } else { truth });
    }
}

/// What a target does with a datagram; `None` where that goes on as if it were not there.
fn action(target: &str, is_goto: bool) -> Option<Action> {
    Some(match target {
        "ACCEPT" => Action::Accept,
        "DROP" | "REJECT" => Action::Drop,
        "RETURN" => Action::Return,
        "NFQUEUE" | "QUEUE" => Action::Unknown,
        // The kernel's own extensions, which only note something.
        "LOG" | "NFLOG" | "MARK" | "CONNMARK" | "CT" | "SET" | "AUDIT" | "TRACE" => return None,
        chain if is_goto => Action::Goto(chain.to_owned()),
        chain => Action::Jump(chain.to_owned()),
    })
}

fn condition(option: &str, value: &str, packet: &Packet<'_>) -> Truth {
    let incoming = packet.direction == Direction::In;
    let list = |is_it: &dyn Fn(&str) -> bool| Truth::from(value.split(',').any(is_it));
    match option {
        "-p" => list(&|protocol| matches!(protocol, "udp" | "17" | "all")),
        "-i" if incoming => is_interface(value, packet).into(),
        "-o" if !incoming => is_interface(value, packet).into(),
        "-i" | "-o" => Truth::No,
        "--dport" | "--dports" | "--destination-ports" => {
            let in_any = value.split(',').map(|range| in_range(range, packet.port));
            in_any.fold(Truth::No, |any, truth| any.negated().and(truth.negated()).negated())
        }
        "--ctstate" | "--state" => list(&|state| state == "NEW"),
        "--pkt-type" => (value == if packet.cast == Cast::Broadcast { "broadcast" } else { "unicast" }).into(),
        "--dst-type" => {
            let kind = match (packet.cast, packet.direction) {
                (Cast::Broadcast, _) => "BROADCAST",
                (Cast::Unicast, Direction::In) => "LOCAL",
                (Cast::Unicast, Direction::Out) => "UNICAST",
            };
            list(&|asked| asked == kind)
        }
        "--comment" => Truth::Yes,
        _ => Truth::Maybe,
    }
}

fn is_interface(asked: &str, packet: &Packet<'_>) -> bool {
    asked.strip_suffix('+').map_or(asked == packet.interface, |begin| packet.interface.starts_with(begin))
}

/// Whether a port is of `26633` or `26633:26649`.
fn in_range(range: &str, port: u16) -> Truth {
    let (first, last) = range.split_once(':').unwrap_or((range, range));
    match (first.parse::<u16>(), last.parse::<u16>()) {
        (Ok(first), Ok(last)) => (first..=last).contains(&port).into(),
        _ => Truth::Maybe,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Way;
    use super::*;

    /// What becomes of a broadcast and of a unicast that come in, and of a broadcast that goes out.
    fn judged(listing: &str) -> [Fate; 3] {
        let way = Way { interface: "eth0".to_owned(), address: [192, 0, 2, 1].into() };
        let ways = [
            (Direction::In, Cast::Broadcast, 26633),
            (Direction::In, Cast::Unicast, 26634),
            (Direction::Out, Cast::Broadcast, 26633),
        ];
        ways.map(|(direction, cast, port)| fates(listing, &Packet::new(&way, direction, cast, port))[0].1)
    }

    const DROPS: &str = "-P INPUT DROP\n-P FORWARD DROP\n-P OUTPUT ACCEPT\n";

    #[test]
    fn the_policy_counts_where_no_rule_does() {
        use Fate::{Closed, Open};
        assert_eq!(judged("-P INPUT ACCEPT\n-P OUTPUT ACCEPT\n"), [Open; 3]);
        assert_eq!(judged(DROPS), [Closed, Closed, Open]);
        assert_eq!(judged("-P INPUT ACCEPT\n-P OUTPUT DROP\n"), [Open, Open, Closed]);
    }

    #[test]
    fn what_a_rule_opens_or_closes_is_found() {
        use Fate::{Closed, Open};
        let with = |rule: &str| judged(&format!("{DROPS}{rule}\n"));
        assert_eq!(with("-A INPUT -p udp -m udp --dport 26633:26649 -j ACCEPT"), [Open; 3]);
        assert_eq!(with("-A INPUT -p udp -m multiport --dports 53,26633 -j ACCEPT"), [Open, Closed, Open]);
        assert_eq!(with("-A INPUT -i eth+ -m comment --comment \"let all in\" -j ACCEPT"), [Open; 3]);
        assert_eq!(with("-A INPUT -i lo -j ACCEPT"), [Closed, Closed, Open]);
        assert_eq!(with("-A INPUT ! -i lo -p udp -j ACCEPT"), [Open; 3]);
        assert_eq!(with("-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"), [Closed, Closed, Open]);
        assert_eq!(with("-A INPUT -m pkttype --pkt-type broadcast -j ACCEPT"), [Open, Closed, Open]);
        assert_eq!(with("-A INPUT -m addrtype --dst-type LOCAL -j ACCEPT"), [Closed, Open, Open]);
    }

    #[test]
    fn the_chains_of_ufw_are_followed() {
        let ufw = "\
-P INPUT DROP
-P OUTPUT ACCEPT
-N ufw-before-input
-N ufw-user-input
-N ufw-not-local
-A INPUT -j ufw-before-input
-A ufw-before-input -i lo -j ACCEPT
-A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A ufw-before-input -p icmp -m icmp --icmp-type 8 -j ACCEPT
-A ufw-before-input -j ufw-not-local
-A ufw-before-input -d 224.0.0.251/32 -p udp -m udp --dport 5353 -j ACCEPT
-A ufw-before-input -j ufw-user-input
-A ufw-not-local -m addrtype --dst-type LOCAL -j RETURN
-A ufw-not-local -m addrtype --dst-type BROADCAST -j RETURN
-A ufw-not-local -m limit --limit 3/min -j LOG --log-prefix \"[UFW BLOCK] \"
-A ufw-not-local -j DROP
";
        assert_eq!(judged(ufw), [Fate::Closed, Fate::Closed, Fate::Open]);
        let opened = format!("{ufw}-A ufw-user-input -p udp -m multiport --dports 26633:26649 -j ACCEPT\n");
        assert_eq!(judged(&opened), [Fate::Open; 3]);
    }

    #[test]
    fn what_depends_on_more_than_is_known_is_not_told_to_be_closed() {
        let of_some = format!("{DROPS}-A INPUT -s 192.0.2.0/24 -p udp -j ACCEPT\n");
        assert_eq!(judged(&of_some), [Fate::Unclear, Fate::Unclear, Fate::Open]);
        let unknown = format!("{DROPS}-A INPUT -m u32 --u32 \"0x0=0x1\" -j ACCEPT\n-A INPUT --weird\n");
        assert_eq!(judged(&unknown)[0], Fate::Unclear);
    }
}
