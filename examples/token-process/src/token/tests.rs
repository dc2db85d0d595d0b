use super::*;

fn process() -> ProcessInfo {
    let tags = [
        ("Name", "Coin"),
        ("Ticker", "CN"),
        ("Denomination", "2"),
        ("Supply", "1000"),
    ];
    ProcessInfo {
        owner: "alice".into(),
        tags: tags.map(|(name, value)| Tag::new(name, value)).into(),
        ..ProcessInfo::default()
    }
}

fn say(token: &mut Token, from: &str, tags: &[(&str, &str)]) -> Result<Outbox, String> {
    let message = Message {
        id: "message".into(),
        from: from.into(),
        tags: tags.iter().map(|(name, value)| Tag::new(*name, *value)).collect(),
        ..Message::default()
    };
    let mut outbox = Outbox::default();
    token.handle(&message, &process(), &mut outbox)?;
    Ok(outbox)
}

fn output_of(outbox: &Outbox) -> String {
    outbox.to_json()["Output"]["data"].as_str().unwrap().into()
}

/// The only message of an outbox.
fn answer(outbox: &Outbox) -> &Outgoing {
    let messages: Vec<_> = outbox.messages().collect();
    assert_eq!(messages.len(), 1);
    messages[0]
}

fn started() -> Token {
    let mut token = Token::default();
    say(&mut token, "alice", &[("Type", "Process")]).unwrap();
    token
}

fn transfer(token: &mut Token, from: &str, recipient: &str, quantity: &str) -> Result<Outbox, String> {
    let tags = [
        ("Action", "Transfer"),
        ("Recipient", recipient),
        ("Quantity", quantity),
        ("X-Note", "rent"),
    ];
    say(token, from, &tags)
}

fn balance_of(token: &mut Token, account: &str) -> String {
    let tags = [("Action", "Balance"), ("Recipient", account)];
    let outbox = say(token, "anyone", &tags).unwrap();
    assert_eq!(answer(&outbox).value_of("Account"), Some(account));
    output_of(&outbox)
}

#[test]
fn the_owner_has_the_supply() {
    let mut token = started();
    assert_eq!(balance_of(&mut token, "alice"), "1000");
    assert_eq!(balance_of(&mut token, "bob"), "0");
    // Without a recipient, it is the balance of the sender.
    let own = say(&mut token, "alice", &[("Action", "Balance")]).unwrap();
    assert_eq!(answer(&own).value_of("Balance"), Some("1000"));
    let info = say(&mut token, "bob", &[("Action", "Info")]).unwrap();
    for (name, value) in [("Name", "Coin"), ("Ticker", "CN"), ("Denomination", "2")] {
        assert_eq!(answer(&info).value_of(name), Some(value));
    }
}

#[test]
fn a_transfer_moves_the_quantity_and_notifies_both() {
    let mut token = started();
    let outbox = transfer(&mut token, "alice", "bob", "250").unwrap();
    let [debit, credit] = outbox.messages().collect::<Vec<_>>()[..] else {
        panic!("not two notices");
    };
    assert_eq!([debit.target.as_str(), credit.target.as_str()], ["alice", "bob"]);
    assert_eq!(debit.value_of("Action"), Some("Debit-Notice"));
    assert_eq!(debit.value_of("Recipient"), Some("bob"));
    assert_eq!(credit.value_of("Action"), Some("Credit-Notice"));
    assert_eq!(credit.value_of("Sender"), Some("alice"));
    for notice in [debit, credit] {
        assert_eq!(notice.value_of("Quantity"), Some("250"));
        assert_eq!(notice.value_of("X-Note"), Some("rent"));
        assert_eq!(notice.anchor.len(), 32);
    }
    assert_ne!(debit.anchor, credit.anchor);
    let balances = say(&mut token, "bob", &[("Action", "Balances")]).unwrap();
    assert_eq!(output_of(&balances), r#"{"alice":"750","bob":"250"}"#);
}

#[test]
fn a_transfer_to_oneself_changes_nothing() {
    let mut token = started();
    transfer(&mut token, "alice", "alice", "250").unwrap();
    assert_eq!(balance_of(&mut token, "alice"), "1000");
}

#[test]
fn a_transfer_of_more_than_the_balance_is_answered_with_an_error_message() {
    let mut token = started();
    let outbox = transfer(&mut token, "alice", "bob", "1001").unwrap();
    let answer = answer(&outbox);
    assert_eq!(answer.target, "alice");
    assert_eq!(answer.value_of("Action"), Some("Transfer-Error"));
    assert_eq!(answer.value_of("Error"), Some("Insufficient Balance!"));
    assert_eq!(answer.value_of("Message-Id"), Some("message"));
    assert_eq!(balance_of(&mut token, "alice"), "1000");
}

#[test]
fn wrong_messages_are_errors() {
    let mut token = started();
    let longer = "340282366920938463463374607431768211456";
    for quantity in ["0", "-1", "+1", "1.5", "many", "", longer] {
        assert!(transfer(&mut token, "alice", "bob", quantity).is_err(), "{quantity}");
    }
    assert!(say(&mut token, "alice", &[("Action", "Transfer"), ("Quantity", "1")]).is_err());
    assert!(say(&mut token, "alice", &[("Action", "Mint")]).is_err());
    assert!(say(&mut token, "alice", &[]).is_err());
    assert_eq!(balance_of(&mut token, "alice"), "1000");
}
