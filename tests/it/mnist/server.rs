//! A web server for one test, which answers as the test says: rightly, wrongly, or not to the end.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub path: String,
}

/// What is answered.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// As in `200 OK`.
    pub status: String,
    /// The length that is promised, if any.
    pub length: Option<usize>,
    pub body: Vec<u8>,
    /// Sends no more, but keeps the line open.
    pub stalls: bool,
}

impl Answer {
    pub fn status(status: &str) -> Answer {
        Answer {
            status: status.to_owned(),
            length: Some(0),
            ..Answer::default()
        }
    }

    /// The file.
    pub fn all(file: &[u8]) -> Answer {
        Answer {
            status: "200 OK".to_owned(),
            length: Some(file.len()),
            body: file.to_vec(),
            ..Answer::default()
        }
    }

    /// Only the first bytes of the content; the promised length stays.
    pub fn cut(mut self, bytes: usize) -> Answer {
        self.body.truncate(bytes);
        self
    }

    pub fn stalled(mut self) -> Answer {
        self.stalls = true;
        self
    }
}

/// Serves until the test's process ends.
pub struct Server {
    address: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// `answer` gets the requests with their numbers, from 0.
    pub fn new(answer: impl Fn(usize, &Request) -> Answer + Send + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        thread::spawn(move || {
            // Lines that stall stay open here.
            let mut open = Vec::new();
            for stream in listener.incoming().flatten() {
                let Some(request) = read_request(&stream) else {
                    continue;
                };
                let number = {
                    let mut seen = seen.lock().expect("no test panics here");
                    seen.push(request.clone());
                    seen.len() - 1
                };
                let answer = answer(number, &request);
                // A client that has hung up is part of some tests.
                let _ = send(&stream, &answer);
                if answer.stalls {
                    open.push(stream);
                }
            }
        });
        Server {
            address: format!("http://{address}/mnist/"),
            requests,
        }
    }

    pub fn address(&self) -> String {
        self.address.clone()
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests
            .lock()
            .expect("the server does not panic")
            .clone()
    }
}

fn read_request(stream: &TcpStream) -> Option<Request> {
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .ok()?;
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    // The headers, up to the empty line.
    lines.map_while(Result::ok).find(String::is_empty);
    Some(Request {
        path: first.split(' ').nth(1)?.to_owned(),
    })
}

fn send(mut stream: &TcpStream, answer: &Answer) -> std::io::Result<()> {
    let mut head = format!("HTTP/1.1 {}\r\nConnection: close\r\n", answer.status);
    if let Some(length) = answer.length {
        head += &format!("Content-Length: {length}\r\n");
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    stream.write_all(&answer.body)?;
    stream.flush()
}
