//! What a process sends in response to a message.

use serde::Serialize;
use serde_json::Value;

use crate::message::{Message, Tag, find};

/// Collects what a process sends. It becomes the result of the message.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Outbox {
    messages: Vec<Sent>,
    spawns: Vec<Outgoing>,
    assignments: Vec<Assignment>,
    output: Output,
    /// The number of messages and spawns that the process has sent in its life. It makes each anchor different.
    #[serde(skip)]
    sent: u64,
}

#[derive(Debug, Default, Serialize)]
struct Output {
    data: String,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Sent {
    Message(Outgoing),
    Published(Patch),
}

/// A message or a spawn in the outbox. Its methods add to it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Outgoing {
    /// The receiver. A spawn has none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub target: String,
    /// 32 characters, which no other message of the process has.
    pub anchor: String,
    /// The tags of the protocol come first.
    pub tags: Vec<Tag>,
    /// The data. Data that is not text cannot be sent.
    pub data: String,
}

impl Outgoing {
    /// Adds a tag.
    pub fn tag(&mut self, name: impl Into<String>, value: impl Into<String>) -> &mut Self {
        self.tags.push(Tag::new(name, value));
        self
    }

    /// The value of the first tag with this name.
    pub fn value_of(&self, name: &str) -> Option<&str> {
        find(&self.tags, name)
    }

    /// Sets the data.
    pub fn data(&mut self, data: impl Into<String>) -> &mut Self {
        self.data = data.into();
        self
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Assignment {
    processes: Vec<String>,
    message: String,
}

/// Values that HyperBEAM nodes return under `/now`. A patch has no target: no process receives it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Patch {
    tags: [Field; 2],
}

#[derive(Debug, Serialize)]
struct Field {
    name: String,
    value: Value,
}

impl Outbox {
    /// An outbox of a process that has sent this many messages and spawns before.
    pub(crate) fn after(sent: u64) -> Self {
        Self {
            sent,
            ..Self::default()
        }
    }

    pub(crate) fn sent(&self) -> u64 {
        self.sent
    }

    /// Sends a message to a process or a wallet. `action` is its tag `Action`.
    pub fn send(&mut self, target: impl Into<String>, action: impl Into<String>) -> &mut Outgoing {
        let mut message = self.outgoing("Message");
        message.target = target.into();
        message.tag("Action", action);
        self.messages.push(Sent::Message(message));
        match self.messages.last_mut() {
            Some(Sent::Message(message)) => message,
            _ => unreachable!("a message was pushed"),
        }
    }

    /// Sends a message to the sender of `message`.
    pub fn reply(&mut self, message: &Message, action: impl Into<String>) -> &mut Outgoing {
        self.send(&message.from, action)
    }

    /// Spawns a process of a module. The new process's owner is this process.
    pub fn spawn(&mut self, module: impl Into<String>) -> &mut Outgoing {
        let mut spawn = self.outgoing("Process");
        spawn.tag("Module", module);
        self.spawns.push(spawn);
        let last = self.spawns.len() - 1;
        &mut self.spawns[last]
    }

    /// Assigns a message, by its id, to processes: they receive it although it was not sent to them.
    pub fn assign(&mut self, message: impl Into<String>, processes: impl IntoIterator<Item = impl Into<String>>) {
        self.assignments.push(Assignment {
            processes: processes.into_iter().map(Into::into).collect(),
            message: message.into(),
        });
    }

    /// Publishes a part of the state: HyperBEAM nodes return it at `/<process>~process@1.0/now/<name>`, without an
    /// evaluation.
    ///
    /// # Errors
    ///
    /// The value cannot be written as JSON.
    pub fn publish(&mut self, name: impl Into<String>, value: &impl Serialize) -> Result<(), String> {
        let name = name.into();
        let value = serde_json::to_value(value).map_err(|error| format!("\"{name}\" cannot be published: {error}"))?;
        let device = Field {
            name: "device".into(),
            value: "patch@1.0".into(),
        };
        let value = match value {
            // Nodes write longer numbers, but cannot read them.
            Value::Number(number) if number.as_u64().is_some_and(|number| number > 999_999_999_999_999) => {
                number.to_string().into()
            }
            other => other,
        };
        self.messages.push(Sent::Published(Patch {
            tags: [device, Field { name, value }],
        }));
        Ok(())
    }

    /// Sets `Output.data` of the result, which clients show.
    pub fn output(&mut self, data: impl Into<String>) {
        self.output.data = data.into();
    }

    /// The messages that are sent, for tests of a process.
    pub fn messages(&self) -> impl Iterator<Item = &Outgoing> {
        self.messages.iter().filter_map(|sent| match sent {
            Sent::Message(message) => Some(message),
            Sent::Published(_) => None,
        })
    }

    /// The outbox as a unit receives it, for tests.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn outgoing(&mut self, kind: &str) -> Outgoing {
        self.sent += 1;
        Outgoing {
            target: String::new(),
            // 32 characters, and different for each.
            anchor: format!("{:032}", self.sent),
            tags: vec![
                Tag::new("Data-Protocol", "ao"),
                Tag::new("Variant", "ao.TN.1"),
                Tag::new("Type", kind),
                Tag::new("Reference", self.sent.to_string()),
            ],
            data: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_part_has_the_fields_that_units_read() {
        let mut outbox = Outbox::after(1);
        outbox.send("target", "Greet").tag("X-Name", "a").data("hello");
        outbox.spawn("module").data("return 1");
        outbox.assign("message", ["one", "two"]);
        outbox.publish("count", &3).unwrap();
        outbox.output("done");
        let tag = |name: &str, value: &str| json!({ "name": name, "value": value });
        let common = |kind, number| {
            let fixed = [
                ("Data-Protocol", "ao"),
                ("Variant", "ao.TN.1"),
                ("Type", kind),
                ("Reference", number),
            ];
            fixed.map(|(name, value)| tag(name, value)).to_vec()
        };
        let message_tags = [common("Message", "2"), vec![tag("Action", "Greet"), tag("X-Name", "a")]].concat();
        let spawn_tags = [common("Process", "3"), vec![tag("Module", "module")]].concat();
        assert_eq!(
            outbox.to_json(),
            json!({
                "Messages": [
                    { "Target": "target", "Anchor": format!("{:032}", 2), "Tags": message_tags, "Data": "hello" },
                    { "Tags": [tag("device", "patch@1.0"), { "name": "count", "value": 3 }] }
                ],
                "Spawns": [{ "Anchor": format!("{:032}", 3), "Tags": spawn_tags, "Data": "return 1" }],
                "Assignments": [{ "Processes": ["one", "two"], "Message": "message" }],
                "Output": { "data": "done" }
            })
        );
    }

    #[test]
    fn numbers_that_nodes_cannot_read_are_published_as_text() {
        for (count, expected) in [
            (999_999_999_999_999_u64, json!(999_999_999_999_999_u64)),
            (1_000_000_000_000_000, json!("1000000000000000")),
        ] {
            let mut outbox = Outbox::default();
            outbox.publish("count", &count).unwrap();
            assert_eq!(outbox.to_json()["Messages"][0]["Tags"][1]["value"], expected);
        }
    }
}
