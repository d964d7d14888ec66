//! One-page PDF documents of plain lines, as ISO 32000 asks for: nothing else is needed here.

use std::fmt::Write;

const LEFT: u32 = 56;
const TOP: u32 = 780;
const LEADING: u32 = 18;

/// A line of text and its size in points.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) size: u32,
}

/// An A4 page with these lines from top to bottom, in Helvetica.
pub(crate) fn document(lines: &[Line]) -> Vec<u8> {
    let content = content(lines);
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
          /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_vec(),
        [
            format!("<< /Length {} >>\nstream\n", content.len()).into_bytes(),
            content,
            b"\nendstream".to_vec(),
        ]
        .concat(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
            .to_vec(),
    ];
    let mut file = b"%PDF-1.4\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(&objects) {
        // Writing to a String cannot fail.
        let _written = writeln!(table, "{:010} 00000 n ", file.len());
        file.extend(format!("{number} 0 obj\n").bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let start = file.len();
    let size = objects.len() + 1;
    let trailer = format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    file.extend(table.bytes());
    file.extend(trailer.bytes());
    file
}

fn content(lines: &[Line]) -> Vec<u8> {
    let mut content = b"BT\n".to_vec();
    let mut height = TOP;
    for line in lines {
        content.extend(format!("/F1 {} Tf 1 0 0 1 {LEFT} {height} Tm (", line.size).bytes());
        content.extend(line.text.chars().flat_map(encode));
        content.extend(b") Tj\n");
        height = height.saturating_sub(LEADING + line.size / 2);
    }
    content.extend(b"ET");
    content
}

/// A character in WinAnsi, escaped; what the font does not have becomes a question mark.
fn encode(letter: char) -> Vec<u8> {
    match letter {
        '(' | ')' | '\\' => vec![b'\\', letter as u8],
        ' '..='~' | '\u{a0}'..='\u{ff}' => vec![u8::try_from(u32::from(letter)).unwrap_or(b'?')],
        '\u{2013}' => vec![0x96],
        '\u{2014}' => vec![0x97],
        '\u{2019}' => vec![0x92],
        '\u{20ac}' => vec![0x80],
        _ => vec![b'?'],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_points_at_the_objects() {
        let file = document(&[Line {
            text: "Invoice (1) \u{2014} \u{4e2d}".into(),
            size: 20,
        }]);
        let find = |words: &[u8]| file.windows(words.len()).position(|window| window == words);
        assert!(find(b"(Invoice \\(1\\) \x97 ?) Tj").is_some());
        let table = find(b"xref\n0 6\n").expect("a table");
        let end = String::from_utf8_lossy(&file[table..]).into_owned();
        let start = end
            .split("startxref\n")
            .nth(1)
            .and_then(|rest| rest.lines().next());
        assert_eq!(start.and_then(|start| start.parse().ok()), Some(table));
        for (number, row) in (1..=5).zip(end.lines().skip(3)) {
            let at: usize = row[..10].parse().expect("an offset");
            assert!(
                file[at..].starts_with(format!("{number} 0 obj\n").as_bytes()),
                "{row}"
            );
        }
    }
}
