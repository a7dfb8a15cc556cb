//! Which requests are let in: a limited number per address, and none that would wait in vain. This layer is inside that
//! of CORS, so that a page can read why its request was refused, and the preflight requests of browsers are not
//! counted.

use super::{Frame, around::set};
use crate::{
    address,
    problem::{Code, Problem},
    request,
    state::App,
};
use actix_web::{
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};
use futures_util::FutureExt;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
    middleware::StateInformationMiddleware,
};
use std::{
    num::NonZeroU32,
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

/// How many requests each address can send in a minute.
pub(super) struct Limiter {
    rate: NonZeroU32,
    addresses: DefaultKeyedRateLimiter<String, StateInformationMiddleware>,
    seen: AtomicU32,
}

/// What is left for an address.
struct Allowance {
    is_over: bool,
    left: u32,
    /// After how many seconds the address can send more.
    seconds: u64,
}

impl Limiter {
    pub(super) fn new(rate: NonZeroU32) -> Self {
        let addresses = RateLimiter::keyed(Quota::per_minute(rate)).with_middleware::<StateInformationMiddleware>();
        Self { rate, addresses, seen: AtomicU32::new(0) }
    }

    fn check(&self, address: &String) -> Allowance {
        // Addresses without recent requests are removed, so that many of them do not fill the memory.
        if self.seen.fetch_add(1, Ordering::Relaxed) % 10_000 == 9_999 {
            self.addresses.retain_recent();
        }
        match self.addresses.check_key(address) {
            Ok(state) => {
                let seconds = 60_u64.div_ceil(self.rate.get().into());
                Allowance { is_over: false, left: state.remaining_burst_capacity(), seconds }
            }
            Err(wait) => {
                let wait = wait.wait_time_from(DefaultClock::default().now());
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                Allowance { is_over: true, left: 0, seconds: seconds.max(1) }
            }
        }
    }
}

/// Lets a request in, or says how long the address must wait. A handler that panics is a failure like any other.
pub(super) async fn admit(
    frame: Arc<Frame>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let limiter = frame.limiter.as_ref().filter(|_| request::is_limited(request.request()));
    let allowance = limiter.map(|limiter| {
        let address = address::of(request.request(), frame.app.settings.trust_forwarded);
        (limiter.rate, limiter.check(&address))
    });
    let mut response = if let Some((_, Allowance { is_over: true, seconds, .. })) = allowance {
        let seconds = i64::try_from(seconds).unwrap_or(60);
        request.error_response(Problem::new(Code::TooManyRequests).retry_after(seconds))
    } else {
        let called = AssertUnwindSafe(next.call(request)).catch_unwind().await;
        called.unwrap_or_else(|_| Err(Problem::internal("a handler panicked").into()))?.map_into_boxed_body()
    };
    if let Some((rate, Allowance { left, seconds, .. })) = allowance {
        set(response.headers_mut(), "ratelimit", &format!("\"address\";r={left};t={seconds}"));
        set(response.headers_mut(), "ratelimit-policy", &format!("\"address\";q={rate};w=60"));
    }
    Ok(response)
}

/// When the queue for the database is full, a request is refused at once: any further work on it would delay those that
/// are served.
pub(super) async fn turn_away(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let is_full = request.app_data::<web::Data<App>>().is_some_and(|app| app.database.is_full());
    if is_full && request::needs_database(request.request()) {
        return Ok(request.error_response(Problem::new(Code::Overloaded).retry_after(2)));
    }
    Ok(next.call(request).await?.map_into_boxed_body())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_told_with_when_there_is_more() {
        let limiter = Limiter::new(NonZeroU32::new(2).unwrap());
        let ask = |address: &str| {
            let Allowance { is_over, left, seconds } = limiter.check(&address.to_owned());
            (is_over, left, seconds)
        };
        assert_eq!((ask("one"), ask("one")), ((false, 1, 30), (false, 0, 30)));
        let (is_over, left, seconds) = ask("one");
        assert!(is_over && left == 0 && (29..=30).contains(&seconds), "{seconds}");
        assert_eq!(ask("other"), (false, 1, 30));
    }
}
