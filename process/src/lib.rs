//! AO processes in Rust: messages in, outbox out.
//!
//! A process is a type with a state and a function that evaluates messages. [`export!`] makes a module of it that compute
//! units run.
//!
//! ```
//! use aoxide_process::{Message, Outbox, Process, ProcessInfo};
//!
//! #[derive(Default)]
//! struct Counter {
//!     count: u64,
//! }
//!
//! impl Process for Counter {
//!     fn handle(&mut self, message: &Message, _process: &ProcessInfo, outbox: &mut Outbox) -> Result<(), String> {
//!         match message.action() {
//!             _ if message.is_process() => outbox.output("ready"),
//!             Some("Increment") => self.count += 1,
//!             Some("Get") => {}
//!             _ => return Err("Set the tag Action to Increment or Get".into()),
//!         }
//!         outbox.publish("count", &self.count)?;
//!         outbox.reply(message, "Count").data(self.count.to_string());
//!         Ok(())
//!     }
//! }
//!
//! aoxide_process::export!(Counter);
//! ```
//!
//! With the feature `units`, the module also runs on compute units of the network: see the README.
//!
//! - **The memory is the whole state.** A compute unit keeps it between messages. It calls `Default` once, before the first
//!   message, which is the process itself.
//! - **After an `Err` or a panic, the unit restores the memory from before the message.** So no error changes the state.
//!   A panic gives the sender no reason.
//! - **The same messages must give the same bytes everywhere.** There is no clock and no randomness: the time is
//!   [`Message::timestamp`].

#![forbid(unsafe_op_in_unsafe_fn)]
#![warn(missing_docs)]

mod message;
mod module;
mod outbox;
#[cfg(all(target_family = "wasm", feature = "units"))]
mod unit;

pub use message::{Message, ProcessInfo, Tag};
#[doc(hidden)]
pub use module::Module;
pub use outbox::{Outbox, Outgoing};

/// A process: a state, and the evaluation of messages.
pub trait Process: Default {
    /// Evaluates a message, and puts what it sends into the outbox.
    ///
    /// The first message is the process itself: [`Message::is_process`].
    ///
    /// # Errors
    ///
    /// The text of an error is the result of the message. The unit restores the state from before it, and sends nothing.
    fn handle(&mut self, message: &Message, process: &ProcessInfo, outbox: &mut Outbox) -> Result<(), String>;
}

/// Exports a [`Process`] as a module: `handle`, `malloc` and `free`. A crate has one.
///
/// A native build exports nothing, so that tests of the process run as usual.
#[macro_export]
macro_rules! export {
    ($process:ty) => {
        // So that it counts as used in a native build.
        #[cfg(not(target_family = "wasm"))]
        const _: fn() -> $crate::Module<$process> = $crate::Module::default;

        #[cfg(target_family = "wasm")]
        mod exported_module {
            use ::std::cell::RefCell;

            use super::*;

            ::std::thread_local! {
                static MODULE: RefCell<$crate::Module<$process>> = RefCell::default();
            }

            #[unsafe(no_mangle)]
            extern "C" fn malloc(size: usize) -> *mut u8 {
                MODULE.with_borrow_mut(|module| module.allocate(size))
            }

            #[unsafe(no_mangle)]
            extern "C" fn free(address: *mut u8) {
                MODULE.with_borrow_mut(|module| module.free(address));
            }

            #[unsafe(no_mangle)]
            extern "C" fn handle(message: *mut u8, environment: *mut u8) -> *const u8 {
                MODULE.with_borrow_mut(|module| module.handle(message, environment))
            }

            $crate::export_stack!(MODULE);
        }
    };
}

/// The loader of compute units places texts on what it takes for the stack.
#[cfg(feature = "units")]
#[doc(hidden)]
#[macro_export]
macro_rules! export_stack {
    ($module:ident) => {
        #[unsafe(no_mangle)]
        extern "C" fn emscripten_stack_get_current() -> usize {
            $module.with_borrow(|module| module.placed())
        }

        #[unsafe(no_mangle)]
        extern "C" fn _emscripten_stack_alloc(size: usize) -> *mut u8 {
            $module.with_borrow_mut(|module| module.place(size))
        }

        #[unsafe(no_mangle)]
        extern "C" fn _emscripten_stack_restore(count: usize) {
            $module.with_borrow_mut(|module| module.keep(count));
        }
    };
}

/// Without the feature `units`, there is no stack to show.
#[cfg(not(feature = "units"))]
#[doc(hidden)]
#[macro_export]
macro_rules! export_stack {
    ($module:ident) => {};
}
