//! The two ends of a record, source and destination: which columns hold their addresses, and the columns that say where
//! the addresses are and whose.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Builder, Int64Builder, StringBuilder};
use event::LogType;

use crate::geo::Location;
use crate::ranges::AwsRange;

/// One end of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct End {
    /// The field of the view across the log types that the end's address fills.
    common: &'static str,
    /// What the names of its location columns begin with.
    geo: &'static str,
    /// What the names of its other columns begin with.
    prefix: &'static str,
}

pub(crate) const ENDS: [End; 2] = [
    End { common: "source_address", geo: "geo_", prefix: "source_" },
    End { common: "destination_address", geo: "destination_geo_", prefix: "destination_" },
];

impl End {
    /// The column of `log_type` that holds the end's address.
    pub(crate) fn address(self, log_type: &'static LogType) -> Option<&'static str> {
        let mut fields = log_type.catalogue().fields().iter();
        fields.find(|field| field.common == Some(self.common))?.column
    }
}

/// What is known of one address.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) location: Option<Arc<Location>>,
    pub(crate) aws: Option<AwsRange>,
    /// Names of lists, separated by commas.
    pub(crate) lists: Option<String>,
}

/// The columns of one end, under construction.
#[derive(Default)]
pub(crate) struct Columns {
    country_code: StringBuilder,
    country_name: StringBuilder,
    region: StringBuilder,
    city: StringBuilder,
    latitude: Float64Builder,
    longitude: Float64Builder,
    asn: Int64Builder,
    as_org: StringBuilder,
    aws_service: StringBuilder,
    aws_region: StringBuilder,
    lists: StringBuilder,
}

impl Columns {
    pub(crate) fn append(&mut self, known: &Known) {
        let location = known.location.as_deref();
        self.country_code.append_option(location.and_then(|place| place.country_code.as_deref()));
        self.country_name.append_option(location.and_then(|place| place.country_name.as_deref()));
        self.region.append_option(location.and_then(|place| place.region.as_deref()));
        self.city.append_option(location.and_then(|place| place.city.as_deref()));
        self.latitude.append_option(location.and_then(|place| place.latitude));
        self.longitude.append_option(location.and_then(|place| place.longitude));
        self.asn.append_option(location.and_then(|place| place.asn));
        self.as_org.append_option(location.and_then(|place| place.as_org.as_deref()));
        self.aws_service.append_option(known.aws.as_ref().map(|range| range.service.as_str()));
        self.aws_region.append_option(known.aws.as_ref().map(|range| range.region.as_str()));
        self.lists.append_option(known.lists.as_deref());
    }

    /// The columns by name; a log type may have only some of them.
    pub(crate) fn finish(mut self, end: End) -> Vec<(String, ArrayRef)> {
        let geo: [(&str, ArrayRef); 8] = [
            ("country_code", Arc::new(self.country_code.finish())),
            ("country_name", Arc::new(self.country_name.finish())),
            ("region", Arc::new(self.region.finish())),
            ("city", Arc::new(self.city.finish())),
            ("latitude", Arc::new(self.latitude.finish())),
            ("longitude", Arc::new(self.longitude.finish())),
            ("asn", Arc::new(self.asn.finish())),
            ("as_org", Arc::new(self.as_org.finish())),
        ];
        let own: [(&str, ArrayRef); 3] = [
            ("aws_service", Arc::new(self.aws_service.finish())),
            ("aws_region", Arc::new(self.aws_region.finish())),
            ("lists", Arc::new(self.lists.finish())),
        ];
        let geo = geo.into_iter().map(|(name, column)| (format!("{}{name}", end.geo), column));
        geo.chain(own.into_iter().map(|(name, column)| (format!("{}{name}", end.prefix), column))).collect()
    }
}
