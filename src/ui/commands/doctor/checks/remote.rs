//! Those beyond the subnet who were to be called: whether they are found, can be reached, and answer.

use super::ports;
use crate::ui::commands::doctor::finding::{Finding, Topic};
use crate::ui::commands::doctor::observations::{Observations, ObservedRemote, RemoteOutcome};

pub(super) fn check(observed: &Observations) -> Vec<Finding> {
    observed.remote.iter().map(|remote| of_remote(observed, remote)).collect()
}

fn of_remote(observed: &Observations, ObservedRemote { given, outcome }: &ObservedRemote) -> Finding {
    let fail = |words: String| Finding::fail(Topic::Remote, words);
    match outcome {
        RemoteOutcome::Answers => Finding::ok(Topic::Remote, format!("{given} answers")),
        RemoteOutcome::NotTried => Finding::warn(Topic::Remote, format!("{given} is not found yet"))
            .remedy("The name is looked up slowly: does this machine reach its name server?"),
        RemoteOutcome::NotFound(why) => fail(format!("{given} is not found: {why}"))
            .remedy("Is the name right, and does this machine know it? An address does without."),
        RemoteOutcome::NotSent(why) => {
            fail(format!("nothing can be sent to {given}: {why}")).remedy("Is the VPN up, and is there a route?")
        }
        RemoteOutcome::Silent => fail(format!("{given} does not answer"))
            .remedy(format!("Is cooee running there, in {}, and on the same port?", observed.asked.room))
            .remedy(format!("Firewalls there and on the way have to let UDP {} through.", ports(observed)))
            .remedy("Over a VPN or a tunnel, it has to be started with --peer there too."),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{remedy, sound, told};
    use super::*;

    #[test]
    fn each_outcome_has_its_words() {
        let check = |outcome| {
            let mut observed = sound();
            observed.remote = vec![ObservedRemote { given: "vpn-host".to_owned(), outcome }];
            check(&observed)
        };
        assert_eq!(told(&check(RemoteOutcome::Answers)), ["ok vpn-host answers"]);
        assert_eq!(told(&check(RemoteOutcome::NotTried)), ["warn vpn-host is not found yet"]);
        let not_found = check(RemoteOutcome::NotFound("no such name".to_owned()));
        assert_eq!(told(&not_found), ["FAIL vpn-host is not found: no such name"]);
        let not_sent = check(RemoteOutcome::NotSent("no route".to_owned()));
        assert_eq!(told(&not_sent), ["FAIL nothing can be sent to vpn-host: no route"]);
        let silent = check(RemoteOutcome::Silent);
        assert_eq!(told(&silent), ["FAIL vpn-host does not answer"]);
        assert!(remedy(&silent).contains("in room lobby") && remedy(&silent).contains("UDP 26633-26649"));
    }
}
