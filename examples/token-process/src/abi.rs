//! The functions that a compute unit calls: `handle(message, environment)` takes the addresses of two JSON texts, each with
//! a zero byte at its end, and returns the address of a third. This file does not depend on what the process does.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::ao::{Environment, Response};
use crate::token::Token;

/// The state of the module. The compute unit keeps the whole memory between messages, and so this value.
#[derive(Default)]
struct Module {
    process: Token,
    /// Memory that `malloc` allocated for the compute unit, by address.
    allocated: BTreeMap<*mut u8, Vec<u8>>,
    /// The compute unit reads it after `handle` has returned, so it stays until the next call.
    answer: Vec<u8>,
}

thread_local! {
    static MODULE: RefCell<Module> = RefCell::default();
}

/// Allocates `size` bytes.
#[unsafe(no_mangle)]
extern "C" fn malloc(size: usize) -> *mut u8 {
    let mut bytes = vec![0; size.max(1)];
    let address = bytes.as_mut_ptr();
    MODULE.with_borrow_mut(|module| module.allocated.insert(address, bytes));
    address
}

#[unsafe(no_mangle)]
extern "C" fn free(address: *mut u8) {
    MODULE.with_borrow_mut(|module| module.allocated.remove(&address));
}

#[unsafe(no_mangle)]
extern "C" fn handle(message: *mut u8, environment: *mut u8) -> *const u8 {
    MODULE.with_borrow_mut(|module| {
        module.answer = module.answer_to(message, environment);
        module.answer.push(0);
        module.answer.as_ptr()
    })
}

impl Module {
    fn answer_to(&mut self, message: *mut u8, environment: *mut u8) -> Vec<u8> {
        let read = |address| self.allocated.get(&address).map(|bytes| until_zero(bytes));
        let message = serde_json::from_slice(read(message).unwrap_or_default());
        let environment = serde_json::from_slice::<Environment>(read(environment).unwrap_or_default());
        let response = match (message, environment) {
            (Ok(message), Ok(environment)) => self.process.handle(&message, &environment),
            (Err(error), _) | (_, Err(error)) => Err(format!("The message cannot be read: {error}")),
        };
        to_json(response)
    }
}

fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// Writes `{"ok": true, "response": …}`, also for an error of the message: `ok: false` means that the module itself failed.
fn to_json(response: Result<Response, String>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Answer {
        ok: bool,
        response: Outcome,
    }
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Outcome {
        Done(Response),
        Rejected {
            #[serde(rename = "Error")]
            error: String,
        },
    }
    let response = match response {
        Ok(response) => Outcome::Done(response),
        Err(error) => Outcome::Rejected { error },
    };
    serde_json::to_vec(&Answer { ok: true, response }).unwrap_or_default()
}
