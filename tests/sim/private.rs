//! What is said to one reader alone.

use std::time::Duration;

use cooee::node::{Command, PrivateOutcome};
use cooee::wire::{Run, Text};

use crate::lan::{HostNumber, Lan};
use crate::seeds::sweep;
use crate::weather::Weather;

const SECOND: Duration = Duration::from_secs(1);

/// Three who know each other, and sign what they say.
fn lan(weather: Weather, seed: u64) -> Lan {
    let mut lan = Lan::new(3, Weather::FAIR, seed);
    lan.sign = true;
    lan.start_all();
    lan.run_for(SECOND);
    assert!(lan.everybody_knows_everybody());
    lan.weather = weather;
    lan
}

fn say(lan: &mut Lan, host: HostNumber, reader: Run, text: String) {
    let (text, time) = (Text::new(text).unwrap(), lan.unix(host));
    lan.command(host, Command::SayPrivately { reader, text, action: false, time });
}

/// What a run was told in private, in the order in which it was.
fn heard(lan: &Lan, reader: Run) -> Vec<String> {
    lan.model.private.iter().filter(|(run, _)| *run == reader).map(|(_, line)| line.text.as_str().to_owned()).collect()
}

#[test]
fn it_comes_once_and_in_order_whatever_gets_lost_and_nobody_else_is_told() {
    sweep(|seed| {
        let unicast = seed % 4 != 0;
        let mut lan = lan(Weather { twice: 0.2, unicast, ..Weather::losing(0.2) }, seed);
        let [alice, bob, carol] = [0, 1, 2].map(|host| lan.node(host).run());
        let texts: Vec<String> = (0..5).map(|number| number.to_string().repeat(1 + 700 * number)).collect();
        texts.iter().for_each(|text| say(&mut lan, 0, bob, text.clone()));
        say(&mut lan, 1, alice, "and you?".to_owned());
        lan.run_for(60 * SECOND);
        let outcome = |reader, is_heard| PrivateOutcome { reader, is_heard };
        let told: Vec<_> = lan.model.outcomes.iter().filter(|(run, _)| *run == alice).map(|(_, told)| *told).collect();
        assert_eq!(told.len(), 5);
        // Seven copies of a line, or the acks of all of them, get lost once in some hundreds of lines.
        let known: Vec<_> = texts.iter().zip(&told).filter(|(_, told)| told.is_heard).map(|(text, _)| text).collect();
        assert!(told.iter().all(|told| *told == outcome(bob, told.is_heard)));
        let heard_by_bob = heard(&lan, bob);
        assert!(known.into_iter().all(|text| heard_by_bob.contains(text)), "what is acked was told");
        let mut in_order = texts.iter();
        assert!(heard_by_bob.iter().all(|heard| in_order.any(|text| text == heard)), "once and in order");
        assert!(heard_by_bob.len() >= 3 && heard(&lan, alice).len() <= 1);
        assert_eq!(heard(&lan, carol), Vec::<String>::new());
        assert_eq!(lan.model.shown_by(carol), 0);
    });
}

#[test]
fn without_loss_a_private_line_costs_itself_and_an_ack() {
    let mut lan = lan(Weather::FAIR, 1);
    let bob = lan.node(1).run();
    let before = (lan.unicasts, lan.broadcasts);
    say(&mut lan, 0, bob, "the key is under the mat".to_owned());
    lan.run_for(SECOND);
    assert_eq!((lan.unicasts - before.0, lan.broadcasts - before.1), (2, 0));
    assert_eq!(lan.model.outcomes, [(lan.node(0).run(), PrivateOutcome { reader: bob, is_heard: true })]);
}

#[test]
fn to_one_who_has_died_it_is_given_up_and_told() {
    let mut lan = lan(Weather::FAIR, 1);
    let bob = lan.node(1).run();
    lan.kill(1);
    say(&mut lan, 0, bob, "are you there?".to_owned());
    lan.run_for(5 * SECOND);
    assert_eq!(lan.model.outcomes, [(lan.node(0).run(), PrivateOutcome { reader: bob, is_heard: false })]);
}

#[test]
fn nothing_is_sealed_to_one_who_does_not_sign() {
    let mut lan = Lan::acquainted(2, Weather::FAIR, 1);
    let (reader, time) = (lan.node(1).run(), lan.unix(0));
    let command = Command::SayPrivately { reader, text: Text::new("x").unwrap(), action: false, time };
    let mut node = lan.take_node(0);
    assert_eq!(node.handle_command(lan.now(), command), Err(cooee::node::CommandError::NoKey));
}
