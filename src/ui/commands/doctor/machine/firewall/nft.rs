//! The rules of nftables, as `nft -j list ruleset` lists them (libnftables-json(5)).

use std::collections::BTreeMap;

use serde_json::Value;

use super::rules::{Action, Chains, Fate, Packet, Truth};
use super::{Cast, Direction, Place};

/// Families of tables that an IPv4 datagram goes through.
const FAMILIES: [&str; 2] = ["inet", "ip"];

/// What becomes of a datagram in each chain of the ruleset that it goes through. What iptables has made may be left
/// out, where iptables lists it itself.
pub(super) fn fates(listing: &str, packet: &Packet<'_>, without_iptables: bool) -> Vec<(Place, Fate)> {
    let items = items(listing);
    let mut tables: BTreeMap<(&str, &str), Chains> = BTreeMap::new();
    let sets = sets(&items);
    for item in &items {
        for kind in ["chain", "rule"] {
            let object = &item[kind];
            let (Some(family), Some(name)) = (text(object, "family"), table_of(object)) else { continue };
            let is_of_iptables = without_iptables && family == "ip" && name == "filter";
            if !FAMILIES.contains(&family) || is_of_iptables {
                continue;
            }
            let chains = tables.entry((family, name)).or_default();
            if kind == "chain" {
                note_chain(chains, object);
            } else {
                Reader { packet, sets: &sets, table: (family, name) }.note_rule(chains, object);
            }
        }
    }
    let fates = tables.iter().flat_map(|((family, table), chains)| {
        chains.fates(packet.direction).map(|(chain, fate)| {
            let place = Place::Nft { family: (*family).into(), table: (*table).into(), chain: chain.into() };
            (place, fate)
        })
    });
    fates.collect()
}

/// Whether firewalld has made rules of it.
pub(super) fn has_firewalld(listing: &str) -> bool {
    items(listing).iter().any(|item| text(&item["table"], "name") == Some("firewalld"))
}

fn items(listing: &str) -> Vec<Value> {
    let mut listing: Value = serde_json::from_str(listing).unwrap_or_default();
    match listing["nftables"].take() {
        Value::Array(items) => items,
        _ => Vec::new(),
    }
}

/// Sets with names, by family, table and name.
type Sets<'a> = BTreeMap<(&'a str, &'a str, &'a str), &'a Value>;

fn sets(items: &[Value]) -> Sets<'_> {
    let set = |item: &'static str| {
        items
            .iter()
            .map(move |object| &object[item])
            .filter_map(|set| Some(((text(set, "family")?, table_of(set)?, text(set, "name")?), &set["elem"])))
    };
    set("set").chain(set("map")).collect()
}

fn text<'a>(object: &'a Value, key: &str) -> Option<&'a str> {
    object[key].as_str()
}

fn table_of(object: &Value) -> Option<&str> {
    text(object, "table")
}

fn note_chain(chains: &mut Chains, object: &Value) {
    let Some(name) = text(object, "name") else { return };
    chains.declare(name);
    let direction = match text(object, "hook") {
        Some("input") => Direction::In,
        Some("output") => Direction::Out,
        _ => return,
    };
    // Those of type nat see no more than the first datagram of a connection, and drop nothing.
    if text(object, "type") == Some("filter") {
        let policy = if text(object, "policy") == Some("drop") { Fate::Closed } else { Fate::Open };
        chains.base(name, direction, policy);
    }
}

/// What a rule says of one datagram.
struct Reader<'a> {
    packet: &'a Packet<'a>,
    sets: &'a Sets<'a>,
    table: (&'a str, &'a str),
}

impl Reader<'_> {
    fn note_rule(&self, chains: &mut Chains, object: &Value) {
        let (Some(chain), Some(statements)) = (text(object, "chain"), object["expr"].as_array()) else { return };
        let mut holds = Truth::Yes;
        for statement in statements {
            let Some((kind, inner)) = statement.as_object().and_then(|object| object.iter().next()) else { continue };
            match &**kind {
                "match" => holds = holds.and(self.holds(inner)),
                // How many have come already is not known; what iptables asks for by modules of its own, neither.
                "limit" | "xt" | "quota" | "ct count" | "connlimit" => holds = holds.and(Truth::Maybe),
                "vmap" => self.note_map(chains, chain, holds, inner),
                _ => {
                    if let Some(action) = action(kind, inner) {
                        chains.push(chain, holds, action);
                    }
                }
            }
        }
    }

    /// A verdict map: each of its elements is a rule.
    fn note_map(&self, chains: &mut Chains, chain: &str, holds: Truth, map: &Value) {
        let Some(elements) = self.elements(&map["data"]) else {
            return chains.push(chain, holds.and(Truth::Maybe), Action::Unknown);
        };
        for element in elements {
            let verdict = element[1].as_object().and_then(|object| object.iter().next());
            let Some(action) = verdict.and_then(|(kind, inner)| action(kind, inner)) else { continue };
            chains.push(chain, holds.and(self.equals(&map["key"], &element[0])), action);
        }
    }

    fn holds(&self, condition: &Value) -> Truth {
        let (left, right) = (&condition["left"], &condition["right"]);
        match text(condition, "op") {
            Some("==" | "in") => self.equals(left, right),
            // Also what asks for TCP and not this port asks for TCP.
            Some("!=") if self.is_of_other_protocol(left) => Truth::No,
            Some("!=") => self.equals(left, right).negated(),
            Some(op) if is_port(left) => self.compares(op, right),
            _ if self.is_of_other_protocol(left) => Truth::No,
            _ => Truth::Maybe,
        }
    }

    /// Whether it asks for a field of a protocol that a datagram of UDP over IPv4 does not have.
    fn is_of_other_protocol(&self, left: &Value) -> bool {
        let protocol = text(&left["payload"], "protocol");
        protocol.is_some_and(|protocol| !["udp", "th", "ip", "ether", "vlan"].contains(&protocol))
    }

    fn compares(&self, op: &str, right: &Value) -> Truth {
        let Some(number) = right.as_u64() else { return Truth::Maybe };
        let port = u64::from(self.packet.port);
        match op {
            "<" => (port < number).into(),
            "<=" => (port <= number).into(),
            ">" => (port > number).into(),
            ">=" => (port >= number).into(),
            _ => Truth::Maybe,
        }
    }

    fn equals(&self, left: &Value, right: &Value) -> Truth {
        if self.is_of_other_protocol(left) {
            return Truth::No;
        }
        if let Some(key) = text(&left["meta"], "key") {
            return self.meta(key, right);
        }
        if text(&left["ct"], "key") == Some("state") {
            return self.any(right, |state| (state == "new").into());
        }
        if is_port(left) {
            return self.any(right, |port| self.port(port));
        }
        match (text(&left["payload"], "protocol"), text(&left["payload"], "field")) {
            (Some("ip"), Some("protocol")) => self.any(right, |protocol| (protocol == "udp").into()),
            _ if text(&left["fib"], "result") == Some("type") && left["fib"]["flags"][0] == "daddr" => {
                let kind = match (self.packet.cast, self.packet.direction) {
                    (Cast::Broadcast, _) => "broadcast",
                    (Cast::Unicast, Direction::In) => "local",
                    (Cast::Unicast, Direction::Out) => "unicast",
                };
                self.any(right, |asked| (asked == kind).into())
            }
            _ => Truth::Maybe,
        }
    }

    fn meta(&self, key: &str, right: &Value) -> Truth {
        let (incoming, interface) = (self.packet.direction == Direction::In, self.packet.interface);
        let is_interface = |asked: &Value| {
            let asked = asked.as_str().unwrap_or_default();
            let is_it = asked.strip_suffix('*').map_or(asked == interface, |begin| interface.starts_with(begin));
            is_it.into()
        };
        match key {
            "l4proto" => self.any(right, |protocol| (protocol == "udp").into()),
            "nfproto" => self.any(right, |family| (family == "ipv4").into()),
            "iif" | "iifname" if incoming => self.any(right, is_interface),
            "oif" | "oifname" if !incoming => self.any(right, is_interface),
            "iif" | "iifname" | "oif" | "oifname" => Truth::No,
            "pkttype" => {
                let kinds: &[&str] = match self.packet.cast {
                    Cast::Broadcast => &["broadcast"],
                    Cast::Unicast => &["host", "unicast"],
                };
                self.any(right, |asked| asked.as_str().is_some_and(|asked| kinds.contains(&asked)).into())
            }
            _ => Truth::Maybe,
        }
    }

    fn port(&self, asked: &Value) -> Truth {
        let (port, range) = (u64::from(self.packet.port), &asked["range"]);
        match (asked.as_u64(), range[0].as_u64(), range[1].as_u64()) {
            (Some(asked), ..) => (asked == port).into(),
            (_, Some(first), Some(last)) => (first..=last).contains(&port).into(),
            _ => Truth::Maybe,
        }
    }

    /// Whether it holds for any of what stands on the right: one value, several, or a set.
    fn any(&self, right: &Value, holds: impl Fn(&Value) -> Truth) -> Truth {
        let is_reference = right.as_str().is_some_and(|name| name.starts_with('@'));
        if !is_reference && !right.is_array() && right.get("set").is_none() {
            return holds(right);
        }
        let Some(elements) = self.elements(right) else { return Truth::Maybe };
        let truths =
            elements.iter().map(|element| holds(element.get("elem").map_or(element, |element| &element["val"])));
        truths.fold(Truth::No, |any, truth| any.negated().and(truth.negated()).negated())
    }

    /// The elements of a set; `None` where they are not known.
    fn elements<'a>(&'a self, set: &'a Value) -> Option<&'a [Value]> {
        let (family, table) = self.table;
        let elements = match set.as_str().and_then(|name| name.strip_prefix('@')) {
            Some(name) => *self.sets.get(&(family, table, name))?,
            None => set.get("set").unwrap_or(set),
        };
        // A set that is empty is listed without any.
        if elements.is_null() { Some(&[]) } else { elements.as_array().map(Vec::as_slice) }
    }
}

fn is_port(left: &Value) -> bool {
    let payload = &left["payload"];
    matches!(text(payload, "protocol"), Some("udp" | "th")) && text(payload, "field") == Some("dport")
}

/// What a statement does with a datagram; `None` where that goes on as if it were not there.
fn action(kind: &str, inner: &Value) -> Option<Action> {
    let target = || inner["target"].as_str().map(str::to_owned);
    Some(match kind {
        "accept" => Action::Accept,
        "drop" | "reject" => Action::Drop,
        "return" => Action::Return,
        "jump" => Action::Jump(target()?),
        "goto" => Action::Goto(target()?),
        "queue" => Action::Unknown,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Way;
    use super::*;

    fn listing(rules: &[Value], policy: &str) -> String {
        let chain = |name: &str| json!({"family": "inet", "table": "wall", "name": name, "handle": 1});
        let mut base = chain("in");
        base.as_object_mut().unwrap().extend(
            json!({"type": "filter", "hook": "input", "prio": 0, "policy": policy}).as_object().unwrap().clone(),
        );
        let mut items = vec![
            json!({"metainfo": {"version": "1.0.6", "json_schema_version": 1}}),
            json!({"table": {"family": "inet", "name": "wall", "handle": 1}}),
            json!({"set": {"family": "inet", "name": "ports", "table": "wall", "type": "inet_service",
                "flags": ["interval"], "elem": [{"range": [26633, 26649]}]}}),
            json!({"chain": chain("own")}),
            json!({"chain": base}),
        ];
        let rule = |rule: &Value| {
            let chain = if rule[0]["reject"].is_null() { "in" } else { "own" };
            json!({"rule": {"family": "inet", "table": "wall", "chain": chain, "handle": 6, "expr": rule}})
        };
        items.extend(rules.iter().map(rule));
        json!({ "nftables": items }).to_string()
    }

    /// What becomes of a broadcast, and of a unicast.
    fn come_in(listing: &str) -> [Fate; 2] {
        let way = Way { interface: "eth0".to_owned(), address: [192, 0, 2, 1].into() };
        [(Cast::Broadcast, 26633), (Cast::Unicast, 26634)].map(|(cast, port)| {
            let found = fates(listing, &Packet::new(&way, Direction::In, cast, port), false);
            assert_eq!(found.len(), 1);
            found[0].1
        })
    }

    fn dport(op: &str, right: &Value) -> Value {
        json!({"match": {"op": op, "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": right}})
    }

    fn meta(key: &str, right: &Value) -> Value {
        json!({"match": {"op": "==", "left": {"meta": {"key": key}}, "right": right}})
    }

    const OPEN: [Fate; 2] = [Fate::Open; 2];
    const CLOSED: [Fate; 2] = [Fate::Closed; 2];

    #[test]
    fn ports_are_opened_by_number_range_and_set() {
        let accept = |right: &Value| come_in(&listing(&[json!([dport("==", right), {"accept": null}])], "drop"));
        assert_eq!(come_in(&listing(&[], "accept")), OPEN);
        assert_eq!(come_in(&listing(&[], "drop")), CLOSED);
        assert_eq!(accept(&json!({"range": [26633, 26649]})), OPEN);
        assert_eq!(accept(&json!("@ports")), OPEN);
        assert_eq!(accept(&json!(26633)), [Fate::Open, Fate::Closed]);
        assert_eq!(accept(&json!({"set": [53, {"range": [26634, 26640]}]})), [Fate::Closed, Fate::Open]);
        assert_eq!(accept(&json!("@no-such")), [Fate::Unclear; 2]);
        assert_eq!(accept(&json!(53)), CLOSED);
    }

    #[test]
    fn a_rule_closes_a_port_on_the_card_it_names() {
        let not_shared = dport("!=", &json!(26633));
        let rule = |card: &str| {
            come_in(&listing(&[json!([meta("iifname", &json!(card)), not_shared, {"drop": null}])], "accept"))
        };
        assert_eq!(rule("eth0"), [Fate::Open, Fate::Closed]);
        assert_eq!(rule("eth*"), [Fate::Open, Fate::Closed]);
        assert_eq!(rule("wlan0"), OPEN);
        let above =
            json!([dport(">", &json!(26633)), {"counter": {"packets": 0, "bytes": 0}}, {"log": null}, {"drop": null}]);
        assert_eq!(come_in(&listing(&[above], "accept")), [Fate::Open, Fate::Closed]);
    }

    #[test]
    fn what_is_for_others_does_not_count() {
        let established =
            json!({"match": {"op": "in", "left": {"ct": {"key": "state"}}, "right": ["established", "related"]}});
        let ssh =
            json!({"match": {"op": "!=", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 22}});
        let by_state = json!({"vmap": {"key": {"ct": {"key": "state"}}, "data": {"set": [["invalid", {"drop": null}], ["established", {"accept": null}]]}}});
        for rule in [
            json!([established, {"accept": null}]),
            json!([meta("iif", &json!("lo")), {"accept": null}]),
            json!([ssh, {"accept": null}]),
            json!([by_state]),
            json!([meta("l4proto", &json!({"set": ["tcp", "icmp"]})), {"accept": null}]),
        ] {
            assert_eq!(come_in(&listing(std::slice::from_ref(&rule), "drop")), CLOSED, "{rule}");
        }
    }

    #[test]
    fn broadcasts_are_told_from_unicast() {
        let rule = |condition: Value| come_in(&listing(&[json!([condition, {"accept": null}])], "drop"));
        assert_eq!(rule(meta("pkttype", &json!("broadcast"))), [Fate::Open, Fate::Closed]);
        let fib =
            json!({"match": {"op": "==", "left": {"fib": {"result": "type", "flags": ["daddr"]}}, "right": "local"}});
        assert_eq!(rule(fib), [Fate::Closed, Fate::Open]);
    }

    #[test]
    fn verdicts_are_found_in_other_chains_and_in_maps() {
        let jump = json!([{"jump": {"target": "own"}}]);
        assert_eq!(come_in(&listing(&[jump, json!([{"reject": {"type": "icmpx"}}])], "accept")), CLOSED);
        let key = json!({"payload": {"protocol": "udp", "field": "dport"}});
        let map = json!([{"vmap": {"key": key, "data": {"set": [[53, {"drop": null}], [26633, {"accept": null}]]}}}]);
        assert_eq!(come_in(&listing(&[map], "drop")), [Fate::Open, Fate::Closed]);
    }

    #[test]
    fn what_depends_on_more_than_is_known_is_not_told_to_be_closed() {
        let neighbours = json!({"match": {"op": "==", "left": {"payload": {"protocol": "ip", "field": "saddr"}},
            "right": {"prefix": {"addr": "192.0.2.0", "len": 24}}}});
        assert_eq!(come_in(&listing(&[json!([neighbours, {"accept": null}])], "drop")), [Fate::Unclear; 2]);
        let pongs =
            json!({"match": {"op": "==", "left": {"payload": {"base": "th", "offset": 104, "len": 8}}, "right": 11}});
        assert_eq!(come_in(&listing(&[json!([pongs, {"drop": null}])], "accept")), OPEN);
        let xt = json!([{"xt": {"type": "match", "name": "recent"}}, {"accept": null}]);
        assert_eq!(come_in(&listing(&[xt], "drop")), [Fate::Unclear; 2]);
    }

    #[test]
    fn it_is_told_where_the_rule_stands_and_who_made_it() {
        let way = Way { interface: "eth0".to_owned(), address: [192, 0, 2, 1].into() };
        let found = fates(&listing(&[], "drop"), &Packet::new(&way, Direction::In, Cast::Unicast, 26634), false);
        let place = Place::Nft { family: "inet".to_owned(), table: "wall".to_owned(), chain: "in".to_owned() };
        assert_eq!(found, [(place, Fate::Closed)]);
        assert!(!has_firewalld(&listing(&[], "drop")));
        assert!(has_firewalld(r#"{"nftables": [{"table": {"family": "inet", "name": "firewalld", "handle": 3}}]}"#));
        assert_eq!(fates("no JSON", &Packet::new(&way, Direction::In, Cast::Unicast, 26634), false), []);
    }
}
