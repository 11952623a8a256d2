//! What is told at the start: who one is, where, and who is there; and where nobody is, what to do about it.

use std::env;
use std::mem::replace;
use std::time::Duration;

use cooee::net;
use cooee::node::{Event, Peer};
use cooee::time::Time;

use super::Chat;
use super::links::{is_offline, on_links};
use super::room::Why;
use crate::ui::ending::Ending;
use crate::ui::finding::sealed_room;
use crate::ui::locale;
use crate::ui::safe::Safe;

/// How long the first answers are waited for before it is told who is there; who comes later is told one by one.
const FIRST_ANSWERS: Duration = Duration::from_millis(500);

/// When so much has happened that it does not wait any longer.
const LATER_MAX: usize = 1024;

/// What happens while the first answers are waited for.
#[derive(Debug)]
pub(super) struct Greeting {
    until: Time,
    /// What is to be told when it is told who is there, in its order.
    later: Vec<Event>,
    warnings: Vec<String>,
}

impl Chat<'_> {
    /// Tells who one is and where; who is there, when the first answers have come. Where there is no terminal, only what
    /// is wrong is told.
    pub(super) fn greet(&mut self) -> Result<(), Ending> {
        let until = self.session.now() + FIRST_ANSWERS;
        self.greeting = Some(Greeting { until, later: Vec::new(), warnings: Vec::new() });
        if !self.screen.is_terminal() {
            return Ok(());
        }
        let (nick, room) = (self.own_nick(), self.settings.shown_room());
        let sealed = if self.settings.seal.is_sealed() { " (sealed)" } else { "" };
        let (links, port) = (on_links(self.session.links()), self.settings.port);
        self.screen.line(&format!("You are {nick} in {room}{sealed}, {links}, UDP port {port}."))
    }

    /// When it is to be told who is there.
    pub(super) fn greeting_deadline(&self) -> Option<Time> {
        self.greeting.as_ref().map(|greeting| greeting.until)
    }

    /// Keeps for later what happens during the greeting; gives back what is to be told now.
    pub(super) fn hold(&mut self, event: Event) -> Option<Event> {
        if self.greeting.is_none() || !self.screen.is_terminal() {
            return Some(event);
        }
        let is_arrival = matches!(event, Event::Joined(_));
        let warnings = if is_arrival { self.note(&event) } else { Vec::new() };
        if let Some(greeting) = &mut self.greeting {
            greeting.warnings.extend(warnings);
            greeting.later.extend(Some(event).filter(|_| !is_arrival));
        }
        None
    }

    /// Tells who is there, where it is time to.
    pub(super) fn end_greeting_when_due(&mut self) -> Result<(), Ending> {
        let now = self.session.now();
        let is_due = |greeting: &Greeting| now >= greeting.until || greeting.later.len() >= LATER_MAX;
        if self.greeting.as_ref().is_some_and(is_due) { self.end_greeting() } else { Ok(()) }
    }

    /// Tells who is there, and what has happened meanwhile. Whoever types faster than others answer, does not wait.
    pub(super) fn end_greeting(&mut self) -> Result<(), Ending> {
        let Some(Greeting { later, warnings, .. }) = self.greeting.take() else { return Ok(()) };
        if !self.screen.is_terminal() {
            return if self.peers()?.is_empty() && self.is_deaf()? { self.tell_deaf() } else { Ok(()) };
        }
        self.tell_names()?;
        self.screen.line("Type to talk to all; /help for commands.")?;
        if let Some((variable, value)) = locale::other_than_utf_8().filter(|_| !replace(&mut self.told_locale, true)) {
            let value = Safe::name(&value, "?");
            let words = format!("by {variable}={value}, this terminal is not UTF-8: names and texts may look wrong");
            self.tell(&format!("{words}. A value such as C.UTF-8 tells that it is"))?;
        }
        warnings.into_iter().try_for_each(|words| self.tell(&words))?;
        later.into_iter().try_for_each(|event| self.show(event))
    }

    /// `3 here: bob, carol, 田中`, or what to do about being alone.
    pub(super) fn tell_names(&mut self) -> Result<(), Ending> {
        let peers = self.peers()?;
        if peers.is_empty() {
            return self.tell_alone();
        }
        let name = |peer: &Peer| {
            let ignored = if self.names.ignores(peer.signer, peer.run) { " (ignored)" } else { "" };
            format!("{}{ignored}", self.names.peer(peer))
        };
        let mut names: Vec<String> = peers.iter().map(name).collect();
        names.sort_by_key(|name| name.to_lowercase());
        let (count, names) = (names.len(), names.join(", "));
        self.screen.line(&format!("{count} here: {names}."))
    }

    /// Nobody else is here: why that may be, the likeliest first.
    fn tell_alone(&mut self) -> Result<(), Ending> {
        let with = if self.settings.seal.is_sealed() { " with this passphrase" } else { "" };
        let links = on_links(self.session.links());
        self.screen.line(&format!(
            "Nobody else{with} {links} yet; they will appear here. Not what you expect? Run \"/doctor\"."
        ))?;
        if is_offline(self.session.links()) && self.settings.interfaces.wanted.is_empty() {
            self.tell("no network is up: plug a cable in or join a Wi-Fi network, and it is noticed by itself")?;
        }
        if self.session.handle.stats()?.other_sealed_rooms > 0 {
            return self.screen.line(&format!("But {}.", sealed_room(&self.settings)));
        }
        if self.is_deaf()? {
            return self.tell_deaf();
        }
        if !self.settings.seal.is_sealed() {
            self.ask_rooms(Why::Alone)?;
        }
        // As it was typed, for whoever has not installed it.
        let program = Safe::text(&env::args().next().unwrap_or_else(|| "cooee".to_owned()));
        let sealed = if self.settings.seal.is_sealed() { " --sealed" } else { "" };
        self.screen
            .line(&format!("To try it out, open a second terminal beside this one: {program} --nick bob{sealed}"))
    }

    /// What one calls by broadcast, one hears oneself; where not, nobody else is heard either.
    fn is_deaf(&self) -> Result<bool, Ending> {
        Ok(self.session.handle.stats()?.echoes == 0 && !self.session.links().is_empty())
    }

    fn tell_deaf(&mut self) -> Result<(), Ending> {
        let (first, last) = net::ports(self.settings.port).into_inner();
        self.tell(&format!(
            "not even your own calls come back: most often, a firewall of this machine keeps them out. One of these \
             opens the ports: sudo ufw allow {first}:{last}/udp, or sudo firewall-cmd --add-port={first}-{last}/udp. \
             \"/doctor\" tells more"
        ))
    }
}
