//! Bodies of requests that were not read to their end.
//!
//! When a request is answered before its body has arrived, the HTTP library decides what becomes of the connection. If
//! whoever could read the body is gone, it goes on reading a chunked body for as long as the client likes, so a client that
//! never ends its body would hold the connection for ever. If the body could still be read, the library ends the
//! connection: it sends the answer, waits a few seconds so that the answer is not lost, and closes. So the answer keeps
//! hold of the body until it has been sent. A body that has arrived by then changes nothing: the connection stays open.

use actix_web::{
    HttpMessage,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest},
    error::PayloadError,
    web::Bytes,
};
use futures_util::Stream;
use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

/// The body of a request, of which there is a second handle.
#[derive(Clone)]
pub(super) struct Unread(Rc<RefCell<Body>>);

struct Body {
    payload: Payload,
    is_read: bool,
}

impl Unread {
    /// Takes hold of a request's body, and leaves the request with a handle by which it is read. None when it has none.
    pub(super) fn of(request: &mut ServiceRequest) -> Option<Self> {
        let payload = request.take_payload();
        if matches!(payload, Payload::None) {
            return None;
        }
        let unread = Self(Rc::new(RefCell::new(Body { payload, is_read: false })));
        request.set_payload(Payload::Stream { payload: Box::pin(unread.clone()) });
        Some(unread)
    }

    /// Lets the HTTP library take in what has arrived of a body that nobody read. Only what is then missing ends the
    /// connection.
    pub(super) async fn arrive(&self) {
        let is_read = self.0.borrow().is_read;
        if !is_read {
            tokio::task::yield_now().await;
        }
    }
}

impl Stream for Unread {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let mut body = self.0.borrow_mut();
        let next = Pin::new(&mut body.payload).poll_next(context);
        body.is_read |= matches!(next, Poll::Ready(None));
        next
    }
}

/// The body of an answer, with the body of its request.
pub(super) struct Answer {
    body: BoxBody,
    _unread: Option<Unread>,
}

impl Answer {
    pub(super) fn new(body: BoxBody, unread: Option<Unread>) -> Self {
        Self { body, _unread: unread }
    }
}

impl MessageBody for Answer {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
