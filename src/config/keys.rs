//! The keys of `esdr.toml`: what the parser allows, and what docs/configuration.md prints.

use crate::toml_reader::{
    Absent::{Is, Means},
    Key,
    Kind::{Between, Boolean, ListOf, Number, Program, Table, Text, Time},
};

/// The most requests at the same time that a file may ask for.
pub(super) const CONCURRENCY_MAX: i64 = 1024;

/// One table of the file.
#[derive(Clone, Copy, Debug)]
pub struct Section {
    /// As it is written, or the key that it stands behind.
    pub title: &'static str,
    pub keys: &'static [Key],
}

impl Section {
    pub(super) fn names(&self) -> Vec<&'static str> {
        Key::names(self.keys)
    }
}

/// Every table, in the order of the page.
pub const ALL: &[Section] = &[FILE, CLUSTER, AUTH, TLS, REMOTE, SET, HOOKS, BIDI, LIMITS];

pub(super) const FILE: Section = Section {
    title: "the file",
    keys: &[
        Key::needed("clusters", Table, "`[clusters.NAME]` for each cluster, two at least"),
        Key::needed("sets", Table, "`[sets.NAME]` for each set of indices that fail over together")
            .or(Means(
                "one set, `default`: every follower found on the clusters, but those of \
                 `[bidi.NAME]`",
            )),
        Key::needed("bidi", Table, "`[bidi.NAME]` for each alias behind which two clusters write")
            .or(Means("none")),
        Key::needed("hooks", Table, "your programs, for every set without hooks of its own")
            .or(Means("none")),
        Key::needed("limits", Table, "how much esdr asks of a cluster").or(Means("the defaults")),
    ],
};

pub(super) const CLUSTER: Section = Section {
    title: "[clusters.NAME]",
    keys: &[
        Key::needed(
            "urls",
            ListOf("texts"),
            "where it answers: `https://` or `http://`, a host, and a port and a path where they \
             are needed. Tried in order. A user or a password never stands in them",
        ),
        Key::needed("uuid", Text, "its cluster UUID: no other cluster may answer for this name")
            .or(Means("the UUID on record, where there is one")),
        Key::needed("auth", Table, "how esdr logs in").or(Means("no login")),
        Key::needed("tls", Table, "how the connection is encrypted")
            .or(Means("the system's authorities are trusted")),
        Key::needed("remote", Table, "how the other clusters reach this one").or(Means(
            "a connection that leads here is used, none is made: without one the way home is not \
             prepared",
        )),
    ],
};

pub(super) const AUTH: Section = Section {
    title: "auth",
    keys: &[
        Key::needed("username", Text, "the user that a password is for").or(Means("an API key")),
        secret("password_env", Text, "the environment variable with the password"),
        secret("password_file", Text, "the file with the password"),
        secret("password_command", Program, "what prints the password"),
        secret("api_key_env", Text, "the environment variable with the API key"),
        secret("api_key_file", Text, "the file with the API key"),
        secret("api_key_command", Program, "what prints the API key"),
    ],
};

/// One of six places, of which a file names one.
const fn secret(name: &'static str, kind: crate::toml_reader::Kind, meaning: &'static str) -> Key {
    Key::needed(name, kind, meaning).or(Means("another place"))
}

pub(super) const TLS: Section = Section {
    title: "tls",
    keys: &[
        Key::needed("ca", Text, "PEM file of the authorities that alone are trusted")
            .or(Means("the system's")),
        Key::needed("cert", Text, "PEM file of esdr's own certificate; needs `key`")
            .or(Means("none")),
        Key::needed("key", Text, "PEM file of its private key; needs `cert`").or(Means("none")),
        Key::needed(
            "insecure",
            Boolean,
            "with `true` no certificate is checked; not beside `ca`, and `false` is refused as \
             needless",
        )
        .or(Means("certificates are checked")),
    ],
};

pub(super) const REMOTE: Section = Section {
    title: "remote",
    keys: &[
        Key::needed("name", Text, "what the connection to this cluster is called on the others")
            .or(Means("the cluster's own name, dots as `_`")),
        Key::needed(
            "seeds",
            ListOf("texts"),
            "transport addresses, `host:port` (sniff mode); not beside `proxy`",
        )
        .or(Means("none")),
        Key::needed(
            "proxy",
            Text,
            "transport address of a proxy, `host:port` (proxy mode); servers know it from 7.7 on",
        )
        .or(Means("none")),
        Key::needed("server_name", Text, "the server's name for TLS through `proxy`")
            .or(Means("none")),
    ],
};

pub(super) const SET: Section = Section {
    title: "[sets.NAME]",
    keys: &[
        Key::needed("home", Text, "the cluster that leads in normal times"),
        Key::needed("standby", Text, "the cluster that follows in normal times"),
        Key::needed(
            "indices",
            ListOf("texts"),
            "names of indices at home; `*` stands for any characters, a leading `-` excludes",
        ),
        Key::needed(
            "follower",
            Text,
            "name of new followers on the standby, with `{{leader_index}}` in it once",
        )
        .or(Is("\"{{leader_index}}\"")),
        Key::needed(
            "auto_follow",
            Boolean,
            "whether an auto-follow pattern is made, by which indices to come are followed too",
        )
        .or(Is("false")),
        Key::needed("priority", Number, "sets go one after another, higher first").or(Is("0")),
        Key::needed(
            "alias",
            Text,
            "the alias that clients write through: a switch is refused where no index of the set \
             bears it. Every alias is carried anyway",
        )
        .or(Means("none is asked for")),
        Key::needed("hooks", Table, "the set's own programs, instead of all of `[hooks]`")
            .or(Means("those of `[hooks]`")),
    ],
};

pub(super) const HOOKS: Section = Section {
    title: "[hooks]",
    keys: &[
        Key::needed(
            "before_fence",
            ListOf("programs"),
            "before writers are refused: stop or redirect them. One that fails stops the run while \
             nothing is changed",
        )
        .or(Is("[]")),
        Key::needed(
            "after_promote",
            ListOf("programs"),
            "when the new leader takes writes: send the writers there",
        )
        .or(Is("[]")),
        Key::needed(
            "on_undo",
            ListOf("programs"),
            "when a run was taken back: the writers may go on where they were",
        )
        .or(Is("[]")),
    ],
};

pub(super) const BIDI: Section = Section {
    title: "[bidi.NAME]",
    keys: &[
        Key::needed("clusters", ListOf("texts"), "the two that are written on"),
        Key::needed("history", Time, "how long each side keeps history for an absent copy")
            .or(Means("the server's own, 12 hours")),
    ],
};

pub(super) const LIMITS: Section = Section {
    title: "[limits]",
    keys: &[Key::needed(
        "concurrency",
        Between(1, CONCURRENCY_MAX),
        "requests at the same time on a cluster",
    )
    .or(Is("16"))],
};
