// Intended differences from aoconnect, by number. A case that differs names its row, and a row without a case fails the test.
// docs/migrating-from-aoconnect.md has a row for each, which names the number in a comment.

export const rows = {
  9: 'an MU that cannot be reached: the error keeps its message and its cause',
  10: 'the status of an answer counts: an error status is an error, with status and body',
  11: 'every failure is an AoError: no ZodError, TypeError or SyntaxError of the insides',
  12: 'looking up a scheduler obeys the options of connect()',
  13: 'an option that was left out is left out of the URL: no limit=undefined, no empty exclude',
  14: 'results keeps pageInfo and whatever else the compute unit wrote',
  15: 'mainnet: an anchor, tags of one name, and the signer, scheduler and fetch that were given all count',
  16: 'mainnet: reads are not signed',
  17: 'a signed message that does not verify is not reported as a fault of the MU',
  20: 'mainnet: without a signer nothing is sent',
  21: 'mainnet: the tags of a dryrun are escaped in its path',
  22: 'mainnet: the id of a message is that of its item',
  23: 'what a signer or a wallet hands back is verified, and compared with what was asked, before it is sent',
  24: 'a gateway that answers with an error status gives an AoError',
  25: 'errors name the argument: signer and module, where aoconnect says undefined and 0',
  26: 'spawn looks at all its arguments before it asks the gateway',
  27: 'a message needs a process, and ids are 43 characters of base64url',
  28: 'the limits of ANS-104 hold: 128 tags, names of 1 to 1024 bytes, values of up to 3072, no broken text',
  29: 'a dryrun carries bytes as the text that they are, and refuses bytes that are none',
  30: 'data is text, Uint8Array, ArrayBuffer or Blob; anything else is refused, not turned into something',
  31: 'values are escaped in URLs, so that none can add parameters',
  32: 'addresses are joined with one slash, whether or not they end with one',
  33: 'only signatures of Arweave keys (type 1) can be made and sent',
  34: 'a slot is always text',
  35: 'a message quotes the beginning of a long answer; details.body is the whole of it',
  36: 'the id given with a signed message must be that of the item',
  37: 'mainnet: a result is read wherever nodes put it; an answer without one is an error',
  38: 'mainnet: every item has a tag of its own, so that no two are the same',
  39: 'mainnet: errors say what happened: HTTP_STATUS and HTTP_NETWORK, with id, status, body and cause',
  40: 'mainnet: a tag that a node would take for a part of the request is refused',
  41: 'mainnet: tags of a definition replace the usual ones in any case, and a module is not always needed',
  42: 'mainnet: results are as many as were asked for',
  43: 'mainnet: a request may have a query, and fields of bytes or of nothing',
  44: 'mainnet: requests in HTTP’s own form are signed so that nodes see it',
  45: 'mainnet: a slot is always a number',
  46: 'mainnet: a request in HTTP’s own form has the body that was signed, and a method that goes with it',
  47: 'mainnet: every value of a request in HTTP’s own form is what it was when a node has read it',
  48: 'a schedule is asked for with the process in the query, as schedulers of today want it',
  49: 'createSigner waits for a wallet that is not there yet, in Node too',
  50: 'mainnet: the result of a slot is that of the slot'
}

/** Both refuse, ours with a better error. `aoconnect` is the class of its error, `text` the text of ours. */
export const refused = (aoconnect, text, code = 'BAD_ARGUMENT') => ({
  row: 11,
  aoconnect: { error: (error) => isNamed(error, aoconnect), sent: 0 },
  aoxide: { error: text, code, sent: 0 }
})

export function isNamed(error, name) {
  if (error?.name !== name) throw new Error(`expected a ${name}, got ${error?.stack ?? JSON.stringify(error)}`)
}
