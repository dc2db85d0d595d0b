// The browser's wallet: Wander, and others with the same interface.

import { createSigner, type ArweaveWallet } from 'aoxide'
import type { Account } from './account'

interface BrowserWallet extends ArweaveWallet {
  getActiveAddress(): Promise<string>
  disconnect(): Promise<void>
}

declare global {
  interface Window {
    arweaveWallet?: BrowserWallet
  }
  interface WindowEventMap {
    /** The user chose another account in the wallet. */
    walletSwitch: CustomEvent<{ address: string }>
  }
}

/** There is no wallet, or its user did not allow the page to use it. */
export class WalletError extends Error {}

export async function connectWallet(): Promise<Account> {
  const wallet = window.arweaveWallet
  if (!wallet) throw new WalletError('Install an Arweave wallet, for instance Wander, and reload the page.')
  try {
    await wallet.connect(['ACCESS_ADDRESS', 'SIGN_TRANSACTION'])
    return { kind: 'wallet', address: await wallet.getActiveAddress(), signer: createSigner(wallet) }
  } catch (cause) {
    throw new WalletError('Allow this page to use your wallet.', { cause })
  }
}

export async function disconnectWallet(): Promise<void> {
  await window.arweaveWallet?.disconnect()
}

/** @returns a function that removes the listener */
export function onWalletSwitch(listener: (address: string) => void): () => void {
  const heard = (event: WindowEventMap['walletSwitch']) => listener(event.detail.address)
  window.addEventListener('walletSwitch', heard)
  return () => window.removeEventListener('walletSwitch', heard)
}
