//! The accept loop: connections bounded in number, request heads bounded in time, and an orderly end.

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tower_service::Service;

use crate::app::{App, Timeouts};
use crate::error::ServeError;
use crate::guard::Peer;
use crate::inlets::Inlets;
use crate::patience::Patient;
use crate::router::{inlet_router, router};
use crate::state::State;

/// Answers requests on `listener` until `shutdown` is ready; then takes no more, lets those under way end for a while, and
/// cuts off the rest. Fails where nobody would have to sign in though the address can be reached by others.
pub async fn serve(listener: TcpListener, app: Arc<App>, shutdown: impl Future<Output = ()>) -> Result<(), ServeError> {
    App::check_listen(listener.local_addr()?, &app.state)?;
    let upkeep = tokio::spawn(upkeep(app.clone()));
    answer(listener, router(app.clone()), &app, shutdown).await;
    upkeep.abort();
    Ok(())
}

/// The same for sources that logs are sent to, which have a listener of their own. Others may reach it: what is there needs a
/// token in any case.
pub async fn serve_inlets(listener: TcpListener, app: Arc<App>, inlets: Inlets, shutdown: impl Future<Output = ()>) {
    answer(listener, inlet_router(app.clone(), inlets), &app, shutdown).await;
}

async fn answer(listener: TcpListener, service: Router, app: &App, shutdown: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(app.config.connections.max(1)));
    let (stop, stopping) = watch::channel(false);
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = accept(&listener, &places) => accepted,
            Some(_) = connections.join_next() => continue,
        };
        let Some((stream, peer, place)) = accepted else { continue };
        let connection = connection(stream, peer, service.clone(), &app.config.timeouts, stopping.clone());
        connections.spawn(async move {
            connection.await;
            drop(place);
        });
    }
    drop(listener);
    app.stopping.send_replace(true);
    // Nobody may be left to hear it.
    let _ = stop.send(true);
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(app.config.timeouts.drain, drained).await.is_err() {
        tracing::warn!("requests under way were cut off");
    }
}

/// Keeps the state database from growing for ever on a server that is never restarted.
async fn upkeep(app: Arc<App>) {
    let mut days = tokio::time::interval(Duration::from_secs(86_400));
    loop {
        days.tick().await;
        if let Err(error) = app.state.call(State::forget_old).await {
            tracing::warn!(%error, "old entries of the state database can't be dropped");
        }
    }
}

type Accepted = (TcpStream, Peer, tokio::sync::OwnedSemaphorePermit);

/// The next connection, once there is a place for it. Errors of accept (too many open files) pass; it tries again a little later.
async fn accept(listener: &TcpListener, places: &Arc<Semaphore>) -> Option<Accepted> {
    let place = places.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, peer)) => Some((stream, Peer(peer), place)),
        Err(error) => {
            tracing::warn!(%error, "accept failed");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}

fn connection(
    stream: TcpStream,
    peer: Peer,
    service: Router,
    timeouts: &Timeouts,
    mut stopping: watch::Receiver<bool>,
) -> impl Future<Output = ()> + use<> {
    // Without it small answers wait for the client's acknowledgement.
    let _ = stream.set_nodelay(true);
    let stream = TokioIo::new(Patient::new(stream, timeouts.write));
    let answer = hyper::service::service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        let mut service = service.clone();
        async move { Ok::<_, Infallible>(service.call(request).await.unwrap_or_else(|never| match never {})) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(timeouts.head);
    let connection = http.serve_connection(stream, answer);
    async move {
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = async { drop(stopping.wait_for(|stop| *stop).await) } => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, peer = %peer.0, "connection ended");
        }
    }
}
