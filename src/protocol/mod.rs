//! AO's data: the tags of messages and processes, what modules receive, and what units return.
//!
//! The order of tags is part of what is signed. It is the same as aoconnect's.

mod cron;
mod dryrun;
mod dryrun_input;
mod evaluation;
#[cfg(any(feature = "local", feature = "verify"))]
pub mod hash_chain;
mod json_tree;
mod mainnet;
mod message;
mod module;
mod module_input;
#[cfg(any(feature = "local", feature = "verify"))]
pub(crate) mod patch;
mod scheduler;
mod sections;
mod text_tag;
mod typed_json;

pub use cron::{Cron, CronInterval};
pub use dryrun::Dryrun;
pub use dryrun_input::dryrun_input;
pub use evaluation::{Evaluation, Json, Outgoing, OutgoingTag};
pub use json_tree::JsonTree;
pub use mainnet::{Form, MAINNET_VARIANT, definition_tags, protocol_tags, request_tags};
pub use message::{message_tags, process_tags};
pub use module::check_module;
pub use module_input::{CronInput, EnvironmentPart, ProcessInput, ScheduledInput, environment, forwarded_for};
pub use scheduler::slot_of;
pub use text_tag::TextTag;

/// The protocol's name, as the value of `Data-Protocol`.
pub const PROTOCOL: &str = "ao";
/// The default value of the tag `Variant`.
pub const VARIANT: &str = "ao.TN.1";

#[cfg(test)]
mod tests {
    use crate::ans104::Tag;

    /// Reads tags in the notation of this folder's tests: `Name=Value Name=Value`.
    pub fn tags(text: &str) -> Vec<Tag> {
        let tag = |pair: &str| pair.split_once('=').map(|(name, value)| Tag::new(name, value));
        text.split_whitespace().map(tag).map(Option::unwrap).collect()
    }
}
