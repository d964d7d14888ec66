//! The description against the answers: an outsider makes a client of it, so each answer has exactly the
//! fields, the words and the forms that it says.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::support::{Answer, BLOCKED, LANDLINE, NOWHERE, PREMIUM, Switch};

/// The description as the server publishes it.
struct Description(Value);

impl Description {
    /// What is wrong with this answer to a request; nothing, if it is as described.
    fn misses(&self, method: &str, path: &str, answer: &Answer) -> Option<String> {
        let responses = &self.0["paths"][path][method]["responses"];
        let exact = answer.status.to_string();
        let class = format!("{}XX", answer.status / 100);
        let response = [exact, class]
            .iter()
            .find_map(|status| responses.get(status));
        let Some(response) = response else {
            return Some(format!("no status {}", answer.status));
        };
        let Some(content) = response.get("content") else {
            let is_empty = answer.text.is_empty();
            return (!is_empty).then(|| format!("a body: {}", answer.text));
        };
        match content.get(&answer.kind) {
            Some(content) => self.fits(&content["schema"], &answer.json()).err(),
            None => Some(format!("no content of type {}", answer.kind)),
        }
    }

    fn fits(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let fields = self.fields(schema, value)?;
        let (Some(object), Some(fields)) = (value.as_object(), fields) else {
            return Ok(());
        };
        match object.keys().find(|name| !fields.contains_key(*name)) {
            Some(unknown) => Err(format!("a field {unknown} that is not described")),
            None => Ok(()),
        }
    }

    /// Checks a value; tells what fields an object may have.
    fn fields(
        &self,
        schema: &Value,
        value: &Value,
    ) -> Result<Option<BTreeMap<String, Value>>, String> {
        if let Some(name) = schema["$ref"].as_str() {
            let pointer = name.trim_start_matches('#');
            let schema = self.0.pointer(pointer).ok_or(format!("no {name}"))?;
            return self.fields(schema, value);
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut fields = BTreeMap::new();
            for part in parts {
                fields.extend(self.fields(part, value)?.unwrap_or_default());
            }
            return Ok(Some(fields));
        }
        if let Some(choices) = schema["oneOf"].as_array() {
            let fitting = |choice: &&Value| self.fits(choice, value).is_ok();
            let fitting: Vec<&Value> = choices.iter().filter(fitting).collect();
            return match fitting[..] {
                [one] => self.fields(one, value),
                _ => Err(format!("{value} is {} of the choices", fitting.len())),
            };
        }
        let words = [&schema["type"], &schema["type"][0], &schema["type"][1]];
        let is_type = words.iter().any(|word| match word.as_str() {
            Some("string") => value.is_string(),
            Some("integer") => value.is_i64(),
            Some("boolean") => value.is_boolean(),
            Some("null") => value.is_null(),
            Some("array") => value.is_array(),
            Some("object") => value.is_object(),
            _ => false,
        });
        if !is_type {
            return Err(format!("{value} is no {}", schema["type"]));
        }
        if let Some(words) = schema["enum"].as_array()
            && !words.contains(value)
        {
            return Err(format!("{value} is none of {words:?}"));
        }
        let text = value.as_str().unwrap_or_default();
        let is_formed = match schema["format"].as_str() {
            Some("decimal") => text.parse::<domain::Money>().is_ok() && text.contains('.'),
            Some("date-time") if value.is_string() => text.ends_with('Z'),
            _ => true,
        };
        if !is_formed {
            return Err(format!("{value} is no {}", schema["format"]));
        }
        for item in value.as_array().into_iter().flatten() {
            self.fits(&schema["items"], item)?;
        }
        for name in schema["required"].as_array().into_iter().flatten() {
            let name = name.as_str().unwrap_or_default();
            value.get(name).ok_or(format!("{name} is missing"))?;
        }
        let mut fields = BTreeMap::new();
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(value) = value.get(name) {
                self.fits(schema, value)
                    .map_err(|why| format!("{name}: {why}"))?;
            }
            fields.insert(name.clone(), schema.clone());
        }
        Ok(Some(fields))
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn each_answer_is_as_it_is_described(pool: PgPoolOptions, database: PgConnectOptions) {
    let switch = Switch::open(pool, database).await;
    let document = switch.get("/openapi.json").await.expect(200);
    let described = Description(document);
    for item in described.0["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let text = response["description"].as_str().unwrap_or_default();
                assert!(!text.is_empty(), "{} {status}", operation["operationId"]);
            }
        }
    }
    let wallet = switch.funded("25", "0.50").await;
    let poor = switch.wallet().await;
    let quote = |wallet, to: &str| format!("/wallets/{wallet}/quote?to={to}");
    let base = "/switch/v1/wallets/{wallet}";
    let message = |id: &str| json!({ "message_id": id, "from": "Bank", "to": LANDLINE, "segments": 1, "body": "Hi" });
    let messages = |wallet| format!("/wallets/{wallet}/messages");
    let reports = json!([{ "wallet": wallet, "call_id": "a", "talked_seconds": 30, "cause": "x" },
        { "wallet": wallet, "call_id": "never", "talked_seconds": 1, "cause": "x" }]);
    let show = format!("/wallets/{wallet}/calls/a");
    let (calls, call) = (format!("{base}/calls"), format!("{base}/calls/{{call_id}}"));
    let (quotes, texts) = (format!("{base}/quote"), format!("{base}/messages"));
    let steps = |step: &str| format!("{call}/{step}");
    let answers = [
        (
            "get",
            &quotes,
            200,
            switch.get(&quote(wallet, LANDLINE)).await,
        ),
        (
            "get",
            &quotes,
            200,
            switch.get(&quote(poor, LANDLINE)).await,
        ),
        (
            "get",
            &quotes,
            200,
            switch.get(&quote(wallet, BLOCKED)).await,
        ),
        (
            "get",
            &quotes,
            404,
            switch.get(&quote(wallet, NOWHERE)).await,
        ),
        ("get", &quotes, 422, switch.get(&quote(wallet, "911")).await),
        (
            "post",
            &calls,
            201,
            switch.authorize(wallet, "a", LANDLINE).await,
        ),
        (
            "post",
            &calls,
            409,
            switch.authorize(wallet, "a", PREMIUM).await,
        ),
        (
            "post",
            &calls,
            402,
            switch.authorize(poor, "a", LANDLINE).await,
        ),
        ("get", &call, 200, switch.get(&show).await),
        (
            "post",
            &steps("answer"),
            200,
            switch.answer(wallet, "a").await,
        ),
        (
            "post",
            &steps("update"),
            200,
            switch.update(wallet, "a", 1, 15).await,
        ),
        ("get", &call, 200, switch.get(&show).await),
        (
            "post",
            &steps("end"),
            200,
            switch.end(wallet, "a", 30).await,
        ),
        ("get", &call, 200, switch.get(&show).await),
        (
            "post",
            &steps("end"),
            404,
            switch.end(wallet, "never", 30).await,
        ),
        (
            "post",
            &texts,
            201,
            switch.post(&messages(wallet), message("m")).await,
        ),
        (
            "post",
            &texts,
            201,
            switch.post(&messages(poor), message("m")).await,
        ),
        (
            "post",
            &"/switch/v1/lookup".into(),
            404,
            switch.post("/lookup", json!({ "number": LANDLINE })).await,
        ),
        (
            "post",
            &"/switch/v1/reports".into(),
            200,
            switch.post("/reports", reports).await,
        ),
        (
            "get",
            &call,
            401,
            switch
                .send(reqwest::Method::GET, &show, "no key", String::new())
                .await,
        ),
    ];
    for (method, path, status, answer) in answers {
        assert_eq!(answer.status, status, "{path}: {answer:?}");
        let misses = described.misses(method, path, &answer);
        assert_eq!(misses, None, "{path}: {answer:?}");
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn a_caller_may_be_unknown_and_an_answer_say_nothing_but_not_too_much(
    pool: PgPoolOptions,
    database: PgConnectOptions,
) {
    let switch = Switch::open(pool, database).await;
    let wallet = switch.funded("25", "0").await;
    let calls = format!("/wallets/{wallet}/calls");
    let ask = |from: Value| json!({ "call_id": "a", "from": from, "to": LANDLINE });
    let first = switch.post(&calls, ask("".into())).await;
    first.expect(201);
    // To say it in another way is no other content.
    assert_eq!(switch.post(&calls, ask(Value::Null)).await, first);
    let answer = format!("{calls}/a/answer");
    let send = |body: String| switch.send(reqwest::Method::POST, &answer, &switch.key, body);
    let too_large = send(format!("{{\"more\":\"{}\"}}", "x".repeat(16 * 1024))).await;
    too_large.problem(413, json!({ "type": "too_large" }));
    for garbled in ["{", "[]", "7"] {
        send(garbled.into())
            .await
            .problem(422, json!({ "type": "invalid_body" }));
    }
    send(String::new()).await.expect(200);
}
