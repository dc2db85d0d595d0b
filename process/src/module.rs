//! The functions that a compute unit calls: `handle(message, environment)` takes the addresses of two JSON texts, each with
//! a zero byte at its end, and returns the address of a third.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Message, Outbox, Process, ProcessInfo};

/// The state of a module. The compute unit keeps the whole memory between messages, and so this value.
#[derive(Default)]
pub struct Module<P> {
    process: P,
    /// The number of messages and spawns that were sent.
    sent: u64,
    /// Memory that was allocated for the compute unit, by address.
    allocated: BTreeMap<*mut u8, Vec<u8>>,
    /// The addresses of those among them that the unit placed on the stack, the oldest first.
    placed: Vec<*mut u8>,
    /// The compute unit reads it after `handle` has returned, so it stays until the next call.
    answer: Vec<u8>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Environment {
    process: ProcessInfo,
}

impl<P: Process> Module<P> {
    /// Allocates `size` bytes, and returns their address.
    pub fn allocate(&mut self, size: usize) -> *mut u8 {
        let mut bytes = vec![0; size.max(1)];
        let address = bytes.as_mut_ptr();
        self.allocated.insert(address, bytes);
        address
    }

    /// Frees memory that was allocated at this address.
    pub fn free(&mut self, address: *mut u8) {
        self.allocated.remove(&address);
    }

    /// The number of texts on the stack, which a unit takes for its pointer.
    pub fn placed(&self) -> usize {
        self.placed.len()
    }

    /// Allocates memory on the stack: until [`Self::keep`].
    pub fn place(&mut self, size: usize) -> *mut u8 {
        let address = self.allocate(size);
        self.placed.push(address);
        address
    }

    /// Frees what is on the stack but for the first `count`.
    pub fn keep(&mut self, count: usize) {
        while self.placed.len() > count {
            if let Some(address) = self.placed.pop() {
                self.free(address);
            }
        }
    }

    /// Evaluates the message at an address. Returns the address of the result.
    pub fn handle(&mut self, message: *mut u8, environment: *mut u8) -> *const u8 {
        let texts = (self.text(message), self.text(environment));
        self.answer = self.answer(&texts.0, &texts.1);
        self.answer.push(0);
        self.answer.as_ptr()
    }

    /// What was written at an address. The bytes are this module's own, so no address is trusted.
    fn text(&self, address: *mut u8) -> Vec<u8> {
        let bytes = self.allocated.get(&address).map(Vec::as_slice).unwrap_or_default();
        bytes.split(|byte| *byte == 0).next().unwrap_or_default().to_vec()
    }

    fn answer(&mut self, message: &[u8], environment: &[u8]) -> Vec<u8> {
        let response = self.evaluate(message, environment);
        // `ok: false` would mean that the module itself failed.
        let answer = match &response {
            Ok(outbox) => serde_json::to_vec(&Answer {
                ok: true,
                response: outbox,
            }),
            Err(error) => serde_json::to_vec(&Answer {
                ok: true,
                response: &Rejected { error },
            }),
        };
        answer.unwrap_or_default()
    }

    fn evaluate(&mut self, message: &[u8], environment: &[u8]) -> Result<Outbox, String> {
        let message: Message = read(message)?;
        let environment: Environment = read(environment)?;
        let mut outbox = Outbox::after(self.sent);
        self.process.handle(&message, &environment.process, &mut outbox)?;
        self.sent = outbox.sent();
        Ok(outbox)
    }
}

fn read<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(text).map_err(|error| format!("The message cannot be read: {error}"))
}

#[derive(Serialize)]
struct Answer<'a, T> {
    ok: bool,
    response: &'a T,
}

#[derive(Serialize)]
struct Rejected<'a> {
    #[serde(rename = "Error")]
    error: &'a str,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[derive(Default)]
    struct Echo;

    impl Process for Echo {
        fn handle(&mut self, message: &Message, process: &ProcessInfo, outbox: &mut Outbox) -> Result<(), String> {
            let text = message.data.clone().ok_or("no data")?;
            outbox.reply(message, "Echo").data(text);
            outbox.output(&process.id);
            Ok(())
        }
    }

    fn ask(module: &mut Module<Echo>, message: &str) -> Value {
        let environment = r#"{"Process":{"Id":"p","Owner":"o","Tags":[]},"Module":{"Id":"m"}}"#;
        serde_json::from_slice(&module.answer(message.as_bytes(), environment.as_bytes())).unwrap()
    }

    #[test]
    fn a_message_is_answered_and_anchors_differ() {
        let mut module = Module::default();
        let anchors = [1, 2].map(|_| {
            let answer = ask(&mut module, r#"{"From":"f","Data":"hi"}"#);
            assert_eq!(answer["ok"], true);
            assert_eq!(answer["response"]["Output"]["data"], "p");
            assert_eq!(answer["response"]["Messages"][0]["Target"], "f");
            answer["response"]["Messages"][0]["Anchor"].clone()
        });
        assert_ne!(anchors[0], anchors[1]);
    }

    #[test]
    fn an_error_of_the_process_and_text_that_is_no_json_are_the_result() {
        let mut module = Module::default();
        assert_eq!(
            ask(&mut module, "{}"),
            json!({ "ok": true, "response": { "Error": "no data" } })
        );
        let error = ask(&mut module, "no").to_string();
        assert!(error.contains("The message cannot be read"), "{error}");
    }

    #[test]
    fn an_address_that_was_not_allocated_is_no_text() {
        let mut module = Module::<Echo>::default();
        assert!(module.text(std::ptr::null_mut()).is_empty());
        let address = module.allocate(4);
        module.free(address);
        assert!(module.text(address).is_empty());
    }
}
