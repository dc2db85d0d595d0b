//! Futures that an `AbortSignal` ends.

use std::cell::Cell;
use std::future::{self, Future};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::AbortSignal;

/// The output of a future, or `None` when the signal is aborted first. The future is dropped then, and its timers with it.
pub async fn until_aborted<T>(signal: Option<&AbortSignal>, future: impl Future<Output = T>) -> Option<T> {
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
    signal: &'a AbortSignal,
    function: Closure<dyn FnMut()>,
    waker: Rc<Cell<Option<Waker>>>,
}

impl<'a> Listener<'a> {
    fn new(signal: &'a AbortSignal) -> Self {
        let waker = Rc::new(Cell::new(None::<Waker>));
        let woken = waker.clone();
        let function = Closure::new(move || {
            if let Some(waker) = woken.take() {
                waker.wake();
            }
        });
        // A stand-in for a signal may lack the method: its state is then read only when the future is polled.
        let _ = signal.add_event_listener_with_callback("abort", function.as_ref().unchecked_ref());
        Self {
            signal,
            function,
            waker,
        }
    }

    fn is_aborted(&self, context: &Context<'_>) -> bool {
        self.waker.set(Some(context.waker().clone()));
        self.signal.aborted()
    }
}

impl Drop for Listener<'_> {
    fn drop(&mut self) {
        let function = self.function.as_ref().unchecked_ref();
        let _ = self.signal.remove_event_listener_with_callback("abort", function);
    }
}
