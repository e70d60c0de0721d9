//! Reports when a response was handed to its connection. Whether the client received it is unknown.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use axum::body::{Body, Bytes};
use http_body::{Body as HttpBody, Frame, SizeHint};

/// A body that calls a function when its last part was taken, to be written to the connection. If the
/// connection breaks or the process ends before, the function is not called.
pub(super) struct Delivered<F: FnOnce()> {
    body: Body,
    then: Option<F>,
}

impl<F: FnOnce()> Delivered<F> {
    pub(super) fn new(body: Body, then: F) -> Self {
        Self {
            body,
            then: Some(then),
        }
    }
}

impl<F: FnOnce() + Unpin> HttpBody for Delivered<F> {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        // The server may not ask again after the last part.
        let is_last = match &frame {
            None => true,
            Some(Ok(_)) => self.body.is_end_stream(),
            Some(Err(_)) => false,
        };
        if is_last && let Some(then) = self.then.take() {
            then();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::convert::Infallible;
    use std::task::Waker;

    use super::*;

    /// A body of parts whose end is seen only by asking for more.
    struct Parts(Vec<&'static str>);

    impl HttpBody for Parts {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            let part = self.0.pop().map(Bytes::from);
            Poll::Ready(part.map(|part| Ok(Frame::data(part))))
        }
    }

    /// Takes this many parts of the body, and returns whether it was delivered.
    fn is_delivered(body: Body, parts: usize) -> bool {
        let calls = Cell::new(0);
        let mut body = Delivered::new(body, || calls.set(calls.get() + 1));
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..parts {
            let _ = Pin::new(&mut body).poll_frame(&mut context);
        }
        drop(body);
        assert!(calls.get() <= 1, "called once");
        calls.get() == 1
    }

    #[test]
    fn a_body_is_delivered_when_its_last_part_is_taken() {
        let whole = || Body::from("tokens");
        assert!(!is_delivered(whole(), 0));
        assert!(is_delivered(whole(), 1), "hyper does not ask again");
        assert!(is_delivered(whole(), 3));
        let parts = || Body::new(Parts(vec!["to", "kens"]));
        assert!(!is_delivered(parts(), 1));
        assert!(!is_delivered(parts(), 2));
        assert!(is_delivered(parts(), 3));
        assert!(is_delivered(Body::empty(), 1));
    }

    #[test]
    fn the_length_stays_known() {
        let body = Delivered::new(Body::from("tokens"), || {});
        assert_eq!(body.size_hint().exact(), Some(6));
    }
}
