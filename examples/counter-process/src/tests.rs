use aoxide_process::Tag;

use super::*;

fn say(counter: &mut Counter, tags: &[(&str, &str)]) -> Result<Outbox, String> {
    let message = Message {
        from: "sender".into(),
        tags: tags.iter().map(|(name, value)| Tag::new(*name, *value)).collect(),
        ..Message::default()
    };
    let mut outbox = Outbox::default();
    counter.handle(&message, &ProcessInfo::default(), &mut outbox)?;
    Ok(outbox)
}

#[test]
fn counts_and_answers_the_sender() {
    let mut counter = Counter::default();
    say(&mut counter, &[("Action", "Increment")]).unwrap();
    let outbox = say(&mut counter, &[("Action", "Increment"), ("Amount", "41")]).unwrap();
    let result = outbox.to_json();
    assert_eq!(result["Output"]["data"], "42");
    let [reply, published] = &result["Messages"].as_array().unwrap()[..] else {
        panic!("not a reply and a patch");
    };
    assert_eq!(reply["Target"], "sender");
    let tags = reply["Tags"].as_array().unwrap();
    let count = tags.iter().find(|tag| tag["name"] == "Count").unwrap();
    assert_eq!(count["value"], "42");
    assert_eq!(published["Tags"][1]["value"], 42);
}

#[test]
fn rejected_messages_change_nothing() {
    let mut counter = Counter::default();
    for amount in ["0", "-1", "1.5", "many", "", "18446744073709551616"] {
        assert!(say(&mut counter, &[("Action", "Increment"), ("Amount", amount)]).is_err());
    }
    assert!(say(&mut counter, &[("Action", "Decrement")]).is_err());
    assert!(say(&mut counter, &[]).is_err());
    let most = u64::MAX.to_string();
    say(&mut counter, &[("Action", "Increment"), ("Amount", &most)]).unwrap();
    assert!(say(&mut counter, &[("Action", "Increment")]).is_err());
    assert_eq!(counter.count, u64::MAX);
}
