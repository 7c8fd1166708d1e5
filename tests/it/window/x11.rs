//! As much of the X11 protocol as it takes to look at a window and to close it as a window manager does, which xdotool
//! cannot.

use std::collections::BTreeSet;
use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;

/// A connection to a display of this machine, without authentication.
pub(super) struct X11(UnixStream);

/// What a window shows: rows of pixels of four bytes, blue first.
pub(super) struct Picture {
    width: usize,
    bytes: Vec<u8>,
}

/// The fields of a request, in the machine's order, padded to whole words.
fn request(fields: &[&[u8]]) -> Vec<u8> {
    let mut bytes = fields.concat();
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

impl X11 {
    pub(super) fn connect(display: &str) -> io::Result<X11> {
        let mut stream = UnixStream::connect(format!("/tmp/.X11-unix/X{display}"))?;
        // Byte order, version 11.0, no authentication.
        let order = if cfg!(target_endian = "little") {
            b'l'
        } else {
            b'B'
        };
        stream.write_all(&request(&[&[order, 0], &11_u16.to_ne_bytes(), &[0; 8]]))?;
        let mut head = [0; 8];
        stream.read_exact(&mut head)?;
        let words = u16::from_ne_bytes([head[6], head[7]]);
        stream.read_exact(&mut vec![0; 4 * usize::from(words)])?;
        match head[0] {
            1 => Ok(X11(stream)),
            _ => Err(io::Error::other("the display refuses the connection")),
        }
    }

    /// Sends an opcode with its small argument and the rest, and waits for the reply.
    fn ask(&mut self, opcode: u8, argument: u8, rest: &[&[u8]]) -> io::Result<Vec<u8>> {
        self.send(opcode, argument, rest)?;
        let mut reply = vec![0; 32];
        self.0.read_exact(&mut reply)?;
        // Events come unasked, such as when xdotool's keyboard takes the place of another.
        while reply[0] > 1 {
            self.0.read_exact(&mut reply)?;
        }
        if reply[0] == 0 {
            return Err(io::Error::other(format!("X11 error {}", reply[1])));
        }
        let words = u32::from_ne_bytes([reply[4], reply[5], reply[6], reply[7]]);
        reply.resize(32 + 4 * words as usize, 0);
        self.0.read_exact(&mut reply[32..])?;
        Ok(reply)
    }

    fn send(&mut self, opcode: u8, argument: u8, rest: &[&[u8]]) -> io::Result<()> {
        let rest = request(rest);
        let words = (1 + rest.len() / 4) as u16;
        self.0.write_all(&request(&[
            &[opcode, argument],
            &words.to_ne_bytes(),
            &rest,
        ]))
    }

    /// `InternAtom`: the number of a name.
    fn atom(&mut self, name: &str) -> io::Result<[u8; 4]> {
        let length = (name.len() as u16).to_ne_bytes();
        let reply = self.ask(16, 0, &[&length, &[0; 2], name.as_bytes()])?;
        Ok([reply[8], reply[9], reply[10], reply[11]])
    }

    /// `SendEvent`: asks a window's program to close it, as the button of its frame does.
    pub(super) fn close(&mut self, window: u32) -> io::Result<()> {
        let (protocols, delete) = (self.atom("WM_PROTOCOLS")?, self.atom("WM_DELETE_WINDOW")?);
        let window = window.to_ne_bytes();
        // A ClientMessage of 32-bit values.
        let event = [&[33, 32, 0, 0], &window[..], &protocols, &delete, &[0; 16]].concat();
        self.send(25, 0, &[&window, &[0; 4], &event])
    }

    /// `GetImage` from the window's upper left corner; an error where it is smaller.
    pub(super) fn picture(&mut self, window: u32, width: u16, height: u16) -> io::Result<Picture> {
        let size = [width.to_ne_bytes(), height.to_ne_bytes()].concat();
        // All planes, pixel by pixel.
        let mut reply = self.ask(73, 2, &[&window.to_ne_bytes(), &[0; 4], &size, &[0xff; 4]])?;
        Ok(Picture {
            width: usize::from(width),
            bytes: reply.split_off(32),
        })
    }
}

impl Picture {
    pub(super) fn at(&self, x: u16, y: u16) -> [u8; 3] {
        let i = 4 * (usize::from(y) * self.width + usize::from(x));
        [self.bytes[i + 2], self.bytes[i + 1], self.bytes[i]]
    }

    /// Whether there are colours in it that no empty window has.
    pub(super) fn varied(&self) -> bool {
        let pixels = self.bytes.chunks_exact(4);
        let colors: BTreeSet<&[u8]> = pixels.map(|pixel| &pixel[..3]).collect();
        colors.len() > 100
    }
}
