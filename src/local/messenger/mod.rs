//! The messenger unit (MU): takes messages, and delivers what processes send.
//!
//! | file | content |
//! |---|---|
//! | `routes` | HTTP under `/mu` |
//! | `crank` | delivers an outbox |
//! | `outbox` | reads the parts of an outbox |

mod crank;
mod outbox;
pub(crate) mod routes;

pub(crate) use crank::{deliver, remove_signed};
