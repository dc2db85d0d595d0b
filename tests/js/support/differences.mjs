// Intended differences from aoconnect, by number. A case that differs names its row. A row without a case fails the test.
// docs/migrating-from-aoconnect.md has a row for each; a comment in that row has the number.

export const rows = {
  9: 'MU: when it cannot be reached, the error has the message and the cause of the fetch error',
  10: 'CU and SU: an error status rejects; the error has the status and the body',
  11: 'every failure rejects with an AoError, not with an internal ZodError, TypeError or SyntaxError',
  12: 'the lookup of a scheduler uses the options of connect()',
  13: 'a missing option adds nothing to the URL: no limit=undefined, no empty exclude',
  14: 'results: pageInfo and all other members of the response are kept',
  15: 'mainnet: a given anchor, signer, scheduler and fetch are used, and so are all tags of the same name',
  16: 'mainnet: reads are not signed',
  17: 'sendSignedMessage: an invalid item rejects with an error about the item, not about the MU',
  20: 'mainnet: a write without a signer rejects before a request',
  21: 'mainnet: dryrun escapes tags in the path',
  22: 'mainnet: message returns the id of the signed item',
  23: 'an item from a signer or a wallet is verified and compared with the request before it is sent',
  24: 'an error status of a gateway rejects with an AoError',
  25: 'errors name the arguments signer and module, where aoconnect writes undefined and 0',
  26: 'spawn checks all arguments before the request to the gateway',
  27: 'message requires a process, and an id has 43 characters of base64url',
  28: 'tags over the limits of ANS-104 reject: 128 tags, names of 1 to 1024 bytes, values of up to 3072, valid Unicode',
  29: 'dryrun sends bytes as UTF-8 text, and rejects bytes that are not UTF-8',
  30: 'data is text, Uint8Array, ArrayBuffer or Blob; any other type rejects and is not converted',
  31: 'values are escaped in URLs, so that they cannot add parameters',
  32: 'a path is appended to a URL with exactly one slash',
  33: 'a signature type that nothing can verify rejects with UNSUPPORTED',
  34: 'getLastSlot: the slot is always a string',
  35: 'error messages quote the beginning of a long response; details.body has all of it',
  36: 'sendSignedMessage: the given id must be the id of the item',
  37: 'mainnet: a result is found in every place that nodes use; a response without a result rejects',
  38: 'mainnet: every item has a unique tag, so that equal messages have different ids',
  39: 'mainnet: failures reject with HTTP_STATUS or HTTP_NETWORK, with id, status, body and cause',
  40: 'mainnet: a tag with a name that nodes read as a part of the request rejects',
  41: 'mainnet: spawn tags replace the defaults in upper or lower case, and with a device the module is optional',
  42: 'mainnet: results obeys from, to, limit and sort',
  43: 'mainnet: request keeps the query and bytes, and omits undefined and null fields',
  44: 'mainnet: HTTP messages are signed with a label and a key id that nodes verify',
  45: 'mainnet: message: the slot is always a number',
  46: 'mainnet: an HTTP message is sent with the body that was signed, and as a POST if it has a body',
  47: 'mainnet: values of HTTP messages are encoded so that nodes decode the same values',
  48: 'getMessages has the process id in the query, which current scheduler units require',
  49: 'createSigner accepts a wallet that is injected later, in Node.js too',
  50: 'mainnet: result returns the result of the given slot, not the newest'
}

/** Both libraries reject. `aoconnect` is the class of its error, `text` matches the message of aoxide's error. */
export const refused = (aoconnect, text, code = 'BAD_ARGUMENT') => ({
  row: 11,
  aoconnect: { error: (error) => isNamed(error, aoconnect), sent: 0 },
  aoxide: { error: text, code, sent: 0 }
})

export function isNamed(error, name) {
  if (error?.name !== name) throw new Error(`expected a ${name}, got ${error?.stack ?? JSON.stringify(error)}`)
}
