//! The paths of a HyperBEAM node of November 2025: the same processes under other paths.
//!
//! | file | content |
//! |---|---|
//! | `routes` | HTTP at the paths of devices and processes |
//! | `request` | path keys with their parameters, signed requests |
//! | `http_message` | verifies signed HTTP messages and turns them into items |
//! | `schedule` | slots and assignments |
//! | `commitments` | who has signed messages and assignments |
//! | `state` | the state of a process under `now` and `compute` |
//! | `published` | the state that a process publishes with `patch@1.0` |
//! | `resolve` | follows a path within a message |
//! | `response` | the form of responses |

mod commitments;
pub(crate) mod http_message;
mod published;
mod request;
mod resolve;
mod response;
pub(crate) mod routes;
mod schedule;
mod state;

pub(crate) use request::NodeRequest;
pub(crate) use resolve::Resolved;
pub(crate) use response::Codec;
pub(crate) use state::message_of;
