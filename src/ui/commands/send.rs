//! `cooee send`: says a line, or what comes by stdin, and waits until everybody has heard it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cooee::net::{Closed, Handle};
use cooee::wire::Text;

use super::send_privately;
use crate::ui::arguments::SendOptions;
use crate::ui::delivery::{Delivery, Outcome};
use crate::ui::ending::{Ending, warn};
use crate::ui::finding::{find_peers, nobody};
use crate::ui::input;
use crate::ui::look::lines;
use crate::ui::people::hearers::lacking_lines;
use crate::ui::people::known::Keeping;
use crate::ui::progress::ProgressRow;
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
    text.ok_or_else(|| {
        Ending::Usage("there is nothing to say: the text is empty; without one, stdin is said".to_owned())
    })
}

fn paste() -> Result<Text<'static>, Ending> {
    let text = input::paste().map_err(Ending::No)?;
    text.ok_or_else(|| Ending::No("there is nothing to say: stdin is empty".to_owned()))
}

/// What has been handed over to be said, counted by whoever says it for whoever waits.
#[derive(Debug, Default)]
struct Said {
    /// The number of the last line: each part of a long text has one.
    last: AtomicU32,
    /// So many lines of stdin were not fit to be said.
    refused: AtomicU32,
}

impl Said {
    /// Hands texts over, and then counts them: what is counted can be known to have been heard.
    fn say(&self, handle: &Handle, texts: Vec<Text<'static>>) -> Result<(), Closed> {
        let parts: usize = texts.iter().map(|text| text.parts().count()).sum();
        handle.say_all(texts)?;
        count(&self.last, u32::try_from(parts).unwrap_or(u32::MAX));
        Ok(())
    }

    fn last(&self) -> u32 {
        self.last.load(Ordering::Acquire)
    }
}

fn count(counter: &AtomicU32, more: u32) {
    // Nobody else counts, so what is read cannot change before it is written.
    counter.store(counter.load(Ordering::Acquire).saturating_add(more), Ordering::Release);
}

fn say(
    session: &mut Session,
    settings: &Settings,
    options: &SendOptions,
    text: Option<Text<'static>>,
) -> Result<(), Ending> {
    find_peers(session, options.wait.min(FIND_MAX))?;
    session.handle.pace(options.rate)?;
    let (_, peers) = session.handle.peers()?;
    let mut delivery = Delivery::to(&peers);
    let (said, mut row) = (Arc::<Said>::default(), ProgressRow::new(None, session.now()));
    match text {
        Some(text) => said.say(&session.handle, vec![text])?,
        None => say_stdin(session, &mut delivery, &said, &mut row)?,
    }
    // Who does not wait for anybody cannot know whether somebody has heard it.
    let outcome = match options.wait.is_zero() {
        true => None,
        false => Some(delivery.wait(session, said.last(), options.wait, &mut row)?),
    };
    drop(row);
    let heard = outcome.map_or(Ok(()), |outcome| judge(session, settings, outcome));
    ending(said.refused.load(Ordering::Acquire), heard)
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

/// How it ends where it was waited for everybody to have every line; the error tells who has not.
fn judge(session: &Session, settings: &Settings, outcome: Outcome) -> Result<(), Ending> {
    match outcome {
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

/// Says each line of stdin.
fn say_stdin(
    session: &mut Session,
    delivery: &mut Delivery,
    said: &Arc<Said>,
    row: &mut ProgressRow,
) -> Result<(), Ending> {
    let (handle, counted) = (session.handle.clone(), Arc::clone(said));
    // Said from the thread that reads them: a line is on its way one change of threads earlier.
    let done = input::in_thread(move || {
        // A run that has ended is noticed by whoever waits for it.
        let say = |lines: Vec<(u64, input::Line)>| {
            let texts: Vec<_> = lines.into_iter().filter_map(|(number, line)| parse(number, line, &counted)).collect();
            if texts.is_empty() { Ok(()) } else { counted.say(&handle, texts) }
        };
        let _ = input::stdin_together().try_for_each(say);
        // What is asked for is done in its order: an answer shows that no line waits to be taken any more.
        let _ = handle.stats();
    })?;
    loop {
        match session.next(&done, row.due().filter(|_| !input::is_typed()))? {
            Happening::Event(event) => delivery.note(&event),
            Happening::Input(()) => return Ok(()),
            Happening::Deadline => delivery.show(session, said.last(), row)?,
            _ => {}
        }
    }
}

/// What a line is to say, if anything; that it is not fit to be said is told and counted.
fn parse(number: u64, line: input::Line, said: &Said) -> Option<Text<'static>> {
    line.and_then(|line| input::parse(&line)).unwrap_or_else(|problem| {
        count(&said.refused, 1);
        warn(&format!("line {number}: {problem}"));
        None
    })
}
