//! An SMTP receiver (RFC 5321): no authentication, no encryption, loopback only.

use crate::world::Shared;
use std::{io, time::Duration};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

const MAX_MESSAGE: usize = 10 * 1024 * 1024;
/// RFC 5321 asks for 512; clients with long parameters send more.
const MAX_LINE: usize = 4096;
const MAX_RECIPIENTS: usize = 100;
const IDLE: Duration = Duration::from_secs(300);

/// Receives mail until dropped.
pub(crate) async fn receive(world: Shared, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let world = world.clone();
                tokio::spawn(async move {
                    let talk = tokio::time::timeout(IDLE, Talk::new(stream).run(&world)).await;
                    if let Ok(Err(error)) = talk {
                        tracing::debug!(%error, "an SMTP client hung up");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept an SMTP connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// One conversation: who sends, to whom, so far.
struct Talk {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    sender: Option<String>,
    recipients: Vec<String>,
}

impl Talk {
    fn new(stream: TcpStream) -> Self {
        let (reader, writer) = stream.into_split();
        Self {
            reader: BufReader::new(reader),
            writer,
            sender: None,
            recipients: Vec::new(),
        }
    }

    async fn run(mut self, world: &Shared) -> io::Result<()> {
        self.say("220 sandbox ESMTP").await?;
        while let Some(line) = self.line(MAX_LINE).await? {
            let Some(line) = line else {
                self.say("500 5.5.2 Line too long").await?;
                continue;
            };
            let line = String::from_utf8_lossy(&line).into_owned();
            let verb = line
                .split([' ', ':'])
                .next()
                .unwrap_or_default()
                .to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    let size = format!("250-SIZE {MAX_MESSAGE}");
                    self.say(&format!(
                        "250-sandbox\r\n{size}\r\n250-8BITMIME\r\n250 SMTPUTF8"
                    ))
                    .await?;
                }
                "HELO" => self.say("250 sandbox").await?,
                "MAIL" => self.mail(&line).await?,
                "RCPT" => self.recipient(&line).await?,
                "DATA" => self.data(world).await?,
                "RSET" => {
                    self.forget();
                    self.say("250 2.0.0 OK").await?;
                }
                "NOOP" => self.say("250 2.0.0 OK").await?,
                "VRFY" => self.say("252 2.0.0 Try it").await?,
                "QUIT" => return self.say("221 2.0.0 Bye").await,
                _ => self.say("502 5.5.1 Unknown command").await?,
            }
        }
        Ok(())
    }

    async fn mail(&mut self, line: &str) -> io::Result<()> {
        let Some(sender) = address(line, "FROM:") else {
            return self.say("501 5.5.4 MAIL FROM:<address>").await;
        };
        let size = line
            .to_ascii_uppercase()
            .split_once(" SIZE=")
            .map(|(_, size)| size.to_owned());
        let size = size.and_then(|size| size.split(' ').next()?.parse::<usize>().ok());
        if size.is_some_and(|size| size > MAX_MESSAGE) {
            return self.say("552 5.3.4 Message too big").await;
        }
        self.forget();
        self.sender = Some(sender);
        self.say("250 2.1.0 OK").await
    }

    async fn recipient(&mut self, line: &str) -> io::Result<()> {
        let recipient = address(line, "TO:").filter(|address| address.contains('@'));
        match recipient {
            _ if self.sender.is_none() => self.say("503 5.5.1 MAIL first").await,
            _ if self.recipients.len() >= MAX_RECIPIENTS => {
                self.say("452 4.5.3 Too many recipients").await
            }
            Some(recipient) => {
                self.recipients.push(recipient);
                self.say("250 2.1.5 OK").await
            }
            None => self.say("501 5.5.4 RCPT TO:<address>").await,
        }
    }

    async fn data(&mut self, world: &Shared) -> io::Result<()> {
        if self.recipients.is_empty() {
            return self.say("503 5.5.1 RCPT first").await;
        }
        self.say("354 End with a dot on a line by itself").await?;
        let mut message = Vec::new();
        let mut too_big = false;
        loop {
            let Some(line) = self.line(MAX_MESSAGE).await? else {
                return Ok(());
            };
            match line {
                Some(line) if line == b"." => break,
                Some(line) if message.len() + line.len() < MAX_MESSAGE => {
                    // A leading dot was doubled by the sender.
                    message.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
                    message.extend_from_slice(b"\r\n");
                }
                _ => too_big = true,
            }
        }
        if too_big {
            self.forget();
            return self.say("552 5.3.4 Message too big").await;
        }
        {
            let mut state = world.state();
            let now = state.now();
            let sender = self.sender.as_deref().unwrap_or_default();
            state.mailbox.keep(sender, &self.recipients, &message, now);
        }
        self.forget();
        self.say("250 2.0.0 Kept").await
    }

    fn forget(&mut self) {
        self.sender = None;
        self.recipients.clear();
    }

    async fn say(&mut self, line: &str) -> io::Result<()> {
        self.writer
            .write_all(format!("{line}\r\n").as_bytes())
            .await
    }

    /// The next line without its end: `None` at the end of the conversation, `Some(None)` when it
    /// is longer than `limit`; the rest of it is skipped.
    async fn line(&mut self, limit: usize) -> io::Result<Option<Option<Vec<u8>>>> {
        let mut line = Vec::new();
        let wanted = u64::try_from(limit).unwrap_or(u64::MAX);
        let read = (&mut self.reader)
            .take(wanted)
            .read_until(b'\n', &mut line)
            .await?;
        if read == 0 {
            return Ok(None);
        }
        if line.last() != Some(&b'\n') {
            if read < limit {
                return Ok(None);
            }
            self.skip_line().await?;
            return Ok(Some(None));
        }
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(Some(line)))
    }

    async fn skip_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.reader.fill_buf().await?;
            let (length, end) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(at) => (at + 1, true),
                None => (buffer.len(), buffer.is_empty()),
            };
            self.reader.consume(length);
            if end {
                return Ok(());
            }
        }
    }
}

/// The address of `MAIL FROM:<a@b>` or `RCPT TO:<a@b>`; empty for `<>`.
fn address(line: &str, keyword: &str) -> Option<String> {
    let at = line.to_ascii_uppercase().find(keyword)? + keyword.len();
    let rest = line.get(at..)?.trim_start().strip_prefix('<')?;
    Some(rest.split_once('>')?.0.to_owned())
}
