//! `cooee send`: says a line, or what comes by stdin, and waits until everybody has heard it.

use std::time::Duration;

use cooee::net::Handle;
use cooee::wire::Text;

use super::send_privately;
use crate::ui::arguments::SendOptions;
use crate::ui::delivery::{Delivery, Outcome};
use crate::ui::ending::{Ending, warn};
use crate::ui::finding::{find_peers, nobody};
use crate::ui::hearers::lacking_lines;
use crate::ui::input;
use crate::ui::known::Keeping;
use crate::ui::look::lines;
use crate::ui::session::{Happening, Session};
use crate::ui::settings::Settings;

/// Somebody to talk to is looked for no longer than this, however long is waited for everybody to have heard it.
pub(super) const FIND_MAX: Duration = Duration::from_secs(2);

/// Says the words of the command line, or stdin: as one text, or each line as it comes.
pub(crate) fn send(settings: Settings, options: &SendOptions) -> Result<(), Ending> {
    let text = match (options.paste, &options.words[..]) {
        (true, _) => Some(paste()?),
        (false, []) => None,
        (false, words) => Some(parse_words(words)?),
    };
    let mut session = Session::visit(&settings)?;
    let done = match &options.to {
        Some(typed) => send_privately::say(&mut session, &settings, typed, text, options.wait),
        None => say(&mut session, &settings, options, text),
    };
    session.end(done)
}

fn parse_words(words: &[String]) -> Result<Text<'static>, Ending> {
    let text = input::parse(&words.join(" ")).map_err(Ending::Usage)?;
    text.ok_or_else(|| Ending::Usage("there is nothing to say: the text is empty".to_owned()))
}

fn paste() -> Result<Text<'static>, Ending> {
    let text = input::paste().map_err(Ending::No)?;
    text.ok_or_else(|| Ending::No("there is nothing to say: stdin is empty".to_owned()))
}

/// What has been handed over to be said.
#[derive(Clone, Copy, Debug, Default)]
struct Said {
    /// The number of the last line: each part of a long text has one.
    last: u32,
    /// So many lines of stdin were not fit to be said.
    refused: u32,
}

impl Said {
    fn add(&mut self, text: &Text<'_>) {
        self.last = self.last.saturating_add(u32::try_from(text.parts().count()).unwrap_or(u32::MAX));
    }
}

fn say(
    session: &mut Session,
    settings: &Settings,
    options: &SendOptions,
    text: Option<Text<'static>>,
) -> Result<(), Ending> {
    find_peers(session, options.wait.min(FIND_MAX))?;
    let (_, peers) = session.handle.peers()?;
    let mut delivery = Delivery::to(&peers);
    let said = match text {
        Some(text) => say_text(session, text)?,
        None => say_stdin(session, &mut delivery)?,
    };
    // Who does not wait for anybody cannot know whether somebody has heard it.
    let heard =
        if options.wait.is_zero() { Ok(()) } else { wait(session, settings, &mut delivery, said, options.wait) };
    ending(said.refused, heard)
}

/// How it ends where so many lines of stdin were not fit to be said.
pub(super) fn ending(refused: u32, heard: Result<(), Ending>) -> Result<(), Ending> {
    match (refused, heard) {
        (0, heard) => heard,
        (refused, Ok(())) => Err(Ending::No(not_said(refused))),
        (refused, heard) => {
            warn(&not_said(refused));
            heard
        }
    }
}

fn not_said(refused: u32) -> String {
    format!("{} {} not said", lines(refused), if refused == 1 { "was" } else { "were" })
}

/// Waits until everybody has every line; the error tells who has not.
fn wait(
    session: &mut Session,
    settings: &Settings,
    delivery: &mut Delivery,
    said: Said,
    patience: Duration,
) -> Result<(), Ending> {
    match delivery.wait(session, said.last, patience)? {
        Outcome::Heard => Ok(()),
        Outcome::Nobody => Err(nobody(session, settings)),
        Outcome::AllLeft => {
            let room = settings.room_in_words();
            Err(Ending::No(format!("everybody left {room} before the last line was said")))
        }
        Outcome::Unheard => {
            let (lacking, (_, peers)) = (session.handle.lacking()?, session.handle.peers()?);
            let mut names = session.names(settings, Keeping::Read)?;
            peers.iter().for_each(|peer| names.see(peer));
            let who = lacking_lines(&lacking, &names.peers(&peers));
            Err(Ending::No(who.unwrap_or_else(|| "not everybody has got what was said".to_owned())))
        }
    }
}

fn say_text(session: &Session, text: Text<'static>) -> Result<Said, Ending> {
    let mut said = Said::default();
    said.add(&text);
    session.handle.say(text, false)?;
    Ok(said)
}

/// Says each line of stdin.
fn say_stdin(session: &mut Session, delivery: &mut Delivery) -> Result<Said, Ending> {
    let handle = session.handle.clone();
    // Said from the thread that reads them: a line is on its way one change of threads earlier.
    let done = input::in_thread(move || {
        let mut said = Said::default();
        input::stdin().for_each(|(number, line)| say_line(&handle, number, &line, &mut said));
        // What is asked for is done in its order: an answer shows that no line waits to be taken any more.
        let _ = handle.stats();
        said
    })?;
    loop {
        match session.next(&done, None)? {
            Happening::Event(event) => delivery.note(&event),
            Happening::Input(said) => return Ok(said),
            _ => {}
        }
    }
}

fn say_line(handle: &Handle, number: u64, line: &str, said: &mut Said) {
    match input::parse(line) {
        Ok(None) => {}
        Ok(Some(text)) => {
            said.add(&text);
            // A run that has ended is noticed by whoever waits for it.
            let _ = handle.say(text, false);
        }
        Err(problem) => {
            said.refused = said.refused.saturating_add(1);
            warn(&format!("line {number}: {problem}"));
        }
    }
}
