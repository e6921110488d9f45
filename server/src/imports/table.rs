//! Tables in CSV: columns found by their names, cells read one by one, each fault with its line and column.

use csv::{ByteRecord, ReaderBuilder};

use super::ImportError;

/// A table whose header names every column that was asked for.
pub struct CsvTable {
    file: String,
    /// Where each wanted column stands.
    columns: Vec<(String, usize)>,
    rows: Vec<(u64, ByteRecord)>,
    faults: Vec<ImportError>,
}

/// A row at hand; what can't be read becomes a fault of the table.
pub struct CsvRow<'t> {
    pub line: u64,
    file: &'t str,
    columns: &'t [(String, usize)],
    cells: &'t ByteRecord,
    faults: &'t mut Vec<ImportError>,
}

impl CsvTable {
    /// Reads a table with these columns; others are passed over.
    ///
    /// # Errors
    /// The faults of the header, without which no row can be judged.
    pub fn read(file: &str, bytes: &[u8], wanted: &[&str]) -> Result<Self, Vec<ImportError>> {
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(bytes);
        let broken = |error: &csv::Error| {
            let fault = ImportError::of_file(file, format!("can't be read as CSV ({error})"));
            match error.position() {
                Some(position) => fault.on_line(position.line()),
                None => fault,
            }
        };
        let header = match reader.byte_headers() {
            Ok(header) => header.clone(),
            Err(error) => return Err(vec![broken(&error)]),
        };
        let columns = columns(file, &header, wanted)?;
        let mut table = Self { file: file.to_owned(), columns, rows: Vec::new(), faults: Vec::new() };
        for record in reader.byte_records() {
            match record {
                Ok(record) => table.add(record, header.len()),
                Err(error) => table.faults.push(broken(&error)),
            }
        }
        Ok(table)
    }

    fn add(&mut self, record: ByteRecord, width: usize) {
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() == width {
            self.rows.push((line, record));
        } else {
            let what = format!("{width} columns are expected, not {}", record.len());
            self.faults.push(ImportError::of_file(&self.file, what).on_line(line));
        }
    }

    /// Reads each row; the rows that read well.
    pub fn each<T>(&mut self, mut read: impl FnMut(&mut CsvRow<'_>) -> Option<T>) -> Vec<T> {
        let mut read_well = Vec::with_capacity(self.rows.len());
        for (line, cells) in &self.rows {
            let mut row = CsvRow {
                line: *line,
                file: &self.file,
                columns: &self.columns,
                cells,
                faults: &mut self.faults,
            };
            read_well.extend(read(&mut row));
        }
        read_well
    }

    /// The rows, if nothing at all is wrong with the table.
    ///
    /// # Errors
    /// Every fault, in the order of the lines.
    pub fn finish<T>(mut self, rows: Vec<T>) -> Result<Vec<T>, Vec<ImportError>> {
        if self.faults.is_empty() {
            return Ok(rows);
        }
        self.faults.sort_by_key(|fault| fault.line);
        Err(self.faults)
    }
}

fn columns(
    file: &str,
    header: &ByteRecord,
    wanted: &[&str],
) -> Result<Vec<(String, usize)>, Vec<ImportError>> {
    let mut columns = Vec::with_capacity(wanted.len());
    let mut faults = Vec::new();
    for name in wanted {
        let mut places = header.iter().enumerate().filter(|(_, cell)| cell.trim_ascii() == name.as_bytes());
        let fault = |what| ImportError::of_file(file, what).on_line(1).in_field(name);
        match (places.next(), places.next()) {
            (Some((place, _)), None) => columns.push(((*name).to_owned(), place)),
            (Some(_), Some(_)) => faults.push(fault("this column stands there twice")),
            (None, _) => faults.push(fault("this column is missing")),
        }
    }
    if faults.is_empty() { Ok(columns) } else { Err(faults) }
}

/// Why a cell can't be read, as a clause that follows its place.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum CellError {
    /// "six digits are expected", and what is there.
    #[error("{expected}, not “{found}”")]
    Other { expected: &'static str, found: String },
    #[error("a text is expected, and there is none")]
    Empty,
    #[error("is not UTF-8")]
    Encoding,
}

impl CellError {
    pub fn other(expected: &'static str, found: &str) -> Self {
        Self::Other { expected, found: found.to_owned() }
    }
}

impl CsvRow<'_> {
    /// The cell of a column, read by `read`.
    pub fn cell<T>(&mut self, column: &str, read: impl FnOnce(&str) -> Result<T, CellError>) -> Option<T> {
        let place = self.columns.iter().find(|(name, _)| name == column)?.1;
        let bytes = self.cells.get(place).unwrap_or_default();
        let value = match std::str::from_utf8(bytes) {
            Ok(text) => read(text.trim()),
            Err(_) => Err(CellError::Encoding),
        };
        value.map_err(|error| self.fault(column, &error.to_string())).ok()
    }

    pub fn fault(&mut self, column: &str, what: &str) {
        let fault = ImportError::of_file(self.file, what);
        self.faults.push(fault.on_line(self.line).in_field(column));
    }
}

/// A text that must be there.
///
/// # Errors
/// When there is none.
pub fn needed(text: &str) -> Result<String, CellError> {
    if text.is_empty() { Err(CellError::Empty) } else { Ok(text.to_owned()) }
}

/// An ISTAT code: text, since leading zeros count.
///
/// # Errors
/// When it is none.
pub fn istat(text: &str) -> Result<String, CellError> {
    if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.to_owned())
    } else {
        Err(CellError::other("six digits are expected", text))
    }
}
