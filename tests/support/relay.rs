//! A relay in front of a node's transport port, so that the link between two clusters can
//! break while both go on answering HTTP.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
};

/// What the relay does with the connections that go through it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mode {
    Open,
    /// Connections are closed, and new ones as soon as they are opened.
    Cut,
    /// Connections stay open, and no byte passes.
    Frozen,
    /// The test is over.
    Ended,
}

struct State {
    mode: Mode,
    streams: Vec<TcpStream>,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    target: SocketAddr,
}

/// One relay; it ends when it is dropped.
pub struct Relay {
    shared: Arc<Shared>,
    address: SocketAddr,
}

impl Relay {
    /// Relays what arrives at a free port of loopback to `target`.
    pub fn before(target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let state = Mutex::new(State {
            mode: Mode::Open,
            streams: Vec::new(),
        });
        let shared = Arc::new(Shared {
            state,
            changed: Condvar::new(),
            target,
        });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for incoming in listener.incoming() {
                if accepting.mode() == Mode::Ended {
                    return;
                }
                if let Ok(stream) = incoming {
                    // A target that refuses closes the caller's connection, as it would itself.
                    drop(connect(&accepting, stream));
                }
            }
        });
        Ok(Self { shared, address })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn cut(&self) {
        self.shared.enter(Mode::Cut);
    }

    pub fn freeze(&self) {
        self.shared.enter(Mode::Frozen);
    }

    pub fn mend(&self) {
        self.shared.enter(Mode::Open);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.enter(Mode::Ended);
        // Wakes the accepting thread, which then sees that it is over.
        drop(TcpStream::connect(self.address));
    }
}

impl Shared {
    fn mode(&self) -> Mode {
        self.state.lock().unwrap().mode
    }

    fn enter(&self, mode: Mode) {
        let mut state = self.state.lock().unwrap();
        state.mode = mode;
        if matches!(mode, Mode::Cut | Mode::Ended) {
            for stream in state.streams.drain(..) {
                drop(stream.shutdown(Shutdown::Both));
            }
        }
        self.changed.notify_all();
    }

    /// Remembers the pair of streams for a later cut; false when the link is cut already.
    fn admit(&self, streams: [TcpStream; 2]) -> bool {
        let mut state = self.state.lock().unwrap();
        let open = matches!(state.mode, Mode::Open | Mode::Frozen);
        if open {
            state.streams.extend(streams);
        }
        open
    }

    /// Waits while the link is frozen; false once it is cut.
    fn may_pass(&self) -> bool {
        let state = self.state.lock().unwrap();
        let state = self
            .changed
            .wait_while(state, |state| state.mode == Mode::Frozen)
            .unwrap();
        state.mode == Mode::Open
    }
}

fn connect(shared: &Arc<Shared>, near: TcpStream) -> io::Result<()> {
    if shared.mode() == Mode::Cut {
        return Ok(());
    }
    let far = TcpStream::connect(shared.target)?;
    for stream in [&near, &far] {
        stream.set_nodelay(true)?;
    }
    if shared.admit([near.try_clone()?, far.try_clone()?]) {
        pump(Arc::clone(shared), near.try_clone()?, far.try_clone()?);
        pump(Arc::clone(shared), far, near);
    }
    Ok(())
}

fn pump(shared: Arc<Shared>, mut from: TcpStream, mut to: TcpStream) {
    thread::spawn(move || {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(count) = from.read(&mut buffer)
            && count > 0
            && shared.may_pass()
            && to.write_all(&buffer[..count]).is_ok()
        {}
        drop(from.shutdown(Shutdown::Both));
        drop(to.shutdown(Shutdown::Both));
    });
}
