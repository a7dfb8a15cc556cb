//! The check templates of garages. The platform's own are in the domain.

use crate::{
    error::StoreError,
    page::{Page, PageRequest},
    removal,
    row::{self, Reading, Stamps},
    schema::check_templates,
    sql_types::{Key, Time},
    store::Tx,
};
use diesel::prelude::*;
use domain::{
    Instant,
    check_template::{self, CheckList, CheckTemplate},
    ids::{CheckTemplateId, GarageId},
    removal::Removal,
};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = check_templates)]
struct Row {
    id: Key,
    garage_id: Key,
    template_key: String,
    list: String,
    version: i64,
    created_at: Time,
    updated_at: Time,
}

impl Row {
    fn new(template: &CheckTemplate, stamps: Stamps) -> Result<Self, StoreError> {
        Ok(Self {
            id: template.id.into(),
            garage_id: template.garage_id.into(),
            template_key: template.list.key.clone(),
            list: serde_json::to_string(&template.list).map_err(|error| StoreError::Internal(error.to_string()))?,
            version: template.version,
            created_at: stamps.created_at.into(),
            updated_at: stamps.updated_at.into(),
        })
    }

    fn read(self) -> Result<(CheckTemplate, Stamps), StoreError> {
        let reading = Reading { table: "check_templates", id: self.id.0 };
        let list: Option<CheckList> = serde_json::from_str(&self.list).ok();
        let template = CheckTemplate {
            id: self.id.into(),
            garage_id: self.garage_id.into(),
            list: list
                .filter(|list| list.key == self.template_key)
                .ok_or_else(|| reading.corrupt("list", self.list.chars().take(row::MOST_SHOWN).collect::<String>()))?,
            version: self.version,
        };
        Ok((template, Stamps::new(self.created_at, self.updated_at)))
    }
}

/// Stores a new template.
pub fn insert(tx: &mut Tx<'_>, template: &CheckTemplate, now: Instant) -> Result<(), StoreError> {
    let row = Row::new(template, Stamps { created_at: now, updated_at: now })?;
    diesel::insert_into(check_templates::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Stores a changed template, unless someone else changed it since it was read.
pub fn update(
    tx: &mut Tx<'_>,
    template: &CheckTemplate,
    stamps: Stamps,
    now: Instant,
) -> Result<CheckTemplate, StoreError> {
    let next = CheckTemplate { version: template.version + 1, ..template.clone() };
    let target = check_templates::table
        .find(Key::from(template.id))
        .filter(check_templates::garage_id.eq(Key::from(template.garage_id)))
        .filter(check_templates::version.eq(template.version));
    let row = Row::new(&next, Stamps { updated_at: now, ..stamps })?;
    row::changed_one("check_templates", diesel::update(target).set(row).execute(tx.conn)?)?;
    Ok(next)
}

/// Deletes a template. Checks have the list as it was when they began, so they stay as they are.
pub fn delete(tx: &mut Tx<'_>, template: &CheckTemplate, now: Instant) -> Result<(), StoreError> {
    let target = check_templates::table
        .find(Key::from(template.id))
        .filter(check_templates::garage_id.eq(Key::from(template.garage_id)))
        .filter(check_templates::version.eq(template.version));
    row::changed_one("check_templates", diesel::delete(target).execute(tx.conn)?)?;
    removal::insert_all(tx, &[Removal::of_template(template.id, template.garage_id, now)])
}

/// One of a garage's templates.
pub fn find(
    tx: &mut Tx<'_>,
    garage: GarageId,
    id: CheckTemplateId,
) -> Result<Option<(CheckTemplate, Stamps)>, StoreError> {
    let row: Option<Row> = check_templates::table
        .find(Key::from(id))
        .filter(check_templates::garage_id.eq(Key::from(garage)))
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?;
    row.map(Row::read).transpose()
}

/// The list by which a garage makes a check with this key: its own, else the platform's (rule VC1). None when neither has
/// such a template.
pub fn find_for(tx: &mut Tx<'_>, garage: GarageId, key: &str) -> Result<Option<CheckList>, StoreError> {
    let row: Option<Row> = check_templates::table
        .filter(check_templates::garage_id.eq(Key::from(garage)))
        .filter(check_templates::template_key.eq(key))
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?;
    let own = row.map(Row::read).transpose()?.map(|(template, _)| template.list);
    Ok(check_template::choose(own, key))
}

/// The keys of a garage's templates.
pub fn keys(tx: &mut Tx<'_>, garage: GarageId) -> Result<Vec<String>, StoreError> {
    Ok(check_templates::table
        .filter(check_templates::garage_id.eq(Key::from(garage)))
        .order(check_templates::template_key)
        .select(check_templates::template_key)
        .load(tx.conn)?)
}

/// A garage's templates by key.
pub fn list(
    tx: &mut Tx<'_>,
    garage: GarageId,
    request: &PageRequest<String>,
) -> Result<Page<(CheckTemplate, Stamps), String>, StoreError> {
    let mut query = check_templates::table
        .filter(check_templates::garage_id.eq(Key::from(garage)))
        .order(check_templates::template_key)
        .limit(request.sql_limit())
        .select(Row::as_select())
        .into_boxed();
    if let Some(after) = &request.after {
        query = query.filter(check_templates::template_key.gt(after.clone()));
    }
    if let Some(since) = request.updated_since {
        query = query.filter(check_templates::updated_at.ge(Time(since)));
    }
    let found: Vec<_> = query.load(tx.conn)?.into_iter().map(Row::read).collect::<Result<_, _>>()?;
    Ok(request.page(found, |(template, _)| template.list.key.clone()))
}
