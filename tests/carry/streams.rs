//! Streams.

use super::stage::{Farewell, assert_of, assert_of_none, request, runtime};
use tokio_stream::{Stream, StreamExt as _};
use tracing::info;
use tracing_stamp::carry::Carry as _;

/// A stream that logs each of its items, and logs when it is dropped.
fn logging(
    items: [&'static str; 2],
    farewell: &'static str,
) -> impl Stream<Item = &'static str> + Send + Unpin {
    let farewell = Farewell(farewell);
    tokio_stream::iter(items).map(move |item| {
        let _is_held = &farewell;
        info!("{item}");
        item
    })
}

#[test]
fn a_stream_polled_from_several_tasks_has_the_ids_it_was_carried_with() {
    let runtime = runtime();
    let mut carried = request("stream").in_scope(|| {
        logging(
            ["stream, the first item", "stream, the second item"],
            "stream, dropped",
        )
        .carry()
    });
    let mut left = request("stream, not carried").in_scope(|| {
        logging(
            ["stream, one left behind", "stream, another left behind"],
            "stream, dropped and left behind",
        )
    });
    assert_eq!(carried.size_hint(), (2, Some(2)));
    runtime.block_on(async {
        for _ in 0..2 {
            // Each item is polled in a separate task.
            let task = tokio::spawn(async move {
                let item = carried.next().await;
                info!("stream, in the task of {}", item.expect("two items"));
                left.next().await.expect("two items");
                (carried, left)
            });
            (carried, left) = task.await.expect("no panic");
        }
        assert_eq!(carried.next().await, None);
        let dropping = tokio::spawn(async move { drop((carried, left)) });
        dropping.await.expect("no panic");
    });
    assert_of("stream", "stream, the first item");
    assert_of("stream", "stream, the second item");
    assert_of("stream", "stream, dropped");
    assert_of_none("stream, in the task of stream, the first item");
    assert_of_none("stream, one left behind");
    assert_of_none("stream, another left behind");
    assert_of_none("stream, dropped and left behind");
}
