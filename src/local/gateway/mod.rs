//! The gateway: data by id, uploads, and searches.
//!
//! | file | content |
//! |---|---|
//! | `routes` | HTTP at all paths that no other unit has |
//! | `catalogue` | the index of stored items that searches use |
//! | `chain` | blocks, and the state of the network |
//! | `transactions` | transactions of the base layer, and the chunks of their data |
//! | `search` | the queries `transactions`, `transaction`, `blocks` and `block` |
//! | `nodes` | items as a gateway's GraphQL returns them |
//! | `graphql` | parses the query language |

mod catalogue;
mod chain;
mod graphql;
mod nodes;
pub(crate) mod routes;
mod search;
mod transactions;

pub(crate) use catalogue::Catalogue;
pub(crate) use transactions::transaction_of;
