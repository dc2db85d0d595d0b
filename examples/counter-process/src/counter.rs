//! The process: plain Rust without WebAssembly.

use crate::ao::{Environment, Message, Outgoing, Output, Patch, Response, Sent, Tag, tag};

/// The state of the process.
#[derive(Default)]
pub struct Counter {
    count: u64,
    /// The number of messages that were sent.
    sent: u64,
}

impl Counter {
    /// Evaluates a message. After an error, the compute unit restores the state from before the message.
    pub fn handle(&mut self, message: &Message, environment: &Environment) -> Result<Response, String> {
        // The first message is the process itself.
        if tag(&message.tags, "Type") == Some("Process") {
            let mut response = output(format!("counting from {}", self.count));
            response.messages.push(self.published());
            return Ok(response);
        }
        match tag(&message.tags, "Action") {
            Some("Increment") => {
                self.count = self.incremented(message)?;
                let mut response = self.reply(message, "Incremented", self.count.to_string(), Vec::new());
                response.messages.push(self.published());
                Ok(response)
            }
            Some("Get" | "Read") => Ok(self.reply(message, "Count", self.count.to_string(), Vec::new())),
            Some("Info") => {
                let name = tag(&environment.process.tags, "Name").unwrap_or("Counter");
                let text = format!("{name} of {} is at {}", environment.process.owner, self.count);
                let tags = vec![new_tag("Name", name), new_tag("Owner", &environment.process.owner)];
                Ok(self.reply(message, "Info", text, tags))
            }
            Some(action) => Err(format!(
                "There is no action \"{action}\". Use Increment, Get, Read or Info"
            )),
            None => Err("The message has no tag \"Action\". Add one".into()),
        }
    }

    fn incremented(&self, message: &Message) -> Result<u64, String> {
        let amount = match tag(&message.tags, "Amount") {
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

    /// Publishes the count. HyperBEAM nodes return it at `/<process>~process@1.0/now/count`.
    fn published(&self) -> Sent {
        let count = match self.count {
            // Nodes write longer numbers, but cannot read them.
            0..=999_999_999_999_999 => self.count.into(),
            longer => longer.to_string().into(),
        };
        Sent::Published(Patch::new("count", count))
    }

    /// A result with a message to the sender, and with the same text as its output.
    fn reply(&mut self, message: &Message, action: &str, text: String, more: Vec<Tag>) -> Response {
        self.sent += 1;
        let mut tags = vec![
            new_tag("Data-Protocol", "ao"),
            new_tag("Variant", "ao.TN.1"),
            new_tag("Type", "Message"),
            new_tag("Reference", &self.sent.to_string()),
            new_tag("Action", action),
            new_tag("Count", &self.count.to_string()),
        ];
        tags.extend(more);
        Response {
            messages: vec![Sent::Message(Outgoing {
                target: message.from.clone(),
                anchor: format!("{:032}", self.sent),
                tags,
                data: text.clone(),
            })],
            ..output(text)
        }
    }
}

fn output(data: String) -> Response {
    Response {
        output: Output { data },
        ..Response::default()
    }
}

fn new_tag(name: &str, value: &str) -> Tag {
    Tag {
        name: name.into(),
        value: value.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn say(counter: &mut Counter, tags: &[(&str, &str)]) -> Result<Response, String> {
        let message = Message {
            from: "sender".into(),
            tags: tags.iter().map(|(name, value)| new_tag(name, value)).collect(),
        };
        counter.handle(&message, &Environment::default())
    }

    #[test]
    fn counts_and_answers_the_sender() {
        let mut counter = Counter::default();
        say(&mut counter, &[("Action", "Increment")]).unwrap();
        let response = say(&mut counter, &[("Action", "Increment"), ("Amount", "41")]).unwrap();
        assert_eq!(response.output.data, "42");
        let [Sent::Message(reply), published] = &response.messages[..] else {
            panic!("not a reply and a patch");
        };
        assert_eq!(reply.target, "sender");
        assert_eq!(tag(&reply.tags, "Count"), Some("42"));
        assert_eq!(reply.anchor.len(), 32);
        assert_eq!(
            serde_json::to_value(published).unwrap(),
            serde_json::json!({ "Tags": [{ "name": "device", "value": "patch@1.0" }, { "name": "count", "value": 42 }] })
        );
    }

    #[test]
    fn counts_that_nodes_cannot_read_are_published_as_text() {
        for (count, expected) in [
            (999_999_999_999_999, serde_json::json!(999_999_999_999_999_u64)),
            (1_000_000_000_000_000, serde_json::json!("1000000000000000")),
        ] {
            let counter = Counter { count, sent: 0 };
            let published = serde_json::to_value(counter.published()).unwrap();
            assert_eq!(published["Tags"][1]["value"], expected);
        }
    }

    #[test]
    fn rejected_messages_change_nothing() {
        let mut counter = Counter::default();
        for amount in ["0", "-1", "1.5", "many", "", "18446744073709551616"] {
            assert!(say(&mut counter, &[("Action", "Increment"), ("Amount", amount)]).is_err());
        }
        assert!(say(&mut counter, &[("Action", "Decrement")]).is_err());
        assert!(say(&mut counter, &[]).is_err());
        say(
            &mut counter,
            &[("Action", "Increment"), ("Amount", &u64::MAX.to_string())],
        )
        .unwrap();
        assert!(say(&mut counter, &[("Action", "Increment")]).is_err());
        assert_eq!(counter.count, u64::MAX);
    }
}
