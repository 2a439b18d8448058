//! The simulated clusters on loopback HTTP.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};

use super::{cluster::Life, pair::Pair, request::Outcome, site::Site};
use esdr_es::transport::Method;

/// How often replication moves on while a cluster is served.
const TICK: Duration = Duration::from_millis(10);

/// A cluster that answers on loopback HTTP until this is dropped.
pub struct Served {
    /// Where it listens.
    pub addr: SocketAddr,
    tasks: [JoinHandle<()>; 2],
}

impl Drop for Served {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

impl Pair {
    /// Serves one cluster on `127.0.0.1`; port 0 takes a free one. A killed cluster closes
    /// each connection at once, a frozen one accepts and never answers.
    ///
    /// # Errors
    /// When the port cannot be bound.
    pub async fn serve(self: &Arc<Self>, site: Site, port: u16) -> io::Result<Served> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        let addr = listener.local_addr()?;
        let listening = tokio::spawn(Arc::clone(self).listen(site, listener));
        let pair = Arc::clone(self);
        let ticking = tokio::spawn(async move {
            loop {
                tokio::time::sleep(TICK).await;
                pair.tick();
            }
        });
        Ok(Served { addr, tasks: [listening, ticking] })
    }

    async fn listen(self: Arc<Self>, site: Site, listener: TcpListener) {
        // Connections end with the listener: a JoinSet aborts what it holds when dropped.
        let mut connections = JoinSet::new();
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                continue;
            };
            while connections.try_join_next().is_some() {}
            if self.world().at(site).life == Life::Killed {
                continue;
            }
            connections.spawn(Arc::clone(&self).speak(site, stream));
        }
    }

    async fn speak(self: Arc<Self>, site: Site, stream: TcpStream) {
        let service = service_fn(|request| Arc::clone(&self).respond(site, request));
        // A client that goes away, or a request to be left without an answer, ends the
        // connection; neither is worth a word.
        let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
    }

    async fn respond(
        self: Arc<Self>,
        site: Site,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Closed> {
        let method = match request.method().as_str() {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            "POST" => Method::Post,
            "PUT" => Method::Put,
            "DELETE" => Method::Delete,
            _ => return Err(Closed),
        };
        let target =
            request.uri().path_and_query().map_or("/", |target| target.as_str()).to_owned();
        let body = request.into_body().collect().await.map_err(|_| Closed)?.to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        match self.exchange(site, method, &target, Some(body)).await {
            Outcome::Refused | Outcome::Broken => Err(Closed),
            Outcome::Answer { status, body, is_json, product } => {
                let mut response = Response::new(Full::new(Bytes::from(body)));
                *response.status_mut() = hyper::StatusCode::from_u16(status).map_err(|_| Closed)?;
                let kind = if is_json { "application/json; charset=UTF-8" } else { "text/html" };
                response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
                if let Some(product) = product {
                    let value = HeaderValue::from_static(product);
                    response.headers_mut().insert("x-elastic-product", value);
                }
                Ok(response)
            }
        }
    }
}

/// Makes hyper close the connection without an answer.
#[derive(Debug, thiserror::Error)]
#[error("closed without an answer")]
struct Closed;
