//! The dashboards that travel in the binary, read once at the start: what is listed is checked, what is opened is the file.

use crate::error::ServeError;
use crate::wire::DashboardSummary;

pub(crate) struct Dashboards {
    entries: Vec<(DashboardSummary, &'static str)>,
}

impl Dashboards {
    pub(crate) fn embedded() -> Result<Self, ServeError> {
        let mut entries = assets::dashboards()
            .map(|(id, json)| match serde_json::from_str::<DashboardSummary>(json) {
                Ok(summary) => Ok((summary, json)),
                Err(source) => Err(ServeError::Dashboard { id: id.to_owned(), source }),
            })
            .collect::<Result<Vec<_>, _>>()?;
        entries.sort_by(|(a, _), (b, _)| (a.order, &a.id).cmp(&(b.order, &b.id)));
        Ok(Self { entries })
    }

    pub(crate) fn list(&self) -> Vec<DashboardSummary> {
        self.entries.iter().map(|(summary, _)| summary.clone()).collect()
    }

    pub(crate) fn json(&self, id: &str) -> Option<&'static str> {
        self.entries.iter().find(|(summary, _)| summary.id == id).map(|(_, json)| *json)
    }
}
