//! What an address asks for behind its question mark.

/// The fields of a query, decoded.
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn read(query: &str) -> Self {
        let fields = form_urlencoded::parse(query.as_bytes());
        Self(fields.into_owned().collect())
    }

    /// The field without the space around it; empty when it is not there. Of several, the first.
    pub(crate) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value.trim())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded_and_absent_ones_are_empty() {
        let query = Query::read("for=%2B52+1&for=x&kind=+mobile+");
        assert_eq!(query.get("for"), "+52 1");
        assert_eq!(query.get("kind"), "mobile");
        assert_eq!(query.get("page"), "");
    }
}
