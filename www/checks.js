// The words of a verification: checks of a slot, parties that are trusted, what cannot be verified, errors.

/** Checks of a slot, in the order of the rows: `[name, label, rule]`. */
export const CHECKS = [
  ['assignment', 'Scheduler', 'The assignment must be signed by the scheduler of the process.'],
  ['order', 'Order', 'The slot must follow the one before it, and continue the hash chain.'],
  ['message', 'Message', 'The message must be signed by its sender, and have the id that was assigned.'],
  ['evaluation', 'Result', 'The page must evaluate the message after all messages before it.'],
  ['unit', 'Unit', 'The compute unit must say what this page computed.']
]

/** State of a check: the symbol and the words of its legend. */
export const STATES = {
  good: ['✓', 'checked'],
  bad: ['!', 'wrong'],
  failed: ['×', 'the process failed'],
  skipped: ['–', 'not needed'],
  open: ['', 'not checked']
}

/** Which check an error belongs to. */
export const checkOf = ({ code, message = '' }) => {
  if (code === 'MISMATCH') return 'unit'
  if (code === 'VERIFY_GAP' || code === 'VERIFY_CHAIN' || code === 'VERIFY_FORK') return 'order'
  if (code === 'VERIFY_MESSAGE' || code === 'VERIFY_DATA') return 'message'
  return code === 'VERIFY_SIGNATURE' && / message/.test(message) ? 'message' : 'assignment'
}

/** Whether an error says that something is not what was signed. */
export const isCaught = ({ code } = {}) => code === 'MISMATCH' || Boolean(code?.startsWith('VERIFY_'))

export const CAUGHT = {
  MISMATCH: 'The compute unit says something else than the schedule gives.',
  VERIFY_SIGNATURE: 'A signature does not belong to what the source shows.',
  VERIFY_SCHEDULER: 'An assignment is signed by another key than the scheduler’s.',
  VERIFY_PROCESS: 'The source shows another process.',
  VERIFY_MESSAGE: 'A message is not the one that was assigned.',
  VERIFY_GAP: 'A slot of the schedule is missing.',
  VERIFY_CHAIN: 'The hash chain of the schedule is broken.',
  VERIFY_FORK: 'Two sources show different assignments for the same slot.',
  VERIFY_DATA: 'The bytes of a message cannot be found.',
  VERIFY_CHECKPOINT: 'The checkpoint does not fit the schedule.',
  VERIFY_MODULE: 'The module is not the one that the process names.'
}

export const PARTIES = {
  scheduler: ['The scheduler', 'for the order of messages, for the times, and that no message is missing at the end'],
  'checkpoint-signer': ['The signer of the checkpoint', 'for everything up to the checkpoint'],
  gateway: ['The gateway', 'for times of blocks, and for fields that no signature covers'],
  pinned: ['A hash that this page gave', 'for the module or the checkpoint that has it'],
  unit: ['A compute unit', 'for the state at the start'],
  'kept-view': ['A stored view', 'for everything up to its slot'],
  node: ['The node', 'for what its assignments say']
}

export const UNVERIFIABLE = {
  cron: 'messages of crons, which units make and nobody signs',
  message: 'messages whose bytes neither scheduler nor gateway has',
  assignment: 'assignments whose signature cannot be checked',
  chain: 'slots with a broken hash chain, as old processes have them',
  assigned: 'fields of assigned transactions',
  repeated: 'messages that a node shows twice',
  state: 'what led to the state of the compute unit'
}

export const UNIT = {
  agrees: ['The compute unit agrees.', 'good'],
  'other-order': ['The compute unit agrees, but for the order of tables.', 'good'],
  differs: ['The compute unit says something else.', 'bad'],
  stale: ['The compute unit answered for another slot.', ''],
  'no-answer': ['The compute unit gave no answer.', ''],
  'not-asked': ['No compute unit was asked.', '']
}

export const PHASES = {
  schedule: 'reads the schedule',
  messages: 'reads messages from the gateway',
  evaluation: 'verifies and evaluates'
}
