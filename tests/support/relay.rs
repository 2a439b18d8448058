//! A relay in front of a node's transport port, so that the link between two clusters can
//! break while both go on answering HTTP.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
};

use super::port::free_port;

/// What the relay does with the connections that go through it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mode {
    Open,
    /// Connections are closed, and new ones refused.
    Cut,
    /// Connections stay open, and no byte passes.
    Frozen,
    /// The test is over.
    Ended,
}

struct State {
    mode: Mode,
    /// False while the node behind it is dead, which refuses connections as well.
    target_lives: bool,
    /// Whether the port is held.
    listening: bool,
    streams: Vec<TcpStream>,
}

impl State {
    fn refuses(&self) -> bool {
        self.mode == Mode::Cut || !self.target_lives
    }
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    address: SocketAddr,
    target: SocketAddr,
}

/// One relay; it ends when it is dropped.
pub struct Relay {
    shared: Arc<Shared>,
}

impl Relay {
    /// Relays what arrives at a free port of loopback to `target`.
    pub fn before(target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", free_port()))?;
        let address = listener.local_addr()?;
        let state =
            State { mode: Mode::Open, target_lives: true, listening: true, streams: Vec::new() };
        let shared = Shared { state: Mutex::new(state), changed: Condvar::new(), address, target };
        let shared = Arc::new(shared);
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            let mut listener = Some(listener);
            while let Some(open) = listener.take() {
                accept(&accepting, open);
                listener = accepting.listen_again();
            }
        });
        Ok(Self { shared })
    }

    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    pub fn cut(&self) {
        self.shared.change(|state| state.mode = Mode::Cut);
    }

    pub fn freeze(&self) {
        self.shared.change(|state| state.mode = Mode::Frozen);
    }

    pub fn mend(&self) {
        self.shared.change(|state| state.mode = Mode::Open);
    }

    /// Whether the node behind it lives: a dead one refuses connections, and so must this.
    pub fn target_lives(&self, lives: bool) {
        self.shared.change(|state| state.target_lives = lives);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.change(|state| state.mode = Mode::Ended);
    }
}

impl Shared {
    fn change(&self, how: impl FnOnce(&mut State)) {
        let mut state = self.state.lock().unwrap();
        how(&mut state);
        self.changed.notify_all();
        if state.refuses() || state.mode == Mode::Ended {
            for stream in state.streams.drain(..) {
                drop(stream.shutdown(Shutdown::Both));
            }
            drop(state);
            // Wakes the accepting thread, which then sees how things stand.
            drop(TcpStream::connect(self.address));
        } else {
            // Whoever mended a link may rely on it.
            drop(self.changed.wait_while(state, |state| !state.listening).unwrap());
        }
    }

    /// Whether the accepting thread has to let go of the port.
    fn must_let_go(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        state.listening = !state.refuses() && state.mode != Mode::Ended;
        !state.listening
    }

    /// Waits until connections are welcome again; `None` once the test is over.
    fn listen_again(&self) -> Option<TcpListener> {
        let state = self.state.lock().unwrap();
        let refusing = |state: &mut State| state.refuses() && state.mode != Mode::Ended;
        let mut state = self.changed.wait_while(state, refusing).unwrap();
        if state.mode == Mode::Ended {
            return None;
        }
        let listener = TcpListener::bind(self.address).expect("nobody took the port");
        state.listening = true;
        self.changed.notify_all();
        Some(listener)
    }

    /// Remembers the pair of streams for a later cut; false when the link is cut already.
    fn admit(&self, streams: [TcpStream; 2]) -> bool {
        let mut state = self.state.lock().unwrap();
        let open = !state.refuses() && state.mode != Mode::Ended;
        if open {
            state.streams.extend(streams);
        }
        open
    }

    /// Waits while the link is frozen; false once it is cut.
    fn may_pass(&self) -> bool {
        let state = self.state.lock().unwrap();
        let state = self.changed.wait_while(state, |state| state.mode == Mode::Frozen).unwrap();
        state.mode == Mode::Open
    }
}

fn accept(shared: &Arc<Shared>, listener: TcpListener) {
    for incoming in listener.incoming() {
        if shared.must_let_go() {
            return;
        }
        if let Ok(stream) = incoming {
            // A target that refuses closes the caller's connection.
            drop(connect(shared, stream));
        }
    }
}

fn connect(shared: &Arc<Shared>, near: TcpStream) -> io::Result<()> {
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
