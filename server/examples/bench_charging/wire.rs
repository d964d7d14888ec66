//! The switch's end of the wire: HTTP/1.1 over connections that stay open, as cheap as it can be made, for
//! the load shares the machine with the server it measures.

use std::fmt;
use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// How long a switch waits for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What became of a request.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Outcome {
    Status(u16),
    /// The schedule wanted a call when all of them waited for an answer.
    NotSent,
    NoAnswerInTime,
    Broken(ErrorKind),
}

impl Outcome {
    pub(crate) fn is_success(self) -> bool {
        matches!(self, Self::Status(200..=299))
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status) => write!(to, "{status}"),
            Self::NotSent => to.write_str("not sent"),
            Self::NoAnswerInTime => to.write_str("no answer in time"),
            Self::Broken(kind) => write!(to, "{kind}"),
        }
    }
}

#[derive(Clone)]
pub(crate) struct Line {
    address: SocketAddr,
    key: Arc<str>,
    idle: Arc<Mutex<Vec<TcpStream>>>,
}

impl Line {
    pub(crate) fn new(address: SocketAddr, key: &str) -> Self {
        Self {
            address,
            key: key.into(),
            idle: Arc::default(),
        }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Outcome {
        match timeout(PATIENCE, self.exchange(path, &body.to_string())).await {
            Ok(Ok(status)) => Outcome::Status(status),
            Ok(Err(error)) => Outcome::Broken(error.kind()),
            Err(_) => Outcome::NoAnswerInTime,
        }
    }

    async fn exchange(&self, path: &str, body: &str) -> Result<u16, Error> {
        let request = format!(
            "POST /switch/v1{path} HTTP/1.1\r\nhost: switch\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.key,
            body.len()
        );
        let idle = self.idle.lock().unwrap().pop();
        let mut stream = match idle {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                stream
            }
        };
        stream.write_all(request.as_bytes()).await?;
        let status = read_answer(&mut stream).await?;
        self.idle.lock().unwrap().push(stream);
        Ok(status)
    }
}

/// Reads one whole answer, so that the next may use the connection.
async fn read_answer(stream: &mut TcpStream) -> Result<u16, Error> {
    let mut answer = Vec::with_capacity(2048);
    loop {
        if stream.read_buf(&mut answer).await? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let Some(head) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
            continue;
        };
        let lines = std::str::from_utf8(&answer[..head]).map_err(Error::other)?;
        let length = lines
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let length: usize = length.and_then(|text| text.parse().ok()).unwrap_or(0);
        if answer.len() < head + 4 + length {
            continue;
        }
        let status = lines.split(' ').nth(1).and_then(|text| text.parse().ok());
        return status.ok_or_else(|| ErrorKind::InvalidData.into());
    }
}
