//! `cooee chat`: talk.

mod arrivals;
mod calling;
mod completion;
mod entry;
mod examining;
mod greeting;
mod keyboard;
mod last;
mod links;
mod logging;
mod mention;
mod oneself;
mod outgoing;
mod own_lines;
mod people;
mod pinging;
mod private;
mod room;
mod saying;
mod screen;
mod telling;

use std::path::PathBuf;
use std::time::Duration;

use chrono::NaiveDate;
use cooee::net::Link;
use cooee::node::{LinkId, Peer};
use cooee::time::Time;

use self::arrivals::Arrivals;
use self::calling::Calls;
use self::completion::Speakers;
use self::entry::{Command, Entry};
use self::examining::Examination;
use self::greeting::Greeting;
use self::keyboard::Keyboard;
use self::last::Search;
use self::mention::Mention;
use self::oneself::own_nick;
use self::outgoing::Outgoing;
use self::own_lines::OwnLines;
use self::pinging::Pings;
use self::private::Private;
use self::room::RoomsAsked;
use self::screen::{Screen, prompt_of};
use crate::ui::ending::{Ending, warn};
use crate::ui::log::Log;
use crate::ui::look::Look;
use crate::ui::output::Output;
use crate::ui::people::known::Keeping;
use crate::ui::people::names::Names;
use crate::ui::recent::Recent;
use crate::ui::safe::Safe;
use crate::ui::session::{Happening, Session};
use crate::ui::settings::Settings;
use crate::ui::terminal::{self, History, Typed};
use crate::ui::{folders, input};

/// Two Ctrl-C within this leave.
const TWICE_WITHIN: Duration = Duration::from_secs(2);

/// Opens the chat on the terminal; where there is none, what comes by stdin is said and what others say is printed.
pub(crate) fn chat(mut settings: Settings, output: Output) -> Result<(), Ending> {
    let room = settings.shown_room();
    settings.seal = settings.seal.asked(room.as_str())?;
    let look = Look { colored: output.is_colored(), settings: settings.look.clone() };
    let mut session = Session::join(&settings, settings.history)?;
    let log = Log::open(&settings, session.clock().unix());
    session.heed(log.notices());
    let names = match session.names(&settings, Keeping::ReadAndWritten) {
        Ok(names) => names,
        Err(ending) => return session.end(Err(ending)),
    };
    let (history, problem) = History::open(history_file(&settings), entry::is_private);
    let (screen, keyboard) = match terminal::open(&prompt_of(&settings.nick), history) {
        Some((terminal, keys)) => {
            session.keep_off_stderr();
            (Screen::Terminal(terminal), Ok(Keyboard::Keys(keys)))
        }
        None => (Screen::Plain(output), input::lines().map(Keyboard::Lines)),
    };
    let mut chat = Chat::new(&mut session, screen, settings, names, look, log);
    let done = keyboard.and_then(|keyboard| chat.run(&keyboard, problem));
    chat.screen.close();
    session.end(done)
}

/// Where the lines entered are kept; `None` where they are not.
fn history_file(settings: &Settings) -> Option<PathBuf> {
    folders::state().filter(|_| !settings.identity.is_ephemeral()).map(|folder| folder.join("history"))
}

struct Chat<'a> {
    session: &'a mut Session,
    screen: Screen,
    settings: Settings,
    names: Names,
    look: Look,
    /// While the first answers are waited for.
    greeting: Option<Greeting>,
    /// While it is waited for which other rooms there are.
    rooms_asked: Option<RoomsAsked>,
    /// Whether it was told that the terminal is not UTF-8.
    told_locale: bool,
    /// The day of what was shown last.
    day: Option<NaiveDate>,
    arrivals: Arrivals,
    mention: Mention,
    calls: Calls,
    outgoing: Outgoing,
    own_lines: OwnLines,
    private: Private,
    pings: Pings,
    speakers: Speakers,
    /// When Ctrl-C was last pressed.
    interrupted: Option<Time>,
    log: Log,
    /// What was said, for `/last`.
    recent: Recent,
    /// While the log is looked through.
    search: Option<Search>,
    /// While the doctor looks what is wrong.
    examination: Option<Examination>,
}

impl<'a> Chat<'a> {
    fn new(session: &'a mut Session, screen: Screen, settings: Settings, names: Names, look: Look, log: Log) -> Self {
        Self {
            calls: Calls::new(&settings.notices),
            mention: Mention::new(&own_nick(&settings), settings.notices.highlight.words()),
            session,
            screen,
            settings,
            names,
            look,
            greeting: None,
            rooms_asked: None,
            told_locale: false,
            day: None,
            arrivals: Arrivals::default(),
            outgoing: Outgoing::default(),
            own_lines: OwnLines::default(),
            private: Private::default(),
            pings: Pings::default(),
            speakers: Speakers::default(),
            interrupted: None,
            log,
            recent: Recent::default(),
            search: None,
            examination: None,
        }
    }
}

impl Chat<'_> {
    /// Talks until the user leaves or his input ends. Why the lines that were entered before are not to be had is told
    /// first, where there is a line to edit.
    fn run(&mut self, keyboard: &Keyboard, history_problem: Option<String>) -> Result<(), Ending> {
        self.greet()?;
        history_problem.filter(|_| self.screen.is_terminal()).map_or(Ok(()), |problem| self.tell(&problem))?;
        loop {
            match self.next(keyboard)? {
                Happening::Event(event) => self.hold(event).map_or(Ok(()), |event| self.show(event))?,
                Happening::Warning(words) => self.tell(&words)?,
                Happening::Links(before) => self.tell_links(&before)?,
                Happening::Input(typed) => {
                    for typed in typed {
                        if !self.typed(typed)? {
                            return self.say_the_rest();
                        }
                    }
                    // What is typed is seen at once, however much others say.
                    if keyboard.is_idle() {
                        self.screen.draw();
                    }
                }
                Happening::InputEnded => return self.say_the_rest(),
                Happening::Deadline => self.screen.draw(),
            }
            self.end_greeting_when_due()?;
            self.tell_rooms_when_due()?;
            self.tell_moves_due()?;
            self.show_found_when_due()?;
            self.show_findings_when_due()?;
            self.hand_over()?;
        }
    }

    /// Does what was typed; tells whether the chat goes on.
    fn typed(&mut self, typed: Typed) -> Result<bool, Ending> {
        match typed {
            Typed::Line(line) => return self.enter(&line),
            Typed::Interrupt => return self.interrupt(),
            Typed::End => return Ok(false),
            Typed::Pasted { lines } => {
                self.screen.line(&format!("{lines} lines pasted: Enter says them as one text, Ctrl-C drops them."))?;
            }
            Typed::Full { bytes } => {
                self.tell(&format!("the line has {bytes} bytes; what comes behind is not taken"))?;
            }
            Typed::Unkept(problem) => self.tell(&problem)?,
        }
        Ok(true)
    }

    /// Does what was entered; tells whether the chat goes on.
    fn enter(&mut self, line: &str) -> Result<bool, Ending> {
        self.end_greeting()?;
        self.tell_day()?;
        self.interrupted = None;
        let entry = Entry::parse(line);
        if !entry.as_ref().is_ok_and(|entry| entry.as_ref().is_none_or(Entry::is_said)) {
            self.screen.echo(line);
        }
        match entry {
            Ok(None) => {}
            Ok(Some(Entry::Say { text, action })) => self.say(text, action)?,
            Ok(Some(Entry::Tell { whom, text })) => self.tell_one(&whom, &text)?,
            Ok(Some(Entry::Answer(text))) => self.answer(&text)?,
            Ok(Some(Entry::Names)) => self.tell_names()?,
            Ok(Some(Entry::Who(typed))) => self.who(typed.as_deref())?,
            Ok(Some(Entry::Nick(nick))) => self.rename(nick)?,
            Ok(Some(Entry::Away(status))) => self.away(status)?,
            Ok(Some(Entry::Ping(typed))) => self.ping(typed.as_deref())?,
            Ok(Some(Entry::Whois(typed))) => self.whois(&typed)?,
            Ok(Some(Entry::Verify(typed))) => self.verify(&typed, true)?,
            Ok(Some(Entry::Unverify(typed))) => self.verify(&typed, false)?,
            Ok(Some(Entry::Ignore(typed))) => self.ignore(&typed, true)?,
            Ok(Some(Entry::Unignore(typed))) => self.ignore(&typed, false)?,
            Ok(Some(Entry::Ignored)) => self.ignored()?,
            Ok(Some(Entry::Room(None))) => self.tell_rooms()?,
            Ok(Some(Entry::Room(Some(name)))) => self.change_room(name)?,
            Ok(Some(Entry::Last { count, word })) => self.show_last(count, &word)?,
            Ok(Some(Entry::Doctor)) => self.examine()?,
            Ok(Some(Entry::Clear)) => self.screen.clear(),
            Ok(Some(Entry::Help(None))) => Command::all().try_for_each(|command| self.screen.line(&command.row()))?,
            Ok(Some(Entry::Help(Some(command)))) => self.screen.line(&command.row())?,
            Ok(Some(Entry::Quit)) => return Ok(false),
            Err(problem) => self.tell(&problem)?,
        }
        Ok(true)
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

    /// Tells what has become of the links, and who is still reached.
    fn tell_links(&mut self, before: &[Link]) -> Result<(), Ending> {
        let peers: Vec<(Safe, LinkId)> = self.peers()?.iter().map(|peer| (self.names.peer(peer), peer.link)).collect();
        links::changes(before, self.session.links(), &peers).iter().try_for_each(|words| self.tell(words))
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
}
