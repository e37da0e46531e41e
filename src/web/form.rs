//! A form that was sent: names and values as the browser had them.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use super::turned::Turned;
use crate::api::problem::Problem;

/// Names and values, in order.
#[derive(Debug, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Of a form that came in another shape.
    #[must_use]
    pub fn of<const N: usize>(fields: [(&str, String); N]) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// What an address asks for, after its question mark.
    #[must_use]
    pub fn asked(request: &HttpRequest) -> Self {
        let read = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        Self(read.map(web::Query::into_inner).unwrap_or_default())
    }

    /// The value of a name, where it is there and not empty.
    #[must_use]
    pub fn some(&self, name: &str) -> Option<String> {
        Some(self.get(name)).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// The value of a name; empty when it is not there.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// All values of a name.
    #[must_use]
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect()
    }

    /// Names that begin so, without that beginning, with their values.
    pub fn under<'a>(&'a self, start: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().filter_map(move |(name, value)| Some((name.strip_prefix(start)?, value.trim())))
    }
}

impl From<web::Query<Vec<(String, String)>>> for Fields {
    /// What an address asks for, as a form that looks something up puts it there.
    fn from(query: web::Query<Vec<(String, String)>>) -> Self {
        Self(query.into_inner())
    }
}

impl FromRequest for Fields {
    type Error = Turned;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Turned>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let turn = Turned::of(request);
        let read = web::Form::<Vec<(String, String)>>::from_request(request, payload);
        Box::pin(async move {
            let read = read.await.map_err(|error| turn.with(Problem::unreadable("", error.to_string())))?;
            Ok(Self(read.into_inner()))
        })
    }
}
