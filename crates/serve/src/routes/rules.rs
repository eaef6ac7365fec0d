//! Rules: the catalogue, one rule, users' own, their tests and exceptions, replay, and the ATT&CK matrix.

use std::sync::Arc;

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State as Shared};
use axum::http::StatusCode;
use axum::{Extension, Json};
use detect::rule::{Excepted, Rule, duration_text};
use detect::store::{NewException as StoreException, RuleActivity};
use detect::testing::{Outcome, Wanted};
use detect::{Detections, Error, Search, Watched};
use serde_json::json;

use super::detections::{blocking, exceptions_wire, stored_wire, text_wire, time};
use super::{audited, part};
use crate::app::App;
use crate::body::Body;
use crate::error::ApiError;
use crate::guard::Caller;
use crate::state::Action;
use crate::wire::rules::{
    AttackMatrix, AttackTactic, AttackTechnique, ExceptionList, NewException, NewRule, RuleChange, RuleDetail,
    RuleException, RuleList, RuleSummary, RuleTestReport, RuleTestResult, RuleTests, RuleText, SavedSearch,
};
use crate::wire::{BodyRefused, ErrorAnswer, FilterOp, Refused};

/// The rules.
#[utoipa::path(get, path = "/api/v1/rules", tag = "rules", responses(
    (status = 200, description = "By id", body = RuleList), Refused))]
pub(crate) async fn list(Shared(app): Shared<Arc<App>>) -> Result<Json<RuleList>, ApiError> {
    let found = blocking(&app, |detections| -> Result<RuleList, Error> {
        let activity = detections.store().activity()?;
        let errors = detections.schedule_errors()?;
        let rules = detections.rules();
        let summary = |watched: &Watched| {
            let id = watched.rule.id.as_str();
            summary(watched, activity.get(id).copied().unwrap_or_default(), errors.get(id).cloned())
        };
        Ok(RuleList { rules: rules.iter().map(summary).collect() })
    });
    Ok(Json(found.await?))
}

/// One rule, whole.
#[utoipa::path(get, path = "/api/v1/rules/{id}", tag = "rules",
    params(("id" = String, Path, description = "The rule's id")), responses(
    (status = 200, description = "The rule", body = RuleDetail),
    (status = 404, description = "There is no such rule", body = ErrorAnswer), Refused))]
pub(crate) async fn read(
    Shared(app): Shared<Arc<App>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<RuleDetail>, ApiError> {
    let id = part(id)?;
    Ok(Json(blocking(&app, move |detections| detail(detections, &id)).await?))
}

/// Add a rule: its file, or a search (*Save as alert*).
#[utoipa::path(post, path = "/api/v1/rules", tag = "rules", request_body = NewRule, responses(
    (status = 201, description = "The rule, which runs from now on", body = RuleDetail),
    (status = 409, description = "There is a rule of that id", body = ErrorAnswer), Refused, BodyRefused))]
pub(crate) async fn create(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    Body(asked): Body<NewRule>,
) -> Result<(StatusCode, Json<RuleDetail>), ApiError> {
    audited(&app, &caller, Action::RuleChange, json!({ "create": &asked }).to_string()).await;
    let by = caller.actor();
    let made = blocking(&app, move |detections| {
        let id = match (asked.text, asked.from_search) {
            (Some(text), None) => detections.add(&text, &by)?,
            (None, Some(search)) => detections.save(&search_of(search), &by)?,
            _ => return Err(Error::Invalid("give either `text` or `from_search`".to_owned())),
        };
        detail(detections, &id)
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// Give a rule a text: a new rule of the user's own, or one instead of the built-in text.
#[utoipa::path(put, path = "/api/v1/rules/{id}", tag = "rules", request_body = RuleText,
    params(("id" = String, Path, description = "The rule's id")), responses(
    (status = 200, description = "The rule as it is now", body = RuleDetail), Refused, BodyRefused))]
pub(crate) async fn put(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    Body(asked): Body<RuleText>,
) -> Result<Json<RuleDetail>, ApiError> {
    let id = part(id)?;
    audited(&app, &caller, Action::RuleChange, json!({"put": id, "text": asked.text}).to_string()).await;
    let by = caller.actor();
    let made = blocking(&app, move |detections| {
        detections.put(&id, &asked.text, &by)?;
        detail(detections, &id)
    });
    Ok(Json(made.await?))
}

/// Switch a rule on or off, or give it another severity.
#[utoipa::path(patch, path = "/api/v1/rules/{id}", tag = "rules", request_body = RuleChange,
    params(("id" = String, Path, description = "The rule's id")), responses(
    (status = 200, description = "The rule as it is now", body = RuleDetail),
    (status = 404, description = "There is no such rule", body = ErrorAnswer), Refused, BodyRefused))]
pub(crate) async fn change(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    Body(asked): Body<RuleChange>,
) -> Result<Json<RuleDetail>, ApiError> {
    let id = part(id)?;
    audited(&app, &caller, Action::RuleChange, json!({"id": id, "change": &asked}).to_string()).await;
    let by = caller.actor();
    let made = blocking(&app, move |detections| {
        detections.set(&id, asked.enabled, asked.severity.map(Into::into), &by)?;
        detail(detections, &id)
    });
    Ok(Json(made.await?))
}

/// Delete a user's rule, or take back the text, switch and severity that users gave a built-in one. Its alerts stay.
#[utoipa::path(delete, path = "/api/v1/rules/{id}", tag = "rules",
    params(("id" = String, Path, description = "The rule's id")), responses(
    (status = 204, description = "Done"),
    (status = 404, description = "There is no such rule", body = ErrorAnswer),
    (status = 409, description = "The rule comes with the program or from a folder, and nobody changed it", body = ErrorAnswer),
    Refused))]
pub(crate) async fn remove(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let id = part(id)?;
    audited(&app, &caller, Action::RuleChange, json!({ "delete": id }).to_string()).await;
    blocking(&app, move |detections| detections.remove(&id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Run a rule's own tests.
#[utoipa::path(post, path = "/api/v1/rules/{id}/test", tag = "rules",
    params(("id" = String, Path, description = "The rule's id")), responses(
    (status = 200, description = "What they gave", body = RuleTestReport),
    (status = 404, description = "There is no such rule", body = ErrorAnswer), Refused))]
pub(crate) async fn test(
    Shared(app): Shared<Arc<App>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<RuleTestReport>, ApiError> {
    let id = part(id)?;
    let results = blocking(&app, move |detections| detections.test(&id)).await?;
    let result = |outcome: Outcome| RuleTestResult {
        kind: if outcome.wanted == Wanted::Match { "match" } else { "no_match" }.to_owned(),
        number: u32::try_from(outcome.number).unwrap_or(u32::MAX),
        passed: outcome.passed,
        message: outcome.reason,
    };
    let results: Vec<RuleTestResult> = results.into_iter().map(result).collect();
    Ok(Json(RuleTestReport { passed: results.iter().all(|result| result.passed), results }))
}

/// What a rule passes over.
#[utoipa::path(get, path = "/api/v1/rules/{id}/exceptions", tag = "rules",
    params(("id" = String, Path, description = "The rule's id")), responses(
    (status = 200, description = "Those of its file, then the users'", body = ExceptionList),
    (status = 404, description = "There is no such rule", body = ErrorAnswer), Refused))]
pub(crate) async fn exceptions(
    Shared(app): Shared<Arc<App>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<ExceptionList>, ApiError> {
    let id = part(id)?;
    let found = blocking(&app, move |detections| -> Result<_, Error> {
        let watched = detections.rule(&id).ok_or_else(|| Error::NoRule(id.clone()))?;
        Ok(exceptions_wire(detections.store(), Some(watched.own.as_ref()), &id)?)
    });
    Ok(Json(ExceptionList { exceptions: found.await? }))
}

/// Make an exception. It counts from the next commit on.
#[utoipa::path(post, path = "/api/v1/rules/{id}/exceptions", tag = "rules", request_body = NewException,
    params(("id" = String, Path, description = "The rule's id")), responses(
    (status = 201, description = "The exception", body = RuleException),
    (status = 404, description = "There is no such rule", body = ErrorAnswer), Refused, BodyRefused))]
pub(crate) async fn except(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    id: Result<Path<String>, PathRejection>,
    Body(asked): Body<NewException>,
) -> Result<(StatusCode, Json<RuleException>), ApiError> {
    let id = part(id)?;
    audited(&app, &caller, Action::RuleChange, json!({"id": id, "except": &asked}).to_string()).await;
    let is = match (asked.value, asked.cidr, asked.glob) {
        (Some(value), None, None) => Excepted::Value(value),
        (None, Some(block), None) => Excepted::Cidr(block),
        (None, None, Some(glob)) => Excepted::Glob(glob),
        _ => return Err(ApiError::unprocessable("give exactly one of `value`, `cidr` and `glob`")),
    };
    let until = time(&app, "until", asked.until.as_deref())?;
    let new = StoreException { field: asked.field, is, reason: asked.reason, until };
    let by = caller.actor();
    let made = blocking(&app, move |detections| -> Result<_, Error> {
        let stored = detections.except(&id, &new, &by)?;
        Ok(stored_wire(&stored, detections.store().now()))
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// Take a user's exception away.
#[utoipa::path(delete, path = "/api/v1/rules/{id}/exceptions/{n}", tag = "rules",
    params(("id" = String, Path, description = "The rule's id"), ("n" = i64, Path, description = "The exception's id")),
    responses(
    (status = 204, description = "Done"),
    (status = 404, description = "The rule has no such exception of a user", body = ErrorAnswer), Refused))]
pub(crate) async fn unexcept(
    Shared(app): Shared<Arc<App>>,
    Extension(caller): Extension<Caller>,
    parts: Result<Path<(String, String)>, PathRejection>,
) -> Result<StatusCode, ApiError> {
    let Path((id, number)) = parts.map_err(|error| ApiError::invalid(error.body_text()))?;
    let none = || ApiError::not_found("the rule has no such exception");
    let number: i64 = number.parse().map_err(|_| none())?;
    audited(&app, &caller, Action::RuleChange, json!({"id": id, "unexcept": number}).to_string()).await;
    let gone = blocking(&app, move |detections| detections.unexcept(&id, number)).await?;
    if gone { Ok(StatusCode::NO_CONTENT) } else { Err(none()) }
}

/// ATT&CK's tactics and techniques that rules are for.
#[utoipa::path(get, path = "/api/v1/attack", tag = "rules", responses(
    (status = 200, description = "The matrix", body = AttackMatrix), Refused))]
pub(crate) async fn attack(Shared(app): Shared<Arc<App>>) -> Result<Json<AttackMatrix>, ApiError> {
    let found = blocking(&app, |detections| -> Result<AttackMatrix, Error> {
        let activity = detections.store().activity()?;
        let technique = |cell: detect::matrix::Cell| AttackTechnique {
            hits_30d: cell.rules.iter().filter_map(|id| activity.get(id)).map(|activity| activity.hits).sum(),
            id: cell.id,
            name: text_wire(&cell.name),
            rules: cell.rules,
        };
        let tactic = |row: detect::matrix::Row| AttackTactic {
            id: row.id,
            name: text_wire(&row.name),
            techniques: row.techniques.into_iter().map(technique).collect(),
            rules: row.rules,
        };
        Ok(AttackMatrix { tactics: detections.matrix().into_iter().map(tactic).collect() })
    });
    Ok(Json(found.await?))
}

/// A search to save, as detections take it.
pub(super) fn search_of(search: SavedSearch) -> Search {
    let filter = |filter: crate::wire::Filter| detect::SearchFilter {
        field: filter.field,
        negated: matches!(filter.op, FilterOp::IsNot),
        values: filter.values,
    };
    Search {
        lang: search.lang,
        text: search.query,
        title: search.title,
        severity: search.severity.into(),
        filters: search.filters.into_iter().map(filter).collect(),
        mode: search.mode,
        group_by: search.group_by,
    }
}

fn summary(watched: &Watched, activity: RuleActivity, schedule: Option<String>) -> RuleSummary {
    let rule = watched.rule.as_ref();
    let langs: Vec<&str> = rule.queries().map(|query| query.lang.as_str()).collect();
    RuleSummary {
        id: rule.id.clone(),
        title: text_wire(&rule.title),
        description: text_wire(&rule.description),
        severity: rule.severity.into(),
        enabled: rule.enabled,
        builtin: watched.builtin,
        overridden: watched.overridden,
        group: watched.folder.clone(),
        mode: rule.mode.name().to_owned(),
        attack: rule.attack.clone(),
        covers: rule.covers.clone(),
        logs: rule.logs.clone(),
        lang: langs.first().copied().unwrap_or_default().to_owned(),
        hits_30d: activity.hits,
        last_hit: activity.last.map(super::detections::iso_micros),
        alerts_open: activity.open,
        error: watched.error.clone().or(schedule),
    }
}

fn detail(detections: &Detections, id: &str) -> Result<RuleDetail, Error> {
    let watched = detections.rule(id).ok_or_else(|| Error::NoRule(id.to_owned()))?;
    let store = detections.store();
    let activity = store.activity()?.get(id).copied().unwrap_or_default();
    let schedule = detections.schedule_errors()?.remove(id);
    let rule: &Rule = &watched.own;
    let queries: Vec<&str> = rule.queries().map(|query| query.text.as_str()).collect();
    Ok(RuleDetail {
        text: watched.text.clone(),
        query: queries.join("\n\n"),
        advice: text_wire(&rule.advice),
        references: rule.references.clone(),
        group_by: rule.group_by.clone(),
        cool_down: duration_text(rule.cool_down),
        exceptions: exceptions_wire(store, Some(rule), id)?,
        tests: RuleTests {
            matching: u32::try_from(rule.tests.matching.len()).unwrap_or(u32::MAX),
            no_match: u32::try_from(rule.tests.other.len()).unwrap_or(u32::MAX),
        },
        rule: summary(&watched, activity, schedule),
    })
}
