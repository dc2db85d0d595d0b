//! What a further copy of a request means to a node.

use std::rc::Rc;

use crate::arweave::Id;
use crate::platform::{Repeat, SentMessage};

/// For a message that the node takes: each copy gets a slot of its own. The slot shows in the schedule of the message's
/// target. A message without a target is scheduled for the process in the path.
pub(super) fn scheduled(node: &Rc<str>, path: &str, process: Option<Id>, message: Option<Id>) -> Repeat {
    // An id has 43 characters. A device or more keys may follow it.
    let of_path = || Id::parse(path.strip_prefix('/').unwrap_or(path).get(..43)?, "").ok();
    let is_scheduled = matches!(last_key(path), "push" | "schedule");
    let process = process.or_else(of_path).filter(|_| is_scheduled);
    Repeat::IfNotTaken(process.zip(message).map(|(process, message)| {
        Rc::new(SentMessage {
            node: node.clone(),
            process,
            message,
        })
    }))
}

/// The last key of a path, without its parameters.
pub(super) fn last_key(path: &str) -> &str {
    let before = |path, end| match str::split_once(path, end) {
        Some((before, _)) => before,
        None => path,
    };
    let path: &str = before(path, '?');
    let start = path.bytes().rposition(|byte| byte == b'/').map_or(0, |slash| slash + 1);
    before(path.get(start..).unwrap_or_default(), '&')
}
