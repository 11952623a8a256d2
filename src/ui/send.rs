//! `cooee send`: says a line, or what comes by stdin.

use cooee::net::Handle;
use cooee::node::Role;
use cooee::wire::Text;

use super::arguments::SendOptions;
use super::ending::{Ending, warn};
use super::finding::{find_peers, nobody};
use super::input;
use super::session::{Happening, Session};
use super::settings::Settings;

/// Says the words of the command line, or each line of stdin as it comes.
pub(crate) fn send(settings: Settings, options: &SendOptions) -> Result<(), Ending> {
    let words = if options.words.is_empty() { None } else { Some(parse_words(&options.words)?) };
    let mut session = Session::open(&settings, Role::Visitor, false)?;
    let done = say(&mut session, &settings, options, words);
    session.end(done)
}

fn parse_words(words: &[String]) -> Result<Text<'static>, Ending> {
    let text = input::parse(&words.join(" ")).map_err(Ending::Usage)?;
    text.ok_or_else(|| Ending::Usage("there is nothing to say: the text is empty".to_owned()))
}

fn say(
    session: &mut Session,
    settings: &Settings,
    options: &SendOptions,
    words: Option<Text<'static>>,
) -> Result<(), Ending> {
    find_peers(session, options.wait)?;
    let refused = match words {
        Some(text) => session.handle.say(text, false).map(|()| 0)?,
        None => say_stdin(session)?,
    };
    let (_, peers) = session.handle.peers()?;
    // Who does not wait for anybody cannot know that nobody is there.
    if peers.is_empty() && !options.wait.is_zero() {
        return Err(nobody(session, settings));
    }
    match refused {
        0 => Ok(()),
        1 => Err(Ending::No("1 line was not said".to_owned())),
        more => Err(Ending::No(format!("{more} lines were not said"))),
    }
}

/// Says each line of stdin; gives how many were not fit to be said.
fn say_stdin(session: &mut Session) -> Result<usize, Ending> {
    let handle = session.handle.clone();
    // Said from the thread that reads them: a line is on its way one change of threads earlier.
    let said =
        input::in_thread(move || input::stdin().filter(|(number, line)| !say_line(&handle, *number, line)).count())?;
    loop {
        if let Happening::Input(refused) = session.next(&said, None)? {
            return Ok(refused);
        }
    }
}

/// Says a line; tells whether it was fit to be said.
fn say_line(handle: &Handle, number: u64, line: &str) -> bool {
    let parsed = input::parse(line);
    if let Err(problem) = &parsed {
        warn(&format!("line {number}: {problem}"));
    }
    let fit = parsed.is_ok();
    if let Ok(Some(text)) = parsed {
        // A run that has ended is noticed by whoever waits for it.
        let _ = handle.say(text, false);
    }
    fit
}
