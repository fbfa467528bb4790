//! Golden values, read from the JSON files that the scripts under `reference/` write.

#![allow(dead_code, reason = "each test file uses a part of it")]

use gnomonic::Matrix;
use serde_json::Value;

/// One file of golden values.
pub(crate) struct Golden(Value);

impl Golden {
    /// Takes the text of the file.
    pub(crate) fn parse(text: &str) -> Self {
        Self(serde_json::from_str(text).unwrap())
    }

    /// The part called `key`, as a file of its own.
    pub(crate) fn part(&self, key: &str) -> Self {
        Self(self.0[key].clone())
    }

    /// Every element of the list called `key`.
    pub(crate) fn parts(&self, key: &str) -> Vec<Self> {
        self.list(key).iter().cloned().map(Self).collect()
    }

    /// A number.
    pub(crate) fn number(&self, key: &str) -> f64 {
        self.0[key].as_f64().unwrap_or_else(|| panic!("no number {key}"))
    }

    /// A text.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap_or_else(|| panic!("no text {key}"))
    }

    /// A list of lists of numbers.
    pub(crate) fn rows(&self, key: &str) -> Vec<Vec<f64>> {
        let numbers = |row: &Value| row.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
        self.list(key).iter().map(numbers).collect()
    }

    /// A list of numbers.
    pub(crate) fn numbers(&self, key: &str) -> Vec<f64> {
        self.list(key).iter().map(|v| v.as_f64().unwrap()).collect()
    }

    /// A list of class indices.
    pub(crate) fn labels(&self, key: &str) -> Vec<u32> {
        self.numbers(key).iter().map(|&v| v as u32).collect()
    }

    /// A list of rows.
    pub(crate) fn matrix(&self, key: &str) -> Matrix {
        let rows = self.list(key);
        let values: Vec<f32> =
            rows.iter().flat_map(|row| row.as_array().unwrap()).map(|v| v.as_f64().unwrap() as f32).collect();
        let d = values.len() / rows.len();
        Matrix::new(values, rows.len(), d).unwrap()
    }

    fn list(&self, key: &str) -> &[Value] {
        self.0[key].as_array().unwrap_or_else(|| panic!("no list {key}"))
    }
}

/// Panics unless all values agree within `tolerance`.
pub(crate) fn assert_close(found: &[f32], expected: &[f32], tolerance: f32) {
    assert_eq!(found.len(), expected.len());
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= tolerance, "value {i} is {found}, not {expected}");
    }
}
