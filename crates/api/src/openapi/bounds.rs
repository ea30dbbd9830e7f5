//! No text without a bound: the entries of a list get one where nobody has said another.
//!
//! A field's attributes reach the list, not its entries, so `Vec<String>` could not say how long one may be.

use utoipa::openapi::{
    RefOr, Schema,
    schema::{ArrayItems, Object, SchemaType, Type},
};

/// As long as most names here.
const LONGEST_ENTRY: usize = 200;

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
        Schema::Object(object) => object.properties.values_mut().for_each(entries),
        Schema::OneOf(one) => one.items.iter_mut().for_each(entries),
        Schema::AllOf(all) => all.items.iter_mut().for_each(entries),
        Schema::AnyOf(any) => any.items.iter_mut().for_each(entries),
        _ => {}
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
