//! What the tests stand on: databases of their own, and things to put into them.

pub(crate) mod sample;

mod database;
mod raw;

pub(crate) use database::{Database, server};
pub(crate) use raw::Raw;

use persistence::PageRequest;

/// Everything: no page is that long.
pub(crate) fn all<K>() -> PageRequest<K> {
    first(10_000)
}

/// The first page.
pub(crate) fn first<K>(limit: usize) -> PageRequest<K> {
    PageRequest { after: None, limit, updated_since: None }
}

/// Asserts that two values are alike in every field, also where `==` is lenient (e-mail addresses fold case).
#[track_caller]
pub(crate) fn assert_same<T: std::fmt::Debug>(got: &T, expected: &T) {
    assert_eq!(format!("{got:#?}"), format!("{expected:#?}"));
}

/// Runs `work` in `threads` threads at once and gives back what each returned.
pub(crate) fn together<T: Send>(threads: usize, work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let barrier = std::sync::Barrier::new(threads);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads)
            .map(|index| {
                let (barrier, work) = (&barrier, &work);
                scope.spawn(move || {
                    barrier.wait();
                    work(index)
                })
            })
            .collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}
