//! The result of the check of a signature.

use crate::ans104::{Problem, Verification};

/// Whether a signature belongs to its item, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureCheck {
    pub matches: bool,
    /// Deviations of the signature or the owner. Where the signature matches, they are what some verifiers refuse.
    pub problems: Vec<Problem>,
}

/// The problems that a signature can have, in the order of their bits in [`SignatureCheck::to_bits`].
const SIGNATURE_PROBLEMS: [Problem; 9] = [
    Problem::UnsupportedType,
    Problem::HighS,
    Problem::RecoveryId,
    Problem::OwnerText,
    Problem::WeakKey,
    Problem::Ed25519Encoding,
    Problem::BelowThreshold,
    Problem::RepeatedSigner,
    Problem::UnusedSignature,
];

impl SignatureCheck {
    /// The check in bits: the lowest says whether the signature matches, the others stand for problems. One artefact of the npm
    /// package tells it another in this form.
    pub fn to_bits(&self) -> u32 {
        let problems = SIGNATURE_PROBLEMS.iter().enumerate();
        let set = problems.filter(|(_, problem)| self.problems.contains(problem));
        set.fold(u32::from(self.matches), |bits, (index, _)| bits | 2 << index)
    }

    /// The check in these bits.
    pub fn from_bits(bits: u32) -> Self {
        // Loops are smaller than iterators, and every page downloads this.
        let mut problems = Vec::new();
        for (index, problem) in SIGNATURE_PROBLEMS.iter().enumerate() {
            if bits & 2 << index != 0 {
                problems.push(*problem);
            }
        }
        Self {
            matches: bits & 1 != 0,
            problems,
        }
    }

    /// A signature without problems.
    pub fn passed() -> Self {
        Self {
            matches: true,
            problems: Vec::new(),
        }
    }

    /// A signature of something else.
    pub fn failed() -> Self {
        Self {
            matches: false,
            problems: Vec::new(),
        }
    }

    /// The verification of an item with this signature. `problems` are those of its encoding.
    pub fn verification(self, problems: &[Problem], strict: bool) -> Verification {
        let mut all = problems.to_vec();
        all.extend_from_slice(&self.problems);
        Verification::new(all, self.matches, strict)
    }
}

#[cfg(feature = "ed25519")]
impl SignatureCheck {
    pub(super) fn passed_with(problem: Problem) -> Self {
        Self {
            matches: true,
            problems: vec![problem],
        }
    }

    pub(super) fn failed_with(problem: Problem) -> Self {
        Self {
            matches: false,
            problems: vec![problem],
        }
    }
}

#[cfg(feature = "signatures")]
impl SignatureCheck {
    /// Adds a deviation.
    pub(super) fn note(&mut self, problem: Problem) {
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// Adds a deviation for which the signature counts as wrong.
    pub(super) fn fail(&mut self, problem: Problem) {
        self.matches = false;
        self.note(problem);
    }

    /// Adds the check of another signature, which must match as well.
    pub(super) fn add(&mut self, other: Self) {
        self.matches &= other.matches;
        for problem in other.problems {
            self.note(problem);
        }
    }
}
