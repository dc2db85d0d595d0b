//! Repeats the code of short loops within the loop, so that what is added at the start of a loop runs less often.
//!
//! An interpreter takes two instructions to count a repetition. In a loop of ten instructions that is much.
//!
//! ```text
//! loop            block                   (what leaves the loop ends here)
//!   BODY            loop
//! end                 block BODY br 2 end (a jump to the loop's start goes to the end of this block: to the next BODY)
//!                     BODY
//!                   end
//!                 end
//! ```

use super::instruction::{Instruction, Proposals, code};
use super::write::unsigned;
use crate::compute::binary::reader::Reader;
use crate::error::Result;

/// How often a loop's code is in the loop afterwards.
const COPIES: usize = 4;
/// The longest code of a loop that is repeated, in bytes.
const MAX_LENGTH: usize = 400;

/// Where a loop begins and ends within a function's instructions.
struct Loop {
    /// The byte of the instruction `loop`.
    at: usize,
    /// The first byte of its code.
    from: usize,
    /// The byte of its `end`.
    to: usize,
}

/// Repeats the code of a function's short loops. `bytes` are its instructions. `None` where no loop is short.
///
/// # Errors
/// `BadModule` and `Unsupported`, as for instructions.
pub(super) fn unrolled(bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    let loops = short_loops(bytes)?;
    if loops.is_empty() {
        return Ok(None);
    }
    let part = |from: usize, to: usize| bytes.get(from..to).unwrap_or_default();
    let mut written = Vec::with_capacity(bytes.len() * 2);
    let mut kept = 0;
    for Loop { at, from, to } in loops {
        let block_type = part(at + 1, from);
        let body = part(from, to);
        written.extend_from_slice(part(kept, at));
        written.push(code::BLOCK);
        written.extend_from_slice(block_type);
        written.push(code::LOOP);
        written.extend_from_slice(block_type);
        for _ in 1..COPIES {
            written.extend_from_slice(&[code::BLOCK, VOID]);
            nested(body, 2, &mut written)?;
            written.extend_from_slice(&[code::BR, 2, code::END]);
        }
        nested(body, 1, &mut written)?;
        written.extend_from_slice(&[code::END, code::END]);
        kept = to + 1;
    }
    written.extend_from_slice(part(kept, bytes.len()));
    Ok(Some(written))
}

const VOID: u8 = 0x40;

/// The short loops that contain no other, and to whose start the code jumps.
fn short_loops(bytes: &[u8]) -> Result<Vec<Loop>> {
    let mut loops = Vec::new();
    // For each open block: for a loop that could be a short one, where it and its code begin.
    let mut open: Vec<Option<(usize, usize)>> = Vec::new();
    let mut reader = Reader { bytes };
    while !reader.bytes.is_empty() {
        let at = bytes.len() - reader.bytes.len();
        let mut proposals = Proposals::default();
        let instruction = Instruction::read(&mut reader, &mut proposals)?;
        let next = bytes.len() - reader.bytes.len();
        if proposals.exceptions {
            // Their labels are not read here.
            return Ok(Vec::new());
        }
        match instruction.code {
            code::BLOCK | code::IF => open.push(None),
            code::LOOP => {
                open.fill(None);
                // A type by its index may have parameters.
                let simple = bytes.get(at + 1).is_some_and(|first| (0x40..0x80).contains(first));
                open.push(simple.then_some((at, next)));
            }
            code::END => {
                if let Some(Some((start, from))) = open.pop()
                    && at - from <= MAX_LENGTH
                {
                    loops.push(Loop {
                        at: start,
                        from,
                        to: at,
                    });
                }
            }
            _ => {}
        }
    }
    Ok(loops)
}

/// Writes a loop's code for a place that is deeper by this many blocks.
fn nested(body: &[u8], deeper: u64, out: &mut Vec<u8>) -> Result<()> {
    let mut depth = 0_u64;
    let mut reader = Reader { bytes: body };
    // The label of the loop itself is that of the block or loop around the copy.
    let label = |label: u64, depth: u64| {
        if label > depth {
            label.saturating_add(deeper)
        } else {
            label
        }
    };
    while !reader.bytes.is_empty() {
        let before = reader.bytes;
        let instruction = Instruction::read(&mut reader, &mut Proposals::default())?;
        match instruction.code {
            code::BR | code::BR_IF => {
                out.push(instruction.code);
                unsigned(label(instruction.operand, depth), out);
                continue;
            }
            code::BR_TABLE => {
                out.push(instruction.code);
                let mut table = Reader {
                    bytes: before.get(1..).unwrap_or_default(),
                };
                let count = table.number()?;
                unsigned(count, out);
                for _ in 0..=count {
                    unsigned(label(table.number()?, depth), out);
                }
                continue;
            }
            code::BLOCK | code::IF => depth += 1,
            code::END => depth = depth.saturating_sub(1),
            _ => {}
        }
        out.extend_from_slice(before.get(..before.len() - reader.bytes.len()).unwrap_or_default());
    }
    Ok(())
}

#[cfg(test)]
#[cfg(all(feature = "wasmi", not(target_family = "wasm")))]
mod tests {
    use super::*;
    use crate::compute::instrument::write::{self, Section};

    /// A loop that returns, leaves through blocks, jumps to its start from inside of them, and has a result.
    const MODULE: &str = "(module (func (export \"f\") (param i32) (result i32) (local i32 i32)
        (local.set 2 (block (result i32)
          (loop (result i32)
            (local.set 1 (i32.add (local.get 1) (i32.const 1)))
            (br_if 1 (i32.const 1000) (i32.eq (local.get 1) (i32.sub (local.get 0) (i32.const 100))))
            drop
            (block (block (block
              (br_table 0 1 3 0 1 3 0 2 1 0 1
                (i32.rem_u (i32.add (i32.mul (local.get 1) (local.get 1)) (local.get 0)) (i32.const 11))))
              (if (i32.eq (i32.mul (local.get 1) (i32.const 3)) (local.get 0)) (then (return (i32.const 2000))))
              (br 2))
              (br_if 1 (i32.lt_u (local.get 1) (local.get 0))))
            (local.get 1))))
        (i32.add (local.get 2) (i32.mul (local.get 1) (i32.const 10000)))))";

    #[test]
    fn unrolled_code_computes_the_same() {
        let module = wat::parse_str(MODULE).unwrap();
        let sections = crate::compute::instrument::sections(&module).unwrap();
        let mut changed = module[..8].to_vec();
        for section in &sections {
            if section.id != 10 {
                section.write(&mut changed);
                continue;
            }
            let mut reader = Reader { bytes: &section.body };
            assert_eq!(reader.number().unwrap(), 1);
            let length = reader.length().unwrap();
            let function = reader.take(length).unwrap();
            // One declaration, of two locals.
            let (locals, code) = function.split_at(3);
            let longer = unrolled(code).unwrap().unwrap();
            assert!(longer.len() > 3 * code.len());
            let mut body = Vec::new();
            write::unsigned((locals.len() + longer.len()) as u64, &mut body);
            body.extend_from_slice(locals);
            body.extend_from_slice(&longer);
            Section::new(10, &[body]).write(&mut changed);
        }
        let run = |bytes: &[u8], argument: i32| {
            let module = wasmi::Module::new(&wasmi::Engine::default(), bytes).unwrap();
            let mut store = wasmi::Store::new(module.engine(), ());
            let instance = wasmi::Instance::new(&mut store, &module, &[]).unwrap();
            let f = instance.get_typed_func::<i32, i32>(&store, "f").unwrap();
            f.call(&mut store, argument).unwrap()
        };
        let outcomes: Vec<_> = (101..400).map(|argument| run(&module, argument)).collect();
        assert_eq!(
            (101..400).map(|argument| run(&changed, argument)).collect::<Vec<_>>(),
            outcomes
        );
        assert!(outcomes.contains(&2000) && outcomes.iter().any(|outcome| outcome % 10000 == 1000));
    }
}
