// The account that signs.

import type { Signer } from 'aoxide'

export interface Account {
  kind: 'wallet' | 'development'
  address: string
  signer: Signer
}
