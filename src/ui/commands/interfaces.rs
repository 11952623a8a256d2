//! `cooee interfaces`: what this machine has, and what of it is used.

use cooee::net::{self, Interface, Use};

use crate::ui::arguments::InterfacesOptions;
use crate::ui::ending::Ending;
use crate::ui::json::{self, InterfaceObject};
use crate::ui::output::Output;
use crate::ui::safe::Safe;
use crate::ui::settings::Settings;
use crate::ui::table::Table;

/// Lists every interface with its state, its addresses, and whether it is used or why not.
pub(crate) fn interfaces(settings: &Settings, options: &InterfacesOptions, output: &mut Output) -> Result<(), Ending> {
    let all = net::interfaces(&settings.interfaces)?;
    if options.json {
        return all.iter().try_for_each(|interface| json::print(&InterfaceObject::new(interface), output));
    }
    let mut table = Table::new(["NAME", "STATE", "ADDRESS", "TO ALL", "USED"]);
    for interface in &all {
        rows(interface).into_iter().for_each(|row| table.row(row));
    }
    table.lines().try_for_each(|line| output.line(&line))
}

/// A row for each address; the name and the rest stand in the first.
fn rows(interface: &Interface) -> Vec<[Safe; 5]> {
    let nothing = || Safe::literal("");
    let addresses = interface.addresses.iter().map(|address| {
        let everybody = address.everybody.map(|everybody| everybody.to_string()).unwrap_or_default();
        // An IPv6 address with its prefix is longer than a name may be; nothing in it can harm.
        [Safe::text(&format!("{}/{}", address.ip, address.prefix)), Safe::text(&everybody)]
    });
    let mut addresses: Vec<[Safe; 2]> = addresses.collect();
    if addresses.is_empty() {
        addresses.push([Safe::literal("-"), nothing()]);
    }
    let used = match interface.used {
        Use::Used => "yes".to_owned(),
        Use::Unused(reason) => format!("no: {}", reason.reason()),
    };
    let mut first = Some((Safe::name(&interface.name, "?"), json::state(interface.state), Safe::text(&used)));
    let row = |[address, everybody]: [Safe; 2]| match first.take() {
        Some((name, state, used)) => [name, Safe::literal(state), address, everybody, used],
        None => [nothing(), nothing(), address, everybody, nothing()],
    };
    addresses.into_iter().map(row).collect()
}
