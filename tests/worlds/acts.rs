//! What a history is made of. Its acts are drawn before the first of them is carried out, so that
//! one can be left out and the others stay as they are.

use std::fmt;

use esdr::sandbox::Site;
use fastrand::Rng;

use super::{
    oracle,
    wire::{Answer, Until},
};

/// One thing that happens in a history.
#[derive(Clone, Debug)]
pub enum Act {
    /// An operator types a command, and things happen in the middle of it.
    Typed { on: usize, what: What, mishaps: Mishaps },
    /// It is halted after this line while another operator's command runs whole.
    Halted { on: usize, what: What, at: usize, other: What },
    /// An operator looks, and types one of the commands under `Next`.
    Next { on: usize, pick: usize, mishaps: Mishaps },
    /// Something happens between two commands.
    Happens(Happening),
}

/// What is typed.
#[derive(Clone, Copy, Debug)]
pub enum What {
    /// One of those that are meant for how the set stands.
    Fitting(usize),
    Failover(Site),
    Failback,
    Reprotect,
    Undo,
    Carry,
    Fence(Site),
    Unfence(Site),
    Replicate,
}

/// What happens in the middle of a command: after which line, or at which request.
pub type Mishaps = Vec<(Mishap, usize)>;

/// One thing that happens in the middle of a command.
#[derive(Clone, Copy, Debug)]
pub enum Mishap {
    Killed,
    /// These clusters are out of the machine's sight.
    Unseen(&'static [Site], Until),
    /// A request is answered so.
    Request(Answer),
    /// Something happens to the clusters.
    Happens(Happening),
}

/// What becomes of the clusters, and who does it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Happening {
    Dies(Site),
    /// Whoever is dead starts again.
    Restarted,
    /// One cluster no longer reaches the other.
    Cut(Site),
    LinksMended,
    /// Every machine sees both clusters again.
    Seen,
    RolledOver,
    Created(u8),
    Deleted,
    Minutes(u8),
}

impl Happening {
    /// Whether clients make or delete indices in it.
    pub fn is_clients(self) -> bool {
        matches!(self, Self::RolledOver | Self::Created(_) | Self::Deleted)
    }

    /// The kind that it is counted as.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Dies(_) => "a cluster dies",
            Self::Restarted => "the dead start again",
            Self::Cut(_) => "the link is cut",
            Self::LinksMended => "the links are mended",
            Self::Seen => "all is seen again",
            Self::RolledOver => "a rollover",
            Self::Created(_) => "an index made",
            Self::Deleted => "an index deleted",
            Self::Minutes(_) => "minutes pass",
        }
    }
}

const UNSEEN: [&[Site]; 3] = [&[Site::A], &[Site::B], &Site::BOTH];

fn site(rng: &mut Rng) -> Site {
    Site::BOTH[rng.usize(..2)]
}

fn one_of<T: Copy>(rng: &mut Rng, of: &[T]) -> T {
    of[rng.usize(..of.len())]
}

impl What {
    fn drawn(rng: &mut Rng) -> Self {
        match rng.u8(..24) {
            0..=11 => Self::Fitting(rng.usize(..64)),
            12..=14 => Self::Failover(site(rng)),
            15 => Self::Failback,
            16 => Self::Reprotect,
            17 | 18 => Self::Undo,
            19 => Self::Carry,
            20 => Self::Fence(site(rng)),
            21 => Self::Unfence(site(rng)),
            _ => Self::Replicate,
        }
    }

    /// What is meant for a set that this side leads, or none.
    pub fn fitting(self, leads: Option<Site>, is_protected: bool) -> Self {
        let Self::Fitting(pick) = self else { return self };
        let fits: &[Self] = match (leads, is_protected) {
            (Some(side), true) => {
                let other = side.other();
                &[Self::Failover(other), Self::Failover(other), Self::Failback, Self::Fence(side)]
            }
            (Some(Site::A), false) => &[Self::Replicate, Self::Reprotect, Self::Carry],
            (Some(Site::B), false) => &[Self::Failback, Self::Reprotect, Self::Carry],
            (None, _) => &[
                Self::Undo,
                Self::Failover(Site::A),
                Self::Failover(Site::B),
                Self::Unfence(Site::A),
                Self::Unfence(Site::B),
                Self::Reprotect,
            ],
        };
        fits[pick % fits.len()]
    }

    /// As it is typed; a failover where its leader does not answer with a person's word for it.
    pub fn line(self, without_leader: bool) -> String {
        let name = oracle::name;
        match self {
            Self::Failover(to) if without_leader => {
                format!("esdr failover --to {} --accept-data-loss", name(to))
            }
            Self::Failover(to) => format!("esdr failover --to {}", name(to)),
            Self::Failback => "esdr failback".to_owned(),
            Self::Reprotect => "esdr reprotect".to_owned(),
            Self::Undo => "esdr undo".to_owned(),
            Self::Carry => "esdr undo --max-carry 100000".to_owned(),
            Self::Fence(site) => format!("esdr fence {}", name(site)),
            Self::Unfence(site) => format!("esdr unfence {}", name(site)),
            Self::Replicate | Self::Fitting(_) => "esdr replicate".to_owned(),
        }
    }
}

impl Happening {
    fn drawn(rng: &mut Rng) -> Self {
        match rng.u8(..12) {
            0 | 1 => Self::Dies(site(rng)),
            2 | 3 => Self::Restarted,
            4 => Self::Cut(site(rng)),
            5 => Self::LinksMended,
            6 => Self::Seen,
            7 => Self::RolledOver,
            8 => Self::Created(rng.u8(..4)),
            9 => Self::Deleted,
            _ => Self::Minutes(rng.u8(1..30)),
        }
    }
}

impl Mishap {
    fn drawn(rng: &mut Rng) -> (Self, usize) {
        let mishap = match rng.u8(..10) {
            0 | 1 => Self::Killed,
            2..=4 => {
                let until = one_of(rng, &[Until::OneLook, Until::Mended]);
                Self::Unseen(one_of(rng, &UNSEEN), until)
            }
            5 | 6 => Self::Request(one_of(rng, &Answer::ALL)),
            _ => Self::Happens(Happening::drawn(rng)),
        };
        let most = if matches!(mishap, Self::Request(_)) { REQUESTS } else { LINES };
        (mishap, rng.usize(1..=most))
    }

    /// None, one, or two.
    fn some(rng: &mut Rng) -> Mishaps {
        let how_many = [0, 1, 1, 1, 2][rng.usize(..5)];
        (0..how_many).map(|_| Self::drawn(rng)).collect()
    }
}

/// Most commands have about as many lines.
const LINES: usize = 28;

/// And send about as many requests.
const REQUESTS: usize = 150;

impl Act {
    /// An act by chance, on one of so many machines.
    pub fn drawn(rng: &mut Rng, machines: usize) -> Self {
        let on = rng.usize(..machines);
        match rng.u8(..20) {
            0..=7 => Self::Typed { on, what: What::drawn(rng), mishaps: Mishap::some(rng) },
            8..=10 => {
                let (what, other) = (What::drawn(rng), What::drawn(rng));
                Self::Halted { on, what, at: rng.usize(1..=LINES), other }
            }
            11..=14 => {
                let mishaps = if rng.bool() { Mishap::some(rng) } else { Vec::new() };
                Self::Next { on, pick: rng.usize(..), mishaps }
            }
            _ => Self::Happens(Happening::drawn(rng)),
        }
    }

    /// The kind that it is counted as.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Typed { mishaps, .. } if mishaps.is_empty() => "a command",
            Self::Typed { .. } => "a command, with mishaps",
            Self::Halted { .. } => "a command, halted beside another's",
            Self::Next { mishaps, .. } if mishaps.is_empty() => "one of what status proposes",
            Self::Next { .. } => "one of what status proposes, with mishaps",
            Self::Happens(what) => what.kind(),
        }
    }
}

impl Mishap {
    /// The kind that it is counted as.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Killed => "killed",
            Self::Unseen(..) => "clusters unseen",
            Self::Request(_) => "a request answered otherwise",
            Self::Happens(what) => what.kind(),
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Typed { on, what, mishaps } => write!(f, "machine {on}: {what:?}; {mishaps:?}"),
            Self::Halted { on, what, at, other } => {
                write!(f, "machine {on}: {what:?}, halted after line {at} beside {other:?}")
            }
            Self::Next { on, mishaps, .. } => {
                write!(f, "machine {on}: what status proposes; {mishaps:?}")
            }
            Self::Happens(what) => write!(f, "{what:?}"),
        }
    }
}
