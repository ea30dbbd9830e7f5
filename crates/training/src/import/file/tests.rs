use super::*;

fn lines(text: &str) -> Vec<Raw> {
    Lines::new(text).collect()
}

fn rows(kind: Kind, text: &str) -> Vec<Row> {
    let file = read(kind, text.as_bytes()).unwrap();
    let mut rows: Vec<Row> =
        file.chunks.iter().flat_map(|chunk| serde_json::from_str::<Vec<Row>>(chunk).unwrap()).collect();
    rows.sort_by_key(|row| row.line);
    assert_eq!(rows.len(), usize::try_from(file.rows).unwrap());
    rows
}

/// Codes and details of the faults that refuse a file.
fn refusal(kind: Kind, bytes: &[u8]) -> Vec<(String, String)> {
    let faults = read(kind, bytes).unwrap_err().faults;
    faults.into_iter().map(|fault| (fault.code, fault.detail)).collect()
}

/// What is wrong with the rows: line, column, code.
fn flaws(kind: Kind, text: &str) -> Vec<(i32, String, String)> {
    let rows = rows(kind, text);
    let told = rows.into_iter().flat_map(|row| {
        let flaws = if row.flaws.is_empty() { kind.flaws(&row).unwrap() } else { row.flaws.clone() };
        flaws.into_iter().map(move |flaw| (row.line, flaw.column.unwrap_or_default(), flaw.code))
    });
    told.collect()
}

#[test]
fn rows_know_their_lines_however_lines_end() {
    for text in [
        "email,name\n\na@x.example,A\nb@x.example,\"B\n\"\n\nc@x.example,C",
        "email,name\r\n\r\na@x.example,A\r\nb@x.example,\"B\r\n\"\r\n\r\nc@x.example,C\r\n",
    ] {
        let found: Vec<_> = lines(text).into_iter().map(|raw| (raw.line, raw.cells[0].clone())).collect();
        let expected = [(1, "email"), (3, "a@x.example"), (4, "b@x.example"), (7, "c@x.example")];
        assert_eq!(found, expected.map(|(line, cell)| (line, cell.to_owned())));
    }
    let old_mac = rows(Kind::People, "email,name\ra@x.example,A\rb@x.example,B\r");
    assert_eq!(old_mac.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 3]);
}

#[test]
fn the_separator_is_that_of_the_header_and_a_mark_of_order_is_none_of_its_text() {
    let commas = rows(Kind::People, "\u{feff}name, Email ,partner\n\"Lovelace, Ada\",Ada@x.example,x.example\n");
    let semicolons = rows(Kind::People, "name;email;partner\n\"Lovelace, Ada\";Ada@x.example; x.example\n");
    assert_eq!(commas, semicolons);
    assert_eq!(commas[0].cells, ["Ada@x.example", "Lovelace, Ada", "x.example", ""]);
    assert_eq!(rows(Kind::People, "email,name\na@x.example,\"say \"\"A\"\"\"").remove(0).cells[1], "say \"A\"");
}

#[test]
fn a_header_names_all_that_is_wrong_with_it() {
    let told = refusal(Kind::People, b"e-mail,partner,colour,partner\n");
    let codes: Vec<_> = told.iter().map(|(code, _)| code.as_str()).collect();
    let expected = ["missing_column", "missing_column", "unknown_column", "unknown_column", "duplicate_column"];
    assert_eq!(codes, expected);
    assert!(told[0].1.contains("email") && told[1].1.contains("name"), "{told:?}");
    assert!(told[2].1.contains("“e-mail”") && told[2].1.contains("did you mean email?"), "{told:?}");
    assert!(told[3].1.contains("“colour”") && told[4].1.contains("partner"), "{told:?}");
    let lacking = refusal(Kind::Completions, b"score\n");
    assert!(lacking[0].1.contains("email or person_external_id"), "{lacking:?}");
}

#[test]
fn a_header_of_a_thousand_columns_is_told_shortly() {
    let names: Vec<String> = (0..1_000).map(|n| format!("column{n}")).collect();
    let told = refusal(Kind::People, names.join(",").as_bytes());
    assert_eq!(told.len(), 21);
    assert!(told[20].1.contains("982 more"), "{told:?}");
    let wide = refusal(Kind::People, ",".repeat(1_000_000).as_bytes());
    assert_eq!(wide[2].0, "header", "{wide:?}");
    let long = refusal(Kind::People, "x".repeat(1_000_000).as_bytes());
    assert_eq!(long[2].0, "header", "{long:?}");
}

#[test]
fn what_is_no_utf8_is_refused_with_its_place() {
    let told = |bytes: &[u8]| refusal(Kind::People, bytes).remove(0);
    let utf16: Vec<u8> = "email,name\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(told(&utf16).1.contains("UTF-16"));
    assert!(told(&[&[0xff, 0xfe], utf16.as_slice()].concat()).1.contains("is UTF-16"));
    let latin = read(Kind::People, b"email,name\na@x.example,J\xf6rg\n").unwrap_err().faults.remove(0);
    assert_eq!((latin.code.as_str(), latin.line, latin.column), ("encoding", Some(2), Some(14)));
    assert_eq!(told(b"").0, "required");
    assert_eq!(told(b"\n\n").0, "required");
}

#[test]
fn every_fault_of_a_row_has_its_column() {
    let text = "email,name,partner\n\
                no address,,x.example\n\
                a@x.example,A\n\
                a@x.example,A,x.example,more\n\
                a@x.example,\"two\nlines\",x.example\n\
                a@x.example,N\u{0}L,x.example\n\
                a@x.example,A,x.example\n";
    let told = flaws(Kind::People, text);
    let expected = [
        (2, "email", "format"),
        (2, "name", "required"),
        (3, "", "cells"),
        (4, "", "cells"),
        (5, "name", "line_break"),
        (7, "name", "control_character"),
    ];
    assert_eq!(told, expected.map(|(line, column, code)| (line, column.to_owned(), code.to_owned())));
}

#[test]
fn a_cell_that_is_too_long_is_told_by_its_column_whatever_its_length() {
    for length in [2_001, 70_000, 10_000_000] {
        let text = format!("email,name\na@x.example,{}\nb@x.example,B\n", "x".repeat(length));
        assert_eq!(flaws(Kind::People, &text), [(2, "name".to_owned(), "too_long".to_owned())]);
        let first = format!("email,name\n{},A\nb@x.example,B\n", "x".repeat(length));
        assert_eq!(flaws(Kind::People, &first), [(2, "email".to_owned(), "too_long".to_owned())]);
    }
    // A quote that nothing closes takes all that follows.
    let open = format!("email,name\na@x.example,\"A\n{}", "b@x.example,B\n".repeat(50_000));
    assert_eq!(flaws(Kind::People, &open), [(2, "name".to_owned(), "too_long".to_owned())]);
    let many = format!("email,name\n{}\nb@x.example,B\n", "x,".repeat(1_000_000));
    assert_eq!(flaws(Kind::People, &many), [(2, String::new(), "cells".to_owned())]);
}

#[test]
fn values_are_shown_shortly_and_as_text() {
    assert_eq!(shown("a\u{0}b\nc"), "a b c");
    assert_eq!(shown(&"ä".repeat(101)).chars().count(), 100);
    assert_eq!(shown(&"ä".repeat(100)), "ä".repeat(100));
}

#[test]
fn a_completion_s_cells_are_what_they_are_everywhere() {
    let text = "email;item;completed_on;score;proctored\n\
                a@x.example;basics;31.12.2026;101;maybe\n\
                a@x.example;;2026-02-30;92,5;TRUE\n\
                a@x.example;basics;2026-02-28;100.0;no\n";
    let told = flaws(Kind::Completions, text);
    let columns: Vec<_> = told.iter().map(|(line, column, _)| (*line, column.as_str())).collect();
    let expected =
        [(2, "completed_on"), (2, "proctored"), (2, "score"), (3, "completed_on"), (3, "item"), (3, "score")];
    assert_eq!(columns, expected);
}

#[test]
fn rows_of_one_person_come_together_in_the_order_of_days() {
    let mut text = "email,item,completed_on\n".to_owned();
    for n in 0..300 {
        text.push_str(&format!("p{:03}@x.example,exam,2026-03-02\n", 299 - n));
    }
    for n in 0..300 {
        text.push_str(&format!("P{n:03}@x.example,course,2026-03-01\n"));
    }
    let file = read(Kind::Completions, text.as_bytes()).unwrap();
    assert_eq!((file.rows, file.chunks.len()), (600, 3));
    let mut seen: Vec<Row> = Vec::new();
    for chunk in &file.chunks {
        let rows: Vec<Row> = serde_json::from_str(chunk).unwrap();
        let first = rows[0].cells[0].to_lowercase();
        assert!(seen.iter().all(|row| row.cells[0].to_lowercase() != first), "{first} is in two chunks");
        seen.extend(rows);
    }
    for pair in seen.chunks(2) {
        assert_eq!(pair[0].cells[0].to_lowercase(), pair[1].cells[0].to_lowercase());
        assert_eq!((pair[0].cells[2].as_str(), pair[1].cells[2].as_str()), ("course", "exam"));
    }
}

#[test]
fn a_file_has_a_most() {
    let text = format!("email,name\n{}", "a@x.example,A\n".repeat(MOST_ROWS + 1));
    assert_eq!(refusal(Kind::People, text.as_bytes())[0].0, "too_many_rows");
}
