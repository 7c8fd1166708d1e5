//! One request for a file.

use std::fs::File;
use std::io::{self, Read, Write};
use std::time::Duration;

use ureq::http::{StatusCode, Uri, header};
use ureq::{Agent, Timeout};

use super::FetchPlan;
use crate::landscape::ticks::thousands;

/// Bytes that are asked for at once.
const PIECE: u64 = 1 << 16;

/// What a mirror did instead of sending the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("cannot reach {host}: {reason}")]
    Unreachable { host: String, reason: String },
    #[error("the server answered {0}, expected the file")]
    Status(StatusCode),
    #[error("no data for {} s after {} of {} bytes", after.as_secs_f64(), thousands(*done), thousands(*total))]
    Stalled {
        after: Duration,
        done: u64,
        total: u64,
    },
    #[error("the connection broke off after {} of {} bytes ({reason})", thousands(*done), thousands(*total))]
    BrokenOff {
        done: u64,
        total: u64,
        reason: String,
    },
    #[error("the server has a file of {} bytes, expected {}", thousands(*found), thousands(*expected))]
    Size { found: u64, expected: u64 },
    #[error("wrong checksum: found SHA-256 {found}, expected {expected}")]
    Checksum {
        found: String,
        expected: &'static str,
    },
    #[error("the address is of no use ({0}), expected http:// or https:// and a host")]
    Address(String),
}

/// Why a download ended early.
pub(super) enum FetchStop {
    Cancelled,
    /// The file on this side could not be written.
    Disk(io::Error),
    Refused(Refusal),
}

impl From<io::Error> for FetchStop {
    fn from(error: io::Error) -> FetchStop {
        FetchStop::Disk(error)
    }
}

impl From<Refusal> for FetchStop {
    fn from(refusal: Refusal) -> FetchStop {
        FetchStop::Refused(refusal)
    }
}

/// Asks mirrors. Proxies are those of the environment.
pub(super) struct Client {
    agent: Agent,
    stall_timeout: Duration,
}

impl Client {
    pub(super) fn new(plan: &FetchPlan) -> Client {
        let (connect, stall) = (Some(plan.connect_timeout), Some(plan.stall_timeout));
        let config = Agent::config_builder()
            .user_agent(concat!("steepest/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .timeout_resolve(connect)
            .timeout_connect(connect)
            .timeout_send_request(stall)
            .timeout_recv_response(stall)
            .timeout_per_read(stall)
            .build();
        Client {
            agent: config.new_agent(),
            stall_timeout: plan.stall_timeout,
        }
    }

    /// Writes a file of `total` bytes to `part`. `report` is told how many bytes of it are there.
    pub(super) fn get(
        &self,
        url: &str,
        total: u64,
        part: &mut File,
        report: &mut dyn FnMut(u64) -> Result<(), FetchStop>,
    ) -> Result<(), FetchStop> {
        let mut done = 0;
        report(done)?;
        let request = self
            .agent
            .get(url)
            .header(header::ACCEPT_ENCODING, "identity");
        let refused = |error, done| self.refusal(error, url, done, total);
        let mut response = request.call().map_err(|error| refused(error, done))?;
        if response.status() != StatusCode::OK {
            return Err(Refusal::Status(response.status()).into());
        }
        if let Some(found) = response.body().content_length()
            && found != total
        {
            let expected = total;
            return Err(Refusal::Size { found, expected }.into());
        }
        let mut body = response.body_mut().as_reader();
        let mut piece = vec![0; PIECE as usize];
        while done < total {
            let room = (total - done).min(PIECE) as usize;
            let count = match body.read(&mut piece[..room]) {
                Ok(0) => return Err(broken_off(done, total, "the end came too early").into()),
                Ok(count) => count,
                Err(error) => return Err(refused(ureq::Error::from(error), done).into()),
            };
            part.write_all(&piece[..count])?;
            done += count as u64;
            report(done)?;
        }
        Ok(())
    }

    fn refusal(&self, error: ureq::Error, url: &str, done: u64, total: u64) -> Refusal {
        use ureq::Error;
        let unreachable = |reason: String| Refusal::Unreachable {
            host: host(url),
            reason,
        };
        match error {
            Error::Timeout(Timeout::Resolve | Timeout::Connect) => {
                unreachable("no answer in time".to_owned())
            }
            Error::Timeout(_) => Refusal::Stalled {
                after: self.stall_timeout,
                done,
                total,
            },
            Error::HostNotFound => unreachable("no such host is known".to_owned()),
            Error::BadUri(_) | Error::Http(_) => Refusal::Address(error.to_string()),
            Error::Io(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                broken_off(done, total, "the server hung up")
            }
            Error::Io(error) if done > 0 => broken_off(done, total, &error.to_string()),
            Error::Io(error) => unreachable(error.to_string()),
            error => unreachable(error.to_string()),
        }
    }
}

fn broken_off(done: u64, total: u64, reason: &str) -> Refusal {
    Refusal::BrokenOff {
        done,
        total,
        reason: reason.to_owned(),
    }
}

fn host(url: &str) -> String {
    let uri = url.parse::<Uri>().ok();
    let host = uri.as_ref().and_then(Uri::host);
    host.unwrap_or(url).to_owned()
}
