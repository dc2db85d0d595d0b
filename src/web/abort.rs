//! Futures that end with an `AbortSignal`.

use std::cell::Cell;
use std::future::{self, Future};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use super::{get, method};

pub fn is_aborted(signal: &JsValue) -> bool {
    get(signal, "aborted").is_truthy()
}

/// What a future gives, or `None` when the signal is aborted first. The future is dropped then, and its timers with it.
pub async fn until_aborted<T>(signal: Option<&JsValue>, future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    let listener = signal.map(Listener::new);
    future::poll_fn(|context| {
        if let Poll::Ready(value) = future.as_mut().poll(context) {
            return Poll::Ready(Some(value));
        }
        match &listener {
            Some(listener) if listener.is_aborted(context) => Poll::Ready(None),
            _ => Poll::Pending,
        }
    })
    .await
}

/// A listener of a signal. It is removed when it is dropped, because signals can live much longer than a call.
struct Listener<'a> {
    signal: &'a JsValue,
    function: Closure<dyn FnMut()>,
    waker: Rc<Cell<Option<Waker>>>,
}

impl<'a> Listener<'a> {
    fn new(signal: &'a JsValue) -> Self {
        let waker = Rc::new(Cell::new(None::<Waker>));
        let woken = waker.clone();
        let listener = Self {
            signal,
            function: Closure::new(move || {
                if let Some(waker) = woken.take() {
                    waker.wake();
                }
            }),
            waker,
        };
        listener.change("addEventListener");
        listener
    }

    fn is_aborted(&self, context: &Context<'_>) -> bool {
        self.waker.set(Some(context.waker().clone()));
        is_aborted(self.signal)
    }

    fn change(&self, name: &str) {
        let function = self.function.as_ref().unchecked_ref();
        // Without such a method there is nothing to be told.
        let _ = method(self.signal, name).map(|change| change.call2(self.signal, &"abort".into(), function));
    }
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        self.change("removeEventListener");
    }
}
