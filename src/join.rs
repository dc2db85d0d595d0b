//! Runs two futures at the same time.

use std::convert::Infallible;
use std::future::{self, Future};
use std::pin::pin;
use std::task::Poll;

/// Runs two futures to completion. `first` is polled before `second`, so that an operation of the platform that `first` has
/// started continues while `second` keeps the thread busy.
pub(crate) async fn join<A, B>(first: impl Future<Output = A>, second: impl Future<Output = B>) -> (A, B) {
    let never_failing = async { Ok::<_, Infallible>(second.await) };
    let Ok(both) = join_unless_failed(first, never_failing).await;
    both
}

/// As [`join`], but ends at once where `second` fails: `first` is dropped then.
pub(crate) async fn join_unless_failed<A, B, E>(
    first: impl Future<Output = A>,
    second: impl Future<Output = Result<B, E>>,
) -> Result<(A, B), E> {
    let (mut first, mut second) = (pin!(first), pin!(second));
    let (mut left, mut right) = (None, None);
    future::poll_fn(|context| {
        if left.is_none()
            && let Poll::Ready(value) = first.as_mut().poll(context)
        {
            left = Some(value);
        }
        if right.is_none()
            && let Poll::Ready(value) = second.as_mut().poll(context)?
        {
            right = Some(value);
        }
        match (left.take(), right.take()) {
            (Some(one), Some(other)) => Poll::Ready(Ok((one, other))),
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
    fn join_unless_failed_does_not_wait_for_the_first_where_the_second_fails() {
        let never = future::pending::<()>();
        assert_eq!(
            pollster::block_on(join_unless_failed(never, async { Err::<(), _>("no") })),
            Err("no")
        );
        let both = join_unless_failed(future::ready(1), async { Ok::<_, ()>(2) });
        assert_eq!(pollster::block_on(both), Ok((1, 2)));
    }

    #[test]
    fn join_polls_the_first_future_first_and_completes_both() {
        let log = RefCell::new(Vec::new());
        let later = |name: &'static str| {
            let mut was_polled = false;
            let log = &log;
            future::poll_fn(move |context| {
                log.borrow_mut().push(name);
                if was_polled {
                    return Poll::Ready(name);
                }
                was_polled = true;
                context.waker().wake_by_ref();
                Poll::Pending
            })
        };
        let at_once = async {
            log.borrow_mut().push("b");
            "b"
        };
        assert_eq!(pollster::block_on(join(later("a"), at_once)), ("a", "b"));
        assert_eq!(*log.borrow(), ["a", "b", "a"]);
    }
}
