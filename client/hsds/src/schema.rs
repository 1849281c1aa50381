//! The part of HSDS 3.0 that nesting and flattening need: which table hangs on which, by which column.

/// A table of the tabular form, which is an object of the nested one.
#[derive(Debug)]
pub(crate) struct Table {
    /// Its name in the nested form: `service`.
    pub(crate) name: &'static str,
    /// Its file in the tabular form: `services.csv`.
    pub(crate) file: &'static str,
    /// Columns that it cannot do without.
    pub(crate) required: &'static [&'static str],
    /// What hangs on it.
    pub(crate) links: &'static [Link],
}

/// What hangs on an object.
#[derive(Debug)]
pub(crate) struct Link {
    /// Its field in the nested form.
    pub(crate) field: &'static str,
    /// Its table.
    pub(crate) table: &'static str,
    /// The column that holds the other's id.
    pub(crate) column: &'static str,
    /// Whether the column is the hanging object's (many) or this object's own (one).
    pub(crate) is_many: bool,
}

const fn many(field: &'static str, table: &'static str, column: &'static str) -> Link {
    Link {
        field,
        table,
        column,
        is_many: true,
    }
}

const fn one(field: &'static str, table: &'static str, column: &'static str) -> Link {
    Link {
        field,
        table,
        column,
        is_many: false,
    }
}

const ATTRIBUTES: Link = many("attributes", "attribute", "link_id");
const METADATA: Link = many("metadata", "metadata", "resource_id");

/// Columns that are links of the tabular form only: a row may stand for one thing that hangs on several others.
pub(crate) const LINK_COLUMNS: &[&str] = &[
    "organization_id",
    "service_id",
    "service_at_location_id",
    "location_id",
    "contact_id",
    "phone_id",
    "link_id",
    "link_entity",
    "resource_id",
    "resource_type",
];

/// Columns that are numbers in the nested form.
pub(crate) const NUMBERS: &[&str] = &[
    "minimum_age",
    "maximum_age",
    "year_incorporated",
    "latitude",
    "longitude",
    "extension",
    "timezone",
    "count",
    "interval",
    "amount",
];

/// Columns that are dates.
pub(crate) const DATES: &[&str] = &[
    "valid_from",
    "valid_to",
    "dtstart",
    "until",
    "assured_date",
    "last_action_date",
];

/// Every table of HSDS 3.0.
pub(crate) const TABLES: &[Table] = &[
    Table {
        name: "organization",
        file: "organizations.csv",
        required: &["id", "name", "description"],
        links: &[
            many("funding", "funding", "organization_id"),
            many("contacts", "contact", "organization_id"),
            many("phones", "phone", "organization_id"),
            many("locations", "location", "organization_id"),
            many("programs", "program", "organization_id"),
            many(
                "organization_identifiers",
                "organization_identifier",
                "organization_id",
            ),
            many("services", "service", "organization_id"),
            ATTRIBUTES,
            METADATA,
        ],
    },
    Table {
        name: "program",
        file: "programs.csv",
        required: &["id", "name", "description"],
        links: &[ATTRIBUTES, METADATA],
    },
    Table {
        name: "service",
        file: "services.csv",
        required: &["id", "name", "status"],
        links: &[
            many("phones", "phone", "service_id"),
            many("schedules", "schedule", "service_id"),
            many("service_areas", "service_area", "service_id"),
            many("service_at_locations", "service_at_location", "service_id"),
            many("languages", "language", "service_id"),
            one("organization", "organization", "organization_id"),
            many("funding", "funding", "service_id"),
            many("cost_options", "cost_option", "service_id"),
            one("program", "program", "program_id"),
            many("required_documents", "required_document", "service_id"),
            many("contacts", "contact", "service_id"),
            ATTRIBUTES,
            METADATA,
        ],
    },
    Table {
        name: "service_at_location",
        file: "service_at_location.csv",
        required: &["id"],
        links: &[
            many("contacts", "contact", "service_at_location_id"),
            many("phones", "phone", "service_at_location_id"),
            many("schedules", "schedule", "service_at_location_id"),
            one("location", "location", "location_id"),
            one("service", "service", "service_id"),
            ATTRIBUTES,
            METADATA,
        ],
    },
    Table {
        name: "location",
        file: "locations.csv",
        required: &["id", "location_type"],
        links: &[
            many("languages", "language", "location_id"),
            many("addresses", "address", "location_id"),
            many("contacts", "contact", "location_id"),
            many("accessibility", "accessibility", "location_id"),
            many("phones", "phone", "location_id"),
            many("schedules", "schedule", "location_id"),
            ATTRIBUTES,
            METADATA,
        ],
    },
    Table {
        name: "phone",
        file: "phones.csv",
        required: &["id", "number"],
        links: &[many("languages", "language", "phone_id"), ATTRIBUTES, METADATA],
    },
    Table {
        name: "contact",
        file: "contacts.csv",
        required: &["id"],
        links: &[many("phones", "phone", "contact_id"), ATTRIBUTES, METADATA],
    },
    leaf(
        "address",
        "addresses.csv",
        &[
            "id",
            "address_1",
            "city",
            "state_province",
            "postal_code",
            "country",
            "address_type",
        ],
    ),
    leaf("schedule", "schedules.csv", &["id"]),
    leaf("funding", "funding.csv", &["id"]),
    leaf("service_area", "service_areas.csv", &["id"]),
    leaf("required_document", "required_documents.csv", &["id"]),
    leaf("language", "languages.csv", &["id"]),
    leaf("accessibility", "accessibility.csv", &["id"]),
    leaf("cost_option", "cost_options.csv", &["id"]),
    leaf(
        "organization_identifier",
        "organization_identifiers.csv",
        &["id", "identifier_type", "identifier"],
    ),
    leaf("meta_table_description", "meta_table_descriptions.csv", &["id"]),
    Table {
        name: "attribute",
        file: "attributes.csv",
        required: &["id"],
        links: &[
            one("taxonomy_term", "taxonomy_term", "taxonomy_term_id"),
            METADATA,
        ],
    },
    Table {
        name: "taxonomy_term",
        file: "taxonomy_terms.csv",
        required: &["id", "name", "description"],
        links: &[one("taxonomy_detail", "taxonomy", "taxonomy_id"), METADATA],
    },
    Table {
        name: "taxonomy",
        file: "taxonomies.csv",
        required: &["id", "name", "description"],
        links: &[METADATA],
    },
    Table {
        name: "metadata",
        file: "metadata.csv",
        required: &["id"],
        links: &[],
    },
];

const fn leaf(name: &'static str, file: &'static str, required: &'static [&'static str]) -> Table {
    Table {
        name,
        file,
        required,
        links: &[ATTRIBUTES, METADATA],
    }
}

/// The table of a name.
pub(crate) fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

/// What a file's name ends in, in lower case: `csv`.
pub(crate) fn ending(path: &str) -> String {
    path.rsplit_once('.')
        .map_or_else(String::new, |(_, ending)| ending.to_lowercase())
}

/// The table of a file, whatever its case, its folder, and whether it is named in the singular.
pub(crate) fn table_of_file(path: &str) -> Option<&'static Table> {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_lowercase();
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    TABLES.iter().find(|table| {
        let plural = table.file.strip_suffix(".csv").unwrap_or(table.file);
        stem == plural || stem == table.name || stem == format!("{}s", table.name)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_leads_to_a_table() {
        for table in TABLES {
            for link in table.links {
                let target = super::table(link.table);
                assert!(target.is_some(), "{}.{}", table.name, link.field);
                assert!(
                    !link.is_many || LINK_COLUMNS.contains(&link.column),
                    "{}.{}",
                    table.name,
                    link.field
                );
            }
        }
    }

    #[test]
    fn files_are_found_by_their_usual_names() {
        for path in ["services.csv", "export/Services.CSV", "service.csv"] {
            assert_eq!(
                table_of_file(path).map(|table| table.name),
                Some("service"),
                "{path}"
            );
        }
        assert_eq!(
            table_of_file("service_at_locations.csv").map(|table| table.name),
            Some("service_at_location")
        );
        assert!(table_of_file("lijst.csv").is_none());
    }
}
