//! Transactions of Arweave's base layer.
//!
//! | file | content |
//! |---|---|
//! | `transaction` | transactions of format 2, and what they sign |
//! | `merkle` | the tree over the data of a transaction |

pub(crate) mod merkle;
pub(crate) mod transaction;

pub(crate) use transaction::Transaction;
