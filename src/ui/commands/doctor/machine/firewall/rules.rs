//! What becomes of a datagram in chains of rules, whatever they were written in. Nothing is guessed: of a rule whose
//! condition is not known here, both outcomes are thought possible.

use std::collections::BTreeMap;

use super::{Cast, Direction, Way};

/// A datagram that rules are to judge: the first that somebody sends, so that no connection is known yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packet<'a> {
    pub(super) direction: Direction,
    pub(super) cast: Cast,
    pub(super) interface: &'a str,
    /// The UDP port that it goes to.
    pub(super) port: u16,
}

impl<'a> Packet<'a> {
    pub(super) fn new(way: &'a Way, direction: Direction, cast: Cast, port: u16) -> Self {
        Self { direction, cast, interface: &way.interface, port }
    }
}

/// Whether a condition holds for a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Truth {
    Yes,
    No,
    Maybe,
}

impl Truth {
    pub(super) const fn negated(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
        }
    }

    /// Whether both hold.
    pub(super) const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            _ => Self::Maybe,
        }
    }
}

impl From<bool> for Truth {
    fn from(is: bool) -> Self {
        if is { Self::Yes } else { Self::No }
    }
}

/// What a rule does with a datagram for which its condition holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Accept,
    /// Drops or rejects it.
    Drop,
    Return,
    /// Goes on in that chain, and behind the rule when that comes to no verdict.
    Jump(String),
    /// Goes on in that chain, and not behind the rule.
    Goto(String),
    /// May do anything with it.
    Unknown,
}

/// A rule, as it is for one datagram.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) holds: Truth,
    pub(super) action: Action,
}

/// The rules of a table for one datagram, chain by chain.
#[derive(Clone, Debug, Default)]
pub(super) struct Chains(BTreeMap<String, Chain>);

#[derive(Clone, Debug, Default)]
struct Chain {
    /// Whether all datagrams of the direction go through it, and what becomes of those that come to its end.
    base: Option<(Direction, Fate)>,
    steps: Vec<Step>,
}

/// What becomes of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It passes.
    Open,
    /// It is dropped for sure.
    Closed,
    /// That depends on what is not known here.
    Unclear,
}

/// How a walk through a chain ended.
enum Verdict {
    Done(Fate),
    /// It came to the chain's end.
    Nothing,
}

/// Chains that call each other deeper than this no kernel takes.
const DEPTH_MAX: usize = 16;
/// Most rules that are looked at for one datagram: jumps can make few rules into many.
const STEPS_MAX: usize = 200_000;

impl Chains {
    /// A chain, which may have no rules.
    pub(super) fn declare(&mut self, name: &str) {
        self.0.entry(name.to_owned()).or_default();
    }

    /// A chain that all datagrams of a direction go through.
    pub(super) fn base(&mut self, name: &str, direction: Direction, policy: Fate) {
        self.0.entry(name.to_owned()).or_default().base = Some((direction, policy));
    }

    /// One more rule at the end of a chain.
    pub(super) fn push(&mut self, chain: &str, holds: Truth, action: Action) {
        if holds != Truth::No {
            self.0.entry(chain.to_owned()).or_default().steps.push(Step { holds, action });
        }
    }

    /// What becomes of the datagram in each chain that it goes through; it has to pass all of them.
    pub(super) fn fates(&self, direction: Direction) -> impl Iterator<Item = (&str, Fate)> {
        self.0.iter().filter_map(move |(name, chain)| {
            let (_, policy) = chain.base.filter(|(of, _)| *of == direction)?;
            let mut walk = Walk { chains: self, steps: STEPS_MAX, may_pass: false };
            let fate = match walk.through(name, 0) {
                Verdict::Done(fate) => fate,
                Verdict::Nothing => policy,
            };
            let fate = if fate == Fate::Closed && walk.may_pass { Fate::Unclear } else { fate };
            Some((&**name, fate))
        })
    }
}

/// A datagram's way through the chains.
struct Walk<'a> {
    chains: &'a Chains,
    /// So many rules may still be looked at.
    steps: usize,
    /// A rule that may hold lets it pass.
    may_pass: bool,
}

impl Walk<'_> {
    fn through(&mut self, chain: &str, depth: usize) -> Verdict {
        let Some(chain) = self.chains.0.get(chain) else { return Verdict::Done(Fate::Unclear) };
        for step in &chain.steps {
            if self.steps == 0 || depth > DEPTH_MAX {
                return Verdict::Done(Fate::Unclear);
            }
            self.steps -= 1;
            let verdict = match &step.action {
                Action::Accept => Verdict::Done(Fate::Open),
                Action::Drop => Verdict::Done(Fate::Closed),
                Action::Unknown => Verdict::Done(Fate::Unclear),
                Action::Return if step.holds == Truth::Yes => return Verdict::Nothing,
                // What stands behind it may not count any more.
                Action::Return => Verdict::Done(Fate::Unclear),
                Action::Jump(target) | Action::Goto(target) => self.through(target, depth + 1),
            };
            match (verdict, step.holds) {
                (Verdict::Done(fate), Truth::Yes) => return Verdict::Done(fate),
                (Verdict::Done(Fate::Open | Fate::Unclear), _) => self.may_pass = true,
                (Verdict::Nothing, Truth::Yes) if matches!(step.action, Action::Goto(_)) => return Verdict::Nothing,
                _ => {}
            }
        }
        Verdict::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fate(policy: Fate, rules: &[(&str, Truth, Action)]) -> Fate {
        let mut chains = Chains::default();
        chains.base("in", Direction::In, policy);
        rules.iter().for_each(|(chain, holds, action)| chains.push(chain, *holds, action.clone()));
        chains.fates(Direction::In).next().unwrap().1
    }

    #[test]
    fn the_first_rule_that_holds_decides() {
        use Action::{Accept, Drop};
        use Truth::{No, Yes};
        assert_eq!(fate(Fate::Open, &[]), Fate::Open);
        assert_eq!(fate(Fate::Closed, &[("in", No, Accept)]), Fate::Closed);
        assert_eq!(fate(Fate::Closed, &[("in", Yes, Accept), ("in", Yes, Drop)]), Fate::Open);
        assert_eq!(fate(Fate::Open, &[("in", No, Drop), ("in", Yes, Drop)]), Fate::Closed);
    }

    #[test]
    fn what_is_not_known_closes_nothing_for_sure() {
        use Action::{Accept, Drop, Unknown};
        use Truth::{Maybe, Yes};
        assert_eq!(fate(Fate::Closed, &[("in", Maybe, Accept)]), Fate::Unclear);
        assert_eq!(fate(Fate::Closed, &[("in", Yes, Unknown)]), Fate::Unclear);
        assert_eq!(fate(Fate::Open, &[("in", Maybe, Drop)]), Fate::Open);
        assert_eq!(fate(Fate::Closed, &[("in", Maybe, Drop)]), Fate::Closed);
    }

    #[test]
    fn chains_call_each_other() {
        use Action::{Accept, Drop, Goto, Jump, Return};
        use Truth::{Maybe, Yes};
        let jump = || Jump("own".to_owned());
        assert_eq!(fate(Fate::Closed, &[("in", Yes, jump()), ("own", Yes, Accept)]), Fate::Open);
        assert_eq!(fate(Fate::Closed, &[("in", Maybe, jump()), ("own", Yes, Accept)]), Fate::Unclear);
        let back = [("in", Yes, jump()), ("in", Yes, Drop), ("own", Yes, Return), ("own", Yes, Accept)];
        assert_eq!(fate(Fate::Open, &back), Fate::Closed);
        let gone = [("in", Yes, Goto("own".to_owned())), ("in", Yes, Drop), ("own", Yes, Return)];
        assert_eq!(fate(Fate::Open, &gone), Fate::Open, "what it went away from does not count");
        assert_eq!(fate(Fate::Closed, &[("in", Yes, Jump("no-such".to_owned()))]), Fate::Unclear);
        assert_eq!(fate(Fate::Closed, &[("in", Yes, Jump("in".to_owned()))]), Fate::Unclear, "a ring");
    }
}
