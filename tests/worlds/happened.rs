//! What becomes of the clusters in a history, and who writes to them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use esdr::sandbox::{Fault, Site};

use super::{
    acts::Happening,
    machine::Hook,
    world::{Clients, World},
};

/// Clients write after each line: to an index after the other, a side after the other, by its name
/// or by the alias.
pub fn writes(world: &World) -> Hook {
    let (clients, turn) = (world.clients(), AtomicUsize::new(0));
    Arc::new(move |_| {
        let turn = turn.fetch_add(1, Ordering::Relaxed);
        clients.write_in_turn(turn);
        clients.write_to_any(Site::BOTH[turn % 2], turn / 2);
    })
}

/// Something happens to the clusters, and everyone writes.
pub fn happen(clients: &Clients, world: &World, what: Happening) {
    if let Happening::Minutes(minutes) = what {
        world.pair.pass(Duration::from_secs(60 * u64::from(minutes)));
    }
    happen_among(clients, what);
    world.write_everywhere();
    for turn in 0..8 {
        clients.write_to_any(Site::BOTH[turn % 2], turn / 2);
    }
}

/// What may also happen between two lines of a journal.
pub fn happen_among(clients: &Clients, what: Happening) {
    let pair = clients.pair();
    match what {
        Happening::Dies(site) => pair.fault(Fault::Kill(site)),
        Happening::Restarted => {
            for site in Site::BOTH.into_iter().filter(|site| !clients.answers(*site)) {
                pair.fault(Fault::Restart(site));
            }
        }
        Happening::Cut(from) => pair.fault(Fault::Cut { from, to: from.other() }),
        Happening::LinksMended => {
            for from in Site::BOTH {
                pair.fault(Fault::Mend { from, to: from.other() });
            }
        }
        Happening::RolledOver => clients.roll_over(),
        Happening::Created(day) => {
            for site in Site::BOTH.into_iter().filter(|site| clients.leads(*site)) {
                clients.create_on(site, &format!("orders-00001{day}"));
            }
        }
        Happening::Deleted => {
            for site in Site::BOTH.into_iter().filter(|site| clients.leads(*site)) {
                clients.delete_on(site);
            }
        }
        Happening::Seen | Happening::Minutes(_) => {}
    }
}
