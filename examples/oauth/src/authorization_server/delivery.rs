//! Learns when a response was delivered, as far as a server can.

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
