// Addresses of owners, as the parts of the network write them.

import { signatures } from '../wasm/modules.js'

/**
 * Who writes an address: gateways and scheduler units, compute units (`Owner` and `From` of the messages that a process gets), or
 * HyperBEAM nodes.
 */
export type AddressWriter = 'gateway' | 'compute-unit' | 'node'

/** An item, as far as its owner goes: a `DataItem`, a `StoredItem` or a `StreamedItem`. */
export interface OwnedItem {
  readonly signatureType: number
  /** base64url */
  readonly owner: string
  /** base64url of the SHA-256 of the owner. */
  readonly address: string
}

/** Types whose owners have the same address everywhere: Arweave and Ed25519. */
const MAX_COMMON_TYPE = 2

/**
 * The address of an item's owner. It is base64url of the SHA-256 of the public key, with these exceptions:
 *
 * | Signature type | `compute-unit` | `node` |
 * |---|---|---|
 * | 3, Ethereum | `0x…` with the checksum of EIP-55 | `0x…` with the checksum of EIP-55 |
 * | 4, Solana | – | the key in base58 |
 * | 7, typed data of Ethereum | – | `0x…` with the checksum of EIP-55 |
 *
 * @example
 * const address = await ownerAddress(item, 'node')
 *
 * @throws {AoError} `BAD_KEY` when the owner is no owner of this signature type
 */
export async function ownerAddress(item: OwnedItem, writer: AddressWriter): Promise<string> {
  const { signatureType, owner, address } = item
  if (writer === 'gateway' || signatureType <= MAX_COMMON_TYPE) return address
  return signatures.run(({ lib }) => lib.ownerAddress(signatureType, owner, writer === 'node'))
}
