//! The SMTP receiver and the inbox.

use crate::harness::Outside;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

/// A client that says lines and reads replies.
struct Client {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
}

impl Client {
    async fn connect(outside: &Outside) -> Self {
        let (reader, writer) = TcpStream::connect(outside.running.smtp)
            .await
            .unwrap()
            .into_split();
        let mut client = Self {
            reader: BufReader::new(reader),
            writer,
        };
        assert_eq!(client.reply().await, "220");
        client
    }

    async fn say(&mut self, line: &str) -> String {
        self.writer
            .write_all(format!("{line}\r\n").as_bytes())
            .await
            .unwrap();
        self.reply().await
    }

    /// The code of a reply, of many lines perhaps.
    async fn reply(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.reader.read_line(&mut line).await.unwrap();
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.chars().take(3).collect();
            }
        }
    }
}

/// A short message that arrives.
pub(crate) async fn send_mail(outside: &Outside, to: &str, subject: &str) {
    let mut client = Client::connect(outside).await;
    for (line, code) in [
        ("MAIL FROM:<wallet@localhost>".to_owned(), "250"),
        (format!("RCPT TO:<{to}>"), "250"),
        ("DATA".to_owned(), "354"),
        (format!("Subject: {subject}\r\n\r\nHello.\r\n."), "250"),
    ] {
        assert_eq!(client.say(&line).await, code, "{line}");
    }
}

async fn inbox(outside: &Outside, to: &str) -> Vec<Value> {
    let url = outside.url(&format!("/_sandbox/mail?to={to}"));
    outside
        .client
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap()
}

const MESSAGE: &str = "From: Talkala Wallet <wallet@localhost>\r\n\
To: Ana <ana@example.com>\r\n\
Subject: =?utf-8?q?Your_code=3A_12345678_=E2=9C=93?=\r\n\
MIME-Version: 1.0\r\n\
Content-Type: multipart/alternative; boundary=\"b\"\r\n\
\r\n\
--b\r\n\
Content-Type: text/plain; charset=utf-8\r\n\
Content-Transfer-Encoding: quoted-printable\r\n\
\r\n\
Your code is 12345678. Open http://localhost:3000/x?a=3D1&b=3D2\r\n\
..a line that begins with a dot\r\n\
--b\r\n\
Content-Type: text/html; charset=utf-8\r\n\
\r\n\
<p>Your code is <b>12345678</b></p><script>alert(1)</script>\r\n\
--b--\r\n\
.";

#[tokio::test]
async fn a_message_is_received_decoded_and_shown() {
    let outside = Outside::start().await;
    let mut client = Client::connect(&outside).await;
    assert_eq!(client.say("EHLO localhost").await, "250");
    assert_eq!(
        client.say("MAIL FROM:<wallet@localhost> SIZE=500").await,
        "250"
    );
    assert_eq!(client.say("RCPT TO:<ana@example.com>").await, "250");
    assert_eq!(client.say("RCPT TO:<ben@example.com>").await, "250");
    assert_eq!(client.say("DATA").await, "354");
    assert_eq!(client.say(MESSAGE).await, "250");
    assert_eq!(client.say("QUIT").await, "221");

    let found = inbox(&outside, "Ana@example.com").await;
    assert_eq!(found.len(), 1);
    let mail = &found[0];
    assert_eq!(mail["subject"], "Your code: 12345678 \u{2713}");
    assert_eq!(mail["from"], "wallet@localhost");
    let text = mail["text"].as_str().unwrap();
    assert!(text.contains("http://localhost:3000/x?a=1&b=2"), "{text}");
    assert!(text.contains("\n.a line that begins with a dot"), "{text}");
    assert!(mail["html"].as_str().unwrap().contains("<b>12345678</b>"));
    assert_eq!(inbox(&outside, "ben@example.com").await.len(), 1);
    assert_eq!(
        inbox(&outside, "eve@example.com").await,
        Vec::<Value>::new()
    );

    let get = async |path: String| outside.client.get(outside.url(&path)).send().await.unwrap();
    let list = get("/mail".to_owned()).await.text().await.unwrap();
    assert!(list.contains("Your code: 12345678"));
    let id = mail["id"].as_str().unwrap();
    let page = get(format!("/mail/{id}")).await.text().await.unwrap();
    assert!(page.contains("<a href=\"http://localhost:3000/x?a=1&amp;b=2\">"));
    let html = get(format!("/mail/{id}/html")).await;
    let policy = html.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.contains("default-src 'none'") && policy.contains("sandbox"),
        "{policy}"
    );
    assert_eq!(get("/mail/nothing".to_owned()).await.status(), 404);
}

#[tokio::test]
async fn commands_out_of_order_are_refused() {
    let outside = Outside::start().await;
    let mut client = Client::connect(&outside).await;
    for (line, code) in [
        ("HELO localhost", "250"),
        ("RCPT TO:<ana@example.com>", "503"),
        ("DATA", "503"),
        ("MAIL FROM:wallet@localhost", "501"),
        ("MAIL FROM:<wallet@localhost> SIZE=99999999999", "552"),
        ("MAIL FROM:<>", "250"),
        ("RCPT TO:<nobody>", "501"),
        ("RCPT TO:<ana@example.com>", "250"),
        ("RSET", "250"),
        ("DATA", "503"),
        ("NOOP", "250"),
        ("VRFY ana", "252"),
        ("STARTTLS", "502"),
    ] {
        assert_eq!(client.say(line).await, code, "{line}");
    }
    assert_eq!(client.say(&"x".repeat(5000)).await, "500");
    assert_eq!(client.say("NOOP").await, "250");
}

#[tokio::test]
async fn a_message_that_is_too_big_is_refused_and_the_talk_goes_on() {
    let outside = Outside::start().await;
    let mut client = Client::connect(&outside).await;
    client.say("EHLO localhost").await;
    client.say("MAIL FROM:<wallet@localhost>").await;
    client.say("RCPT TO:<ana@example.com>").await;
    client.say("DATA").await;
    let line = format!("{}\r\n", "x".repeat(998));
    for _ in 0..11_000 {
        client.writer.write_all(line.as_bytes()).await.unwrap();
    }
    assert_eq!(client.say(".").await, "552");
    assert_eq!(client.say("NOOP").await, "250");
    assert_eq!(json!(inbox(&outside, "ana@example.com").await), json!([]));
}
