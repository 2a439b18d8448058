//! What every command that asks clusters begins with.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::Context;
use etcetera::BaseStrategy;

use crate::{
    cli::{Global, Output},
    commands::{
        connect::connect,
        person::{AtTheTerminal, Person},
    },
    config::Config,
    journal::AfterLine,
    model::{lineage::Lineage, lock::Standing, pins, topology::Topology, world::World},
    observe::{Watched, observe, observe_capacities, observe_identities, observe_repositories},
    playbook::{Playbook, Requirement},
    record::{Copies, Record, lock::standing, record_stores},
};

/// The file, the connections, the record, and what was typed for every command.
pub struct Session {
    pub topology: Topology,
    pub clusters: Vec<Watched>,
    pub record: Record,
    pub state_folder: PathBuf,
    pub global: Global,
    /// Who is asked.
    pub person: Arc<dyn Person>,
    /// What happens after each line of a journal.
    pub after_line: AfterLine,
    /// What was seen last.
    pub seen: Mutex<Option<World>>,
}

impl Session {
    /// Reads the file and prepares the connections. Nothing is sent yet.
    ///
    /// # Errors
    /// Where the file or what it names is of no use.
    pub fn open(global: &Global) -> anyhow::Result<Self> {
        let config = Config::load(global.config.as_deref())?;
        let clusters = connect(&config.topology)?;
        let state_folder = match &global.state_dir {
            Some(folder) => folder.clone(),
            None => default_state_folder()?,
        };
        Ok(Self::of(config.topology, clusters, state_folder, global.clone()))
    }

    /// The same over connections that are there already.
    pub fn of(
        topology: Topology,
        clusters: Vec<Watched>,
        state_folder: PathBuf,
        global: Global,
    ) -> Self {
        Self {
            topology,
            clusters,
            record: Record::new(&state_folder),
            state_folder,
            global,
            person: Arc::new(AtTheTerminal),
            after_line: AfterLine::default(),
            seen: Mutex::default(),
        }
    }

    /// Looks at every cluster and reads the record.
    ///
    /// # Errors
    /// Where the local copy of the record cannot be read.
    pub async fn observe(&self) -> anyhow::Result<World> {
        let mut world = Box::pin(observe(&self.clusters)).await;
        let mut copies = self.record.copies(&world, &self.clusters).await?;
        if self.expect_by_record(&world, &copies) {
            world = Box::pin(observe(&self.clusters)).await;
            copies = self.record.copies(&world, &self.clusters).await?;
        }
        world.lineage = copies.lineage(&world, &self.clusters);
        copies.note_unread(&mut world);
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(world.clone());
        Ok(world)
    }

    /// The same with the locks of every set, or of these.
    ///
    /// # Errors
    /// As for [`Session::observe`].
    pub async fn observe_locks(&self, only: &[String]) -> anyhow::Result<World> {
        let mut world = self.observe().await?;
        world.locks = self.locks(&world, only).await;
        Ok(world)
    }

    /// The locks of every set, or of these, that are held by somebody who is alive.
    pub async fn locks(&self, world: &World, only: &[String]) -> Vec<Standing> {
        let sets = self.topology.sets_by_priority().into_iter().map(|set| set.name);
        let names = sets.chain(self.topology.bidi.iter().map(|bidi| bidi.name.clone()));
        let names: Vec<String> =
            names.filter(|name| only.is_empty() || only.contains(name)).collect();
        standing(&record_stores(world, &self.clusters), &names).await
    }

    /// What was seen by the last look.
    pub fn seen(&self) -> Option<World> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// From now on only those clusters are believed that the record means, where the file pins
    /// none. True where another one was seen: what came from it counts for nothing. One cluster
    /// behind two names is told as that.
    fn expect_by_record(&self, world: &World, copies: &Copies) -> bool {
        let found = |name: &String| Some((name.clone(), world.view(name)?.uuid.clone()));
        let seen = world.clusters.keys().filter_map(found);
        let seen: BTreeMap<String, String> = seen.filter(|(_, uuid)| !uuid.is_empty()).collect();
        let expected =
            pins::expected(&Lineage::from(copies.each().cloned().collect::<Vec<_>>()), &seen);
        let mut is_other = false;
        for watched in self.clusters.iter().filter(|watched| watched.uuid.is_none()) {
            let found = seen.get(&watched.name);
            let is_shared = seen.values().filter(|uuid| found == Some(uuid)).count() > 1;
            if let Some(uuid) = expected.get(&watched.name).filter(|_| !is_shared) {
                watched.es.expect_uuid(uuid);
                is_other |= found.is_some_and(|found| found != uuid);
            }
        }
        is_other
    }

    /// The same for the plan of a playbook: with the clusters' room where it asks for that.
    ///
    /// # Errors
    /// As for [`Session::observe`].
    pub async fn observe_for(&self, playbook: &Playbook) -> anyhow::Result<World> {
        let mut world = self.observe().await?;
        if playbook.requires(Requirement::Room) {
            observe_capacities(&self.clusters, &mut world).await;
        }
        if playbook.connects() {
            observe_identities(&self.clusters, &mut world).await;
        }
        Ok(world)
    }

    /// Looks whether these clusters can take a snapshot into a repository, where one is named.
    pub async fn observe_repository(
        &self,
        world: &mut World,
        clusters: &[&str],
        repository: Option<&str>,
    ) {
        let Some(repository) = repository else { return };
        let asked = self.clusters.iter().filter(|it| clusters.contains(&it.name.as_str()));
        observe_repositories(asked, world, repository).await;
    }

    /// Who the record says it was.
    pub fn operator(&self) -> String {
        let named = self.global.operator.clone().filter(|name| !name.is_empty());
        named.unwrap_or_else(|| {
            let user = std::env::var("USER").unwrap_or_else(|_| "unknown".to_owned());
            format!("{user}@{}", host())
        })
    }

    /// Whether somebody can be asked, and reads what is asked.
    pub fn can_ask(&self) -> bool {
        !self.is_json() && self.person.is_there()
    }

    /// Whether standard output is JSON.
    pub fn is_json(&self) -> bool {
        self.global.output == Output::Json
    }
}

/// This machine's name.
pub fn host() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map(|name| name.trim().to_owned())
        .ok()
        .filter(|name| !name.is_empty())
        .or_else(|| std::env::var("HOSTNAME").ok())
        .unwrap_or_else(|| "localhost".to_owned())
}

fn default_state_folder() -> anyhow::Result<PathBuf> {
    let folders = etcetera::choose_base_strategy()
        .context("this user has no home folder; name one with --state-dir")?;
    let state = folders.state_dir().unwrap_or_else(|| folders.data_dir());
    Ok(state.join("esdr"))
}
