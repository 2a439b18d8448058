//! Small worlds: clusterA, which leads in normal times, and clusterB, its standby.

pub(crate) mod bidi;

use crate::{
    es::requests::{RANK, fence_template},
    model::{
        lineage::{Entry, Member, Position, State},
        template::Template,
        topology::{ClusterSpec, Connection, Hooks, SetSpec, Topology},
        world::{
            Answer, Cluster, Following, Index, License, Remote, Shard, Sight, Task, Version, View,
            World,
        },
    },
};

/// 2026-11-20 14:02:11 UTC.
pub(crate) const NOW_MS: i64 = 1_795_183_331_000;

/// A regular, writable index whose shards stand at these positions.
pub(crate) fn leader(name: &str, positions: &[i64]) -> Index {
    Index {
        name: name.to_owned(),
        uuid: format!("uuid-a-{name}"),
        open: true,
        health: "green".to_owned(),
        shard_count: u32::try_from(positions.len()).unwrap(),
        replicas: "1".to_owned(),
        soft_deletes: true,
        shards: positions
            .iter()
            .zip(0..)
            .map(|(&position, number)| Shard {
                number,
                max_seq_no: position,
                local_checkpoint: position,
                global_checkpoint: position,
                ..Shard::default()
            })
            .collect(),
        ..Index::default()
    }
}

/// The same regular index on the standby.
pub(crate) fn twin(name: &str, positions: &[i64]) -> Index {
    Index { uuid: format!("uuid-b-{name}"), ..leader(name, positions) }
}

/// A follower of `name` whose tasks run and last read 400 ms ago.
pub(crate) fn follower(name: &str, positions: &[i64]) -> Index {
    let task = |(&position, shard): (&i64, u32)| Task {
        shard,
        leader_checkpoint: position,
        leader_max_seq_no: position,
        follower_checkpoint: position,
        since_read_ms: 400,
        reads: 7,
        ..Task::default()
    };
    Index {
        following: Some(Following {
            remote: "dc1".to_owned(),
            leader_index: name.to_owned(),
            leader_uuid: Some(format!("uuid-a-{name}")),
            is_compared: false,
            active: true,
            parameters: None,
            tasks: positions.iter().zip(0..).map(task).collect(),
        }),
        ..twin(name, positions)
    }
}

/// The follower paused.
pub(crate) fn paused(mut index: Index) -> Index {
    if let Some(following) = &mut index.following {
        following.active = false;
        following.tasks = Vec::new();
        following.leader_uuid = None;
    }
    index
}

/// The index behind a write block.
pub(crate) fn fenced(index: Index) -> Index {
    Index { write_block: true, read_only: true, ..index }
}

/// The template by which new names of the set are born blocked.
fn fence() -> Template {
    let patterns = vec!["orders-*".to_owned()];
    Template {
        name: "esdr-fence-orders".to_owned(),
        is_legacy: false,
        body: fence_template(&patterns, RANK, true, false),
        patterns,
        rank: RANK.into(),
        is_own: true,
    }
}

fn view(cluster: &str, answer_ms: u64, remote: (&str, &str), indices: Vec<Index>) -> Box<View> {
    let leads_to = Some(remote.1.to_owned());
    // A fence is both: blocks on what is there, a template for what is to be born.
    let is_fenced = indices.iter().any(|index| index.write_block);
    let remote_seen = Remote { connected: Some(true), leads_to, ..Remote::default() };
    Box::new(View {
        uuid: format!("uuid-{cluster}"),
        cluster_name: cluster.to_owned(),
        version: Version { major: 8, minor: 19, patch: 21 },
        answer_ms,
        health: "green".to_owned(),
        license: License {
            kind: "platinum".to_owned(),
            status: "active".to_owned(),
            days_left: Some(212),
        },
        remotes: [(remote.0.to_owned(), remote_seen)].into(),
        indices: indices.into_iter().map(|index| (index.name.clone(), index)).collect(),
        patterns: Some(Vec::new()),
        templates: Some(if is_fenced { vec![fence()] } else { Vec::new() }),
        ..View::default()
    })
}

fn sight(from: &str, to: &str, answer: Answer, evidence: &str) -> Sight {
    let (from, to) = (from.to_owned(), to.to_owned());
    Sight { from, to, answer, evidence: evidence.to_owned(), age_ms: Some(400) }
}

/// Both clusters answer and hear each other.
pub(crate) fn pair(on_a: Vec<Index>, on_b: Vec<Index>) -> World {
    World {
        at_ms: NOW_MS,
        took_ms: 800,
        clusters: [
            ("clusterA".to_owned(), Cluster::Ok(view("clusterA", 4, ("dc2", "clusterB"), on_a))),
            ("clusterB".to_owned(), Cluster::Ok(view("clusterB", 31, ("dc1", "clusterA"), on_b))),
        ]
        .into(),
        sights: vec![
            sight("clusterA", "clusterB", Answer::Yes, "tested, 31 ms"),
            sight("clusterB", "clusterA", Answer::Yes, "reading, 0.4 s ago"),
        ],
        ..World::default()
    }
}

/// A cluster that does not answer any more; nobody hears it.
pub(crate) fn without(mut world: World, gone: &str) -> World {
    let reason = "connect timed out after 2.0 s (2 addresses)".to_owned();
    world.clusters.insert(gone.to_owned(), Cluster::Unreachable { reason });
    for sight in &mut world.sights {
        if sight.from == gone {
            sight.answer = Answer::Unknown;
            sight.evidence = format!("{gone} cannot be asked");
            sight.age_ms = None;
        } else {
            sight.answer = Answer::No;
            sight.evidence = "asked it: no answer in 2.0 s (but says \"connected\")".to_owned();
            sight.age_ms = Some(0);
        }
    }
    world
}

/// A switch of `orders` from clusterA to clusterB; `moved` with the positions of that moment.
pub(crate) fn entry(names: &[&str], state: State, moved: Option<i64>) -> Entry {
    let member = |name: &&str| Member {
        source_index: (*name).to_owned(),
        source_uuid: format!("uuid-a-{name}"),
        target_index: (*name).to_owned(),
        target_uuid: format!("uuid-b-{name}"),
        shard_count: 1,
        checkpoints: moved
            .map(|at| vec![Position { checkpoint: at, max_seq_no: at, ..Position::default() }]),
        ..Member::default()
    };
    Entry {
        run: "1120-7f3a".to_owned(),
        set: "orders".to_owned(),
        playbook: "failover".to_owned(),
        source: "clusterA".to_owned(),
        target: "clusterB".to_owned(),
        source_uuid: "uuid-clusterA".to_owned(),
        target_uuid: "uuid-clusterB".to_owned(),
        at_ms: NOW_MS - 60_000,
        operator: "deploy@bastion-1".to_owned(),
        state,
        fenced_ms: Some(NOW_MS - 50_000),
        members: names.iter().map(member).collect(),
        ..Entry::default()
    }
}

/// Both clusters, and these sets with home clusterA, each with its patterns.
pub(crate) fn topology(sets: &[(&str, &[&str])]) -> Topology {
    let cluster = |name: &str| ClusterSpec {
        name: name.to_owned(),
        uuid: None,
        remote: None,
        connection: Connection::default(),
    };
    let set = |(name, indices): &(&str, &[&str])| SetSpec {
        name: (*name).to_owned(),
        home: Some("clusterA".to_owned()),
        standby: Some("clusterB".to_owned()),
        indices: indices.iter().map(|pattern| (*pattern).to_owned()).collect(),
        ..Topology::default_set()
    };
    Topology {
        clusters: vec![cluster("clusterA"), cluster("clusterB")],
        sets: sets.iter().map(set).collect(),
        bidi: Vec::new(),
        hooks: Hooks::default(),
        concurrency: 16,
    }
}
