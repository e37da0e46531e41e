//! `/v1/sms`: messages that come in from the gateway, which signs them; the answer goes back with the answer.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, post, web};
use chrono::NaiveDateTime;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::moments;
use crate::api::desk::json;
use crate::api::problem::Problem;
use crate::api::session;
use crate::secret::Hidden;
use crate::service::care::sms::Inbound;
use crate::service::{Service, ServiceError};

/// A message that came in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessageBody {
    /// The gateway's id of it: the same however often it is delivered.
    pub message: String,
    /// The phone that it came from.
    #[schema(value_type = String)]
    pub from: Hidden<String>,
    /// What it says. It is not kept.
    #[schema(value_type = String)]
    pub text: Hidden<String>,
    /// When the gateway got it.
    #[serde(default, deserialize_with = "moments::deserialize")]
    #[schema(value_type = Option<String>)]
    pub received_at: Option<NaiveDateTime>,
}

/// What goes back.
#[derive(Debug, Serialize, ToSchema)]
pub struct RepliedResponse {
    /// The text to send to the phone; null where nothing is to be said.
    pub reply: Option<String>,
    /// The case that it belongs to.
    pub case_number: Option<String>,
    /// What the message was taken for.
    pub understood: String,
}

/// A message has so many bytes at most.
const MOST: usize = 16 << 10;

/// The header with the signature.
const SIGNATURE: &str = "forbear-signature";

/// Takes a message from the gateway. `Forbear-Signature: t=<seconds>,v1=<hex>` is HMAC-SHA256 over `<t>.<body>`, of the last five minutes.
#[utoipa::path(tag = "messages", request_body = MessageBody,
    params(("Forbear-Signature" = String, Header, description = "t=<seconds since 1970>,v1=<hex of HMAC-SHA256>")),
    responses((status = 200, body = RepliedResponse), (status = 401, body = Problem), (status = 413, body = Problem),
        (status = 422, body = Problem)))]
#[post("/sms")]
pub async fn receive(
    request: HttpRequest,
    service: web::Data<Service>,
    body: web::Bytes,
) -> Result<web::Json<RepliedResponse>, Problem> {
    if body.len() > MOST {
        return Err(Problem::too_large(MOST));
    }
    let header = request.headers().get(SIGNATURE).and_then(|value| value.to_str().ok());
    let missing = || Problem::unreadable("", "sign the message: Forbear-Signature: t=<seconds>,v1=<hex>");
    let header = header.ok_or_else(missing)?.to_owned();
    service.check_gateway(&header, &body).map_err(unsigned)?;
    let body: MessageBody = json(&body)?;
    let new = Inbound { message: body.message, from: body.from, text: body.text, received_at: body.received_at };
    let done = session::work(service, move |service| service.store.write(|conn| service.receive_message(conn, &new)));
    let replied = done.await?;
    ::metrics::counter!("forbear_sms_total", "understood" => replied.understood.clone()).increment(1);
    let (reply, case_number, understood) = (replied.reply, replied.case_number, replied.understood);
    Ok(web::Json(RepliedResponse { reply, case_number, understood }))
}

/// Whoever does not sign is nobody.
fn unsigned(error: ServiceError) -> Problem {
    match error {
        ServiceError::Forbidden(detail) => {
            Problem::new(StatusCode::UNAUTHORIZED, "unsigned", "The message is not the gateway's", Some(detail))
        }
        other => other.into(),
    }
}
