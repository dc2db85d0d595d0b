//! How a compute unit calls this module: `handle(message, environment)` takes the addresses of two texts in JSON, each with
//! a zero byte at its end, and gives the address of a third. Nothing here is about the counter.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::Serialize;

use crate::ao::{Environment, Response};
use crate::counter::Counter;

/// All that lasts is memory, and this is in it.
#[derive(Default)]
struct Module {
    process: Counter,
    /// Where the compute unit writes what it hands over, by address.
    lent: BTreeMap<*mut u8, Vec<u8>>,
    /// Read after `handle` has returned, so it stays until the next call.
    answer: Vec<u8>,
}

thread_local! {
    static MODULE: RefCell<Module> = RefCell::default();
}

/// Room for so many bytes.
#[unsafe(no_mangle)]
extern "C" fn malloc(size: usize) -> *mut u8 {
    let mut bytes = vec![0; size.max(1)];
    let address = bytes.as_mut_ptr();
    MODULE.with_borrow_mut(|module| module.lent.insert(address, bytes));
    address
}

#[unsafe(no_mangle)]
extern "C" fn free(address: *mut u8) {
    MODULE.with_borrow_mut(|module| module.lent.remove(&address));
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
        let read = |address| self.lent.get(&address).map(|bytes| until_zero(bytes));
        let message = serde_json::from_slice(read(message).unwrap_or_default());
        let environment = serde_json::from_slice::<Environment>(read(environment).unwrap_or_default());
        let response = match (message, environment) {
            (Ok(message), Ok(environment)) => self.process.handle(&message, &environment),
            (Err(error), _) | (_, Err(error)) => Err(format!("The message cannot be read: {error}")),
        };
        written(response)
    }
}

fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// `{"ok": true, "response": …}`; with `ok` being false, the whole module would be said to have failed.
fn written(response: Result<Response, String>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Answer {
        ok: bool,
        response: Outcome,
    }
    #[derive(Serialize)]
    #[serde(untagged)]
    enum Outcome {
        Done(Response),
        Refused {
            #[serde(rename = "Error")]
            error: String,
        },
    }
    let response = match response {
        Ok(response) => Outcome::Done(response),
        Err(error) => Outcome::Refused { error },
    };
    serde_json::to_vec(&Answer { ok: true, response }).unwrap_or_default()
}
