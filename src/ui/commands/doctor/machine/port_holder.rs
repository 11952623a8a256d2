//! Who has which UDP port, from `/proc`: the tables of sockets name an inode for each, and the programs hold these
//! inodes among their open files. Of other users' programs, an ordinary user is not told.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::RangeInclusive;
use std::process;

use cooee::net;
use procfs::process::{FDTarget, Process, all_processes};

use super::{Elsewhere, Holder, Sockets};
use crate::ui::safe::Safe;

/// Most programs that are told of: more runs than that share no port.
const PROGRAMS_MAX: usize = 16;

/// A program and its UDP ports.
#[derive(Debug)]
struct Program {
    pid: i32,
    name: String,
    ports: BTreeSet<u16>,
}

/// Who has sockets that matter to a run that is to share `port`.
pub(in super::super) fn sockets(port: u16) -> Sockets {
    let own_pid = process::id().cast_signed();
    let own_name = name_of(own_pid).unwrap_or_default();
    let programs = programs().into_iter().filter(|program| program.pid != own_pid).collect();
    sort_out(programs, &own_name, net::ports(port))
}

/// What of these programs matters, where this one is called so.
fn sort_out(programs: Vec<Program>, own_name: &str, ports: RangeInclusive<u16>) -> Sockets {
    let mut sockets = Sockets::default();
    for Program { pid, name, ports: held } in programs {
        let is_cooee = name == own_name;
        if held.contains(ports.start()) {
            sockets.on_port.push(Holder { name: Safe::name(&name, "?"), pid, is_cooee });
        } else if let Some(port) = held.first().copied().filter(|_| is_cooee) {
            sockets.elsewhere.push(Elsewhere { pid, port });
        }
    }
    sockets.on_port.truncate(PROGRAMS_MAX);
    sockets.elsewhere.truncate(PROGRAMS_MAX);
    sockets
}

/// All programs with UDP sockets in this network namespace, by their number.
fn programs() -> Vec<Program> {
    let entries = [procfs::net::udp(), procfs::net::udp6()].into_iter().flatten().flatten();
    let ports: BTreeMap<u64, u16> = entries.map(|entry| (entry.inode, entry.local_address.port())).collect();
    let program = |process: Process| {
        let files = process.fd().ok()?.flatten();
        let of_socket = |target| if let FDTarget::Socket(inode) = target { ports.get(&inode).copied() } else { None };
        let held: BTreeSet<u16> = files.filter_map(|file| of_socket(file.target)).collect();
        (!held.is_empty()).then(|| Some(Program { pid: process.pid, name: name_of(process.pid)?, ports: held }))?
    };
    all_processes().into_iter().flatten().flatten().filter_map(program).collect()
}

fn name_of(pid: i32) -> Option<String> {
    let name = fs::read(format!("/proc/{pid}/comm")).ok()?;
    Some(String::from_utf8_lossy(&name).trim_end_matches('\n').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(pid: i32, name: &str, ports: &[u16]) -> Program {
        Program { pid, name: name.to_owned(), ports: ports.iter().copied().collect() }
    }

    #[test]
    fn who_shares_the_port_is_told_from_who_is_elsewhere() {
        let programs = vec![
            program(7, "cooee", &[26633, 26634]),
            program(8, "cooee", &[5001, 5000]),
            program(9, "dhcp\u{1b}[2Jclient", &[68, 26633]),
            program(10, "avahi", &[5353]),
        ];
        let sockets = sort_out(programs, "cooee", net::ports(26633));
        let holders: Vec<_> = sockets.on_port.iter().map(|h| (h.pid, h.name.as_str(), h.is_cooee)).collect();
        assert_eq!(holders, [(7, "cooee", true), (9, "dhcp?[2Jclient", false)]);
        assert_eq!(sockets.elsewhere, [Elsewhere { pid: 8, port: 5000 }]);
    }

    #[test]
    fn the_kernel_tells_whose_a_socket_is() {
        let socket = std::net::UdpSocket::bind(("127.0.0.1", 0)).unwrap();
        let port = socket.local_addr().unwrap().port();
        let own = programs().into_iter().find(|program| program.pid == process::id().cast_signed()).unwrap();
        assert!(own.ports.contains(&port), "{own:?}");
        assert!(sockets(port).on_port.iter().all(|holder| holder.pid != own.pid), "this program is left out");
    }
}
