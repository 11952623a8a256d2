//! `cooee chat`: talk.

mod entry;
mod own_lines;
mod people;
mod private;
mod screen;
mod terminal;

use std::env;
use std::time::Duration;

use cooee::net::Link;
use cooee::node::{Event, Peer, Unheard};
use cooee::time::Time;
use cooee::wire::{Nick, Text};
use crossbeam_channel::{Receiver, never};

use self::entry::Entry;
use self::own_lines::OwnLines;
use self::private::Private;
use self::screen::Screen;
use crate::ui::ending::{Ending, warn};
use crate::ui::finding::sealed_room;
use crate::ui::hearers;
use crate::ui::input::{self, Typed};
use crate::ui::known::Keeping;
use crate::ui::look::Look;
use crate::ui::names::Names;
use crate::ui::output::Output;
use crate::ui::safe::{Safe, same_name};
use crate::ui::session::{Happening, Session};
use crate::ui::settings::Settings;

/// So much of what was said before one came is shown: a screen or two.
const HISTORY: u32 = 50;
/// How long the first answers are waited for before it is told who is there; who comes later is told one by one.
const FIRST_ANSWERS: Duration = Duration::from_millis(500);
/// Two Ctrl-C within this leave.
const TWICE_WITHIN: Duration = Duration::from_secs(2);

/// Opens the chat on the terminal; where there is none, what comes by stdin is said and what others say is printed.
pub(crate) fn chat(settings: Settings, output: Output) -> Result<(), Ending> {
    let look = Look { colored: output.is_colored() };
    let mut session = Session::join(&settings, HISTORY)?;
    let names = match session.names(&settings, Keeping::ReadAndWritten) {
        Ok(names) => names,
        Err(ending) => return session.end(Err(ending)),
    };
    let (screen, typed) = match terminal::open(&settings.nick) {
        Some((terminal, typed)) => {
            session.keep_off_stderr();
            (Screen::Terminal(terminal), Ok(typed))
        }
        None => (Screen::Plain(output), input::lines()),
    };
    let (own_lines, private) = (OwnLines::default(), Private::default());
    let mut chat = Chat { session: &mut session, screen, settings, names, look, own_lines, private, interrupted: None };
    let done = typed.and_then(|typed| chat.run(&typed));
    chat.screen.close();
    session.end(done)
}

struct Chat<'a> {
    session: &'a mut Session,
    screen: Screen,
    settings: Settings,
    names: Names,
    look: Look,
    own_lines: OwnLines,
    private: Private,
    /// When Ctrl-C was last pressed.
    interrupted: Option<Time>,
}

impl Chat<'_> {
    /// Talks until the user leaves or his input ends.
    fn run(&mut self, typed: &Receiver<Typed>) -> Result<(), Ending> {
        self.greet()?;
        loop {
            match self.session.next(typed, None)? {
                Happening::Event(event) => self.show(event)?,
                Happening::Warning(words) => self.tell(&words)?,
                Happening::Links => self.tell_links()?,
                Happening::Input(typed) => {
                    let stays = match typed {
                        Typed::Line(line) => self.enter(&line)?,
                        Typed::Interrupt => self.interrupt()?,
                    };
                    if !stays {
                        return Ok(());
                    }
                    self.screen.prompt(&self.settings.nick);
                }
                Happening::InputEnded => return Ok(()),
                Happening::Deadline => {}
            }
        }
    }

    /// Tells who one is, where, and who is there. What is typed meanwhile waits.
    fn greet(&mut self) -> Result<(), Ending> {
        if !self.screen.is_terminal() {
            return Ok(());
        }
        let (nick, room) = (self.own_nick(), self.settings.shown_room());
        let sealed = if self.settings.seal.is_sealed() { " (sealed)" } else { "" };
        let (links, port) = (on_links(self.session.links()), self.settings.port);
        self.screen.line(&format!("You are {nick} in {room}{sealed}, {links}, UDP port {port}."))?;
        let end = self.session.now() + FIRST_ANSWERS;
        let (mut later, mut warnings) = (Vec::new(), Vec::new());
        loop {
            match self.session.next(&never::<()>(), Some(end))? {
                Happening::Deadline => break,
                Happening::Event(event @ Event::Joined(_)) => warnings.extend(self.note(&event)),
                Happening::Event(event) => later.push(event),
                Happening::Warning(words) => self.tell(&words)?,
                Happening::Links => self.tell_links()?,
                _ => {}
            }
        }
        self.tell_names()?;
        self.screen.line("Type to talk to all; /help for commands.")?;
        warnings.into_iter().try_for_each(|words| self.tell(&words))?;
        later.into_iter().try_for_each(|event| self.show(event))
    }

    /// Takes in who comes, goes, or goes by another nick; gives what is to be told of that.
    fn note(&mut self, event: &Event) -> Vec<String> {
        let noted = self.names.note(event, self.session.clock().unix());
        let peer = match event {
            Event::Joined(peer) => Some(peer),
            Event::Changed { peer, before } if peer.profile.nick != before.nick => Some(peer),
            _ => None,
        };
        let heard = peer.filter(|peer| !self.names.ignores(peer.signer, peer.run));
        let about = heard.and_then(|peer| self.same_nick(peer).or(noted.impostor));
        about.into_iter().chain(noted.problem).collect()
    }

    fn show(&mut self, event: Event) -> Result<(), Ending> {
        // Who goes is still called as he was; who comes, by what is known of him then.
        let leaver = if let Event::Left(peer, _) = &event { Some(self.names.peer(peer)) } else { None };
        let warnings = self.note(&event);
        match &event {
            Event::PrivateLine(line) if !self.names.ignores(line.signer, line.author) => self.note_private_line(line),
            Event::PrivateOutcome(outcome) => self.tell_outcome(*outcome)?,
            Event::SealedRoom => self.tell(sealed_room(&self.settings))?,
            Event::Overflow(_) => self.forget_outcomes(),
            _ => {}
        }
        if let Some(line) = self.line(event, leaver)? {
            self.screen.line(&line)?;
        }
        warnings.into_iter().try_for_each(|words| self.tell(&words))
    }

    /// What is to be shown of something that has happened.
    fn line(&mut self, event: Event, leaver: Option<Safe>) -> Result<Option<String>, Ending> {
        let time = self.session.clock().unix();
        let (look, names) = (self.look, &self.names);
        let ignores = |peer: &Peer| names.ignores(peer.signer, peer.run);
        Ok(Some(match event {
            Event::Line(line) if !names.ignores(line.signer, line.author) => look.line(&line, &names.line(&line), time),
            Event::PrivateLine(line) if !names.ignores(line.signer, line.author) => {
                look.private(&line, &names.line(&line), time)
            }
            Event::Gap(gap) if !names.ignores(gap.signer, gap.author) => look.gap(&gap, &names.gap(&gap), time),
            Event::Joined(peer) if !ignores(&peer) => look.joined(&peer, &names.peer(&peer), time),
            Event::Changed { peer, before } if peer.profile.nick != before.nick && !ignores(&peer) => {
                look.renamed(&names.name(&before.nick, peer.signer, peer.run), &names.peer(&peer), time)
            }
            Event::Left(peer, departure) if !ignores(&peer) => {
                look.left(&leaver.unwrap_or_else(|| names.peer(&peer)), departure, time)
            }
            Event::Overflow(lost) => look.warning(&format!("{lost} lines or changes came too fast to be shown"), time),
            Event::Unheard(unheard) => return self.tell_unheard(&unheard).map(|()| None),
            _ => return Ok(None),
        }))
    }

    /// Does what was typed; tells whether the chat goes on.
    fn enter(&mut self, line: &str) -> Result<bool, Ending> {
        self.interrupted = None;
        match Entry::parse(line) {
            Ok(None) => {}
            Ok(Some(Entry::Say { text, action })) => self.say(text, action)?,
            Ok(Some(Entry::Tell { whom, text })) => self.tell_one(&whom, &text)?,
            Ok(Some(Entry::Answer(text))) => self.answer(&text)?,
            Ok(Some(Entry::Names)) => self.tell_names()?,
            Ok(Some(Entry::Nick(nick))) => self.rename(nick)?,
            Ok(Some(Entry::Whois(typed))) => self.whois(&typed)?,
            Ok(Some(Entry::Verify(typed))) => self.verify(&typed, true)?,
            Ok(Some(Entry::Unverify(typed))) => self.verify(&typed, false)?,
            Ok(Some(Entry::Ignore(typed))) => self.ignore(&typed, true)?,
            Ok(Some(Entry::Unignore(typed))) => self.ignore(&typed, false)?,
            Ok(Some(Entry::Ignored)) => self.ignored()?,
            Ok(Some(Entry::Help)) => entry::help().try_for_each(|line| self.screen.line(&line))?,
            Ok(Some(Entry::Quit)) => return Ok(false),
            Err(problem) => self.tell(&problem)?,
        }
        Ok(true)
    }

    fn say(&mut self, text: Text<'static>, action: bool) -> Result<(), Ending> {
        self.own_lines.note(&text);
        Ok(self.session.handle.say(text, action)?)
    }

    /// Who has not heard what was said a moment ago; where all have, nothing is told.
    fn tell_unheard(&mut self, unheard: &Unheard) -> Result<(), Ending> {
        let said = self.own_lines.beginning(unheard.up_to);
        let words = hearers::unheard(unheard, said, &self.names.peers(&self.peers()?));
        words.map_or(Ok(()), |words| self.tell(&words))
    }

    fn rename(&mut self, nick: Nick<'static>) -> Result<(), Ending> {
        self.session.handle.rename(nick.clone())?;
        self.names.rename(nick.clone());
        self.settings.nick = nick;
        let nick = self.own_nick();
        self.screen.line(&format!("You are {nick} now."))?;
        let warnings: Vec<String> = self.peers()?.iter().filter_map(|peer| self.same_nick(peer)).collect();
        warnings.into_iter().try_for_each(|words| self.tell(&words))
    }

    /// Words for somebody who goes by one's own nick.
    fn same_nick(&self, peer: &Peer) -> Option<String> {
        let is_same = same_name(peer.profile.nick.as_str(), self.settings.nick.as_str());
        is_same.then(|| {
            let (name, host) = (self.names.peer(peer), Safe::name(peer.profile.host.as_str(), "?"));
            format!("another {name} ({host}, {}) is here; /nick changes yours", peer.address.ip())
        })
    }

    /// `3 here: bob, carol, 田中`, or what to do about being alone.
    fn tell_names(&mut self) -> Result<(), Ending> {
        let peers = self.peers()?;
        if peers.is_empty() {
            let links = on_links(self.session.links());
            let (with, sealed) = match self.settings.seal.is_sealed() {
                true => (" with this passphrase", " --sealed"),
                false => ("", ""),
            };
            self.screen.line(&format!("Nobody else{with} {links} yet; they will appear here."))?;
            if self.session.handle.stats()?.other_sealed_rooms > 0 {
                return self.screen.line(&format!("But {}.", sealed_room(&self.settings)));
            }
            // As it was typed, for whoever has not installed it.
            let program = Safe::text(&env::args().next().unwrap_or_else(|| "cooee".to_owned()));
            let words = format!("To try it out, open a second terminal beside this one: {program} --nick bob{sealed}");
            return self.screen.line(&words);
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

    fn peers(&self) -> Result<Vec<Peer>, Ending> {
        let (_, peers) = self.session.handle.peers()?;
        Ok(peers)
    }

    /// Ctrl-C has cleared the line; twice, it leaves. Tells whether the chat goes on.
    fn interrupt(&mut self) -> Result<bool, Ending> {
        let now = self.session.now();
        let last = self.interrupted.replace(now);
        if last.is_some_and(|last| now.since(last) < TWICE_WITHIN) {
            return Ok(false);
        }
        self.screen.line("Ctrl-C again, Ctrl-D or /quit leaves.").map(|()| true)
    }

    fn tell_links(&mut self) -> Result<(), Ending> {
        self.tell(&format!("now {}", on_links(self.session.links())))
    }

    /// Tells something of the program's own.
    fn tell(&mut self, words: &str) -> Result<(), Ending> {
        if !self.screen.is_terminal() {
            // Where stdout is no terminal, it carries what is said and done, and nothing else.
            warn(words);
            return Ok(());
        }
        let time = self.session.clock().unix();
        self.screen.line(&self.look.warning(words, time))
    }

    fn own_nick(&self) -> Safe {
        Safe::nick(self.settings.nick.as_str(), "?")
    }
}

/// `on eth0 192.0.2.1 and wlan0 198.51.100.4`.
fn on_links(links: &[Link]) -> String {
    let name = |link: &Link| format!("{} {}", Safe::name(&link.interface, "?"), link.address);
    match links.iter().map(name).collect::<Vec<_>>().join(" and ") {
        none if none.is_empty() => "without a network (waiting for one)".to_owned(),
        links => format!("on {links}"),
    }
}
