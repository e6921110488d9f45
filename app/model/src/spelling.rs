//! Words as people type them: capital letters and accents are often left out, and never tell two things apart.

/// In small letters, without accents, nor spaces around.
pub fn folded(text: &str) -> String {
    text.trim().to_lowercase().chars().map(unaccented).collect()
}

fn unaccented(letter: char) -> char {
    match letter {
        'à' | 'á' | 'â' | 'ä' => 'a',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ò' | 'ó' | 'ô' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        'ç' => 'c',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn a_name_is_found_however_it_is_typed() {
        for (typed, written) in
            [("cantu", "Cantù"), (" CANTÙ ", "Cantù"), ("rhemes", "Rhêmes"), ("jovencan", "Jovençan")]
        {
            assert_eq!(folded(typed), folded(written));
        }
        assert_ne!(folded("Como"), folded("Cómoda"));
    }
}
