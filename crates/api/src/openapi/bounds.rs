//! No text without a bound: the entries of a list get one where nobody has said another.
//!
//! A field's attributes reach the list, not its entries, so `Vec<String>` could not say how long one may be.

use utoipa::openapi::{
    RefOr, Schema,
    schema::{AdditionalProperties, ArrayItems, Object, SchemaType, Type},
};

/// As long as most names here.
const LONGEST_ENTRY: usize = 200;
/// As long as lists in rules.
const LONGEST_LIST: usize = 500;

/// Bounds the entries of all lists in the schema.
pub(super) fn entries(schema: &mut RefOr<Schema>) {
    let RefOr::T(schema) = schema else { return };
    match schema {
        Schema::Array(array) => {
            let ArrayItems::RefOrSchema(items) = &mut array.items else { return };
            if let RefOr::T(Schema::Object(text)) = &mut **items
                && is_endless(text)
            {
                text.max_length = Some(LONGEST_ENTRY);
            }
            entries(items);
        }
        Schema::Object(object) => {
            names_and_values(object);
            object.properties.values_mut().for_each(entries);
        }
        Schema::OneOf(one) => one.items.iter_mut().for_each(|item| {
            alternative(item);
            entries(item);
        }),
        Schema::AllOf(all) => all.items.iter_mut().for_each(entries),
        Schema::AnyOf(any) => any.items.iter_mut().for_each(entries),
        _ => {}
    }
}

/// Bounds the names of a map, and its values if they are texts.
fn names_and_values(map: &mut Object) {
    if let Some(names) = &mut map.property_names
        && let Schema::Object(names) = &mut **names
        && is_endless(names)
    {
        names.max_length = Some(LONGEST_ENTRY);
    }
    if let Some(values) = &mut map.additional_properties
        && let AdditionalProperties::RefOr(RefOr::T(Schema::Object(text))) = &mut **values
        && is_endless(text)
    {
        text.max_length = Some(LONGEST_ENTRY);
    }
}

/// Bounds what an alternative holds: the fields of an enumeration's variants cannot say it themselves.
fn alternative(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::Object(object)) = schema else { return };
    for field in object.properties.values_mut() {
        match field {
            RefOr::T(Schema::Object(text)) if is_endless(text) => text.max_length = Some(LONGEST_ENTRY),
            RefOr::T(Schema::Array(list)) if list.max_items.is_none() => list.max_items = Some(LONGEST_LIST),
            field => alternative(field),
        }
    }
}

fn is_endless(text: &Object) -> bool {
    let is_text = text.schema_type == SchemaType::Type(Type::String);
    is_text
        && text.max_length.is_none()
        && text.format.is_none()
        && text.enum_values.is_none()
        && text.pattern.is_none()
}
