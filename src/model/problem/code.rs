//! The codes under which problems are known.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Defines the closed list of codes. Each has its word in the JSON contract and, where it blocks a
/// plan, what it means for the data.
macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $word:literal $(=> $meaning:literal)?,)+) => {
        /// What a problem is, or why a plan is blocked. `docs/problems.md` has a row for each.
        #[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
        pub enum Code { $($(#[$doc])* #[serde(rename = $word)] $code,)+ }

        impl Code {
            /// The whole list.
            pub const ALL: &'static [Self] = &[$(Self::$code),+];

            /// The stable word.
            pub fn word(self) -> &'static str {
                match self { $(Self::$code => $word),+ }
            }

            /// What it means for the data, in one sentence, where it blocks a plan.
            pub(crate) fn meaning(self) -> Option<&'static str> {
                let meaning: &[&str] = match self { $(Self::$code => &[$($meaning)?]),+ };
                meaning.first().copied()
            }
        }
    };
}

codes! {
    /// An address of the cluster lacks a master, is silent or belongs to something else.
    AddressPassedOver = "address_passed_over",
    /// The write alias that the file names is on no index of the set.
    AliasMissing = "alias_missing" => "Clients that write through it would not be redirected.",
    /// An index of neither site is read through the alias, on one side only.
    AliasStranger = "alias_stranger",
    /// The copies that are to be discarded are the standby's.
    AtHome = "at_home",
    /// A guard no longer holds, for no reason that has a code of its own.
    Blocked = "blocked",
    /// A request failed in a way that repeating it does not help.
    CallFailed = "call_failed",
    /// What the new leader took since the switch cannot be carried back.
    CannotCarry = "cannot_carry"
        => "The former leader would not be the new one's equal: going back takes whole copies.",
    /// Clients wrote on the former leader while it was carried to.
    CarryConflicts = "carry_conflicts",
    /// The index is closed on one side: it cannot be compared.
    Closed = "closed",
    /// Both sides are at rest at the same positions, and one has more documents.
    CountsDiffer = "counts_differ",
    /// A wait reached its deadline.
    Deadline = "deadline",
    /// The question was answered with no.
    Declined = "declined",
    /// The leading side has deleted it since, and the former leader still has it.
    Deleted = "deleted" => "Nobody but you can say whether it was meant to go.",
    /// The promoted leader lacks documents of the former one.
    DeletedSince = "deleted_since",
    /// The leader's index could not be read for what was deleted there.
    DeletesUnknown = "deletes_unknown",
    /// Documents differ between the two sides.
    Different = "different",
    /// The target's disks were full: what is promoted there would take no writes.
    DiskFull = "disk_full" => "What is promoted there would refuse every write.",
    /// The former leader has operations that the leader lacks.
    Diverged = "diverged",
    /// The cluster that is written to does not take some documents.
    DocumentsRefused = "documents_refused",
    /// The drain, by measured lag and rate, does not fit its time.
    DrainTooLong = "drain_too_long"
        => "Writers would be refused for longer than the drain may take, and for nothing.",
    /// The clusters are not as they were planned for or confirmed.
    Drift = "drift",
    /// Replication of the index stopped for good.
    Fatal = "fatal",
    /// The follower stopped for good and cannot be resumed as it is.
    FatalFollower = "fatal_follower"
        => "Its replication stopped for good; what came later is missing.",
    /// Existing indices are fenced; new names are not.
    FencePartial = "fence_partial",
    /// A write block that esdr has set is still there.
    FenceStanding = "fence_standing",
    /// The folder for the salvage files is not empty.
    FolderTaken = "folder_taken",
    /// The follower has operations that its leader lacks.
    FollowerAhead = "follower_ahead",
    /// The run is on record of other clusters than those of the file.
    ForeignRun = "foreign_run",
    /// Two switches of the set are on record that do not know of each other.
    ForkedRecord = "forked_record"
        => "Which side leads cannot be said: the newest writes may be on either.",
    /// The record says that this side was left behind.
    FormerLeader = "former_leader"
        => "The record says that the other side leads; this copy was left behind at a switch.",
    /// Another index stands where the former leader's copy was.
    FormerReplaced = "former_replaced",
    /// The former leader does not answer, or another cluster answers for it.
    FormerUnreachable = "former_unreachable",
    /// The former leader's index is closed, or a shard of it cannot be read.
    FormerUnreadable = "former_unreadable",
    /// A site was left, and both were not brought together again.
    GoesAlone = "goes_alone",
    /// The index is in the middle of a promote.
    HalfPromoted = "half_promoted",
    /// The leader no longer has the operations that the copy lacks.
    HistoryGone = "history_gone"
        => "What it lacks is no longer on its leader: it can only be copied whole again.",
    /// A site keeps less history than the file asks for.
    HistoryShort = "history_short",
    /// The operator's own program failed or took too long.
    HookFailed = "hook_failed",
    /// The cluster answers and cannot be relied on.
    Ill = "ill",
    /// A member's index is not there.
    IndexMissing = "index_missing" => "There is no index to act on under that name.",
    /// Ctrl-C or SIGTERM.
    Interrupted = "interrupted",
    /// Copies of a former leader are kept by the operator's choice.
    KeptCopy = "kept_copy",
    /// An index was born behind the fence and is not on the new leader.
    LateIndex = "late_index",
    /// This machine does not reach the leader, and the standby does.
    LeaderAlive = "leader_alive" => "Two leaders would be made.",
    /// The leader's index refuses writes, by a block that is not esdr's or because it is closed.
    LeaderBlocked = "leader_blocked",
    /// The leader's index is closed.
    LeaderClosed = "leader_closed" => "A closed leader's positions cannot be read.",
    /// The leader carries a write block, which a newborn follower would copy.
    LeaderFenced = "leader_fenced" => "A follower made now would inherit the block and stay empty.",
    /// The leader answers and cannot be relied on.
    LeaderIll = "leader_ill" => "It cannot be shown that nothing is lost.",
    /// No leader of the index can be seen.
    LeaderLost = "leader_lost",
    /// The leader answered again, and the run was to stop then.
    LeaderReturned = "leader_returned",
    /// The leader does not answer.
    LeaderUnreachable = "leader_unreachable" => "It cannot be shown that nothing is lost.",
    /// Retention leases of the new leader are left on the former one.
    LeasesLeft = "leases_left",
    /// Cross-cluster replication is not licensed where it is needed.
    Licence = "licence" => "Without the licence nothing can be followed.",
    /// The licence ends soon, and following with it.
    LicenceEnds = "licence_ends",
    /// Lifecycle management did not go on when the fence was lifted.
    LifecycleStopped = "lifecycle_stopped",
    /// The standby does not hear the leader.
    LinkDown = "link_down"
        => "A drain would never end: writers would have been refused for nothing.",
    /// Another run has taken the lock of the set, or the lock is gone.
    LockLost = "lock_lost",
    /// A cluster answered and took no lock for this run.
    LockNotHeld = "lock_not_held",
    /// No cluster took the lock.
    LockNotWritten = "lock_not_written",
    /// Another run holds the lock of the set.
    Locked = "locked",
    /// A gate waits for a person.
    Manual = "manual",
    /// An index is called what the bi-directional alias is to be called.
    NameTaken = "name_taken"
        => "Readers and writers of that name would go on with that index alone.",
    /// No switch on record says who leads.
    NoRecord = "no_record",
    /// No remote connection leads from the standby to the leader.
    NoRemote = "no_remote" => "The standby has no way to read from the leader.",
    /// The repository for the snapshot that the operator wants is not there, or of no use.
    NoRepository = "no_repository"
        => "Nothing would stay of the former copies but the salvage files.",
    /// The former leader has no connection to the new one: no way to follow it.
    NoReverseRemote = "no_reverse_remote",
    /// Copies are to be made on a cluster that has not enough disk or shards left for them.
    NoRoom = "no_room"
        => "The copies would stay unfinished, with the old ones gone; as it is, all of them stand.",
    /// Of what has diverged no whole copy stays beside the salvage file.
    NoSafetyCopy = "no_safety_copy",
    /// The mapping keeps no whole `_source`: documents cannot be read.
    NoSource = "no_source",
    /// The new leader's cluster is the newer one: the other cannot follow it.
    NoWayHome = "no_way_home",
    /// Writes through the alias are refused on a site.
    NoWriteIndex = "no_write_index",
    /// The cluster did not come back within the time that it was waited for.
    NotBack = "not_back",
    /// What answers is no Elasticsearch that esdr knows.
    NotElasticsearch = "not_elasticsearch",
    /// A site writes into one index for good, and a rollover was asked for.
    NotRolled = "not_rolled",
    /// What stands in the leader's place follows, or is another index.
    NotTheLeader = "not_the_leader",
    /// Neither followers nor a record.
    NothingReplicated = "nothing_replicated" => "No copy of this set is known on the standby.",
    /// The index that is followed is gone; its copy is the only one.
    Orphaned = "orphaned" => "The copy on the other side is all that is left of it.",
    /// The line of no return is behind: there is only forward.
    PastNoReturn = "past_no_return" => "The standby already leads; there is only the way forward.",
    /// The auto-follow pattern is paused: new indices are not followed.
    PatternPaused = "pattern_paused",
    /// An auto-follow pattern also matches indices outside the set.
    PatternTooWide = "pattern_too_wide"
        => "Stopping it would stop replication of other indices too.",
    /// The follower is paused.
    Paused = "paused",
    /// Documents were written where the leader has none: deletes may be undone.
    PerhapsDeleted = "perhaps_deleted",
    /// What one side copies would be copied back, or copied twice.
    Recursion = "recursion"
        => "Readers of the alias would see documents more than once, and copying might never end.",
    /// The auto-follow patterns may not be read: nothing is proved of them.
    RecursionUnseen = "recursion_unseen",
    /// Primary shards of the follower are missing.
    RedFollower = "red_follower" => "A part of its data is not available on the standby.",
    /// Primary shards of the index are missing.
    RedIndex = "red_index",
    /// No plan was made, for something that was asked for or is configured.
    Refused = "refused",
    /// The cluster refused the login.
    RefusedLogin = "refused_login",
    /// TLS failed.
    RefusedTls = "refused_tls",
    /// The follower is still being copied.
    Restoring = "restoring" => "The copy on the standby is not whole yet.",
    /// A cluster on which copies are to be made did not tell its disk or its limits.
    RoomUnseen = "room_unseen",
    /// A run that is alive holds the lock of the set.
    RunUnderWay = "run_under_way",
    /// Safety copies of diverged indices are still there.
    SafetyCopy = "safety_copy",
    /// The leader's clients have changed documents since.
    SalvageConflicts = "salvage_conflicts",
    /// A cluster refused or did not answer; no file of this index was left.
    SalvageFailed = "salvage_failed",
    /// The salvage files are not as they were written, or of another format.
    SalvageUnreadable = "salvage_unreadable",
    /// Two configured names, one cluster.
    SameCluster = "same_cluster" => "A cluster cannot stand by for itself.",
    /// The snapshot that was asked for is of no use.
    SnapshotFailed = "snapshot_failed",
    /// No template of a cluster before 7.0 gives soft deletes to the indices that a rollover makes.
    SoftDeletes = "soft_deletes",
    /// The leader's index was created without soft deletes.
    SoftDeletesOff = "soft_deletes_off" => "Elasticsearch cannot replicate it at all.",
    /// The cluster that is to be fenced, or let go, does not answer or is ill.
    SourceUnreachable = "source_unreachable"
        => "Nothing can be done there now, nor seen whether it takes writes.",
    /// The index is writable on both clusters, and no record says who leads.
    SplitBrain = "split_brain",
    /// The follower makes no progress.
    Stalled = "stalled",
    /// The record says that the standby leads.
    StandbyLeads = "standby_leads"
        => "The newest writes are on the standby; it must not be overwritten.",
    /// An undo could not reach the standby, which is as the switch left it.
    StandbyLeft = "standby_left",
    /// The former leader takes writes again.
    Stray = "stray",
    /// A later run of the set, or a fence set since, stands: what was before it is not taken back.
    Superseded = "superseded" => "What was done since would be undone with it.",
    /// The standby does not answer or is ill.
    TargetUnreachable = "target_unreachable" => "Nothing can be promoted there.",
    /// The new leader took more since the switch than may be carried back.
    TooManyToCarry = "too_many_to_carry"
        => "Writers would be refused for as long as they are carried.",
    /// More than one index of a site has the write flag.
    TwoWriteIndices = "two_write_indices",
    /// It belongs to the set and nothing follows it.
    Uncovered = "uncovered" => "It would stay behind on the former leader, without a copy.",
    /// A defect, or a disk that cannot be written.
    Unexpected = "unexpected",
    /// The copy that is to be given up still takes writes.
    Unfenced = "unfenced" => "What a writer still adds to it would be gone with it.",
    /// The former leader was not seen to refuse writes.
    UnfencedLeader = "unfenced_leader",
    /// Another switch of this set was begun and not finished.
    UnfinishedRun = "unfinished_run" => "Its fence may still stand and its state is in between.",
    /// The second copy of an index that was to be kept could not be made whole.
    Unkept = "unkept",
    /// It is not proved to be a copy of what the other side writes.
    UnprovedCopy = "unproved_copy" => "What only this copy has would be gone with it.",
    /// The cluster does not answer.
    Unreachable = "unreachable",
    /// What a side has could not be read in full.
    Unread = "unread",
    /// Regular on both sides without a record of having been one index.
    Unrelated = "unrelated"
        => "Both sides have a regular index and no record says that they were ever one.",
    /// The follower did not reach the leader's position in time.
    Unresolved = "unresolved",
    /// What only this copy has is not in files yet.
    Unsalvaged = "unsalvaged" => "What only this copy has would be gone with it.",
    /// A side that a step speaks of was not seen, or not whole.
    Unseen = "unseen" => "What holds there is not known, nor whether anything is left to do.",
    /// The command line, the file, a playbook, login or TLS.
    Usage = "usage",
    /// The follower's cluster is older than the leader's.
    Versions = "versions" => "An older server cannot read a newer server's index files.",
    /// The index takes writes on neither side.
    WritableNowhere = "writable_nowhere",
    /// Another index takes the writes through the alias.
    WriteIndexElsewhere = "write_index_elsewhere"
        => "Its writers would go on elsewhere without being asked.",
    /// The index that is to take the writes refuses them.
    WritesRefused = "writes_refused" => "Writers who are sent there would be refused.",
    /// Another cluster than the one that is meant stands behind a remote connection.
    WrongCluster = "wrong_cluster" => "What is copied through it would be another cluster's.",
    /// Another cluster answers under a configured name.
    WrongUuid = "wrong_uuid" => "It is not the cluster that is meant: nothing is sent to it.",
}

impl Code {
    /// What stands in the way is that the leader does not answer, or not well.
    pub(crate) fn is_about_the_leader(self) -> bool {
        matches!(self, Self::LeaderAlive | Self::LeaderIll | Self::LeaderUnreachable)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(self.word())
    }
}
