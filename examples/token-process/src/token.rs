//! The process: plain Rust without WebAssembly.

use std::collections::BTreeMap;

use crate::ao::{Environment, Message, Outgoing, Output, Response, Tag, tag};

/// The state of the process. Quantities are whole numbers of the token's smallest unit.
#[derive(Default)]
pub struct Token {
    balances: BTreeMap<String, u128>,
    /// The number of messages that were sent.
    sent: u64,
}

impl Token {
    /// Evaluates a message. After an error, the compute unit restores the state from before the message.
    pub fn handle(&mut self, message: &Message, environment: &Environment) -> Result<Response, String> {
        let process = &environment.process;
        // The first message is the process itself.
        if tag(&message.tags, "Type") == Some("Process") {
            let supply = quantity(tag(&process.tags, "Supply").unwrap_or("0"))?;
            self.balances.insert(process.owner.clone(), supply);
            return Ok(output(format!("{} has {supply}", process.owner)));
        }
        match tag(&message.tags, "Action") {
            Some("Info") => {
                let tags = ["Name", "Ticker", "Denomination"]
                    .into_iter()
                    .map(|name| Tag::new(name, tag(&process.tags, name).unwrap_or(default_of(name))));
                Ok(self.reply(message, tags.collect(), String::new()))
            }
            Some("Balance") => Ok(self.balance(message, process_ticker(environment))),
            Some("Balances") => {
                let balances = self.balances.iter().map(|(account, held)| (account, held.to_string()));
                let json = serde_json::to_string(&balances.collect::<BTreeMap<_, _>>());
                Ok(self.reply(message, vec![], json.map_err(|error| error.to_string())?))
            }
            Some("Transfer") => self.transfer(message),
            Some(action) => Err(format!(
                "There is no action \"{action}\". Use Info, Balance, Balances or Transfer"
            )),
            None => Err("The message has no tag \"Action\". Add one".into()),
        }
    }

    fn balance(&mut self, message: &Message, ticker: &str) -> Response {
        let account = ["Recipient", "Target"]
            .into_iter()
            .find_map(|name| tag(&message.tags, name))
            .unwrap_or(&message.from);
        let held = self.held_by(account).to_string();
        let tags = vec![
            Tag::new("Balance", &held),
            Tag::new("Ticker", ticker),
            Tag::new("Account", account),
        ];
        self.reply(message, tags, held)
    }

    fn transfer(&mut self, message: &Message) -> Result<Response, String> {
        let wanted = |name| tag(&message.tags, name).ok_or(format!("A transfer needs the tag \"{name}\""));
        let recipient = wanted("Recipient")?;
        let amount = quantity(wanted("Quantity")?)?;
        if amount == 0 {
            return Err("The tag \"Quantity\" must be 1 or more".into());
        }
        // A standard token answers with a message here, not with an error of the evaluation.
        let Some(left) = self.held_by(&message.from).checked_sub(amount) else {
            let problem = "Insufficient Balance!";
            let tags = vec![Tag::new("Message-Id", &message.id), Tag::new("Error", problem)];
            let answer = self.send(&message.from, "Transfer-Error", tags, problem.into());
            return Ok(response(vec![answer]));
        };
        self.balances.insert(message.from.clone(), left);
        let credited = self
            .held_by(recipient)
            .checked_add(amount)
            .ok_or("The recipient's balance would be too large")?;
        self.balances.insert(recipient.into(), credited);

        let notice = |party: &str, account: &str| {
            let tags = [Tag::new(party, account), Tag::new("Quantity", amount.to_string())];
            // Tags that begin with X- belong to the application. They travel with the notices.
            let forwarded = message.tags.iter().filter(|tag| tag.name.starts_with("X-"));
            tags.into_iter().chain(forwarded.cloned()).collect()
        };
        let (debit, credit) = (notice("Recipient", recipient), notice("Sender", &message.from));
        Ok(response(vec![
            self.send(
                &message.from,
                "Debit-Notice",
                debit,
                format!("{amount} sent to {recipient}"),
            ),
            self.send(
                recipient,
                "Credit-Notice",
                credit,
                format!("{amount} received from {}", message.from),
            ),
        ]))
    }

    fn held_by(&self, account: &str) -> u128 {
        self.balances.get(account).copied().unwrap_or(0)
    }

    /// A result with a message to the sender.
    fn reply(&mut self, message: &Message, tags: Vec<Tag>, data: String) -> Response {
        let action = tag(&message.tags, "Action").unwrap_or_default();
        response(vec![self.send(&message.from, action, tags, data)])
    }

    fn send(&mut self, target: &str, action: &str, more: Vec<Tag>, data: String) -> Outgoing {
        self.sent += 1;
        let mut tags = vec![
            Tag::new("Data-Protocol", "ao"),
            Tag::new("Variant", "ao.TN.1"),
            Tag::new("Type", "Message"),
            Tag::new("Reference", self.sent.to_string()),
            Tag::new("Action", action),
        ];
        tags.extend(more);
        Outgoing {
            target: target.into(),
            anchor: format!("{:032}", self.sent),
            tags,
            data,
        }
    }
}

fn process_ticker(environment: &Environment) -> &str {
    tag(&environment.process.tags, "Ticker").unwrap_or(default_of("Ticker"))
}

/// What a token without this tag says about itself.
fn default_of(name: &str) -> &'static str {
    match name {
        "Denomination" => "0",
        "Ticker" => "TOKEN",
        _ => "Token",
    }
}

fn quantity(text: &str) -> Result<u128, String> {
    // `parse` would take a plus sign.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = text.parse().ok().filter(|_| digits);
    parsed.ok_or_else(|| format!("\"{text}\" is not a quantity. Use a whole number of the smallest unit"))
}

/// A result whose output is the data of its first message.
fn response(messages: Vec<Outgoing>) -> Response {
    let data = messages.first().map(|message| message.data.clone());
    Response {
        messages,
        ..output(data.unwrap_or_default())
    }
}

fn output(data: String) -> Response {
    Response {
        output: Output { data },
        ..Response::default()
    }
}

#[cfg(test)]
mod tests;
