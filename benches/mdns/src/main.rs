//! Finds others of its kind by mDNS, as a program would that takes the mdns-sd crate instead of cooee: registers a
//! service under the name it is given, looks for the same service of others, and prints `found NAME` for each, once.
//! It ends when its standard input does.

use std::collections::BTreeSet;
use std::error::Error;
use std::{env, io, process, thread};

use mdns_sd::{ServiceDaemon, ServiceEvent, ServiceInfo};

const SERVICE: &str = "_cooee-bench._udp.local.";
const PORT: u16 = 26_633;

fn main() -> Result<(), Box<dyn Error>> {
    let name = env::args().nth(1).ok_or("usage: cooee-mdns NAME")?;
    thread::spawn(|| {
        let _ = io::copy(&mut io::stdin(), &mut io::sink());
        process::exit(0);
    });
    let daemon = ServiceDaemon::new()?;
    let host = format!("{name}.local.");
    let own = ServiceInfo::new(SERVICE, &name, &host, "", PORT, None)?.enable_addr_auto();
    let own_name = own.get_fullname().to_owned();
    daemon.register(own)?;
    let events = daemon.browse(SERVICE)?;
    let mut known = BTreeSet::new();
    while let Ok(event) = events.recv() {
        if let ServiceEvent::ServiceResolved(service) = event
            && service.fullname != own_name
            && known.insert(service.fullname.clone())
        {
            println!("found {}", service.fullname);
        }
    }
    Ok(())
}
