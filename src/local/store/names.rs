//! Names of records. [`super`] has the table of what they hold.

use crate::arweave::Id;

/// Marks a process that exists.
pub(crate) fn process(process: &Id) -> String {
    format!("{PROCESSES}{process}")
}

pub(crate) fn entry(process: &Id, index: usize) -> String {
    format!("entry/{process}/{index:010}")
}

pub(crate) fn assignment(process: &Id, index: usize) -> String {
    format!("assignment/{process}/{index:010}")
}

/// The assignment as a HyperBEAM node signs it.
pub(crate) fn node_assignment(process: &Id, index: usize) -> String {
    format!("node-assignment/{process}/{index:010}")
}

pub(crate) fn assigned(message: &Id) -> String {
    format!("assigned/{message}")
}

pub(crate) fn module(id: &Id) -> String {
    format!("module/{id}")
}

pub(crate) fn item(id: &Id) -> String {
    format!("{ITEMS}{id}")
}

pub(crate) fn http_message(id: &Id) -> String {
    format!("{HTTP_MESSAGES}{id}")
}

pub(crate) fn result(process: &Id, index: usize) -> String {
    format!("result/{process}/{index:010}")
}

pub(crate) fn transaction(id: &Id) -> String {
    format!("{TRANSACTIONS}{id}")
}

pub(crate) fn added(id: &Id) -> String {
    format!("{ADDED}{id}")
}

/// The place in the weave that begins with this byte.
pub(crate) fn weave(start: u64) -> String {
    format!("{WEAVE}{start:020}")
}

/// The prefix of the names of the chunks of data with this root.
pub(crate) fn chunks(root: &Id) -> String {
    format!("chunk/{root}/")
}

pub(crate) fn chunk(root: &Id, start: u64, end: u64) -> String {
    format!("chunk/{root}/{start:020}-{end}")
}

/// The prefix of the names of a process's snapshots.
pub(crate) fn snapshots(process: &Id) -> String {
    format!("snapshot/{process}/")
}

pub(crate) fn snapshot(process: &Id, count: usize) -> String {
    format!("snapshot/{process}/{count:010}")
}

pub(crate) fn push(process: &Id, index: usize, number: usize) -> String {
    format!("push/{process}/{index:010}/{number:06}")
}

pub(crate) fn published(process: &Id) -> String {
    format!("published/{process}")
}

pub(crate) fn pending(process: &Id) -> String {
    format!("{PENDING}{process}")
}

pub(crate) fn monitor(process: &Id) -> String {
    format!("{MONITORS}{process}")
}

// Prefixes of names that are listed.
pub(crate) const ADDED: &str = "data/";
pub(crate) const HTTP_MESSAGES: &str = "http/";
pub(crate) const ITEMS: &str = "item/";
pub(crate) const MONITORS: &str = "monitor/";
pub(crate) const PENDING: &str = "pending/";
pub(crate) const PROCESSES: &str = "process/";
pub(crate) const TRANSACTIONS: &str = "tx/";
pub(crate) const WEAVE: &str = "weave/";

/// The id at the end of a name.
pub(crate) fn id_in(name: &str) -> Option<Id> {
    Id::parse(name.rsplit('/').next()?, "name").ok()
}
