//! A few browsers that ask for one page again and again, over connections they keep.

// Figures are printed, never booked.
#![allow(clippy::float_arithmetic)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// What came of it.
pub(super) struct Load {
    pub(super) per_second: f64,
    /// How long 99 of 100 answers took at most, counted from when they were due.
    pub(super) p99: Duration,
}

/// Asks from this many connections for this long: as fast as answers come, or at a pace.
pub(super) fn run(
    port: u16,
    path: &str,
    cookie: &str,
    connections: u32,
    length: Duration,
    per_second: Option<u32>,
) -> Result<Load> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nCookie: {cookie}\r\nAccept: text/html\r\n\r\n"
    );
    let request = request.as_str();
    let pause = per_second.map(|rate| Duration::from_secs(1) * connections / rate);
    let begun = Instant::now();
    // At a pace they ask one after the other, not all at the same moments.
    let first = |place| begun + pause.map_or(Duration::ZERO, |pause| pause * place / connections);
    let asked = thread::scope(|scope| {
        let threads: Vec<_> = (0..connections)
            .map(|place| (first(place), begun + length))
            .map(|(first, end)| scope.spawn(move || ask_for(port, request, first, end, pause)))
            .collect();
        let answers = threads.into_iter().map(|thread| {
            thread
                .join()
                .unwrap_or_else(|_| bail!("a browser broke down"))
        });
        answers.collect::<Result<Vec<_>>>()
    })?;
    let mut times: Vec<Duration> = asked.into_iter().flatten().collect();
    times.sort_unstable();
    let count = times.len();
    let p99 = times
        .get(count * 99 / 100)
        .or(times.last())
        .context("nothing was answered")?;
    Ok(Load {
        per_second: count as f64 / length.as_secs_f64(),
        p99: *p99,
    })
}

fn ask_for(
    port: u16,
    request: &str,
    first: Instant,
    end: Instant,
    pause: Option<Duration>,
) -> Result<Vec<Duration>> {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let mut times = Vec::new();
    let mut due = first;
    while Instant::now() < end {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        stream.write_all(request.as_bytes())?;
        read_answer(&mut answers)?;
        times.push(due.elapsed());
        due = pause.map_or_else(Instant::now, |pause| due + pause);
    }
    Ok(times)
}

/// Reads one answer of 200 to its end, whichever way its length is told.
fn read_answer(answers: &mut impl BufRead) -> Result<()> {
    let mut line = String::new();
    answers.read_line(&mut line)?;
    if !line.starts_with("HTTP/1.1 200") {
        bail!("not the page: {}", line.trim());
    }
    let mut length = None;
    loop {
        line.clear();
        answers.read_line(&mut line)?;
        let (name, value) = line.split_once(':').unwrap_or((line.trim(), ""));
        if name.is_empty() {
            break;
        }
        if name.eq_ignore_ascii_case("content-length") {
            length = Some(value.trim().parse()?);
        }
    }
    match length {
        Some(length) => skip(answers, length),
        None => loop {
            line.clear();
            answers.read_line(&mut line)?;
            let chunk = u64::from_str_radix(line.trim(), 16).context("not a chunk")?;
            // Each chunk ends with a line break of its own.
            skip(answers, chunk + 2)?;
            if chunk == 0 {
                return Ok(());
            }
        },
    }
}

fn skip(answers: &mut impl Read, length: u64) -> Result<()> {
    let read = std::io::copy(&mut answers.take(length), &mut std::io::sink())?;
    if read < length {
        bail!("the answer ended early");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_to_their_end() {
        let two = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n";
        let mut answers = BufReader::new(two.as_bytes());
        read_answer(&mut answers).expect("the first");
        read_answer(&mut answers).expect("the second");
        assert!(answers.fill_buf().expect("reads").is_empty());
        let refused = "HTTP/1.1 503 Service Unavailable\r\n\r\n";
        assert!(read_answer(&mut BufReader::new(refused.as_bytes())).is_err());
    }
}
