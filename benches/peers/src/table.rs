//! A Markdown table with aligned columns: words on the left, aligned to the left, and numbers aligned to the right.

pub struct Table {
    rows: Vec<Vec<String>>,
    /// How many columns hold words.
    words: usize,
}

impl Table {
    pub fn new(words: usize, header: &[&str]) -> Self {
        let header = header.iter().map(ToString::to_string).collect();
        Self {
            rows: vec![header],
            words,
        }
    }

    pub fn row(&mut self, cells: Vec<String>) {
        assert_eq!(cells.len(), self.rows[0].len(), "a cell per column");
        self.rows.push(cells);
    }

    pub fn print(&self, title: &str) {
        let widths: Vec<usize> = (0..self.rows[0].len())
            .map(|column| {
                let cells = self.rows.iter().map(|row| row[column].chars().count());
                cells.max().unwrap_or(0)
            })
            .collect();
        println!("{title}\n");
        for (index, row) in self.rows.iter().enumerate() {
            self.print_row(row, &widths);
            if index == 0 {
                self.print_rule(&widths);
            }
        }
        println!();
    }

    fn print_row(&self, row: &[String], widths: &[usize]) {
        for (column, (cell, &width)) in row.iter().zip(widths).enumerate() {
            if column < self.words {
                print!("| {cell:<width$} ");
            } else {
                print!("| {cell:>width$} ");
            }
        }
        println!("|");
    }

    fn print_rule(&self, widths: &[usize]) {
        for (column, &width) in widths.iter().enumerate() {
            let end = if column < self.words { ' ' } else { ':' };
            print!("| {}{end}", "-".repeat(width));
        }
        println!("|");
    }
}
