//! The gateway: data by id, uploads, and searches.
//!
//! | file | content |
//! |---|---|
//! | `routes` | HTTP at all paths that no other unit has |
//! | `catalogue` | the index of stored items that searches use |
//! | `search` | the queries `transactions` and `transaction` |
//! | `nodes` | items as a gateway's GraphQL returns them |
//! | `graphql` | parses the query language |

mod catalogue;
mod graphql;
mod nodes;
pub(crate) mod routes;
mod search;

pub(crate) use catalogue::Catalogue;
