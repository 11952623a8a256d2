//! `cooee chat`: talk.

mod entry;
mod own_lines;
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
use self::screen::Screen;
use super::ending::{Ending, warn};
use super::hearers;
use super::input::{self, Typed};
use super::look::{Look, peer_nick};
use super::output::Output;
use super::safe::{Safe, same_name};
use super::session::{Happening, Session};
use super::settings::Settings;

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
    let (screen, typed) = match terminal::open(&settings.nick) {
        Some((terminal, typed)) => {
            session.keep_off_stderr();
            (Screen::Terminal(terminal), Ok(typed))
        }
        None => (Screen::Plain(output), input::lines()),
    };
    let mut chat =
        Chat { session: &mut session, screen, settings, look, own_lines: OwnLines::default(), interrupted: None };
    let done = typed.and_then(|typed| chat.run(&typed));
    chat.screen.close();
    session.end(done)
}

struct Chat<'a> {
    session: &'a mut Session,
    screen: Screen,
    settings: Settings,
    look: Look,
    own_lines: OwnLines,
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
        let (nick, room) = (self.own_nick(), Safe::name(self.settings.room.as_str(), "?"));
        let (links, port) = (on_links(self.session.links()), self.settings.port);
        self.screen.line(&format!("You are {nick} in {room}, {links}, UDP port {port}."))?;
        let end = self.session.now() + FIRST_ANSWERS;
        let mut later = Vec::new();
        loop {
            match self.session.next(&never::<()>(), Some(end))? {
                Happening::Deadline => break,
                Happening::Event(Event::Joined(peer)) if !self.has_own_nick(&peer) => {}
                Happening::Event(event) => later.push(event),
                Happening::Warning(words) => self.tell(&words)?,
                Happening::Links => self.tell_links()?,
                _ => {}
            }
        }
        self.names()?;
        self.screen.line("Type to talk to all; /help for commands.")?;
        later.into_iter().try_for_each(|event| self.show(event))
    }

    fn show(&mut self, event: Event) -> Result<(), Ending> {
        let time = self.session.clock().unix();
        let line = match event {
            Event::Line(line) => self.look.line(&line, time),
            Event::Joined(peer) => {
                self.screen.line(&self.look.joined(&peer, time))?;
                return self.warn_of_same_nick(&peer);
            }
            Event::Changed { peer, before } if peer.profile.nick != before => {
                self.screen.line(&self.look.renamed(&peer, &before, time))?;
                return self.warn_of_same_nick(&peer);
            }
            Event::Left(peer, departure) => self.look.left(&peer, departure, time),
            Event::Overflow(lost) => {
                self.look.warning(&format!("{lost} lines or changes came too fast to be shown"), time)
            }
            Event::Gap(gap) => self.look.gap(&gap, time),
            Event::Unheard(unheard) => return self.tell_unheard(&unheard),
            Event::Changed { .. } | Event::AllHeard(_) | Event::Gone => return Ok(()),
        };
        self.screen.line(&line)
    }

    /// Does what was typed; tells whether the chat goes on.
    fn enter(&mut self, line: &str) -> Result<bool, Ending> {
        self.interrupted = None;
        match Entry::parse(line) {
            Ok(None) => {}
            Ok(Some(Entry::Say { text, action })) => self.say(text, action)?,
            Ok(Some(Entry::Names)) => self.names()?,
            Ok(Some(Entry::Nick(nick))) => self.rename(nick)?,
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
        let words = hearers::unheard(unheard, said, &self.peers()?);
        words.map_or(Ok(()), |words| self.tell(&words))
    }

    fn rename(&mut self, nick: Nick<'static>) -> Result<(), Ending> {
        self.session.handle.rename(nick.clone())?;
        self.settings.nick = nick;
        let nick = self.own_nick();
        self.screen.line(&format!("You are {nick} now."))?;
        self.peers()?.iter().try_for_each(|peer| self.warn_of_same_nick(peer))
    }

    /// Nobody else can tell two of one name apart; whoever has it too is told to oneself.
    fn warn_of_same_nick(&mut self, peer: &Peer) -> Result<(), Ending> {
        if !self.has_own_nick(peer) {
            return Ok(());
        }
        let (nick, host) = (peer_nick(peer), Safe::name(peer.profile.host.as_str(), "?"));
        self.tell(&format!("another {nick} ({host}, {}) is here; /nick changes yours", peer.address.ip()))
    }

    /// `3 here: bob, carol, 田中`, or what to do about being alone.
    fn names(&mut self) -> Result<(), Ending> {
        let peers = self.peers()?;
        if peers.is_empty() {
            let links = self.session.links();
            self.screen.line(&format!("Nobody else {} yet; they will appear here.", on_links(links)))?;
            // As it was typed, for whoever has not installed it.
            let program = Safe::text(&env::args().next().unwrap_or_else(|| "cooee".to_owned()));
            let words = format!("To try it out, open a second terminal beside this one: {program} --nick bob");
            return self.screen.line(&words);
        }
        let mut names: Vec<String> = peers.iter().map(|peer| peer_nick(peer).as_str().to_owned()).collect();
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
        Safe::name(self.settings.nick.as_str(), "?")
    }

    fn has_own_nick(&self, peer: &Peer) -> bool {
        same_name(peer.profile.nick.as_str(), self.settings.nick.as_str())
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
