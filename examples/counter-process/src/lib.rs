//! An AO process: a counter that any sender can increment.

use aoxide_process::{Message, Outbox, Outgoing, Process, ProcessInfo};

/// The state of the process.
#[derive(Default)]
struct Counter {
    count: u64,
}

impl Process for Counter {
    fn handle(&mut self, message: &Message, process: &ProcessInfo, outbox: &mut Outbox) -> Result<(), String> {
        if message.is_process() {
            outbox.output(format!("counting from {}", self.count));
            return outbox.publish("count", &self.count);
        }
        match message.action() {
            Some("Increment") => {
                self.count = self.incremented(message)?;
                self.reply(message, outbox, "Incremented", self.count.to_string());
                // HyperBEAM nodes return it at `/<process>~process@1.0/now/count`.
                outbox.publish("count", &self.count)
            }
            Some("Get" | "Read") => {
                self.reply(message, outbox, "Count", self.count.to_string());
                Ok(())
            }
            Some("Info") => {
                let name = process.tag("Name").unwrap_or("Counter");
                let text = format!("{name} of {} is at {}", process.owner, self.count);
                let reply = self.reply(message, outbox, "Info", text);
                reply.tag("Name", name).tag("Owner", &process.owner);
                Ok(())
            }
            Some(action) => Err(format!(
                "There is no action \"{action}\". Use Increment, Get, Read or Info"
            )),
            None => Err("The message has no tag \"Action\". Add one".into()),
        }
    }
}

impl Counter {
    fn incremented(&self, message: &Message) -> Result<u64, String> {
        let amount = match message.tag("Amount") {
            None => 1,
            Some(text) => match text.parse() {
                Ok(amount) if amount > 0 => amount,
                _ => return Err(format!("\"{text}\" is not an amount. Use a whole number, 1 or more")),
            },
        };
        self.count
            .checked_add(amount)
            .ok_or_else(|| format!("The counter cannot count beyond {}", u64::MAX))
    }

    /// A message to the sender. Its text is also the output.
    fn reply<'a>(&self, message: &Message, outbox: &'a mut Outbox, action: &str, text: String) -> &'a mut Outgoing {
        outbox.output(&text);
        let reply = outbox.reply(message, action);
        reply.tag("Count", self.count.to_string()).data(text)
    }
}

aoxide_process::export!(Counter);

#[cfg(test)]
mod tests;
