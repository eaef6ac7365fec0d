//! The OpenAPI document, made from the wire types and the handlers; the page's types are generated from it.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::routes::{
    alerts, catalogue, dashboards, events, health, logs, query, replay, rules, searches, session, sinks, tail, tokens,
};
use crate::wire::{ErrorAnswer, QueryEnd, QueryMeta, TailMark};

#[derive(OpenApi)]
#[openapi(
    info(title = "Trailhound", description = "The HTTP API of Trailhound. Times are UTC.", license(name = "Apache-2.0", identifier = "Apache-2.0")),
    paths(
        session::read, session::sign_in, session::sign_out,
        query::run, query::explain, tail::run, events::read,
        searches::list, searches::create, searches::put, searches::remove,
        dashboards::list, dashboards::read, dashboards::create, dashboards::put, dashboards::remove, dashboards::convert,
        catalogue::fields, catalogue::log_types, catalogue::languages, catalogue::openapi,
        logs::sources, logs::quarantine, logs::replay, logs::integrity,
        tokens::list, tokens::create, tokens::remove,
        alerts::list, alerts::read, alerts::change, alerts::bulk, alerts::note,
        rules::list, rules::read, rules::create, rules::put, rules::change, rules::remove, rules::test,
        rules::exceptions, rules::except, rules::unexcept, rules::attack, replay::run,
        sinks::list, sinks::test, sinks::dead, sinks::retry,
        health::status, health::alive, health::ready, health::metrics,
    ),
    components(schemas(QueryMeta, QueryEnd, TailMark, ErrorAnswer)),
    security(("session" = [], "csrf" = []), ("token" = [])),
    modifiers(&Schemes),
)]
struct Document;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API token, `th_…`")).build();
        components.add_security_scheme("token", SecurityScheme::Http(token));
        let cookie = ApiKeyValue::with_description(
            "trailhound_session",
            "Set by POST /api/v1/session; `__Host-trailhound_session` where the connection is encrypted",
        );
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        let csrf = ApiKeyValue::with_description(
            crate::guard::CSRF_HEADER,
            "From GET /api/v1/session; needed with the cookie for all but GET",
        );
        components.add_security_scheme("csrf", SecurityScheme::ApiKey(ApiKey::Header(csrf)));
    }
}

/// The document as JSON text.
pub fn document() -> Result<String, serde_json::Error> {
    Document::openapi().to_pretty_json()
}
