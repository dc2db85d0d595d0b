//! The network's store: records by name.
//!
//! | name | content |
//! |---|---|
//! | `form` | the version of the store's form |
//! | `key` | the type of the key with which the network began |
//! | `item/:id` | a data item, preceded by the time at which it arrived. Assignments are stored here too |
//! | `http/:id` | a signed HTTP message: the time at which it arrived, an item with the same content, and the signed headers and body |
//! | `tx/:id` | a transaction of the base layer: the time at which it arrived, where its data begins in the weave, its JSON |
//! | `weave/:start` | the size of the data that begins there, and its transaction |
//! | `chunk/:root/:start-:end` | a chunk of the data with this root, and the path that proves its place |
//! | `data/:id` | data that the caller added: its time and tags in a line of JSON, its bytes |
//! | `module/:id` | a module that the caller added: its tags in a line of JSON, its bytes |
//! | `process/:id` | empty: the process exists |
//! | `entry/:process/:index` | an entry of a schedule, as JSON. A message has arrived once this is written |
//! | `assignment/:process/:index` | the signed assignment to that entry |
//! | `assigned/:id` | empty: the message was assigned to a process after it had arrived |
//! | `result/:process/:index` | the result of that entry |
//! | `published/:process` | the state that its first entries have published for plain reads, as JSON, as of the last read |
//! | `snapshot/:process/:count` | the state after so many entries |
//! | `push/:process/:index/:number` | a message that the network has signed for a process and not delivered yet, and its number in the cascade |
//! | `pending/:process` | empty: some entries of the process may not be settled |
//! | `monitor/:process` | the time up to which the process's crons have ticked |
//!
//! Records with content begin with a checksum (CRC-32). Snapshots have a checksum of their own. Empty records have none.

#[cfg(not(target_family = "wasm"))]
pub(crate) mod directory;
pub(crate) mod found;
pub(crate) mod integrity;
pub(crate) mod items;
pub(crate) mod memory;
pub(crate) mod names;
pub(crate) mod records;
pub(crate) mod transactions;
