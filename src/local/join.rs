//! Two things at a time.

use std::future::{self, Future};
use std::pin::pin;
use std::task::Poll;

/// Runs two futures to their ends. The first is started before the second, so that what the first asked of the platform goes on
/// while the second keeps the thread busy.
pub(crate) async fn both<A, B>(first: impl Future<Output = A>, second: impl Future<Output = B>) -> (A, B) {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut left, mut right) = (None, None);
    future::poll_fn(|context| {
        if left.is_none()
            && let Poll::Ready(value) = first.as_mut().poll(context)
        {
            left = Some(value);
        }
        if right.is_none()
            && let Poll::Ready(value) = second.as_mut().poll(context)
        {
            right = Some(value);
        }
        match (left.take(), right.take()) {
            (Some(one), Some(other)) => Poll::Ready((one, other)),
            (one, other) => {
                (left, right) = (one, other);
                Poll::Pending
            }
        }
    })
    .await
}

#[cfg(all(test, not(target_family = "wasm")))]
mod tests {
    use std::cell::RefCell;

    use super::*;

    #[test]
    fn the_first_is_started_before_the_second_and_both_end() {
        let log = RefCell::new(Vec::new());
        let later = |name: &'static str| {
            let mut asked = false;
            let log = &log;
            future::poll_fn(move |context| {
                log.borrow_mut().push(name);
                if asked {
                    return Poll::Ready(name);
                }
                asked = true;
                context.waker().wake_by_ref();
                Poll::Pending
            })
        };
        let at_once = async {
            log.borrow_mut().push("b");
            "b"
        };
        assert_eq!(pollster::block_on(both(later("a"), at_once)), ("a", "b"));
        assert_eq!(*log.borrow(), ["a", "b", "a"]);
    }
}
