//! Hangs up on whoever holds a connection and asks for nothing.
//!
//! The HTTP library measures how long the first request's head takes, and how long a connection stays open after an answer
//! as long as nothing comes. Half of a second head, an answer that nobody reads and HTTP/2 without requests have no time
//! there. Here all of them have: from the end of an answer to the next whole head.

use std::{
    any::Any,
    net::{Shutdown, TcpStream},
    os::fd::{AsFd, BorrowedFd},
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::{dev::Extensions, rt::net};
use api::Activity;

/// How often is looked.
const PAUSE: Duration = Duration::from_secs(1);

/// All connections that are open.
#[derive(Clone, Default)]
pub struct Connections(Arc<Mutex<Vec<Weak<Connection>>>>);

/// An open connection. Its data own it, so that the second handle on the socket goes with the first.
struct Connection {
    activity: Arc<Activity>,
    socket: TcpStream,
}

impl Connections {
    /// Takes up a new connection; what `HttpServer::on_connect` calls.
    pub fn opened(&self, stream: &dyn Any, data: &mut Extensions) {
        let Some(socket) = handle(stream) else { return };
        let activity = Activity::new();
        let connection = Arc::new(Connection { activity: activity.clone(), socket });
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&connection));
        data.insert(activity);
        data.insert(connection);
    }

    /// Hangs up on those that have been quiet for longer than this, until it is dropped.
    pub async fn watch(self, longest: Duration) {
        loop {
            tokio::time::sleep(PAUSE).await;
            let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            all.retain(|one| one.upgrade().is_some_and(|connection| connection.may_stay(longest)));
        }
    }
}

impl Connection {
    fn may_stay(&self, longest: Duration) -> bool {
        if self.activity.quiet_for().is_none_or(|quiet| quiet <= longest) {
            return true;
        }
        // The library sees the end of the stream, and lets go of it. It may have done so already.
        let _ = self.socket.shutdown(Shutdown::Both);
        false
    }
}

/// A second handle on the socket of a stream; none when there are no more to be had.
fn handle(stream: &dyn Any) -> Option<TcpStream> {
    let plain = stream.downcast_ref::<net::TcpStream>();
    let wrapped = || stream.downcast_ref::<TlsStream<net::TcpStream>>().map(|stream| stream.get_ref().0);
    let socket: BorrowedFd<'_> = plain.or_else(wrapped)?.as_fd();
    socket.try_clone_to_owned().ok().map(TcpStream::from)
}
